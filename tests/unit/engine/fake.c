#include "fake.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PEERS_MOST = 32 };

#define PING_BODY "OK"
#define VERSION_BODY                                                                                         \
    "{\"Version\":\"20.10.24\",\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\",\"Os\":\"linux\","         \
    "\"Arch\":\"amd64\"}"

static const fake_route USUAL[] = {
    {.match = "/_ping",
     .answer = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\n" PING_BODY},
    {.match = "/version",
     .answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" VERSION_BODY,
     .close = true},
};

typedef struct {
    int fd;
    char request[65536];
    size_t len;
} peer;

static void put(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        data += sent;
        len -= (size_t)sent;
    }
}

static void put_endless(int fd, const char *block, size_t len)
{
    while (send(fd, block, len, MSG_NOSIGNAL) > 0)
        ;
}

static const fake_route *route_for(const fake *f, const char *request)
{
    size_t len = strcspn(request, "\r");
    char line[1024];
    (void)snprintf(line, sizeof line, "%.*s", (int)len, request);
    for (size_t i = 0; i < f->route_count; i++) {
        if (strstr(line, f->routes[i].match))
            return &f->routes[i];
    }
    for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++) {
        if (strstr(line, USUAL[i].match))
            return &USUAL[i];
    }
    return NULL;
}

static void answer(int fd, const fake_route *route)
{
    size_t len = route->len ? route->len : strlen(route->answer);
    size_t cut = route->cut < len ? route->cut : 0;
    if (cut) {
        put(fd, route->answer, cut);
        (void)usleep(1500);
    }
    put(fd, route->answer + cut, len - cut);
    if (route->endless)
        put_endless(fd, route->answer + len - 1024, 1024);
}

/* Whether the request is whole: head, and a body as its length or its last chunk says. */
static bool is_whole(const peer *p)
{
    const char *end = strstr(p->request, "\r\n\r\n");
    if (!end)
        return false;
    size_t head = (size_t)(end - p->request) + 4;
    const char *length = strcasestr(p->request, "content-length:");
    if (length && length < end)
        return p->len >= head + strtoul(length + 15, NULL, 10);
    if (strcasestr(p->request, "transfer-encoding: chunked"))
        return p->len >= head + 5 && memcmp(p->request + p->len - 5, "0\r\n\r\n", 5) == 0;
    return true;
}

/* @return whether the peer stays */
static bool serve(fake *f, peer *p)
{
    if (p->len == sizeof p->request - 1)
        p->len = 0; /* an upload that is larger than we look at: its end is enough */
    ssize_t got = recv(p->fd, p->request + p->len, sizeof p->request - 1 - p->len, 0);
    if (got <= 0)
        return false;
    p->len += (size_t)got;
    p->request[p->len] = '\0';
    if (!is_whole(p))
        return true;
    (void)memcpy(f->last, p->request, p->len + 1);
    f->last_len = p->len;
    p->len = 0;
    const fake_route *route = route_for(f, f->last);
    if (!route) {
        put(p->fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 28\r\n\r\n{\"message\":\"page not found\"}",
            74);
        return true;
    }
    if (!route->answer)
        return true;
    answer(p->fd, route);
    return !route->close;
}

static void *run(void *arg)
{
    fake *f = arg;
    peer *peers = calloc(PEERS_MOST, sizeof *peers);
    struct pollfd polls[PEERS_MOST + 2];
    size_t count = 0;
    assert(peers);
    for (;;) {
        polls[0] = (struct pollfd){.fd = f->wake, .events = POLLIN};
        polls[1] = (struct pollfd){.fd = f->listener, .events = POLLIN};
        for (size_t i = 0; i < count; i++)
            polls[i + 2] = (struct pollfd){.fd = peers[i].fd, .events = POLLIN};
        (void)poll(polls, count + 2, -1);
        if (polls[0].revents)
            break;
        for (size_t i = count; i-- > 0;) {
            if (polls[i + 2].revents && !serve(f, &peers[i])) {
                (void)close(peers[i].fd);
                peers[i] = peers[--count];
            }
        }
        if (polls[1].revents && count < PEERS_MOST) {
            peers[count].fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
            peers[count++].len = 0;
            (void)atomic_fetch_add(&f->connections, 1);
        }
    }
    while (count)
        (void)close(peers[--count].fd);
    free(peers);
    return NULL;
}

void fake_start(fake *f, const fake_route *routes, size_t count)
{
    (void)memset(f, 0, sizeof *f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/utr-eng-XXXXXX");
    char *made = mkdtemp(f->folder);
    assert(made);
    (void)made;
    f->routes = routes;
    f->route_count = count;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/s", f->folder);
    (void)snprintf(f->host, sizeof f->host, "unix://%s/s", f->folder);
    f->wake = eventfd(0, EFD_CLOEXEC);
    f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bound = bind(f->listener, (struct sockaddr *)&address, sizeof address);
    int heard = listen(f->listener, 64);
    int threaded = pthread_create(&f->thread, NULL, run, f);
    assert(bound == 0 && heard == 0 && threaded == 0);
    (void)bound;
    (void)heard;
    (void)threaded;
}

void fake_stop(fake *f)
{
    (void)eventfd_write(f->wake, 1);
    (void)pthread_join(f->thread, NULL);
    (void)close(f->wake);
    (void)close(f->listener);
    char path[64];
    (void)snprintf(path, sizeof path, "%s/s", f->folder);
    (void)unlink(path);
    (void)rmdir(f->folder);
}
