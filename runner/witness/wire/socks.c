#include "witness/wire/socks.h"

#include <arpa/inet.h>
#include <string.h>

enum { CONNECT = 1, IPV4 = 1, NAME = 3, IPV6 = 4 };
enum { ADDRESS_AT = 4, REQUEST_LEAST_BYTES = 5 };

/** Take bytes until the message has `need` of them. */
static bool gather(socks_reader *reader, wire_view *in, size_t need)
{
    size_t missing = need > reader->len ? need - reader->len : 0;
    size_t take = in->len < missing ? in->len : missing;
    if (take > 0)
        memcpy(reader->bytes + reader->len, in->data, take);
    reader->len = (uint16_t)(reader->len + take);
    wire_skip(in, take);
    return take == missing;
}

wire_step socks_greeting_next(socks_reader *reader, wire_view *in, uint8_t *out_method)
{
    if (!gather(reader, in, 2))
        return WIRE_MORE;
    if (reader->bytes[0] != SOCKS_VERSION)
        return WIRE_BROKEN;
    size_t methods = reader->bytes[1];
    if (!gather(reader, in, 2 + methods))
        return WIRE_MORE;
    bool open = memchr(reader->bytes + 2, SOCKS_NO_AUTHENTICATION, methods) != NULL;
    *out_method = open ? SOCKS_NO_AUTHENTICATION : SOCKS_NO_METHOD;
    reader->len = 0;
    return WIRE_FRAME;
}

/** Bytes of the address, by its type. 0: there is no such type */
static size_t address_len(const socks_reader *reader)
{
    uint8_t type = reader->bytes[ADDRESS_AT - 1];
    if (type == NAME)
        return 1U + reader->bytes[ADDRESS_AT];
    return type == IPV4 ? sizeof(struct in_addr) : type == IPV6 ? sizeof(struct in6_addr) : 0;
}

static bool read_address(const socks_reader *reader, uint16_t port, authority *out)
{
    const uint8_t *at = reader->bytes + ADDRESS_AT;
    char text[INET6_ADDRSTRLEN] = "";
    if (reader->bytes[ADDRESS_AT - 1] == NAME)
        return authority_make((const char *)at + 1, at[0], port, out);
    (void)inet_ntop(reader->bytes[ADDRESS_AT - 1] == IPV4 ? AF_INET : AF_INET6, at, text, sizeof text);
    return authority_make(text, strlen(text), port, out);
}

wire_step socks_request_next(socks_reader *reader, wire_view *in, socks_request *out)
{
    if (!gather(reader, in, REQUEST_LEAST_BYTES))
        return WIRE_MORE;
    if (reader->bytes[0] != SOCKS_VERSION)
        return WIRE_BROKEN;
    size_t len = address_len(reader);
    if (len > 0 && !gather(reader, in, ADDRESS_AT + len + 2))
        return WIRE_MORE;
    const uint8_t *port = reader->bytes + ADDRESS_AT + len;
    *out = (socks_request){.fault = SOCKS_GRANTED};
    if (reader->bytes[1] != CONNECT)
        out->fault = SOCKS_NO_SUCH_COMMAND;
    else if (len == 0 || !read_address(reader, (uint16_t)(port[0] << 8 | port[1]), &out->to))
        out->fault = SOCKS_NO_SUCH_ADDRESS;
    reader->len = 0;
    return WIRE_FRAME;
}

void socks_answer(socks_reply reply, uint8_t out[SOCKS_ANSWER_BYTES])
{
    memcpy(out, (const uint8_t[SOCKS_ANSWER_BYTES]){SOCKS_VERSION, (uint8_t)reply, 0, IPV4},
           SOCKS_ANSWER_BYTES);
}
