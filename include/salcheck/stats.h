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

/** The terms of a decision. Zero in alpha, limit and steps is not a default here. */
typedef struct sal_rule {
    double limit, alpha;    /* in (0, 1); limit of a ratio may be up to 2 */
    double lowest, highest; /* range of r, a and u */
    bool mean;              /* statistic mean(a); else D = (mean r - mean a)/(mean r - mean u) */
    bool fixed_r;           /* r is 1 by construction */
    size_t steps;           /* how many steps share the risk of a fail; >= 1 */
} sal_rule;

/** What came out. */
typedef struct sal_decision {
    sal_outcome outcome;    /* PASS, FAIL or INCONCLUSIVE */
    size_t stop;            /* index of the deciding draw + 1, or how many were looked at */
    size_t defined;         /* defined draws among those counted */
    double statistic;       /* D or the mean; 0 when undefined */
    bool has_statistic;
    double low, high;       /* limits not rejected, within [0, 2] (a mean: [lowest, highest]) */
    double mean_r, mean_a, mean_u;
    double log_up, log_down; /* log wealth of the bets on pass and on fail, at the end */
} sal_decision;

/**
 * Decides a sequence of draws in index order; stops at the first crossing, except that at least
 * min_draws are counted into interval and means (the outcome stays that of the first crossing).
 *
 * owner   *out is the caller's struct
 * errors  SAL_E_ARG (alpha, limit or range out of bounds), SAL_E_VALUE (a draw outside of the
 *         range: which), SAL_E_NOMEM
 * source  Waudby-Smith & Ramdas 2023
 */
SAL_API sal_status sal_decide(const sal_env *env, const sal_rule *rule, const sal_draw *draws,
                              size_t n, size_t min_draws, sal_decision *out, sal_error *err);

/**
 * Median number of draws until the rule decides for a method with this D, by simulation of the
 * rule itself (1,000 gates, fixed seed, draws of Z from a beta distribution).
 *
 * unit    spread = standard deviation of Z per draw, 0 to .5; limit and alpha as in a check
 * outcome *draws = 0 when more than half of the gates are undecided after 4,096 draws
 * errors  SAL_E_ARG, SAL_E_NOMEM
 */
SAL_API sal_status sal_required_draws(double d, double spread, double limit, double alpha,
                                      size_t *draws, sal_error *err);

/**
 * The smallest distance of D from the limit that half of the gates decide within `draws`.
 *
 * unit    *distance in D; errors as above; *distance = 0 when none up to the ends of D is seen
 */
SAL_API sal_status sal_min_detectable(size_t draws, double spread, double limit, double alpha,
                                      double *distance, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
