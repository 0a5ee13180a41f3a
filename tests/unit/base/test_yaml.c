#include "base/yaml.h"

#include "base/buf.h"
#include "base/files.h"
#include "cmocka_all.h"

static const char *const PATH = "some/file.yaml";

static utr_yaml_doc *parse(const char *text)
{
    auto_faults utr_faults faults = {0};
    utr_yaml_doc *doc = NULL;
    utr_code code = utr_yaml_parse(PATH, text, strlen(text), &doc, &faults);
    if (code)
        print_error("%s\n", faults.texts.items[0]);
    assert_int_equal(code, UTR_OK);
    assert_int_equal(faults.texts.count, 0);
    return doc;
}

/* The text must be refused with count faults, the first of which is wanted. */
static void refuse_len(const char *text, size_t len, size_t count, const char *wanted)
{
    auto_faults utr_faults faults = {0};
    utr_yaml_doc *doc = NULL;
    assert_int_equal(utr_yaml_parse(PATH, text, len, &doc, &faults), UTR_CONFIG);
    assert_null(doc);
    assert_int_equal(faults.texts.count, count);
    if (!strstr(faults.texts.items[0], wanted))
        assert_string_equal(faults.texts.items[0], wanted);
}

static void refuse(const char *text, const char *wanted)
{
    refuse_len(text, strlen(text), 1, wanted);
}

static const char *text_at(const utr_yaml_doc *doc, const char *outer, const char *inner)
{
    const utr_yaml *node = utr_yaml_get(utr_yaml_root(doc), outer);
    node = inner ? utr_yaml_get(node, inner) : node;
    return node ? node->text : NULL;
}

static void test_yaml_nodes_know_their_kind_and_place(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("a: 1\nb:\n  - x\n  - 'y'\nc:\n");
    const utr_yaml *root = utr_yaml_root(doc);
    assert_int_equal(root->kind, UTR_YAML_MAPPING);
    assert_int_equal(root->count, 3);
    const utr_yaml *list = utr_yaml_get(root, "b");
    assert_int_equal(list->kind, UTR_YAML_SEQUENCE);
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[1]->text, "y");
    assert_true(list->items[0]->plain);
    assert_false(list->items[1]->plain);
    assert_int_equal(list->items[1]->place.line, 4);
    assert_int_equal(list->items[1]->place.column, 5);
    assert_ptr_equal(list->items[1]->place.path, PATH);
    assert_int_equal(root->pairs[1].place.line, 2);
    assert_int_equal(utr_yaml_get(root, "c")->kind, UTR_YAML_NULL);
    assert_null(utr_yaml_get(root, "c")->text);
    assert_null(utr_yaml_get(list, "b"));
    assert_null(utr_yaml_get(NULL, "b"));
}

static void test_yaml_an_empty_file_has_a_null_root(void **state)
{
    (void)state;
    const char *const EMPTY[] = {"", "# only a comment\n", "---\n", "~"};
    for (size_t i = 0; i < sizeof EMPTY / sizeof *EMPTY; i++) {
        auto_yaml utr_yaml_doc *doc = parse(EMPTY[i]);
        assert_int_equal(utr_yaml_root(doc)->kind, UTR_YAML_NULL);
        assert_ptr_equal(utr_yaml_root(doc)->place.path, PATH);
    }
}

static void test_yaml_null_is_only_null_when_plain_and_untagged(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("[null, ~, Null, 'null', \"\", !!str null]");
    const utr_yaml *root = utr_yaml_root(doc);
    for (size_t i = 0; i < root->count; i++)
        assert_int_equal(root->items[i]->kind, i < 3 ? UTR_YAML_NULL : UTR_YAML_SCALAR);
}

static void test_yaml_a_null_word_can_be_a_key(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("null: a\n");
    assert_string_equal(text_at(doc, "null", NULL), "a");
}

static void test_yaml_an_alias_is_the_same_node_again(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("a: &x {k: v}\nb: *x\n");
    const utr_yaml *root = utr_yaml_root(doc);
    assert_ptr_equal(utr_yaml_get(root, "a"), utr_yaml_get(root, "b"));
}

static void test_yaml_an_anchor_given_again_counts_from_there(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("[&x 1, *x, &x 2, *x]");
    assert_string_equal(utr_yaml_root(doc)->items[1]->text, "1");
    assert_string_equal(utr_yaml_root(doc)->items[3]->text, "2");
}

static void test_yaml_merge_keys_yield_to_own_and_to_earlier_ones(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("one: &one {a: 1, b: 1, c: 1}\n"
                                        "two: &two {c: 2, d: 2}\n"
                                        "all:\n"
                                        "  <<: [*one, *two]\n"
                                        "  b: own\n"
                                        "single: {<<: *two}\n");
    assert_string_equal(text_at(doc, "all", "a"), "1");
    assert_string_equal(text_at(doc, "all", "b"), "own");
    assert_string_equal(text_at(doc, "all", "c"), "1");
    assert_string_equal(text_at(doc, "all", "d"), "2");
    assert_null(text_at(doc, "all", "<<"));
    assert_int_equal(utr_yaml_get(utr_yaml_root(doc), "all")->count, 4);
    assert_string_equal(text_at(doc, "single", "d"), "2");
}

