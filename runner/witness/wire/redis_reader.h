/**
 * Cuts both directions of a Redis connection into commands and replies.
 *
 * Source: the Redis serialization protocol specification (RESP2 and RESP3), inline commands included. Values
 * are skipped by their length; of a command only its name and the beginning of its first two arguments are
 * kept.
 */
#ifndef UTR_WITNESS_WIRE_REDIS_READER_H
#define UTR_WITNESS_WIRE_REDIS_READER_H

#include "witness/wire/wire.h"

enum { REDIS_WORD_BYTES = 64, REDIS_DEPTH = 32 };

/** The beginning of a line or argument. */
typedef struct {
    uint8_t len;
    char text[REDIS_WORD_BYTES];
} redis_word;

/** A line that ends in CRLF, of which the beginning is kept. */
typedef struct {
    uint8_t len;
    bool cut;
    char text[24];
} redis_line;

typedef enum {
    REDIS_START,
    REDIS_COUNT,
    REDIS_TYPE,
    REDIS_LENGTH,
    REDIS_DATA,
    REDIS_END,
    REDIS_INLINE
} redis_state;

/** A command; valid until the next call. Name in capitals. */
typedef struct {
    redis_word words[3]; /* name, first and second argument */
    uint32_t count;      /* words in all */
} redis_command;

/** Zero-initialised: at the start of a stream. */
typedef struct {
    redis_state state;
    redis_line line;
    uint32_t left;      /* arguments still to come */
    uint64_t data_left; /* bytes of the present argument, with its CRLF */
    redis_command command;
    bool in_word; /* inline: inside a word */
} redis_command_reader;

/** @param out  a whole command, valid until the next call */
wire_step redis_command_next(redis_command_reader *reader, wire_view *in, const redis_command **out);

/** A whole reply. */
typedef struct {
    char type;       /* of the outermost value: + - : $ * _ # , ( ! = % ~ > */
    bool null;       /* $-1, *-1 or _ */
    uint32_t errors; /* error values one level down (what EXEC answers) */
    int64_t number;  /* the last integer, up to one level down */
    redis_word word; /* the beginning of the first simple, bulk or error string in it */
} redis_reply;

/** Zero-initialised: at the start of a stream. */
typedef struct {
    redis_state state; /* TYPE is START here */
    redis_line line;
    char type; /* of the present value */
    uint64_t data_left;
    uint32_t depth;
    uint32_t attributes; /* bit per level: its values belong to an attribute */
    uint32_t left[REDIS_DEPTH];
    bool begun, word_done, in_word;
    redis_reply reply;
} redis_reply_reader;

/** @param out  a whole reply, valid until the next call */
wire_step redis_reply_next(redis_reply_reader *reader, wire_view *in, const redis_reply **out);

#endif
