#include "findings.h"

static void assert_js(const char *text, const char *rows)
{
    assert_findings("test/x.test.js", text, rows);
}

#define CHECK "() => { expect(f()).toBe(1); }"

static void test_js_tests_that_are_skipped_are_told_with_their_titles(void **state)
{
    (void)state;
    assert_js("describe('cart', () => {\n  it.skip('adds', " CHECK ");\n  xit(\"counts\", " CHECK ");\n});\n",
              "skip call/it.skip/uncond 2 cart > adds\nskip call/xit/uncond 3 cart > counts\n");
    assert_js("describe.skip('cart', () => {\n  it('adds', " CHECK ");\n});\n",
              "skip call/describe.skip/uncond 1 cart\n");
    assert_js("test.todo('later');\n", "skip call/test.todo/uncond 1 later\n");
    assert_js("it.only(`x`, " CHECK ");\n", "skip call/it.only/uncond 1 x\n");
    assert_js("test.skipIf(ci)('x', " CHECK ");\n", "skip call/test.skipIf/cond 1 x\n");
    assert_js("it.skip.each([1, 2])('x %d', " CHECK ");\n", "skip call/it.skip/uncond 1 x %d\n");
    assert_js("test('x', { skip: true }, " CHECK ");\ntest('y', { skip: process.env.CI }, " CHECK ");\n"
              "test('z', { skip: false }, " CHECK ");\n",
              "skip option/skip/uncond 1 x\nskip option/skip/cond 2 y\n");
    assert_js("it('x', function () {\n  if (!docker) this.skip();\n  expect(1).toBe(f());\n});\n",
              "skip call/this.skip/cond 2 x\n");
    assert_js("const maybe = docker ? describe : describe.skip;\n", "skip call/describe.skip/cond 1 -\n");
    assert_js("list.skip(3); regex.test('x'); page.it.skip;\n", "");
}

static void test_js_conditions_that_are_constants_are_none(void **state)
{
    (void)state;
    assert_js("test.skipIf(true)('x', " CHECK ");\ntest.runIf(false)('y', " CHECK ");\n"
              "test.skipIf(false)('z', " CHECK ");\ntest.runIf(true)('z', " CHECK ");\n",
              "skip call/test.skipIf/uncond 1 x\nskip call/test.runIf/uncond 2 y\n");
    assert_js("it('x', function () {\n  if (true) this.skip();\n  expect(f()).toBe(1);\n});\n",
              "skip call/this.skip/uncond 2 x\n");
    assert_js("it('x', function () {\n  if (true) f();\n  else this.skip();\n  expect(f()).toBe(1);\n});\n",
              "skip call/this.skip/cond 3 x\n");
}

static void test_js_skip_taken_out_of_the_context_is_told(void **state)
{
    (void)state;
    assert_js("test('x', ({ task, skip }) => {\n  skip();\n  expect(f()).toBe(1);\n});\n",
              "skip call/skip/uncond 2 x\n");
    assert_js(
        "test('x', async ({ skip }) => {\n  if (!docker) skip('no docker');\n  expect(f()).toBe(1);\n});\n",
        "skip call/skip/cond 2 x\n");
    assert_js("test('x', ({ task }) => {\n  skip();\n  expect(f()).toBe(1);\n});\nskip();\n", "");
}

static void test_js_tests_that_are_expected_to_fail_are_told(void **state)
{
    (void)state;
    assert_js("test.failing('x', " CHECK ");\nit.fails('y', " CHECK ");\n",
              "xfail call/test.failing/uncond 1 x\nxfail call/it.fails/uncond 2 y\n");
}

static void test_js_mocks_are_imports_and_what_they_are_used_for(void **state)
{
    (void)state;
    assert_js(
        "import sinon from 'sinon';\nconst Redis = require(\"ioredis-mock\");\nimport nocks from './nock';\n"
        "it('x', () => {\n  sinon.stub(db, 'query');\n  sinon.restore();\n  expect(f()).toBe(1);\n});\n",
        "mock import/sinon 1 -\nmock import/ioredis-mock 2 -\nmock use/sinon 5 x\n");
    assert_js("jest.mock('pg');\nit('x', " CHECK ");\n", "mock call/jest.mock 1 -\n");
    assert_js("vi.mock('./db');\ntest('y', (t) => {\n  t.mock.method(db, 'query', () => []);\n  "
              "assert.ok(f());\n});\n",
              "mock call/vi.mock 1 -\nmock call/mock.method 3 y\n");
    assert_js("const db = new sqlite3.Database(':memory:');\n", "mock string/sqlite-memory 1 -\n");
}

static void test_js_tests_and_guards_that_became_comments_are_told(void **state)
{
    (void)state;
    assert_js("// it('adds', async () => {\n//   expect(1).toBe(2);\n// });\n/*\n * test.each(x)('y', f)\n * "
              "describe(\"carts\", () => {\n */\n",
              "commented-test it 1 adds\ncommented-test describe 6 carts\n");
    assert_js("// it is said (\"so\"), and test(1) too\n", "");
    assert_js("// requireDockerServices('redis-test');\n", "disabled-decorator requireDockerServices 1 -\n");
    assert_findings("tests/x.test.ts",
                    "// @suite(slow)\n@retries(2)\nclass Carts {\n  // @timeout(3)\n  adds() {}\n}\n",
                    "disabled-decorator suite 1 -\ndisabled-decorator timeout 4 -\n");
    assert_findings("tests/x.test.ts", "// @ts-ignore (for now)\nclass A {}\n// @param(x) of f\nf();\n", "");
}

