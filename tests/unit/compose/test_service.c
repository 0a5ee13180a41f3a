#include "load.h"

#include <string.h>

static void test_words_numbers_and_switches_reach_their_fields(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: registry.local:5000/team/app_x:1.2@sha256:"
                                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
                                        "    pull_policy: if_not_present\n"
                                        "    entrypoint: [\"/bin/sh\", \"-c\"]\n"
                                        "    command: \"run 'a b' --x=\\\"c d\\\" e\\\\ f\"\n"
                                        "    user: \"1000:1000\"\n"
                                        "    working_dir: /app\n"
                                        "    hostname: web\n"
                                        "    container_name: my_web.1\n"
                                        "    stop_signal: SIGINT\n"
                                        "    stop_grace_period: 1m30s\n"
                                        "    restart: on-failure:3\n"
                                        "    platform: linux/amd64\n"
                                        "    shm_size: 64m\n"
                                        "    mem_limit: 1.5gb\n"
                                        "    cpus: \"0.5\"\n"
                                        "    pids_limit: 100\n"
                                        "    init: true\n"
                                        "    privileged: false\n"
                                        "    read_only: ${RO:-yes}\n"
                                        "    tty: on\n"
                                        "    stdin_open: y\n");
    assert_clean(&l);
    const compose_service *s = &l.stack->services.items[0];
    assert_string_equal(s->pull_policy, "missing");
    assert_strs(&s->entrypoint, "/bin/sh|-c");
    assert_strs(&s->command, "run|a b|--x=c d|e f");
    assert_true(s->has_command && s->has_entrypoint);
    assert_string_equal(s->user, "1000:1000");
    assert_string_equal(s->working_dir, "/app");
    assert_string_equal(s->hostname, "web");
    assert_string_equal(s->container_name, "my_web.1");
    assert_string_equal(s->stop_signal, "SIGINT");
    assert_int_equal(s->stop_grace_ms, 90000);
    assert_string_equal(s->restart, "on-failure:3");
    assert_string_equal(s->platform, "linux/amd64");
    assert_int_equal(s->shm_bytes, 64 << 20);
    assert_int_equal(s->memory_bytes, 1610612736);
    assert_true(s->cpus > 0.49 && s->cpus < 0.51);
    assert_int_equal(s->pids, 100);
    assert_true(s->init && s->read_only && s->tty && s->stdin_open && !s->privileged);
}

static void test_lists_and_mappings_reach_their_fields(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n"
                                        "    cap_add: [NET_ADMIN]\n"
                                        "    cap_drop: [ALL]\n"
                                        "    security_opt: [\"no-new-privileges:true\"]\n"
                                        "    extra_hosts: {a: 10.0.0.1, b: [10.0.0.2, 10.0.0.3]}\n"
                                        "    dns: 1.1.1.1\n"
                                        "    sysctls: {net.core.somaxconn: 1024}\n"
                                        "    group_add: [docker, 998]\n"
                                        "    profiles: [debug]\n"
                                        "    labels: [\"a=b=c\", d]\n"
                                        "    ulimits: {nofile: {soft: 1024, hard: 2048}, core: -1}\n"
                                        "    x-anything: {goes: [here]}\n");
    assert_clean(&l);
    const compose_service *s = &l.stack->services.items[0];
    assert_strs(&s->cap_add, "NET_ADMIN");
    assert_strs(&s->cap_drop, "ALL");
    assert_strs(&s->security_opt, "no-new-privileges:true");
    assert_strs(&s->extra_hosts, "a:10.0.0.1|b:10.0.0.2|b:10.0.0.3");
    assert_strs(&s->dns, "1.1.1.1");
    assert_strs(&s->sysctls, "net.core.somaxconn=1024");
    assert_strs(&s->group_add, "docker|998");
    assert_strs(&s->profiles, "debug");
    assert_strs(&s->labels, "a=b=c|d=");
    assert_int_equal(s->ulimits.items[0].soft, 1024);
    assert_int_equal(s->ulimits.items[0].hard, 2048);
    assert_int_equal(s->ulimits.items[1].hard, -1);
}

