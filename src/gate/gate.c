/* gate/gate.c - all steps of new verdicts against a baseline: comparisons, Holm's correction over
 * them, waivers, and the outcome. */
#include "gate/compare.h"
#include "gate/dates.h"
#include "gate/entry.h"
#include "gate/waivers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double MARGIN = .05; /* a tenth of the usual limit */
/* Alarms where D dropped by just the margin. Where it did not drop at all, 256 draws with a paired
 * spread below 1 alarm in less than 1 % of gates, for the margin itself is .8 standard errors. */
static const double ALPHA = .05;

/* ---- options ---------------------------------------------------------------------------------- */

static sal_status check_options(const sal_gate_options *given, const sal_waivers *waivers,
                                sal_gate_options *o, int64_t *today, sal_error *err)
{
    *o = given ? *given : (sal_gate_options){.margin = 0};
    *today = 0;
    for (size_t i = 0; i < 4; i++)
        if (o->reserved_[i]) return sal_fail_(err, SAL_E_ARG, "reserved_ must be 0");
    if (!(o->margin >= 0 && o->margin < 1))
        return sal_fail_(err, SAL_E_ARG, "margin is %s, wanted 0 to 1", SAL_SHORT(o->margin));
    if (!(o->alpha >= 0 && o->alpha <= .5))
        return sal_fail_(err, SAL_E_ARG, "alpha is %s, wanted 0 to 0.5", SAL_SHORT(o->alpha));
    if (o->test != SAL_GATE_T && o->test != SAL_GATE_BETTING)
        return sal_fail_(err, SAL_E_ARG, "test is %d, wanted one of sal_gate_test", (int)o->test);
    if (o->margin == 0) o->margin = MARGIN;
    if (o->alpha == 0) o->alpha = ALPHA;
    if ((o->today || (waivers && waivers->n)) && !sal_day_parse_(o->today, today))
        return sal_fail_(err, SAL_E_ARG, "today is %s%.20s, wanted a day such as 2026-12-31",
                         o->today ? "" : "not given", o->today ? o->today : "");
    return SAL_OK;
}

/* ---- rows ------------------------------------------------------------------------------------- */

static const sal_verdict *verdict_of(const sal_records *now, const char *id)
{
    for (size_t i = 0; now && i < now->n; i++)
        if (!strcmp(now->verdicts[i]->id, id)) return now->verdicts[i];
    return NULL;
}

/* The row of an entry of the baseline that has no new one; none where a failure ended the check. */
static bool start_missing(const sal_records *now, const sal_entry *before, sal_gate_row *row)
{
    const sal_verdict *v = verdict_of(now, before->id);
    if (v && v->outcome == SAL_FAIL) return false;
    *row = (sal_gate_row){.before = before, .p = 1, .p_adjusted = 1};
    snprintf(row->note, sizeof row->note,
             "missing: the baseline has this %s ('baseline update --prune' forgets it)",
             v ? "step" : "check");
    return true;
}

/* Both sides are sorted. */
static void pair_up(const sal_records *records, const sal_baseline *before, sal_gate_result *r)
{
    size_t i = 0, k = 0, n_before = before ? before->n : 0;
    while (i < r->now->n || k < n_before) {
        const sal_entry *a = i < r->now->n ? &r->now->entries[i] : NULL;
        const sal_entry *b = k < n_before ? &before->entries[k] : NULL;
        int order = !a ? 1 : !b ? -1 : sal_entry_order_(a, b);
        i += order <= 0;
        k += order >= 0;
        if (a && order <= 0)
            r->rows[r->n++] =
                (sal_gate_row){.now = a, .before = order ? NULL : b, .p = 1, .p_adjusted = 1};
        else if (b)
            r->n += start_missing(records, b, &r->rows[r->n]);
    }
}

/* A check that ended early without a failure: said at its last step. */
static void mark_unfinished(const sal_records *records, sal_gate_result *r)
{
    for (size_t i = 0; i < r->n; i++) {
        sal_gate_row *row = &r->rows[i];
        bool last = i + 1 == r->n || !r->rows[i + 1].now ||
                    strcmp(r->rows[i + 1].now->id, row->now ? row->now->id : "") != 0;
        const sal_verdict *v = row->now && last ? verdict_of(records, row->now->id) : NULL;
        if (!v || v->outcome == SAL_FAIL || v->n_steps == v->total_steps) continue;
        row->outcome = SAL_INCONCLUSIVE;
        snprintf(row->note, sizeof row->note, "ended after %zu of %zu steps", v->n_steps,
                 v->total_steps);
    }
}

/* ---- judging ---------------------------------------------------------------------------------- */

static int by_p(const void *a, const void *b)
{
    const sal_gate_row *x = *(sal_gate_row *const *)a, *y = *(sal_gate_row *const *)b;
    return (x->p > y->p) - (x->p < y->p);
}

/* Holm 1979: the smallest p counts k times, the next k - 1 times, ..., and none less than one before
 * it. */
static sal_status adjust(const sal_gate_options *o, sal_gate_result *r, sal_error *err)
{
    double so_far = 0;
    size_t k = 0;
    sal_gate_row **order = sal_alloc_array_(r->env, r->n_compared + 1, sizeof(sal_gate_row *));
    if (!order) return sal_no_memory_(err, "a gate");
    for (size_t i = 0; i < r->n; i++)
        if (r->rows[i].how != SAL_COMPARED_NOT) order[k++] = &r->rows[i];
    if (k) qsort(order, k, sizeof(sal_gate_row *), by_p);
    for (size_t i = 0; i < k; i++) {
        so_far = fmax(so_far, fmin(1, (double)(k - i) * order[i]->p));
        order[i]->p_adjusted = so_far;
        order[i]->worse = so_far <= o->alpha;
    }
    sal_free_(r->env, order);
    return SAL_OK;
}

