#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include "services/address.h"

#include <string.h>

typedef struct {
    compose_service spec;
    engine_image image;
    services_node node;
    services_ports ports;
} fixture;

static void prepare(fixture *f, const char *declared, const char *exposed, const char *of_image)
{
    *f = (fixture){.node = {.spec = &f->spec}};
    if (declared)
        *utr_vec_push(&f->spec.ports) = (compose_port){.container_port = (int)strtol(declared, NULL, 10)};
    if (exposed)
        utr_strs_add(&f->spec.expose, exposed);
    if (of_image)
        utr_strs_add(&f->image.ports, of_image);
    services_address_ports(&f->node, &f->image, &f->ports);
}

static void drop(fixture *f)
{
    utr_vec_dispose(&f->spec.ports);
    utr_strs_dispose(&f->spec.expose);
    utr_strs_dispose(&f->image.ports);
    utr_vec_dispose(&f->ports);
}

static void test_declared_ports_come_first_and_once(void **state)
{
    (void)state;
    fixture f;
    prepare(&f, "5432", "5432/tcp", "5432/tcp");
    assert_int_equal(f.ports.count, 1);
    drop(&f);
    prepare(&f, "8000", "9000", "9100/udp");
    assert_int_equal(f.ports.count, 2);
    assert_int_equal(f.ports.items[0], 8000);
    assert_int_equal(f.ports.items[1], 9000);
    services_gate gate = services_address_gate(&f.node, &f.ports, true);
    assert_int_equal(gate.count, 1);
    assert_false(gate.is_hint);
    drop(&f);
}

static void test_an_images_single_port_is_the_gate_of_its_own_command(void **state)
{
    (void)state;
    fixture f;
    prepare(&f, NULL, NULL, "6379/tcp");
    services_gate gate = services_address_gate(&f.node, &f.ports, false);
    assert_int_equal(gate.count, 1);
    assert_false(gate.is_hint);
    drop(&f);
}

static void test_another_command_need_not_serve_the_images_port(void **state)
{
    (void)state;
    fixture f;
    prepare(&f, NULL, NULL, "8000/tcp");
    f.spec.has_command = true;
    assert_int_equal(services_address_gate(&f.node, &f.ports, false).count, 0);
    services_gate gate = services_address_gate(&f.node, &f.ports, true);
    assert_int_equal(gate.count, 1);
    assert_true(gate.is_hint);
    drop(&f);
}

static void test_addresses_are_the_containers_own_or_the_published_ones(void **state)
{
    (void)state;
    fixture f;
    prepare(&f, "5432", NULL, NULL);
    engine_container container = {0};
    *utr_vec_push(&container.networks) = (engine_attachment){text("net"), text("172.30.0.2")};
    *utr_vec_push(&container.ports) =
        (engine_published){.container_port = 5432, .host_address = text(""), .host_port = 49153};
    services_addresses found = {0};
    utr_error err = {0};
    assert_int_equal(
        services_address_resolve(&container, &f.ports, (services_route){NULL, false}, &found, &err), 0);
    assert_string_equal(found.items[0].host, "172.30.0.2");
    assert_int_equal(found.items[0].port, 5432);
    services_addresses_dispose(&found);
    services_route route = {"127.0.0.1", true};
    assert_int_equal(services_address_resolve(&container, &f.ports, route, &found, &err), 0);
    assert_string_equal(found.items[0].host, "127.0.0.1");
    assert_int_equal(found.items[0].port, 49153);
    services_addresses_dispose(&found);
    container.ports.count = 0;
    assert_int_equal(services_address_resolve(&container, &f.ports, route, &found, &err), UTR_SERVICE);
    utr_vec_dispose(&container.networks);
    utr_vec_dispose(&container.ports);
    drop(&f);
}

static void test_the_engines_host_is_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *host, *address;
    } CASES[] = {{"unix:///var/run/docker.sock", "127.0.0.1"}, {"tcp://10.1.2.3:2375", "10.1.2.3"}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *address = NULL;
        utr_error err = {0};
        assert_int_equal(services_address_engine_host(CASES[i].host, &address, &err), UTR_OK);
        assert_string_equal(address, CASES[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declared_ports_come_first_and_once),
        cmocka_unit_test(test_an_images_single_port_is_the_gate_of_its_own_command),
        cmocka_unit_test(test_another_command_need_not_serve_the_images_port),
        cmocka_unit_test(test_addresses_are_the_containers_own_or_the_published_ones),
        cmocka_unit_test(test_the_engines_host_is_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
