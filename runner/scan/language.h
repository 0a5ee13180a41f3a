/**
 * What the scan asks of a language, and what a language is given. Used inside the scan only.
 *
 * A language reads one text and adds to a scan_file what it finds, in any order; the scan sorts, and fills in
 * the line's text and its excuse. It keeps nothing between two texts, and may be asked by several threads at
 * once; prepare() is called once before the first.
 */
#ifndef UTR_SCAN_LANGUAGE_H
#define UTR_SCAN_LANGUAGE_H

#include "scan/scan.h"
#include "scan/settings.h"
#include "scan/tree.h"

enum { SCAN_MOST_PARSED = 4 << 20 }; /* bytes: of longer texts only what needs no grammar is looked for */

typedef struct {
    const char *path; /* relative to the root */
    tree_text text;   /* followed by a NUL that does not count */
    const scan_settings *settings;
    const utr_strs *mocks; /* modules that the manifest names; may be empty, never NULL */
    tree_parser *parser;   /* of this thread */
    tree *tree;            /* of this thread, to parse into: keeps its memory between two texts */
    bool other;            /* holds no tests: only what counts in any source is looked for */
} scan_source;

typedef struct {
    const char *name;
    const char *const *extensions; /* "py", ended by a NULL */
    void (*prepare)(void);
    /** That its comments are told by, for a file of this path. */
    const TSLanguage *(*grammar)(const char *path);
    /** Whether the file holds tests, by its path: then every kind is looked for. */
    bool (*knows)(const char *path, const scan_settings *settings);
    /** Whether the text of another file may hold what counts in any source, by a search of its bytes. NULL:
     * nothing counts there, and no such file is read. */
    bool (*matters)(tree_text text);
    /** Fill in findings and tests. A cheap byte search comes first: what cannot hold any is not parsed. */
    void (*read)(const scan_source *source, scan_file *out);
} scan_language;

/** How a text is read. */
typedef struct {
    const scan_language *language;
    const scan_settings *settings;
    bool other; /* it holds no tests */
} scan_means;

extern const scan_language SCAN_PYTHON, SCAN_JAVASCRIPT, SCAN_GO, SCAN_C;

/** How far up or down a tree is followed from one node: deeper than people nest, and no walk of a hostile
 * text.
 */
enum { SCAN_MOST_AROUND = 256 };

/** What a finding points at. */
typedef struct {
    uint32_t start, end; /* bytes of the text */
    uint32_t line;       /* of its start, from 1 */
} scan_spot;

scan_spot scan_spot_of(const tree *t, tree_node n);

/** The next line of what is left of a spot, and what is left behind it. @return false: nothing was left */
bool scan_next_line(const char *text, scan_spot *io_rest, scan_spot *out_line);

/** Add a finding; subkind as printf, symbol (NULL: none) is copied. Its column and length are bytes of the
 * text until the scan finds their line. @return it, borrowed until the next */
scan_finding *scan_add(scan_file *out, scan_kind kind, scan_spot spot, const char *symbol,
                       const char *subkind, ...) UTR_PRINTF(5, 6);

/** Parse the source's text (or, where `other` is not NULL, that in its place), and note in out what was
 * wrong. Of a source over 4 MiB nothing is parsed. @return whether there is a tree */
bool scan_parse(const scan_source *source, const TSLanguage *grammar, const tree_text *other, scan_file *out);

/** Whether module is the one of that name or lies below it, behind one of the separators: "moto.s3" of
 * "moto".
 */
bool scan_is_module(tree_text module, const char *name, const char *separators);

/** Whether module is one that the manifest names as a mock, or lies below one ("acme.fakes.redis",
 * "@acme/fakes/x"). */
bool scan_is_named_mock(const scan_source *source, tree_text module);

/** Whether one of the path's folders has one of the names; the list ends with a NULL. */
bool scan_lies_below(const char *path, const char *const *names);

/** The word for a statement; NULL: it has none. */
typedef const char *(scan_word_of)(const void *file, tree_node statement);

/**
 * What the statements of a body are, each word once, in the order of the text, joined by "+"; "nothing" for
 * a body without any. The caller frees it.
 * @param file  what word_of is given
 * @return NULL where a statement has no word
 */
char *scan_words_of(const tree *t, tree_node body, scan_word_of *word_of, const void *file);

#endif
