#include "base/buf.h"
#include "load.h"

#include <string.h>

/* The files under field/, as teams write them; the working directory is this source's folder. */
static loaded load_field(const char *const *names, size_t count, const char *variable)
{
    loaded l = {0};
    utr_error err = {0};
    auto_strs utr_strs files = {0};
    auto_strs utr_strs environment = {0};
    for (size_t i = 0; i < count; i++)
        utr_strs_add(&files, names[i]);
    if (variable)
        utr_strs_add(&environment, variable);
    compose_options options = {.environment = &environment};
    l.code = compose_load(&files, &options, &l.stack, &l.faults, &l.warnings, &err);
    return l;
}

static void test_the_first_users_stack_loads(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"field/services.yaml"};
    auto_loaded loaded l = load_field(NAMES, 1, NULL);
    assert_faults(&l, "");
    assert_warnings(&l, "field/services.yaml:1:1: 'version' is ignored; it is obsolete, remove it");
    assert_int_equal(l.stack->services.count, 3);
    const compose_service *postgres = compose_find(l.stack, "postgres-test");
    assert_strs(&postgres->environment,
                "POSTGRES_DB=netra_test|POSTGRES_USER=netra_test|POSTGRES_PASSWORD=test_password");
    assert_strs(&postgres->health.test, "CMD-SHELL|pg_isready -U netra_test");
    assert_int_equal(postgres->ports.items[0].host_port, 5433);
    assert_int_equal(postgres->place.line, 3);
    const compose_service *auth = compose_find(l.stack, "auth-service-test");
    assert_null(auth->image);
    assert_non_null(strstr(auth->build.context, "/field"));
    assert_string_equal(auth->build.dockerfile, "dockerfiles/auth.test.alpine.Dockerfile");
    assert_int_equal(auth->depends_on.count, 2);
    assert_int_equal(auth->depends_on.items[1].condition, COMPOSE_HEALTHY);
    assert_string_equal(auth->networks.items[0].network, "default");
    assert_null(compose_find(l.stack, "nobody"));
}

static void test_a_layered_stack_loads(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"field/layered.yaml"};
    auto_loaded loaded l = load_field(NAMES, 1, "DB_PASSWORD=s3cret");
    assert_clean(&l);
    assert_string_equal(l.stack->name, "shop");
    const compose_service *db = compose_find(l.stack, "db");
    assert_strs(&db->command, "postgres|-c|fsync=off|-c|max_connections=200");
    assert_strs(&db->health.test, "CMD-SHELL|pg_isready -U ${POSTGRES_USER}");
    assert_int_equal(db->health.interval_ms, 2000);
    assert_strs(&db->networks.items[0].aliases, "postgres|database");
    assert_int_equal(db->mounts.count, 2);
    const compose_service *cache = compose_find(l.stack, "cache");
    assert_int_equal(cache->health.interval_ms, 1000);
    assert_strs(&cache->command, "redis-server|--save||--appendonly|no");
    assert_int_equal(cache->memory_bytes, 128 << 20);
    const compose_service *web = compose_find(l.stack, "web");
    assert_string_equal(web->image, "registry.example.org/shop/app:latest");
    assert_strs(&web->environment,
                "SECRET_KEY=not so secret|LOG_LEVEL=info|FEATURE_FLAGS=a,b|PORT=8000|"
                "DATABASE_URL=postgresql://shop:s3cret@db:5432/shop|REDIS_URL=redis://cache:6379/0");
    assert_int_equal(web->depends_on.items[0].condition, COMPOSE_COMPLETED);
    assert_string_equal(compose_find(l.stack, "migrate")->restart, "no");
    assert_strs(&compose_find(l.stack, "mail")->profiles, "extras");
    assert_string_equal(l.stack->networks.items[0].subnet, "172.31.240.0/24");
    assert_string_equal(l.stack->networks.items[1].key, "default");
    assert_strs(&l.stack->volumes.items[0].labels, "purpose=test");
}

static void test_an_override_file_is_merged_over_it(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"field/layered.yaml", "field/layered.override.yaml"};
    auto_loaded loaded l = load_field(NAMES, 2, "DB_PASSWORD=s3cret");
    assert_clean(&l);
    const compose_service *web = compose_find(l.stack, "web");
    assert_int_equal(web->ports.count, 1);
    assert_int_equal(web->ports.items[0].container_port, 9000);
    assert_true(utr_strs_has(&web->environment, "PORT=9000"));
    assert_true(utr_strs_has(&web->environment, "DEBUG=1"));
    const compose_service *cache = compose_find(l.stack, "cache");
    assert_strs(&cache->command, "redis-server|/etc/redis.conf");
    assert_int_equal(cache->mounts.count, 2);
}

