#include "stage.h"

#include "base/memory.h"
#include "dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define GET      "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
#define SET      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define GET_SEEN "1E 1S 1R 0W 0X [GET a x1]"
#define SET_SEEN "1E 1S 0R 1W 0X [SET a x1]"

static void test_what_was_sent_before_a_scope_ends_belongs_to_it(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    stage_turn(&s);
    witness_scope_begin(s.worker, true);
    stage_say(client, GET);
    stage_say(service, "$-1\r\n"); /* both wait in the kernel, the loop has not turned */
    stage_scope_gives(&s, GET_SEEN);
    witness_scope_begin(s.worker, true);
    stage_scope_gives(&s, "nothing");
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_what_was_sent_before_the_target_answered_belongs_to_its_scope(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    assert_int_equal(listen(s.target, 0), 0); /* a queue for one: whoever dials next waits */
    int queued = stage_dial(s.target_port);
    witness_scope_begin(s.worker, true);
    int client = stage_dial(s.port);
    stage_say(client, GET);
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].bytes_sent, strlen(GET));
    witness_evidence_dispose(&list);
    witness_scope_begin(s.worker, true);
    (void)close(stage_accept(&s)); /* the one that filled the queue */
    int service = stage_accept(&s);
    stage_expect(&s, service, GET);
    stage_say(service, "$-1\r\n");
    stage_expect(&s, client, "$-1\r\n");
    witness_scope_end(s.worker, true, &list);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(list.items[i].exchanges, 0);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    (void)close(queued);
    stage_close(&s);
}

