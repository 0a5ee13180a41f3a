/**
 * What one relayed connection says: its bytes go to the decoder of its protocol, what that finds goes to the
 * evidence. Knows no descriptor.
 */
#ifndef UTR_WITNESS_CONVERSATION_H
#define UTR_WITNESS_CONVERSATION_H

#include "witness/evidence.h"
#include "witness/wire/wire.h"

enum { CONVERSATION_SCOPES = 6, CONVERSATION_FIRST_BYTES = 8 };

/** All borrowed, for the life of the conversation. */
typedef struct {
    evidence *evidence;
    fingerprint_cache *prints;
    size_t service;
    uint32_t number; /* of the connection */
    int container_port;
    witness_protocol protocol;
} conversation_options;

typedef struct {
    conversation_options options;
    const wire_protocol *protocol; /* NULL: not known yet, or lost */
    void *state;
    bool lost;
    bool opaque;                           /* the protocol is one of what cannot be read */
    uint16_t hint;                         /* where the evidence found its last statement */
    uint32_t opened_in;                    /* scope */
    uint32_t scope;                        /* of the client's latest bytes */
    uint32_t counted[CONVERSATION_SCOPES]; /* scopes that count this connection, by depth */
    uint8_t first_len;                     /* while the protocol is not known */
    uint8_t first[CONVERSATION_FIRST_BYTES];
} conversation;

/** A connection was accepted: it counts for the innermost scope. */
void conversation_open(conversation *talk, const conversation_options *options);
void conversation_close(conversation *talk);

/** The service could not be reached. */
void conversation_refused(conversation *talk);

/** The client sent bytes; they belong to the innermost scope. */
void conversation_sent(conversation *talk, const uint8_t *data, size_t len);

/** The service sent bytes; they belong to the scope of the client's latest. */
void conversation_received(conversation *talk, const uint8_t *data, size_t len);

#endif
