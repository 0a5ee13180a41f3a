#include "witness/wire/authority.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/** An IPv6 address as everybody writes it. @return false where it is none */
static bool shorten_v6(char host[AUTHORITY_HOST_BYTES])
{
    struct in6_addr address;
    return inet_pton(AF_INET6, host, &address) == 1 &&
           inet_ntop(AF_INET6, &address, host, AUTHORITY_HOST_BYTES) != NULL;
}

bool authority_make(const char *host, size_t len, uint16_t port, authority *out)
{
    authority made = {.port = port};
    if (len > 1 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= sizeof made.host || port == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)host[i];
        if (byte >= 0x80 || (!isalnum(byte) && !strchr("-._:", byte)) || byte == '\0')
            return false;
        made.host[i] = (char)tolower(byte);
    }
    if (made.host[len - 1] == '.' || (strchr(made.host, ':') && !shorten_v6(made.host)))
        return false;
    *out = made;
    return true;
}

static bool port_read(const char *text, size_t len, uint16_t *out)
{
    uint32_t port = 0;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]) || port > UINT16_MAX)
            return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return false;
    *out = (uint16_t)port;
    return true;
}

bool authority_read(const char *text, size_t len, uint16_t default_port, authority *out)
{
    bool bracketed = len > 0 && text[0] == '[';
    const char *end = text + len;
    const char *close = bracketed ? memchr(text, ']', len) : NULL;
    if (bracketed && !close)
        return false;
    const char *colon = close ? close + 1 : memchr(text, ':', len);
    const char *host_end = close ? close : colon ? colon : end;
    uint16_t port = default_port;
    if (colon && colon < end && (*colon != ':' || !port_read(colon + 1, (size_t)(end - colon - 1), &port)))
        return false;
    const char *host = text + bracketed;
    authority made;
    if (!authority_make(host, (size_t)(host_end - host), port, &made) ||
        bracketed != (strchr(made.host, ':') != NULL))
        return false;
    *out = made;
    return true;
}

bool authority_equal(const authority *a, const authority *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

void authority_print(const authority *one, char out[AUTHORITY_TEXT_BYTES])
{
    bool v6 = strchr(one->host, ':') != NULL;
    (void)snprintf(out, AUTHORITY_TEXT_BYTES, v6 ? "[%s]:%u" : "%s:%u", one->host, one->port);
}