static void test_a_required_variable_is_asked_for_where_it_stands(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"field/layered.yaml"};
    auto_loaded loaded l = load_field(NAMES, 1, NULL);
    assert_faults(
        &l, "field/layered.yaml:27:26: variable 'DB_PASSWORD' is required: set DB_PASSWORD; set it in the "
            "environment or in .env\n"
            "field/layered.yaml:8:19: variable 'DB_PASSWORD' is required: set DB_PASSWORD; set it in the "
            "environment or in .env");
}

static void test_every_fault_of_a_file_comes_at_once(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"field/wrong.yaml"};
    auto_loaded loaded l = load_field(NAMES, 1, NULL);
    assert_faults(
        &l,
        "field/wrong.yaml:3:12: 'Example/API:1' is no image; write NAME:TAG in lower case, such as "
        "postgres:15\n"
        "field/wrong.yaml:5:9: '80000:80' is no port between 1 and 65535; write a port such as 5432, "
        "\"5433:5432\", \"127.0.0.1:8000-8005:80-85\" or \"53:53/udp\"\n"
        "field/wrong.yaml:9:5: unknown key 'enviroment'; did you mean 'environment'?\n"
        "field/wrong.yaml:12:13: a health check begins with 'curl'; known: CMD, CMD-SHELL, NONE\n"
        "field/wrong.yaml:13:17: 'interval' wants a duration such as 500ms, 10s or 1m30s, not '5'\n"
        "field/wrong.yaml:18:5: 'links' is not supported yet; services reach each other by name; use "
        "'depends_on' for the order, network aliases for other names\n"
        "field/wrong.yaml:7:7: service 'api' names service 'databse', which is not declared; did you mean "
        "'database'?\n"
        "field/wrong.yaml:16:15: service 'database' names volume 'pgdata', which is not declared; declare it "
        "under the top-level 'volumes'\n"
        "field/wrong.yaml:17:16: service 'database' names network 'internal', which is not declared; declare "
        "it under the top-level 'networks'");
}

typedef struct {
    const char *text;
    const char *faults;
} stack_case;

static const stack_case WRONG[] = {
    {"", "compose.yaml: a Compose file is a mapping, not nothing; begin with services:"},
    {"[a]\n", "compose.yaml:1:1: a Compose file is a mapping, not a list; begin with services:"},
    {"name: x\n", "compose.yaml:1:1: no services; add services: with at least one"},
    {"services: {}\n", "compose.yaml:1:11: 'services' wants a mapping of services, not a mapping"},
    {"services:\n  web:\n", "compose.yaml:2:7: 'web' wants a mapping, not nothing"},
    {"services:\n  a b: {image: a}\n",
     "compose.yaml:2:3: 'a b' cannot name a service; use letters, digits, '.', '_' and '-'"},
    {"service:\n  web: {image: a}\n", "compose.yaml:1:1: unknown key 'service'; did you mean 'services'?\n"
                                      "compose.yaml:1:1: no services; add services: with at least one"},
    {"name: My App\nservices: {web: {image: a}}\n",
     "compose.yaml:1:7: 'My App' cannot name a project; use lower-case letters, digits, '_' and '-'"},
    {"include: [other.yaml]\nservices: {web: {image: a}}\n",
     "compose.yaml:1:1: 'include' is not supported yet; name all files of the stack"},
    {"services: {web: {image: a}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0}]}}}\n",
     "compose.yaml:2:41: 'subnet' wants an IPv4 subnet such as 172.28.0.0/16, not '10.0.0.0'"},
    {"services: {web: {image: a}}\nnetworks: {n: {external: true, driver: bridge}}\n",
     "compose.yaml:2:32: 'driver' of 'n', which is external; remove one of both"},
    {"services: {web: {image: a}}\nnetworks: {n: {enable_ipv6: true}}\n",
     "compose.yaml:2:16: 'enable_ipv6' is not supported yet; networks are made by subnet only"},
    {"services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, profiles: [p]}\n",
     "compose.yaml:2:30: service 'a' depends on 'b', whose profile 'p' is off; switch it on, or write "
     "required: false"},
};

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_loaded loaded l = load_text(WRONG[i].text);
        print_message("%s\n", WRONG[i].text);
        assert_faults(&l, WRONG[i].faults);
    }
}

