#include "recorder.h"

#define BEGINS(group) "begin group set-up and tear-down of group " #group "\n"
#define ENDS(group)   "end group set-up and tear-down of group " #group "\n"
#define WORKS(group)  BEGINS(group) ENDS(group)

static void check(const char *output, const loop_exit *how, const char *expected)
{
    assert_read(&suites_reader_cmocka, output, how, expected);
}

/* As cmocka 1.1.5 printed it through a pty. */
static void test_every_outcome_is_read(void **state)
{
    (void)state;
    check("[==========] Running 8 test(s).\n"
          "[ RUN      ] ok\n"
          "partial[       OK ] ok\n"
          "[ RUN      ] bad\n"
          "noise\n"
          "[  ERROR   ] --- 0x1 != 0x2\n"
          "[   LINE   ] --- c.c:9: error: Failure!\n"
          "[  FAILED  ] bad\n"
          "[ RUN      ] sk\n"
          "[  SKIPPED ] sk\n"
          "[ RUN      ] cr\n"
          "[  ERROR   ] --- Test failed with exception: Segmentation fault(11)\n"
          "[  FAILED  ] cr\n"
          "[ RUN      ] never\n"
          "Could not run test: Test setup failed\n"
          "[  ERROR   ] never\n"
          "[ RUN      ] never\n"
          "Could not run test: Test teardown failed\n"
          "[  ERROR   ] never\n"
          "[ RUN      ] never\n"
          "Could not run test: 0\n"
          "[   LINE   ] --- c.c:15: error: Failure!Test setup failed\n"
          "[  ERROR   ] never\n"
          "[ RUN      ] leak\n"
          "[  ERROR   ] --- Blocks allocated...\n"
          "f.c:3: note: block 0x5644de4a8970 allocated here\n"
          "ERROR: leak leaked 1 block(s)\n"
          "\n"
          "[  FAILED  ] leak\n"
          "[==========] 8 test(s) run.\n"
          "[  PASSED  ] 1 test(s).\n"
          "[  SKIPPED ] 1 test(s), listed below:\n"
          "[  SKIPPED ] sk\n"
          "\n"
          " 1 SKIPPED TEST(S)\n"
          "[  FAILED  ] 3 test(s), listed below:\n"
          "[  FAILED  ] bad\n"
          "[  FAILED  ] cr\n"
          "[  FAILED  ] leak\n"
          "\n"
          " 6 FAILED TEST(S)\n",
          &EXIT_1,
          "collected 8\n" WORKS(
              1) "start ok\npassed ok\n"
                 "start bad\n"
                 "failed bad | [  ERROR   ] --- 0x1 != 0x2\n[   LINE   ] --- c.c:9: error: Failure! | c.c:9\n"
                 "start sk\nskipped sk\n"
                 "start cr\n"
                 "failed cr | [  ERROR   ] --- Test failed with exception: Segmentation fault(11)\n"
                 "start never\nerror never | Could not run test: Test setup failed\n"
                 "start never#2\nerror never#2 | Could not run test: Test teardown failed\n"
                 "start never#3\nerror never#3 | Could not run test: 0\n"
                 "[   LINE   ] --- c.c:15: error: Failure!Test setup failed | c.c:15\n"
                 "start leak\nfailed leak | [  ERROR   ] --- Blocks allocated...\n"
                 "f.c:3: note: block 0x5644de4a8970 allocated here\nERROR: leak leaked 1 block(s)\n\n" WORKS(
                     1));
}

