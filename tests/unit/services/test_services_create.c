#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include "services/create.h"

#include <string.h>

/* Follows "a.b.0.c" down. */
static const json_t *at(const json_t *json, const char *path)
{
    auto_free char *copy = utr_strdup(path);
    char *rest = copy;
    for (const char *key = strsep(&rest, "."); key; key = strsep(&rest, "."))
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
    return json;
}

static void assert_text(const json_t *body, const char *path, const char *expected)
{
    const char *got = json_string_value(at(body, path));
    if (!got || strcmp(got, expected) != 0)
        fail_msg("%s is \"%s\", not \"%s\"", path, got ? got : "(nothing)", expected);
}

static void assert_number(const json_t *body, const char *path, int64_t expected)
{
    assert_int_equal(json_integer_value(at(body, path)), expected);
}

typedef struct {
    compose_stack stack;
    services_identity identity;
    compose_service spec;
    services_create in;
} fixture;

static void prepare(fixture *f)
{
    *f = (fixture){0};
    f->identity = (services_identity){.project = "proj",
                                      .session = "sess",
                                      .stack = &f->stack,
                                      .owner = {.pid = 12, .pid_start = 34, .boot = "b", .pid_space = "p"}};
    f->spec.name = text("db");
    *utr_vec_push(&f->spec.networks) = (compose_attachment){.network = text("default")};
    f->in = (services_create){.identity = &f->identity,
                              .spec = &f->spec,
                              .image = "x:1",
                              .image_id = "sha256:9",
                              .network = "net-id"};
}

static void drop(fixture *f)
{
    for (size_t i = 0; i < f->spec.networks.count; i++)
        utr_strs_dispose(&f->spec.networks.items[i].aliases);
    utr_vec_dispose(&f->spec.networks);
    utr_vec_dispose(&f->spec.ports);
    utr_vec_dispose(&f->spec.mounts);
    utr_vec_dispose(&f->spec.ulimits);
    utr_strs_dispose(&f->spec.environment);
    utr_strs_dispose(&f->spec.command);
    utr_strs_dispose(&f->spec.labels);
    utr_strs_dispose(&f->spec.health.test);
    utr_vec_dispose(&f->stack.volumes);
}

static void test_labels_say_whose_it_is(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    utr_strs_add(&f.spec.labels, "team=core=1");
    utr_strs_add(&f.spec.labels, "com.docker.compose.project=forged");
    auto_json json_t *body = services_create_container(&f.in);
    const json_t *labels = json_object_get(body, "Labels");
    assert_string_equal(utr_json_str(labels, "com.docker.compose.project", ""), "proj");
    assert_string_equal(utr_json_str(labels, "com.docker.compose.service", ""), "db");
    assert_string_equal(utr_json_str(labels, "com.docker.compose.container-number", ""), "1");
    assert_string_equal(utr_json_str(labels, "com.docker.compose.oneoff", ""), "False");
    assert_int_equal(strlen(utr_json_str(labels, "com.docker.compose.config-hash", "")), 64);
    assert_string_equal(utr_json_str(labels, SERVICES_LABEL_SESSION, ""), "sess");
    assert_string_equal(utr_json_str(labels, SERVICES_LABEL_PID, ""), "12");
    assert_string_equal(utr_json_str(labels, SERVICES_LABEL_PID_START, ""), "34");
    assert_string_equal(utr_json_str(labels, SERVICES_LABEL_BOOT, ""), "b");
    assert_string_equal(utr_json_str(labels, "team", ""), "core=1");
    assert_null(json_object_get(labels, SERVICES_LABEL_KEEP));
    drop(&f);
}

static void test_the_hash_is_the_services_alone(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    auto_json json_t *first = services_create_container(&f.in);
    f.identity.session = "other";
    f.in.network = "other-net";
    auto_json json_t *second = services_create_container(&f.in);
    utr_strs_add(&f.spec.environment, "A=1");
    auto_json json_t *third = services_create_container(&f.in);
    const char *label = "com.docker.compose.config-hash";
    const char *hash = utr_json_str(json_object_get(first, "Labels"), label, "1");
    assert_string_equal(hash, utr_json_str(json_object_get(second, "Labels"), label, "2"));
    assert_string_not_equal(hash, utr_json_str(json_object_get(third, "Labels"), label, "3"));
    drop(&f);
}

static void test_nothing_is_published_unless_asked(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    static const int PORTS[] = {5432, 6000};
    f.in.ports = PORTS;
    f.in.port_count = 2;
    *utr_vec_push(&f.spec.ports) = (compose_port){.container_port = 5432, .host_port = 5434};
    auto_json json_t *hidden = services_create_container(&f.in);
    assert_int_equal(json_object_size(at(hidden, "HostConfig.PortBindings")), 0);
    assert_non_null(at(hidden, "ExposedPorts.5432/tcp"));
    f.in.publish_on = "127.0.0.1";
    auto_json json_t *published = services_create_container(&f.in);
    assert_text(published, "HostConfig.PortBindings.5432/tcp.0.HostIp", "127.0.0.1");
    assert_text(published, "HostConfig.PortBindings.6000/tcp.0.HostPort", "");
    static const int HOST_PORTS[] = {40001, 40002};
    f.in.host_ports = HOST_PORTS;
    auto_json json_t *chosen = services_create_container(&f.in);
    assert_text(chosen, "HostConfig.PortBindings.6000/tcp.0.HostPort", "40002");
    drop(&f);
}

