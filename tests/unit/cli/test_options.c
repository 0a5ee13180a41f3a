/* The command line: what is accepted, and what is said of what is not. */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    cli_options options;
    utr_strs faults;
} parsed;

static void parse(parsed *p, const cli_option *table, int argc, char **argv)
{
    *p = (parsed){0};
    cli_options_init(&p->options);
    cli_options_parse(table, argc, argv, &p->options, &p->faults);
}

static void dispose(parsed *p)
{
    cli_options_dispose(&p->options);
    utr_strs_dispose(&p->faults);
}

#define PARSE(p, ...)                                                                                        \
    char *words_[] = {__VA_ARGS__};                                                                          \
    parse(p, CLI_RUN_OPTIONS, (int)(sizeof words_ / sizeof *words_), words_)

static void test_defaults_are_one_worker_and_the_test_profile(void **state)
{
    (void)state;
    parsed p;
    parse(&p, CLI_RUN_OPTIONS, 0, NULL);
    assert_int_equal(p.faults.count, 0);
    assert_int_equal(p.options.request.workers, 1);
    assert_string_equal(p.options.request.environment, "test");
    assert_false(p.options.request.real_services);
    assert_int_equal(p.options.request.isolation, RUN_AS_MANIFESTS_SAY);
    dispose(&p);
}

static void test_formats_are_words_and_a_wrong_one_names_the_nearest(void **state)
{
    (void)state;
    parsed sarif, near, far;
    char *as_words[] = {"--format", "sarif", "a.py", "--blame", "--format", "jsno", "--format=yaml"};
    parse(&sarif, CLI_SCAN_OPTIONS, 4, as_words);
    parse(&near, CLI_SCAN_OPTIONS, 2, as_words + 4);
    parse(&far, CLI_SCAN_OPTIONS, 1, as_words + 6);
    assert_int_equal(sarif.options.format, FINDINGS_SARIF);
    assert_true(sarif.options.blame);
    assert_string_equal(sarif.options.arguments.items[0], "a.py");
    assert_string_equal(near.faults.items[0], "--format 'jsno': did you mean json?");
    assert_string_equal(far.faults.items[0], "--format 'yaml': give text, tsv, json, github or sarif");
    dispose(&sarif);
    dispose(&near);
    dispose(&far);
}

static void test_isolation_is_what_is_asked_for(void **state)
{
    (void)state;
    parsed sealed, open, other;
    char *as_words[] = {"--isolation", "sealed", "--isolation", "open", "--isolation", "none"};
    parse(&sealed, CLI_RUN_OPTIONS, 2, as_words);
    parse(&open, CLI_RUN_OPTIONS, 4, as_words);
    parse(&other, CLI_RUN_OPTIONS, 6, as_words);
    assert_int_equal(sealed.options.request.isolation, RUN_SEALED);
    assert_int_equal(open.options.request.isolation, RUN_OPEN);
    assert_string_equal(other.faults.items[0], "--isolation 'none': give sealed or open");
    dispose(&sealed);
    dispose(&open);
    dispose(&other);
}

static void test_a_category_named_twice_runs_once(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--category", "a", "--category=b", "--category", "a");
    assert_int_equal(p.faults.count, 0);
    assert_int_equal(p.options.request.categories.count, 2);
    dispose(&p);
}

static void test_categories_takes_all_words_up_to_the_next_option(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--categories", "a", "b", "c", "--real-services");
    assert_int_equal(p.faults.count, 0);
    assert_int_equal(p.options.request.categories.count, 3);
    assert_true(p.options.request.real_services);
    assert_int_equal(p.options.arguments.count, 0);
    dispose(&p);
}

static void test_a_single_valued_option_leaves_the_next_word_alone(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--category", "a", "b");
    assert_int_equal(p.options.request.categories.count, 1);
    assert_int_equal(p.options.arguments.count, 1);
    dispose(&p);
}

static void test_an_unknown_option_is_told_with_the_nearest(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--real-service", "--wrokers=2");
    assert_int_equal(p.faults.count, 2);
    assert_string_equal(p.faults.items[0], "unknown option --real-service; did you mean --real-services?");
    assert_string_equal(p.faults.items[1], "unknown option --wrokers; did you mean --workers?");
    dispose(&p);
}

static void test_an_option_without_its_value_says_what_it_wants(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--category", "--real-services");
    assert_int_equal(p.faults.count, 1);
    assert_string_equal(p.faults.items[0], "--category wants a value: --category NAME");
    assert_true(p.options.request.real_services);
    dispose(&p);
}

static void test_a_switch_refuses_a_value(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--real-services=yes");
    assert_int_equal(p.faults.count, 1);
    assert_string_equal(p.faults.items[0], "--real-services takes no value");
    dispose(&p);
}

static void test_words_and_numbers_out_of_range_are_told_together(void **state)
{
    (void)state;
    parsed p;
    PARSE(&p, "--workers", "0", "--env", "prod", "--docker-pull-policy", "often", "--progress-mode", "loud",
          "--pattern", "");
    assert_int_equal(p.faults.count, 5);
    assert_string_equal(p.faults.items[0], "--workers '0': give a number from 1 to 64");
    assert_string_equal(p.faults.items[1], "--env 'prod': give test, development, staging or production");
    assert_string_equal(p.faults.items[2], "--docker-pull-policy 'often': give always, never or missing");
    assert_string_equal(p.faults.items[3], "--progress-mode 'loud': give simple, rich or json");
    assert_string_equal(p.faults.items[4], "--pattern '': give a glob such as '*login*'");
    dispose(&p);
}

static void test_every_option_has_a_line_of_help(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    cli_options_help(out, CLI_RUN_OPTIONS);
    (void)fclose(out);
    for (const cli_option *option = CLI_RUN_OPTIONS; option->name; option++) {
        assert_non_null(strstr(text, option->name));
        assert_non_null(strstr(text, option->says));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_are_one_worker_and_the_test_profile),
        cmocka_unit_test(test_formats_are_words_and_a_wrong_one_names_the_nearest),
        cmocka_unit_test(test_isolation_is_what_is_asked_for),
        cmocka_unit_test(test_a_category_named_twice_runs_once),
        cmocka_unit_test(test_categories_takes_all_words_up_to_the_next_option),
        cmocka_unit_test(test_a_single_valued_option_leaves_the_next_word_alone),
        cmocka_unit_test(test_an_unknown_option_is_told_with_the_nearest),
        cmocka_unit_test(test_an_option_without_its_value_says_what_it_wants),
        cmocka_unit_test(test_a_switch_refuses_a_value),
        cmocka_unit_test(test_words_and_numbers_out_of_range_are_told_together),
        cmocka_unit_test(test_every_option_has_a_line_of_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
