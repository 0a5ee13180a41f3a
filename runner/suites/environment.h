/** What a format adds to a suite's environment. Pure. */
#ifndef UTR_SUITES_ENVIRONMENT_H
#define UTR_SUITES_ENVIRONMENT_H

#include "base/vec.h"

/** @param events  path of the event socket, or NULL; an inherited UTR_EVENTS never passes */
void suites_environment(const utr_strs *from, const char *events, utr_strs *out);

#endif
