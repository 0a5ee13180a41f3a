/** What a format adds to a suite's environment. Pure. */
#ifndef UTR_SUITES_ENVIRONMENT_H
#define UTR_SUITES_ENVIRONMENT_H

#include "base/vec.h"

/** Set each "NAME=value" of what, in place of what is there. */
void suites_environment_set(utr_strs *environment, const utr_strs *what);

/** @param events  path of the event socket, or NULL; an inherited UTR_EVENTS never passes */
void suites_environment(const utr_strs *from, const char *format, const char *events, utr_strs *out);

#endif
