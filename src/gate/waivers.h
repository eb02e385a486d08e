/* gate/waivers.h - waivers applied to the rows of a gate. */
#ifndef SAL_GATE_WAIVERS_H
#define SAL_GATE_WAIVERS_H

#include "base/base.h"

#include <salcheck/gate.h>

/* Excuses rows that are not PASS and lists what is wrong with the waivers; r->problems has room for one
 * of each. */
void sal_waivers_apply_(const sal_waivers *w, int64_t today, sal_gate_result *r);

#endif
