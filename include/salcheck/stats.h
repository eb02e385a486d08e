/**
 * stats.h - the decision rule by itself, and planning: how many draws are needed to see a D.
 *
 * The rule is a betting confidence sequence (Waudby-Smith & Ramdas 2023): valid for any bounded
 * distribution and at any stopping time. ARCHITECTURE.md has the whole rule.
 */
#ifndef SALCHECK_STATS_H
#define SALCHECK_STATS_H

#include <salcheck/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is measured in one draw. For a mean (reproducible, faithful) only `a` counts. */
typedef struct sal_draw {
    double r, a, u; /* similarity when repeated, after the change, when unrelated */
    bool defined;
} sal_draw;

/** The terms of a decision. Nothing here has a default. */
typedef struct sal_rule {
    double limit;           /* in (0, 2) on D; in (lowest, highest) on a mean */
    double alpha;           /* in (0, 1): a wrong pass and a wrong fail get half of it each */
    double lowest, highest; /* range of r, a and u; highest is 1 when r is fixed */
    bool mean;              /* statistic mean(a); else D = (mean r - mean a)/(mean r - mean u) */
    bool fixed_r;           /* r is 1 by construction; no matter for a mean */
    size_t steps;           /* how many steps share the risk of a fail; >= 1 */
} sal_rule;

/** What came out. */
typedef struct sal_decision {
    sal_outcome outcome; /* PASS, FAIL or INCONCLUSIVE */
    size_t stop;         /* index of the deciding draw + 1, or how many were looked at */
    size_t counted;      /* draws in means, wealth and interval: stop, or more by min_draws */
    size_t defined;      /* defined draws among those counted */
    double statistic;    /* D or the mean; 0 when undefined */
    bool has_statistic;
    double low, high; /* limits not rejected, within [0, 2] (a mean: [lowest, highest]) */
    double mean_r, mean_a, mean_u;
    double log_up, log_down; /* log wealth of the bets on pass and on fail, at the end */
} sal_decision;

/**
 * Decides a sequence of draws in index order; ends at the first crossing, except that at least
 * min_draws (of n) are counted into interval and means. The outcome stays that of the first
 * crossing, and the interval never contradicts it: a pass has low > limit, a fail high < limit.
 *
 * owner   *out is the caller's struct; no memory is taken
 * errors  SAL_E_ARG (alpha, limit, range or steps out of bounds), SAL_E_VALUE (a draw outside of
 *         the range by more than 1e-9: which)
 * cost    0.1 ms for 256 draws, 0.5 ms when r is not fixed
 * source  Waudby-Smith & Ramdas 2023
 */
SAL_API sal_status sal_decide(const sal_rule *rule, const sal_draw *draws, size_t n,
                              size_t min_draws, sal_decision *out, sal_error *err);

/**
 * Median number of draws until the rule decides for a method with this D, by simulation of the
 * rule itself: 1,000 gates with r = 1, u = 0 and `a` from a beta distribution on [0, 1] with mean
 * 1 - D and standard deviation `spread`. A floor (mean u > 0) shrinks Z by (1 - mean u) and costs
 * more draws than said here.
 *
 * unit    d in [0, 1]; spread = standard deviation of Z in one draw, in [0, .5]; more than
 *         sqrt(D (1 - D)), which cannot be, counts as that; limit and alpha in (0, 1)
 * outcome *draws = 0 when more than half of the gates are undecided after 4,096 draws
 * random  fixed seed: equal arguments, equal answer
 * errors  SAL_E_ARG
 * cost    up to 30 ms
 */
SAL_API sal_status sal_required_draws(double d, double spread, double limit, double alpha,
                                      size_t *draws, sal_error *err);

/**
 * The smallest distance such that a method with D that far from the limit, on either side, is
 * decided within `draws` in half of the gates. Same simulation.
 *
 * unit    *distance in D, to .001; draws from 1 to 4,096; spread in [0, .5]
 * outcome *distance = 0 when on one side even the end of D (0 or 1) is not decided
 * random  fixed seed, as above
 * errors  SAL_E_ARG
 * cost    up to 0.4 s (4,096 draws); 30 ms for 256
 */
SAL_API sal_status sal_min_detectable(size_t draws, double spread, double limit, double alpha,
                                      double *distance, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
