#include "witness_dialogue.h"

#include "witness/conversation.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SINGLE = 2048 }; /* played byte by byte: what follows is as it was said */

static void pass_on(conversation *talk, bool service, const uint8_t *data, size_t len)
{
    if (service)
        conversation_received(talk, data, len);
    else
        conversation_sent(talk, data, len);
}

/** In memory of its own size, so that the sanitizer sees a step too far. */
static void say(conversation *talk, bool service, const uint8_t *data, size_t len)
{
    if (len == 0)
        return;
    uint8_t *copy = malloc(len);
    assert(copy);
    memcpy(copy, data, len);
    pass_on(talk, service, copy, len);
    free(copy);
}

/** The same, one by one, from one place of one byte. */
static void say_single(conversation *talk, bool service, const uint8_t *data, size_t len)
{
    static uint8_t *place; /* kept: allocations are what an input's time goes to */
    if (!place)
        place = malloc(1);
    assert(place);
    for (size_t i = 0; i < len; i++) {
        *place = data[i];
        pass_on(talk, service, place, 1);
    }
}

static void say_all(conversation *talk, bool single, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        bool service = data[at] & 0x80;
        size_t len = data[at++] & 0x7F;
        len = len < size - at ? len : size - at;
        (single && at < MOST_SINGLE ? say_single : say)(talk, service, data + at, len);
        at += len;
    }
}

static witness_evidence play(witness_protocol protocol, bool single, const uint8_t *data, size_t size)
{
    static fingerprint_cache prints; /* of one input; empty again when it ends */
    evidence all;
    conversation talk;
    evidence_init(&all);
    conversation_open(&talk, &(conversation_options){
                                 .evidence = &all, .prints = &prints, .number = 1, .protocol = protocol});
    say_all(&talk, single, data, size);
    conversation_close(&talk);
    witness_evidence seen = evidence_of(&all, 0, 0)->seen;
    evidence_dispose(&all);
    if (single)
        fingerprint_cache_dispose(&prints);
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
