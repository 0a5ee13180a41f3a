#include "base/buf.h"

#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const size_t DEFAULT_LIMIT = (size_t)16 << 20;

static size_t buf_limit(const utr_buf *buf)
{
    return buf->limit ? buf->limit : DEFAULT_LIMIT;
}

/* Makes room for len more bytes and the NUL; false when that passes the limit. */
static bool buf_grow(utr_buf *buf, size_t len)
{
    if (len > buf_limit(buf) - buf->len)
        return false;
    size_t need = buf->len + len + 1;
    if (need <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity : 64;
    while (capacity < need)
        capacity *= 2;
    buf->data = utr_realloc_array(buf->data, capacity, 1);
    buf->capacity = capacity;
    return true;
}

void utr_buf_dispose(utr_buf *buf)
{
    free(buf->data);
    *buf = (utr_buf){.limit = buf->limit};
}

void utr_buf_reset(utr_buf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

utr_code utr_buf_add(utr_buf *buf, const void *data, size_t len, utr_error *err)
{
    if (!buf_grow(buf, len))
        return utr_fail(err, UTR_TOO_LARGE, "more than %zu bytes", buf_limit(buf));
    if (len)
        (void)memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
    return UTR_OK;
}

void utr_buf_print(utr_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(len >= 0);
    bool grown = buf_grow(buf, (size_t)len);
    assert(grown);
    (void)grown;
    (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
    va_end(again);
    buf->len += (size_t)len;
}

void utr_buf_puts(utr_buf *buf, const char *text)
{
    utr_error err = {0};
    utr_code code = utr_buf_add(buf, text, strlen(text), &err);
    assert(code == UTR_OK);
    (void)code;
}

void utr_buf_drop(utr_buf *buf, size_t len)
{
    assert(len <= buf->len);
    if (!len)
        return;
    buf->len -= len;
    (void)memmove(buf->data, buf->data + len, buf->len);
    buf->data[buf->len] = '\0';
}

const char *utr_buf_text(const utr_buf *buf)
{
    return buf->data ? buf->data : "";
}

char *utr_buf_take(utr_buf *buf)
{
    char *text = buf->data ? buf->data : utr_strdup("");
    *buf = (utr_buf){.limit = buf->limit};
    return text;
}
