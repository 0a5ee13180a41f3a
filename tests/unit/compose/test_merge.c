#include "load.h"

static const char BASE[] = "name: base\n"
                           "services:\n"
                           "  web:\n"
                           "    image: a:1\n"
                           "    command: [run, --base]\n"
                           "    entrypoint: /base\n"
                           "    environment:\n"
                           "      A: base\n"
                           "      B: base\n"
                           "    labels: [tier=web, keep=1]\n"
                           "    ports: [\"80:80\"]\n"
                           "    volumes: [data:/data, ./a:/a]\n"
                           "    depends_on: [db]\n"
                           "    networks: [front]\n"
                           "    dns: 1.1.1.1\n"
                           "    healthcheck: {test: [CMD, base], interval: 5s}\n"
                           "    cap_add: [NET_ADMIN]\n"
                           "    ulimits: {nofile: 10, nproc: 5}\n"
                           "    build: ./base\n"
                           "  db:\n"
                           "    image: postgres:15\n"
                           "networks: {front: , back: }\n"
                           "volumes: {data: }\n";

static void test_each_kind_of_value_merges_its_own_way(void **state)
{
    (void)state;
    auto_loaded loaded l = load_two(BASE, "services:\n"
                                          "  web:\n"
                                          "    image: a:2\n"
                                          "    command: serve\n"
                                          "    environment: [B=over, C=over]\n"
                                          "    labels: {tier: api}\n"
                                          "    ports: [\"80:80\", \"443:443\"]\n"
                                          "    volumes: [\"./d:/data/\"]\n"
                                          "    depends_on: {db: {condition: service_healthy}}\n"
                                          "    networks: {front: {aliases: [www]}, back: }\n"
                                          "    dns: [8.8.8.8]\n"
                                          "    healthcheck: {test: over, retries: 3}\n"
                                          "    cap_add: [NET_ADMIN, SYS_TIME]\n"
                                          "    ulimits: {nofile: {soft: 1, hard: 2}}\n"
                                          "    build: {target: test}\n");
    assert_clean(&l);
    const compose_service *web = compose_find(l.stack, "web");
    assert_string_equal(l.stack->name, "base");
    assert_string_equal(web->image, "a:2");
    assert_strs(&web->command, "serve");
    assert_strs(&web->entrypoint, "/base");
    assert_strs(&web->environment, "A=base|B=over|C=over");
    assert_strs(&web->labels, "tier=api|keep=1");
    assert_int_equal(web->ports.count, 2);
    assert_int_equal(web->mounts.count, 2);
    assert_string_equal(web->mounts.items[0].target, "/a");
    assert_string_equal(web->mounts.items[1].target, "/data");
    assert_int_equal(web->mounts.items[1].kind, COMPOSE_BIND);
    assert_int_equal(web->depends_on.count, 1);
    assert_int_equal(web->depends_on.items[0].condition, COMPOSE_HEALTHY);
    assert_int_equal(web->networks.count, 2);
    assert_strs(&web->networks.items[0].aliases, "www");
    assert_strs(&web->dns, "1.1.1.1|8.8.8.8");
    assert_strs(&web->health.test, "CMD-SHELL|over");
    assert_int_equal(web->health.interval_ms, 5000);
    assert_int_equal(web->health.retries, 3);
    assert_strs(&web->cap_add, "NET_ADMIN|SYS_TIME");
    assert_int_equal(web->ulimits.count, 2);
    assert_int_equal(web->ulimits.items[0].hard, 2);
    assert_true(web->build.context && web->build.target);
}

static void test_reset_removes_and_override_replaces(void **state)
{
    (void)state;
    auto_loaded loaded l = load_two(BASE, "services:\n"
                                          "  web:\n"
                                          "    ports: !reset []\n"
                                          "    build: !reset null\n"
                                          "    environment: !override {Z: only}\n"
                                          "    healthcheck: !override {disable: true}\n"
                                          "    labels: {keep: !reset null}\n"
                                          "    init: !reset false\n");
    assert_clean(&l);
    const compose_service *web = compose_find(l.stack, "web");
    assert_int_equal(web->ports.count, 0);
    assert_null(web->build.context);
    assert_strs(&web->environment, "Z=only");
    assert_true(web->health.disabled);
    assert_int_equal(web->health.interval_ms, 0);
    assert_strs(&web->labels, "tier=web");
}

static void test_services_of_later_files_are_added(void **state)
{
    (void)state;
    auto_loaded loaded l =
        load_two(BASE, "services:\n  cache:\n    image: redis:7\nnetworks: {front: {internal: true}}\n");
    assert_clean(&l);
    assert_int_equal(l.stack->services.count, 3);
    assert_string_equal(compose_find(l.stack, "cache")->place.path, "over.yaml");
    assert_int_equal(compose_find(l.stack, "cache")->place.line, 2);
    assert_string_equal(l.stack->networks.items[0].key, "front");
    assert_true(l.stack->networks.items[0].internal);
}

static void test_nothing_over_something_keeps_it(void **state)
{
    (void)state;
    auto_loaded loaded l = load_two(BASE, "services:\n  web:\n    labels:\n    command:\n");
    assert_clean(&l);
    const compose_service *web = compose_find(l.stack, "web");
    assert_strs(&web->labels, "tier=web|keep=1");
    assert_false(web->has_command); /* but a command is replaced, by the image's own */
}

static void test_forms_that_do_not_fit_together_are_faults(void **state)
{
    (void)state;
    auto_loaded loaded l = load_two(BASE, "services:\n  web:\n    ports: {a: b}\n    image: [x]\n");
    assert_faults(
        &l,
        "over.yaml:3:12: 'ports' is a mapping here but a list in compose.yaml:11; write both in one form\n"
        "over.yaml:4:12: 'image' is a list here but a scalar in compose.yaml:4; write both in one form\n"
        "over.yaml:4:12: 'image' wants a string, not a list\n"
        "over.yaml:3:12: 'ports' wants a list of ports, not a mapping");
}

static void test_faults_of_every_file_come_at_once(void **state)
{
    (void)state;
    auto_loaded loaded l =
        load_two("services:\n  web:\n    image: A\n", "services:\n  web:\n    imge: b\n    user: ${NO:?x}\n");
    assert_faults(&l,
                  "over.yaml:4:11: variable 'NO' is required: x; set it in the environment or in .env\n"
                  "compose.yaml:3:12: 'A' is no image; write NAME:TAG in lower case, such as postgres:15\n"
                  "over.yaml:3:5: unknown key 'imge'; did you mean 'image'?");
}

static void test_two_files_may_both_be_no_yaml(void **state)
{
    (void)state;
    auto_loaded loaded l = load_two("services: [\n", "a: 1\na: 2\n");
    assert_int_equal(l.code, UTR_CONFIG);
    assert_int_equal(l.faults.texts.count, 2);
}

static void test_other_tags_are_refused(void **state)
{
    (void)state;
    auto_loaded loaded l = load_text("services:\n  web:\n    image: !secret a\n    user: !!str 1000\n");
    assert_faults(&l, "compose.yaml:3:12: unknown tag '!secret'; known: !reset, !override");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_of_value_merges_its_own_way),
        cmocka_unit_test(test_reset_removes_and_override_replaces),
        cmocka_unit_test(test_services_of_later_files_are_added),
        cmocka_unit_test(test_nothing_over_something_keeps_it),
        cmocka_unit_test(test_forms_that_do_not_fit_together_are_faults),
        cmocka_unit_test(test_faults_of_every_file_come_at_once),
        cmocka_unit_test(test_two_files_may_both_be_no_yaml),
        cmocka_unit_test(test_other_tags_are_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
