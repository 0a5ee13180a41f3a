/**
 * Relays between suites and services that decode what passes, and keep it as evidence per test.
 *
 * 1. witness_new() on the loop; witness_target_add() for each service port, at the address that the engine
 * reports.
 * 2. witness_worker_new() for each worker of a suite; witness_listen() gives the worker a loopback port for
 * each target, witness_listen_fd() a socket that already listens elsewhere.
 * 3. witness_scope_begin() when a test (or a wider fixture) starts, witness_scope_end() when it ends: that
 * returns its evidence. witness_ambient_take() returns what was seen outside every scope since the last time.
 * 4. witness_turn() turns the loop as long as there are workers: uv_run() alone serves no socket of theirs.
 * 5. witness_worker_close() returns the rest of that; witness_close() when all is done.
 *
 * Bytes are forwarded first and witnessed second: no decoder fault changes or delays a byte. Everything runs
 * on the loop's thread. Whatever has arrived can be served first where a scope begins or ends (`drain`): what
 * a test sent before it said "finished" counts as its own, whatever the order in which the kernel reports
 * readiness.
 */
#ifndef UTR_WITNESS_WITNESS_H
#define UTR_WITNESS_WITNESS_H

#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/** What a port speaks. AUTO: told by the service's port number and the first bytes. EXTERNAL: as OPAQUE,
 * with the TLS server name as the text of its statements. */
typedef enum {
    WITNESS_AUTO,
    WITNESS_POSTGRES,
    WITNESS_REDIS,
    WITNESS_HTTP,
    WITNESS_OPAQUE,
    WITNESS_EXTERNAL
} witness_protocol;

/** A statement or command with its literals taken out, as one connection sent it. */
typedef struct {
    uint32_t connection; /* its number, from 1 on and unique in the witness; 0: what did not fit, summed up */
    bool opened;         /* the connection was opened in the scope */
    char *text;          /* "" where nothing can be read (TLS, an unknown protocol), and for connection 0 */
    uint64_t count;      /* answered requests */
    uint64_t substantive, reads, writes; /* of these */
} witness_statement;

/** How many statements of a scope, and of what is outside every scope, are told apart for a service. */
enum { WITNESS_STATEMENTS = 64, WITNESS_AMBIENT_STATEMENTS = 256 };

/** What one scope exchanged with one service. */
typedef struct {
    const char *service;                 /* borrowed from the witness */
    uint64_t connections;                /* opened in the scope */
    uint64_t inherited_connections;      /* opened in a wider scope or before, used in this one */
    uint64_t exchanges;                  /* requests that the service answered, errors included */
    uint64_t substantive;                /* those that are not trivial */
    uint64_t reads, writes;              /* of the substantive */
    uint64_t errors;                     /* answered with an error */
    uint64_t bytes_sent, bytes_received; /* as the suite sees it */
    bool opaque;  /* some bytes could not be decoded by nature (TLS, unknown protocol) */
    bool lost;    /* a decoder lost the thread; bytes were still relayed */
    bool refused; /* the service refused a connection, or the relay could not reach it */
    UTR_VEC(witness_statement)
    statements; /* most frequent first; substantive ones do not give way to others */
} witness_evidence;

/** One per service that was touched at all; empty: nothing was exchanged. */
typedef UTR_VEC(witness_evidence) witness_evidence_list;
void witness_evidence_dispose(witness_evidence_list *list);

typedef struct witness witness;
typedef struct witness_worker witness_worker;

UTR_MUST_CHECK utr_code witness_new(uv_loop_t *loop, witness **out, utr_error *err);

/**
 * One turn of the loop, in place of uv_run(): serve what has arrived for the witness and for libuv.
 * @param wait  until something comes, as UV_RUN_ONCE does; false: as UV_RUN_NOWAIT. Not from a callback
 */
void witness_turn(witness *w, bool wait);

/**
 * Close every worker; the memory is freed in the last close callback.
 * @param on_closed  called once, never before returning; may be NULL
 */
void witness_close(witness *w, void (*on_closed)(void *ctx), void *ctx);

typedef struct {
    const char *service;
    const char *host; /* IPv4 literal */
    int port;
    int container_port;
    witness_protocol protocol;
} witness_target;

/** Copies target. @return its index */
size_t witness_target_add(witness *w, const witness_target *target);

/** What a worker is told besides, all on the loop's thread; the callbacks may be NULL. */
typedef struct {
    /** Before bytes from the suite are attributed to the current scope: read what the suite has told so far.
     * May begin and end scopes. */
    void (*before_attribution)(void *ctx);
    /** The first connection was accepted. Must not touch the worker. */
    void (*on_first_connection)(void *ctx);
    void *ctx;
} witness_worker_options;

witness_worker *witness_worker_new(witness *w, const witness_worker_options *options);

/**
 * Listen on 127.0.0.1 for a target.
 * @param preferred  a port to take where it is free, else an ephemeral one; 0: ephemeral
 */
UTR_MUST_CHECK utr_code witness_listen(witness_worker *worker, size_t target, int preferred, int *out_port,
                                       utr_error *err);

/**
 * Accept for a target on a socket that already listens, wherever that is.
 * @param fd  the worker's from now on, also on failure
 */
UTR_MUST_CHECK utr_code witness_listen_fd(witness_worker *worker, size_t target, int fd, utr_error *err);

/**
 * A test or a wider fixture starts; scopes nest, traffic belongs to the innermost. What came before belongs
 * to the scope before.
 * @param drain  serve what has arrived first. True where the suite waits for our answer; false where it runs
 * on while we read what it told, so that what has arrived may already be the next test's
 */
void witness_scope_begin(witness_worker *worker, bool drain);

/** The innermost scope ends. @param out  its evidence, disposed by the caller */
void witness_scope_end(witness_worker *worker, bool drain, witness_evidence_list *out);

/** How many scopes are open. */
size_t witness_scope_depth(const witness_worker *worker);

/**
 * What was seen outside every scope since the worker began or this was last called.
 * @param out  disposed by the caller
 */
void witness_ambient_take(witness_worker *worker, bool drain, witness_evidence_list *out);

/** Stop listening, cut its connections. @param out_ambient  as witness_ambient_take(); the worker's memory
 * lives on until its sockets are closed */
void witness_worker_close(witness_worker *worker, witness_evidence_list *out_ambient);

#endif
