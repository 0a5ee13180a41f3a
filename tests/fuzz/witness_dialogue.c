#include "witness_dialogue.h"

#include "witness/conversation.h"

#include <assert.h>

/** In memory of its own size, so that the sanitizer sees a step too far. */
static void say(conversation *talk, bool service, const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    uint8_t *copy = utr_calloc(1, len);
    memcpy(copy, data, len);
    if (service)
        conversation_received(talk, copy, len);
    else
        conversation_sent(talk, copy, len);
    free(copy);
}

static void say_all(conversation *talk, bool single, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        bool service = data[at] & 0x80;
        size_t len = data[at++] & 0x7F;
        len = len < size - at ? len : size - at;
        for (size_t i = 0; single && i < len; i++)
            say(talk, service, data + at + i, 1);
        if (!single)
            say(talk, service, data + at, len);
        at += len;
    }
}

static witness_evidence play(witness_protocol protocol, bool single, const uint8_t *data, size_t size)
{
    evidence all;
    conversation talk;
    fingerprint_cache *prints = UTR_NEW(fingerprint_cache);
    evidence_init(&all);
    conversation_open(&talk, &(conversation_options){
                                 .evidence = &all, .prints = prints, .number = 1, .protocol = protocol});
    say_all(&talk, single, data, size);
    conversation_close(&talk);
    witness_evidence seen = evidence_of(&all, 0, 0)->seen;
    evidence_dispose(&all);
    fingerprint_cache_dispose(prints);
    free(prints);
    return seen;
}

void witness_dialogue(witness_protocol protocol, bool cut_matters, const uint8_t *data, size_t size)
{
    witness_evidence whole = play(protocol, false, data, size);
    witness_evidence single = play(protocol, true, data, size);
    assert(whole.substantive <= whole.exchanges && whole.errors <= whole.exchanges);
    assert(whole.reads + whole.writes <= whole.substantive);
    assert(whole.bytes_sent == single.bytes_sent && whole.bytes_received == single.bytes_received);
    assert(whole.exchanges == 0 || (whole.bytes_sent > 0 && whole.bytes_received > 0));
    if (cut_matters)
        return;
    assert(whole.exchanges == single.exchanges && whole.substantive == single.substantive);
    assert(whole.reads == single.reads && whole.writes == single.writes && whole.errors == single.errors);
    assert(whole.lost == single.lost && whole.opaque == single.opaque);
}
