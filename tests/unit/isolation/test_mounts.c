#include "isolation/mounts.h"

#include "../loop/cmocka_all.h"
#include "base/files.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/** A machine: its files under a folder. */
typedef struct {
    char root[64];
    isolation_mounts mounts;
} machine;

static void machine_put(const machine *m, const char *path, const char *content)
{
    utr_error err = {0};
    auto_free char *whole = utr_format("%s%s", m->root, path);
    auto_free char *folder = utr_path_dir(whole);
    if (utr_dir_make(content ? folder : whole, &err) ||
        (content && utr_file_write(whole, content, strlen(content), &err)))
        fail_msg("%s", err.text);
}

static void machine_init(machine *m)
{
    *m = (machine){.root = "/tmp/utr-mounts-XXXXXX"};
    assert_non_null(mkdtemp(m->root));
    machine_put(m, "/etc/hosts", "127.0.0.1 localhost\n");
}

static void machine_dispose(machine *m)
{
    auto_free char *command = utr_format("rm -r %s", m->root);
    isolation_mounts_dispose(&m->mounts);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): our own folder, by the tool for it
}

static const isolation_mount *find(const machine *m, const char *path)
{
    for (size_t i = 0; i < m->mounts.count; i++) {
        if (strcmp(m->mounts.items[i].target + strlen(m->root), path) == 0)
            return &m->mounts.items[i];
    }
    return NULL;
}

static void mounts_make(machine *m)
{
    static const isolation_host HOSTS[] = {{"postgres-test", "127.0.0.2"}, {NULL, "127.0.0.9"}};
    isolation_mounts_init(&m->mounts, m->root, &(isolation_options){.hosts = HOSTS, .host_count = 2},
                          "127.0.0.53");
}

static void test_hosts_know_services_and_what_the_machine_calls_itself(void **state)
{
    (void)state;
    machine m;
    machine_init(&m);
    machine_put(&m, "/etc/hosts",
                "# comment\n127.0.0.1\tlocalhost dev.local  # app.local\n::1 localhost ip6-localhost\n"
                "127.0.0.7 Postgres-Test mine\n10.1.2.3 database\nfe80::1 link\n\n127.0.1.1\r\nbroken");
    mounts_make(&m);
    char name[256];
    assert_int_equal(gethostname(name, sizeof name), 0);
    auto_free char *expected = utr_format("127.0.0.1\tlocalhost\n"
                                          "127.0.0.2\tpostgres-test\n"
                                          "127.0.0.9\tlocalhost\n"
                                          "127.0.0.1\t%s\n"
                                          "127.0.0.1\tdev.local\n"
                                          "127.0.0.7\tmine\n",
                                          name);
    assert_string_equal(find(&m, "/etc/hosts")->content, expected);
    assert_string_equal(find(&m, "/etc/hosts")->content_ipv6, "::1\tlocalhost\n::1\tip6-localhost\n");
    machine_dispose(&m);
}

static void test_names_are_asked_from_files_and_from_us_alone(void **state)
{
    (void)state;
    machine m;
    machine_init(&m);
    machine_put(&m, "/etc/nsswitch.conf",
                "passwd: files systemd\n  hosts: mymachines resolve [!UNAVAIL=return] files\nrpc: db\n");
    mounts_make(&m);
    assert_string_equal(find(&m, "/etc/nsswitch.conf")->content,
                        "passwd: files systemd\nrpc: db\nhosts: files dns\n");
    assert_string_equal(find(&m, "/etc/resolv.conf")->content, "nameserver 127.0.0.53\noptions ndots:0\n");
    machine_dispose(&m);
}

static void test_without_a_resolv_conf_names_are_asked_where_the_resolver_asks_then(void **state)
{
    (void)state;
    machine m;
    machine_init(&m);
    assert_string_equal(isolation_mounts_names(m.root), "127.0.0.1");
    machine_put(&m, "/etc/resolv.conf", "nameserver 10.0.0.1\n");
    assert_string_equal(isolation_mounts_names(m.root), "127.0.0.53");
    machine_dispose(&m);
}

static void test_sockets_of_databases_are_covered_and_nothing_beside_them(void **state)
{
    (void)state;
    machine m;
    machine_init(&m);
    machine_put(&m, "/run/postgresql", NULL);
    machine_put(&m, "/run/redis-cache", NULL);
    machine_put(&m, "/run/mine", NULL);
    machine_put(&m, "/tmp/.s.PGSQL.5432.lock", "1\n");
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    (void)snprintf(place.sun_path, sizeof place.sun_path, "%s/tmp/.s.PGSQL.5432", m.root);
    auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, sizeof place), 0);
    mounts_make(&m);
    assert_null(find(&m, "/run/postgresql")->content);
    assert_null(find(&m, "/run/redis-cache")->content);
    assert_string_equal(find(&m, "/tmp/.s.PGSQL.5432")->content, "");
    assert_null(find(&m, "/run/mine"));
    assert_null(find(&m, "/tmp/.s.PGSQL.5432.lock"));
    assert_int_equal(m.mounts.count, 6);
    machine_dispose(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_know_services_and_what_the_machine_calls_itself),
        cmocka_unit_test(test_names_are_asked_from_files_and_from_us_alone),
        cmocka_unit_test(test_without_a_resolv_conf_names_are_asked_where_the_resolver_asks_then),
        cmocka_unit_test(test_sockets_of_databases_are_covered_and_nothing_beside_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
