#include "report/report.h"

#include "base/clock.h"
#include "report/parts.h"
#include "report/screen.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_WHY = 300 };

typedef enum { ITEM_WAITING, ITEM_BUSY, ITEM_GOOD, ITEM_BAD } item_phase;

/* A service or a suite of a category, as far as it has come. */
typedef struct {
    char *category, *name;
    char *state;  /* service: its word */
    char *detail; /* service: progress; suite: the test that runs */
    bool is_suite;
    item_phase phase;
    double since;   /* when its state began */
    double seconds; /* how long it took, once it is done */
    int64_t collected, done, passed, failed, skipped;
} item;

struct report_live {
    FILE *out;
    report_mode mode;
    bool colour;
    screen screen;
    UTR_VEC(item) items;
    size_t name_width;
    size_t categories;
    size_t turn;        /* of the spinner */
    double last_at;     /* of the last fact */
    int64_t last_at_us; /* when it came */
    char *above;        /* RICH: lines that wait to be printed above the screen */
    size_t above_len;
    FILE *above_out;
};

report_mode report_mode_for(FILE *out)
{
    int fd = fileno(out);
    const char *term = getenv("TERM");
    const char *ci = getenv("CI");
    bool moves = fd >= 0 && isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
    return moves && !(ci && *ci) ? REPORT_RICH : REPORT_SIMPLE;
}

report_live *report_live_new(FILE *out, report_mode mode)
{
    report_live *live = UTR_NEW(report_live);
    live->out = out;
    live->mode = mode;
    live->colour = text_may_colour(out);
    live->last_at_us = utr_clock_us();
    screen_init(&live->screen, out, live->colour);
    return live;
}

static void item_dispose(item *it)
{
    free(it->category);
    free(it->name);
    free(it->state);
    free(it->detail);
}

static void set(char **where, const char *text)
{
    free(*where);
    *where = text_first_line(text);
}

static item *item_find(report_live *live, const journal_fact *fact, bool is_suite)
{
    const char *name = is_suite ? fact->suite : fact->service;
    const char *category = text_or(fact->category, "");
    for (size_t i = 0; name && i < live->items.count; i++) {
        item *it = &live->items.items[i];
        if (it->is_suite == is_suite && strcmp(it->name, name) == 0 && strcmp(it->category, category) == 0)
            return it;
    }
    return NULL;
}

static item *item_get(report_live *live, const journal_fact *fact, bool is_suite)
{
    item *it = item_find(live, fact, is_suite);
    const char *name = is_suite ? fact->suite : fact->service;
    if (it || !name)
        return it;
    it = utr_vec_push(&live->items);
    *it = (item){.category = utr_strdup(text_or(fact->category, "")), .name = utr_strdup(name)};
    it->is_suite = is_suite;
    it->state = utr_strdup("waiting");
    it->detail = utr_strdup("");
    return it;
}

/* Its name, with the category's where there are several; the caller frees it. */
static char *label(const report_live *live, const item *it)
{
    auto_free char *name =
        live->categories > 1 ? utr_format("%s/%s", it->category, it->name) : utr_strdup(it->name);
    return text_clean(name);
}

static void measure_names(report_live *live)
{
    for (size_t i = 0; i < live->items.count; i++) {
        auto_free char *name = label(live, &live->items.items[i]);
        size_t wide = strlen(name);
        live->name_width = wide > live->name_width ? wide : live->name_width;
    }
}

/* Where a line that stays is written: at once, or above the screen with its next frame. */
static FILE *lasting(report_live *live)
{
    if (live->mode == REPORT_SIMPLE)
        return live->out;
    if (!live->above_out)
        live->above_out = open_memstream(&live->above, &live->above_len);
    return live->above_out ? live->above_out : live->out;
}

/* A line that stays: when, about whom, and what. */
static void say(report_live *live, double at, const item *it, text_tone tone, const char *words)
{
    FILE *out = lasting(live);
    auto_free char *name = it ? label(live, it) : utr_strdup("");
    (void)fprintf(out, "%8.2fs  %-*s  ", at, (int)live->name_width, name);
    text_put(out, live->colour, tone, words);
    (void)fputc('\n', out);
    (void)fflush(out);
}

