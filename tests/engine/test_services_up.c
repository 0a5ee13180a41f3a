/* Bring-up on the real engine: order, readiness, one-shot services, networks, volumes, two runs at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services_fixture.h"

#include "services/owner.h"

#include "base/clock.h"
#include "base/files.h"

#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char PAIR[] = "services:\n"
                           "  postgres:\n"
                           "    image: utr-fixture-postgres:15\n"
                           "    environment: {POSTGRES_PASSWORD: secret, POSTGRES_USER: me}\n"
                           "    ports: ['5432']\n"
                           "    tmpfs: [/var/lib/postgresql/data]\n"
                           "  redis:\n"
                           "    image: utr-fixture-redis:7\n"
                           "    ports: ['6379']\n"
                           "  app:\n"
                           "    image: utr-fixture-redis:7\n"
                           "    depends_on:\n"
                           "      postgres: {condition: service_healthy}\n"
                           "      redis: {condition: service_healthy}\n";

static void up(stage *s)
{
    utr_error err = {0};
    if (stage_up(s, &err))
        fail_msg("%s", err.text);
}

static void test_services_start_in_order_and_side_by_side(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, PAIR, NAMES("app", "redis"));
    up(&s);
    int64_t app_started = stage_told(&s, SERVICES_STARTED, "app")->at_ms;
    int64_t postgres_ready = stage_told(&s, SERVICES_READY, "postgres")->at_ms;
    int64_t redis_started = stage_told(&s, SERVICES_STARTED, "redis")->at_ms;
    assert_true(app_started >= postgres_ready);
    assert_true(app_started >= stage_told(&s, SERVICES_READY, "redis")->at_ms);
    assert_true(redis_started < postgres_ready); /* did not wait for its neighbour */
    assert_non_null(stage_told(&s, SERVICES_READY, "app"));
    stage_close(&s);
}

static void test_a_ready_service_says_where_and_what_it_is(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, PAIR, NAMES("redis"));
    up(&s);
    const services_running *redis = services_find(s.services, "redis");
    assert_non_null(redis);
    assert_int_equal(redis->address_count, 1);
    assert_int_equal(redis->addresses[0].container_port, 6379);
    assert_int_equal(redis->addresses[0].port, 6379); /* its own address: nothing is published here */
    assert_true(!strncmp(redis->image_id, "sha256:", 7));
    assert_int_equal(strlen(redis->container_id), 64);
    assert_true(redis->ready_seconds > 0 && redis->ready_seconds < 20);
    assert_string_equal(redis->image, "utr-fixture-redis:7");
    assert_null(services_find(s.services, "postgres")); /* not wanted, not started */
    engine_container container = {0};
    utr_error err = {0};
    assert_int_equal(
        engine_container_inspect(s.engine, redis->container_id, engine_within(5000, NULL), &container, &err),
        0);
    assert_int_equal(container.ports.count, 0);
    assert_string_equal(utr_json_str(container.labels, "com.docker.compose.service", ""), "redis");
    assert_string_equal(utr_json_str(container.labels, SERVICES_LABEL_SESSION, ""), s.project);
    engine_container_dispose(&container);
    stage_close(&s);
}

static void test_postgres_is_ready_when_it_takes_queries(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, PAIR, NAMES("postgres"));
    up(&s);
    auto_strs utr_strs query = {0};
    const char *const words[] = {"psql", "-h", "127.0.0.1", "-U", "me", "-d", "me", "-Atc", "select 41 + 1"};
    utr_strs_add(&query, "env");
    utr_strs_add(&query, "PGPASSWORD=secret");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        utr_strs_add(&query, words[i]);
    engine_exec_result result = {0};
    utr_error err = {0};
    const services_running *postgres = services_find(s.services, "postgres");
    assert_int_equal(
        engine_exec(s.engine, postgres->container_id, &query, engine_within(5000, NULL), &result, &err),
        UTR_OK);
    assert_string_equal(utr_buf_text(&result.output), "42\n");
    utr_buf_dispose(&result.output);
    stage_close(&s);
}

static void test_a_migration_completes_before_what_waits_for_it(void **state)
{
    (void)state;
    static const char TEXT[] = "services:\n"
                               "  redis:\n"
                               "    image: utr-fixture-redis:7\n"
                               "  migrate:\n"
                               "    image: utr-fixture-redis:7\n"
                               "    command: [redis-cli, -h, redis, set, migrated, 'yes']\n"
                               "    depends_on: {redis: {condition: service_healthy}}\n"
                               "  app:\n"
                               "    image: utr-base:bookworm\n"
                               "    command: [sleep, '600']\n"
                               "    depends_on: {migrate: {condition: service_completed_successfully}}\n";
    stage s;
    stage_open(&s, TEXT, NAMES("app"));
    up(&s);
    assert_non_null(stage_told(&s, SERVICES_COMPLETED, "migrate"));
    assert_true(services_find(s.services, "migrate")->one_shot);
    assert_true(stage_told(&s, SERVICES_STARTED, "app")->at_ms >=
                stage_told(&s, SERVICES_COMPLETED, "migrate")->at_ms);
    assert_non_null(stage_told(&s, SERVICES_READY, "app"));
    auto_free char *log = stage_log(&s, "migrate");
    assert_string_equal(log, "OK\n");
    stage_close(&s);
}

