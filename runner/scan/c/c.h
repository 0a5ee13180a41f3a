/**
 * Tests in C: functions that a framework is told of (cmocka, Unity, Check), or that look like cmocka's.
 *
 * c.c reads a file's functions and what is compiled out; dead.c, skip.c, mock.c and body.c look for what
 * switches tests off. Used inside c/ only.
 */
#ifndef UTR_SCAN_C_C_H
#define UTR_SCAN_C_C_H

#include "scan/language.h"

/* The names of the grammar that are looked at: X(name). */
#define C_SYMBOLS(X)                                                                                         \
    X(argument_list)                                                                                         \
    X(call_expression)                                                                                       \
    X(case_statement)                                                                                        \
    X(cast_expression)                                                                                       \
    X(comment)                                                                                               \
    X(conditional_expression)                                                                                \
    X(do_statement)                                                                                          \
    X(expression_statement)                                                                                  \
    X(for_statement)                                                                                         \
    X(function_declarator)                                                                                   \
    X(function_definition)                                                                                   \
    X(identifier)                                                                                            \
    X(if_statement)                                                                                          \
    X(preproc_include)                                                                                       \
    X(return_statement)                                                                                      \
    X(storage_class_specifier)                                                                               \
    X(string_literal)                                                                                        \
    X(while_statement)

#define C_FIELDS(X)                                                                                          \
    X(arguments)                                                                                             \
    X(body)                                                                                                  \
    X(declarator)                                                                                            \
    X(function)                                                                                              \
    X(parameters)                                                                                            \
    X(path)

typedef struct {
#define C_MEMBER(name) TSSymbol name;
    C_SYMBOLS(C_MEMBER)
#undef C_MEMBER
    struct {
#define C_MEMBER(name) TSFieldId name;
        C_FIELDS(C_MEMBER)
#undef C_MEMBER
    } in;
} c_grammar;

/** Filled in once, by prepare(). */
extern c_grammar C;

typedef struct {
    tree_node node, name_node, body;
    char *name;
    bool is_test;
    bool is_static;
    bool fails; /* can fail a test, itself or through what it calls */
    bool mocks;
} c_function;

/** Bytes that the preprocessor leaves out. */
typedef struct {
    uint32_t start, end;
} c_dead;

typedef struct {
    const scan_source *source;
    scan_file *out;
    const tree *tree;
    UTR_VEC(c_function) functions; /* that are compiled, in the order of the text */
    UTR_VEC(size_t) by_name;       /* their indexes, by name */
    UTR_VEC(c_dead) dead;          /* in the order of the text */
    bool has_helpers;              /* includes headers of the project: what it calls may assert elsewhere */
    utr_strs registered;           /* tests that a framework is told of, sorted */
    utr_strs mentioned; /* every name that stands anywhere but where a function is defined, sorted */
} c_file;

/** The function that holds n, or NULL. */
c_function *c_function_at(c_file *file, tree_node n);

/** A function of the file by name, or NULL. */
c_function *c_function_named(c_file *file, tree_text name);

/** Whether the byte is left out by `#if 0`. */
bool c_is_dead(const c_file *file, uint32_t at);

/** The name of a call's function where it is called by name; else empty. */
tree_text c_called(const tree *t, tree_node call);

/** Whether the word registers a test with a framework (cmocka_unit_test, RUN_TEST, ...). */
bool c_is_registration(tree_text word);

/** The name of the test that a line defines or registers behind blanks and comment marks, or empty; out_word
 * is told what it does: "registration" or "definition". */
tree_text c_test_in_line(tree_text line, const char **out_word);

/** Fill in file->dead, and tell of the tests there. */
void c_dead_read(c_file *file);
void c_comments(c_file *file);
void c_skips(c_file *file);
void c_mocks(c_file *file);
void c_bodies(c_file *file);

#endif
