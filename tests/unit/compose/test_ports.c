#include "load.h"

typedef struct {
    const char *port; /* one item of the list, as YAML */
    const char *out;  /* "address:host-last:container/protocol ..." */
} port_case;

static const port_case CASES[] = {
    {"5432", ":0-0:5432/tcp"},
    {"\"5432\"", ":0-0:5432/tcp"},
    {"\"5433:5432\"", ":5433-5433:5432/tcp"},
    {"5433:5432", ":5433-5433:5432/tcp"},
    {"\"53:53/udp\"", ":53-53:53/udp"},
    {"\"127.0.0.1:8001:8000\"", "127.0.0.1:8001-8001:8000/tcp"},
    {"\"127.0.0.1::8000\"", "127.0.0.1:0-0:8000/tcp"},
    {"\"[::1]:8001:8000\"", "::1:8001-8001:8000/tcp"},
    {"\"::1:8001:8000\"", "::1:8001-8001:8000/tcp"},
    {"\"0:8000\"", ":0-0:8000/tcp"},
    {"\"3000-3002\"", ":0-0:3000/tcp :0-0:3001/tcp :0-0:3002/tcp"},
    {"\"9090-9091:8080-8081\"", ":9090-9090:8080/tcp :9091-9091:8081/tcp"},
    {"\"9090-9095:80\"", ":9090-9095:80/tcp"},
    {"\"0.0.0.0:9090-9091:80-81/udp\"", "0.0.0.0:9090-9090:80/udp 0.0.0.0:9091-9091:81/udp"},
    {"{target: 80}", ":0-0:80/tcp"},
    {"{target: 80, published: 8080, protocol: tcp, mode: host, name: web, app_protocol: http}",
     ":8080-8080:80/tcp"},
    {"{target: 80, published: \"8080-8083\", host_ip: 127.0.0.1}", "127.0.0.1:8080-8083:80/tcp"},
    {"{target: \"53\", published: \"53\", protocol: udp, x-note: any}", ":53-53:53/udp"},
};

static char *ports_text(const compose_service *service)
{
    auto_strs utr_strs all = {0};
    for (size_t i = 0; i < service->ports.count; i++) {
        const compose_port *p = &service->ports.items[i];
        utr_strs_give(&all, utr_format("%s:%d-%d:%d/%s", p->host_address, p->host_port, p->host_port_last,
                                       p->container_port, p->udp ? "udp" : "tcp"));
    }
    return utr_strs_join(&all, " ");
}

static void test_every_form_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        auto_free char *lines = utr_format("    image: a\n    ports:\n      - %s\n", CASES[i].port);
        auto_loaded loaded l = load_service(lines);
        print_message("%s\n", CASES[i].port);
        assert_clean(&l);
        auto_free char *out = ports_text(&l.stack->services.items[0]);
        assert_string_equal(out, CASES[i].out);
    }
}

#define USE "write a port such as 5432, \"5433:5432\", \"127.0.0.1:8000-8005:80-85\" or \"53:53/udp\""
static const port_case WRONG[] = {
    {"\"70000:80\"", "'70000:80' is no port between 1 and 65535; " USE},
    {"\"80:0\"", "'80:0' is no port between 1 and 65535; " USE},
    {"http", "'http' is no port between 1 and 65535; " USE},
    {"\"90-80:1-11\"", "'90-80:1-11' is no port between 1 and 65535; " USE},
    {"\"-1:80\"", "'-1:80' is no port between 1 and 65535; " USE},
    {"\"80:80/sctp\"", "protocol 'sctp' is not supported; known: tcp, udp"},
    {"\"localhost:80:80\"", "'localhost' is no IP address; a port is published at one, such as 127.0.0.1"},
    {"\"1-3:1-2\"", "3 host ports for 2 container ports; both ranges must be of one length"},
    {"\"1-60000\"", "over 1000 ports for one service; publish fewer"},
    {"{published: 80}", "a port without 'target'; give the container's port"},
    {"{target: 80-81}", "'80-81' is no port between 1 and 65535; " USE},
    {"{target: 80, mode: bridge}", "port mode 'bridge'; known: host, ingress"},
};

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        auto_free char *lines = utr_format("    image: a\n    ports:\n      - %s\n", WRONG[i].port);
        auto_loaded loaded l = load_service(lines);
        auto_free char *expected = utr_format("compose.yaml:5:9: %s", WRONG[i].out);
        print_message("%s\n", WRONG[i].port);
        assert_faults(&l, expected);
    }
}

static void test_the_same_port_twice_is_one(void **state)
{
    (void)state;
    auto_loaded loaded l =
        load_service("    image: a\n    ports: [\"80:80\", {target: 80, published: 80}, \"81:80\"]\n");
    assert_clean(&l);
    auto_free char *out = ports_text(&l.stack->services.items[0]);
    assert_string_equal(out, ":80-80:80/tcp :81-81:80/tcp");
}

static void test_exposed_ports_name_their_protocol(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n    expose: [3000, \"8000/udp\", 9000-9001]\n");
    assert_clean(&l);
    assert_strs(&l.stack->services.items[0].expose, "3000/tcp|8000/udp|9000/tcp|9001/tcp");
}

static void test_ports_that_are_no_list_are_refused(void **state)
{
    (void)state;
    auto_loaded loaded l = load_service("    image: a\n    ports: 80:80\n");
    assert_faults(&l, "compose.yaml:4:12: 'ports' wants a list of ports, not '80:80'");
    auto_loaded loaded nothing = load_service("    image: a\n    ports:\n");
    assert_faults(&nothing, "compose.yaml:4:5: 'ports' has no value; give it one or remove the key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_is_understood),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_the_same_port_twice_is_one),
        cmocka_unit_test(test_exposed_ports_name_their_protocol),
        cmocka_unit_test(test_ports_that_are_no_list_are_refused),
    };
    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