static void test_environment_is_resolved_over_env_files(void **state)
{
    (void)state;
    folder_write("one.env", "A=one\nB=one\nC=${SET}\n");
    folder_write("two.env", "B=two\n");
    auto_loaded loaded l = load_service("    image: a\n"
                                        "    environment:\n"
                                        "      A: map\n"
                                        "      SET:\n"
                                        "      NOT_THERE:\n"
                                        "      T: true\n"
                                        "      N: 5432\n"
                                        "      E: \"\"\n"
                                        "    env_file:\n"
                                        "      - one.env\n"
                                        "      - {path: two.env}\n"
                                        "      - {path: missing.env, required: false}\n");
    assert_clean(&l);
    assert_strs(&l.stack->services.items[0].environment, "A=map|B=two|C=value|SET=value|T=true|N=5432|E=");
}

static void test_a_missing_env_file_is_a_fault_unless_its_service_is_off(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"compose.yaml"};
    auto_loaded loaded l = load_service("    image: a\n    profiles: [extra]\n    env_file: gone.env\n");
    assert_clean(&l);
    auto_loaded loaded on = load_files(NAMES, 1, "extra");
    assert_int_equal(on.faults.texts.count, 1);
    assert_non_null(strstr(on.faults.texts.items[0], "compose.yaml:5:15: env_file: "));
    assert_non_null(
        strstr(on.faults.texts.items[0],
               "No such file or directory; make the file, or write {path: gone.env, required: false}"));
}

static void test_health_checks_have_three_forms(void **state)
{
    (void)state;
    auto_loaded loaded text =
        load_service("    image: a\n"
                     "    healthcheck: {test: curl -f localhost || exit 1, interval: 1m30s,\n"
                     "      timeout: 500ms, retries: 5, start_period: 10s, start_interval: 1s}\n");
    assert_clean(&text);
    const compose_health *health = &text.stack->services.items[0].health;
    assert_strs(&health->test, "CMD-SHELL|curl -f localhost || exit 1");
    assert_int_equal(health->interval_ms, 90000);
    assert_int_equal(health->timeout_ms, 500);
    assert_int_equal(health->retries, 5);
    assert_int_equal(health->start_period_ms, 10000);
    assert_int_equal(health->start_interval_ms, 1000);
    auto_loaded loaded list = load_service("    image: a\n    healthcheck: {test: [CMD, redis-cli, ping]}\n");
    assert_clean(&list);
    assert_strs(&list.stack->services.items[0].health.test, "CMD|redis-cli|ping");
    auto_loaded loaded none = load_service("    image: a\n    healthcheck: {test: [NONE]}\n");
    assert_clean(&none);
    assert_true(none.stack->services.items[0].health.disabled);
    assert_int_equal(none.stack->services.items[0].health.test.count, 0);
}

static void test_build_fills_in_its_defaults(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    build: ./web\n");
    assert_clean(&l);
    const compose_build *build = &l.stack->services.items[0].build;
    assert_non_null(strstr(build->context, "/web"));
    assert_int_equal(*build->context, '/');
    assert_string_equal(build->dockerfile, "Dockerfile");
    auto_loaded loaded full = load_service(
        "    image: app:test\n"
        "    build: {context: .., dockerfile: docker/x.Dockerfile, target: test, args: [A=1, SET, NONE],\n"
        "      labels: {l: v}}\n");
    assert_clean(&full);
    build = &full.stack->services.items[0].build;
    assert_string_equal(build->context, "/tmp");
    assert_string_equal(build->dockerfile, "docker/x.Dockerfile");
    assert_string_equal(build->target, "test");
    assert_strs(&build->args, "A=1|SET=value");
    assert_strs(&build->labels, "l=v");
}

static void test_limits_may_be_given_under_deploy(void **state)
{
    (void)state;
    auto_loaded loaded l =
        load_service("    image: a\n"
                     "    deploy: {replicas: 1, resources: {limits: {cpus: 1.5, memory: 512M, pids: 50}}}\n"
                     "    mem_limit: 512m\n");
    assert_clean(&l);
    const compose_service *s = &l.stack->services.items[0];
    assert_int_equal(s->memory_bytes, 512 << 20);
    assert_true(s->cpus > 1.49 && s->cpus < 1.51);
    assert_int_equal(s->pids, 50);
}

typedef struct {
    const char *lines; /* of the service, from line 3 */
    const char *fault;
} fault_case;

