/** Which test of the merge base is which of now. Used inside the gate only. */
#ifndef UTR_GATE_MATCH_H
#define UTR_GATE_MATCH_H

#include "gate/pair.h"

typedef struct {
    size_t pair; /* index */
    const scan_test *test;
    size_t other;  /* its index on the other side, plus 1; 0: it has no match */
    uint64_t body; /* 0: nothing to tell it by */
} gate_test;

typedef UTR_VEC(gate_test) gate_test_list;

/** By pair and symbol. */
typedef struct {
    gate_test_list old, new;
} gate_tests;

/**
 * Match one to one: by file and name, then by name in another file, then by body, then by a similar body in
 * the same file.
 */
void gate_tests_match(const gate_pairs *pairs, gate_tests *out);
void gate_tests_dispose(gate_tests *tests);

/** The first test of a pair by that name, or NULL. */
const gate_test *gate_tests_find(const gate_test_list *list, size_t pair, const char *symbol);

/** What follows the last dot of a symbol (or its last " > "). Borrowed. */
const char *gate_last_name(const char *symbol);

/** A line without the blanks around it, as a number: equal lines have equal ones. 0: it is blank. */
uint64_t gate_line_hash(const char *line, size_t len);

/** The hashes of what a test does, line for line, sorted. */
typedef UTR_VEC(uint64_t) gate_hashes;
void gate_body_hashes(const utr_buf *text, const scan_test *test, gate_hashes *out);

#endif