static void say_text(report_live *live, const journal_fact *fact, const char *word, text_tone tone)
{
    auto_free char *text = text_first_line(fact->text);
    auto_free char *words = *text ? utr_format("%s: %s", word, text) : utr_strdup(word);
    const item *it = fact->suite ? item_find(live, fact, true) : item_find(live, fact, false);
    say(live, fact->at, it, tone, words);
}

/* What a service's state means for its line: X(word, phase). */
static item_phase phase_of(const char *state)
{
    static const struct {
        const char *word;
        item_phase phase;
    } PHASES[] = {
        {"ready", ITEM_GOOD}, {"completed", ITEM_GOOD}, {"removed", ITEM_GOOD},  {"failed", ITEM_BAD},
        {"exited", ITEM_BAD}, {"oom-killed", ITEM_BAD}, {"unhealthy", ITEM_BAD}, {"restarted", ITEM_BAD},
    };
    for (size_t i = 0; i < sizeof PHASES / sizeof *PHASES; i++) {
        if (strcmp(PHASES[i].word, state) == 0)
            return PHASES[i].phase;
    }
    return ITEM_BUSY;
}

static void say_service(report_live *live, const journal_fact *fact, const item *it)
{
    auto_free char *timed = it->phase == ITEM_GOOD && fact->seconds > 0
                                ? utr_format("%s in %.2f s", it->state, fact->seconds)
                                : utr_strdup(it->state);
    auto_free char *words = *it->detail ? utr_format("%s: %s", timed, it->detail) : utr_strdup(timed);
    text_tone tone = it->phase == ITEM_GOOD ? TEXT_GOOD : it->phase == ITEM_BAD ? TEXT_BAD : TEXT_PLAIN;
    if (it->phase == ITEM_BAD || live->mode == REPORT_SIMPLE)
        say(live, fact->at, it, tone, words);
}

static void on_service_state(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, false);
    if (!it)
        return;
    bool again = strcmp(it->state, text_or(fact->state, "")) == 0;
    set(&it->detail, fact->text);
    if (again)
        return; /* only its progress is new */
    set(&it->state, fact->state);
    it->phase = phase_of(it->state);
    it->since = fact->at;
    it->seconds = fact->seconds;
    say_service(live, fact, it);
}

static void on_suite_start(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, true);
    if (!it)
        return;
    it->phase = ITEM_BUSY;
    it->since = fact->at;
    if (live->mode == REPORT_SIMPLE)
        say(live, fact->at, it, TEXT_PLAIN, "started");
}

static void on_collected(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, true);
    if (it)
        it->collected = fact->count;
}

static void on_test_start(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, true);
    if (it)
        set(&it->detail, fact->test);
}

static void say_test(report_live *live, const journal_fact *fact, const item *it, text_tone tone)
{
    auto_free char *test = text_clean(fact->test);
    auto_free char *why = text_first_line(fact->text);
    text_cut(why, LONGEST_WHY); /* the summary has all of it */
    auto_free char *words = utr_format("%s  %s%s%s", fact->state, test, *why ? ": " : "", why);
    say(live, fact->at, it, tone, words);
}

static void on_test_finish(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, true);
    if (!it)
        return;
    const char *state = text_or(fact->state, "");
    bool failed = strcmp(state, "failed") == 0 || strcmp(state, "error") == 0;
    bool passed = strcmp(state, "passed") == 0 || strcmp(state, "xpassed") == 0;
    it->done++;
    it->failed += failed;
    it->passed += passed;
    it->skipped += !failed && !passed;
    if (!passed)
        say_test(live, fact, it, failed ? TEXT_BAD : TEXT_WARN);
}

/* "34 passed, 1 failed, 2 skipped"; the caller frees it. */
static char *counts(const item *it)
{
    auto_free char *failed = it->failed ? utr_format(", %lld failed", (long long)it->failed) : utr_strdup("");
    auto_free char *skipped = it->skipped
                                  ? utr_format(", %lld skipped or expected to fail", (long long)it->skipped)
                                  : utr_strdup("");
    return utr_format("%lld passed%s%s", (long long)it->passed, failed, skipped);
}

