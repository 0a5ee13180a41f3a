/** Why a machine does not seal workers, and what a person can do about it. Inside isolation/ only. */
#ifndef UTR_ISOLATION_REASON_H
#define UTR_ISOLATION_REASON_H

#include "base/error.h"

/**
 * What would have to change, from what the machine says of itself.
 * @param root  in front of every path that is looked at; "" but in tests
 * @param sys   the errno of the refusal
 * @return a constant text; never NULL
 */
const char *isolation_reason(const char *root, int sys);

/** Record a refusal with its reason. @return UTR_SYS */
utr_code isolation_reason_fail(utr_error *err, const char *step, int sys);

#endif
