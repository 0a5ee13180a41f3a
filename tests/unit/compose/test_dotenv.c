#include "compose/dotenv.h"
#include "load.h"

typedef struct {
    const char *text;
    const char *out;
    const char *faults;
} file_case;

static const file_case CASES[] = {
    {"", "", ""},
    {"# comment\n\n  \nA=1\n  B = two words  \n", "A=1|B=two words", ""},
    {"export A=1\nexport\tB=2\nexported=3\n", "A=1|B=2|exported=3", ""},
    {"A=1 # comment\nB=a#b\nC=#gone\n", "A=1|B=a#b|C=", ""},
    {"A='single $SET # kept'\nB=\"double $SET\" # comment\n", "A=single $SET # kept|B=double value", ""},
    {"A=\"a\\nb\\t\\\"q\\\" \\\\ \\$SET \\x\"\n", "A=a\nb\t\"q\" \\ $SET \\x", ""},
    {"A='one\ntwo'\nB=3\n", "A=one\ntwo|B=3", ""},
    {"A=${SET}/x\nB=${A}y\nC=${NONE:-d}\n", "A=value/x|B=value/xy|C=d", ""},
    {"A: yaml\nB:c:d\n", "A=yaml|B=c:d", ""},
    {"SET\nNONE\nA=1", "SET=value|A=1", ""},
    {"A=1\r\nB=\"2\"\r\n", "A=1|B=2", ""},
    {"A=1\nA=2\n", "A=2", ""},
    {"A=\nB=\"\"\nC=''\n", "A=|B=|C=", ""},
    {"URL=postgresql://u:p@h:5432/d?x=y\n", "URL=postgresql://u:p@h:5432/d?x=y", ""},
    {"A=1\n=2\n", "A=1", ".env:2:1: '=2' is no variable; write NAME=value"},
    {"two words\n", "", ".env:1:1: 'two words' is no variable; write NAME=value"},
    {"A='open\nB=2\n", "", ".env:1:1: the quote ' is never closed; close it"},
    {"A=\"x\" y\nB=2\n", "B=2", ".env:1:1: text after the closing quote; quote the whole value"},
    {"\nA=${NONE:?needed}\nB=2\n", "B=2",
     ".env:2:1: variable 'NONE' is required: needed; set it in the environment or in .env"},
    {"A='1\n2\n3'\nB=$(x)\n", "A=1\n2\n3",
     ".env:4:1: '$(x)' is no variable; write ${NAME}, or $$ for a dollar sign"},
};

static void test_files_are_read_as_compose_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_strs utr_strs environment = {0};
        auto_strs utr_strs out = {0};
        auto_faults utr_faults faults = {0};
        auto_faults utr_faults warnings = {0};
        utr_strs_add(&environment, "SET=value");
        compose_vars vars = {{&environment}};
        compose_interpolation how = {
            .vars = &vars, .place = {.path = ".env"}, .faults = &faults, .warnings = &warnings};
        compose_dotenv_parse(&how, CASES[i].text, &out);
        print_message("%s\n", CASES[i].text);
        assert_strs(&out, CASES[i].out);
        auto_free char *said = utr_strs_join(&faults.texts, "\n");
        assert_string_equal(said ? said : "", CASES[i].faults);
        assert_int_equal(warnings.texts.count, 0);
    }
}

static void test_the_environment_wins_over_dotenv(void **state)
{
    (void)state;
    folder_write(".env", "SET=from file\nTAG=15\n");
    auto_loaded loaded l = load_text("services:\n"
                                     "  web:\n"
                                     "    image: postgres:${TAG}\n"
                                     "    environment: [\"A=$SET\", TAG, NONE]\n");
    folder_write(".env", "");
    assert_clean(&l);
    assert_string_equal(l.stack->services.items[0].image, "postgres:15");
    assert_strs(&l.stack->services.items[0].environment, "A=value|TAG=15");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_read_as_compose_does),
        cmocka_unit_test(test_the_environment_wins_over_dotenv),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
