#include "scan/python/context.h"

#include "base/memory.h"
#include "scan/python/syntax.h"

#include <stdbool.h>

/* Whether a child of such a node depends on a condition, as scan-kinds has it: `with`, the body of a `try`
 * and its `finally` are none. */
static bool is_condition(TSSymbol symbol)
{
    const TSSymbol conditions[] = {
        PY(if_statement),
        PY(for_statement),
        PY(while_statement),
        PY(match_statement),
        PY(except_clause),
        PY(except_group_clause),
        PY(else_clause),
        PY(conditional_expression),
        PY(list_comprehension),
        PY(set_comprehension),
        PY(dictionary_comprehension),
        PY(generator_expression),
        PY(lambda),
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i] == symbol)
            return true;
    return false;
}

/* What a node's parent adds to what holds for the parent itself. */
static unsigned char context_of(const tree *t, tree_node n, unsigned char around)
{
    const tree_item *item = &t->nodes[n];
    TSSymbol parent = tree_symbol(t, item->parent);
    if (parent == PY(function_definition) && item->field == PY_FIELD(body))
        return PYTHON_IN_FUNCTION;
    if (is_condition(parent) || (parent == PY(boolean_operator) && item->field == PY_FIELD(right)))
        return around | PYTHON_CONDITIONAL;
    return around;
}

unsigned char *python_contexts_new(const tree *t)
{
    unsigned char *contexts = utr_calloc(t->count + 1, 1);
    for (tree_node n = 1; n < t->count; n++)
        contexts[n] = context_of(t, n, contexts[t->nodes[n].parent]);
    return contexts;
}
