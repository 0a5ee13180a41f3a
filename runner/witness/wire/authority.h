/** "host:port", as manifests and the clients of proxies write it. Source: RFC 3986 section 3.2, RFC 9112 3.2.
 */
#ifndef UTR_WITNESS_WIRE_AUTHORITY_H
#define UTR_WITNESS_WIRE_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AUTHORITY_HOST_BYTES = 254, AUTHORITY_TEXT_BYTES = AUTHORITY_HOST_BYTES + sizeof "[]:65535" };

/** A host in small letters, without a last dot or brackets; an IPv6 address in its shortest form. */
typedef struct {
    char host[AUTHORITY_HOST_BYTES];
    uint16_t port;
} authority;

/**
 * Read "host:port", "[::1]:port", or without a port.
 * @param default_port  for the latter; 0: the port must be there
 * @return false where it is no such thing, with out untouched
 */
bool authority_read(const char *text, size_t len, uint16_t default_port, authority *out);

/** From its two parts. @return false where host is no name or address, or port is 0 */
bool authority_make(const char *host, size_t len, uint16_t port, authority *out);

bool authority_equal(const authority *a, const authority *b);

void authority_print(const authority *one, char out[AUTHORITY_TEXT_BYTES]);

#endif
