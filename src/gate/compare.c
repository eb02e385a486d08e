/* gate/compare.c - did the statistic drop by more than the margin?
 *
 * D = (mean r - mean a)/(mean r - mean u) is a ratio. Draw j's share of it is y_j = D + Z_j(D)/(mean r -
 * mean u), with Z(D) = (1-D) r - a + D u, whose mean is zero: the mean of y is D, and its standard
 * error is that of D to first order. So y of the old run minus y of the new one is tested against
 * the margin, by pairs (Student) or by sides (Welch 1947). Z at one limit for both would call it
 * worse when only mean r - mean u moved. */
#include "gate/compare.h"

#include "stats/student.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double NOTHING = .1; /* least mean r - mean u, as in checks */
static const double POWER = .9;
static const double EXACT = 1e-9; /* sums of ten-thousandths differ by less when they are equal */
enum { LEAST = 32 };              /* draws; the t test leans on means being nearly normal */

typedef struct {
    size_t n;
    double r, a, u; /* means */
    double value, unit;
    bool three;
} side;

/* The draws that count: those of `with` (may be NULL) as well. */
static bool counts(const sal_entry *e, const sal_entry *with, size_t i)
{
    if (!e->draws[i].defined) return false;
    return !with || (i < with->n_draws && with->draws[i].defined);
}

static side side_of(const sal_entry *e, const sal_entry *with)
{
    side s = {.three = e->statistic_name == 'D', .unit = 1};
    for (size_t i = 0; i < e->n_draws; i++) {
        if (!counts(e, with, i)) continue;
        s.n++;
        s.r += e->draws[i].r;
        s.a += e->draws[i].a;
        s.u += e->draws[i].u;
    }
    if (!s.n) return s;
    s.r /= (double)s.n;
    s.a /= (double)s.n;
    s.u /= (double)s.n;
    if (s.three) s.unit = s.r - s.u;
    s.value = !s.three ? s.a : s.unit > 0 ? (s.r - s.a) / s.unit : 0;
    return s;
}

static double share(const side *s, const sal_draw_record *d)
{
    if (!s->three) return d->a;
    return s->value + ((1 - s->value) * d->r - d->a + s->value * d->u) / s->unit;
}

static sal_drop paired(const sal_gate_row *row, const side *now, const side *before)
{
    double squares = 0, drop = before->value - now->value, n = (double)now->n;
    for (size_t i = 0; i < row->now->n_draws; i++) {
        if (!counts(row->now, row->before, i)) continue;
        double one = share(before, &row->before->draws[i]) - share(now, &row->now->draws[i]) - drop;
        squares += one * one;
    }
    return (sal_drop){drop, sqrt(squares / (n - 1) / n), n - 1};
}

/* Variance of the mean of one side. */
static double variance(const sal_entry *e, const side *s)
{
    double squares = 0, n = (double)s->n;
    for (size_t i = 0; i < e->n_draws; i++) {
        if (!e->draws[i].defined) continue;
        double one = share(s, &e->draws[i]) - s->value;
        squares += one * one;
    }
    return squares / (n - 1) / n;
}

static sal_drop two_sample(const sal_gate_row *row, const side *now, const side *before)
{
    double v = variance(row->now, now), w = variance(row->before, before), sum = v + w;
    double n = (double)now->n, m = (double)before->n;
    sal_drop t = {before->value - now->value, sqrt(sum), n + m - 2};
    if (sum > 0) t.freedom = sum * sum / (v * v / (n - 1) + w * w / (m - 1));
    return t;
}

static double p_of(const sal_drop *t, double margin)
{
    double beyond = t->drop - margin;
    if (t->error > EXACT) return sal_student_below_(-beyond / t->error, t->freedom);
    return beyond > EXACT ? 0 : 1; /* every draw moved alike */
}

double sal_smallest_drop_(const sal_drop *t, double margin, double alpha)
{
    return margin + t->error * (sal_student_exceeded_(alpha, t->freedom) +
                                sal_student_exceeded_(1 - POWER, t->freedom));
}

/* ---- what can be compared --------------------------------------------------------------------- */

