/** What each Redis command is: read or write, trivial or not, and whether its first argument may be shown. */
#ifndef UTR_WITNESS_WIRE_REDIS_COMMANDS_H
#define UTR_WITNESS_WIRE_REDIS_COMMANDS_H

#include "witness/wire/wire.h"

/** How a command is answered, where that is out of the ordinary; kept in wire_request.flags. */
enum {
    REDIS_MULTI = WIRE_PRIVATE << 0,
    REDIS_EXEC = WIRE_PRIVATE << 1,
    REDIS_DISCARD = WIRE_PRIVATE << 2,
    REDIS_SUBSCRIBE = WIRE_PRIVATE << 3, /* and unsubscribe, in all their forms */
    REDIS_MONITOR = WIRE_PRIVATE << 5,
    REDIS_RESET = WIRE_PRIVATE << 6,
    REDIS_KEY = WIRE_PRIVATE << 7,  /* the first argument is a key (or channel) */
    REDIS_WORD = WIRE_PRIVATE << 8, /* the first argument is a subcommand */
    REDIS_CLIENT = WIRE_PRIVATE << 9,
    REDIS_STREAM = WIRE_PRIVATE << 11, /* the connection becomes a replication stream */
};

/** @param name  in capitals  @return its flags; an unknown command reads */
uint32_t redis_command_flags(const char *name, size_t len);

/**
 * Whether a subcommand only tells about the server, or about the cluster as drivers ask for it.
 * @param name  the command, in capitals  @param sub  the subcommand, in any case
 */
bool redis_subcommand_is_idle(const char *name, size_t len, const char *sub, size_t sub_len);

#endif