static void test_js_tests_that_do_nothing_are_empty(void **state)
{
    (void)state;
    assert_js("it('x', () => {});\n", "empty-test nothing 1 x\n");
    assert_js("it('x', async function () {\n  // later\n  console.log(1);\n  expect(true).toBe(true);\n});\n",
              "empty-test log+assert 1 x\n");
    assert_js("it('x');\n", "empty-test no-body 1 x\n");
    assert_js("it('x', other);\nit('y', wrap(() => { expect(1).toBe(f()); }));\n", "");
}

static void test_js_tests_that_cannot_fail_assert_nothing(void **state)
{
    (void)state;
    const char *const passing[] = {
        "assert.equal(f(), 1)", "t.assert.ok(f())",  "await verifyCart()",
        "x.should.equal(1)",    "throw new Error()", "assert(f())",
        "t.is(f(), 1)",         "chai.expect(f())",  "return request(app).get('/').expect(200)"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        auto_free char *text = utr_format("it('x', async (t) => {\n  %s;\n});\n", passing[i]);
        assert_js(text, "");
    }
    assert_js("it('x', () => {\n  f();\n});\n", "no-assert - 1 x\n");
    assert_js("it('x', () => f());\n", "no-assert - 1 x\n");
}

static void test_js_failures_that_nobody_sees_are_swallowed(void **state)
{
    (void)state;
    assert_js("it('x', () => {\n  try {\n    expect(f()).toBe(1);\n  } catch (e) {\n    console.log(e);\n  "
              "}\n});\n",
              "swallowed catch/log 1 x\n");
    assert_js("it('x', () => {\n  try { expect(f()).toBe(1); } catch { }\n});\n",
              "swallowed catch/nothing 1 x\n");
    assert_js("it('x', () => {\n  try { expect(f()).toBe(1); } catch (e) { throw e; }\n});\n", "");
    assert_js("it('x', () => {\n  try { g(); } catch { }\n  expect(f()).toBe(1);\n});\n", "");
    assert_js("it('x', () => {\n  try { g(); throw new Error(); } catch (e) { expect(e).toBe(1); }\n});\n",
              "");
}

static void test_js_tests_within_tests_are_not_collected(void **state)
{
    (void)state;
    assert_js("it('x', () => {\n  expect(f()).toBe(1);\n  it('y', " CHECK ");\n});\n",
              "uncollected-test nested 3 x > y\n");
    assert_js("const test = require('node:test');\ntest('x', (t) => {\n  t.test('y', () => { assert(f()); "
              "});\n});\n",
              "");
}

static void test_js_imports_in_handlers_are_dynamic(void **state)
{
    (void)state;
    assert_js("try { f(); } catch (e) { require('x'); }\nasync function closeAll() { await import('y'); "
              "}\nrequire('z');\n",
              "dynamic-import require 1 -\ndynamic-import import 2 -\n");
}

static void test_js_tests_are_told_with_what_can_fail_them(void **state)
{
    (void)state;
    assert_tests(
        "x.test.ts",
        "import nock from 'nock';\nfunction fake() { nock('x'); }\ndescribe('a', () => {\n  it('b', () => "
        "{\n    fake();\n"
        "    expect(f()).toBe(1);\n    expect(f()).toBe(2);\n  });\n  it('c', () => { f(); });\n});\n",
        "a > b 4-8 2 asserts mocks\na > c 9-9 0\n");
    assert_tests("x.test.js", "jest.mock('pg');\nit('b', " CHECK ");\n", "b 2-2 1 asserts mocks\n");
    assert_tests("x.test.js",
                 "beforeEach(() => { vi.mock('pg'); });\nit('b', () => { try { expect(f()); } catch {} });\n",
                 "b 2-2 1 asserts mocks swallows\n");
}

static void test_js_files_of_tests_are_known_by_name_and_place(void **state)
{
    (void)state;
    static const char *const KNOWN[] = {"a/b.test.js", "b.spec.tsx",         "test-b.mjs",
                                        "test/b.js",   "src/__tests__/b.ts", "b_test.cjs"};
    static const char *const OTHERS[] = {"a/b.js", "node_modules/a/test/b.js", "test/b.d.ts", "latest/b.js"};
    auto_scan scan *scanner = NULL;
    utr_error err = {0};
    assert_int_equal(scan_open(&(scan_options){0}, &scanner, &err), UTR_OK);
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        assert_true(scan_knows(scanner, KNOWN[i]));
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        assert_false(scan_knows(scanner, OTHERS[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_js_tests_that_are_skipped_are_told_with_their_titles),
        cmocka_unit_test(test_js_conditions_that_are_constants_are_none),
        cmocka_unit_test(test_js_skip_taken_out_of_the_context_is_told),
        cmocka_unit_test(test_js_tests_that_are_expected_to_fail_are_told),
        cmocka_unit_test(test_js_mocks_are_imports_and_what_they_are_used_for),
        cmocka_unit_test(test_js_tests_and_guards_that_became_comments_are_told),
        cmocka_unit_test(test_js_tests_that_do_nothing_are_empty),
        cmocka_unit_test(test_js_tests_that_cannot_fail_assert_nothing),
        cmocka_unit_test(test_js_failures_that_nobody_sees_are_swallowed),
        cmocka_unit_test(test_js_tests_within_tests_are_not_collected),
        cmocka_unit_test(test_js_imports_in_handlers_are_dynamic),
        cmocka_unit_test(test_js_tests_are_told_with_what_can_fail_them),
        cmocka_unit_test(test_js_files_of_tests_are_known_by_name_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
