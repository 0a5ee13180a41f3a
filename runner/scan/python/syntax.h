/** The Python grammar's symbols and fields as numbers. Used inside scan/python only. */
#ifndef UTR_SCAN_PYTHON_SYNTAX_H
#define UTR_SCAN_PYTHON_SYNTAX_H

#include <tree_sitter/api.h>

/** Every named symbol that somebody asks for: X(name). */
#define PYTHON_SYMBOLS(X)                                                                                    \
    X(aliased_import)                                                                                        \
    X(argument_list)                                                                                         \
    X(as_pattern)                                                                                            \
    X(assert_statement)                                                                                      \
    X(assignment)                                                                                            \
    X(attribute)                                                                                             \
    X(augmented_assignment)                                                                                  \
    X(await)                                                                                                 \
    X(binary_operator)                                                                                       \
    X(block)                                                                                                 \
    X(boolean_operator)                                                                                      \
    X(break_statement)                                                                                       \
    X(call)                                                                                                  \
    X(case_clause)                                                                                           \
    X(class_definition)                                                                                      \
    X(comment)                                                                                               \
    X(concatenated_string)                                                                                   \
    X(conditional_expression)                                                                                \
    X(continue_statement)                                                                                    \
    X(decorated_definition)                                                                                  \
    X(decorator)                                                                                             \
    X(default_parameter)                                                                                     \
    X(dictionary)                                                                                            \
    X(dictionary_comprehension)                                                                              \
    X(dictionary_splat)                                                                                      \
    X(dotted_name)                                                                                           \
    X(elif_clause)                                                                                           \
    X(ellipsis)                                                                                              \
    X(else_clause)                                                                                           \
    X(escape_interpolation)                                                                                  \
    X(escape_sequence)                                                                                       \
    X(except_clause)                                                                                         \
    X(except_group_clause)                                                                                   \
    X(expression_list)                                                                                       \
    X(expression_statement)                                                                                  \
    X(false)                                                                                                 \
    X(finally_clause)                                                                                        \
    X(float)                                                                                                 \
    X(for_statement)                                                                                         \
    X(function_definition)                                                                                   \
    X(future_import_statement)                                                                               \
    X(generator_expression)                                                                                  \
    X(identifier)                                                                                            \
    X(if_statement)                                                                                          \
    X(import_from_statement)                                                                                 \
    X(import_prefix)                                                                                         \
    X(import_statement)                                                                                      \
    X(integer)                                                                                               \
    X(interpolation)                                                                                         \
    X(keyword_argument)                                                                                      \
    X(lambda)                                                                                                \
    X(line_continuation)                                                                                     \
    X(list)                                                                                                  \
    X(list_comprehension)                                                                                    \
    X(list_splat)                                                                                            \
    X(match_statement)                                                                                       \
    X(module)                                                                                                \
    X(none)                                                                                                  \
    X(pair)                                                                                                  \
    X(parameters)                                                                                            \
    X(parenthesized_expression)                                                                              \
    X(pass_statement)                                                                                        \
    X(print_statement)                                                                                       \
    X(raise_statement)                                                                                       \
    X(relative_import)                                                                                       \
    X(return_statement)                                                                                      \
    X(set)                                                                                                   \
    X(set_comprehension)                                                                                     \
    X(string)                                                                                                \
    X(string_content)                                                                                        \
    X(string_end)                                                                                            \
    X(string_start)                                                                                          \
    X(subscript)                                                                                             \
    X(true)                                                                                                  \
    X(try_statement)                                                                                         \
    X(tuple)                                                                                                 \
    X(typed_default_parameter)                                                                               \
    X(typed_parameter)                                                                                       \
    X(unary_operator)                                                                                        \
    X(while_statement)                                                                                       \
    X(wildcard_import)                                                                                       \
    X(with_item)                                                                                             \
    X(with_statement)

/** Every field: X(name). */
#define PYTHON_FIELDS(X)                                                                                     \
    X(alias)                                                                                                 \
    X(alternative)                                                                                           \
    X(argument)                                                                                              \
    X(arguments)                                                                                             \
    X(attribute)                                                                                             \
    X(body)                                                                                                  \
    X(condition)                                                                                             \
    X(definition)                                                                                            \
    X(function)                                                                                              \
    X(left)                                                                                                  \
    X(module_name)                                                                                           \
    X(name)                                                                                                  \
    X(object)                                                                                                \
    X(operator)                                                                                              \
    X(parameters)                                                                                            \
    X(right)                                                                                                 \
    X(superclasses)                                                                                          \
    X(value)

/* PY(call): the symbol. PY_FIELD(arguments): the field. */
#define PY(name)       python_symbols.name##_
#define PY_FIELD(name) python_fields.name##_

typedef struct {
#define PYTHON_SYMBOL_MEMBER(name) TSSymbol name##_;
    PYTHON_SYMBOLS(PYTHON_SYMBOL_MEMBER)
#undef PYTHON_SYMBOL_MEMBER
} python_symbol_table;

typedef struct {
#define PYTHON_FIELD_MEMBER(name) TSFieldId name##_;
    PYTHON_FIELDS(PYTHON_FIELD_MEMBER)
#undef PYTHON_FIELD_MEMBER
} python_field_table;

/** Filled by python_syntax_prepare(), only read afterwards. */
extern python_symbol_table python_symbols;
extern python_field_table python_fields;

/** Called once by the language's prepare(), before all else. */
void python_syntax_prepare(void);

#endif
