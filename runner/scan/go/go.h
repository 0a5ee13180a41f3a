/**
 * Go's tests: `func TestX(t *testing.T)`, fuzz tests, and methods of testify's suites. Used inside go/ only.
 *
 * go.c reads a file's functions and what they mean; skip.c, mock.c and body.c look for what switches tests
 * off.
 */
#ifndef UTR_SCAN_GO_GO_H
#define UTR_SCAN_GO_GO_H

#include "scan/language.h"

/* The names of the grammar that are looked at: X(name). */
#define GO_SYMBOLS(X)                                                                                        \
    X(argument_list)                                                                                         \
    X(assignment_statement)                                                                                  \
    X(block)                                                                                                 \
    X(call_expression)                                                                                       \
    X(comment)                                                                                               \
    X(communication_case)                                                                                    \
    X(default_case)                                                                                          \
    X(expression_case)                                                                                       \
    X(expression_statement)                                                                                  \
    X(for_statement)                                                                                         \
    X(func_literal)                                                                                          \
    X(function_declaration)                                                                                  \
    X(identifier)                                                                                            \
    X(if_statement)                                                                                          \
    X(import_spec)                                                                                           \
    X(interpreted_string_literal)                                                                            \
    X(method_declaration)                                                                                    \
    X(package_clause)                                                                                        \
    X(parameter_declaration)                                                                                 \
    X(raw_string_literal)                                                                                    \
    X(return_statement)                                                                                      \
    X(selector_expression)                                                                                   \
    X(type_case)

#define GO_FIELDS(X)                                                                                         \
    X(alternative)                                                                                           \
    X(arguments)                                                                                             \
    X(body)                                                                                                  \
    X(condition)                                                                                             \
    X(consequence)                                                                                           \
    X(field)                                                                                                 \
    X(function)                                                                                              \
    X(name)                                                                                                  \
    X(operand)                                                                                               \
    X(parameters)                                                                                            \
    X(path)                                                                                                  \
    X(receiver)                                                                                              \
    X(type)

typedef struct {
#define GO_MEMBER(name) TSSymbol name;
    GO_SYMBOLS(GO_MEMBER)
#undef GO_MEMBER
    struct {
#define GO_MEMBER(name) TSFieldId name;
        GO_FIELDS(GO_MEMBER)
#undef GO_MEMBER
    } in;
} go_grammar;

/** Filled in once, by prepare(). */
extern go_grammar GO;

/** A function or method at the top of the file. */
typedef struct {
    tree_node node, body; /* body 0: none */
    char *name;
    char *receiver; /* of a suite's method, the name it goes by; NULL: none, or no suite's */
    bool is_test;
    bool mocks; /* uses a mock */
} go_function;

typedef struct {
    const scan_source *source;
    scan_file *out;
    const tree *tree;
    bool has_suites; /* imports testify's suite */
    UTR_VEC(go_function) functions;
    utr_strs mocks; /* packages that are mocks, by the names that the file knows them under */
} go_file;

/** The function that holds n, or NULL. */
go_function *go_function_at(go_file *file, tree_node n);

/** "Skip" of `t.Skip(...)`; empty where it is no call of a method or of a package's function. */
tree_text go_called_name(const tree *t, tree_node call);

/** What `t` is in `t.Skip(...)`, or 0. */
tree_node go_called_on(const tree *t, tree_node call);

/** Whether n is a test's `t`, `b` or `f`, or a suite's `s.T()`. */
bool go_is_testing(const tree *t, tree_node n);

void go_skips(go_file *file);
void go_mocks(go_file *file);
void go_comments(go_file *file);
void go_bodies(go_file *file);

#endif
