/** What got weaker in sources of tests. Used inside the gate only. */
#ifndef UTR_GATE_SOURCE_H
#define UTR_GATE_SOURCE_H

#include "gate/pair.h"

/** Compare the tests and findings of all pairs; what got weaker is added. Pure. */
void gate_sources_compare(gate_work *work);

#endif
