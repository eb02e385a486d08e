/* method/path.c - see path.h. The rules, n = steps, k = 0..n-1:
 *   midpoint          (k + 1/2) / n, weights 1/n
 *   paper             k / (n - 1), weights 1/n: what the code of Adebayo et al. 2018 ran
 *   trapezoid         k / (n - 1), weights 1/(n - 1), half at both ends
 *   captum-trapezoid  the same with weights 1/n, so that they add up to 1 - 1/n
 *   gauss             Gauss-Legendre */
#include "method/path.h"

#include <math.h>

enum { MIDPOINT, PAPER, TRAPEZOID, CAPTUM_TRAPEZOID, GAUSS, MOST_STEPS = 10000 };
static const char *const rules[] = {"midpoint",         "paper", "trapezoid",
                                    "captum-trapezoid", "gauss", NULL};

sal_status sal_path_setup_(sal_method *m, sal_spec *spec, sal_error *err)
{
    m->steps = 50;
    m->rule = MIDPOINT;
    sal_status st = sal_spec_count_(spec, "steps", 1, MOST_STEPS, &m->steps, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "rule", rules, &m->rule, err);
    if (st == SAL_OK) st = sal_spec_number_(spec, "baseline", -1e30, 1e30, &m->baseline, err);
    bool both_ends = m->rule != MIDPOINT && m->rule != GAUSS;
    if (st == SAL_OK && both_ends && m->steps < 2)
        return sal_fail_(err, SAL_E_ARG, "'%s': rule=%s takes both ends, so steps=1 is too few",
                         spec->name, rules[m->rule]);
    return st;
}

/* Legendre polynomial n and its derivative at t, |t| < 1 (recurrence of Bonnet). */
static void legendre(size_t n, double t, double *value, double *slope)
{
    double before = 1, now = t;
    for (size_t k = 2; k <= n; k++) {
        double d = (double)k, next = ((2 * d - 1) * t * now - (d - 1) * before) / d;
        before = now;
        now = next;
    }
    *value = now;
    *slope = (double)n * (before - t * now) / (1 - t * t);
}

/* Roots by Newton from Tricomi's estimate; symmetric about the middle. */
static void set_gauss(sal_path *p)
{
    const double pi = 3.14159265358979323846;
    size_t n = p->steps;
    for (size_t k = 0; k < (n + 1) / 2; k++) {
        double t = cos(pi * ((double)k + 0.75) / ((double)n + 0.5)), value, slope;
        for (int round = 0; round < 8; round++) {
            legendre(n, t, &value, &slope);
            t -= value / slope;
            if (fabs(value / slope) < 1e-16) break;
        }
        legendre(n, t, &value, &slope);
        p->share[k] = (1 - t) / 2;
        p->share[n - 1 - k] = (1 + t) / 2;
        p->weight[k] = p->weight[n - 1 - k] = 1 / ((1 - t * t) * slope * slope);
    }
}

static void set_even(sal_path *p, size_t rule)
{
    size_t n = p->steps;
    for (size_t k = 0; k < n; k++) {
        double end = k == 0 || k == n - 1 ? 0.5 : 1;
        p->share[k] =
            rule == MIDPOINT ? ((double)k + 0.5) / (double)n : (double)k / (double)(n - 1);
        p->weight[k] = 1 / (double)n;
        if (rule == TRAPEZOID) p->weight[k] = end / (double)(n - 1);
        if (rule == CAPTUM_TRAPEZOID) p->weight[k] = end / (double)n;
    }
}

sal_status sal_path_make_(const sal_method *m, sal_path *out, sal_error *err)
{
    double *both = sal_method_scratch_(m, 2 * m->steps, sizeof *both);
    if (!both) return sal_no_memory_(err, "the steps of a path");
    *out = (sal_path){m->steps, both, both + m->steps};
    if (m->rule == GAUSS)
        set_gauss(out);
    else
        set_even(out, m->rule);
    return SAL_OK;
}

void sal_path_free_(const sal_method *m, sal_path *p)
{
    sal_method_release_(m, p->share);
}

void sal_path_point_(const sal_method *m, double share, const float *x, float *out)
{
    for (size_t i = 0; i < m->model->input_count; i++)
        out[i] = (float)(m->baseline + share * ((double)x[i] - m->baseline));
}
