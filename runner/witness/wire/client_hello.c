#include "witness/wire/client_hello.h"

#include "witness/wire/tls.h"

#include <ctype.h>
#include <string.h>

enum { CLIENT_HELLO = 1, HANDSHAKE_HEADER = 4, SERVER_NAME = 0, HOST_NAME = 0, MOST_RECORD = 16384 };

void client_hello_init(client_hello *hello)
{
    *hello = (client_hello){.message = UTR_BUF_INIT(CLIENT_HELLO_MOST_BYTES)};
}

void client_hello_dispose(client_hello *hello)
{
    utr_buf_dispose(&hello->message);
}

/** Take len bytes off the front. @return false where there are fewer */
static bool take(wire_view *from, size_t len, wire_view *out)
{
    if (from->len < len)
        return false;
    *out = (wire_view){from->data, len};
    wire_skip(from, len);
    return true;
}

/** Take a vector whose length is written before it in `width` bytes. */
static bool take_vector(wire_view *from, size_t width, wire_view *out)
{
    wire_view prefix;
    size_t len = 0;
    if (!take(from, width, &prefix))
        return false;
    for (size_t i = 0; i < width; i++)
        len = len << 8 | prefix.data[i];
    return take(from, len, out);
}

/** Only what a host's name may be made of: the text goes into reports. */
static bool copy_name(client_hello *hello, wire_view name)
{
    if (name.len >= sizeof hello->name)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!isascii(name.data[i]) ||
            (!isalnum(name.data[i]) && (name.data[i] == 0 || !strchr("-._", name.data[i]))))
            return false;
    for (size_t i = 0; i < name.len; i++)
        hello->name[i] = (char)tolower(name.data[i]);
    hello->name[name.len] = '\0';
    return true;
}

/** The list of names has one of each type, and one type is known. */
static bool read_names(client_hello *hello, wire_view extension)
{
    wire_view list;
    wire_view type;
    wire_view name;
    if (!take_vector(&extension, 2, &list))
        return false;
    while (list.len > 0) {
        if (!take(&list, 1, &type) || !take_vector(&list, 2, &name))
            return false;
        if (type.data[0] == HOST_NAME)
            return copy_name(hello, name);
    }
    return true;
}

static bool read_extensions(client_hello *hello, wire_view list)
{
    wire_view type;
    wire_view extension;
    while (list.len > 0) {
        if (!take(&list, 2, &type) || !take_vector(&list, 2, &extension))
            return false;
        if ((type.data[0] << 8 | type.data[1]) == SERVER_NAME)
            return read_names(hello, extension);
    }
    return true;
}

/** @param body  after the handshake header */
static bool read_hello(client_hello *hello, wire_view body)
{
    enum { VERSION_AND_RANDOM = 34 };
    wire_view skipped;
    wire_view extensions;
    if (!take(&body, VERSION_AND_RANDOM, &skipped) || !take_vector(&body, 1, &skipped) /* session */
        || !take_vector(&body, 2, &skipped) /* cipher suites */ || !take_vector(&body, 1, &skipped))
        return false;
    if (body.len == 0) /* TLS 1.2 without extensions */
        return true;
    return take_vector(&body, 2, &extensions) && read_extensions(hello, extensions);
}

static bool record_begin(client_hello *hello)
{
    hello->header_len = 0;
    hello->record_left = (uint32_t)hello->header[3] << 8 | hello->header[4];
    return hello->header[0] == TLS_HANDSHAKE && hello->header[1] == 3 && hello->record_left > 0 &&
           hello->record_left <= MOST_RECORD;
}

static size_t message_len(const client_hello *hello)
{
    const uint8_t *at = (const uint8_t *)hello->message.data;
    return HANDSHAKE_HEADER + ((size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
}

/** Take what belongs to the message: its header first, which says how much follows. */
static wire_step gather(client_hello *hello, wire_view *in)
{
    utr_error err = {0};
    size_t have = hello->message.len;
    size_t need = have < HANDSHAKE_HEADER ? HANDSHAKE_HEADER : message_len(hello);
    size_t len = need - have;
    len = len < hello->record_left ? len : hello->record_left;
    len = len < in->len ? len : in->len;
    if (utr_buf_add(&hello->message, in->data, len, &err))
        return WIRE_BROKEN;
    wire_skip(in, len);
    hello->record_left -= (uint32_t)len;
    if (hello->message.len < HANDSHAKE_HEADER)
        return WIRE_MORE;
    if (hello->message.data[0] != CLIENT_HELLO || message_len(hello) > CLIENT_HELLO_MOST_BYTES)
        return WIRE_BROKEN;
    return hello->message.len == message_len(hello) ? WIRE_FRAME : WIRE_MORE;
}

static wire_step next_bytes(client_hello *hello, wire_view *in)
{
    if (hello->record_left > 0)
        return gather(hello, in);
    hello->header[hello->header_len++] = in->data[0];
    wire_skip(in, 1);
    return hello->header_len < sizeof hello->header || record_begin(hello) ? WIRE_MORE : WIRE_BROKEN;
}

wire_step client_hello_next(client_hello *hello, wire_view *in)
{
    wire_step step = WIRE_MORE;
    while (step == WIRE_MORE && in->len > 0)
        step = next_bytes(hello, in);
    if (step != WIRE_FRAME)
        return step;
    wire_view body = {(const uint8_t *)hello->message.data + HANDSHAKE_HEADER,
                      hello->message.len - HANDSHAKE_HEADER};
    bool read = read_hello(hello, body);
    utr_buf_dispose(&hello->message);
    return read ? WIRE_FRAME : WIRE_BROKEN;
}
