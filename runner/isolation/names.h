/** Names inside, and what a process is told when it asks for one (RFC 1035). Pure. Inside isolation/ only. */
#ifndef UTR_ISOLATION_NAMES_H
#define UTR_ISOLATION_NAMES_H

#include "isolation/isolation.h"

#include <netinet/in.h>
#include <stdint.h>

/**
 * Remembers which address was given for which unknown name. There are 762 such addresses; past that many
 * names, the oldest name gives its own away.
 */
typedef struct isolation_names isolation_names;

isolation_names *isolation_names_new(const isolation_host *hosts, size_t count);

void isolation_names_free(isolation_names *names);

/**
 * Answer a query: services and localhost by their addresses, names under .invalid by "no such name" (RFC
 * 6761), every other name by an address of its own that leads nowhere. There are IPv4 addresses only.
 * @param out  at least 512 bytes
 * @return bytes of the answer; 0: the query deserves none
 */
size_t isolation_names_answer(isolation_names *names, const uint8_t *query, size_t len, uint8_t out[512]);

/**
 * Say where a process wants to go: "api.example.com:443" for an address that was given for a name, else
 * "10.1.2.3:6379" or "[2001:db8::1]:80".
 * @return false: it stays inside
 */
bool isolation_names_tell(const isolation_names *names, const struct sockaddr_storage *address, char *out,
                          size_t size);

#endif
