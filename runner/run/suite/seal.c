#include "run/suite/seal.h"

#include <string.h>

/* Loopback addresses that nobody else uses: the services' own, and those of workers that come later. */
enum { SERVICES_NET = 77, WORKERS_NET = 78, NETS = 100, A_BYTE = 256 };

/** Where something listens inside. */
typedef struct {
    char address[16];
    int port;
    size_t target;  /* index of the targets' items */
    bool must_bind; /* else it is fine where another was there first, or the kernel has no IPv6 */
} place;

struct run_seal {
    isolation *inside;
    const run_targets *targets;
    UTR_VEC(place) places;
    bool greeted;    /* main has its listeners */
    unsigned others; /* workers after it */
    void (*on_closed)(void *ctx);
    void *ctx;
};

static bool can_seal(run_state *run)
{
    if (!run->seal_checked && isolation_check(&run->seal_error))
        run->seal_checked = true; /* seal_error says why not */
    run->seal_checked = true;
    return !run->seal_error.code;
}

bool run_seal_wanted(run_state *run, const manifest_category *category)
{
    bool by_manifest = category->isolation == MANIFEST_SEALED;
    if (run->request->isolation == RUN_OPEN || (run->request->isolation != RUN_SEALED && !by_manifest))
        return false;
    if (can_seal(run))
        return true;
    auto_free char *text =
        utr_format("its suites run open, not sealed: this machine cannot: %s", run->seal_error.text);
    (void)journal_add(run->journal,
                      RUN_FACT(JOURNAL_NOTE, category->name, .state = "isolation", .text = text));
    return false;
}

/* --- the places --- */

/* The number of a target's service among the targets' services. */
static unsigned service_number(const run_targets *targets, size_t target)
{
    unsigned number = 0;
    for (size_t i = 1; i <= target; i++)
        number += strcmp(targets->items.items[i].service, targets->items.items[i - 1].service) != 0;
    return number;
}

static void service_address(const run_targets *targets, size_t target, char out[16])
{
    unsigned number = service_number(targets, target) + 1;
    (void)snprintf(out, 16, "127.%d.%u.%u", SERVICES_NET, number / A_BYTE, number % A_BYTE);
}

static bool is_taken(const run_seal *seal, const char *address, int port)
{
    for (size_t i = 0; i < seal->places.count; i++) {
        if (seal->places.items[i].port == port && strcmp(seal->places.items[i].address, address) == 0)
            return true;
    }
    return false;
}

static void add_place(run_seal *seal, const char *address, int port, size_t target, bool must_bind)
{
    if (!port || is_taken(seal, address, port))
        return;
    place *one = utr_vec_push(&seal->places);
    (void)snprintf(one->address, sizeof one->address, "%s", address);
    one->port = port;
    one->target = target;
    one->must_bind = must_bind;
}

static void add_local(run_seal *seal, int port, size_t target)
{
    add_place(seal, "127.0.0.1", port, target, false);
    add_place(seal, "::1", port, target, false);
}

/* A service's own address first; localhost answers for its own ports, the first service of a port winning,
 * and for those that compose publishes where these are still free. */
static void add_places(run_seal *seal)
{
    const run_targets *targets = seal->targets;
    for (size_t i = 0; i < targets->items.count; i++) {
        char address[16];
        service_address(targets, i, address);
        add_place(seal, address, targets->items.items[i].container_port, i, true);
    }
    for (size_t i = 0; i < targets->items.count; i++)
        add_local(seal, targets->items.items[i].container_port, i);
    for (size_t i = 0; i < targets->items.count; i++)
        add_local(seal, targets->items.items[i].preferred, i);
}

/* --- the names --- */

typedef struct {
    UTR_VEC(isolation_host) hosts;
    utr_strs addresses; /* what hosts borrow */
} host_names;

static void add_name(host_names *names, const char *name, const char *address)
{
    for (size_t i = 0; name && i < names->hosts.count; i++) {
        if (strcmp(names->hosts.items[i].name, name) == 0)
            return;
    }
    if (name)
        *utr_vec_push(&names->hosts) = (isolation_host){.name = name, .address = address};
}

static void add_aliases(host_names *names, const compose_service *service, const char *address)
{
    if (!service)
        return;
    add_name(names, service->container_name, address);
    for (size_t i = 0; i < service->networks.count; i++) {
        const utr_strs *aliases = &service->networks.items[i].aliases;
        for (size_t k = 0; k < aliases->count; k++)
            add_name(names, aliases->items[k], address);
    }
}

