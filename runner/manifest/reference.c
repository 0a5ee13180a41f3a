#include "manifest/reference.h"

#include "base/buf.h"
#include "base/text.h"

#include <string.h>

static const size_t MOST_REFERENCES = 1000;

typedef enum { PIECE_END, PIECE_TEXT, PIECE_REFERENCE, PIECE_WRONG } piece_kind;

/* A part of a value: text as it is, or a reference to a port of a service. */
typedef struct {
    piece_kind kind;
    const char *start; /* of the text or of the service's name; what is wrong where PIECE_WRONG */
    size_t len;        /* bytes */
    int port;
} piece;

static bool parse_port(const char *text, size_t len, int *out)
{
    char digits[8] = "";
    int64_t port = 0;
    if (len >= sizeof digits)
        return false;
    (void)memcpy(digits, text, len);
    if (!utr_text_int(digits, 1, 65535, &port))
        return false;
    *out = (int)port;
    return true;
}

/* Text that begins with "${". */
static piece reference_next(const char **at)
{
    static const piece WRONG = {.kind = PIECE_WRONG,
                                .start = "a reference is ${service:port}, a dollar sign is $$"};
    const char *start = *at + 2;
    const char *end = strchr(start, '}');
    const char *colon = strchr(start, ':');
    piece found = {.kind = PIECE_REFERENCE, .start = start};
    if (!end || !colon || colon == start || colon > end)
        return WRONG;
    if (!parse_port(colon + 1, (size_t)(end - colon - 1), &found.port))
        return WRONG;
    found.len = (size_t)(colon - start);
    *at = end + 1;
    return found;
}

/* The next part of the text at *at, which is moved behind it; where it is wrong *at stays. */
static piece piece_next(const char **at)
{
    const char *text = *at;
    if (!*text)
        return (piece){.kind = PIECE_END};
    if (utr_text_starts(text, "${"))
        return reference_next(at);
    if (utr_text_starts(text, "$$")) {
        *at += 2;
        return (piece){.kind = PIECE_TEXT, .start = text, .len = 1};
    }
    if (*text == '$')
        return (piece){.kind = PIECE_WRONG, .start = "a '$' alone; a dollar sign is $$"};
    size_t len = strcspn(text, "$");
    *at += len;
    return (piece){.kind = PIECE_TEXT, .start = text, .len = len};
}

static void add_reference(manifest_reader *r, const manifest_variable *variable, const char *service,
                          int port)
{
    manifest_category *c = r->category;
    for (size_t i = 0; i < c->references.count; i++) {
        if (c->references.items[i].port == port && strcmp(c->references.items[i].service, service) == 0)
            return;
    }
    if (c->references.count == MOST_REFERENCES)
        utr_faults_add(r->faults, variable->place, "more than %zu different ports in all variables",
                       MOST_REFERENCES);
    else
        *utr_vec_push(&c->references) = (manifest_reference){utr_strdup(service), port};
}

static void check_reference(manifest_reader *r, const manifest_variable *variable, const piece *found)
{
    auto_free char *service = utr_strndup(found->start, found->len);
    if (manifest_service_find(r->category, service)) {
        add_reference(r, variable, service, found->port);
        return;
    }
    auto_strs utr_strs known = {0};
    for (size_t i = 0; i < r->category->services.count; i++)
        utr_strs_add(&known, r->category->services.items[i].name);
    utr_faults_unknown(r->faults, variable->place, "service", service, &known);
}

void manifest_check_references(manifest_reader *r, const manifest_variable *variable)
{
    const char *at = variable->value;
    for (;;) {
        piece found = piece_next(&at);
        if (found.kind == PIECE_END)
            return;
        if (found.kind == PIECE_REFERENCE)
            check_reference(r, variable, &found);
        if (found.kind == PIECE_WRONG) {
            utr_faults_add(r->faults, variable->place, "variable '%s': %s", variable->name, found.start);
            return;
        }
    }
}

static utr_code expand_reference(const piece *found, manifest_lookup *lookup, void *ctx, utr_buf *text,
                                 utr_error *err)
{
    auto_free char *service = utr_strndup(found->start, found->len);
    const char *address = lookup(ctx, service, found->port);
    if (!address)
        return utr_fail(err, UTR_NOT_FOUND, "no address for port %d of service '%s'", found->port, service);
    return utr_buf_add(text, address, strlen(address), err);
}

utr_code manifest_expand(const char *text, manifest_lookup *lookup, void *ctx, char **out, utr_error *err)
{
    auto_buf utr_buf made = UTR_BUF_INIT(0);
    utr_code code = UTR_OK;
    piece found = piece_next(&text);
    while (!code && found.kind != PIECE_END) {
        if (found.kind == PIECE_WRONG)
            return utr_fail(err, UTR_CONFIG, "%s", found.start);
        if (found.kind == PIECE_TEXT)
            code = utr_buf_add(&made, found.start, found.len, err);
        else
            code = expand_reference(&found, lookup, ctx, &made, err);
        found = piece_next(&text);
    }
    if (!code)
        *out = utr_buf_take(&made);
    return code;
}