static const fault_case WRONG[] = {
    {"    imagee: a\n    image: a\n", "3:5: unknown key 'imagee'; did you mean 'image'?"},
    {"    image: a\n    link: [db]\n", "4:5: unknown key 'link'; did you mean 'links'?"},
    {"    command: x\n", "2:3: service 'web' has neither 'image' nor 'build'; give one"},
    {"    image: Postgres:15\n",
     "3:12: 'Postgres:15' is no image; write NAME:TAG in lower case, such as postgres:15"},
    {"    image: \"postgres:\"\n",
     "3:12: 'postgres:' is no image; write NAME:TAG in lower case, such as postgres:15"},
    {"    image: \"\"\n", "3:12: '' is no image; write NAME:TAG in lower case, such as postgres:15"},
    {"    image: a\n    user: 1000\n", "4:11: 'user' wants a string, not the number 1000; write \"1000\""},
    {"    image: a\n    hostname: true\n",
     "4:15: 'hostname' wants a string, not the boolean true; write \"true\""},
    {"    image: a\n    command: [sleep, 10]\n",
     "4:22: 'command' wants a string, not the number 10; write \"10\""},
    {"    image: a\n    command: run 'x\n", "4:14: 'command' has a quote that is never closed; close it"},
    {"    image: a\n    init: maybe\n", "4:11: 'init' wants true or false, not 'maybe'"},
    {"    image: a\n    shm_size: big\n", "4:15: 'shm_size' wants a size such as 64m or 1gb, not 'big'"},
    {"    image: a\n    cpus: many\n", "4:11: 'cpus' wants a number of CPUs such as 0.5, not 'many'"},
    {"    image: a\n    stop_grace_period: 10\n",
     "4:24: 'stop_grace_period' wants a duration such as 500ms, 10s or 1m30s, not '10'"},
    {"    image: a\n    restart: sometimes\n", "4:14: unknown restart policy 'sometimes'; known: \"no\", "
                                               "always, on-failure, on-failure:N, unless-stopped"},
    {"    image: a\n    pull_policy: daily\n",
     "4:18: pull_policy 'daily' is not supported; known: always, missing, never, build"},
    {"    image: a\n    healthcheck: {test: [curl, x]}\n",
     "4:25: a health check begins with 'curl'; known: CMD, CMD-SHELL, NONE"},
    {"    image: a\n    healthcheck: {test: [CMD-SHELL, a, b]}\n",
     "4:25: a health check of 3 items; write [\"CMD-SHELL\", \"one command line\"]"},
    {"    image: a\n    healthcheck: {test: [CMD]}\n",
     "4:25: a health check of 1 items; write [\"CMD\", \"program\", \"argument\", ...]"},
    {"    image: a\n    healthcheck: {intervall: 5s}\n",
     "4:19: unknown key 'intervall'; did you mean 'interval'?"},
    {"    image: a\n    depends_on: [dbx]\n",
     "4:18: service 'web' names service 'dbx', which is not declared; did you mean 'db'?"},
    {"    image: a\n    depends_on: [web]\n", "4:18: service 'web' depends on itself; remove that"},
    {"    image: a\n    depends_on: {db: {condition: healthy}}\n",
     "4:34: unknown condition 'healthy'; known: service_started, service_healthy, "
     "service_completed_successfully"},
    {"    image: a\n    depends_on: {db: {required: true}}\n",
     "4:18: the dependency on 'db' has no 'condition'; add condition: service_healthy"},
    {"    image: a\n    depends_on: db\n",
     "4:17: 'depends_on' wants a list of services, or a mapping of them, not 'db'"},
    {"    image: a\n    networks: [front]\n", "4:16: service 'web' names network 'front', which is not "
                                              "declared; declare it under the top-level 'networks'"},
    {"    image: a\n    networks: {default: {ipv4_address: 1.2.3}}\n",
     "4:40: 'ipv4_address' wants an IPv4 address such as 172.28.0.10, not '1.2.3'"},
    {"    image: a\n    networks: {default: {ipv4_address: 10.1.0.5}}\n",
     "2:3: service 'web' has the address 10.1.0.5 in network 'default', which has no subnet; give the "
     "network ipam: "
     "{config: [{subnet: ...}]}"},
    {"    image: a\n    network_mode: host\n    networks: [default]\n",
     "2:3: service 'web' has both 'network_mode' and 'networks'; keep one"},
    {"    image: a\n    network_mode: \"container:x\"\n",
     "4:19: network_mode 'container:x' is not supported; known: none, host, bridge, service:NAME"},
    {"    image: a\n    environment: plain\n",
     "4:18: 'environment' wants a mapping, or a list of NAME=value, not 'plain'"},
    {"    image: a\n    environment: {A: [1]}\n", "4:22: 'A' wants a single value, not a list"},
    {"    image: a\n    environment: [\"=x\"]\n", "4:19: '' is no name; write NAME=value"},
    {"    image: a\n    ulimits: {nofiles: 1}\n", "4:15: unknown ulimit 'nofiles'; did you mean 'nofile'?"},
    {"    image: a\n    ulimits: {nofile: {soft: 1}}\n",
     "4:23: 'nofile' wants a number, or both 'soft' and 'hard', not a mapping"},
    {"    image: a\n    deploy: {replicas: 2}\n",
     "4:24: 2 replicas are not supported yet; one container is run a service"},
    {"    image: a\n    mem_limit: 1g\n    deploy: {resources: {limits: {memory: 2g}}}\n",
     "5:26: deploy's limit of memory differs from 'mem_limit'; keep one"},
    {"    image: a\n    deploy: {resources: {reservations: {devices: []}}}\n",
     "4:41: 'devices' is not supported yet; containers get no special devices"},
    {"    image: a\n    scale: 3\n",
     "4:12: a scale of 3 is not supported yet; one container is run a service"},
    {"    image: a\n    extends: {service: db}\n",
     "4:5: 'extends' is not supported yet; write the keys out, or use YAML anchors"},
    {"    image: a\n    secrets: [x]\n",
     "4:5: 'secrets' is not supported yet; mount the files with 'volumes'"},
    {"    image: a\n    gpus: all\n",
     "4:5: 'gpus' is not supported yet; containers get no devices of the host"},
    {"    build: {context: ., dockerfile_inline: FROM a}\n",
     "3:25: 'dockerfile_inline' is not supported yet; write the Dockerfile to a file"},
    {"    build: https://example.org/x.git\n", "3:12: the build context 'https://example.org/x.git' is not "
                                               "on this machine, which is not supported yet; give a "
                                               "folder"},
    {"    image: a\n    container_name: \"-x\"\n",
     "4:21: '-x' cannot name a container; begin with a letter or digit"},
};

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_loaded loaded l = load_service(WRONG[i].lines);
        auto_free char *expected = utr_format("compose.yaml:%s", WRONG[i].fault);
        print_message("%s\n", WRONG[i].lines);
        assert_faults(&l, expected);
    }
}

