#include "witness/worker.h"

#include "witness/conversation.h"
#include "witness/proxy.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A turn is bounded so that the loop's other work gets its share; a drain so that it ends. */
enum { ROUNDS_A_DRAIN = 4096, ACCEPTS_A_TURN = 64, BACKLOG = 1024 };
#define FOR_PROXY SIZE_MAX

typedef struct connection connection;
struct connection {
    relay relay;
    conversation talk;
    witness_worker *worker;
    connection *next, *previous;
};

typedef struct {
    hub_source source;
    witness_worker *worker;
    size_t target; /* or FOR_PROXY */
    int fd;
} listener;

struct witness_worker {
    witness *owner;
    hub_share share;
    evidence evidence;
    fingerprint_cache prints;
    UTR_VEC(listener *) listeners;
    connection *connections;
    connection *dead; /* closed; freed when no reported event can name them */
    proxy *proxy;     /* NULL: none */
    witness_worker_options options;
    uint32_t announced; /* turn of the hub */
    int spare_fd;       /* given up to refuse a client when no descriptor is left */
    bool connected, closing;
};

/* Connections. */

static void on_bytes(void *ctx, bool from_client, const uint8_t *data, size_t len)
{
    connection *one = ctx;
    if (from_client)
        conversation_sent(&one->talk, data, len);
    else
        conversation_received(&one->talk, data, len);
}

static void on_refused(void *ctx)
{
    connection *one = ctx;
    conversation_refused(&one->talk);
}

static void on_closed(void *ctx)
{
    connection *one = ctx;
    witness_worker *worker = one->worker;
    if (one->previous)
        one->previous->next = one->next;
    else
        worker->connections = one->next;
    if (one->next)
        one->next->previous = one->previous;
    one->next = worker->dead;
    worker->dead = one;
}

static void bury_dead(witness_worker *worker)
{
    while (worker->dead) {
        connection *one = worker->dead;
        worker->dead = one->next;
        conversation_close(&one->talk);
        free(one);
    }
    if (worker->proxy)
        proxy_bury(worker->proxy);
}

static void connection_open(witness_worker *worker, size_t target_index, int fd)
{
    static const relay_observer OBSERVER = {NULL, on_bytes, on_refused, on_closed};
    const worker_target *target = witness_target_at(worker->owner, target_index);
    conversation_options options = {
        .evidence = &worker->evidence,
        .prints = &worker->prints,
        .service = target->service,
        .number = witness_next_connection(worker->owner),
        .container_port = target->container_port,
        .protocol = target->protocol,
    };
    connection *one = UTR_NEW(connection);
    one->worker = worker;
    one->next = worker->connections;
    if (one->next)
        one->next->previous = one;
    worker->connections = one;
    conversation_open(&one->talk, &options);
    one->relay.observer = &OBSERVER;
    one->relay.ctx = one;
    relay_open(&one->relay, fd, &target->address, &worker->share);
}

/* Listeners. */

