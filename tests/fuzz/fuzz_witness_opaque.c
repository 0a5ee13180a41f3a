/* Any bytes from either side of a connection to the opaque decoder: it neither steps too far nor miscounts.
 */
#include "fuzz_target.h"

#include "witness_dialogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    witness_dialogue(WITNESS_OPAQUE, true, data, size);
    witness_dialogue(WITNESS_EXTERNAL, true, data, size);
    return 0;
}