static char *how_it_ended(const journal_fact *fact)
{
    if (fact->timed_out)
        return utr_strdup(", ended at its deadline");
    if (fact->signal)
        return utr_format(", ended by signal %lld", (long long)fact->signal);
    if (fact->exit_code)
        return utr_format(", exit code %lld", (long long)fact->exit_code);
    return utr_strdup("");
}

static void on_suite_finish(report_live *live, const journal_fact *fact)
{
    item *it = item_get(live, fact, true);
    if (!it)
        return;
    bool bad = it->failed || fact->timed_out || fact->signal || fact->exit_code;
    it->phase = bad ? ITEM_BAD : ITEM_GOOD;
    it->seconds = fact->seconds;
    auto_free char *how = how_it_ended(fact);
    auto_free char *sums = counts(it);
    set(&it->detail, *how ? how + 2 : "");
    auto_free char *outlived = fact->count ? utr_format(", %lld process%s had to be ended after it",
                                                        (long long)fact->count, fact->count == 1 ? "" : "es")
                                           : utr_strdup("");
    auto_free char *words = utr_format("finished in %.2f s: %s%s%s", fact->seconds, sums, how, outlived);
    if (live->mode == REPORT_SIMPLE || fact->count)
        say(live, fact->at, it, bad ? TEXT_BAD : TEXT_GOOD, words);
}

static void on_engine(report_live *live, const journal_fact *fact)
{
    say_text(live, fact, "engine", TEXT_DIM);
}

static void on_note(report_live *live, const journal_fact *fact)
{
    bool step = fact->state && strcmp(fact->state, "prepare") == 0;
    say_text(live, fact, step ? "prepare" : "note", step ? TEXT_PLAIN : TEXT_WARN);
}

static void on_fault(report_live *live, const journal_fact *fact)
{
    say_text(live, fact, "adapter fault", TEXT_BAD);
}

static void on_not_run(report_live *live, const journal_fact *fact)
{
    auto_free char *name = text_clean(fact->category);
    auto_free char *word = utr_format("%s is not run", name);
    say_text(live, fact, word, TEXT_WARN);
}

static void on_broken(report_live *live, const journal_fact *fact)
{
    say_text(live, fact, "broken", TEXT_BAD);
}

static void on_interrupted(report_live *live, const journal_fact *fact)
{
    say_text(live, fact, "interrupted", TEXT_WARN);
}

static void on_defect(report_live *live, const journal_fact *fact)
{
    say_text(live, fact, "defect in the runner", TEXT_BAD);
}

typedef void on_kind(report_live *live, const journal_fact *fact);

/* Kinds that are not listed show in the plan or in the summary only. */
static on_kind *const ON_KIND[] = {
    [JOURNAL_ENGINE] = on_engine,
    [JOURNAL_SERVICE_STATE] = on_service_state,
    [JOURNAL_SUITE_START] = on_suite_start,
    [JOURNAL_COLLECTED] = on_collected,
    [JOURNAL_TEST_START] = on_test_start,
    [JOURNAL_TEST_FINISH] = on_test_finish,
    [JOURNAL_ADAPTER_FAULT] = on_fault,
    [JOURNAL_SUITE_FINISH] = on_suite_finish,
    [JOURNAL_SKIPPED_CATEGORY] = on_not_run,
    [JOURNAL_NOTE] = on_note,
    [JOURNAL_BROKEN] = on_broken,
    [JOURNAL_INTERRUPTED] = on_interrupted,
    [JOURNAL_DEFECT] = on_defect,
};

static void put_json(report_live *live, const journal_fact *fact)
{
    auto_free char *line = journal_fact_format(fact);
    (void)fprintf(live->out, "%s\n", line);
    (void)fflush(live->out);
}

void report_live_fact(report_live *live, const journal_fact *fact)
{
    if (live->mode == REPORT_JSON) {
        put_json(live, fact);
        return;
    }
    live->last_at = fact->at;
    live->last_at_us = utr_clock_us();
    size_t kind = (size_t)fact->kind;
    if (kind < sizeof ON_KIND / sizeof *ON_KIND && ON_KIND[kind])
        ON_KIND[kind](live, fact);
}

static void plan_items(report_live *live, const journal *j)
{
    for (size_t i = 0; i < journal_count(j); i++) {
        const journal_fact *fact = journal_get(j, i);
        live->categories += fact->kind == JOURNAL_CATEGORY;
        if (fact->kind == JOURNAL_SERVICE)
            (void)item_get(live, fact, false);
        else if (fact->kind == JOURNAL_SUITE)
            (void)item_get(live, fact, true);
    }
    measure_names(live);
}

