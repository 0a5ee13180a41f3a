/** More of defs and classes than python.h tells everyone. Used inside scan/python only. */
#ifndef UTR_SCAN_PYTHON_DEF_H
#define UTR_SCAN_PYTHON_DEF_H

#include "scan/python/python.h"

/** Why a def may be no test: what `neutral` points to, for comparison. */
extern const char PYTHON_OTHER_NAME[];  /* "testFoo": pytest and unittest collect it all the same */
extern const char PYTHON_OTHER_CLASS[]; /* in a class that no rule takes for one of tests */
extern const char PYTHON_OTHER_PLACE[]; /* in a loop or a match */
extern const char PYTHON_ABSTRACT[];    /* an abstract method or an overload */

/** Whether findings about tests are told of it, and what comes in front of their subkinds. */
bool python_def_is_judged(const python_def *def);
const char *python_def_prefix(const python_def *def);

/** Its name, and its body: the block; 0 where the text has none. */
tree_text python_def_name(const python_file *f, const python_def *def);
tree_node python_def_body(const python_file *f, const python_def *def);

/** Where a finding about it points: its name, at the line of its `def`. */
scan_spot python_def_spot(const python_file *f, const python_def *def);

/** Whether some function is around it. */
bool python_def_is_inside_function(const python_file *f, const python_def *def);

/** The function around it, classes between them aside: 1 + its index; 0: none. */
uint32_t python_def_function_around(const python_file *f, const python_def *def);

/** What a class is made of, base by base: the first, and the next after one; 0: none. */
tree_node python_first_base(const python_file *f, const python_def *class_def);
tree_node python_next_base(const python_file *f, tree_node base);

#endif
