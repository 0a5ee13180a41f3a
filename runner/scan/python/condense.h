/**
 * The condensed text: what no kind of finding looks at, turned to blanks, so that the grammar has a fraction
 * of the work. Offsets, lines and the structure of blocks stay. Used inside the Python scan only.
 *
 * - Comments go.
 * - Of statements that lie one behind the other in a block and hold no word that matters, the last stays, as
 *   `x`, or `(x   )` where it spreads over lines; none, where a call or a block that stays follows them.
 * - `if`, `while` and `with` keep `if x:`, `for` keeps `for x in x:`; `assert` and `return` keep `x`, where
 *   what they have is no literal.
 * - Of a call whose name matters, and print(), the arguments go where they hold no such word; likewise those
 * of a decorator and of the first call that a `with` enters, unless its name says skip or the like.
 * - All else stays as it is: heads of blocks, decorators, imports, raise, constants, bodies of handlers.
 */
#ifndef UTR_SCAN_PYTHON_CONDENSE_H
#define UTR_SCAN_PYTHON_CONDENSE_H

#include "scan/python/lines.h"

/**
 * Condense a text.
 * @param lines  of that text
 * @param out    room for text.len + 1 bytes: gets as many, and a NUL
 */
void python_condense(const python_lines *lines, tree_text text, char *out);

#endif
