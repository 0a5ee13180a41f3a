#include "witness/external.h"

#include "witness/worker.h"

#include <unistd.h>

static utr_code read_externals(witness *w, const utr_strs *from, proxy_externals *out, utr_error *err)
{
    for (size_t i = 0; i < from->count; i++) {
        proxy_external *one = utr_vec_push(out);
        if (!authority_read(from->items[i], strlen(from->items[i]), 0, &one->at))
            return utr_fail(err, UTR_CONFIG, "external '%s': write host:port", from->items[i]);
        one->service = witness_service_index(w, from->items[i]);
    }
    return UTR_OK;
}

utr_code witness_proxy_open(witness_worker *worker, const witness_proxy_options *options, int *out_port,
                            utr_error *err)
{
    proxy *made = NULL;
    proxy_externals externals = {0};
    proxy_options shared = {.on_elsewhere = options->on_elsewhere, .ctx = options->ctx};
    witness_worker_share(worker, &shared);
    if (read_externals(shared.witness, options->externals, &externals, err) ||
        proxy_new(&shared, &externals, &made, err)) {
        utr_vec_dispose(&externals);
        if (options->listen_fd >= 0)
            (void)close(options->listen_fd);
        return err->code;
    }
    return witness_worker_proxy(worker, made, options->listen_fd, out_port, err);
}
