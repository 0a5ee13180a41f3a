#include "suites/suites.h"

#include "suites/format.h"
#include "suites/go_build.h"

#include <assert.h>
#include <string.h>

const char *suites_status_text(suites_status status)
{
    static const char *const WORDS[] = {
#define SUITES_STATUS_WORD(name, word) word,
        SUITES_STATUSES(SUITES_STATUS_WORD)
#undef SUITES_STATUS_WORD
    };
    assert((size_t)status < sizeof WORDS / sizeof *WORDS);
    return WORDS[status];
}

bool suites_status_parse(const char *word, suites_status *out)
{
    static const suites_status STATUSES[] = {
#define SUITES_STATUS_VALUE(name, word) name,
        SUITES_STATUSES(SUITES_STATUS_VALUE)
#undef SUITES_STATUS_VALUE
    };
    for (size_t i = 0; i < sizeof STATUSES / sizeof *STATUSES; i++) {
        if (strcmp(suites_status_text(STATUSES[i]), word) == 0) {
            *out = STATUSES[i];
            return true;
        }
    }
    return false;
}

static const suites_format FORMATS[] = {
    {.name = "pytest", .events = true, .selects = true, .tells_tests = true},
    {.name = "node", .events = true, .many_workers = true, .selects = true, .tells_tests = true},
    {.name = "cmocka", .reader = &suites_reader_cmocka, .tells_tests = true},
    {.name = "gtest", .reader = &suites_reader_gtest, .tells_tests = true},
    {.name = "catch2", .reader = &suites_reader_catch2, .tells_tests = true},
    {.name = "go",
     .events = true,
     .reader = &suites_reader_go,
     .command = &suites_reader_go_command,
     .prepare = suites_go_prepare,
     .clean = suites_go_clean,
     .many_workers = true,
     .tells_tests = true},
    {.name = "tap", .reader = &suites_reader_tap, .tells_tests = true},
    {.name = "junit", .reader = &suites_reader_junit, .tells_tests = true},
    {.name = "exit", .reader = &suites_reader_exit},
};

enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

const suites_format *suites_format_find(const char *name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(FORMATS[i].name, name) == 0)
            return &FORMATS[i];
    }
    return NULL;
}

const char *const *suites_formats(void)
{
    static const char *const NAMES[] = {"pytest", "node", "cmocka", "gtest", "catch2",
                                        "go",     "tap",  "junit",  "exit",  NULL};
    _Static_assert(sizeof NAMES / sizeof *NAMES == FORMAT_COUNT + 1, "a format without a name");
    return NAMES;
}

bool suites_format_selects(const char *format)
{
    const suites_format *found = suites_format_find(format);
    return found && found->selects;
}

bool suites_format_tells_tests(const char *format)
{
    const suites_format *found = suites_format_find(format);
    return found && found->tells_tests;
}
