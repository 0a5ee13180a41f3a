#include "base/buf.h"
#include "scan/python/condense.h"
#include "scan/python/pack.h"
#include "scan/python/python.h"
#include "scan/python/syntax.h"

#include "cmocka_all.h"

#include <ftw.h>
#include <string.h>

/* --- what is left of a text --- */

static void assert_condensed(const char *source, const char *left)
{
    tree_text text = {source, strlen(source)};
    python_lines lines = {0};
    python_packed packed = {0};
    char *out = utr_calloc(1, text.len + 1);
    python_lines_read(text, &lines);
    python_condense(&lines, text, out);
    assert_int_equal(strlen(out), text.len);
    for (size_t i = 0; i < text.len; i++)
        assert_int_equal(out[i] == '\n', source[i] == '\n');
    python_pack((tree_text){out, text.len}, &lines, &packed);
    char *found = utr_strndup(packed.text.data, packed.text.len);
    assert_string_equal(found, left);
    free(found);
    free(out);
    python_packed_dispose(&packed);
    python_lines_dispose(&lines);
}

static void test_of_statements_that_hold_nothing_the_last_stays(void **state)
{
    (void)state;
    assert_condensed("a = 1\nb(c)\nd += f'{e}'\n", "x\n");
    assert_condensed("if a:\n    b = 1\n    c = 2\nd = 3\n", "if x:\n    x\nx\n");
    assert_condensed("a = [\n  1,\n  2,\n]\n", "(x\n)\n");
    assert_condensed("a\nb = \\\n\n'''\nc'''\n", "x\n'''\nc'''\n");
}

static void test_nothing_stays_in_front_of_what_fills_a_block(void **state)
{
    (void)state;
    assert_condensed("def f():\n    '''doc'''\n    print(a)\n    a = 1\n    print()\n    with b: pass\n",
                     "def f():\n    with b: pass\n");
    assert_condensed("def f():\n    '''doc'''\n    a = 1\n", "def f():\n    x\n");
    assert_condensed("def f():\n    '''doc'''\n    pass\n", "def f():\n    '''doc'''\n    pass\n");
    assert_condensed("def f():\n    print(1)\n    ...\n", "def f():\n    print(1)\n    ...\n");
    assert_condensed("def f():\n    a\n    return 1\n", "def f():\n    x\n    return 1\n");
    assert_condensed("def f():\n    a\n    return b(1)\n", "def f():\n    return x\n");
}

static void test_calls_that_matter_lose_their_arguments(void **state)
{
    (void)state;
    assert_condensed("self.assertEqual(a, b)\n", "assert x\n");
    assert_condensed("self.assertEqual(\n  a,\n  b)\n", "assert (x\n   )\n");
    assert_condensed("self.assertTrue(True)\n", "self.assertTrue(True)\n");
    assert_condensed("m.assert_called_with(a, ')')\n", "m.assert_called_with()\n");
    assert_condensed("self.verify(a(b), [c])\n", "self.verify()\n");
    assert_condensed("self.check_all(\n   a,\n)\n", "self.check_all(\n)\n");
    assert_condensed("Expect(a.b(c)).c()\n", "Expect(a.b(c)).c()\n");
    assert_condensed("expected = 1\nself.failed = 2\nprint(expected)\nassert a == (b)\n", "assert x\n");
}

static void test_heads_of_blocks_and_decorators_lose_what_they_are_given(void **state)
{
    (void)state;
    assert_condensed("with a(b), c(d) as e:\n    pass\n", "with x:\n    pass\n");
    assert_condensed("for a, b in c(d):\n    pass\n", "for x in x:\n    pass\n");
    assert_condensed("for a in b:\n    pass\n", "for x in x:\n    pass\n");
    assert_condensed("for  :\n    pass\n", "for  :\n    pass\n");
    assert_condensed("if :\n    pass\n", "if :\n    pass\n");
    assert_condensed("with a.raises(B, c=')') as d, patch(e):\n    f\n",
                     "with a.raises( ) as d, patch(e):\n    x\n");
    assert_condensed("with patch(\n        a,\n        \"\"\"b\n)\"\"\"):\n    c\n",
                     "with patch(\n    ):\n    x\n");
    assert_condensed("@a(b, c)\n@patch('d', (e), f='g')\ndef h(): pass\n",
                     "@a(    )\n@patch( )\ndef h(): pass\n");
    assert_condensed("@a.parametrize('b', [\n    1,\n])\nclass C: pass\n",
                     "@a.parametrize(\n )\nclass C: pass\n");
    assert_condensed("@a()\ndef b(): pass\n", "@a()\ndef b(): pass\n");
}

