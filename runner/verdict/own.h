/**
 * What of a suite's evidence is each test's own. Used inside the verdict only.
 *
 * What goes on while nothing runs and nothing was to run goes on while tests run, too: a heartbeat, a timer,
 * a helper process. A statement of a test is such where, in an ambient moment of its suite, the same
 * connection sent the same; or where it was sent over a connection that was opened for it both times, as by a
 * helper that connects anew each time. It proves nothing, whenever the moment was.
 */
#ifndef UTR_VERDICT_OWN_H
#define UTR_VERDICT_OWN_H

#include "verdict/verdict.h"

/** Fill in what of each evidence counts, and what each test inherits from the fixtures that it uses. */
void own_settle(verdict_suite *suite);

/** Free what own_settle() made of one evidence. */
void own_dispose(verdict_evidence *evidence);

#endif
