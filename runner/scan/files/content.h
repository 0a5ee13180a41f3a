/** What stands in a file, read in one go, and what git calls it. Used inside the scan only. */
#ifndef UTR_SCAN_FILES_CONTENT_H
#define UTR_SCAN_FILES_CONTENT_H

#include "scan/scan.h"

#include <sys/stat.h>

enum { CONTENT_BLOB_ID = 20 };

/** Keeps its memory between two files; a large one's is given back with content_reset(). */
typedef struct {
    char *data; /* followed by a NUL that does not count */
    size_t len, capacity;
    struct stat info; /* of the file that was read last, as it was before and after */
    time_t began;     /* when that was */
} content;

typedef struct {
    scan_state state; /* SCAN_READ, SCAN_TOO_LARGE (not read at all), SCAN_BINARY, SCAN_UNREADABLE */
    char *why;        /* for all but SCAN_READ; the caller frees it */
    bool gone;        /* it is not there any more */
} content_state;

/**
 * Read a regular file whole; one that is written meanwhile is read again, up to three times.
 * @param path  absolute; a link at its end is not followed
 */
content_state content_read(content *out, const char *path);

/** The same for a text that was read elsewhere: it is copied. */
content_state content_copy(content *out, const char *text, size_t len);

/** Make it empty; keeps 1 MiB at most. */
void content_reset(content *c);
void content_dispose(content *c);

/** The id that git gives to a blob of this text: SHA-1 over "blob LENGTH", a NUL and the text. */
void content_blob_id(const char *data, size_t len, unsigned char out[CONTENT_BLOB_ID]);

#define auto_content __attribute__((cleanup(content_dispose)))

#endif