static void test_groups_and_their_fixtures_are_read(void **state)
{
    (void)state;
    check(
        "[==========] Running 2 test(s).\r\n"
        "[  FAILED  ] GROUP SETUP\r\n"
        "[  ERROR   ] b\r\n"
        "[==========] 0 test(s) run.\r\n"
        "[  PASSED  ] 0 test(s).\r\n"
        "[==========] Running 1 test(s).\r\n"
        "[ RUN      ] ok\r\n"
        "[       OK ] ok\r\n"
        "[  FAILED  ] GROUP TEARDOWN\r\n"
        "[  ERROR   ] b\r\n"
        "[==========] 1 test(s) run.\r\n"
        "[  PASSED  ] 1 test(s).\r\n"
        "last words[==========] named: Running 1 test(s).\r\n"
        "[ RUN      ] ok\r\n"
        "[       OK ] ok\r\n"
        "[==========] named: 1 test(s) run.\r\n",
        &EXIT_1,
        "collected 2\n" BEGINS(1) "start GROUP SETUP\nerror GROUP SETUP | the group's fixture failed\n" ENDS(
            1) "start tests that did not run\n"
               "error tests that did not run | 2 test(s) announced, 0 ended: the group ended\n"
               "collected 3\n" WORKS(2) "start ok\npassed ok\n" BEGINS(
                   2) "start GROUP TEARDOWN\nerror GROUP "
                      "TEARDOWN | the group's fixture "
                      "failed\n" ENDS(2) "collected "
                                         "4\n" WORKS(3) "start "
                                                        "ok#"
                                                        "2\npasse"
                                                        "d "
                                                        "ok#"
                                                        "2"
                                                        "\n" WORKS(3));
}

static void test_a_crash_names_the_test_that_ran(void **state)
{
    (void)state;
    check("[==========] Running 3 test(s).\n[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\nwords",
          &CRASH,
          "collected 3\n" WORKS(
              1) "start one\npassed one\nstart two\n"
                 "error two | the suite ended while it ran\n"
                 "start tests that did not run\n"
                 "error tests that did not run | 3 test(s) announced, 2 ended: the suite ended\n");
}

static void test_a_deadline_names_the_test_that_ran(void **state)
{
    (void)state;
    check("[==========] Running 1 test(s).\n[ RUN      ] one\n", &TIMED_OUT,
          "collected 1\n" WORKS(1) "start one\nerror one | deadline passed\n");
}

static void test_impossible_results_are_faults(void **state)
{
    (void)state;
    check("[       OK ] early\n"
          "[ RUN      ] outside\n"
          "[==========] Running 2 test(s).\n"
          "[       OK ] never started\n"
          "[ RUN      ] one\n"
          "[       OK ] other\n"
          "[ RUN      ] two\n"
          "[==========] Running 9 test(s).\n"
          "[       OK ] one\n"
          "[       OK ] one\n"
          "[ RUN      ] two\n"
          "[       OK ] two\n"
          "[==========] 2 test(s) run.\n",
          &EXIT_0,
          "FAULT a result for test 'early', which does not run\n"
          "FAULT test 'outside' starts outside of a group\n"
          "collected 2\n" BEGINS(1) "FAULT a result for test 'never started', which does not run\n" ENDS(
              1) "start one\n"
                 "FAULT a result for test 'other', which does not run\n"
                 "FAULT test 'two' starts while another runs\n"
                 "FAULT a group's line while test 'one' runs: Running 9 test(s).\n"
                 "passed one\n"
                 "FAULT a result for test 'one', which does not run\n"
                 "start two\npassed two\n" WORKS(1));
}

static void test_tests_that_were_announced_and_never_ran_are_errors(void **state)
{
    (void)state;
    check("[==========] Running 30 test(s).\n[ RUN      ] one\n[       OK ] one\n[==========] 30 test(s) "
          "run.\n",
          &EXIT_0,
          "collected 30\n" WORKS(
              1) "start one\npassed one\nstart tests that did not run\n"
                 "error tests that did not run | 30 test(s) announced, 1 ended: the group ended\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_is_read),
        cmocka_unit_test(test_groups_and_their_fixtures_are_read),
        cmocka_unit_test(test_a_crash_names_the_test_that_ran),
        cmocka_unit_test(test_a_deadline_names_the_test_that_ran),
        cmocka_unit_test(test_impossible_results_are_faults),
        cmocka_unit_test(test_tests_that_were_announced_and_never_ran_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
