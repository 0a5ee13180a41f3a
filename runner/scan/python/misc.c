/* uncollected-test `nested`, and dynamic-import: code that stands where it should not. */
#include "scan/python/def.h"
#include "scan/python/expression.h"
#include "scan/python/syntax.h"

#include <string.h>

static void tell_nested(python_file *f)
{
    for (size_t i = 0; i < f->defs.count; i++) {
        const python_def *def = &f->defs.items[i];
        if (!def->is_class && tree_text_starts(python_def_name(f, def), "test_") &&
            python_def_is_inside_function(f, def))
            (void)scan_add(f->out, SCAN_UNCOLLECTED_TEST, python_def_spot(f, def), def->symbol, "nested");
    }
}

/* Whether a function's name says that it runs when something failed or ends. */
static bool says_way_out(tree_text name)
{
    static const char *const METHODS[] = {"__exit__", "__aexit__", "__del__", NULL};
    return tree_text_is_one_of(name, METHODS) || tree_text_mentions(name, "error") ||
           tree_text_mentions(name, "cleanup") || tree_text_mentions(name, "teardown") ||
           tree_text_mentions(name, "close");
}

/* The block of a node that runs only when something failed or ends; 0: it has none. */
static tree_node way_out(const tree *t, tree_node n)
{
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == PY(function_definition)) {
        tree_node name = tree_child(t, n, PY_FIELD(name));
        return name && says_way_out(tree_text_of(t, name)) ? tree_child(t, n, PY_FIELD(body)) : 0;
    }
    if (symbol != PY(except_clause) && symbol != PY(except_group_clause) && symbol != PY(finally_clause))
        return 0;
    tree_node i = tree_first_named(t, n);
    while (i && tree_symbol(t, i) != PY(block))
        i = tree_next_named(t, i);
    return i;
}

/* How a node imports; NULL: it does not. */
static const char *import_form(const python_file *f, tree_node n)
{
    TSSymbol symbol = tree_symbol(f->tree, n);
    if (symbol == PY(import_statement) || symbol == PY(import_from_statement) ||
        symbol == PY(future_import_statement))
        return "import";
    char name[64];
    tree_node function = symbol == PY(call) ? tree_child(f->tree, n, PY_FIELD(function)) : 0;
    if (!function || !python_name_of(f, function, name, sizeof name))
        return NULL;
    if (strcmp(name, "importlib.import_module") == 0)
        return "import_module";
    return strcmp(name, "__import__") == 0 || strcmp(name, "builtins.__import__") == 0 ? "__import__" : NULL;
}

static void tell_imports(python_file *f)
{
    const tree *t = f->tree;
    tree_node until = 0; /* where the outermost way out ends that is open */
    tree_node block = 0; /* the next one, where its block is not reached yet */
    for (tree_node n = 1; n < t->count; n++) {
        tree_node found = n >= until ? way_out(t, n) : 0;
        block = found ? found : block;
        if (block && n == block)
            until = t->nodes[n].after;
        const char *form = n < until ? import_form(f, n) : NULL;
        if (form)
            (void)scan_add(f->out, SCAN_DYNAMIC_IMPORT, scan_spot_of(t, n), python_symbol_at(f, n), "%s",
                           form);
    }
}

void python_misc(python_file *f)
{
    if (!f->tree || !f->tree->count)
        return;
    tell_nested(f);
    tell_imports(f);
}
