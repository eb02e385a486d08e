/* gate/bets.c - the same question without a word about distributions: X = Z - Z' + margin (r' - u'),
 * with Z of the new run and Z' of the old one at the check's limit, has a mean below zero where the
 * mean of Z dropped by more than the margin is worth. X is bounded, its draws are independent, and
 * one over the best that a bet against zero ever won is a p value (Ville). */
#include "gate/compare.h"

#include "stats/betting.h"

#include <salcheck/metric.h>

#include <math.h>
#include <string.h>

enum { TERMS = 6, GATES = 200, HALVINGS = 10, SEED = 41 };
static const double POWER = .9;

/* X as a sum of weights times r, a, u, r', a', u', plus a number. */
typedef struct {
    double weight[TERMS], constant;
} sum_of_terms;

static sum_of_terms terms(bool three, double limit, double margin)
{
    if (!three) return (sum_of_terms){{0, 1, 0, 0, -1, 0}, margin};
    return (sum_of_terms){{1 - limit, -1, limit, -(1 - limit - margin), 1, -(limit + margin)}, 0};
}

static double lowest_of(const sal_entry *e)
{
    size_t n = strcspn(e->metric, ":");
    if (e->statistic_name == 'F') return 0; /* a share of sets of pixels */
    for (size_t i = 0; sal_metric_get(i); i++) {
        const sal_metric_info *m = sal_metric_get(i);
        if (strlen(m->name) == n && !strncmp(m->name, e->metric, n)) return m->lowest;
    }
    return -1;
}

static bool is_fixed(const sal_entry *e)
{
    for (size_t i = 0; i < e->n_draws; i++)
        if (e->draws[i].defined && e->draws[i].r != 1) return false;
    return true;
}

static void bounds(const sum_of_terms *s, const double low[TERMS], sal_differences *d)
{
    d->low = d->high = s->constant;
    for (size_t i = 0; i < TERMS; i++) {
        d->low += s->weight[i] * (s->weight[i] < 0 ? 1 : low[i]);
        d->high += s->weight[i] * (s->weight[i] < 0 ? low[i] : 1);
    }
}

/* The next defined draw from i on; n_draws at the end. */
static size_t defined_from(const sal_entry *e, size_t i)
{
    while (i < e->n_draws && !e->draws[i].defined) i++;
    return i;
}

static void fill(const sal_gate_row *row, const sum_of_terms *s, sal_differences *d)
{
    const sal_entry *now = row->now, *before = row->before;
    bool pairs = row->how == SAL_COMPARED_PAIRS, three = now->statistic_name == 'D';
    double unit = 0;
    for (size_t i = 0, k = 0;; i++, k++) {
        i = defined_from(now, i);
        k = pairs ? i : defined_from(before, k);
        if (i >= now->n_draws || k >= before->n_draws) break;
        const sal_draw_record *x = &now->draws[i], *y = &before->draws[k];
        if (pairs && !y->defined) continue;
        const double values[TERMS] = {x->r, x->a, x->u, y->r, y->a, y->u};
        double sum = s->constant;
        for (size_t t = 0; t < TERMS; t++) sum += s->weight[t] * values[t];
        d->values[d->n++] = sum;
        unit += three ? y->r - y->u : 1;
    }
    d->unit = unit / (double)d->n;
}

sal_status sal_differences_make_(const sal_env *env, const sal_gate_row *row, double margin,
                                 sal_differences *out, sal_error *err)
{
    const sal_entry *now = row->now, *before = row->before;
    double low = lowest_of(now), low_before = lowest_of(before);
    double r = is_fixed(now) ? 1 : low, r_before = is_fixed(before) ? 1 : low_before;
    sum_of_terms s = terms(now->statistic_name == 'D', now->limit, margin);
    sal_differences d = {.env = env};
    d.values = sal_alloc_zero_(env, now->n_draws + 1, sizeof *d.values);
    if (!d.values) return sal_no_memory_(err, "differences");
    bounds(&s, (const double[TERMS]){r, low, low, r_before, low_before, low_before}, &d);
    fill(row, &s, &d);
    *out = d;
    return SAL_OK;
}

void sal_differences_drop_(sal_differences *d)
{
    sal_free_(d->env, d->values);
    d->values = NULL;
}

static double bounded(const sal_differences *d, double x)
{
    return fmin(fmax(x, d->low), d->high);
}

double sal_bets_p_(const sal_differences *d)
{
    sal_wealth w;
    double most = 0;
    if (!(d->low < 0 && d->high > 0)) return 1;
    sal_wealth_start_(&w, d->low, d->high);
    for (size_t i = 0; i < d->n; i++) {
        sal_wealth_add_(&w, bounded(d, d->values[i]));
        most = fmax(most, sal_wealth_down_(&w));
    }
    return exp(-most);
}

/* Share of resampled gates that see a mean of `mean`. */
static bool is_seen(const sal_differences *d, double mean, double shift, double alpha)
{
    size_t seen = 0;
    double least = -log(alpha);
    for (size_t g = 0; g < GATES; g++) {
        sal_rng rng = sal_rng_for(SEED, "smallest drop", g);
        sal_wealth w;
        bool crossed = false;
        sal_wealth_start_(&w, d->low, d->high);
        for (size_t i = 0; i < d->n && !crossed; i++) {
            double x = d->values[sal_rng_below_(&rng, d->n)];
            sal_wealth_add_(&w, bounded(d, x - mean - shift));
            crossed = sal_wealth_down_(&w) >= least;
        }
        seen += crossed;
    }
    return (double)seen >= POWER * GATES;
}

double sal_bets_smallest_drop_(const sal_differences *d, double margin, double alpha)
{
    double mean = 0, low = 0, high = 1 - margin; /* beyond the margin */
    if (!d->n || !(d->low < 0 && d->high > 0)) return 0;
    for (size_t i = 0; i < d->n; i++) mean += d->values[i] / (double)d->n;
    if (!is_seen(d, mean, high * d->unit, alpha)) return 0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (is_seen(d, mean, middle * d->unit, alpha))
            high = middle;
        else
            low = middle;
    }
    return margin + high;
}
