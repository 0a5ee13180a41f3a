#include "isolation/names.h"

#include "base/memory.h"
#include "base/text.h"
#include "base/vec.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <assert.h>
#include <ctype.h>

/* RFC 5737: TEST-NET-1, -2 and -3. */
static const uint32_t NETS[] = {0xC0000200, 0xC6336400, 0xCB007100};
enum { NET_HOSTS = 254, NET_COUNT = 3, MOST_UNKNOWN = NET_COUNT * NET_HOSTS };

enum { HEADER_BYTES = NS_HFIXEDSZ, ANSWER_BYTES = 16, SECONDS_TO_LIVE = 60 };

typedef struct {
    char *name;
    struct in_addr address;
} known_name;

struct isolation_names {
    UTR_VEC(known_name) known;
    char *unknown[MOST_UNKNOWN]; /* by address */
    size_t given;                /* addresses given so far */
};

static void names_know(isolation_names *names, const char *name, const char *address)
{
    known_name *one = utr_vec_push(&names->known);
    one->name = utr_strdup(name);
    bool digits = inet_pton(AF_INET, address, &one->address) == 1;
    assert(digits);
}

isolation_names *isolation_names_new(const isolation_host *hosts, size_t count)
{
    isolation_names *names = UTR_NEW(isolation_names);
    for (size_t i = 0; i < count; i++) {
        if (hosts[i].name)
            names_know(names, hosts[i].name, hosts[i].address);
    }
    names_know(names, "localhost", "127.0.0.1");
    return names;
}

void isolation_names_free(isolation_names *names)
{
    if (!names)
        return;
    for (size_t i = 0; i < names->known.count; i++)
        free(names->known.items[i].name);
    utr_vec_dispose(&names->known);
    for (size_t i = 0; i < MOST_UNKNOWN; i++)
        free(names->unknown[i]);
    free(names);
}

static struct in_addr address_of(size_t index)
{
    return (struct in_addr){.s_addr = htonl(NETS[index / NET_HOSTS] + 1 + (uint32_t)(index % NET_HOSTS))};
}

static struct in_addr names_give(isolation_names *names, const char *name)
{
    for (size_t i = 0; i < MOST_UNKNOWN && names->unknown[i]; i++) {
        if (strcmp(names->unknown[i], name) == 0)
            return address_of(i);
    }
    size_t index = names->given++ % MOST_UNKNOWN;
    free(names->unknown[index]);
    names->unknown[index] = utr_strdup(name);
    return address_of(index);
}

static const struct in_addr *names_find(const isolation_names *names, const char *name)
{
    if (utr_text_ends(name, ".localhost"))
        name = "localhost";
    for (size_t i = 0; i < names->known.count; i++) {
        if (strcasecmp(names->known.items[i].name, name) == 0)
            return &names->known.items[i].address;
    }
    return NULL;
}

/* --- messages --- */

static bool no_such_name(const char *name, ns_type type)
{
    return type == ns_t_ptr || strcmp(name, "invalid") == 0 || utr_text_ends(name, ".invalid");
}

/* The question's name in lower case, without the last dot. */
static void name_take(const ns_rr *question, char out[NS_MAXDNAME])
{
    (void)snprintf(out, NS_MAXDNAME, "%s", ns_rr_name(*question));
    for (char *at = out; *at; at++)
        *at = (char)tolower((unsigned char)*at);
}

/* A record for the question's name, which stands right behind the header. */
static void put_address(uint8_t *at, struct in_addr address)
{
    ns_put16(0xC000 | HEADER_BYTES, at);
    ns_put16(ns_t_a, at + 2);
    ns_put16(ns_c_in, at + 4);
    ns_put32(SECONDS_TO_LIVE, at + 6);
    ns_put16(sizeof address, at + 10);
    memcpy(at + 12, &address, sizeof address);
}

