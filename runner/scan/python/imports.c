/* dynamic-import: imports where something failed or ends; and which texts may hold one, told without a
 * grammar. */
#include "scan/python/expression.h"
#include "scan/python/python.h"
#include "scan/python/syntax.h"

#include <ctype.h>
#include <string.h>

static const char IMPORT[] = "import"; /* is part of whatever imports */

enum { IMPORT_LEN = sizeof IMPORT - 1 };

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

void python_imports(python_file *f)
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

/* --- without a grammar --- */

static bool mentions_import(tree_text text)
{
    return memmem(text.data, text.len, IMPORT, IMPORT_LEN) != NULL;
}

static bool is_word(char c)
{
    return c == '_' || c < 0 || isalnum((unsigned char)c);
}

/* Whether the "import" at `at` is part of a call, or a statement that does not begin its line: one in a
 * block, or one behind a colon or a semicolon. */
static bool is_late(tree_text text, const char *at)
{
    const char *before = memrchr(text.data, '\n', (size_t)(at - text.data));
    const char *line = before ? before + 1 : text.data;
    const char *behind = at + IMPORT_LEN;
    bool is_called = behind < text.data + text.len && *behind == '_';
    return is_called || isspace((unsigned char)*line) || memchr(line, ':', (size_t)(at - line)) ||
           memchr(line, ';', (size_t)(at - line));
}

bool python_imports_may_be_late(tree_text text)
{
    const char *end = text.data + text.len;
    for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), IMPORT, IMPORT_LEN)); at++)
        if (is_late(text, at))
            return true;
    return false;
}

/* What follows the first of the words that the text begins with, after blanks; empty: it begins with none. */
static tree_text behind_word(tree_text text, const char *word)
{
    size_t len = strlen(word);
    if (!tree_text_starts(text, word) || (text.len > len && is_word(text.data[len])))
        return (tree_text){text.data, 0};
    while (len < text.len && isspace((unsigned char)text.data[len]))
        len++;
    return (tree_text){text.data + len, text.len - len};
}

/* Whether a statement is the head of a way out. */
static bool is_way_out(tree_text statement)
{
    if (behind_word(statement, "except").len || behind_word(statement, "finally").len)
        return true;
    tree_text async = behind_word(statement, "async");
    tree_text name = behind_word(async.len ? async : statement, "def");
    size_t len = 0;
    while (len < name.len && is_word(name.data[len]))
        len++;
    return len && says_way_out((tree_text){name.data, len});
}

/* Whether a name that imports may have got another one, under which it would not be seen. */
static bool renames(tree_text text)
{
    static const char *const NAMES[] = {"import_module", "__import__"};
    const char *end = text.data + text.len;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const size_t len = strlen(NAMES[i]);
        for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), NAMES[i], len)); at++) {
            tree_text behind = behind_word((tree_text){at, (size_t)(end - at)}, NAMES[i]);
            if (behind_word(behind, "as").len)
                return true;
        }
    }
    return false;
}

bool python_imports_on_way_out(const python_lines *lines, tree_text text)
{
    bool inside = false, renamed = renames(text);
    uint32_t indent = 0; /* of the way out that is open, the outermost */
    for (size_t i = 0; i < lines->logical.count; i++) {
        const python_logical *l = &lines->logical.items[i];
        tree_text statement = {text.data + l->start, l->end - l->start};
        inside = inside && l->indent > indent;
        bool begins = !inside && is_way_out(statement);
        if ((inside || begins) && (renamed || mentions_import(statement)))
            return true;
        indent = begins ? l->indent : indent;
        inside = inside || begins;
    }
    return false;
}