static void test_what_is_harmless_to_leave_out_is_warned_about(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n"
                                        "    logging: {driver: json-file}\n"
                                        "    command: a && b\n"
                                        "    deploy: {placement: {constraints: []}}\n"
                                        "    environment: {V: 1.10}\n"
                                        "    restart: always\n");
    assert_faults(&l, "");
    assert_warnings(
        &l, "compose.yaml:4:5: 'logging' is ignored; logs are always kept by the run\n"
            "compose.yaml:5:14: 'command' is not run by a shell: its ;, &, |, < and > are plain text; write "
            "[\"sh\", \"-c\", \"...\"]\n"
            "compose.yaml:7:22: 'V' is taken as the text 1.10; quote it, other readers make another number "
            "of it\n"
            "compose.yaml:6:14: 'placement' is ignored; one container is run, on this engine");
}

static void test_sharing_a_network_is_a_dependency(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n    network_mode: \"service:db\"\n");
    assert_clean(&l);
    const compose_service *s = &l.stack->services.items[0];
    assert_string_equal(s->network_mode, "service:db");
    assert_int_equal(s->networks.count, 0);
    assert_string_equal(s->depends_on.items[0].service, "db");
    assert_int_equal(s->depends_on.items[0].condition, COMPOSE_STARTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_numbers_and_switches_reach_their_fields),
        cmocka_unit_test(test_lists_and_mappings_reach_their_fields),
        cmocka_unit_test(test_environment_is_resolved_over_env_files),
        cmocka_unit_test(test_a_missing_env_file_is_a_fault_unless_its_service_is_off),
        cmocka_unit_test(test_health_checks_have_three_forms),
        cmocka_unit_test(test_build_fills_in_its_defaults),
        cmocka_unit_test(test_limits_may_be_given_under_deploy),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_what_is_harmless_to_leave_out_is_warned_about),
        cmocka_unit_test(test_sharing_a_network_is_a_dependency),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
