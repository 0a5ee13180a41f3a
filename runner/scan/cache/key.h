/**
 * What a result of the scan depends on, as one digest: the text, by the id that git gives to its blob; its
 * path; the settings; whether it holds tests; modules named as mocks; and the scanner itself, by the build id
 * that the linker gave to this program, in which parser and grammars are. Used inside the scan only.
 *
 * As git's index does, a stamp spares reading a file: what the file system says of a file that was not
 * touched since it was read, with all else that its key depends on.
 */
#ifndef UTR_SCAN_CACHE_KEY_H
#define UTR_SCAN_CACHE_KEY_H

#include "scan/files/content.h"
#include "scan/language.h"

typedef struct {
    unsigned char bytes[32]; /* SHA-256 */
} scan_key;

/** What all keys of one scan have in common. @return false where the program has no build id */
bool scan_key_begin(const utr_strs *mocks, scan_key *out);

/** The key of one text. */
scan_key scan_key_of(const scan_key *common, const scan_means *means, const char *path, const content *text);

typedef struct {
    int64_t place; /* of the path: a file's new stamp takes the place of the old one */
    scan_key key;
} scan_stamp;

/** @param info  of the file at path, a link not followed */
scan_stamp scan_stamp_of(const scan_key *common, const scan_means *means, const char *path,
                         const struct stat *info);

/**
 * Whether a file that is written to from now on will have another stamp: not where its times are as late as
 * it was read, since they tick slowly.
 * @param began  when it was begun to be read, after `info` was true
 */
bool scan_stamp_holds(const struct stat *info, time_t began);

#endif
