/** What makes `go test` build and run its test binaries our way, without a word in the suite's command. */
#ifndef UTR_SUITES_GO_BUILD_H
#define UTR_SUITES_GO_BUILD_H

#include "base/error.h"
#include "base/vec.h"

/**
 * Append to GOFLAGS: -exec (utr_go_exec), -count=1 (no result of an earlier run), and for Go before 1.20,
 * which tells a subtest's end only with its parent's, -overlay: its `testing` is built so that it tells it at
 * once.
 * @param folder       where the overlay is put
 * @param environment  of the suite: its PATH says which go it is
 * @return UTR_CONFIG (a path with a space, which GOFLAGS cannot hold), UTR_SYS, UTR_CONFLICT (a `testing`
 * that is not known)
 */
UTR_MUST_CHECK utr_code suites_go_prepare(const char *folder, utr_strs *environment, utr_error *err);

/** Remove what was put there. */
void suites_go_clean(const char *folder);

#endif
