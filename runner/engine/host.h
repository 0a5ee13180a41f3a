/**
 * Where the engine is: DOCKER_HOST, the docker context, the default sockets, and how TLS is set up for it.
 *
 * 1. engine_host_find() picks and parses; the order is the docker command's own.
 * 2. engine_host_explain() turns a failed connect into a sentence that says what to do.
 */
#ifndef UTR_ENGINE_HOST_H
#define UTR_ENGINE_HOST_H

#include "base/error.h"

typedef struct {
    char *text;        /* as used: "unix:///var/run/docker.sock" */
    char *origin;      /* who named it: "DOCKER_HOST", "docker context 'x'", "the default" */
    char *socket_path; /* of a unix socket, else NULL */
    char *url;         /* "http://docker", "https://host:2376", without a path */
    char *tls_dir;     /* where ca.pem, cert.pem and key.pem are, or NULL */
    bool tls_verify;
} engine_host;

/**
 * Find the engine's address.
 * @param given  a DOCKER_HOST value that wins over everything, or NULL
 * @param out    disposed with engine_host_dispose()
 * @return UTR_CONFIG: a value that is no address, a context that does not exist, a broken configuration file
 */
UTR_MUST_CHECK utr_code engine_host_find(const char *given, engine_host *out, utr_error *err);

void engine_host_dispose(engine_host *host);

/** Record why the connection failed and what to do. @param sys an errno, 0: unknown. @return UTR_UNREACHABLE
 */
utr_code engine_host_explain(const engine_host *host, int sys, const char *detail, utr_error *err);

#endif