static void test_networks_and_volumes_are_read_whole(void **state)
{
    (void)state;
    auto_loaded loaded l =
        load_text("services: {web: {image: a, networks: {n: {ipv4_address: 10.9.0.5}}}}\n"
                  "networks:\n"
                  "  n: {name: given, driver: bridge, internal: true, driver_opts: {mtu: 1400},\n"
                  "    labels: [a=b], ipam: {driver: default, config: [{subnet: 10.9.0.0/24}]}}\n"
                  "  e: {external: true}\n"
                  "  old: {external: {name: older}}\n"
                  "volumes:\n"
                  "  v: {driver: local, driver_opts: {type: tmpfs, device: tmpfs}}\n"
                  "  w:\n");
    assert_clean(&l);
    const compose_resource *n = &l.stack->networks.items[0];
    assert_string_equal(n->name, "given");
    assert_string_equal(n->driver, "bridge");
    assert_true(n->internal && !n->external);
    assert_strs(&n->driver_opts, "mtu=1400");
    assert_strs(&n->labels, "a=b");
    assert_string_equal(n->subnet, "10.9.0.0/24");
    assert_string_equal(l.stack->networks.items[1].name, "e");
    assert_string_equal(l.stack->networks.items[2].name, "older");
    assert_true(l.stack->networks.items[2].external);
    assert_strs(&l.stack->volumes.items[0].driver_opts, "type=tmpfs|device=tmpfs");
    assert_null(l.stack->volumes.items[1].name);
}

static void test_profiles_that_are_on_may_be_depended_on(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"compose.yaml"};
    folder_write("compose.yaml",
                 "services:\n"
                 "  a: {image: a, depends_on: [b]}\n"
                 "  b: {image: b, profiles: [p]}\n"
                 "  c: {image: c, depends_on: {gone: {condition: service_started, required: false}}}\n");
    auto_loaded loaded l = load_files(NAMES, 1, "p");
    assert_clean(&l);
    auto_loaded loaded all = load_files(NAMES, 1, "*");
    assert_clean(&all);
}

static void test_the_length_of_a_list_is_bounded(void **state)
{
    (void)state;
    auto_buf utr_buf text = UTR_BUF_INIT(1 << 20);
    utr_buf_puts(&text, "services:\n  web:\n    image: a\n    labels:\n");
    for (int i = 0; i < 2001; i++)
        utr_buf_print(&text, "      k%d: v\n", i);
    auto_loaded loaded l = load_text(utr_buf_text(&text));
    assert_faults(&l, "compose.yaml:5:7: a mapping of 2001 entries; at most 2000 are read");
}

static void test_a_file_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    utr_error err = {0};
    auto_strs utr_strs files = {0};
    auto_faults utr_faults faults = {0};
    auto_faults utr_faults warnings = {0};
    compose_stack *stack = NULL;
    assert_int_equal(compose_load(&files, NULL, &stack, &faults, &warnings, &err), UTR_CONFIG);
    assert_string_equal(err.text, "no Compose file is named");
    utr_error_reset(&err);
    utr_strs_add(&files, "gone.yaml");
    assert_int_equal(compose_load(&files, NULL, &stack, &faults, &warnings, &err), UTR_SYS);
    assert_null(stack);
}

int main(void)
{
    const struct CMUnitTest field[] = {
        cmocka_unit_test(test_the_first_users_stack_loads),
        cmocka_unit_test(test_a_layered_stack_loads),
        cmocka_unit_test(test_an_override_file_is_merged_over_it),
        cmocka_unit_test(test_a_required_variable_is_asked_for_where_it_stands),
        cmocka_unit_test(test_every_fault_of_a_file_comes_at_once),
    };
    const struct CMUnitTest made[] = {
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_networks_and_volumes_are_read_whole),
        cmocka_unit_test(test_profiles_that_are_on_may_be_depended_on),
        cmocka_unit_test(test_the_length_of_a_list_is_bounded),
        cmocka_unit_test(test_a_file_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(field, NULL, NULL) +
           cmocka_run_group_tests(made, folder_enter, folder_leave);
}
