/* Any bytes as a question for a name. What is answered can be read, and an address that was given leads back
 * to a name. */
#include "fuzz_target.h"

#include "isolation/names.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <string.h>

static void answer_check(const isolation_names *names, const uint8_t *answer, size_t len)
{
    ns_msg message;
    ns_rr record;
    char where[1100];
    struct sockaddr_storage place = {.ss_family = AF_INET};
    int parsed = ns_initparse(answer, (int)len, &message);
    assert(parsed == 0);
    if (!ns_msg_count(message, ns_s_an))
        return;
    parsed = ns_parserr(&message, ns_s_an, 0, &record);
    assert(parsed == 0 && ns_rr_rdlen(record) == 4);
    memcpy(&((struct sockaddr_in *)&place)->sin_addr, ns_rr_rdata(record), 4);
    if (isolation_names_tell(names, &place, where, sizeof where)) {
        size_t end = strlen(where) - strlen(":0");
        where[end] = '\0';
        assert(end && strcasecmp(where, ns_rr_name(record)) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const isolation_host HOSTS[] = {{"postgres-test", "127.0.0.2"}};
    isolation_names *names = isolation_names_new(HOSTS, 1);
    uint8_t answer[512];
    size_t len = isolation_names_answer(names, data, size, answer);
    assert(len <= sizeof answer);
    if (len)
        answer_check(names, answer, len);
    isolation_names_free(names);
    return 0;
}
