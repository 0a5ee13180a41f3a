#include "isolation/mounts.h"

#include "base/files.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <glob.h>
#include <sys/stat.h>

static const size_t MOST_BYTES = 1 << 20;

/* Where a database or cache of the machine's own puts its socket, and where the system's name services put
 * theirs: those would answer for the world outside. */
static const char *const COVERED[] = {
    "/run/postgresql",      "/run/redis",        "/run/redis-*",
    "/run/valkey",          "/run/mysqld",       "/run/mariadb",
    "/run/mongodb",         "/run/memcached",    "/run/rabbitmq",
    "/run/pgbouncer",       "/run/nscd",         "/run/avahi-*",
    "/tmp/.s.PGSQL.*",      "/tmp/mysql.sock",   "/tmp/mysqlx.sock",
    "/tmp/redis*.sock",     "/tmp/valkey*.sock", "/tmp/mongodb-*.sock",
    "/tmp/memcached*.sock",
};

static void mounts_add(isolation_mounts *mounts, const char *target, char *content, char *content_ipv6)
{
    *utr_vec_push(mounts) =
        (isolation_mount){.target = utr_strdup(target), .content = content, .content_ipv6 = content_ipv6};
}

/* --- covers --- */

static void cover_one(isolation_mounts *mounts, const char *path)
{
    struct stat found;
    if (stat(path, &found) < 0)
        return;
    if (S_ISDIR(found.st_mode))
        mounts_add(mounts, path, NULL, NULL);
    else if (S_ISSOCK(found.st_mode))
        mounts_add(mounts, path, utr_strdup(""), NULL);
}

static void cover_all(isolation_mounts *mounts, const char *root)
{
    for (size_t i = 0; i < sizeof COVERED / sizeof *COVERED; i++) {
        auto_free char *pattern = utr_format("%s%s", root, COVERED[i]);
        glob_t found;
        if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
            for (size_t path = 0; path < found.gl_pathc; path++)
                cover_one(mounts, found.gl_pathv[path]);
            globfree(&found);
        }
    }
}

/* --- files --- */

/* The machine's own file; empty where it cannot be read. */
static void machine_read(const char *root, const char *path, utr_buf *out)
{
    utr_error err = {0};
    auto_free char *whole = utr_format("%s%s", root, path);
    if (utr_file_read(whole, out, &err))
        utr_buf_reset(out);
}

/** /etc/hosts in the making. */
typedef struct {
    const isolation_options *options;
    char machine[256]; /* its name */
    utr_buf ipv4;      /* its lines by their address's family */
    utr_buf ipv6;
} hosts_text;

static bool hosts_names(const hosts_text *hosts, const char *name)
{
    for (size_t i = 0; i < hosts->options->host_count; i++) {
        const char *own = hosts->options->hosts[i].name;
        if (own && strcasecmp(own, name) == 0)
            return true;
    }
    return false;
}

/* A line of the machine's /etc/hosts, if its address is a loopback one; without names that are known. */
static void hosts_keep_line(hosts_text *hosts, char *line)
{
    line[strcspn(line, "#\r")] = '\0';
    char *rest = NULL;
    const char *address = strtok_r(line, " \t", &rest);
    if (!address || (!utr_text_starts(address, "127.") && strcmp(address, "::1") != 0))
        return;
    for (const char *name; (name = strtok_r(NULL, " \t", &rest));) {
        if (strcasecmp(name, "localhost") != 0 && strcasecmp(name, hosts->machine) != 0 &&
            !hosts_names(hosts, name))
            utr_buf_print(strchr(address, ':') ? &hosts->ipv6 : &hosts->ipv4, "%s\t%s\n", address, name);
    }
}

static void hosts_keep(hosts_text *hosts, const char *root)
{
    auto_buf utr_buf machine = UTR_BUF_INIT(MOST_BYTES);
    machine_read(root, "/etc/hosts", &machine);
    char *rest = machine.data;
    for (char *line; (line = strsep(&rest, "\n"));)
        hosts_keep_line(hosts, line);
}

static void hosts_add(isolation_mounts *mounts, const char *root, const isolation_options *options)
{
    hosts_text hosts = {.options = options, .machine = "localhost"};
    (void)gethostname(hosts.machine, sizeof hosts.machine - 1);
    utr_buf_puts(&hosts.ipv4, "127.0.0.1\tlocalhost\n");
    utr_buf_puts(&hosts.ipv6, "::1\tlocalhost\n");
    for (size_t i = 0; i < options->host_count; i++) {
        const isolation_host *host = &options->hosts[i];
        utr_buf_print(&hosts.ipv4, "%s\t%s\n", host->address, host->name ? host->name : "localhost");
    }
    if (strcmp(hosts.machine, "localhost") != 0 && !hosts_names(&hosts, hosts.machine))
        utr_buf_print(&hosts.ipv4, "127.0.0.1\t%s\n", hosts.machine);
    hosts_keep(&hosts, root);
    auto_free char *target = utr_format("%s/etc/hosts", root);
    mounts_add(mounts, target, utr_buf_take(&hosts.ipv4), utr_buf_take(&hosts.ipv6));
}

/* The line that says who is asked for hosts is replaced: what stands there besides files and dns answers
 * for the world outside, or keeps the files from being asked. */
static char *switch_content(char *machine)
{
    utr_buf out = {0};
    for (const char *line; (line = strsep(&machine, "\n"));) {
        if (*line && !utr_text_starts(line + strspn(line, " \t"), "hosts:"))
            utr_buf_print(&out, "%s\n", line);
    }
    utr_buf_puts(&out, "hosts: files dns\n");
    return utr_buf_take(&out);
}

static void switch_add(isolation_mounts *mounts, const char *root)
{
    auto_buf utr_buf machine = UTR_BUF_INIT(MOST_BYTES);
    machine_read(root, "/etc/nsswitch.conf", &machine);
    auto_free char *target = utr_format("%s/etc/nsswitch.conf", root);
    mounts_add(mounts, target, switch_content(machine.data), NULL);
}

void isolation_mounts_init(isolation_mounts *mounts, const char *root, const isolation_options *options,
                           const char *names)
{
    *mounts = (isolation_mounts){0};
    cover_all(mounts, root);
    hosts_add(mounts, root, options);
    switch_add(mounts, root);
    auto_free char *target = utr_format("%s/etc/resolv.conf", root);
    /* ndots:0: a name is asked for as it stands first, not with the machine's domain added. */
    mounts_add(mounts, target, utr_format("nameserver %s\noptions ndots:0\n", names), NULL);
}

void isolation_mounts_dispose(isolation_mounts *mounts)
{
    for (size_t i = 0; i < mounts->count; i++) {
        free(mounts->items[i].target);
        free(mounts->items[i].content);
        free(mounts->items[i].content_ipv6);
    }
    utr_vec_dispose(mounts);
}

const char *isolation_mounts_names(const char *root)
{
    auto_free char *path = utr_format("%s/etc/resolv.conf", root);
    return utr_path_exists(path) ? "127.0.0.53" : "127.0.0.1";
}
