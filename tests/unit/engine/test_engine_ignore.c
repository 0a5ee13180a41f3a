#include "engine/ignore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *file;
    const char *path;
    bool excluded;
} CASES[] = {
    {"", "a", false},
    {"# a\n", "a", false},
    {" # a\n", "# a", true}, /* only a line's first character begins a comment */
    {"a", "a", true},
    {"\xEF\xBB\xBF"
     "a",
     "a", true},
    {"a\r\n", "a", true},
    {"  a  ", "a", true},
    {"/a", "a", true},
    {"./a/", "a", true},
    {"a//b/../c", "a/c", true},
    {".", "a", false},
    {"a", "a/b/c", true},
    {"a", "b/a", false},
    {"a", "ab", false},
    {"*/temp*", "x/temporary", true},
    {"*/temp*", "x/temporary/deep", true},
    {"*/temp*", "temporary", false},
    {"*/*/temp*", "x/y/temp", true},
    {"temp?", "tempa", true},
    {"temp?", "temp", false},
    {"temp?", "temp/", false},
    {"temp?", "temp\xC3\xA4", true},
    {"*.md\n!README.md", "README.md", false},
    {"*.md\n!README.md", "OTHER.md", true},
    {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true},
    {"*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false},
    {"**/*.go", "a.go", true},
    {"**/*.go", "x/y/a.go", true},
    {"**/*.go", "x/y/a.c", false},
    {"**", "x/y", true},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "ab", false},
    {"**/node_modules", "web/node_modules/x/y.js", true},
    {"**foo", "bar/foo", true},
    {"*\n!keep", "keep", false},
    {"*\n!keep/this", "keep/this/x", false},
    {"*\n!keep/this", "keep/that", true},
    {"! a", "a", false},
    {"a\n!a/b\na/b/c", "a/b/c/d", true},
    {"[a-c]x", "bx", true},
    {"[^a-c]x", "bx", false},
    {"[^a-c]x", "dx", true},
    {"[]a]x", "]x", true},
    {"[\\]]x", "]x", true},
    {"a\\*b", "a*b", true},
    {"a\\*b", "axb", false},
    {"a.b", "axb", false},
    {"a+(b)", "a+(b)", true},
};

static void test_patterns_read_as_docker_reads_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        engine_ignore ignore = {0};
        utr_error err = {0};
        assert_int_equal(engine_ignore_parse(CASES[i].file, &ignore, &err), UTR_OK);
        if (engine_ignore_excludes(&ignore, CASES[i].path) != CASES[i].excluded)
            fail_msg("case %zu: '%s' on '%s'", i, CASES[i].file, CASES[i].path);
        engine_ignore_dispose(&ignore);
    }
}

static void test_malformed_patterns_name_their_line(void **state)
{
    (void)state;
    static const char *const FILES[] = {"a\n[b", "a\n!", "a\nb\\", "a\n[z-a]", "a\n[", "a\n[b-"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        engine_ignore ignore = {0};
        utr_error err = {0};
        if (engine_ignore_parse(FILES[i], &ignore, &err) != UTR_CONFIG)
            fail_msg("'%s' is taken", FILES[i]);
        assert_memory_equal(err.text, "line 2: ", 8);
    }
}

static void test_a_hostile_pattern_takes_no_time(void **state)
{
    (void)state;
    char pattern[2001];
    char path[2001];
    for (size_t i = 0; i < 2000; i++) {
        pattern[i] = i % 2 ? 'a' : '*';
        path[i] = 'a';
    }
    pattern[2000] = '\0';
    path[1999] = 'b';
    path[2000] = '\0';
    engine_ignore ignore = {0};
    utr_error err = {0};
    assert_int_equal(engine_ignore_parse(pattern, &ignore, &err), UTR_OK);
    assert_false(engine_ignore_excludes(&ignore, path));
    engine_ignore_dispose(&ignore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns_read_as_docker_reads_them),
        cmocka_unit_test(test_malformed_patterns_name_their_line),
        cmocka_unit_test(test_a_hostile_pattern_takes_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
