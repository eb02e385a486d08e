/* check/decide.c - draws one step until the bets decide: draw by draw in index order, whatever the
 * wave, so that threads and batches cannot change the outcome. */
#include "check/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOTHING = 0.1; /* least mean r - mean u that leaves something to compare */

/* One step: its draws being judged, and the bet that there is nothing to compare. */
typedef struct {
    sal_trial trial;
    sal_wealth nothing; /* on r - u - NOTHING */
    size_t least;
    bool has_nothing;
} course;

static sal_rule rule_of(const sal_run *run, const sal_part *part, size_t steps)
{
    const sal_metric_info *metric = &run->metric.def->info;
    bool plain = part->def->mean && !part->def->info.metric; /* shares, in [0, 1] */
    return (sal_rule){.limit = part->limit,
                      .alpha = run->alpha,
                      .lowest = plain ? 0 : metric->lowest,
                      .highest = plain ? 1 : metric->highest,
                      .mean = part->def->mean,
                      .fixed_r = !run->measured_r,
                      .steps = steps};
}

static void start(course *c, const sal_run *run, const sal_part *part, size_t steps)
{
    sal_rule rule = rule_of(run, part, steps);
    memset(c, 0, sizeof *c);
    c->least = run->args->min_draws;
    sal_trial_start_(&c->trial, &rule);
    if (part->def->mean) return;
    double least_r = rule.fixed_r ? 1 : rule.lowest, most_r = rule.fixed_r ? 1 : rule.highest;
    sal_wealth_start_(&c->nothing, least_r - rule.highest - NOTHING,
                      most_r - rule.lowest - NOTHING);
    c->has_nothing = true;
}

/* A precondition that the draws so far, not yet decided before the last one, show not to hold. */
static void look_for_invalid(const course *c, sal_run *run)
{
    size_t n = c->trial.counted, undefined = n - c->trial.defined;
    if (n >= 16 && 2 * undefined > n)
        sal_run_invalid_(run, "%zu of %zu draws are undefined: a map is constant or has no value",
                         undefined, n);
    else if (c->has_nothing && sal_wealth_down_(&c->nothing) >= c->trial.pass_at)
        sal_run_invalid_(run, "nothing to compare: unrelated maps are as alike as repeated ones");
}

/* Takes one draw; true when the step is over. */
static bool take(course *c, sal_run *run, const sal_draw *d)
{
    bool decided = c->trial.stop != 0;
    sal_trial_add_(&c->trial, d);
    if (d->defined && c->has_nothing) sal_wealth_add_(&c->nothing, d->r - d->u - NOTHING);
    if (!decided) look_for_invalid(c, run);
    return run->invalid[0] || (c->trial.stop && c->trial.counted >= c->least);
}

static sal_draw draw_of(const sal_draw_record *d)
{
    return (sal_draw){d->r, d->a, d->u, d->defined};
}

static void set_findings(const course *c, sal_step_verdict *v)
{
    sal_decision d;
    sal_trial_report_(&c->trial, &d);
    v->draws = c->trial.counted;
    v->undefined = c->trial.counted - c->trial.defined;
    v->statistic = d.statistic;
    v->has_statistic = d.has_statistic;
    v->mean_r = d.mean_r;
    v->mean_a = d.mean_a;
    v->mean_u = d.mean_u;
}

static sal_status set_interval(const sal_run *run, const course *c, sal_step_verdict *v,
                               sal_error *err)
{
    sal_draw *draws = sal_alloc_array_(run->env, v->n_records + 1, sizeof *draws);
    if (!draws) return sal_no_memory_(err, "an interval");
    for (size_t i = 0; i < v->n_records; i++) draws[i] = draw_of(&v->records[i]);
    sal_trial_interval_(&c->trial, draws, &v->low, &v->high);
    sal_free_(run->env, draws);
    return SAL_OK;
}