static void test_yaml_a_quoted_merge_key_is_a_key(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("'<<': x\n");
    assert_string_equal(text_at(doc, "<<", NULL), "x");
}

static void test_yaml_keeps_explicit_tags(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc = parse("a: !reset []\nb: !override x\nc: plain\n");
    assert_string_equal(utr_yaml_get(utr_yaml_root(doc), "a")->tag, "!reset");
    assert_string_equal(utr_yaml_get(utr_yaml_root(doc), "b")->tag, "!override");
    assert_null(utr_yaml_get(utr_yaml_root(doc), "c")->tag);
}

static void test_yaml_refuses_what_is_no_yaml_and_says_where(void **state)
{
    (void)state;
    refuse("a: 1\nb: [1, 2\nc: 3\n", "some/file.yaml:3:2: not YAML: ");
    refuse("a: *nowhere\n", "some/file.yaml:1:4: no anchor '&nowhere' before this alias");
    refuse("a: 1\nb: \xff\n", "some/file.yaml:2:4: not YAML: ");
    refuse("a: \"x\\0y\"\n", "some/file.yaml:1:4: a NUL byte");
    refuse("a: 1\n---\nb: 2\n", "some/file.yaml:2:1: a second document");
    refuse("? [a]\n: 1\n", "some/file.yaml:1:3: a list as a key");
    refuse("a: {<<: 5}\n", "some/file.yaml:1:9: '<<' merges a scalar");
}

static void test_yaml_reports_every_duplicate_key(void **state)
{
    (void)state;
    const char *text = "a: 1\nb: {x: 1, x: 2}\na: 2\n'a': 3\n";
    refuse_len(text, strlen(text), 3, "some/file.yaml:2:11: duplicate key 'x'; it stands at line 2 already");
    refuse("x: &x {}\ny: {<<: *x, <<: *x}\n", "duplicate key '<<'");
}

static void test_yaml_refuses_a_cycle(void **state)
{
    (void)state;
    refuse("a: &x\n  b: *x\n", "some/file.yaml:2:6: alias '*x' stands within its own anchor");
    refuse("&x [1, [*x]]", "alias '*x' stands within its own anchor");
    refuse("a: &x {<<: *x}", "alias '*x' stands within its own anchor");
}

static void nest(utr_buf *text, int levels)
{
    for (int i = 0; i < levels; i++)
        utr_buf_puts(text, "[");
    for (int i = 0; i < levels; i++)
        utr_buf_puts(text, "]");
}

static void test_yaml_refuses_nesting_over_64_levels(void **state)
{
    (void)state;
    auto_buf utr_buf deepest = UTR_BUF_INIT(0);
    nest(&deepest, 64);
    auto_yaml utr_yaml_doc *doc = parse(utr_buf_text(&deepest));
    auto_buf utr_buf deeper = UTR_BUF_INIT(0);
    nest(&deeper, 65);
    refuse(utr_buf_text(&deeper), "nested over 64 levels");
}

static void test_yaml_refuses_aliases_that_nest_over_64_levels(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_buf_puts(&text, "a: &a ");
    nest(&text, 40);
    utr_buf_puts(&text, "\nb: &b [[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]\n");
    refuse(utr_buf_text(&text), "some/file.yaml:2:31: nested over 64 levels");
}

static void test_yaml_refuses_a_billion_laughs(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_buf_puts(&text, "- &a0 [l, l, l, l, l, l, l, l, l, l]\n");
    for (int i = 1; i < 9; i++) {
        utr_buf_print(&text, "- &a%d [", i);
        for (int j = 0; j < 10; j++)
            utr_buf_print(&text, "*a%d, ", i - 1);
        utr_buf_puts(&text, "]\n");
    }
    refuse(utr_buf_text(&text), "more than 100000 nodes");
}

static void test_yaml_refuses_merges_that_multiply(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_buf_puts(&text, "m0: &m0 {");
    for (int i = 0; i < 1000; i++)
        utr_buf_print(&text, "k%d: v, ", i);
    utr_buf_puts(&text, "}\n");
    for (int i = 1; i < 200; i++)
        utr_buf_print(&text, "m%d: &m%d {<<: *m%d}\n", i, i, i - 1);
    refuse(utr_buf_text(&text), "more than 100000 nodes");
}

static void test_yaml_refuses_aliases_that_multiply_a_long_text(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(0);
    utr_buf_puts(&text, "- &x ");
    for (int i = 0; i < 100000; i++)
        utr_buf_puts(&text, "x");
    utr_buf_puts(&text, "\n- [");
    for (int i = 0; i < 100; i++)
        utr_buf_puts(&text, "*x,");
    utr_buf_puts(&text, "]\n");
    refuse(utr_buf_text(&text), "more than 100000 nodes");
}

