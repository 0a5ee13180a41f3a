#include "compose/interpolate.h"
#include "load.h"

#include <string.h>

typedef struct {
    const char *text;
    const char *out;   /* NULL: a fault */
    const char *fault; /* or warning, "f:7:3: ..." */
} text_case;

static const text_case CASES[] = {
    {"plain", "plain", NULL},
    {"", "", NULL},
    {"$SET", "value", NULL},
    {"a${SET}b", "avalueb", NULL},
    {"$SET.x $SET/y", "value.x value/y", NULL},
    {"$$SET $$$SET", "$SET $value", NULL},
    {"${EMPTY}", "", NULL},
    {"${NONE:-d}", "d", NULL},
    {"${NONE-d}", "d", NULL},
    {"${EMPTY:-d}", "d", NULL},
    {"${EMPTY-d}", "", NULL},
    {"${SET:-d}", "value", NULL},
    {"${NONE:-}", "", NULL},
    {"${NONE:-a:b?c-d}", "a:b?c-d", NULL},
    {"${SET:+x}", "x", NULL},
    {"${EMPTY:+x}", "", NULL},
    {"${EMPTY+x}", "x", NULL},
    {"${NONE+x}", "", NULL},
    {"${SET:?must}", "value", NULL},
    {"${EMPTY?must}", "", NULL},
    {"${NONE:-${EMPTY:-${SET}}}", "value", NULL},
    {"${NONE:-a${SET}b}c", "avaluebc", NULL},
    {"${NONE:-$$x}", "$x", NULL},
    {"${SET:-${NONE:?not reached}}", "value", NULL},
    {"${SET:+${NONE:-inner}}", "inner", NULL},
    {"${LATER}", "second", NULL},
    {"$NONE", "",
     "f:7:3: variable 'NONE' is not set, nothing is put in its place; set it or write ${NONE:-default}"},
    {"${NONE:?must be given}", NULL,
     "f:7:3: variable 'NONE' is required: must be given; set it in the environment or in .env"},
    {"${EMPTY:?}", NULL, "f:7:3: variable 'EMPTY' is required; set it in the environment or in .env"},
    {"${NONE?see ${SET}}", NULL,
     "f:7:3: variable 'NONE' is required: see value; set it in the environment or in .env"},
    {"x${SET", NULL, "f:7:3: '${SET' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"${}", NULL, "f:7:3: '${}' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"${SET!}", NULL, "f:7:3: '${SET!}' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"${SET:}", NULL, "f:7:3: '${SET:}' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"${1SET}", NULL, "f:7:3: '${1SET}' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"costs 5$", NULL, "f:7:3: '$' is no variable; write ${NAME}, or $$ for a dollar sign"},
    {"pa$(x)", NULL, "f:7:3: '$(x)' is no variable; write ${NAME}, or $$ for a dollar sign"},
};

typedef struct {
    utr_strs first, second;
    compose_vars vars;
    utr_faults faults, warnings;
    compose_interpolation how;
} bench;

static void bench_init(bench *b)
{
    *b = (bench){0};
    utr_strs_add(&b->first, "SET=value");
    utr_strs_add(&b->first, "EMPTY=");
    utr_strs_add(&b->second, "SET=hidden");
    utr_strs_add(&b->second, "LATER=second");
    b->vars.layers[0] = &b->first;
    b->vars.layers[2] = &b->second;
    b->how = (compose_interpolation){.vars = &b->vars,
                                     .place = {.path = "f", .line = 7, .column = 3},
                                     .faults = &b->faults,
                                     .warnings = &b->warnings};
}

static void bench_dispose(bench *b)
{
    utr_strs_dispose(&b->first);
    utr_strs_dispose(&b->second);
    utr_faults_dispose(&b->faults);
    utr_faults_dispose(&b->warnings);
}

static void test_variables_are_replaced_as_compose_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        bench b;
        bench_init(&b);
        auto_free char *out = compose_interpolate(&b.how, CASES[i].text);
        const utr_faults *said = CASES[i].out ? &b.warnings : &b.faults;
        const utr_faults *silent = CASES[i].out ? &b.faults : &b.warnings;
        print_message("%s\n", CASES[i].text);
        assert_true((out == NULL) == (CASES[i].out == NULL));
        if (out)
            assert_string_equal(out, CASES[i].out);
        assert_int_equal(silent->texts.count, 0);
        assert_int_equal(said->texts.count, CASES[i].fault ? 1 : 0);
        if (CASES[i].fault)
            assert_string_equal(said->texts.items[0], CASES[i].fault);
        bench_dispose(&b);
    }
}

static void test_growth_by_variables_is_bounded(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    auto_free char *value = utr_calloc((200 << 10) + 1, 1);
    (void)memset(value, 'x', 200 << 10);
    utr_strs_give(&b.first, utr_format("BIG=%s", value));
    assert_null(compose_interpolate(&b.how, "$BIG$BIG"));
    assert_string_equal(b.faults.texts.items[0],
                        "f:7:3: the text grows over 256 KiB by its variables; shorten their values");
    bench_dispose(&b);
}

static void test_nesting_is_bounded(void **state)
{
    (void)state;
    bench b;
    bench_init(&b);
    char text[6 * 40 + 41] = "";
    size_t len = 0;
    for (int i = 0; i < 40; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "${N:-");
    (void)memset(text + len, '}', 40);
    assert_null(compose_interpolate(&b.how, text));
    assert_string_equal(b.faults.texts.items[0],
                        "f:7:3: variables stand within variables over 32 deep; flatten them");
    bench_dispose(&b);
}

static void test_setting_a_name_again_keeps_its_place(void **state)
{
    (void)state;
    auto_strs utr_strs strs = {0};
    compose_strs_set(&strs, utr_strdup("A=1"));
    compose_strs_set(&strs, utr_strdup("AB=2"));
    compose_strs_set(&strs, utr_strdup("A=3"));
    assert_strs(&strs, "A=3|AB=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables_are_replaced_as_compose_does),
        cmocka_unit_test(test_growth_by_variables_is_bounded),
        cmocka_unit_test(test_nesting_is_bounded),
        cmocka_unit_test(test_setting_a_name_again_keeps_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
