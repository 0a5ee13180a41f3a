/* Tests that C's frameworks skip. */
#include "scan/c/c.h"

static const char *const SKIPS[] = {"skip", "TEST_IGNORE", "TEST_IGNORE_MESSAGE", NULL};

static bool is_condition(TSSymbol symbol)
{
    return symbol == C.if_statement || symbol == C.for_statement || symbol == C.while_statement ||
           symbol == C.do_statement || symbol == C.case_statement || symbol == C.conditional_expression;
}

static bool is_conditional(const tree *t, tree_node call)
{
    tree_node n = t->nodes[call].parent;
    for (int i = 0; i < SCAN_MOST_AROUND && n && tree_symbol(t, n) != C.function_definition; i++) {
        if (is_condition(tree_symbol(t, n)))
            return true;
        n = t->nodes[n].parent;
    }
    return false;
}

/* `skip(x)` is some function of the project's own. */
static bool has_arguments(const tree *t, tree_node call)
{
    tree_node arguments = tree_child(t, call, C.in.arguments);
    return arguments && tree_first_named(t, arguments);
}

void c_skips(c_file *file)
{
    const tree *t = file->tree;
    for (tree_node i = 1; i < t->count; i++) {
        tree_text name = tree_symbol(t, i) == C.call_expression ? c_called(t, i) : (tree_text){"", 0};
        c_function *function = tree_text_is_one_of(name, SKIPS) ? c_function_at(file, i) : NULL;
        if (!function || c_function_named(file, name) || (tree_text_is(name, "skip") && has_arguments(t, i)))
            continue;
        bool conditional = is_conditional(t, i);
        scan_add(file->out, SCAN_SKIP, scan_spot_of(t, i), function->name, "call/%.*s/%s", (int)name.len,
                 name.data, conditional ? "cond" : "uncond")
            ->conditional = conditional;
    }
}
