/** What scan.c and work.c share. */
#ifndef UTR_SCAN_INTERNAL_H
#define UTR_SCAN_INTERNAL_H

#include "scan/files/content.h"
#include "scan/language.h"

/** What one thread reads with. */
typedef struct {
    tree_parser *parser;
    tree tree;
    content content;
} scan_desk;

void scan_desk_init(scan_desk *desk);
void scan_desk_dispose(scan_desk *desk);

struct scan {
    scan_options options;
    char *root;     /* absolute, without links */
    char today[16]; /* "YYYY-MM-DD" */
    scan_settings_cache *settings;
    size_t told; /* of its faults */
    utr_strs no_mocks;
    scan_desk desk; /* scan_text()'s, and of the calling thread in scan_run() */
};

/** By the extension; NULL: none. */
const scan_language *scan_language_of(const char *path);

/**
 * Read the text that lies on the desk, without NUL bytes.
 * @param out  its path is set
 */
void scan_read(const scan *scanner, scan_desk *desk, const scan_means *means, scan_file *out);

/** What is not kept in a cache: whether excuses hold today, and that tests are told only where asked for. */
void scan_finish(const scan *scanner, scan_file *out);

#endif
