/**
 * What a result of the scan depends on, as one digest: the text, by the id that git gives to its blob; its
 * path; the settings; modules named as mocks; and the scanner itself, by the build id that the linker gave to
 * this program, in which parser and grammars are. Used inside the scan only.
 */
#ifndef UTR_SCAN_CACHE_KEY_H
#define UTR_SCAN_CACHE_KEY_H

#include "scan/files/content.h"
#include "scan/settings.h"

typedef struct {
    unsigned char bytes[32]; /* SHA-256 */
} scan_key;

/** What all keys of one scan have in common. @return false where the program has no build id */
bool scan_key_begin(const utr_strs *mocks, scan_key *out);

/** The key of one text. */
scan_key scan_key_of(const scan_key *common, const scan_settings *settings, const char *path,
                     const content *text);

#endif
