/** Findings of now that the merge base did not have. Used inside the gate only. */
#ifndef UTR_GATE_FINDING_H
#define UTR_GATE_FINDING_H

#include "gate/source/match.h"

/** Add what is newly found; comments and uncollected definitions only where they are of no test that was. */
void gate_findings_compare(gate_work *work, const gate_tests *tests);

/** Whether a weakening of that kind was added for the pair's newer text; symbol NULL: of any. */
bool gate_has(const gate_work *work, gate_kind kind, const gate_pair *pair, const char *symbol);

#endif
