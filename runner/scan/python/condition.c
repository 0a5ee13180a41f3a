#include "scan/python/condition.h"

#include "scan/python/syntax.h"

#include <ctype.h>

typedef enum { NO_LITERAL, FALSE_LITERAL, TRUE_LITERAL } literal;

static bool is_zero(tree_text number)
{
    bool based = number.len > 2 && number.data[0] == '0' && isalpha((unsigned char)number.data[1]);
    bool hex = based && tolower((unsigned char)number.data[1]) == 'x';
    for (size_t i = based ? 2 : 0; i < number.len; i++) {
        int c = tolower((unsigned char)number.data[i]);
        if ((c >= '1' && c <= '9') || (hex && c >= 'a' && c <= 'f'))
            return false;
        if (c == 'e')
            return true;
    }
    return true;
}

/* What is meant by parentheses and signs. */
static tree_node bare(const tree *t, tree_node n)
{
    for (tree_node inner = n; inner; n = inner ? inner : n) {
        inner = 0;
        if (tree_symbol(t, n) == PY(parenthesized_expression))
            inner = tree_first_named(t, n);
        else if (tree_symbol(t, n) == PY(unary_operator) && !tree_is(t, tree_first(t, n), "~"))
            inner = tree_child(t, n, PY_FIELD(argument));
    }
    return n;
}

/* Strings are none: pytest evaluates them, and unittest is given a reason by mistake. */
static literal literal_of(const tree *t, tree_node expression)
{
    tree_node n = bare(t, expression);
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == PY(true) || symbol == PY(ellipsis))
        return TRUE_LITERAL;
    if (symbol == PY(false) || symbol == PY(none))
        return FALSE_LITERAL;
    if (symbol == PY(integer) || symbol == PY(float))
        return is_zero(tree_text_of(t, n)) ? FALSE_LITERAL : TRUE_LITERAL;
    return NO_LITERAL;
}

/* The argument that is the condition, or may hold it; 0: none. */
static tree_node condition_of(const tree *t, tree_node arguments)
{
    if (!arguments || tree_symbol(t, arguments) != PY(argument_list))
        return arguments;
    tree_node unpacked = 0;
    for (tree_node i = tree_first_named(t, arguments); i; i = tree_next_named(t, i)) {
        TSSymbol symbol = tree_symbol(t, i);
        tree_node name = symbol == PY(keyword_argument) ? tree_child(t, i, PY_FIELD(name)) : 0;
        if (name && tree_is(t, name, "condition"))
            return tree_child(t, i, PY_FIELD(value));
        if (symbol == PY(dictionary_splat))
            unpacked = i;
        else if (!name && symbol != PY(line_continuation))
            return i;
    }
    return unpacked;
}

bool python_is_conditional(const tree *t, python_mark_rule rule, tree_node arguments)
{
    tree_node condition = rule == PYTHON_ALWAYS ? 0 : condition_of(t, arguments);
    if (!condition)
        return false;
    literal decides = rule == PYTHON_WHERE_TRUE    ? TRUE_LITERAL
                      : rule == PYTHON_WHERE_FALSE ? FALSE_LITERAL
                                                   : NO_LITERAL;
    return decides == NO_LITERAL || literal_of(t, condition) != decides;
}
