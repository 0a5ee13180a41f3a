/**
 * A proxy of the witness's own: how suites reach what is declared to lie outside (`external:` in the
 * manifest).
 *
 * 1. witness_proxy_open() once for each worker that has externals: one port that speaks SOCKS5 (RFC 1928, no
 * authentication, CONNECT; names, IPv4 and IPv6) and HTTP (RFC 9110 CONNECT; requests in absolute form, as
 * clients send them to HTTP_PROXY, also many for several hosts on one connection), told by the first byte.
 * 2. The suite gets it as HTTP_PROXY, HTTPS_PROXY (`http://127.0.0.1:PORT`) and ALL_PROXY
 * (`socks5h://127.0.0.1:PORT`: the name must come to the proxy, the suite cannot resolve it).
 * 3. Evidence comes with that of the services, witness_evidence.service is "host:port". Behind CONNECT and
 * SOCKS5 an exchange is a turn, as of any opaque connection, and a statement's text is the TLS server name
 * (SNI), or "" where there is none; requests in absolute form are read as HTTP.
 *
 * The host's names are resolved and dialled by the runner, outside of the worker's namespace, and never block
 * the loop: 10 s in all, each address in turn. Whatever is not declared is refused (403 with a text that
 * names the manifest's key; SOCKS5 reply 2) and told. The proxy ends with its worker.
 */
#ifndef UTR_WITNESS_EXTERNAL_H
#define UTR_WITNESS_EXTERNAL_H

#include "witness/witness.h"

typedef struct {
    const utr_strs *externals; /* "host:port", "[::1]:443"; borrowed for the call; hosts match in any case */
    int listen_fd; /* a socket that listens, the worker's from now on, also on failure; -1: one on 127.0.0.1
                    */
    /** A client asked for what is not declared: "host:port". On the loop's thread; may be NULL. */
    void (*on_elsewhere)(void *ctx, const char *where);
    void *ctx;
} witness_proxy_options;

/**
 * At most once for a worker.
 * @param out_port  where it listens
 * @param err       UTR_CONFIG (an external is not host:port), UTR_SYS
 */
UTR_MUST_CHECK utr_code witness_proxy_open(witness_worker *worker, const witness_proxy_options *options,
                                           int *out_port, utr_error *err);

#endif
