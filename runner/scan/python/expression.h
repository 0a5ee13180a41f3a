/** What an expression of a Python tree is: its last name, whether it is a literal. Used inside scan/python
 * only. */
#ifndef UTR_SCAN_PYTHON_EXPRESSION_H
#define UTR_SCAN_PYTHON_EXPRESSION_H

#include "scan/tree.h"

/** The expression without the brackets around it. */
tree_node python_bare(const tree *t, tree_node n);

/** The `c` of `a.b.c`, `a.b.c(...)` and `a.b.c[...]`; empty for what has no name. */
tree_text python_last_name(const tree *t, tree_node n);

/** Whether a call's name says that it checks something: assert, verify, check, expect. */
bool python_says_check(tree_text name);

/** Whether a call is `self.fail(...)` or `cls.fail(...)`. */
bool python_is_own_fail(const tree *t, tree_node call);

/** Whether n is a literal: a constant, its negative, or a tuple, list, set or dict of literals. */
bool python_is_literal(const tree *t, tree_node n);

/** Whether n is a literal that is true. */
bool python_is_true(const tree *t, tree_node n);

/** Whether n is one constant: a string (without braces), a number, None, True, False or an ellipsis. */
bool python_is_constant(const tree *t, tree_node n);

/** First child of a block that is a statement, or what the grammar could not read; the next one after it;
 * 0: none. */
tree_node python_first_statement(const tree *t, tree_node block);
tree_node python_next_statement(const tree *t, tree_node statement);

/** The only expression of an expression statement, without brackets; 0: it is no such statement. */
tree_node python_only_expression(const tree *t, tree_node statement);

#endif
