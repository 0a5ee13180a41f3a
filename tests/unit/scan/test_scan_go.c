#include "findings.h"

#define HEAD "package x\n\nimport \"testing\"\n"

static void assert_go(const char *text, const char *rows)
{
    assert_findings("pkg/x_test.go", text, rows);
}

static void test_go_tells_of_each_skip_and_whether_it_depends(void **state)
{
    (void)state;
    assert_go(HEAD "func TestA(t *testing.T) {\n\tt.Skip(\"later\")\n\tt.Fatal()\n}\n",
              "skip call/t.Skip/uncond 5 TestA\n");
    assert_go(HEAD
              "func TestA(t *testing.T) {\n\tif testing.Short() {\n\t\tt.SkipNow()\n\t}\n\tt.Fatal()\n}\n",
              "skip call/t.SkipNow/cond 6 TestA\n");
    assert_go(HEAD "func TestA(t *testing.T) {\n\tif true {\n\t\tt.Skipf(\"%d\", 1)\n\t}\n\tt.Fatal()\n}\n",
              "skip call/t.Skipf/uncond 6 TestA\n");
    assert_go(HEAD
              "func TestA(t *testing.T) {\n\tfor _, c := range cases {\n\t\tt.Run(c, func(t *testing.T) {\n"
              "\t\t\tt.Skip()\n\t\t\tt.Fatal()\n\t\t})\n\t}\n}\n",
              "skip call/t.Skip/uncond 7 TestA\n");
    assert_go(HEAD "func (s *Suite) TestA() {\n\ts.T().Skip()\n}\n", "skip call/t.Skip/uncond 5 TestA\n");
    assert_go(HEAD "func TestA(t *testing.T) {\n\tlist.Skip(3)\n\tt.Fatal()\n}\n", "");
}

static void test_go_build_constraints_of_the_projects_own_switch_tests_off(void **state)
{
    (void)state;
#define TEST "func TestA(t *testing.T) { t.Fatal() }\n"
    assert_go("//go:build integration\n\n" HEAD TEST, "skip build/integration/cond 1 -\n");
    assert_go("//go:build ignore\n\n" HEAD TEST, "skip build/ignore/uncond 1 -\n");
    assert_go("// +build linux,docker\n\n" HEAD TEST, "skip build/linux,docker/cond 1 -\n");
    assert_go("//go:build docker\n// +build docker\n\n" HEAD TEST, "skip build/docker/cond 1 -\n");
    assert_go("//go:build linux && !race && go1.18\n\n" HEAD TEST, "");
    assert_go("//go:build !short\n\n" HEAD TEST, "");
    assert_go("//go:build ignore\n\n" HEAD, "");
    assert_go(HEAD "//go:build ignore\n" TEST, "");
#undef TEST
}

static void test_go_mocks_are_imports_and_their_first_use_in_a_function(void **state)
{
    (void)state;
    assert_go("package x\nimport (\n\t\"testing\"\n\t\"github.com/DATA-DOG/go-sqlmock\"\n"
              "\tmr \"github.com/alicebob/miniredis/v2\"\n)\nfunc TestA(t *testing.T) {\n"
              "\tdb, mock, err := sqlmock.New()\n\tsqlmock.New()\n\tt.Fatal(mr.Run())\n}\n",
              "mock import/github.com/DATA-DOG/go-sqlmock 4 -\n"
              "mock import/github.com/alicebob/miniredis/v2 5 -\n"
              "mock use/sqlmock.New 8 TestA\n");
    assert_go("package x\nimport \"github.com/alicebob/miniredis2\"\nfunc f() { miniredis2.Run() }\n", "");
    assert_go(
        HEAD
        "func TestA(t *testing.T) {\n\tdb, err := sql.Open(\"sqlite3\", \":memory:\")\n\tt.Fatal(db)\n}\n",
        "mock string/sqlite-memory 5 TestA\n");
}

static void test_go_commented_tests_are_found_in_both_sorts_of_comments(void **state)
{
    (void)state;
    assert_go(HEAD
              "// func TestA(t *testing.T) {\n//\tt.Fatal()\n// }\n/*\nfunc TestB(t *testing.T) {\n}\n*/\n",
              "commented-test func 4 TestA\ncommented-test func 8 TestB\n");
    assert_go(HEAD "// The func TestA(t) is elsewhere.\n// func Testify(t *testing.T)\nvar s = `\n// func "
                   "TestC(t *testing.T)\n`\n",
              "");
}