static void test_the_first_network_carries_name_and_aliases(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    utr_strs_add(&f.spec.networks.items[0].aliases, "database");
    f.spec.networks.items[0].ipv4_address = text("10.9.0.5");
    f.spec.container_name = text("the-db");
    auto_json json_t *body = services_create_container(&f.in);
    assert_text(body, "HostConfig.NetworkMode", "net-id");
    assert_text(body, "NetworkingConfig.EndpointsConfig.net-id.Aliases.0", "database");
    assert_text(body, "NetworkingConfig.EndpointsConfig.net-id.Aliases.1", "db");
    assert_text(body, "NetworkingConfig.EndpointsConfig.net-id.Aliases.2", "the-db");
    assert_text(body, "NetworkingConfig.EndpointsConfig.net-id.IPAMConfig.IPv4Address", "10.9.0.5");
    auto_free char *name = services_create_name(&f.identity, &f.spec);
    assert_string_equal(name, "proj-db-1");
    drop(&f);
}

static void test_sharing_a_network_takes_no_endpoint(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    f.in.network = NULL;
    f.in.network_mode = "container:abc";
    f.spec.hostname = text("h");
    auto_json json_t *body = services_create_container(&f.in);
    assert_text(body, "HostConfig.NetworkMode", "container:abc");
    assert_null(at(body, "NetworkingConfig"));
    assert_null(at(body, "Hostname"));
    drop(&f);
}

static void test_mounts_take_the_stacks_volume_names(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    *utr_vec_push(&f.stack.volumes) =
        (compose_resource){.key = text("data"), .name = text("shared-with-dev")};
    *utr_vec_push(&f.spec.mounts) = (compose_mount){
        .kind = COMPOSE_VOLUME, .source = text("data"), .target = text("/d"), .read_only = true};
    *utr_vec_push(&f.spec.mounts) =
        (compose_mount){.kind = COMPOSE_TMPFS, .source = text(""), .target = text("/t"), .size_bytes = 1024};
    *utr_vec_push(&f.spec.mounts) = (compose_mount){
        .kind = COMPOSE_BIND, .source = text("/nowhere"), .target = text("/b"), .create_host_path = true};
    auto_json json_t *body = services_create_container(&f.in);
    assert_text(body, "HostConfig.Mounts.0.Source", "proj_data"); /* never a developer's own volume */
    assert_true(json_is_true(at(body, "HostConfig.Mounts.0.ReadOnly")));
    assert_text(body, "HostConfig.Mounts.1.Type", "tmpfs");
    assert_number(body, "HostConfig.Mounts.1.TmpfsOptions.SizeBytes", 1024);
    assert_text(body, "HostConfig.Binds.0", "/nowhere:/b");
    drop(&f);
}

static void test_command_entrypoint_limits_and_health_are_as_written(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    f.spec.has_entrypoint = true; /* and empty: none */
    f.spec.has_command = true;
    utr_strs_add(&f.spec.command, "serve");
    f.spec.memory_bytes = 1 << 20;
    f.spec.cpus = 0.5;
    f.spec.shm_bytes = 4096;
    f.spec.init = true;
    f.spec.restart = text("always");
    *utr_vec_push(&f.spec.ulimits) = (compose_ulimit){text("nofile"), 10, 20};
    utr_strs_add(&f.spec.health.test, "CMD");
    utr_strs_add(&f.spec.health.test, "true");
    f.spec.health.interval_ms = 5000;
    auto_json json_t *body = services_create_container(&f.in);
    assert_text(body, "Cmd.0", "serve");
    assert_text(body, "Entrypoint.0", "");
    assert_number(body, "HostConfig.Memory", 1 << 20);
    assert_number(body, "HostConfig.MemorySwap", 1 << 20);
    assert_number(body, "HostConfig.NanoCpus", 500000000);
    assert_number(body, "HostConfig.ShmSize", 4096);
    assert_number(body, "HostConfig.Ulimits.0.Hard", 20);
    assert_true(json_is_true(at(body, "HostConfig.Init")));
    assert_null(at(body, "HostConfig.RestartPolicy")); /* recorded, not applied: a death must be seen */
    assert_number(body, "Healthcheck.Interval", 5000000000);
    f.spec.health.disabled = true;
    auto_json json_t *off = services_create_container(&f.in);
    assert_text(off, "Healthcheck.Test.0", "NONE");
    drop(&f);
}

static void test_networks_and_volumes_are_the_projects_own(void **state)
{
    (void)state;
    fixture f;
    prepare(&f);
    compose_resource resource = {.key = text("back"), .internal = true, .subnet = text("10.9.0.0/24")};
    auto_json json_t *network = services_create_network(&f.identity, &resource);
    assert_text(network, "Name", "proj_back");
    assert_true(json_is_true(at(network, "Internal")));
    assert_text(network, "IPAM.Config.0.Subnet", "10.9.0.0/24");
    assert_string_equal(utr_json_str(json_object_get(network, "Labels"), "com.docker.compose.network", ""),
                        "back");
    f.identity.keep = true;
    auto_json json_t *volume = services_create_volume(&f.identity, &resource);
    assert_text(volume, "Name", "proj_back");
    assert_string_equal(utr_json_str(json_object_get(volume, "Labels"), SERVICES_LABEL_KEEP, ""), "1");
    resource.external = true;
    resource.name = text("outside");
    auto_free char *name = services_create_resource_name(&f.identity, &resource);
    assert_string_equal(name, "outside");
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels_say_whose_it_is),
        cmocka_unit_test(test_the_hash_is_the_services_alone),
        cmocka_unit_test(test_nothing_is_published_unless_asked),
        cmocka_unit_test(test_the_first_network_carries_name_and_aliases),
        cmocka_unit_test(test_sharing_a_network_takes_no_endpoint),
        cmocka_unit_test(test_mounts_take_the_stacks_volume_names),
        cmocka_unit_test(test_command_entrypoint_limits_and_health_are_as_written),
        cmocka_unit_test(test_networks_and_volumes_are_the_projects_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
