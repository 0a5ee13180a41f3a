/* Assertions of JavaScript whose failures nobody sees. */
#include "scan/javascript/js.h"

#include <string.h>

/* The word for a statement of a handler that lets nothing out; NULL: it may. */
static const char *quiet_word(const void *of, tree_node statement)
{
    const js_file *file = of;
    const tree *t = file->tree;
    TSSymbol symbol = tree_symbol(t, statement);
    if (symbol == file->g->return_statement)
        return "return";
    tree_node call = symbol == file->g->expression_statement ? tree_first_named(t, statement) : 0;
    tree_node on = call && tree_symbol(t, call) == file->g->call_expression ? js_called_on(file, call) : 0;
    bool logs = on && (tree_is(t, on, "console") || tree_is(t, on, "log") || tree_is(t, on, "logger"));
    return logs ? "log" : NULL;
}

/* What the handler of a try does, where that lets nothing out; NULL: it may, or there is none. */
static char *quiet_handler(const js_file *file, tree_node attempt)
{
    tree_node handler = tree_child(file->tree, attempt, file->g->in.handler);
    tree_node body = handler ? tree_child(file->tree, handler, file->g->in.body) : 0;
    return body ? scan_words_of(file->tree, body, quiet_word, file) : NULL;
}

/* What hides the failure of what stands at n: the handler of the innermost try in whose body it is; NULL:
 * nothing. */
static char *hidden_by(const js_file *file, tree_node n, tree_node body)
{
    const tree *t = file->tree;
    for (tree_node inner = n, i = t->nodes[n].parent; inner != body; inner = i, i = t->nodes[i].parent)
        if (tree_symbol(t, i) == file->g->try_statement && t->nodes[inner].field == file->g->in.body)
            return quiet_handler(file, i);
    return NULL;
}

char *js_swallowed(const js_file *file, const js_block *test)
{
    const tree *t = file->tree;
    char *first = NULL;
    for (tree_node i = test->body; i < t->nodes[test->body].after; i++) {
        bool asserts =
            tree_symbol(t, i) == file->g->throw_statement ||
            (tree_symbol(t, i) == file->g->call_expression && t->nodes[i].named && js_can_fail(file, i));
        if (!asserts)
            continue;
        char *how = hidden_by(file, i, test->body);
        if (!how) {
            free(first);
            return NULL;
        }
        if (!first)
            first = utr_format("catch/%s", how);
        free(how);
    }
    return first;
}