void report_live_plan(report_live *live, const journal *j)
{
    if (live->mode != REPORT_JSON) {
        plan_items(live, j);
        parts_plan(live->out, live->colour, j);
        return;
    }
    for (size_t i = 0; i < journal_count(j); i++)
        put_json(live, journal_get(j, i));
}

static char *suite_words(const item *it, double now)
{
    if (it->phase == ITEM_WAITING)
        return utr_strdup("waiting");
    auto_free char *sums = counts(it);
    if (it->phase != ITEM_BUSY)
        return utr_format("%s in %.2f s%s%s", sums, it->seconds, *it->detail ? ", " : "", it->detail);
    auto_free char *of = it->collected ? utr_format("/%lld", (long long)it->collected) : utr_strdup("");
    auto_free char *bad = it->failed ? utr_format("%lld failed  ", (long long)it->failed) : utr_strdup("");
    return utr_format("%lld%s  %.1f s  %s%s", (long long)it->done, of, now - it->since, bad, it->detail);
}

static char *service_words(const item *it, double now)
{
    if (it->phase == ITEM_BUSY)
        return utr_format("%s  %.1f s  %s", it->state, now - it->since, it->detail);
    if (it->phase == ITEM_GOOD && it->seconds > 0)
        return utr_format("%s in %.2f s", it->state, it->seconds);
    return utr_format("%s%s%s", it->state, *it->detail ? ": " : "", it->detail);
}

static screen_line line_of(const report_live *live, const item *it, double now)
{
    static const char SPINNER[] = "|/-\\";
    static const struct {
        text_tone tone;
        const char *mark;
    } LOOKS[] = {
        [ITEM_WAITING] = {TEXT_DIM, "."},
        [ITEM_BUSY] = {TEXT_BOLD, ""},
        [ITEM_GOOD] = {TEXT_GOOD, "+"},
        [ITEM_BAD] = {TEXT_BAD, "x"},
    };
    auto_free char *name = label(live, it);
    auto_free char *words = it->is_suite ? suite_words(it, now) : service_words(it, now);
    char spin[2] = {SPINNER[live->turn % 4], '\0'};
    return (screen_line){
        .tone = LOOKS[it->phase].tone,
        .mark = utr_strdup(it->phase == ITEM_BUSY ? spin : LOOKS[it->phase].mark),
        .text = utr_format("%-*s  %s", (int)live->name_width, name, words),
        .quiet = it->phase == ITEM_WAITING || it->phase == ITEM_GOOD,
    };
}

/* The lines that wait above the screen; the caller frees them. */
static char *take_above(report_live *live)
{
    if (!live->above_out || fclose(live->above_out) != 0)
        return utr_strdup("");
    char *text = live->above;
    live->above_out = NULL;
    live->above = NULL;
    return text;
}

static void draw(report_live *live)
{
    double now = live->last_at + (double)(utr_clock_us() - live->last_at_us) / 1e6;
    screen_lines lines = {0};
    for (size_t i = 0; i < live->items.count; i++)
        screen_lines_add(&lines, line_of(live, &live->items.items[i], now));
    auto_free char *above = take_above(live);
    screen_draw(&live->screen, above, &lines);
    screen_lines_dispose(&lines);
}

void report_live_tick(report_live *live)
{
    if (live->mode != REPORT_RICH)
        return;
    live->turn++;
    draw(live);
}

void report_live_output(report_live *live, const journal_fact *suite_finish, const char *log_path)
{
    if (live->mode == REPORT_JSON)
        return; /* the journal's lines only: a program reads them */
    parts_output(lasting(live), suite_finish, log_path);
    if (live->mode == REPORT_RICH)
        draw(live);
}

void report_live_free(report_live *live)
{
    if (!live)
        return;
    if (live->mode == REPORT_RICH)
        draw(live);
    for (size_t i = 0; i < live->items.count; i++)
        item_dispose(&live->items.items[i]);
    utr_vec_dispose(&live->items);
    screen_dispose(&live->screen);
    free(live);
}
