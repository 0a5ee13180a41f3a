#include "scan/tree.h"

#include "../base/cmocka_all.h"

#include "base/buf.h"
#include "base/memory.h"
#include "scan/grammars/grammars.h"

#include <string.h>

typedef struct {
    tree_parser *parser;
    tree tree;
} fixture;

static int setup(void **state)
{
    fixture *f = UTR_NEW(fixture);
    f->parser = tree_parser_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    tree_parser_free(f->parser);
    tree_dispose(&f->tree);
    free(f);
    return 0;
}

static const tree *parse(fixture *f, const char *text, size_t len)
{
    utr_error err = {0};
    assert_int_equal(tree_parse(f->parser, tree_sitter_python(), (tree_text){text, len}, &f->tree, &err),
                     UTR_OK);
    return &f->tree;
}

/* What the header promises of every tree: subtrees are ranges, and children lie in their parents. */
static void assert_whole(const tree *t)
{
    assert_true(t->count > 0);
    assert_int_equal(t->nodes[0].after, t->count);
    for (tree_node n = 1; n < t->count; n++) {
        const tree_item *item = &t->nodes[n], *parent = &t->nodes[item->parent];
        assert_true(item->parent < n && item->after > n && item->after <= parent->after);
        assert_true(item->start <= item->end && item->end <= t->len);
        assert_true(item->start >= parent->start && item->end <= parent->end);
        assert_true(item->line >= parent->line);
    }
}

static void test_tree_is_flat_and_whole(void **state)
{
    static const char TEXT[] = "def f(a):\n    # x\n    return a + 1\n";
    const tree *t = parse(*state, TEXT, strlen(TEXT));
    assert_whole(t);
    assert_false(t->broken);
    tree_node def = tree_first(t, 0);
    assert_int_equal(tree_symbol(t, def), tree_symbol_named(tree_sitter_python(), "function_definition"));
    assert_int_equal(tree_next(t, def), 0);
    tree_node name = tree_child(t, def, tree_field_named(tree_sitter_python(), "name"));
    assert_true(tree_is(t, name, "f"));
    tree_node body = tree_child(t, def, tree_field_named(tree_sitter_python(), "body"));
    assert_true(tree_holds(t, def, body));
    assert_false(tree_holds(t, name, body));
    assert_int_equal(t->nodes[body].line, 3);
}

static void test_tree_of_nothing_has_a_root(void **state)
{
    const tree *t = parse(*state, "", 0);
    assert_whole(t);
    assert_int_equal(t->count, 1);
    assert_int_equal(tree_first(t, 0), 0);
    assert_int_equal(tree_next(t, 0), 0);
    assert_int_equal(tree_first_named(t, 0), 0);
    assert_int_equal(tree_child(t, 0, 1), 0);
}

static void test_tree_passes_over_comments_and_errors_where_named_ones_are_asked_for(void **state)
{
    const tree *t = parse(*state, "[1, # x\n 2]\n", 12);
    tree_node list = tree_first(t, tree_first(t, 0));
    tree_node first = tree_first_named(t, list), second = tree_next_named(t, first);
    assert_true(tree_is(t, first, "1"));
    assert_true(tree_is(t, second, "2"));
    assert_int_equal(tree_next_named(t, second), 0);
}

static void test_tree_says_where_the_syntax_is_wrong(void **state)
{
    const tree *t = parse(*state, "x = 1\ndef (:\ny = 2\n", 19);
    bool wrong = false;
    assert_whole(t);
    assert_true(t->broken);
    for (tree_node n = 0; n < t->count; n++)
        wrong = wrong || t->nodes[n].wrong;
    assert_true(wrong);
}

static void test_tree_of_deep_nesting_needs_no_stack(void **state)
{
    enum { DEEP = 100000 };
    static const char BRACKETS[] = "([{";
    for (const char *open = BRACKETS; *open; open++) {
        auto_free char *text = utr_calloc(2 * DEEP + 1, 1);
        (void)memset(text, *open, DEEP);
        assert_whole(parse(*state, text, DEEP)); /* never closed */
        (void)memset(text + DEEP, *open == '(' ? ')' : *open == '[' ? ']' : '}', DEEP);
        assert_whole(parse(*state, text, 2UL * DEEP));
    }
}

/* Over 65535 of them corrupted the memory of tree-sitter before 0.20.8. */
static void test_tree_of_many_siblings_is_whole(void **state)
{
    enum { MANY = 70000 };
    auto_free char *text = utr_calloc(4 * MANY + 1, 1);
    for (size_t i = 0; i < MANY; i++)
        (void)memcpy(text + 4 * i, "# c\n", 4);
    const tree *t = parse(*state, text, 4UL * MANY);
    assert_whole(t);
    assert_int_equal(t->count, MANY + 1);
}

static void test_tree_of_deep_blocks_needs_no_stack(void **state)
{
    auto_buf utr_buf text = {0};
    for (int i = 0; i < 2000; i++)
        utr_buf_print(&text, "%*sif x:\n", i, "");
    utr_buf_print(&text, "%*spass\n", 2000, "");
    assert_whole(parse(*state, text.data, text.len));
}

static void test_tree_reads_any_bytes(void **state)
{
    static const char TEXT[] = "\xFF\xFE\x00\x01 def \xC3( f\xFCr '\xE2\x82\n\r\r\n\t\x7F@";
    for (size_t len = 0; len < sizeof TEXT; len++)
        assert_whole(parse(*state, TEXT, len));
}

static void test_tree_with_too_many_nodes_is_refused_and_the_next_is_not(void **state)
{
    fixture *f = *state;
    enum { MANY = 5 << 20 };
    auto_free char *text = utr_calloc(MANY + 1, 1);
    for (size_t i = 0; i < MANY; i += 2)
        (void)memcpy(text + i, "x\n", 2);
    utr_error err = {0};
    utr_code code = tree_parse(f->parser, tree_sitter_python(), (tree_text){text, MANY}, &f->tree, &err);
    assert_true(code == UTR_TOO_LARGE || code == UTR_TIMEOUT); /* a slow machine needs longer than it may */
    assert_int_equal(f->tree.count, 0);
    assert_whole(parse(f, "x\n", 2));
    assert_false(f->tree.broken);
}

int main(void)
{
#define TREE(name) cmocka_unit_test_setup_teardown(test_tree_##name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TREE(is_flat_and_whole),
        TREE(of_nothing_has_a_root),
        TREE(passes_over_comments_and_errors_where_named_ones_are_asked_for),
        TREE(says_where_the_syntax_is_wrong),
        TREE(of_deep_nesting_needs_no_stack),
        TREE(of_many_siblings_is_whole),
        TREE(of_deep_blocks_needs_no_stack),
        TREE(reads_any_bytes),
        TREE(with_too_many_nodes_is_refused_and_the_next_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
