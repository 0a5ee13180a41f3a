#include "scan/cache/record.h"

#include <string.h>

/* A record: a check over all that follows and the key, in 8 bytes; then numbers, 7 bits to a byte, the lowest
 * first, each but the last with its highest bit set; and texts, behind 1 more than their length, or 0 for
 * none. It is read by the program that wrote it: the key says so. */

enum { BITS = 7, MORE = 1 << BITS, MOST_BITS = 64 };

typedef struct {
    utr_buf *buf;
    bool full;
} writer;

typedef struct {
    const char *at;
    size_t left;
    bool broken;
} reader;

/* FNV-1a, of 8 bytes at a time: against accidents, not against enemies. */
static uint64_t add_check(uint64_t sum, const char *data, size_t len)
{
    uint64_t part = 0;
    for (; len >= sizeof part; len -= sizeof part, data += sizeof part) {
        (void)memcpy(&part, data, sizeof part);
        sum = (sum ^ part) * 0x100000001b3U;
        sum ^= sum >> 32; /* what differs in the high bytes reaches the low ones */
    }
    part = 0;
    (void)memcpy(&part, data, len);
    return (sum ^ part) * 0x100000001b3U;
}

static uint64_t check(const void *data, size_t len, const scan_key *key)
{
    uint64_t sum = add_check(0xcbf29ce484222325U ^ len, (const char *)key->bytes, sizeof key->bytes);
    return add_check(sum, data, len);
}

static void put(writer *w, const void *data, size_t len)
{
    utr_error err = {0};
    w->full = w->full || utr_buf_add(w->buf, data, len, &err);
}

static void put_number(writer *w, uint64_t number)
{
    unsigned char bytes[MOST_BITS / BITS + 1];
    size_t len = 0;
    for (; number >= MORE; number >>= BITS)
        bytes[len++] = (unsigned char)(number | MORE);
    bytes[len++] = (unsigned char)number;
    put(w, bytes, len);
}

static void put_text(writer *w, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    put_number(w, text ? len + 1 : 0);
    put(w, text ? text : "", len);
}

static bool get(reader *r, void *out, size_t len)
{
    r->broken = r->broken || len > r->left;
    if (r->broken)
        return false;
    (void)memcpy(out, r->at, len);
    r->at += len;
    r->left -= len;
    return true;
}

static uint64_t get_number(reader *r)
{
    uint64_t number = 0;
    unsigned char byte = MORE;
    for (unsigned shift = 0; byte & MORE && shift < MOST_BITS && get(r, &byte, 1); shift += BITS)
        number |= (uint64_t)(byte & ~MORE) << shift;
    return number;
}

static char *get_text(reader *r)
{
    uint64_t len = get_number(r);
    if (r->broken || !len--)
        return NULL;
    r->broken = len > r->left;
    if (r->broken)
        return NULL;
    char *text = utr_strndup(r->at, len);
    r->at += len;
    r->left -= len;
    return text;
}

static writer begin(utr_buf *out)
{
    static const uint64_t ROOM = 0; /* the check's place */
    writer w = {out, false};
    put(&w, &ROOM, sizeof ROOM);
    return w;
}

static bool end(const writer *w, const scan_key *key)
{
    if (w->full)
        return false;
    uint64_t sum = check(w->buf->data + sizeof sum, w->buf->len - sizeof sum, key);
    (void)memcpy(w->buf->data, &sum, sizeof sum);
    return true;
}

static reader open_record(const void *data, size_t len, const scan_key *key)
{
    reader r = {data, len, false};
    uint64_t sum = 0;
    (void)get(&r, &sum, sizeof sum);
    r.broken = r.broken || sum != check(r.at, r.left, key);
    return r;
}

static void put_finding(writer *w, const scan_finding *one)
{
    put_number(w, one->kind);
    put_number(w, (uint64_t)one->line);
    put_number(w, (uint64_t)one->column);
    put_number(w, (uint64_t)one->length);
    put_number(w, one->conditional);
    put_text(w, one->subkind);
    put_text(w, one->symbol);
    put_text(w, one->text);
    put_number(w, one->allow != NULL);
    if (one->allow) {
        put_text(w, one->allow->reason);
        put_text(w, one->allow->owner);
        put_text(w, one->allow->until);
    }
}

static void get_finding(reader *r, scan_finding *one)
{
    one->kind = (scan_kind)get_number(r);
    one->line = (int64_t)get_number(r);
    one->column = (int64_t)get_number(r);
    one->length = (int64_t)get_number(r);
    one->conditional = get_number(r) != 0;
    one->subkind = get_text(r);
    one->symbol = get_text(r);
    one->text = get_text(r);
    if (get_number(r)) {
        one->allow = UTR_NEW(scan_allow);
        one->allow->reason = get_text(r);
        one->allow->owner = get_text(r);
        one->allow->until = get_text(r);
    }
}

bool record_write_findings(const scan_file *file, const scan_key *key, utr_buf *out)
{
    writer w = begin(out);
    put_number(&w, file->state);
    put_text(&w, file->why);
    put_number(&w, file->findings.count);
    for (size_t i = 0; i < file->findings.count; i++)
        put_finding(&w, &file->findings.items[i]);
    put_number(&w, file->faults.count);
    for (size_t i = 0; i < file->faults.count; i++)
        put_text(&w, file->faults.items[i]);
    return end(&w, key);
}

bool record_write_tests(const scan_file *file, const scan_key *key, utr_buf *out)
{
    writer w = begin(out);
    put_number(&w, file->tests.count);
    for (size_t i = 0; i < file->tests.count; i++) {
        const scan_test *one = &file->tests.items[i];
        put_text(&w, one->symbol);
        put_number(&w, (uint64_t)one->line);
        put_number(&w, (uint64_t)one->last);
        put_number(&w, (uint64_t)one->assertions);
        put_number(&w, one->asserts);
        put_number(&w, one->mocks);
        put_number(&w, one->swallows);
    }
    return end(&w, key);
}

/* The check was right, so what is read is what was written, and cannot be broken. */
bool record_read_findings(const void *data, size_t len, const scan_key *key, scan_file *out)
{
    reader r = open_record(data, len, key);
    if (r.broken)
        return false;
    out->state = (scan_state)get_number(&r);
    out->why = get_text(&r);
    for (uint64_t count = get_number(&r); count && !r.broken; count--)
        get_finding(&r, utr_vec_push(&out->findings));
    for (uint64_t count = get_number(&r); count && !r.broken; count--)
        utr_strs_give(&out->faults, get_text(&r));
    return true;
}

static void get_test(reader *r, scan_test *one)
{
    one->symbol = get_text(r);
    one->line = (int64_t)get_number(r);
    one->last = (int64_t)get_number(r);
    one->assertions = (int64_t)get_number(r);
    one->asserts = get_number(r) != 0;
    one->mocks = get_number(r) != 0;
    one->swallows = get_number(r) != 0;
}

bool record_read_tests(const void *data, size_t len, const scan_key *key, scan_file *out)
{
    reader r = open_record(data, len, key);
    if (r.broken)
        return false;
    for (uint64_t count = get_number(&r); count && !r.broken; count--)
        get_test(&r, utr_vec_push(&out->tests));
    return true;
}