static void test_what_a_kind_looks_at_stays(void **state)
{
    (void)state;
    static const char *const KEPT[] = {
        "a = pytest.mark.skipif(b)\n",
        "self.assertEqual(a, self.skipTest('x'))\n",
        "a = __import__('b')\n",
        "pytestmark = a\n",
        "a = patch('b')\n",
        "a = check(1)\n",
        "a or self.fail('b')\n",
        "raise A(b)\n",
        "return {}\n",
        "assert (a, b)\n",
        "assert not a\n",
        "a; b\n",
        "@a.skipif(b, c)\ndef d(e=1): pass\n",
        "@a(b=pytest.mark.skip)\ndef d(): pass\n",
        "@a(b).c\ndef d(): pass\n",
        "@a[b](c)\ndef d(): pass\n",
        "import a, b as c\n",
        "with a(b): pass\n",
        "with a(b, patch('c')) as d:\n    pass\n",
        "with (a(\n      b)):\n    pass\n",
        "with suppress(A):\n    pass\n",
        "async with a(b):\n    pass\n",
        "try:\n    pass\nexcept (A, B):\n    c = log.debug(d)\n",
        "'doc'\n",
        "1\n",
        "if check(a):\n    pass\n",
        "if (a and\n        b):\n    pass\n",
        "for a in check(b):\n    pass\n",
        "for a in b: pass\n",
        "for a in (b,\n    c):\n    pass\n",
        "a(\n",
        "pytest.raises(A, b)\n",
        "match a:\n    case [1, b]:\n        pass\n",
    };
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        assert_condensed(KEPT[i], KEPT[i]);
    assert_condensed("from a import skip as b\nc = b('d')\n", "from a import skip as b\nc = b('d')\n");
    assert_condensed("a = 'skip'  # skip\n# skip\n", "x\n");
}

static void test_brackets_that_hang_further_left_than_their_block_become_one_line(void **state)
{
    (void)state;
    assert_condensed("if a:\n    (check.\nb)\n    c\n", "if x:\n    (check. b)\n    x\n");
    assert_condensed("if a:\n    check(b\n       , c)\n", "if x:\n    check(\n          )\n");
    assert_condensed("if a:\n    \"\"\"skip\nb\"\"\"; skip(\nc)\n",
                     "if x:\n    \"\"\"skip\nb\"\"\"; skip( c)\n");
    assert_condensed("if a:\n    skip. \\\n b\n", "if x:\n    skip. \\\n b\n");
}

/* --- findings are the same, condensed and whole --- */

typedef struct {
    tree_parser *parser;
    tree tree;
    scan_settings settings;
    utr_strs mocks;
    int files;
} reader;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All that is told of a file; but for a test's last line: without comments it can only be nearer. */
static char *read_all(reader *r, const char *path, tree_text text, bool whole)
{
    scan_file out = {0};
    auto_strs utr_strs rows = {0};
    const scan_source source = {path, text, &r->settings, &r->mocks, r->parser, &r->tree, false};
    python_read(&source, &out, whole);
    for (size_t i = 0; i < out.findings.count; i++) {
        const scan_finding *f = &out.findings.items[i];
        utr_strs_give(&rows,
                      utr_format("%s %s %d:%d+%d %s %d", scan_kind_text(f->kind), f->subkind, (int)f->line,
                                 (int)f->column, (int)f->length, f->symbol, f->conditional));
    }
    for (size_t i = 0; i < out.tests.count; i++) {
        const scan_test *t = &out.tests.items[i];
        utr_strs_give(&rows, utr_format("test %s %d %d %d%d%d", t->symbol, (int)t->line, (int)t->assertions,
                                        t->asserts, t->mocks, t->swallows));
    }
    if (rows.count)
        qsort(rows.items, rows.count, sizeof *rows.items, by_text);
    scan_file_dispose(&out);
    return utr_strs_join(&rows, "\n");
}

static void assert_same(reader *r, const char *path, tree_text text)
{
    auto_free char *condensed = read_all(r, path, text, false);
    auto_free char *whole = read_all(r, path, text, true);
    if (strcmp(condensed, whole) != 0)
        print_message("%s\n", path);
    assert_string_equal(condensed, whole);
    r->files++;
}

static reader *walker; /* nftw() passes nothing on */

