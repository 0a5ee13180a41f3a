/** A command line split into words, as a POSIX shell would split it, without expanding anything. */
#ifndef UTR_COMPOSE_WORDS_H
#define UTR_COMPOSE_WORDS_H

#include "base/vec.h"

#include <stdbool.h>

/**
 * Split text at blanks; '...', "..." and backslashes quote.
 * @param out    the words are added
 * @param shell  whether a bare ; & | < or > was seen, which only a shell would understand
 * @return false where a quote is never closed
 */
bool compose_words(const char *text, utr_strs *out, bool *shell);

#endif
