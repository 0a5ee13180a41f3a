#include "suites/environment.h"

#include "base/text.h"

#include <string.h>

/** A variable that is set; value goes in front of one that is there, where joiner is not NULL. */
typedef struct {
    const char *name;
    const char *value;
    const char *joiner;
} addition;

/* For suites that use the event socket; all others only get UTF-8 and their own variables. */
static const addition PLUGIN[] = {
    {"PYTHONPATH", UTR_SHARE_DIR, ":"},
    {"PYTEST_PLUGINS", "utr_pytest", ","},
    {"PYTHONUNBUFFERED", "1", NULL},
};

/* Other ways of output would hide tests from us, or stop in a debugger. */
static const addition OUTPUT[] = {
    {"CMOCKA_MESSAGE_OUTPUT", "STDOUT", NULL},
    {"GTEST_BRIEF", "0", NULL},
    {"GTEST_BREAK_ON_FAILURE", "0", NULL},
    {"GTEST_COLOR", "no", NULL},
};

/* The place of NAME=... in the environment, its count where there is none. */
static size_t variable_find(const utr_strs *environment, const char *name)
{
    size_t len = strlen(name);
    size_t at = 0;
    while (at < environment->count &&
           (strncmp(environment->items[at], name, len) != 0 || environment->items[at][len] != '='))
        at++;
    return at;
}

static void variable_set(utr_strs *environment, const addition *what)
{
    size_t at = variable_find(environment, what->name);
    if (at == environment->count) {
        utr_strs_give(environment, utr_format("%s=%s", what->name, what->value));
        return;
    }
    char *before = environment->items[at];
    const char *value = before + strlen(what->name) + 1;
    bool joins = what->joiner && *value;
    environment->items[at] =
        utr_format("%s=%s%s%s", what->name, what->value, joins ? what->joiner : "", joins ? value : "");
    free(before);
}

void suites_environment_set(utr_strs *environment, const utr_strs *what)
{
    for (size_t i = 0; i < what->count; i++) {
        const char *end = strchr(what->items[i], '=');
        auto_free char *name = end ? utr_strndup(what->items[i], (size_t)(end - what->items[i])) : NULL;
        if (name)
            variable_set(environment, &(addition){name, end + 1, NULL});
    }
}

void suites_environment(const utr_strs *from, const char *events, utr_strs *out)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!utr_text_starts(from->items[i], "UTR_EVENTS="))
            utr_strs_add(out, from->items[i]);
    }
    for (size_t i = 0; i < sizeof OUTPUT / sizeof *OUTPUT; i++)
        variable_set(out, &OUTPUT[i]);
    if (!events)
        return;
    utr_strs_give(out, utr_format("UTR_EVENTS=%s", events));
    for (size_t i = 0; i < sizeof PLUGIN / sizeof *PLUGIN; i++)
        variable_set(out, &PLUGIN[i]);
}
