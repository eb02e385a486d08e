/* tests/support/histories.c - see histories.h. */
#include "histories.h"

#include "support.h"

#include "stats/beta.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double UNRELATED = .05;
enum { INPUTS = 32 };

static sal_draw_record *draws_of(const quality *of, size_t n, uint64_t seed, uint64_t commit,
                                 size_t check)
{
    double range = 1 - UNRELATED, mean = 1 - of->d * range, spread = of->spread * range;
    double both = spread > 0 ? mean * (1 - mean) / (spread * spread) - 1 : 0;
    sal_rng inputs = sal_rng_for(seed, "inputs", check);
    sal_rng rng = sal_rng_for(seed, "draws", sal_index_pair_(commit, check));
    sal_draw_record *d = sal_alloc_zero_(NULL, n + 1, sizeof *d);
    if (!d || (spread > 0 && both <= 0)) fail_msg("no such draws");
    for (size_t i = 0; i < n; i++)
        d[i] = (sal_draw_record){
            .draw = i,
            .input = sal_rng_below_(&inputs, INPUTS),
            .r = 1,
            .a = spread > 0 ? sal_beta_variable_(&rng, mean * both, (1 - mean) * both) : mean,
            .u = UNRELATED,
            .defined = true};
    return d;
}

sal_records *made_records(size_t n, const quality *of, size_t draws, uint64_t seed, uint64_t commit)
{
    sal_records *r = sal_alloc_zero_(NULL, 1, sizeof *r);
    r->verdicts = sal_alloc_zero_(NULL, n + 1, sizeof(sal_verdict *));
    r->n = n;
    for (size_t i = 0; i < n; i++) {
        sal_verdict *v = r->verdicts[i] = sal_alloc_zero_(NULL, 1, sizeof *v);
        *v = (sal_verdict){.check = "params",
                           .metric = "pearson-folded",
                           .randomisation = "top",
                           .model = "net",
                           .claim = "depends on params",
                           .model_hash = 1,
                           .inputs_hash = 2,
                           .alpha = .01,
                           .seed = seed,
                           .inputs = INPUTS,
                           .distinct = INPUTS,
                           .min_draws = draws,
                           .max_draws = draws,
                           .total_steps = 1,
                           .n_steps = 1};
        snprintf(v->method, sizeof v->method, "method-%zu", i);
        snprintf(v->id, sizeof v->id, "net/params/method-%zu", i);
        v->steps = sal_alloc_zero_(NULL, 1, sizeof *v->steps);
        *v->steps = (sal_step_verdict){.check = "params",
                                       .step = "fc2",
                                       .statistic_name = 'D',
                                       .limit = .5,
                                       .n_records = draws,
                                       .records = draws_of(&of[i], draws, seed, commit, i)};
    }
    judge_records(r);
    return r;
}

static void judge(sal_verdict *v, sal_step_verdict *s)
{
    const sal_rule rule = {.limit = s->limit,
                           .alpha = v->alpha,
                           .highest = 1,
                           .mean = s->statistic_name != 'D',
                           .fixed_r = true,
                           .steps = 1};
    sal_draw *draws = calloc(s->n_records + 1, sizeof *draws);
    sal_decision d;
    sal_error err = {SAL_OK, ""};
    for (size_t i = 0; i < s->n_records; i++)
        draws[i] =
            (sal_draw){s->records[i].r, s->records[i].a, s->records[i].u, s->records[i].defined};
    if (sal_decide(&rule, draws, s->n_records, v->min_draws, &d, &err) != SAL_OK)
        fail_msg("%s", err.text);
    free(draws);
    s->outcome = d.outcome;
    s->has_statistic = d.has_statistic;
    s->statistic = d.statistic;
    s->low = d.low;
    s->high = d.high;
    s->mean_r = d.mean_r;
    s->mean_a = d.mean_a;
    s->mean_u = d.mean_u;
    s->draws = d.counted;
    s->undefined = d.counted - d.defined;
}

void judge_records(sal_records *r)
{
    for (size_t i = 0; i < r->n; i++) {
        sal_verdict *v = r->verdicts[i];
        for (size_t k = 0; k < v->n_steps; k++) judge(v, &v->steps[k]);
        v->outcome = v->steps[0].outcome;
    }
}
