#include "run/suite/external.h"

#include "witness/external.h"

/* Programs differ in which of the two cases they read. */
static void add_both(utr_strs *out, const char *upper, const char *lower, const char *value)
{
    utr_strs_give(out, utr_format("%s=%s", upper, value));
    utr_strs_give(out, utr_format("%s=%s", lower, value));
}

/* The name must come to the proxy: nobody else knows it in a sealed worker. The services are dialled
 * directly. */
static void add_variables(const manifest_category *category, int port, utr_strs *out)
{
    auto_free char *http = utr_format("http://127.0.0.1:%d", port);
    auto_free char *socks = utr_format("socks5h://127.0.0.1:%d", port);
    utr_strs direct = {0};
    utr_strs_add(&direct, "localhost");
    utr_strs_add(&direct, "127.0.0.1");
    utr_strs_add(&direct, "::1");
    for (size_t i = 0; i < category->services.count; i++)
        utr_strs_add(&direct, category->services.items[i].name);
    auto_free char *except = utr_strs_join(&direct, ",");
    utr_strs_dispose(&direct);
    add_both(out, "HTTP_PROXY", "http_proxy", http);
    add_both(out, "HTTPS_PROXY", "https_proxy", http);
    add_both(out, "ALL_PROXY", "all_proxy", socks);
    add_both(out, "NO_PROXY", "no_proxy", except);
}

utr_code run_external_open(const run_external_options *options, utr_strs *out, utr_error *err)
{
    auto_strs utr_strs externals = {0};
    int port = 0;
    for (size_t i = 0; i < options->category->external.count; i++)
        utr_strs_add(&externals, options->category->external.items[i].name);
    if (!externals.count)
        return UTR_OK;
    witness_proxy_options proxy = {
        .externals = &externals, .listen_fd = -1, .on_elsewhere = options->on_elsewhere, .ctx = options->ctx};
    if (options->seal && run_seal_listen_free(options->seal, &proxy.listen_fd, err))
        return err->code;
    if (witness_proxy_open(options->worker, &proxy, &port, err))
        return err->code;
    add_variables(options->category, port, out);
    return UTR_OK;
}
