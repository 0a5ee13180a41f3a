/**
 * One text and its syntax, flat: the nodes of tree-sitter's tree in one array, in the order of the text.
 *
 * A node is an index. Its children follow it; `after` is the first node behind all of them. So a subtree is a
 * range, and whoever looks for something in it needs a loop and no recursion:
 *
 *     for (tree_node i = tree_first(tree, n); i < tree->nodes[n].after; i++)            each node below n
 *     for (tree_node i = tree_first(tree, n); i; i = tree_next(tree, i))                 each child of n
 *
 * Node 0 is the root and never a child, so 0 also means "none". Anonymous nodes (keywords, operators) are
 * there, too. Used inside the scan only.
 */
#ifndef UTR_SCAN_TREE_H
#define UTR_SCAN_TREE_H

#include "base/error.h"

#include <stdint.h>
#include <tree_sitter/api.h>

typedef uint32_t tree_node;

typedef struct {
    uint32_t start, end; /* bytes of the text */
    uint32_t line;       /* of its start, from 1 */
    tree_node parent;
    tree_node after;
    TSSymbol symbol;
    TSFieldId field; /* as what its parent has it; 0: as nothing */
    bool named;
    bool wrong; /* an error of the syntax, or missing in the text */
} tree_item;

typedef struct {
    const char *text; /* borrowed */
    size_t len;
    tree_item *nodes;
    uint32_t count, capacity;
    TSSymbol comment; /* of the grammar */
    bool broken;      /* has errors */
} tree;

/** A part of the text; not ended by a NUL. */
typedef struct {
    const char *data;
    size_t len;
} tree_text;

/** What parses, one a thread. */
typedef struct tree_parser tree_parser;

tree_parser *tree_parser_new(void);
void tree_parser_free(tree_parser *parser);

/**
 * Parse text.
 * @param text  borrowed as long as the tree is used; at most 4 GiB
 * @param out   zeroed, or used before: its memory is used again. On failure it has no nodes
 * @return UTR_TIMEOUT (5 s were not enough), UTR_TOO_LARGE (over 4 million nodes)
 */
UTR_MUST_CHECK utr_code tree_parse(tree_parser *parser, const TSLanguage *grammar, tree_text text, tree *out,
                                   utr_error *err);
void tree_dispose(tree *t);

/** First child, or 0. */
static inline tree_node tree_first(const tree *t, tree_node n)
{
    return n + 1 < t->nodes[n].after ? n + 1 : 0;
}

/** Next sibling, or 0. */
static inline tree_node tree_next(const tree *t, tree_node n)
{
    tree_node next = t->nodes[n].after;
    return n && next < t->nodes[t->nodes[n].parent].after ? next : 0;
}

static inline TSSymbol tree_symbol(const tree *t, tree_node n)
{
    return t->nodes[n].symbol;
}

/** The child that n has as field, or 0. */
tree_node tree_child(const tree *t, tree_node n, TSFieldId field);

/** First child that is named, no comment and no error, or 0; and the next such one after it. */
tree_node tree_first_named(const tree *t, tree_node n);
tree_node tree_next_named(const tree *t, tree_node n);

/** Whether n is inner or lies below outer. */
static inline bool tree_holds(const tree *t, tree_node outer, tree_node n)
{
    return n >= outer && n < t->nodes[outer].after;
}

tree_text tree_text_of(const tree *t, tree_node n);
bool tree_is(const tree *t, tree_node n, const char *word);

/** The line that n ends on, from 1. */
uint32_t tree_last_line(const tree *t, tree_node n);

bool tree_text_is(tree_text text, const char *word);
bool tree_text_starts(tree_text text, const char *prefix);
bool tree_text_ends(tree_text text, const char *suffix);

/** Whether text is one of the words; the list ends with a NULL. */
bool tree_text_is_one_of(tree_text text, const char *const *words);

/** Whether text holds the word (in lower case), its own letters of any case. */
bool tree_text_mentions(tree_text text, const char *word);

/** The symbol or field of a grammar by name. Asserts that it exists: a grammar that lost a name is a defect
 * of the build. */
TSSymbol tree_symbol_named(const TSLanguage *grammar, const char *name);
TSFieldId tree_field_named(const TSLanguage *grammar, const char *name);

#define auto_tree __attribute__((cleanup(tree_dispose)))

#endif