static void add(sal_text *t, bool changed, const char *name)
{
    if (changed) sal_text_add_(t, "%s%s", t->length ? ", " : "", name);
}

/* Names of what differs, "" for draws that are pairs. */
static void list_changes(const sal_entry *a, const sal_entry *b, sal_text *t)
{
    bool options = strcmp(a->options, b->options) || strcmp(a->method, b->method) ||
                   strcmp(a->randomisation, b->randomisation);
    bool other = false;
    for (size_t i = 0; i < a->n_draws && i < b->n_draws; i++)
        other |= a->draws[i].input != b->draws[i].input;
    add(t, a->model_hash != b->model_hash, "model");
    add(t, a->inputs_hash != b->inputs_hash, "inputs");
    add(t, options, "options");
    add(t, strcmp(a->metric, b->metric) != 0, "metric");
    add(t, a->seed != b->seed, "seed");
    add(t, !t->length && other, "draws");
}

static void refuse(sal_gate_row *row, const char *format, size_t n)
{
    size_t used = strlen(row->note);
    row->how = SAL_COMPARED_NOT;
    snprintf(row->note + used, sizeof row->note - used, "%s", used ? "; " : "");
    used = strlen(row->note);
    sal_text t = sal_text_into_(row->note + used, sizeof row->note - used);
    sal_text_add_(&t, "not compared: ");
    sal_text_add_(&t, "%s", format);
    if (n != SIZE_MAX) sal_text_add_(&t, " (%zu)", n);
}

/* False, with a note, when there is no fair comparison. */
static bool prepare(sal_gate_row *row, side *now, side *before)
{
    char changes[96];
    sal_text t = sal_text_into_(changes, sizeof changes);
    if (row->now->statistic_name != row->before->statistic_name) {
        refuse(row, "another statistic", SIZE_MAX);
        return false;
    }
    if (!row->now->n_draws || !row->before->n_draws) {
        refuse(row,
               row->now->n_draws
                   ? "no fixed sample in the baseline: its run stopped when it was decided"
                   : "no fixed sample: the run stopped when it was decided; set min_draws",
               SIZE_MAX);
        return false;
    }
    list_changes(row->now, row->before, &t);
    bool pairs = !changes[0];
    *now = side_of(row->now, pairs ? row->before : NULL);
    *before = side_of(row->before, pairs ? row->now : NULL);
    row->n = now->n;
    row->n_before = before->n;
    if (now->n < LEAST || before->n < LEAST) {
        refuse(row, "fewer than 32 draws are defined", now->n < before->n ? now->n : before->n);
        return false;
    }
    if (now->unit < NOTHING || before->unit < NOTHING) {
        refuse(row, "unrelated maps are as alike as repeated ones", SIZE_MAX);
        return false;
    }
    row->how = pairs ? SAL_COMPARED_PAIRS : SAL_COMPARED_TWO_SAMPLE;
    if (pairs) return true;
    size_t used = strlen(row->note);
    snprintf(row->note + used, sizeof row->note - used, "%s%s changed: two samples",
             used ? "; " : "", changes);
    return true;
}

sal_status sal_compare_(const sal_env *env, const sal_gate_options *options, sal_gate_row *row,
                        sal_drop *t, sal_error *err)
{
    side now, before;
    *t = (sal_drop){0, 0, 0};
    row->p = row->p_adjusted = 1;
    if (!prepare(row, &now, &before)) return SAL_OK;
    row->value = now.value;
    row->value_before = before.value;
    row->drop = before.value - now.value;
    if (options->test == SAL_GATE_BETTING) {
        sal_differences d;
        sal_status st = sal_differences_make_(env, row, options->margin, &d, err);
        if (st != SAL_OK) return st;
        row->p = sal_bets_p_(&d);
        sal_differences_drop_(&d);
        return SAL_OK;
    }
    *t = row->how == SAL_COMPARED_PAIRS ? paired(row, &now, &before)
                                        : two_sample(row, &now, &before);
    row->p = p_of(t, options->margin);
    return SAL_OK;
}
