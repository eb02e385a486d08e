/**
 * metric.h - similarity of two maps, named by strings: "pearson-folded", "ssim:window=gaussian".
 *
 * A value that is not defined (constant, all-zero or non-finite maps) has a status of its own and
 * is never NaN. Channels are summed before comparing, absolute values for the "-abs" metrics.
 */
#ifndef SALCHECK_METRIC_H
#define SALCHECK_METRIC_H

#include <salcheck/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_PEARSON "pearson"
#define SAL_PEARSON_FOLDED "pearson-folded"
#define SAL_PEARSON_ABS "pearson-abs"
#define SAL_SPEARMAN "spearman"
#define SAL_SPEARMAN_FOLDED "spearman-folded"
#define SAL_SPEARMAN_ABS "spearman-abs"
#define SAL_COSINE "cosine"
#define SAL_SSIM "ssim"
#define SAL_HOG "hog"
#define SAL_MSE "mse"

/** What is known of one similarity. */
typedef struct sal_similarity {
    double value; /* 0 when not defined */
    bool defined;
    const char *undefined; /* why, static text; NULL when defined */
} sal_similarity;

/** One row of the registry. Static. */
typedef struct sal_metric_info {
    const char *name, *summary, *source;
    const char *options;    /* "key=default|other|..., ...", as after the ':' of a name; or NULL */
    double lowest, highest; /* range that checks count with */
    bool for_checks;        /* mse is unbounded: compare only */
} sal_metric_info;

/** Row i, or NULL beyond the last. */
SAL_API const sal_metric_info *sal_metric_get(size_t i);

/**
 * Compares maps pair by pair, on env->threads threads when there is enough to do.
 *
 * shape   a and b [N, F], [N, C, L] or [N, C, H, W], equal; out holds N entries
 * outcome out[i] is not defined, with the reason, where a map of pair i is constant, zero or not
 *         finite; values are as the formula gives them, not cut to the range of checks
 * owner   out is the caller's array
 * errors  SAL_E_ARG (unknown metric, with the nearest; unknown or bad option), SAL_E_SHAPE
 *         (shapes differ, or too small for the metric: which size it needs), SAL_E_NOMEM
 * source  each metric's row
 */
SAL_API sal_status sal_metric_compare(const sal_env *env, const char *metric, const sal_tensor *a,
                                      const sal_tensor *b, sal_similarity *out, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