static int look_at(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status, (void)where;
    size_t len = strlen(path);
    if (type != FTW_F || len < 3 || strcmp(path + len - 3, ".py") != 0 || strstr(path, "/build/"))
        return 0;
    FILE *file = fopen(path, "rb");
    auto_buf utr_buf text = {0};
    char chunk[65536];
    utr_error err = {0};
    assert_non_null(file);
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, file));)
        assert_int_equal(utr_buf_add(&text, chunk, got, &err), UTR_OK);
    (void)fclose(file);
    assert_same(walker, path, (tree_text){utr_buf_text(&text), text.len});
    return 0;
}

static reader *reader_new(void)
{
    reader *r = UTR_NEW(reader);
    python_syntax_prepare();
    r->parser = tree_parser_new();
    return r;
}

static void reader_free(reader *r)
{
    tree_parser_free(r->parser);
    tree_dispose(&r->tree);
    free(r);
}

static void test_findings_of_small_texts_are_the_same_condensed_and_whole(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "def test_a():\n    a = 1\n    b = 2\n",
        "def test_a():\n    '''x'''\n    print(1, 2)\n",
        "def test_a():\n    '''x'''\n    print(1)\n    a()\n",
        "class T:\n def test_a(self):\n  try:\n   self.assertIs(\n1)\n  except E:\n   log.info(1)\n",
        "def test_a():\n    try:\n        x = 1\n        assert x\n    except:\n        pass\n",
        "def test_a():\n    if x: pytest.skip('a')\n    y = z and pytest.skip('b')\n",
        "def test_a():\n    with mock.patch('a') as b, \\\n         patch('c'):\n        d = 1\n",
        "def test_a():\n    def test_b(): pass\n    x\n",
        "@patch('a', b, c(d))\n@e(f)\ndef test_a(g):\n    with patch('h', i) as j:\n        k()\n",
        "def test_a():\n    with suppress(Exception):\n        assert a\n",
        "def test_a():\n    with a(suppress(A)), contextlib.suppress(B, Exception):\n        assert a\n",
        "def test_a():\n    for a in b(c):\n        assert a\n        pytest.skip(d)\n",
        "def test_a():\n    with a(b), pytest.raises(C):\n        d()\n",
        "@a(b, lambda: c,\n   d=[e])\nclass TestA:\n    @f.skipIf(g, 'h')\n    def test_b(self): pass\n",
        "@pytest.fixture(params=[1,\n    2])\ndef test_a(): pass\n",
        "def test_a():\n    skip(         'a'   ,    b) ;           skip('                ')\n",
        "def close():\n    a = 1; import b\n    return importlib.import_module('x')\n",
        "def test_a():\n    return [\n    ]\n",
        "def test_a():\r\n    a = (\r\n   1)\r\n\r\n    return a\r\n",
        "def test_a(:\n    x = = 1\n    pytest.skip('x')\n",
        "def test_a():\n    x = 1 \\\n\n    pytest.skip('x')\n",
    };
    reader *r = reader_new();
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        assert_same(r, TEXTS[i], (tree_text){TEXTS[i], strlen(TEXTS[i])});
    reader_free(r);
}

static void test_findings_of_real_trees_are_the_same_condensed_and_whole(void **state)
{
    const char *const *folders = *(const char *const **)*state;
    walker = reader_new();
    for (size_t i = 0; folders[i]; i++)
        assert_int_equal(nftw(folders[i], look_at, 16, FTW_PHYS), 0);
    assert_true(walker->files > 20);
    reader_free(walker);
}

/* Folders to compare in may be given; else the Python of this repository. */
int main(int count, char **arguments)
{
    static const char *const OWN[] = {"../../../runner", "../../../fixtures", "../../../tests", NULL};
    const char *const *folders = count > 1 ? (const char *const *)(arguments + 1) : OWN;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_statements_that_hold_nothing_the_last_stays),
        cmocka_unit_test(test_nothing_stays_in_front_of_what_fills_a_block),
        cmocka_unit_test(test_calls_that_matter_lose_their_arguments),
        cmocka_unit_test(test_heads_of_blocks_and_decorators_lose_what_they_are_given),
        cmocka_unit_test(test_what_a_kind_looks_at_stays),
        cmocka_unit_test(test_brackets_that_hang_further_left_than_their_block_become_one_line),
        cmocka_unit_test(test_findings_of_small_texts_are_the_same_condensed_and_whole),
        cmocka_unit_test_prestate(test_findings_of_real_trees_are_the_same_condensed_and_whole,
                                  (void *)&folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