static void test_go_names_that_go_test_does_not_run_are_told(void **state)
{
    (void)state;
    assert_go(HEAD "func Testlower(t *testing.T) {\n\tt.Fatal()\n}\n", "uncollected-test name 4 Testlower\n");
    assert_go(HEAD "func Testlower(t *testing.T, x int) {}\n", "");
    assert_go(HEAD "func TestMain(m *testing.M) {}\n", "");
}

static void test_go_tests_that_do_nothing_are_empty(void **state)
{
    (void)state;
    assert_go(HEAD "func TestA(t *testing.T) {}\n", "empty-test nothing 4 TestA\n");
    assert_go(HEAD "func TestA(t *testing.T) {\n\tt.Parallel()\n\t// "
                   "later\n\tt.Log(\"x\")\n\tfmt.Println(1)\n\t_ = x\n\treturn\n}\n",
              "empty-test parallel+log+print+discard+return 4 TestA\n");
    assert_go(HEAD "func helper(t *testing.T) {}\n", "");
}

static void test_go_tests_that_cannot_fail_assert_nothing(void **state)
{
    (void)state;
    const char *const passing[] = {"t.Errorf(\"x\")",
                                   "assert.Equal(t, 1, f())",
                                   "require.NoError(t, f())",
                                   "checkAll(1)",
                                   "helper(t, 2)",
                                   "t.Run(\"x\", other)",
                                   "g.Expect(1).To(x)",
                                   "panic(1)",
                                   "qt.Assert(c, 1)",
                                   "t.Run(\"x\", func(t *testing.T) { t.Error() })"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        auto_free char *text =
            utr_format(HEAD "func TestA(t *testing.T) {\n\tx := f()\n\t%s\n}\n", passing[i]);
        assert_go(text, "");
    }
    assert_go(HEAD "func TestA(t *testing.T) {\n\tx := f()\n\tt.Log(x)\n}\n", "no-assert - 4 TestA\n");
    assert_go(HEAD "func TestA(t *testing.T) {\n\tt.Run(\"x\", func(t *testing.T) { f() })\n}\n",
              "no-assert - 4 TestA\n");
}

static void test_go_methods_of_suites_are_tests(void **state)
{
    (void)state;
    assert_go("package x\nimport \"github.com/stretchr/testify/suite\"\nfunc (s *Some) TestA() "
              "{\n\ts.Equal(1, f())\n}\n"
              "func (s *Some) TestB() {\n\tf()\n}\nfunc (s *Some) SetupTest() {}\n",
              "no-assert - 6 TestB\n");
}

static void test_go_tests_are_told_with_what_can_fail_them(void **state)
{
    (void)state;
    assert_tests("x_test.go",
                 "package x\nimport \"github.com/DATA-DOG/go-sqlmock\"\nfunc open() { sqlmock.New() }\n"
                 "func TestA(t *testing.T) {\n\topen()\n\tt.Error()\n\tt.Fatal()\n}\nfunc TestB(t "
                 "*testing.T) { f() }\n"
                 "func FuzzC(f *testing.F) {\n\tf.Fuzz(func(t *testing.T, s string) {})\n}\n",
                 "TestA 4-8 2 asserts mocks\nTestB 9-9 0\nFuzzC 10-12 0\n");
}

static void test_go_files_of_tests_are_known_by_name_and_place(void **state)
{
    (void)state;
    auto_scan scan *scanner = NULL;
    utr_error err = {0};
    assert_int_equal(scan_open(&(scan_options){0}, &scanner, &err), UTR_OK);
    assert_true(scan_knows(scanner, "a/b_test.go"));
    assert_false(scan_knows(scanner, "a/b.go"));
    assert_false(scan_knows(scanner, "vendor/a/b_test.go"));
    assert_false(scan_knows(scanner, "a/testdata/b_test.go"));
    assert_false(scan_knows(scanner, "_old/b_test.go"));
    assert_true(scan_knows(scanner, "../b_test.go"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go_tells_of_each_skip_and_whether_it_depends),
        cmocka_unit_test(test_go_build_constraints_of_the_projects_own_switch_tests_off),
        cmocka_unit_test(test_go_mocks_are_imports_and_their_first_use_in_a_function),
        cmocka_unit_test(test_go_commented_tests_are_found_in_both_sorts_of_comments),
        cmocka_unit_test(test_go_names_that_go_test_does_not_run_are_told),
        cmocka_unit_test(test_go_tests_that_do_nothing_are_empty),
        cmocka_unit_test(test_go_tests_that_cannot_fail_assert_nothing),
        cmocka_unit_test(test_go_methods_of_suites_are_tests),
        cmocka_unit_test(test_go_tests_are_told_with_what_can_fail_them),
        cmocka_unit_test(test_go_files_of_tests_are_known_by_name_and_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
