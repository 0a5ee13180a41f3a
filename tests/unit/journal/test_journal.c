#include "journal/journal.h"

#include "../base/cmocka_all.h"
#include "base/files.h"
#include "journal/line.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* A folder of its own for each test. */
typedef struct {
    char folder[64];
    char *path;
} place;

static int make_place(void **state)
{
    place *p = UTR_NEW(place);
    (void)snprintf(p->folder, sizeof p->folder, "/tmp/utr-journal-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    p->path = utr_path_join(p->folder, "journal.jsonl");
    *state = p;
    return 0;
}

static int drop_place(void **state)
{
    place *p = *state;
    (void)unlink(p->path);
    (void)rmdir(p->folder);
    free(p->path);
    free(p);
    return 0;
}

static void write_text(const place *p, const char *text, size_t len)
{
    utr_error err = {0};
    assert_int_equal(utr_file_write(p->path, text, len, &err), UTR_OK);
}

static journal *read_back(const place *p)
{
    journal *j = NULL;
    utr_error err = {0};
    if (journal_read(p->path, &j, &err))
        fail_msg("%s", err.text);
    return j;
}

/* Reads what must be refused. */
static void expect_refused(const place *p, const char *text, utr_code code, const char *says)
{
    journal *j = NULL;
    utr_error err = {0};
    write_text(p, text, strlen(text));
    assert_int_equal(journal_read(p->path, &j, &err), code);
    assert_null(j);
    if (!strstr(err.text, says))
        fail_msg("'%s' does not say '%s'", err.text, says);
}

/* A fact in which every field says something of its own; a new field that is forgotten in the table does not
 * come back. */
static journal_fact full_fact(journal_kind kind, char *words)
{
    journal_fact fact = {.kind = kind, .at = 1.25, .seconds = 0.125, .critical = true, .dirty = true};
    char **const TEXTS[] = {
        &fact.category, &fact.suite,        &fact.test,        &fact.service,  &fact.text,
        &fact.state,    &fact.rule,         &fact.level,       &fact.measure,  &fact.format,
        &fact.owner,    &fact.expires,      &fact.id,          &fact.started,  &fact.command,
        &fact.root,     &fact.commit,       &fact.environment, &fact.pattern,  &fact.image,
        &fact.image_id, &fact.container_id, &fact.address,     &fact.identity, &fact.file,
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        *TEXTS[i] = words + i; /* each another suffix */
    int64_t *const NUMBERS[] = {
        &fact.line,           &fact.count,       &fact.exit_code,
        &fact.signal,         &fact.connections, &fact.inherited_connections,
        &fact.exchanges,      &fact.substantive, &fact.reads,
        &fact.writes,         &fact.errors,      &fact.bytes_sent,
        &fact.bytes_received,
    };
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++)
        *NUMBERS[i] = INT64_MAX - (int64_t)i;
    fact.real_services = fact.tells_tests = fact.default_evidence = fact.timed_out = true;
    fact.opaque = fact.lost = fact.refused = fact.inherit = fact.whole = true;
    fact.mocks = fact.swallows = fact.asserts = true;
    return fact;
}

static void assert_same_fact(const journal_fact *a, const journal_fact *b)
{
    auto_free char *one = journal_fact_format(a);
    auto_free char *other = journal_fact_format(b);
    assert_string_equal(one, other);
}

static void test_every_kind_comes_back_with_every_field(void **state)
{
    const place *p = *state;
    char words[] = "\"quoted\" \\ back / slash \t tab \n line \x01 \xc3\xa9\xe2\x82\xac end of it";
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(p->path, &j, &err), UTR_OK);
    for (journal_kind kind = JOURNAL_RUN; kind <= JOURNAL_FINISH; kind++) {
        journal_fact fact = full_fact(kind, words);
        utr_strs_add(&fact.names, "first");
        utr_strs_add(&fact.names, "");
        utr_strs_add(&fact.uses, "module fixture table");
        *utr_vec_push(&fact.statements) = (journal_statement){7, true, words, 6, 5, 4, 3};
        *utr_vec_push(&fact.statements) = (journal_statement){.text = (char *)""};
        (void)journal_add(j, &fact);
        utr_strs_dispose(&fact.names);
        utr_strs_dispose(&fact.uses);
        utr_vec_dispose(&fact.statements);
    }
    assert_int_equal(journal_write_status(j, &err), UTR_OK);
    auto_journal journal *back = read_back(p);
    assert_int_equal(journal_count(back), journal_count(j));
    for (size_t i = 0; i < journal_count(j); i++) {
        const journal_fact *fact = journal_get(back, i);
        assert_same_fact(journal_get(j, i), fact);
        assert_int_equal(fact->kind, i);
        assert_string_equal(fact->category, words);
        assert_string_equal(fact->file, words + 24);
        assert_true(fact->line == INT64_MAX && fact->bytes_received == INT64_MAX - 12);
        assert_true(fact->refused && fact->critical && fact->default_evidence);
        assert_true(fact->inherit && fact->whole && fact->mocks && fact->swallows && fact->asserts);
        assert_string_equal(fact->uses.items[0], "module fixture table");
        assert_int_equal(fact->statements.count, 2);
        const journal_statement *one = &fact->statements.items[0];
        assert_string_equal(one->text, words);
        assert_true(one->opened && one->connection == 7 && one->count == 6 && one->substantive == 5 &&
                    one->reads == 4 && one->writes == 3);
        assert_true(fact->at == 1.25 && fact->seconds == 0.125);
        assert_int_equal(fact->names.count, 2);
    }
    journal_free(j);
}

