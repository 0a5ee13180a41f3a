#include "suites/environment.h"

#include "base/text.h"

#include <string.h>

/** A variable that is set; value goes in front of one that is there, where joiner is not NULL. */
typedef struct {
    const char *name;
    const char *value;
    const char *joiner;
} addition;

static const addition PYTEST[] = {
    {"PYTHONPATH", UTR_PYTEST_DIR, ":"},
    {"PYTEST_PLUGINS", "utr_pytest", ","},
    {"PYTHONUNBUFFERED", "1", NULL},
};

static const addition NODE[] = {
    {"NODE_OPTIONS", "--require \"" UTR_NODE_DIR "/preload.cjs\"", " "},
    {"NODE_PATH", UTR_NODE_DIR "/modules", ":"},
};

/** What gets the adapter of a format into its suites. */
typedef struct {
    const char *format;
    const addition *additions;
    size_t count;
} plugin;

static const plugin PLUGINS[] = {
    {"pytest", PYTEST, sizeof PYTEST / sizeof *PYTEST},
    {"node", NODE, sizeof NODE / sizeof *NODE},
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

static void plugin_add(const char *format, utr_strs *environment)
{
    for (size_t i = 0; i < sizeof PLUGINS / sizeof *PLUGINS; i++) {
        if (strcmp(PLUGINS[i].format, format) != 0)
            continue;
        for (size_t k = 0; k < PLUGINS[i].count; k++)
            variable_set(environment, &PLUGINS[i].additions[k]);
    }
}

void suites_environment(const utr_strs *from, const char *format, const char *events, utr_strs *out)
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
    plugin_add(format, out);
}
