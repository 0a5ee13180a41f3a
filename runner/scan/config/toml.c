#include "scan/config/config.h"

#include "base/text.h"
#include "base/vec.h"
#include "scan/grammars/grammars.h"

#include <string.h>

typedef struct {
    const tree *tree;
    const char *section;
    const config_taker *taker;
    TSSymbol table, array_table, pair, bare_key, quoted_key, string, array;
} reader;

static void prepare(reader *r)
{
    const TSLanguage *grammar = tree_sitter_toml();
    r->table = tree_symbol_named(grammar, "table");
    r->array_table = tree_symbol_named(grammar, "table_array_element");
    r->pair = tree_symbol_named(grammar, "pair");
    r->bare_key = tree_symbol_named(grammar, "bare_key");
    r->quoted_key = tree_symbol_named(grammar, "quoted_key");
    r->string = tree_symbol_named(grammar, "string");
    r->array = tree_symbol_named(grammar, "array");
}

static bool has_key(const reader *r, tree_node n)
{
    TSSymbol symbol = tree_symbol(r->tree, n);
    return symbol == r->table || symbol == r->array_table || symbol == r->pair;
}

/* The parts of the key of a table or pair, in front of what is there. */
static char *with_key(const reader *r, tree_node n, char *rest)
{
    auto_strs utr_strs parts = {0};
    tree_node key = tree_first_named(r->tree, n);
    for (tree_node i = key; key && i < r->tree->nodes[key].after; i++) {
        tree_text text = tree_text_of(r->tree, i);
        bool quoted = tree_symbol(r->tree, i) == r->quoted_key && text.len >= 2;
        if (quoted || tree_symbol(r->tree, i) == r->bare_key)
            utr_strs_give(&parts, utr_strndup(text.data + quoted, text.len - (quoted ? 2 : 0)));
    }
    if (rest)
        utr_strs_give(&parts, rest);
    return utr_strs_join(&parts, ".");
}

/* The whole name of a table or pair: "tool.pytest.ini_options.python_files". */
static char *whole_key(const reader *r, tree_node n)
{
    char *key = with_key(r, n, NULL);
    while (n) {
        n = r->tree->nodes[n].parent;
        if (n && has_key(r, n))
            key = with_key(r, n, key);
    }
    return key;
}

/* Without its quotes; NULL where it has escapes. The caller frees it. */
static char *string_text(tree_text text)
{
    size_t quotes = text.len >= 6 && text.data[0] == text.data[1] && text.data[1] == text.data[2] ? 3 : 1;
    bool fine = text.len >= 2 * quotes && (text.data[0] == '\'' || !memchr(text.data, '\\', text.len));
    return fine ? utr_strndup(text.data + quotes, text.len - 2 * quotes) : NULL;
}

static void take_string(const reader *r, const char *name, tree_node n, bool item)
{
    auto_free char *value = string_text(tree_text_of(r->tree, n));
    if (value)
        r->taker->value(r->taker->ctx, name, value, item);
    else
        r->taker->fault(r->taker->ctx, r->tree->nodes[n].line, "escapes are not read here; write 'it' so");
}

static void take_value(const reader *r, const char *name, tree_node pair)
{
    tree_node value = tree_next_named(r->tree, tree_first_named(r->tree, pair));
    TSSymbol symbol = value ? tree_symbol(r->tree, value) : 0;
    if (symbol == r->string)
        take_string(r, name, value, false);
    for (tree_node i = symbol == r->array ? tree_first_named(r->tree, value) : 0; i;
         i = tree_next_named(r->tree, i))
        if (tree_symbol(r->tree, i) == r->string)
            take_string(r, name, i, true);
}

/* @return whether it belongs to the section */
static bool take(const reader *r, tree_node n)
{
    auto_free char *key = whole_key(r, n);
    size_t len = strlen(r->section);
    if (!utr_text_starts(key, r->section) || (key[len] && key[len] != '.'))
        return false;
    if (key[len] && !strchr(key + len + 1, '.') && tree_symbol(r->tree, n) == r->pair)
        take_value(r, key + len + 1, n);
    return true;
}

static void tell_broken(const reader *r)
{
    tree_node n = 0;
    while (n < r->tree->count && !r->tree->nodes[n].wrong)
        n++;
    if (n < r->tree->count)
        r->taker->fault(r->taker->ctx, r->tree->nodes[n].line, "not understood as TOML");
}

bool config_read_toml(const char *text, const char *section, tree_parser *parser, const config_taker *taker)
{
    auto_tree tree t = {0};
    utr_error err = {0};
    reader r = {.tree = &t, .section = section, .taker = taker};
    if (tree_parse(parser, tree_sitter_toml(), (tree_text){text, strlen(text)}, &t, &err)) {
        taker->fault(taker->ctx, 1, err.text);
        return false;
    }
    prepare(&r);
    bool found = false;
    for (tree_node n = 1; n < t.count; n++)
        found = (has_key(&r, n) && take(&r, n)) || found;
    tell_broken(&r);
    return found;
}