/* Compares bytes, so that a field that is in the struct but not in the table is found: copying goes by the
 * table, and so does reading. */
static void test_no_field_is_missing_from_the_table(void **state)
{
    (void)state;
    char words[] = "some words that are long enough";
    journal_fact fact = full_fact(JOURNAL_RUN, words);
    auto_free char *line = journal_fact_format(&fact);
    journal_fact back = {0};
    utr_error err = {0};
    assert_int_equal(journal_line_parse(line, &back, &err), UTR_OK);
    const char *from = (const char *)&fact, *to = (const char *)&back;
    size_t texts_end = offsetof(journal_fact, line);
    for (size_t at = offsetof(journal_fact, category); at < texts_end; at += sizeof(char *)) {
        const char *const *a = (const char *const *)(from + at);
        const char *const *b = (const char *const *)(to + at);
        assert_non_null(*a);
        assert_non_null(*b);
        assert_string_equal(*a, *b);
    }
    size_t numbers = offsetof(journal_fact, names) - texts_end;
    assert_memory_equal(from + texts_end, to + texts_end, numbers);
    journal_line_dispose(&back);
}

static void test_a_line_of_any_length_is_whole(void **state)
{
    (void)state;
    static const size_t BEHIND_THE_KIND = sizeof "{\"kind\":\"note\",\"text\":\"" - 1;
    for (size_t len = 2000; len <= 2100; len++) {
        auto_free char *text = utr_calloc(len + 1, 1);
        (void)memset(text, 'x', len);
        auto_free char *line = journal_fact_format(&(journal_fact){.kind = JOURNAL_NOTE, .text = text});
        assert_int_equal(strlen(line), BEHIND_THE_KIND + len + strlen("\"}"));
        assert_memory_equal(line + BEHIND_THE_KIND, text, len);
        assert_string_equal(line + BEHIND_THE_KIND + len, "\"}");
    }
}

static void test_what_is_empty_is_left_out(void **state)
{
    (void)state;
    auto_free char *line = journal_fact_format(&(journal_fact){.kind = JOURNAL_NOTE});
    assert_string_equal(line, "{\"kind\":\"note\"}");
}

static void test_a_fact_is_kept_told_and_timed(void **state)
{
    (void)state;
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(NULL, &j, &err), UTR_OK);
    char text[] = "before";
    const journal_fact *kept = journal_add(j, &(journal_fact){.kind = JOURNAL_NOTE, .text = text});
    text[0] = 'B';
    assert_string_equal(kept->text, "before");
    assert_ptr_equal(kept, journal_get(j, 0));
    assert_true(kept->at >= 0 && kept->at < 60);
    journal_free(j);
}

