#include "scan/tree.h"

#include "base/memory.h"

#include <assert.h>
#include <string.h>

enum { MOST_NODES = 4000000, PARSE_US = 5000000 };

/* What tree-sitter gives to what it could not parse. */
static const TSSymbol ERROR_SYMBOL = UINT16_MAX;

struct tree_parser {
    TSParser *parser;
};

tree_parser *tree_parser_new(void)
{
    tree_parser *p = UTR_NEW(tree_parser);
    p->parser = ts_parser_new();
    ts_parser_set_timeout_micros(p->parser, PARSE_US);
    return p;
}

void tree_parser_free(tree_parser *parser)
{
    if (!parser)
        return;
    ts_parser_delete(parser->parser);
    free(parser);
}

static tree_item *push(tree *t)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 4096;
        t->nodes = utr_realloc_array(t->nodes, t->capacity, sizeof *t->nodes);
    }
    return &t->nodes[t->count++];
}

static void add(tree *t, TSTreeCursor *cursor, tree_node parent)
{
    TSNode node = ts_tree_cursor_current_node(cursor);
    *push(t) = (tree_item){
        .start = ts_node_start_byte(node),
        .end = ts_node_end_byte(node),
        .line = ts_node_start_point(node).row + 1,
        .parent = parent,
        .symbol = ts_node_symbol(node),
        .field = ts_tree_cursor_current_field_id(cursor),
        .named = ts_node_is_named(node),
        .wrong = ts_node_is_missing(node) || ts_node_symbol(node) == ERROR_SYMBOL,
    };
}

/* Close what ends here, up to a node that has a next sibling, and go there. @return false at the end */
static bool climb(tree *t, TSTreeCursor *cursor, tree_node *current)
{
    for (;;) {
        t->nodes[*current].after = t->count;
        if (ts_tree_cursor_goto_next_sibling(cursor))
            return true;
        if (!ts_tree_cursor_goto_parent(cursor))
            return false;
        *current = t->nodes[*current].parent;
    }
}

static utr_code flatten(tree *t, TSNode root, utr_error *err)
{
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    add(t, &cursor, 0);
    tree_node current = 0;
    bool more = true;
    while (more && t->count <= MOST_NODES) {
        if (ts_tree_cursor_goto_first_child(&cursor))
            add(t, &cursor, current);
        else if ((more = climb(t, &cursor, &current)))
            add(t, &cursor, t->nodes[current].parent);
        current = t->count - 1;
    }
    ts_tree_cursor_delete(&cursor);
    return more ? utr_fail(err, UTR_TOO_LARGE, "over %d nodes of syntax", MOST_NODES) : UTR_OK;
}

utr_code tree_parse(tree_parser *parser, const TSLanguage *grammar, tree_text text, tree *out, utr_error *err)
{
    out->text = text.data;
    out->len = text.len;
    out->comment = ts_language_symbol_for_name(grammar, "comment", 7, true);
    out->count = 0;
    out->broken = false;
    bool fits = ts_parser_set_language(parser->parser, grammar);
    assert(fits); /* its ABI is one that the library was built for: a matter of the build */
    TSTree *parsed = ts_parser_parse_string(parser->parser, NULL, text.data, (uint32_t)text.len);
    if (!parsed) {
        ts_parser_reset(parser->parser);
        return utr_fail(err, UTR_TIMEOUT, "the grammar did not end within %d s", PARSE_US / 1000000);
    }
    TSNode root = ts_tree_root_node(parsed);
    out->broken = ts_node_has_error(root);
    utr_code code = flatten(out, root, err);
    ts_tree_delete(parsed);
    if (code)
        out->count = 0;
    return code;
}

void tree_dispose(tree *t)
{
    free(t->nodes);
    *t = (tree){0};
}

tree_node tree_child(const tree *t, tree_node n, TSFieldId field)
{
    for (tree_node i = tree_first(t, n); i; i = tree_next(t, i))
        if (t->nodes[i].field == field)
            return i;
    return 0;
}

/* From a child on, itself included. */
static tree_node named_from(const tree *t, tree_node child)
{
    while (child && (!t->nodes[child].named || t->nodes[child].wrong || t->nodes[child].symbol == t->comment))
        child = tree_next(t, child);
    return child;
}

tree_node tree_first_named(const tree *t, tree_node n)
{
    return named_from(t, tree_first(t, n));
}

tree_node tree_next_named(const tree *t, tree_node n)
{
    return named_from(t, tree_next(t, n));
}

tree_text tree_text_of(const tree *t, tree_node n)
{
    const tree_item *item = &t->nodes[n];
    return (tree_text){t->text + item->start, item->end - item->start};
}

bool tree_is(const tree *t, tree_node n, const char *word)
{
    return tree_text_is(tree_text_of(t, n), word);
}

/* From the last of all nodes below it on, which is near its end. */
uint32_t tree_last_line(const tree *t, tree_node n)
{
    const tree_item *last = &t->nodes[t->nodes[n].after - 1];
    uint32_t line = last->line;
    for (uint32_t i = last->start; i < t->nodes[n].end; i++)
        line += t->text[i] == '\n';
    return line;
}

bool tree_text_is(tree_text text, const char *word)
{
    return strlen(word) == text.len && memcmp(text.data, word, text.len) == 0;
}

bool tree_text_starts(tree_text text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

bool tree_text_ends(tree_text text, const char *suffix)
{
    size_t len = strlen(suffix);
    return text.len >= len && memcmp(text.data + text.len - len, suffix, len) == 0;
}

bool tree_text_is_one_of(tree_text text, const char *const *words)
{
    while (*words && !tree_text_is(text, *words))
        words++;
    return *words;
}

bool tree_text_mentions(tree_text text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.len; at++)
        if ((text.data[at] | 0x20) == word[0] && strncasecmp(text.data + at, word, len) == 0)
            return true;
    return false;
}

TSSymbol tree_symbol_named(const TSLanguage *grammar, const char *name)
{
    TSSymbol found = ts_language_symbol_for_name(grammar, name, (uint32_t)strlen(name), true);
    assert(found);
    return found;
}

TSFieldId tree_field_named(const TSLanguage *grammar, const char *name)
{
    TSFieldId found = ts_language_field_id_for_name(grammar, name, (uint32_t)strlen(name));
    assert(found);
    return found;
}