static void test_a_connection_used_in_a_narrower_scope_is_inherited_there_once(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    witness_scope_begin(s.worker, true);
    for (int i = 0; i < 3; i++) {
        stage_say(client, GET);
        stage_expect(&s, service, GET);
        witness_scope_begin(s.worker, true);
        assert_int_equal(witness_scope_depth(s.worker), 2);
        stage_say(client, GET);
        stage_expect(&s, service, GET);
        witness_evidence_list list = {0};
        witness_scope_end(s.worker, true, &list);
        assert_int_equal(list.items[0].inherited_connections, 1);
        witness_evidence_dispose(&list);
    }
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.items[0].inherited_connections, 1);
    assert_int_equal(list.items[0].connections, 0);
    witness_evidence_dispose(&list);
    witness_worker_close(s.worker, &list);
    assert_int_equal(list.items[0].connections, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

/* A format without an event socket: what was printed is read before bytes are attributed. */
typedef struct {
    stage *stage;
    bool printed;
    char *first;
} printer;

static void read_output(void *ctx)
{
    printer *p = ctx;
    if (!p->printed)
        return;
    p->printed = false;
    witness_evidence_list list = {0};
    witness_scope_end(p->stage->worker, false, &list);
    p->first = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    witness_evidence_dispose(&list);
    witness_scope_begin(p->stage->worker, false);
}

static void test_output_printed_before_the_bytes_is_read_before_they_count(void **state)
{
    (void)state;
    stage s;
    printer p = {.stage = &s};
    stage_open_with(&s, WITNESS_REDIS,
                    &(witness_worker_options){.before_attribution = read_output, .ctx = &p});
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    witness_scope_begin(s.worker, true);
    stage_say(client, GET);
    stage_expect(&s, service, GET);
    stage_say(service, "$-1\r\n");
    stage_expect(&s, client, "$-1\r\n");
    p.printed = true; /* "ok 1", then the next test asks */
    stage_say(client, SET);
    stage_expect(&s, service, SET);
    stage_say(service, "+OK\r\n");
    stage_expect(&s, client, "+OK\r\n");
    assert_string_equal(p.first, GET_SEEN);
    free(p.first);
    stage_scope_gives(&s, SET_SEEN);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

/* An event socket: "finished" is read before bytes are attributed, and waits for our answer. */
typedef struct {
    stage *stage;
    bool finished;
    char *first;
} teller;

static void read_event(void *ctx)
{
    teller *t = ctx;
    if (!t->finished)
        return;
    t->finished = false;
    witness_evidence_list list = {0};
    witness_scope_end(t->stage->worker, true, &list);
    t->first = list.count ? dialogue_text(&list.items[0]) : utr_strdup("nothing");
    witness_evidence_dispose(&list);
}

static void test_bytes_that_were_reported_before_the_end_was_read_belong_to_the_test(void **state)
{
    (void)state;
    stage s;
    teller t = {.stage = &s};
    stage_open_with(&s, WITNESS_REDIS,
                    &(witness_worker_options){.before_attribution = read_event, .ctx = &t});
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    stage_turn(&s);
    witness_scope_begin(s.worker, true);
    stage_say(client, GET);
    stage_say(service, "$-1\r\n");
    t.finished = true; /* told after both, and nothing comes after it: the loop finds all of it at once */
    stage_expect(&s, client, "$-1\r\n");
    assert_non_null(t.first);
    assert_string_equal(t.first, GET_SEEN);
    free(t.first);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_what_is_outside_every_scope_is_taken_in_slices(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, WITNESS_REDIS);
    int client = stage_dial(s.port);
    int service = stage_accept(&s);
    for (int i = 0; i < 2; i++) {
        stage_say(client, GET);
        stage_expect(&s, service, GET);
        stage_say(service, "$-1\r\n");
        stage_expect(&s, client, "$-1\r\n");
        witness_evidence_list list = {0};
        witness_ambient_take(s.worker, true, &list);
        assert_int_equal(list.count, 1);
        auto_free char *text = dialogue_text(&list.items[0]);
        assert_string_equal(text, GET_SEEN);
        assert_int_equal(list.items[0].connections, i == 0);
        assert_true(list.items[0].statements.items[0].opened);
        witness_evidence_dispose(&list);
    }
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_connections_have_numbers_of_their_own(void **state)
{
    (void)state;
    stage s;
    int clients[2];
    int services[2];
    stage_open(&s, WITNESS_REDIS);
    for (int i = 0; i < 2; i++) {
        clients[i] = stage_dial(s.port);
        services[i] = stage_accept(&s);
        if (i == 0)
            witness_scope_begin(s.worker, true);
    }
    for (int i = 0; i < 2; i++) {
        stage_say(clients[i], GET);
        stage_expect(&s, services[i], GET);
        stage_say(services[i], "$-1\r\n");
        stage_expect(&s, clients[i], "$-1\r\n");
    }
    witness_evidence_list list = {0};
    witness_scope_end(s.worker, true, &list);
    assert_int_equal(list.items[0].statements.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const witness_statement *one = &list.items[0].statements.items[i];
        assert_int_equal(one->connection, i + 1);
        assert_int_equal(one->opened, i == 1);
        assert_int_equal(one->reads, 1);
    }
    witness_evidence_dispose(&list);
    for (int i = 0; i < 2; i++) {
        (void)close(clients[i]);
        (void)close(services[i]);
    }
    stage_close(&s);
}

static void count_one(void *ctx)
{
    ++*(int *)ctx;
}

static void test_the_first_connection_is_told_once(void **state)
{
    (void)state;
    stage s;
    int told = 0;
    stage_open_with(&s, WITNESS_REDIS,
                    &(witness_worker_options){.on_first_connection = count_one, .ctx = &told});
    stage_turn(&s);
    assert_int_equal(told, 0);
    for (int i = 0; i < 2; i++) {
        int client = stage_dial(s.port);
        int service = stage_accept(&s);
        assert_int_equal(told, 1);
        (void)close(client);
        (void)close(service);
    }
    stage_close(&s);
}

static void test_a_socket_that_listens_elsewhere_serves_a_target(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    int port = 0;
    stage_open(&s, WITNESS_REDIS);
    assert_int_equal(witness_listen_fd(s.worker, 0, stage_listener(&port), &err), UTR_OK);
    witness_scope_begin(s.worker, true);
    int client = stage_dial(port);
    int service = stage_accept(&s);
    stage_say(client, GET);
    stage_expect(&s, service, GET);
    stage_say(service, "$-1\r\n");
    stage_expect(&s, client, "$-1\r\n");
    stage_scope_gives(&s, GET_SEEN);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

static void test_workers_do_not_mix(void **state)
{
    (void)state;
    stage s;
    utr_error err = {0};
    int other_port = 0;
    stage_open(&s, WITNESS_REDIS);
    witness_worker *other = witness_worker_new(s.witness, &(witness_worker_options){0});
    assert_int_equal(witness_listen(other, 0, 0, &other_port, &err), UTR_OK);
    witness_scope_begin(s.worker, true);
    witness_scope_begin(other, true);
    int client = stage_dial(other_port);
    int service = stage_accept(&s);
    stage_say(client, GET);
    stage_expect(&s, service, GET);
    stage_scope_gives(&s, "nothing");
    witness_evidence_list list = {0};
    witness_scope_end(other, true, &list);
    assert_int_equal(list.count, 1);
    witness_evidence_dispose(&list);
    (void)close(client);
    (void)close(service);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_sent_before_a_scope_ends_belongs_to_it),
        cmocka_unit_test(test_what_was_sent_before_the_target_answered_belongs_to_its_scope),
        cmocka_unit_test(test_a_connection_used_in_a_narrower_scope_is_inherited_there_once),
        cmocka_unit_test(test_output_printed_before_the_bytes_is_read_before_they_count),
        cmocka_unit_test(test_bytes_that_were_reported_before_the_end_was_read_belong_to_the_test),
        cmocka_unit_test(test_what_is_outside_every_scope_is_taken_in_slices),
        cmocka_unit_test(test_connections_have_numbers_of_their_own),
        cmocka_unit_test(test_the_first_connection_is_told_once),
        cmocka_unit_test(test_a_socket_that_listens_elsewhere_serves_a_target),
        cmocka_unit_test(test_workers_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
