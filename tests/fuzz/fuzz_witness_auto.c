/* Any bytes from either side of a connection to the choice of a decoder: it neither steps too far nor
 * miscounts. */
#include "fuzz_target.h"

#include "witness_dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    witness_dialogue(WITNESS_AUTO, true, data, size);
    return 0;
}
