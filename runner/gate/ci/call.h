/** Calls of the runner in files of CI, by their words. Used inside the gate only. */
#ifndef UTR_GATE_CI_CALL_H
#define UTR_GATE_CI_CALL_H

#include "base/buf.h"
#include "base/vec.h"

#include <stdint.h>

/** One call for one category. */
typedef struct {
    char *command;  /* "run", "gate", "scan", "restore", "list", ... */
    char *category; /* of run; "*": all */
    int64_t line;
    bool real;    /* --real-services */
    bool part;    /* --pattern: some tests only */
    bool open;    /* --isolation open */
    bool ignored; /* what it says decides nothing: `|| true`, continue-on-error, `if: false` ... */
} gate_call;

typedef UTR_VEC(gate_call) gate_calls;

/** Find the calls in a text; path tells its language. What stands in a comment is none. */
void gate_calls_read(const char *path, const utr_buf *text, gate_calls *out);
void gate_calls_dispose(gate_calls *calls);

#endif
