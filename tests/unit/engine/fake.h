/**
 * A small engine on a unix socket, on a thread, for what a real one cannot be made to do.
 *
 * 1. fake_start() with a table of routes; /_ping and /version are answered as an engine 20.10 does unless a
 * route says otherwise.
 * 2. engine_open(fake.host, ...), calls.
 * 3. fake_stop().
 */
#ifndef UTR_TEST_ENGINE_FAKE_H
#define UTR_TEST_ENGINE_FAKE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** How a request is answered whose first line contains `match`. */
typedef struct {
    const char *match;
    const char *answer; /* the bytes as they go out; NULL: silence */
    size_t len;         /* of answer; 0: strlen */
    size_t cut;         /* pause a moment after so many bytes; 0: none */
    bool close;         /* hang up after the answer */
    bool endless;       /* repeat the answer's last 1024 bytes until the other side has enough */
} fake_route;

typedef struct {
    char folder[32];
    char host[64]; /* "unix:///..." */
    const fake_route *routes;
    size_t route_count;
    int listener, wake;
    pthread_t thread;
    atomic_int connections; /* accepted so far */
    char last[65536];       /* the last request, whole */
    size_t last_len;
} fake;

void fake_start(fake *f, const fake_route *routes, size_t count);
void fake_stop(fake *f);

/** A route that answers with status 200 and a body of JSON. */
#define FAKE_JSON(path, body)                                                                                \
    {                                                                                                        \
        .match = (path), .answer = FAKE_HEAD "\r\n" body, .close = true                                      \
    }
#define FAKE_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

#endif
