/**
 * Plays what a client and a service said through a conversation, in every cut, and says what was seen.
 *
 * A failure names the cut. The evidence is one line: "E exchanges S substantive R reads W writes X errors",
 * then "opaque", "lost" where they hold, then each statement as "[text xN]", most frequent first.
 */
#ifndef TESTS_WITNESS_DIALOGUE_H
#define TESTS_WITNESS_DIALOGUE_H

#include "witness/witness.h"

/** One stretch of bytes; len 0: as long as the string. */
typedef struct {
    char who; /* 'C' client, 'S' service, 'B' a scope begins, 'E' it ends (its evidence goes first); 0 ends */
    const char *bytes;
    size_t len;
} line;

#define SAYS(who, text)                                                                                      \
    {                                                                                                        \
        (who), (text), sizeof(text) - 1                                                                      \
    }

/** Whole, byte by byte, and cut in two at every offset: each must give `expected`. */
void dialogue_gives(witness_protocol protocol, const line *lines, const char *expected);

/** Only as it was said: for what depends on where the bytes were cut. */
void dialogue_as_said(witness_protocol protocol, const line *lines, const char *expected);

/** Only whole and byte by byte: for what is too long to cut everywhere. */
void dialogue_whole(witness_protocol protocol, const line *lines, const char *expected);

/** One service's evidence as a line; the caller frees it. */
char *dialogue_text(const witness_evidence *seen);

#endif