static void test_yaml_refuses_a_text_over_1_mib(void **state)
{
    (void)state;
    size_t len = ((size_t)1 << 20) + 1;
    auto_free char *text = utr_calloc(len, 1);
    (void)memset(text, '#', len);
    refuse_len(text, len, 1, "some/file.yaml: more than 1048576 bytes");
    auto_faults utr_faults faults = {0};
    auto_yaml utr_yaml_doc *doc = NULL;
    assert_int_equal(utr_yaml_parse(PATH, text, len - 1, &doc, &faults), UTR_OK);
}

static void test_yaml_a_prefix_of_a_file_never_harms(void **state)
{
    (void)state;
    static const char TEXT[] =
        "a: &x\n  - 'q'\n  - \"d\\n\"\nb: {<<: {k: v}, c: *x}\nd: |\n  text\n? k\n: !t v\n";
    for (size_t len = 0; len < sizeof TEXT; len++) {
        auto_faults utr_faults faults = {0};
        auto_yaml utr_yaml_doc *doc = NULL;
        utr_code code = utr_yaml_parse(PATH, TEXT, len, &doc, &faults);
        assert_int_equal(code == UTR_OK, doc != NULL);
        assert_int_equal(code == UTR_OK, faults.texts.count == 0);
    }
}

static void test_yaml_booleans_are_those_of_yaml_1_2(void **state)
{
    (void)state;
    auto_yaml utr_yaml_doc *doc =
        parse("[true, True, TRUE, false, False, FALSE, yes, no, on, off, 'true', tRue, 1, ~, []]");
    const utr_yaml *root = utr_yaml_root(doc);
    for (size_t i = 0; i < root->count; i++) {
        bool value = i >= 3;
        assert_int_equal(utr_yaml_bool(root->items[i], &value), i < 6);
        assert_int_equal(value, i < 3 || i >= 6);
    }
}

static void test_yaml_load_says_that_a_file_is_missing_or_faulty(void **state)
{
    (void)state;
    auto_faults utr_faults faults = {0};
    auto_yaml utr_yaml_doc *doc = NULL;
    utr_error err = {0};
    assert_int_equal(utr_yaml_load("no/such.yaml", &doc, &faults, &err), UTR_SYS);
    assert_non_null(strstr(err.text, "no/such.yaml"));
    utr_error_reset(&err);
    char path[] = "/tmp/utr-test-yaml-XXXXXX";
    auto_close int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: [", 4), 4);
    assert_int_equal(utr_yaml_load(path, &doc, &faults, &err), UTR_CONFIG);
    assert_int_equal(err.code, UTR_CONFIG);
    assert_int_equal(faults.texts.count, 1);
    assert_int_equal(write(fd, "b]", 2), 2);
    utr_error_reset(&err);
    assert_int_equal(utr_yaml_load(path, &doc, &faults, &err), UTR_OK);
    assert_string_equal(utr_yaml_get(utr_yaml_root(doc), "a")->items[0]->text, "b");
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_nodes_know_their_kind_and_place),
        cmocka_unit_test(test_yaml_an_empty_file_has_a_null_root),
        cmocka_unit_test(test_yaml_null_is_only_null_when_plain_and_untagged),
        cmocka_unit_test(test_yaml_a_null_word_can_be_a_key),
        cmocka_unit_test(test_yaml_an_alias_is_the_same_node_again),
        cmocka_unit_test(test_yaml_an_anchor_given_again_counts_from_there),
        cmocka_unit_test(test_yaml_merge_keys_yield_to_own_and_to_earlier_ones),
        cmocka_unit_test(test_yaml_a_quoted_merge_key_is_a_key),
        cmocka_unit_test(test_yaml_keeps_explicit_tags),
        cmocka_unit_test(test_yaml_refuses_what_is_no_yaml_and_says_where),
        cmocka_unit_test(test_yaml_reports_every_duplicate_key),
        cmocka_unit_test(test_yaml_refuses_a_cycle),
        cmocka_unit_test(test_yaml_refuses_nesting_over_64_levels),
        cmocka_unit_test(test_yaml_refuses_aliases_that_nest_over_64_levels),
        cmocka_unit_test(test_yaml_refuses_a_billion_laughs),
        cmocka_unit_test(test_yaml_refuses_merges_that_multiply),
        cmocka_unit_test(test_yaml_refuses_aliases_that_multiply_a_long_text),
        cmocka_unit_test(test_yaml_refuses_a_text_over_1_mib),
        cmocka_unit_test(test_yaml_a_prefix_of_a_file_never_harms),
        cmocka_unit_test(test_yaml_booleans_are_those_of_yaml_1_2),
        cmocka_unit_test(test_yaml_load_says_that_a_file_is_missing_or_faulty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
