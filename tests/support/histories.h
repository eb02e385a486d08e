/* tests/support/histories.h - verdicts of simulated draws, judged by the rule itself. */
#ifndef SAL_TESTS_HISTORIES_H
#define SAL_TESTS_HISTORIES_H

#include "base/base.h"

#include <salcheck/gate.h>
#include <salcheck/stats.h>

/* How draws of one check come out: r = 1, u = .05, a from a beta distribution such that D has this mean
 * and Z/(mean r - mean u), in one draw, this standard deviation. */
typedef struct quality {
    double d, spread;
} quality;

/* `n` checks "net/params/method-K", one step "fc2" of `draws` draws; equal (seed, commit) give equal
 * bits, and inputs follow the seed alone. Release with sal_records_free(). */
sal_records *made_records(size_t n, const quality *of, size_t draws, uint64_t seed,
                          uint64_t commit);

/* Decides again after draws were changed. */
void judge_records(sal_records *r);

#endif
