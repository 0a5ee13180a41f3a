#include "scan/python/expression.h"

#include "scan/python/syntax.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

tree_node python_bare(const tree *t, tree_node n)
{
    while (n && tree_symbol(t, n) == PY(parenthesized_expression))
        n = tree_first_named(t, n);
    return n;
}

tree_text python_last_name(const tree *t, tree_node n)
{
    n = python_bare(t, n);
    if (n && tree_symbol(t, n) == PY(call))
        n = python_bare(t, tree_child(t, n, PY_FIELD(function)));
    if (n && tree_symbol(t, n) == PY(subscript))
        n = python_bare(t, tree_child(t, n, PY_FIELD(value)));
    if (n && tree_symbol(t, n) == PY(attribute))
        n = tree_child(t, n, PY_FIELD(attribute));
    return n && tree_symbol(t, n) == PY(identifier) ? tree_text_of(t, n) : (tree_text){"", 0};
}

bool python_says_check(tree_text name)
{
    return tree_text_mentions(name, "assert") || tree_text_mentions(name, "verify") ||
           tree_text_mentions(name, "check") || tree_text_mentions(name, "expect");
}

bool python_is_own_fail(const tree *t, tree_node call)
{
    tree_node function = python_bare(t, tree_child(t, call, PY_FIELD(function)));
    if (!function || tree_symbol(t, function) != PY(attribute))
        return false;
    tree_node receiver = tree_child(t, function, PY_FIELD(object));
    tree_node name = tree_child(t, function, PY_FIELD(attribute));
    return name && receiver && tree_is(t, name, "fail") &&
           (tree_is(t, receiver, "self") || tree_is(t, receiver, "cls"));
}

/* `1 + 2j`, the one sum that is a literal. */
static bool is_complex(const tree *t, tree_node sum)
{
    tree_node left = tree_child(t, sum, PY_FIELD(left)), right = tree_child(t, sum, PY_FIELD(right));
    tree_node sign = tree_child(t, sum, PY_FIELD(operator));
    tree_text number = right ? tree_text_of(t, right) : (tree_text){"", 0};
    return left && number.len && (number.data[number.len - 1] | 0x20) == 'j' && sign &&
           (tree_is(t, sign, "+") || tree_is(t, sign, "-"));
}

/* Whether a node may be part of a literal, what is below it aside. */
static bool fits_literal(const tree *t, tree_node n)
{
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == PY(unary_operator))
        return t->text[t->nodes[n].start] != '~';
    if (symbol == PY(binary_operator))
        return is_complex(t, n);
    return symbol == PY(string) || symbol == PY(string_start) || symbol == PY(string_content) ||
           symbol == PY(string_end) || symbol == PY(escape_sequence) || symbol == PY(escape_interpolation) ||
           symbol == PY(concatenated_string) || symbol == PY(integer) || symbol == PY(float) ||
           symbol == PY(true) || symbol == PY(false) || symbol == PY(none) || symbol == PY(ellipsis) ||
           symbol == PY(tuple) || symbol == PY(list) || symbol == PY(set) || symbol == PY(dictionary) ||
           symbol == PY(pair) || symbol == PY(expression_list) || symbol == PY(parenthesized_expression) ||
           symbol == PY(comment) || symbol == PY(line_continuation);
}

/* Whether a string's prefix makes it a template: its contents may be blanked, and then show no braces. */
static bool is_formatted(const tree *t, tree_node string_start)
{
    tree_text text = tree_text_of(t, string_start);
    return tree_text_mentions(text, "f") || tree_text_mentions(text, "t");
}

bool python_is_literal(const tree *t, tree_node n)
{
    if (!n)
        return false;
    for (tree_node i = n; i < t->nodes[n].after; i++) {
        if (t->nodes[i].wrong || (t->nodes[i].named && !fits_literal(t, i)))
            return false;
        if (tree_symbol(t, i) == PY(string_start) && is_formatted(t, i))
            return false;
    }
    return true;
}

static bool is_number_true(tree_text text)
{
    bool is_hex = text.len > 1 && tolower((unsigned char)text.data[1]) == 'x';
    for (size_t i = is_hex ? 2 : 0; i < text.len; i++) {
        char c = text.data[i];
        if ((c >= '1' && c <= '9') || (is_hex && isxdigit((unsigned char)c) && c != '0'))
            return true;
        if (!is_hex && (c == 'e' || c == 'E'))
            return false;
    }
    return false;
}

/* Whether a string, or one of several in a row, holds something. */
static bool is_string_true(const tree *t, tree_node n)
{
    uint32_t held = 0;
    for (tree_node i = n; i < t->nodes[n].after; i++) {
        uint32_t len = t->nodes[i].end - t->nodes[i].start;
        if (tree_symbol(t, i) == PY(string))
            held += len;
        else if (tree_symbol(t, i) == PY(string_start) || tree_symbol(t, i) == PY(string_end))
            held -= len;
    }
    return held > 0;
}

bool python_is_true(const tree *t, tree_node n)
{
    if (!python_is_literal(t, n))
        return false;
    n = python_bare(t, n);
    while (n && tree_symbol(t, n) == PY(unary_operator))
        n = python_bare(t, tree_child(t, n, PY_FIELD(argument)));
    if (!n)
        return false;
    TSSymbol symbol = tree_symbol(t, n);
    if (symbol == PY(none) || symbol == PY(false))
        return false;
    if (symbol == PY(integer) || symbol == PY(float))
        return is_number_true(tree_text_of(t, n));
    if (symbol == PY(string) || symbol == PY(concatenated_string))
        return is_string_true(t, n);
    return symbol == PY(true) || symbol == PY(ellipsis) || tree_first_named(t, n); /* what holds something */
}

bool python_is_constant(const tree *t, tree_node n)
{
    n = python_bare(t, n);
    if (!n || !python_is_literal(t, n))
        return false;
    TSSymbol symbol = tree_symbol(t, n);
    return symbol == PY(string) || symbol == PY(concatenated_string) || symbol == PY(integer) ||
           symbol == PY(float) || symbol == PY(none) || symbol == PY(true) || symbol == PY(false) ||
           symbol == PY(ellipsis);
}

/* From a child on: the first that counts as a statement. */
static tree_node statement_from(const tree *t, tree_node child)
{
    while (child && !t->nodes[child].wrong &&
           (!t->nodes[child].named || tree_symbol(t, child) == PY(comment) ||
            tree_symbol(t, child) == PY(line_continuation)))
        child = tree_next(t, child);
    return child;
}

tree_node python_first_statement(const tree *t, tree_node block)
{
    return statement_from(t, tree_first(t, block));
}

tree_node python_next_statement(const tree *t, tree_node statement)
{
    return statement_from(t, tree_next(t, statement));
}

tree_node python_only_expression(const tree *t, tree_node statement)
{
    if (tree_symbol(t, statement) != PY(expression_statement))
        return 0;
    tree_node expression = tree_first_named(t, statement);
    return expression && !tree_next_named(t, expression) ? python_bare(t, expression) : 0;
}
