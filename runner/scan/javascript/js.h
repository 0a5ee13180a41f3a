/**
 * Tests in JavaScript and TypeScript, as node:test, mocha, jest and vitest have them: calls of `it` and
 * `test` within calls of `describe`.
 *
 * js.c reads a file; block.c finds its blocks, tests and hooks; skip.c, mock.c, body.c, swallow.c and
 * comment.c look for what switches tests off. Used inside javascript/ only.
 */
#ifndef UTR_SCAN_JAVASCRIPT_JS_H
#define UTR_SCAN_JAVASCRIPT_JS_H

#include "scan/language.h"

/* The names of the grammars that are looked at: X(name). */
#define JS_SYMBOLS(X)                                                                                        \
    X(arguments)                                                                                             \
    X(arrow_function)                                                                                        \
    X(binary_expression)                                                                                     \
    X(call_expression)                                                                                       \
    X(catch_clause)                                                                                          \
    X(class_declaration)                                                                                     \
    X(comment)                                                                                               \
    X(decorator)                                                                                             \
    X(do_statement)                                                                                          \
    X(export_statement)                                                                                      \
    X(expression_statement)                                                                                  \
    X(finally_clause)                                                                                        \
    X(for_in_statement)                                                                                      \
    X(for_statement)                                                                                         \
    X(function_declaration)                                                                                  \
    X(function_expression)                                                                                   \
    X(generator_function)                                                                                    \
    X(identifier)                                                                                            \
    X(if_statement)                                                                                          \
    X(import)                                                                                                \
    X(import_specifier)                                                                                      \
    X(import_statement)                                                                                      \
    X(member_expression)                                                                                     \
    X(method_definition)                                                                                     \
    X(object)                                                                                                \
    X(pair)                                                                                                  \
    X(public_field_definition)                                                                               \
    X(return_statement)                                                                                      \
    X(shorthand_property_identifier_pattern)                                                                 \
    X(statement_block)                                                                                       \
    X(string)                                                                                                \
    X(switch_case)                                                                                           \
    X(switch_default)                                                                                        \
    X(template_string)                                                                                       \
    X(ternary_expression)                                                                                    \
    X(throw_statement)                                                                                       \
    X(try_statement)                                                                                         \
    X(variable_declarator)                                                                                   \
    X(while_statement)

#define JS_FIELDS(X)                                                                                         \
    X(arguments)                                                                                             \
    X(body)                                                                                                  \
    X(condition)                                                                                             \
    X(consequence)                                                                                           \
    X(function)                                                                                              \
    X(handler)                                                                                               \
    X(key)                                                                                                   \
    X(name)                                                                                                  \
    X(object)                                                                                                \
    X(property)                                                                                              \
    X(source)                                                                                                \
    X(value)

/** The numbers of one grammar; those of TypeScript and of TSX differ. */
typedef struct {
#define JS_MEMBER(name) TSSymbol name;
    JS_SYMBOLS(JS_MEMBER)
#undef JS_MEMBER
    struct {
#define JS_MEMBER(name) TSFieldId name;
        JS_FIELDS(JS_MEMBER)
#undef JS_MEMBER
    } in;
} js_grammar;

/* What a call opens: X(name). */
typedef enum { JS_TEST, JS_GROUP, JS_HOOK } js_sort;

/** A call of `it`, `describe`, `beforeEach` and their like. */
typedef struct {
    tree_node call; /* in front: sorted.h */
    js_sort sort;
    tree_node base;    /* the word that it begins with: `it` of `it.skip.each(...)(...)` */
    tree_node options; /* an object among its arguments, or 0 */
    tree_node body;    /* of its function: a block or an expression; 0: it has none of its own */
    bool has_function; /* some function is given, even if by name */
    size_t parent;     /* the block around it, from 1; 0: none */
    size_t depth;      /* how many blocks are around it */
    char *symbol;      /* of tests and groups: titles from the outside in, joined by " > " */
    bool mocks;        /* uses a mock in its own body */
} js_block;

/** A function that has a name. */
typedef struct {
    tree_node node, body;
    tree_node name;
    bool mocks;
} js_function;

typedef struct {
    const scan_source *source;
    scan_file *out;
    const tree *tree;
    const js_grammar *g;
    UTR_VEC(js_block) blocks;       /* in the order of the text */
    UTR_VEC(js_function) functions; /* likewise */
    utr_strs mocks;                 /* names that stand for mocks, sorted */
    bool mocks_all;                 /* a module is replaced for the whole file */
    bool has_subtests;              /* of node:test, which collects tests within tests */
} js_file;

/** What opens tests and groups; the list ends with a NULL. */
extern const char *const JS_OPENERS[];

/** Fill in blocks and functions. */
void js_blocks_read(js_file *file);

/** The innermost block that holds n and is no hook, or NULL; and of hooks and all. */
js_block *js_block_at(js_file *file, tree_node n);
js_block *js_any_block_at(js_file *file, tree_node n);

/** The innermost function with a name that holds n, or NULL. */
js_function *js_function_at(js_file *file, tree_node n);

/** The symbol of the block around n, or NULL. */
const char *js_symbol_at(js_file *file, tree_node n);

/** What a chain of calls and members begins with: `it` of `it.skip.each(x)`; 0: no name. */
tree_node js_base_of(const js_file *file, tree_node expression);

/** The name of what a call calls: `toBe` of `expect(x).toBe(y)`, `f` of `f()`; empty: none. */
tree_text js_called(const js_file *file, tree_node call);

/** What `x` is in `x.f()`, or 0. */
tree_node js_called_on(const js_file *file, tree_node call);

/** The nth argument that is no comment, or 0. */
tree_node js_argument(const js_file *file, tree_node call, size_t n);

/** Whether n is a function written out. */
bool js_is_function(const js_file *file, tree_node n);

/** Whether what stands at n may not be reached within its innermost function. */
bool js_is_conditional(const js_file *file, tree_node n);

/** A string or template without its quotes; empty: it is none. */
tree_text js_string(const js_file *file, tree_node n);

void js_skips(js_file *file);
void js_mocks(js_file *file);
void js_comments(js_file *file);
void js_bodies(js_file *file);
void js_imports(js_file *file);

/** Whether a call can fail a test, by its names. */
bool js_can_fail(const js_file *file, tree_node call);

/** The subkind where every assertion of the body is swallowed; NULL: it is not so. The caller frees it. */
char *js_swallowed(const js_file *file, const js_block *test);

#endif