/* Every service's own name goes before anybody's alias. */
static void add_names(const run_targets *targets, host_names *out)
{
    for (size_t i = 0; i < targets->items.count; i++) {
        char address[16];
        service_address(targets, i, address);
        utr_strs_add(&out->addresses, address);
    }
    for (size_t i = 0; i < targets->items.count; i++)
        add_name(out, targets->items.items[i].service, out->addresses.items[i]);
    for (size_t i = 0; i < targets->items.count; i++)
        add_aliases(out, targets->items.items[i].composed, out->addresses.items[i]);
}

/* --- its life --- */

static void seal_free(run_seal *seal)
{
    utr_vec_dispose(&seal->places);
    free(seal);
}

static utr_code open_inside(uv_loop_t *loop, run_seal *seal, const run_seal_options *from, utr_error *err)
{
    host_names names = {0};
    UTR_VEC(isolation_bind) binds = {0};
    add_names(seal->targets, &names);
    for (size_t i = 0; i < seal->places.count; i++)
        *utr_vec_push(&binds) = (isolation_bind){seal->places.items[i].address, seal->places.items[i].port};
    isolation_options options = {.hosts = names.hosts.items,
                                 .host_count = names.hosts.count,
                                 .binds = binds.items,
                                 .bind_count = binds.count,
                                 .on_elsewhere = from->on_elsewhere,
                                 .ctx = from->ctx};
    utr_code code = isolation_open(loop, &options, &seal->inside, err);
    utr_vec_dispose(&binds);
    utr_vec_dispose(&names.hosts);
    utr_strs_dispose(&names.addresses);
    return code;
}

utr_code run_seal_open(uv_loop_t *loop, const run_seal_options *options, run_seal **out, utr_error *err)
{
    run_seal *seal = UTR_NEW(run_seal);
    seal->targets = options->targets;
    add_places(seal);
    if (open_inside(loop, seal, options, err)) {
        seal_free(seal);
        return utr_wrap(err, "seal");
    }
    *out = seal;
    return UTR_OK;
}

static utr_code listen_for_main(run_seal *seal, witness_worker *worker, utr_error *err)
{
    for (size_t i = 0; i < seal->places.count; i++) {
        const place *one = &seal->places.items[i];
        const run_target *target = &seal->targets->items.items[one->target];
        int fd = isolation_take_listener(seal->inside, i);
        if (fd < 0 && one->must_bind)
            return utr_fail(err, UTR_SYS, "listen inside at %s:%d for %s", one->address, one->port,
                            target->service);
        if (fd >= 0 && witness_listen_fd(worker, target->target, fd, err))
            return err->code;
    }
    return UTR_OK;
}

/* Main's are at the standard ports; another worker has loopback addresses of its own, with the same ports. */
static utr_code listen_for_another(run_seal *seal, witness_worker *worker, utr_strs *out, utr_error *err)
{
    unsigned number = ++seal->others;
    for (size_t i = 0; i < seal->targets->items.count; i++) {
        const run_target *target = &seal->targets->items.items[i];
        char address[32];
        int fd = -1;
        (void)snprintf(address, sizeof address, "127.%u.%u.%u",
                       WORKERS_NET + service_number(seal->targets, i) % NETS, number / A_BYTE % A_BYTE,
                       number % A_BYTE);
        isolation_bind bind = {address, target->container_port};
        if (isolation_listen(seal->inside, &bind, &fd, err) ||
            witness_listen_fd(worker, target->target, fd, err))
            return err->code;
        utr_strs_give(out, utr_format("%s:%d", address, target->container_port));
    }
    return UTR_OK;
}

utr_code run_seal_listen(run_seal *seal, witness_worker *worker, utr_strs *out_addresses, utr_error *err)
{
    if (seal->greeted)
        return listen_for_another(seal, worker, out_addresses, err);
    seal->greeted = true;
    for (size_t i = 0; i < seal->targets->items.count; i++)
        utr_strs_give(out_addresses, utr_format("%s:%d", seal->targets->items.items[i].service,
                                                seal->targets->items.items[i].container_port));
    return listen_for_main(seal, worker, err);
}

utr_code run_seal_listen_free(run_seal *seal, int *out_fd, utr_error *err)
{
    isolation_bind bind = {"127.0.0.1", 0};
    return isolation_listen(seal->inside, &bind, out_fd, err);
}

int run_seal_enter(void *seal)
{
    return isolation_enter(((run_seal *)seal)->inside);
}

const char *run_seal_blind(const run_seal *seal)
{
    return isolation_blind(seal->inside);
}

static void on_inside_closed(void *ctx)
{
    run_seal *seal = ctx;
    void (*on_closed)(void *) = seal->on_closed;
    void *its_ctx = seal->ctx;
    seal_free(seal);
    on_closed(its_ctx);
}

void run_seal_close(run_seal *seal, void (*on_closed)(void *ctx), void *ctx)
{
    seal->on_closed = on_closed;
    seal->ctx = ctx;
    isolation_close(seal->inside, on_inside_closed, seal);
}