static void test_networks_volumes_and_aliases_are_the_stacks_own(void **state)
{
    (void)state;
    static const char TEXT[] =
        "services:\n"
        "  writer:\n"
        "    image: utr-base:bookworm\n"
        "    command: [sh, -c, 'echo hello > /shared/word']\n"
        "    volumes: ['shared:/shared']\n"
        "  redis:\n"
        "    image: utr-fixture-redis:7\n"
        "    container_name: the-cache\n"
        "    networks: {back: {aliases: [cache]}, front: {}}\n"
        "  reader:\n"
        "    image: utr-fixture-redis:7\n"
        "    command: [sh, -c, 'cat /shared/word && redis-cli -h cache ping && redis-cli -h "
        "the-cache ping']\n"
        "    volumes: ['shared:/shared:ro']\n"
        "    networks: [back]\n"
        "    depends_on:\n"
        "      writer: {condition: service_completed_successfully}\n"
        "      redis: {condition: service_healthy}\n"
        "  end:\n"
        "    image: utr-base:bookworm\n"
        "    command: ['true']\n"
        "    depends_on: {reader: {condition: service_completed_successfully}}\n"
        "networks: {back: {}, front: {}}\n"
        "volumes: {shared: {}}\n";
    stage s;
    stage_open(&s, TEXT, NAMES("end"));
    up(&s);
    auto_free char *log = stage_log(&s, "reader");
    assert_string_equal(log, "hello\nPONG\nPONG\n");
    assert_non_null(stage_await(&s, SERVICES_READY, "end", 1000)
                        ?: stage_told(&s, SERVICES_COMPLETED, "end"));
    stage_close(&s);
}

static void test_logs_are_kept_after_removal(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, PAIR, NAMES("redis"));
    up(&s);
    utr_error err = {0};
    assert_int_equal(services_down(s.services, engine_within(30000, NULL), &err), UTR_OK);
    assert_non_null(stage_told(&s, SERVICES_REMOVED, "redis"));
    auto_free char *log = stage_log(&s, "redis");
    assert_non_null(strstr(log, "Ready to accept connections"));
    stage_close(&s);
}

static void test_two_runs_at_once_do_not_touch_each_other(void **state)
{
    (void)state;
    stage first;
    stage second;
    stage_open(&first, PAIR, NAMES("redis"));
    stage_open(&second, PAIR, NAMES("redis"));
    up(&first);
    up(&second);
    assert_string_not_equal(services_find(first.services, "redis")->addresses[0].host,
                            services_find(second.services, "redis")->addresses[0].host);
    stage_close(&first);
    engine_container container = {0};
    utr_error err = {0};
    assert_int_equal(engine_container_inspect(second.engine,
                                              services_find(second.services, "redis")->container_id,
                                              engine_within(5000, NULL), &container, &err),
                     UTR_OK);
    assert_true(container.running);
    engine_container_dispose(&container);
    stage_close(&second);
}

static void test_an_image_is_built_where_it_cannot_be_pulled(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, "services: {none: {image: none}}\n", (const char *const[]){NULL});
    auto_free char *dockerfile = utr_path_join(s.folder, "Dockerfile");
    static const char LINES[] = "FROM utr-base:bookworm\nCMD [\"sleep\", \"600\"]\n";
    utr_error err = {0};
    assert_int_equal(utr_file_write(dockerfile, LINES, strlen(LINES), &err), UTR_OK);
    auto_free char *text = utr_format("services:\n"
                                      "  one: {image: '%s:1', build: '%s'}\n"
                                      "  two: {image: '%s:1', build: '%s'}\n",
                                      s.project, s.folder, s.project, s.folder);
    stage built;
    stage_open(&built, text, NAMES("one", "two"));
    up(&built);
    /* One image, two services: built once. */
    size_t builds = 0;
    for (size_t i = 0; i < built.events.count; i++)
        builds += built.events.items[i].state == SERVICES_BUILDING &&
                  strstr(built.events.items[i].detail, s.project) == built.events.items[i].detail;
    assert_int_equal(builds, 1);
    stage_close(&built);
    auto_free char *remove = utr_format("docker rmi -f %s:1 >/dev/null", s.project);
    assert_int_equal(system(remove), 0);
    stage_close(&s);
}

static void test_a_portless_service_is_ready_when_it_runs(void **state)
{
    (void)state;
    static const char TEXT[] = "services: {worker: {image: 'utr-base:bookworm', command: [sleep, '600']}}\n";
    stage s;
    stage_open(&s, TEXT, NAMES("worker"));
    up(&s);
    assert_non_null(stage_told(&s, SERVICES_READY, "worker"));
    assert_int_equal(services_find(s.services, "worker")->address_count, 0);
    stage_close(&s);
}

int main(int argc, char **argv)
{
    int mode = special_modes(argc, argv);
    if (mode >= 0)
        return mode;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_start_in_order_and_side_by_side),
        cmocka_unit_test(test_a_ready_service_says_where_and_what_it_is),
        cmocka_unit_test(test_postgres_is_ready_when_it_takes_queries),
        cmocka_unit_test(test_a_migration_completes_before_what_waits_for_it),
        cmocka_unit_test(test_networks_volumes_and_aliases_are_the_stacks_own),
        cmocka_unit_test(test_logs_are_kept_after_removal),
        cmocka_unit_test(test_two_runs_at_once_do_not_touch_each_other),
        cmocka_unit_test(test_an_image_is_built_where_it_cannot_be_pulled),
        cmocka_unit_test(test_a_portless_service_is_ready_when_it_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