static sal_status smallest_of(const sal_env *env, const sal_gate_options *o, const sal_drop *t,
                              size_t k, sal_gate_row *row, sal_error *err)
{
    double alpha = o->alpha / (double)k;
    if (o->test == SAL_GATE_T) {
        row->smallest = sal_smallest_drop_(t, o->margin, alpha);
        return SAL_OK;
    }
    sal_differences d;
    sal_status st = sal_differences_make_(env, row, o->margin, &d, err);
    if (st != SAL_OK) return st;
    row->smallest = sal_bets_smallest_drop_(&d, o->margin, alpha);
    sal_differences_drop_(&d);
    return SAL_OK;
}

static sal_status compare_all(const sal_gate_options *o, sal_drop *drops, sal_gate_result *r,
                              sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < r->n; i++) {
        sal_gate_row *row = &r->rows[i];
        if (!row->now || !row->before) continue;
        st = sal_compare_(r->env, o, row, &drops[i], err);
        r->n_compared += row->how != SAL_COMPARED_NOT;
    }
    if (st == SAL_OK) st = adjust(o, r, err);
    for (size_t i = 0; st == SAL_OK && i < r->n; i++)
        if (r->rows[i].how != SAL_COMPARED_NOT)
            st = smallest_of(r->env, o, &drops[i], r->n_compared, &r->rows[i], err);
    return st;
}

static sal_outcome outcome_of(const sal_gate_row *row)
{
    if (row->worse || (row->now && row->now->outcome == SAL_FAIL)) return SAL_FAIL;
    if (!row->now || row->now->outcome != SAL_PASS || row->outcome == SAL_INCONCLUSIVE)
        return SAL_INCONCLUSIVE;
    return row->before && row->how == SAL_COMPARED_NOT ? SAL_INCONCLUSIVE : SAL_PASS;
}

static void settle(const sal_records *records, const sal_waivers *waivers, int64_t today,
                   sal_gate_result *r)
{
    for (size_t i = 0; i < r->n; i++) {
        sal_gate_row *row = &r->rows[i];
        row->outcome = outcome_of(row);
        if (row->before) continue;
        r->n_new++;
        if (!row->note[0]) snprintf(row->note, sizeof row->note, "new: not in the baseline");
    }
    if (waivers) sal_waivers_apply_(waivers, today, r);
    for (size_t i = 0; i < r->n; i++) {
        r->n_failed += r->rows[i].outcome == SAL_FAIL;
        r->n_worse += r->rows[i].worse && r->rows[i].outcome == SAL_FAIL;
        r->n_undecided += r->rows[i].outcome == SAL_INCONCLUSIVE;
        r->n_waived += r->rows[i].waiver != NULL;
    }
    bool partial = r->n_undecided || !records || !records->n || records->loss[0];
    r->outcome = r->n_failed || r->n_problems ? SAL_FAIL : partial ? SAL_INCONCLUSIVE : SAL_PASS;
}

static sal_status run(const sal_records *records, const sal_baseline *before,
                      const sal_waivers *waivers, const sal_gate_options *o, int64_t today,
                      sal_gate_result *r, sal_error *err)
{
    sal_status st = sal_baseline_of(r->env, records, &r->now, err);
    if (st != SAL_OK) return st;
    size_t most = r->now->n + (before ? before->n : 0);
    sal_drop *drops = sal_alloc_zero_(r->env, most + 1, sizeof *drops);
    r->rows = sal_alloc_zero_(r->env, most + 1, sizeof *r->rows);
    r->problems = sal_alloc_zero_(r->env, waivers ? waivers->n + 1 : 1, sizeof *r->problems);
    if (!drops || !r->rows || !r->problems) st = sal_no_memory_(err, "a gate");
    if (st == SAL_OK) {
        pair_up(records, before, r);
        mark_unfinished(records, r);
        st = compare_all(o, drops, r, err);
    }
    if (st == SAL_OK) settle(records, waivers, today, r);
    sal_free_(r->env, drops);
    return st;
}

sal_status sal_gate_run(const sal_records *now, const sal_baseline *before,
                        const sal_waivers *waivers, const sal_gate_options *options,
                        sal_gate_result **out, sal_error *err)
{
    sal_gate_options o;
    int64_t today;
    if (!now || !out) return sal_fail_(err, SAL_E_ARG, "now or out is NULL");
    sal_status st = check_options(options, waivers, &o, &today, err);
    if (st != SAL_OK) return st;
    sal_gate_result *r = sal_alloc_zero_(now->env, 1, sizeof *r);
    if (!r) return sal_no_memory_(err, "a gate");
    r->env = now->env;
    r->margin = o.margin;
    r->alpha = o.alpha;
    r->test = o.test;
    st = run(now, before, waivers, &o, today, r, err);
    if (st == SAL_OK)
        *out = r;
    else
        sal_gate_free(r);
    return st;
}

void sal_gate_free(sal_gate_result *r)
{
    if (!r) return;
    sal_baseline_free(r->now);
    sal_free_(r->env, r->rows);
    sal_free_(r->env, r->problems);
    sal_free_(r->env, r);
}
