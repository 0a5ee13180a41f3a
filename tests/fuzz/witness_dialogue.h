/**
 * Any bytes as what a client and a service say: a byte of who (the high bit: the service) and how much (the
 * rest), then so many bytes, again and again.
 */
#ifndef TESTS_FUZZ_WITNESS_DIALOGUE_H
#define TESTS_FUZZ_WITNESS_DIALOGUE_H

#include "witness/witness.h"

/**
 * Play the input through a decoder, check that what is counted adds up, and play it again byte by byte.
 * @param cut_matters  whether the second play may see something else
 */
void witness_dialogue(witness_protocol protocol, bool cut_matters, const uint8_t *data, size_t size);

#endif
