/** SHA-256 of a text, for names and for `com.docker.compose.config-hash`. */
#ifndef UTR_SERVICES_DIGEST_H
#define UTR_SERVICES_DIGEST_H

#define SERVICES_DIGEST_SIZE 65

/** Lower-case hex with a terminator. */
void services_digest(const char *text, char out[SERVICES_DIGEST_SIZE]);

#endif