static void count_fact(void *ctx, const journal_fact *fact)
{
    assert_string_equal(fact->text, "x");
    ++*(int *)ctx;
}

static void test_the_watcher_is_told_of_each_fact(void **state)
{
    (void)state;
    int told = 0;
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(NULL, &j, &err), UTR_OK);
    journal_watch(j, count_fact, &told);
    char text[] = "x";
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_NOTE, .text = text});
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_BROKEN, .text = text});
    assert_int_equal(told, 2);
    journal_free(j);
}

static void test_bytes_that_are_no_text_are_repaired(void **state)
{
    const place *p = *state;
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(p->path, &j, &err), UTR_OK);
    char bad[] = "a\xff\xfe\xc0\xafz";
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_NOTE, .text = bad});
    journal_free(j);
    auto_journal journal *back = read_back(p);
    const char *text = journal_get(back, 0)->text;
    assert_int_equal(text[0], 'a');
    assert_non_null(strstr(text, "\xEF\xBF\xBD"));
    assert_int_equal(text[strlen(text) - 1], 'z');
}

static void test_a_cut_last_line_is_left_out_at_every_byte(void **state)
{
    const place *p = *state;
    static const char WHOLE[] =
        "{\"kind\":\"note\",\"text\":\"one\"}\n{\"kind\":\"note\",\"text\":\"t\xc3\xa9wo\"}\n";
    size_t first = strlen("{\"kind\":\"note\",\"text\":\"one\"}\n");
    for (size_t len = 0; len <= sizeof WHOLE - 1; len++) {
        write_text(p, WHOLE, len);
        auto_journal journal *j = read_back(p);
        assert_int_equal(journal_count(j), len < first ? 0 : len < sizeof WHOLE - 1 ? 1 : 2);
    }
}

static void test_what_is_no_fact_is_refused_with_its_line(void **state)
{
    const place *p = *state;
    expect_refused(p, "{\"kind\":\"evidence\",\"statements\":[{\"text\":\"a\"}]}\n", UTR_CONFIG,
                   "statements");
    expect_refused(p, "{\"kind\":\"evidence\",\"statements\":{}}\n", UTR_CONFIG, "statements");
    expect_refused(p, "{\"kind\":\"note\"}\n{\"kind\":\"rumour\"}\n", UTR_CONFIG,
                   ":2: unknown kind of fact 'rumour'");
    expect_refused(p, "{\"text\":\"x\"}\n", UTR_CONFIG, ":1: unknown kind");
    expect_refused(p, "{\"kind\":\"note\",\"colour\":\"red\"}\n", UTR_CONFIG, "unknown field 'colour'");
    expect_refused(p, "{\"kind\":\"note\",\"text\":5}\n", UTR_CONFIG, "'text' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"text\":null}\n", UTR_CONFIG, "'text' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"count\":1.5}\n", UTR_CONFIG, "'count' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"at\":\"1\"}\n", UTR_CONFIG, "'at' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"dirty\":1}\n", UTR_CONFIG, "'dirty' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"names\":[\"a\",1]}\n", UTR_CONFIG, "'names' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"names\":\"a\"}\n", UTR_CONFIG, "'names' has the wrong type");
    expect_refused(p, "{\"kind\":\"note\",\"kind\":\"note\"}\n", UTR_CONFIG, ":1: not a JSON object");
    expect_refused(p, "[1]\n", UTR_CONFIG, ":1: not a JSON object");
    expect_refused(p, "nonsense\n", UTR_CONFIG, ":1: not a JSON object");
    expect_refused(p, "{\"kind\":\"note\",\"text\":\"\xff\"}\n", UTR_CONFIG, ":1: not a JSON object");
}

static void test_a_nul_byte_hides_nothing_behind_it(void **state)
{
    const place *p = *state;
    static const char TEXT[] = "{\"kind\":\"note\"}\n\0{\"kind\":\"note\"}\n";
    journal *j = NULL;
    utr_error err = {0};
    write_text(p, TEXT, sizeof TEXT - 1);
    assert_int_equal(journal_read(p->path, &j, &err), UTR_CONFIG);
    assert_null(j);
}

