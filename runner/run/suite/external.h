/** What lies outside and a manifest declares: reached through a proxy of the witness's own. */
#ifndef UTR_RUN_EXTERNAL_H
#define UTR_RUN_EXTERNAL_H

#include "run/suite/seal.h"

typedef struct {
    const manifest_category *category;
    witness_worker *worker;
    run_seal *seal; /* NULL: the proxy listens on the machine's loopback */
    /** The worker asked for what is not declared. */
    void (*on_elsewhere)(void *ctx, const char *where);
    void *ctx;
} run_external_options;

/**
 * Open the worker's proxy, where the category declares something external.
 * @param out  the variables with which clients find it are appended
 */
UTR_MUST_CHECK utr_code run_external_open(const run_external_options *options, utr_strs *out, utr_error *err);

#endif
