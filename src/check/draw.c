/* check/draw.c - what a draw takes: two different inputs and an unrelated model. Draws have an index,
 * and everything random in them follows from it. */
#include "check/check.h"

#include <string.h>

sal_pick sal_run_pick_(const sal_run *run, size_t draw)
{
    sal_rng rng = sal_rng_for(run->seed, "draw", draw);
    sal_pick p;
    p.x = sal_rng_below_(&rng, run->n);
    p.o = sal_rng_below_(&rng, run->n - 1);
    if (p.o >= p.x) p.o++;
    p.pool = sal_rng_below_(&rng, SAL_POOL);
    return p;
}

/* A foreign map is asked for again: all of them when r is measured, else the first of the wave. */
sal_status sal_run_again_(sal_run *run, size_t n, const sal_pick *picks, double *r, bool *defined,
                          sal_error *err)
{
    sal_explain_job jobs[SAL_WAVE];
    sal_ready ready[SAL_WAVE];
    size_t count = run->measured_r ? n : run->repeats ? 1 : 0;
    for (size_t i = 0; i < n; i++) {
        r[i] = 1;
        defined[i] = true;
    }
    if (!count) return SAL_OK;
    sal_status st = sal_ready_alloc_(run, count, ready, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < count; i++) jobs[i] = sal_run_job_(run, picks[i].x, NULL);
    st = sal_run_make_(run, count, jobs, "the trained model", ready, err);
    for (size_t i = 0; st == SAL_OK && i < count; i++) {
        const sal_ready *base = &run->base.ready[picks[i].x];
        bool same = !base->undefined == !ready[i].undefined &&
                    (base->undefined ||
                     !memcmp(base->values, ready[i].values, run->metric.prepared * sizeof(double)));
        if (run->measured_r)
            defined[i] = sal_run_compare_(run, base, &ready[i], &r[i]);
        else if (!same)
            sal_run_invalid_(run,
                             "the map of input %zu came out otherwise when asked for again: the "
                             "engine keeps state between calls",
                             run->place[picks[i].x]);
    }
    sal_ready_free_(run, count, ready);
    return st;
}