static void test_a_line_over_its_limit_is_too_large(void **state)
{
    const place *p = *state;
    const size_t long_text = 1100000;
    auto_free char *filler = utr_calloc(long_text + 1, 1);
    (void)memset(filler, 'x', long_text);
    auto_free char *line = utr_format("{\"kind\":\"note\",\"text\":\"%s\"}\n", filler);
    expect_refused(p, line, UTR_TOO_LARGE, ":1: longer than 1 MiB");
}

static void test_an_existing_record_is_never_written_over(void **state)
{
    const place *p = *state;
    journal *j = NULL;
    utr_error err = {0};
    write_text(p, "old\n", 4);
    assert_int_equal(journal_new(p->path, &j, &err), UTR_SYS);
    assert_null(j);
}

static void test_facts_of_one_kind_can_be_read_alone(void **state)
{
    const place *p = *state;
    auto_journal journal *j = NULL;
    auto_journal journal *read = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(p->path, &j, &err), UTR_OK);
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_TEST_START, .test = "a"});
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_TEST_FINISH, .test = "a", .seconds = 2});
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_SUITE_FINISH, .suite = "s"});
    assert_int_equal(journal_read_kind(p->path, JOURNAL_TEST_FINISH, &read, &err), UTR_OK);
    assert_int_equal(journal_count(read), 1);
    assert_string_equal(journal_get(read, 0)->test, "a");
}

static void test_a_missing_record_is_an_error(void **state)
{
    const place *p = *state;
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_read(p->path, &j, &err), UTR_SYS);
    assert_null(j);
}

/* A full disk, played by the limit of a file's size. */
static void test_a_failed_write_is_told_at_the_end_and_leaves_whole_lines(void **state)
{
    const place *p = *state;
    struct rlimit was;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    journal *j = NULL;
    utr_error err = {0};
    assert_int_equal(journal_new(p->path, &j, &err), UTR_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, was.rlim_max}), 0);
    char text[] = "some thirty bytes of text here";
    for (int i = 0; i < 5; i++)
        (void)journal_add(j, &(journal_fact){.kind = JOURNAL_NOTE, .at = 1, .text = text});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    (void)journal_add(j, &(journal_fact){.kind = JOURNAL_NOTE, .at = 1, .text = text});
    assert_int_equal(journal_count(j), 6);
    assert_int_equal(journal_write_status(j, &err), UTR_SYS);
    journal_free(j);
    auto_journal journal *back = read_back(p);
    assert_int_equal(journal_count(back), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_kind_comes_back_with_every_field, make_place, drop_place),
        cmocka_unit_test(test_no_field_is_missing_from_the_table),
        cmocka_unit_test(test_a_line_of_any_length_is_whole),
        cmocka_unit_test(test_what_is_empty_is_left_out),
        cmocka_unit_test(test_a_fact_is_kept_told_and_timed),
        cmocka_unit_test(test_the_watcher_is_told_of_each_fact),
        cmocka_unit_test_setup_teardown(test_bytes_that_are_no_text_are_repaired, make_place, drop_place),
        cmocka_unit_test_setup_teardown(test_a_cut_last_line_is_left_out_at_every_byte, make_place,
                                        drop_place),
        cmocka_unit_test_setup_teardown(test_what_is_no_fact_is_refused_with_its_line, make_place,
                                        drop_place),
        cmocka_unit_test_setup_teardown(test_a_nul_byte_hides_nothing_behind_it, make_place, drop_place),
        cmocka_unit_test_setup_teardown(test_a_line_over_its_limit_is_too_large, make_place, drop_place),
        cmocka_unit_test_setup_teardown(test_an_existing_record_is_never_written_over, make_place,
                                        drop_place),
        cmocka_unit_test_setup_teardown(test_facts_of_one_kind_can_be_read_alone, make_place, drop_place),
        cmocka_unit_test_setup_teardown(test_a_missing_record_is_an_error, make_place, drop_place),
        cmocka_unit_test_setup_teardown(test_a_failed_write_is_told_at_the_end_and_leaves_whole_lines,
                                        make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
