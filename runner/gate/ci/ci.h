/** What got weaker in how CI calls the runner. Used inside the gate only. */
#ifndef UTR_GATE_CI_CI_H
#define UTR_GATE_CI_CI_H

#include "gate/pair.h"

/** Compare the calls of all pairs that is_ci() says of; what got weaker is added. Pure. */
void gate_ci_compare(gate_work *work, bool (*is_ci)(const char *path));

#endif
