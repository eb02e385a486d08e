/* check/judge.c - see judge.h. */
#include "check/judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOTHING = 0.1; /* least mean r - mean u that leaves something to compare */

sal_rule sal_judge_rule_(const sal_verdict *v, const sal_step_verdict *s)
{
    return (sal_rule){.limit = s->limit,
                      .alpha = v->alpha,
                      .lowest = s->lowest,
                      .highest = s->highest,
                      .mean = s->statistic_name != 'D',
                      .fixed_r = !v->measured_r,
                      .steps = v->total_steps};
}

void sal_judge_start_(sal_judge *j, const sal_verdict *v, const sal_step_verdict *s)
{
    sal_rule rule = sal_judge_rule_(v, s);
    memset(j, 0, sizeof *j);
    j->least = v->min_draws;
    sal_trial_start_(&j->trial, &rule);
    if (rule.mean) return;
    double least_r = rule.fixed_r ? 1 : rule.lowest, most_r = rule.fixed_r ? 1 : rule.highest;
    sal_wealth_start_(&j->nothing, least_r - rule.highest - NOTHING,
                      most_r - rule.lowest - NOTHING);
    j->has_nothing = true;
}

void sal_judge_invalid_(sal_judge *j, const char *reason)
{
    if (!j->invalid[0]) snprintf(j->invalid, sizeof j->invalid, "%s", reason);
}

/* A precondition that the draws so far, not yet decided before the last one, show not to hold. */
static void look_for_invalid(sal_judge *j)
{
    size_t n = j->trial.counted, undefined = n - j->trial.defined;
    if (n >= 16 && 2 * undefined > n)
        snprintf(j->invalid, sizeof j->invalid,
                 "%zu of %zu draws are undefined: a map is constant or has no value", undefined, n);
    else if (j->has_nothing && sal_wealth_down_(&j->nothing) >= j->trial.pass_at)
        sal_judge_invalid_(j, "nothing to compare: unrelated maps are as alike as repeated ones");
}

static sal_draw draw_of(const sal_draw_record *d)
{
    return (sal_draw){d->r, d->a, d->u, d->defined};
}

bool sal_judge_take_(sal_judge *j, const sal_draw_record *record)
{
    bool decided = j->trial.stop != 0;
    sal_draw d = draw_of(record);
    sal_trial_add_(&j->trial, &d);
    if (d.defined && j->has_nothing) sal_wealth_add_(&j->nothing, d.r - d.u - NOTHING);
    if (!decided) look_for_invalid(j);
    return j->invalid[0] || (j->trial.stop && j->trial.counted >= j->least);
}

static void set_findings(const sal_judge *j, sal_step_verdict *s)
{
    sal_decision d;
    sal_trial_report_(&j->trial, &d);
    s->draws = j->trial.counted;
    s->undefined = j->trial.counted - j->trial.defined;
    s->statistic = d.statistic;
    s->has_statistic = d.has_statistic;
    s->mean_r = d.mean_r;
    s->mean_a = d.mean_a;
    s->mean_u = d.mean_u;
}

static sal_status set_interval(const sal_judge *j, const sal_env *env, sal_step_verdict *s,
                               sal_error *err)
{
    sal_draw *draws = sal_alloc_array_(env, s->n_records + 1, sizeof *draws);
    if (!draws) return sal_no_memory_(err, "an interval");
    for (size_t i = 0; i < s->n_records; i++) draws[i] = draw_of(&s->records[i]);
    sal_trial_interval_(&j->trial, draws, &s->low, &s->high);
    sal_free_(env, draws);
    return SAL_OK;
}

double sal_judge_spread_(const sal_rule *rule, const sal_step_verdict *s)
{
    double square = 0, mean = 0, n = (double)(s->draws - s->undefined);
    for (int second = 0; second < 2; second++)
        for (size_t i = 0; i < s->n_records; i++) {
            sal_draw d = draw_of(&s->records[i]);
            if (!d.defined) continue;
            double z = sal_rule_z_(rule, rule->limit, &d);
            if (second)
                square += (z - mean) * (z - mean);
            else
                mean += z / n;
        }
    return sqrt(square / (n - 1));
}

/* How many draws would have been enough, for the text of an undecided check. */
static void advise(const sal_judge *j, bool ended, sal_step_verdict *s)
{
    size_t enough = 0;
    sal_text t = sal_text_into_(s->reason, sizeof s->reason);
    sal_text_add_(&t, ended ? "ended by the caller after %zu draws" : "undecided after %zu draws",
                  s->draws);
    if (s->draws - s->undefined < 2 || !s->has_statistic || ended) return;
    double spread = sal_judge_spread_(&j->trial.rule, s);
    if (sal_required_draws(s->statistic, spread < 0.5 ? spread : 0.5, s->limit, j->trial.rule.alpha,
                           &enough, NULL) != SAL_OK)
        return;
    if (enough > s->draws)
        sal_text_add_(&t, "; about %zu would do at this distance and spread: .max_draws", enough);
    else if (!enough)
        sal_text_add_(&t, "; it lies so near the limit that 4096 would not do");
}

sal_status sal_judge_end_(sal_judge *j, const sal_env *env, bool ended, sal_step_verdict *s,
                          sal_error *err)
{
    set_findings(j, s);
    if (!j->invalid[0] && j->has_nothing && j->trial.stop && s->mean_r - s->mean_u < NOTHING)
        snprintf(j->invalid, sizeof j->invalid,
                 "nothing to compare: repeated maps are alike by %s, unrelated ones by %s",
                 SAL_SHORT(round(100 * s->mean_r) / 100), SAL_SHORT(round(100 * s->mean_u) / 100));
    s->outcome = j->invalid[0] ? SAL_INVALID : j->trial.outcome;
    snprintf(s->reason, sizeof s->reason, "%s", j->invalid);
    if (s->outcome == SAL_INCONCLUSIVE) advise(j, ended, s);
    return set_interval(j, env, s, err);
}

static int severity(sal_outcome o) /* of a step, for the whole */
{
    return o == SAL_FAIL ? 3 : o == SAL_INVALID ? 2 : o == SAL_INCONCLUSIVE ? 1 : 0;
}

void sal_judge_whole_(sal_verdict *v)
{
    const sal_step_verdict *s = &v->steps[v->n_steps - 1];
    if (severity(s->outcome) <= severity(v->outcome)) return;
    v->outcome = s->outcome;
    v->decisive = v->n_steps - 1;
}

size_t sal_shard_of_(const sal_verdict *v, size_t step, size_t wave, size_t waves)
{
    if (!v->shards) return 0;
    uint64_t start = sal_hash_(0, v->id, strlen(v->id)) % v->shards;
    return (size_t)((start + step * waves + wave) % v->shards) + 1;
}