/** No descriptor is left: take the client with the spare one and close it, else it would wait for ever. */
static void refuse_client(listener *from)
{
    witness_worker *worker = from->worker;
    (void)close(worker->spare_fd);
    int fd = accept4(from->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        (void)close(fd);
    worker->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (from->target == FOR_PROXY)
        return;
    size_t service = witness_target_at(worker->owner, from->target)->service;
    evidence_of(&worker->evidence, evidence_innermost(&worker->evidence)->id, service)->seen.refused = true;
}

static void accepted(const listener *at, int fd)
{
    witness_worker *worker = at->worker;
    if (at->target == FOR_PROXY)
        proxy_accept(worker->proxy, fd);
    else
        connection_open(worker, at->target, fd);
    if (!worker->connected && worker->options.on_first_connection)
        worker->options.on_first_connection(worker->options.ctx);
    worker->connected = true;
}

static void on_client(hub_source *source, uint32_t events)
{
    (void)events;
    listener *self = (listener *)source;
    for (int i = 0; i < ACCEPTS_A_TURN && !self->worker->closing; i++) {
        int fd = accept4(self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accepted(self, fd);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE)
            refuse_client(self);
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

/** @return a bound socket that listens, or -1 with errno */
static int listen_on(int port)
{
    int yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int problem = errno;
    (void)close(fd);
    errno = problem;
    return -1;
}

static int port_of(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    (void)getsockname(fd, (struct sockaddr *)&address, &len);
    return ntohs(address.sin_port);
}

static utr_code listener_add(witness_worker *worker, size_t target, int fd, utr_error *err)
{
    assert(!worker->closing);
    listener *self = UTR_NEW(listener);
    *self = (listener){.source = {.on_ready = on_client}, .worker = worker, .target = target, .fd = fd};
    int flags = fcntl(fd, F_GETFL);
    int problem = flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? errno : 0;
    if (!problem)
        problem = hub_watch(&worker->share, fd, &self->source);
    if (problem) {
        (void)close(fd);
        free(self);
        return utr_fail_sys(err, problem, "watch a listener");
    }
    *utr_vec_push(&worker->listeners) = self;
    return UTR_OK;
}

utr_code witness_listen_fd(witness_worker *worker, size_t target, int fd, utr_error *err)
{
    return listener_add(worker, target, fd, err);
}

static utr_code listener_tell(witness_worker *worker, size_t target, int fd, int *out_port, utr_error *err)
{
    if (fd < 0)
        fd = listen_on(0);
    if (fd < 0)
        return utr_fail_sys(err, errno, "listen on 127.0.0.1");
    int port = port_of(fd);
    if (listener_add(worker, target, fd, err))
        return err->code;
    *out_port = port;
    return UTR_OK;
}

utr_code witness_listen(witness_worker *worker, size_t target, int preferred, int *out_port, utr_error *err)
{
    int fd = preferred > 0 && preferred < 65536 ? listen_on(preferred) : -1;
    return listener_tell(worker, target, fd, out_port, err);
}

void witness_worker_share(witness_worker *worker, proxy_options *out)
{
    out->loop = witness_loop(worker->owner);
    out->witness = worker->owner;
    out->share = &worker->share;
    out->evidence = &worker->evidence;
    out->prints = &worker->prints;
}

utr_code witness_worker_proxy(witness_worker *worker, proxy *p, int fd, int *out_port, utr_error *err)
{
    assert(!worker->proxy);
    worker->proxy = p;
    return listener_tell(worker, FOR_PROXY, fd, out_port, err);
}

/* What has arrived is served by the hub, and at once where a scope begins or ends. */

void witness_worker_announce(void *owner)
{
    witness_worker *worker = owner;
    uint32_t turn = witness_hub(worker->owner)->turn;
    if (worker->announced == turn)
        return;
    worker->announced = turn;
    if (worker->options.before_attribution && !worker->closing)
        worker->options.before_attribution(worker->options.ctx);
}

static void drain(witness_worker *worker)
{
    hub_drain(witness_hub(worker->owner), worker, ROUNDS_A_DRAIN);
    witness_bury(worker->owner);
}

void witness_scope_begin(witness_worker *worker, bool drain_first)
{
    if (drain_first)
        drain(worker);
    evidence_begin(&worker->evidence);
}

void witness_scope_end(witness_worker *worker, bool drain_first, witness_evidence_list *out)
{
    assert(witness_scope_depth(worker) > 0);
    if (drain_first)
        drain(worker);
    evidence_end(&worker->evidence, witness_services(worker->owner), out);
}

void witness_ambient_take(witness_worker *worker, bool drain_first, witness_evidence_list *out)
{
    if (drain_first)
        drain(worker);
    evidence_take_ambient(&worker->evidence, witness_services(worker->owner), out);
}

size_t witness_scope_depth(const witness_worker *worker)
{
    return worker->evidence.scopes.count - 1;
}

/* Its life. */

witness_worker *witness_worker_new(witness *w, const witness_worker_options *options)
{
    witness_worker *worker = UTR_NEW(witness_worker);
    worker->owner = w;
    worker->options = *options;
    worker->share = hub_share_of(witness_hub(w), worker);
    worker->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    evidence_init(&worker->evidence);
    witness_worker_opened(w, worker);
    return worker;
}

static void worker_free(witness_worker *worker)
{
    proxy_free(worker->proxy);
    for (size_t i = 0; i < worker->listeners.count; i++)
        free(worker->listeners.items[i]);
    utr_vec_dispose(&worker->listeners);
    evidence_dispose(&worker->evidence);
    fingerprint_cache_dispose(&worker->prints);
    free(worker);
}

bool witness_worker_bury(witness_worker *worker)
{
    bool gone = worker->closing;
    bury_dead(worker);
    if (gone)
        worker_free(worker);
    return gone;
}

static void close_listeners(witness_worker *worker)
{
    for (size_t i = 0; i < worker->listeners.count; i++) {
        hub_forget(&worker->share, worker->listeners.items[i]->fd);
        (void)close(worker->listeners.items[i]->fd);
    }
}

void witness_worker_close(witness_worker *worker, witness_evidence_list *out_ambient)
{
    assert(!worker->closing);
    drain(worker);
    worker->closing = true;
    close_listeners(worker);
    while (worker->connections)
        relay_close(&worker->connections->relay, false);
    if (worker->proxy)
        proxy_close(worker->proxy);
    while (witness_scope_depth(worker) > 0) {
        witness_evidence_list unclaimed = {0};
        evidence_end(&worker->evidence, witness_services(worker->owner), &unclaimed);
        witness_evidence_dispose(&unclaimed);
    }
    evidence_end(&worker->evidence, witness_services(worker->owner), out_ambient);
    if (worker->spare_fd >= 0)
        (void)close(worker->spare_fd);
    witness_bury(worker->owner);
}
