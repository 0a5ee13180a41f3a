/** Whether a mark that has a condition depends on it. Used inside the Python scan only. */
#ifndef UTR_SCAN_PYTHON_CONDITION_H
#define UTR_SCAN_PYTHON_CONDITION_H

#include "scan/tree.h"

#include <stdbool.h>

/** When a mark switches its test off. */
typedef enum {
    PYTHON_ALWAYS,
    PYTHON_WHERE_TRUE,  /* its condition is, or it has none */
    PYTHON_WHERE_FALSE, /* likewise */
    PYTHON_WHERE_GIVEN, /* where it has a condition, that decides */
} python_mark_rule;

/** @param arguments  an argument_list, or 0 where the mark is not called */
bool python_is_conditional(const tree *t, python_mark_rule rule, tree_node arguments);

#endif
