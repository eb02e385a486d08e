/* check/decide.c - draws one step until the bets decide: draw by draw in index order, whatever the
 * wave, so that threads and batches cannot change the outcome. */
#include "check/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOTHING = 0.1; /* least mean r - mean u that leaves something to compare */

/* The bets of one step. */
typedef struct {
    sal_rule rule;
    sal_wealth bet, nothing; /* on Z; on r - u - NOTHING */
    size_t n, undefined, stop, least;
    sal_outcome outcome;
    bool decided, has_nothing;
    const char *why_undefined;
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
    double low, high;
    memset(c, 0, sizeof *c);
    c->rule = rule_of(run, part, steps);
    c->outcome = SAL_INCONCLUSIVE;
    c->least = run->args->min_draws;
    sal_rule_bounds_(&c->rule, part->limit, &low, &high);
    sal_wealth_start_(&c->bet, low, high);
    if (part->def->mean) return;
    double rlo = c->rule.fixed_r ? 1 : c->rule.lowest, rhi = c->rule.fixed_r ? 1 : c->rule.highest;
    low = rlo - c->rule.highest - NOTHING;
    high = rhi - c->rule.lowest - NOTHING;
    sal_wealth_start_(&c->nothing, low, high);
    c->has_nothing = true;
}

/* Takes one draw; true when the step is over. */
static bool take(course *c, sal_run *run, const sal_draw_record *d)
{
    c->n++;
    c->undefined += !d->defined;
    if (c->n >= 16 && 2 * c->undefined > c->n && !c->decided) {
        sal_run_invalid_(run, "%zu of %zu draws are undefined: a map is constant or has no value",
                         c->undefined, c->n);
        return true;
    }
    if (!d->defined) return c->decided && c->n >= c->least;
    sal_draw z = {d->r, d->a, d->u, true};
    sal_wealth_add_(&c->bet, sal_rule_z_(&c->rule, c->rule.limit, &z));
    if (c->has_nothing) {
        sal_wealth_add_(&c->nothing, d->r - d->u - NOTHING);
        if (!c->decided && sal_wealth_down_(&c->nothing) >= sal_rule_pass_at_(&c->rule)) {
            sal_run_invalid_(run,
                             "nothing to compare: unrelated maps are as alike as repeated ones");
            return true;
        }
    }
    if (!c->decided) {
        bool up = sal_wealth_up_(&c->bet) >= sal_rule_pass_at_(&c->rule);
        bool down = sal_wealth_down_(&c->bet) >= sal_rule_fail_at_(&c->rule);
        c->decided = up || down;
        c->stop = c->n;
        if (c->decided) c->outcome = up ? SAL_PASS : SAL_FAIL;
    }
    return c->decided && c->n >= c->least;
}

static void set_means(sal_step_verdict *v, bool mean)
{
    double r = 0, a = 0, u = 0, n = 0;
    for (size_t i = 0; i < v->n_records; i++) {
        const sal_draw_record *d = &v->records[i];
        if (!d->defined) continue;
        r += d->r;
        a += d->a;
        u += d->u;
        n++;
    }
    if (n < 1) return;
    v->mean_r = r / n;
    v->mean_a = a / n;
    v->mean_u = u / n;
    double span = v->mean_r - v->mean_u;
    v->has_statistic = mean || span > 0 || span < 0;
    if (mean)
        v->statistic = v->mean_a;
    else if (v->has_statistic)
        v->statistic = (v->mean_r - v->mean_a) / span;
}

static sal_status set_interval(const sal_run *run, const course *c, sal_step_verdict *v,
                               sal_error *err)
{
    sal_draw *draws = sal_alloc_array_(run->env, v->n_records + 1, sizeof *draws);
    if (!draws) return sal_no_memory_(err, "an interval");
    for (size_t i = 0; i < v->n_records; i++)
        draws[i] =
            (sal_draw){v->records[i].r, v->records[i].a, v->records[i].u, v->records[i].defined};
    sal_rule_interval_(&c->rule, draws, v->n_records, &v->low, &v->high);
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
            const sal_draw_record *d = &v->records[i];
            sal_draw draw = {d->r, d->a, d->u, true};
            if (!d->defined) continue;
            double z = sal_rule_z_(&c->rule, c->rule.limit, &draw);
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
            over = take(c, run, &records[i]);
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
    v->draws = c.n;
    v->undefined = c.undefined;
    set_means(v, part->def->mean);
    if (c.has_nothing && c.decided && v->mean_r - v->mean_u < NOTHING)
        sal_run_invalid_(run,
                         "nothing to compare: repeated maps are alike by %s, unrelated ones by "
                         "%s",
                         SAL_SHORT(round(100 * v->mean_r) / 100),
                         SAL_SHORT(round(100 * v->mean_u) / 100));
    v->outcome = run->invalid[0] ? SAL_INVALID : c.outcome;
    snprintf(v->reason, sizeof v->reason, "%s", run->invalid);
    run->invalid[0] = '\0'; /* of this step; the next one stands for itself */
    if (v->outcome == SAL_INCONCLUSIVE) advise(run, &c, v);
    return set_interval(run, &c, v, err);
}
