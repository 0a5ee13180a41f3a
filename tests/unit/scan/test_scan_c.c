#include "findings.h"

/* A text with a list that registers its tests, test_a and what `more` says. */
#define LIST(more)                                                                                           \
    "int main(void) {\n    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a), " more "};\n"        \
    "    return cmocka_run_group_tests(tests, NULL, NULL);\n}\n"
#define TEST_A "static void test_a(void **state) { assert_int_equal(f(), 1); }\n"

static void assert_c(const char *text, const char *rows)
{
    assert_findings("tests/x.c", text, rows);
}

static void test_c_registrations_and_definitions_in_comments_are_tests_switched_off(void **state)
{
    (void)state;
    assert_c(TEST_A LIST("\n// cmocka_unit_test(test_b),\n/* cmocka_unit_test_setup(test_c, up), */\n"),
             "commented-test registration 4 test_b\ncommented-test registration 5 test_c\n");
    assert_c("/*\nstatic void test_b(void **state)\n{\n}\n*/\n" TEST_A LIST(""),
             "commented-test definition 2 test_b\n");
    assert_c("// tcase_add_test(core, test_b);\n// RUN_TEST(test_d);\n",
             "commented-test registration 1 test_b\ncommented-test registration 2 test_d\n");
    assert_c(
        "// cmocka_unit_test is a macro; void test_ing(int) is none\nconst char *s = \"// RUN_TEST(x)\";\n",
        "");
}

static void test_c_what_if_0_leaves_out_is_not_collected(void **state)
{
    (void)state;
    assert_c("#if 0\nstatic void test_b(void **state)\n{\n}\n#endif\n" TEST_A LIST(""),
             "uncollected-test if-0/definition 2 test_b\n");
    assert_c(TEST_A LIST("\n#if 0 /* later */\n    cmocka_unit_test(test_b),\n#else\n    "
                         "cmocka_unit_test(test_a),\n#endif\n"),
             "uncollected-test if-0/registration 5 test_b\n");
    assert_c("#if 0\n#if X\n#else\n#endif\n// RUN_TEST(test_b);\n#endif\n#if 1\n#endif\n" TEST_A LIST(""),
             "uncollected-test if-0/registration 5 test_b\n");
    assert_c("#if 0 + HAVE_X\nstatic void test_b(void **state) { assert_true(1); }\n#endif\n" TEST_A LIST(
                 "cmocka_unit_test(test_b)"),
             "");
    assert_c("#if 0\nstatic void test_b(void **state)\n", "uncollected-test if-0/definition 2 test_b\n");
}

static void test_c_tests_that_nobody_registers_are_not_collected(void **state)
{
    (void)state;
    assert_c(TEST_A "static void test_b(void **state) { assert_true(f()); }\n" LIST(""),
             "uncollected-test unregistered 2 test_b\n");
    assert_c("void test_b(void **state) { assert_true(f()); }\n", "");
    assert_c(TEST_A "static void test_b(void **state) { assert_true(f()); }\n" LIST("WITH_ROOT(test_b)"), "");
    assert_c(TEST_A "static void test_b(void **state) { assert_true(f()); } /* test_b */\n" LIST(""),
             "uncollected-test unregistered 2 test_b\n");
}

static void test_c_tells_of_each_skip_and_whether_it_depends(void **state)
{
    (void)state;
    assert_c("static void test_a(void **state) {\n    skip();\n    assert_true(f());\n}\n" LIST(""),
             "skip call/skip/uncond 2 test_a\n");
    assert_c("static void test_a(void **state) {\n    if (!server())\n        skip();\n    "
             "assert_true(f());\n}\n" LIST(""),
             "skip call/skip/cond 3 test_a\n");
    assert_c("void test_a(void) {\n    TEST_IGNORE_MESSAGE(\"later\");\n    TEST_ASSERT(f());\n}\nvoid "
             "r(void) { RUN_TEST(test_a); }\n",
             "skip call/TEST_IGNORE_MESSAGE/uncond 2 test_a\n");
    assert_c(
        "static void skip(void) {}\nstatic void test_a(void **state) { skip(); assert_true(1); }\n" LIST(""),
        "");
}

static void test_c_mocks_are_values_wraps_and_databases_in_memory(void **state)
{
    (void)state;
    assert_c("int __wrap_PQstatus(void *c) { return mock_type(int); }\nstatic void test_a(void **state) {\n"
             "    will_return(__wrap_PQstatus, 1);\n    will_return(__wrap_PQstatus, 2);\n    "
             "assert_true(f());\n}\n" LIST(""),
             "mock wrap/PQstatus 1 __wrap_PQstatus\nmock call/mock_type 1 __wrap_PQstatus\n"
             "mock call/will_return 3 test_a\n");
    assert_c(
        "static void test_a(void **state) { assert_int_equal(sqlite3_open(\":memory:\", &db), 0); }\n" LIST(
            ""),
        "mock string/sqlite-memory 1 test_a\n");
}

static void test_c_tests_that_do_nothing_or_cannot_fail_are_told(void **state)
{
    (void)state;
    assert_c("static void test_a(void **state) {\n    (void)state; /* later */\n}\n" LIST(""),
             "empty-test discard 1 test_a\n");
    assert_c("static void test_a(void **state) {}\n" LIST(""), "empty-test nothing 1 test_a\n");
    assert_c("static void test_a(void **state) { f(); }\n" LIST(""), "no-assert - 1 test_a\n");
    assert_c("#include \"helpers.h\"\n"
             "static void test_a(void **state) { refuses(1); }\n" LIST(""),
             "");
    assert_c(
        "#include \"helpers.h\"\nstatic void f(void) {}\nstatic void test_a(void **state) { f(); }\n" LIST(
            ""),
        "no-assert - 3 test_a\n");
    assert_c("static int down(void **state) { f(); return 0; }\n" TEST_A LIST(
                 "cmocka_unit_test_setup_teardown(test_a, up, down)"),
             "");
    assert_c("static void deep(void) { assert_true(f()); }\nstatic void helper(void) { deep(); }\n"
             "static void test_a(void **state) { helper(); }\n" LIST(""),
             "");
}

static void test_c_tests_are_told_with_what_can_fail_them(void **state)
{
    (void)state;
    assert_tests("tests/x.c",
                 "static void helper(void) { assert_true(f()); }\nstatic void test_a(void **state)\n{\n"
                 "    assert_int_equal(f(), 1);\n    assert_true(f());\n}\nstatic void test_b(void **state) "
                 "{ helper(); }\n" LIST("cmocka_unit_test(test_b)"),
                 "test_a 2-6 2 asserts\ntest_b 7-7 0 asserts\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c_registrations_and_definitions_in_comments_are_tests_switched_off),
        cmocka_unit_test(test_c_what_if_0_leaves_out_is_not_collected),
        cmocka_unit_test(test_c_tests_that_nobody_registers_are_not_collected),
        cmocka_unit_test(test_c_tells_of_each_skip_and_whether_it_depends),
        cmocka_unit_test(test_c_mocks_are_values_wraps_and_databases_in_memory),
        cmocka_unit_test(test_c_tests_that_do_nothing_or_cannot_fail_are_told),
        cmocka_unit_test(test_c_tests_are_told_with_what_can_fail_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
