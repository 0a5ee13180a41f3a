#include "services/digest.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

void services_digest(const char *text, char out[SERVICES_DIGEST_SIZE])
{
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    (void)SHA256((const unsigned char *)text, strlen(text), bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}