static void put_header(const uint8_t *query, ns_rcode code, unsigned answers, uint8_t *out)
{
    memcpy(out, query, 2);                     /* its number */
    out[2] = (uint8_t)(0x84 | (query[2] & 1)); /* a response, by authority; recursion desired as they said */
    out[3] = (uint8_t)(0x80 | (unsigned)code); /* recursion available */
    ns_put16(1, out + 4);
    ns_put16(answers, out + 6);
    ns_put16(0, out + 8);
    ns_put16(0, out + 10);
}

/* @return bytes of header and question; 0: not a query that we understand */
static size_t query_read(const uint8_t *query, size_t len, ns_rr *out)
{
    ns_msg message;
    if (len > INT32_MAX || ns_initparse(query, (int)len, &message) < 0 || ns_msg_getflag(message, ns_f_qr) ||
        ns_msg_getflag(message, ns_f_opcode) != ns_o_query || ns_msg_count(message, ns_s_qd) != 1 ||
        ns_parserr(&message, ns_s_qd, 0, out) < 0)
        return 0;
    uint8_t plain[NS_MAXCDNAME];
    const uint8_t *asked = query + HEADER_BYTES;
    int name = ns_name_unpack(query, query + len, asked, plain, sizeof plain);
    /* A question that points elsewhere for its name would point into our answer. */
    return name < 0 || memcmp(plain, asked, (size_t)name) != 0 ? 0
                                                               : HEADER_BYTES + (size_t)name + NS_QFIXEDSZ;
}

size_t isolation_names_answer(isolation_names *names, const uint8_t *query, size_t len, uint8_t out[512])
{
    ns_rr question;
    size_t asked = query_read(query, len, &question);
    if (!asked || asked + ANSWER_BYTES > 512)
        return 0;
    char name[NS_MAXDNAME];
    name_take(&question, name);
    ns_type type = ns_rr_type(question);
    const struct in_addr *known = names_find(names, name);
    ns_rcode code = !known && no_such_name(name, type) ? ns_r_nxdomain : ns_r_noerror;
    bool give = code == ns_r_noerror && type == ns_t_a && ns_rr_class(question) == ns_c_in;
    memcpy(out, query, asked);
    put_header(query, code, give, out);
    if (give)
        put_address(out + asked, known ? *known : names_give(names, name));
    return asked + (give ? ANSWER_BYTES : 0);
}

/* --- addresses --- */

static const char *name_of(const isolation_names *names, struct in_addr address)
{
    for (size_t net = 0; net < NET_COUNT; net++) {
        uint32_t host = ntohl(address.s_addr) - NETS[net];
        if (host >= 1 && host <= NET_HOSTS)
            return names->unknown[net * NET_HOSTS + host - 1];
    }
    return NULL;
}

static bool tell_ipv4(const isolation_names *names, struct in_addr address, unsigned port, char *out,
                      size_t size)
{
    if (ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET || address.s_addr == INADDR_ANY)
        return false;
    char digits[INET_ADDRSTRLEN];
    const char *name = name_of(names, address);
    (void)inet_ntop(AF_INET, &address, digits, sizeof digits);
    (void)snprintf(out, size, "%s:%u", name ? name : digits, port);
    return true;
}

static bool tell_ipv6(const struct in6_addr *address, unsigned port, char *out, size_t size)
{
    if (IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address))
        return false;
    char digits[INET6_ADDRSTRLEN];
    (void)inet_ntop(AF_INET6, address, digits, sizeof digits);
    (void)snprintf(out, size, "[%s]:%u", digits, port);
    return true;
}

bool isolation_names_tell(const isolation_names *names, const struct sockaddr_storage *address, char *out,
                          size_t size)
{
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;
    if (address->ss_family == AF_INET)
        return tell_ipv4(names, ipv4->sin_addr, ntohs(ipv4->sin_port), out, size);
    if (address->ss_family != AF_INET6)
        return false;
    if (!IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr))
        return tell_ipv6(&ipv6->sin6_addr, ntohs(ipv6->sin6_port), out, size);
    struct in_addr mapped;
    memcpy(&mapped, &ipv6->sin6_addr.s6_addr[12], sizeof mapped);
    return tell_ipv4(names, mapped, ntohs(ipv6->sin6_port), out, size);
}