/* How many draws would have been enough, for the text of an undecided check. */
static void advise(const sal_run *run, const course *c, sal_step_verdict *v)
{
    double square = 0, mean = 0, n = (double)(v->draws - v->undefined);
    size_t enough = 0;
    sal_text t = sal_text_into_(v->reason, sizeof v->reason);
    sal_text_add_(&t,
                  run->ended ? "ended by the caller after %zu draws" : "undecided after %zu draws",
                  v->draws);
    if (n < 2 || !v->has_statistic || run->ended) return;
    for (int second = 0; second < 2; second++)
        for (size_t i = 0; i < v->n_records; i++) {
            sal_draw d = draw_of(&v->records[i]);
            if (!d.defined) continue;
            double z = sal_rule_z_(&c->trial.rule, c->trial.rule.limit, &d);
            if (second)
                square += (z - mean) * (z - mean);
            else
                mean += z / n;
        }
    double spread = sqrt(square / (n - 1));
    if (sal_required_draws(v->statistic, spread < 0.5 ? spread : 0.5, v->limit, run->alpha, &enough,
                           NULL) != SAL_OK)
        return;
    if (enough > v->draws)
        sal_text_add_(&t, "; about %zu would do at this distance and spread: .max_draws", enough);
    else if (!enough)
        sal_text_add_(&t, "; it lies so near the limit that 4096 would not do");
}

static bool goes_on(sal_run *run, size_t draws)
{
    const sal_check_args *a = run->args;
    run->ended = a->progress && !a->progress(a->progress_self, draws, run->max_draws);
    return !run->ended;
}

static sal_status draw(sal_run *run, sal_part *part, size_t step, course *c, sal_step_verdict *v,
                       sal_error *err)
{
    size_t wave = part->def->wave_size ? part->def->wave_size(run) : SAL_WAVE;
    bool over = false;
    while (!over && !run->invalid[0] && v->n_records < run->max_draws &&
           goes_on(run, v->n_records)) {
        size_t left = run->max_draws - v->n_records, n = left < wave ? left : wave;
        sal_draw_record *records = v->records + v->n_records;
        sal_status st = part->def->wave(run, part, step, v->n_records, n, records, err);
        if (st != SAL_OK) return st;
        for (size_t i = 0; !over && !run->invalid[0] && i < n; i++) {
            records[i].draw = v->n_records;
            sal_draw d = draw_of(&records[i]);
            over = take(c, run, &d);
            v->n_records++;
        }
    }
    return SAL_OK;
}

sal_status sal_decide_step_(sal_run *run, sal_part *part, size_t step, size_t steps,
                            sal_step_verdict *v, sal_error *err)
{
    course c;
    v->limit = part->limit;
    v->statistic_name = part->def->statistic_name;
    snprintf(v->check, sizeof v->check, "%s", part->def->info.name);
    snprintf(v->scale, sizeof v->scale, "%s", part->def->scale);
    snprintf(v->meaning, sizeof v->meaning, "%s", part->def->meaning);
    if (part->def->describe) part->def->describe(run, part, step, v);
    v->records = sal_alloc_zero_(run->env, run->max_draws, sizeof *v->records);
    if (!v->records) return sal_no_memory_(err, "draws");
    start(&c, run, part, steps);
    sal_status st = draw(run, part, step, &c, v, err);
    if (st != SAL_OK) return st;
    set_findings(&c, v);
    if (c.has_nothing && c.trial.stop && v->mean_r - v->mean_u < NOTHING)
        sal_run_invalid_(run,
                         "nothing to compare: repeated maps are alike by %s, unrelated ones by "
                         "%s",
                         SAL_SHORT(round(100 * v->mean_r) / 100),
                         SAL_SHORT(round(100 * v->mean_u) / 100));
    v->outcome = run->invalid[0] ? SAL_INVALID : c.trial.outcome;
    snprintf(v->reason, sizeof v->reason, "%s", run->invalid);
    run->invalid[0] = '\0'; /* of this step; the next one stands for itself */
    if (v->outcome == SAL_INCONCLUSIVE) advise(run, &c, v);
    return set_interval(run, &c, v, err);
}
