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

static bool is_word(char c)
{
    return c == '_' || c < 0 || isalnum((unsigned char)c);
}

/* Whether the "import" at `at` is part of a call, or a colon or a semicolon stands between `from` and it. */
static bool is_late(tree_text text, const char *from, const char *at)
{
    const char *behind = at + IMPORT_LEN;
    bool is_called = behind < text.data + text.len && *behind == '_';
    return is_called || memchr(from, ':', (size_t)(at - from)) || memchr(from, ';', (size_t)(at - from));
}

bool python_imports_may_be_late(tree_text text)
{
    const char *end = text.data + text.len;
    const char *line = text.data;
    const char *from = text.data; /* what lies before it in the line was looked at: a line may be long */
    for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), IMPORT, IMPORT_LEN)); at++) {
        const char *before = memrchr(from, '\n', (size_t)(at - from));
        if (before)
            line = from = before + 1;
        if (isspace((unsigned char)*line) || is_late(text, from, at))
            return true;
        from = at;
    }
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

/* Whether a statement may import: not where it only speaks of that. */
static bool may_import(tree_text statement)
{
    const char *end = statement.data + statement.len;
    const char *from = statement.data; /* what lies before it was looked at */
    bool is_import = behind_word(statement, IMPORT).len || behind_word(statement, "from").len;
    for (const char *at = from; !is_import && (at = memmem(at, (size_t)(end - at), IMPORT, IMPORT_LEN));
         at++) {
        is_import = is_late(statement, from, at);
        from = at;
    }
    return is_import;
}

/* Whether a name that imports is called in the text; and whether it may have got another one, under which it
 * would not be seen. */
static bool find_calls(tree_text text, bool *out_renamed)
{
    static const char *const NAMES[] = {"import_module", "__import__"};
    const char *end = text.data + text.len;
    bool found = false;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const size_t len = strlen(NAMES[i]);
        for (const char *at = text.data; (at = memmem(at, (size_t)(end - at), NAMES[i], len)); at++) {
            tree_text behind = behind_word((tree_text){at, (size_t)(end - at)}, NAMES[i]);
            *out_renamed = *out_renamed || behind_word(behind, "as").len;
            found = true;
        }
    }
    return found;
}

/* Statements `from` up to `to`. */
typedef struct {
    size_t from, to;
} part;

/* Whether one of the part may import on a way out. */
static bool is_on_way_out(const python_lines *lines, tree_text text, part p, bool renamed)
{
    bool inside = false;
    uint32_t indent = 0; /* of the way out that is open, the outermost */
    for (size_t i = p.from; i < p.to; i++) {
        const python_logical *l = &lines->logical.items[i];
        tree_text statement = {text.data + l->start, l->end - l->start};
        inside = inside && l->indent > indent;
        bool begins = !inside && is_way_out(statement);
        if ((inside || begins) && (renamed || may_import(statement)))
            return true;
        indent = begins ? l->indent : indent;
        inside = inside || begins;
    }
    return false;
}

/* Whether a statement of no indentation begins something of its own. */
static bool is_first(const python_lines *lines, tree_text text, size_t i)
{
    static const char *const REST[] = {"except", "else", "elif", "finally"};
    const python_logical *l = &lines->logical.items[i];
    bool first = l->indent == 0 && !(i && text.data[l[-1].start] == '@');
    for (size_t k = 0; k < sizeof REST / sizeof *REST && first; k++)
        first = !behind_word((tree_text){text.data + l->start, l->end - l->start}, REST[k]).len;
    return first;
}

static part next_part(const python_lines *lines, tree_text text, size_t from)
{
    part p = {from, from + 1};
    while (p.to < lines->logical.count && !is_first(lines, text, p.to))
        p.to++;
    return p;
}

/* What a call may be made of stays, too, where there is one: imports, wherever they stand. */
static bool speaks_of_imports(const python_lines *lines, tree_text text, part p)
{
    const char *from = text.data + lines->logical.items[p.from].start;
    return memmem(from, (size_t)(text.data + lines->logical.items[p.to - 1].end - from), IMPORT,
                  IMPORT_LEN) != NULL;
}

bool python_imports_on_way_out(const python_lines *lines, tree_text text)
{
    bool renamed = false;
    (void)find_calls(text, &renamed);
    return is_on_way_out(lines, text, (part){0, lines->logical.count}, renamed);
}

void python_imports_keep(const python_lines *lines, tree_text text, char *out)
{
    bool renamed = false, called = find_calls(text, &renamed);
    for (part p = {0, 0}; p.to < lines->logical.count;) {
        p = next_part(lines, text, p.to);
        if (is_on_way_out(lines, text, p, renamed) || (called && speaks_of_imports(lines, text, p)))
            continue;
        uint32_t end = lines->logical.items[p.to - 1].end;
        for (uint32_t i = lines->logical.items[p.from].start; i < end; i++)
            out[i] = out[i] == '\n' ? '\n' : ' ';
    }
}
