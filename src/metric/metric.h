/* metric/metric.h - the registry of similarities. A metric splits into `prepare`, once per map, and
 * `compare`, once per pair, so that a map that is compared often is ranked or filtered once. */
#ifndef SAL_METRIC_METRIC_H
#define SAL_METRIC_METRIC_H

#include "base/spec.h"

#include <salcheck/metric.h>

typedef struct sal_map_shape {
    size_t channels, height, width; /* [F] is 1 x 1 x F, [C, L] is C x 1 x L */
} sal_map_shape;

typedef struct sal_metric_def sal_metric_def;

/* A metric with its options and the shape it was made for. */
typedef struct sal_metric {
    const sal_metric_def *def;
    sal_map_shape shape;
    size_t planes; /* that prepare gets: 1, the sum of the channels, or each channel by itself */
    size_t window, scale, covariance, cell, block, by; /* choices; meaning: the metric's file */
    double range;                                      /* of ssim; 0 = joint */
    size_t prepared;                                   /* doubles that one prepared map takes */
    size_t scratch; /* doubles that sal_metric_prepare_ and sal_metric_compare_ work in */
} sal_metric;

struct sal_metric_def {
    sal_metric_info info;
    bool absolute; /* channels are reduced by the sum of absolute values, else of signed ones */
    bool folded;   /* the absolute value of what compare gives */
    /* Reads options, checks m->shape, changes what differs from planes 1, prepared height * width
     * and scratch 0 (beside what the registry needs itself). NULL: nothing does. */
    sal_status (*setup)(sal_metric *m, sal_spec *spec, sal_error *err);
    /* map: [planes, height, width], finite. NULL, or why it is undefined. */
    const char *(*prepare)(const sal_metric *m, const double *map, double *out, double *scratch);
    /* NULL with *value set, or why the pair is undefined. */
    const char *(*compare)(const sal_metric *m, const double *a, const double *b, double *scratch,
                           double *value);
};

extern const sal_metric_def *const sal_metrics_[]; /* ends with NULL */

/* spec: "name:key=value,..."; NULL is an error. for_check refuses what checks cannot bound. */
sal_status sal_metric_open_(const char *spec, sal_map_shape shape, bool for_check, sal_metric *out,
                            sal_error *err);

/* The shape of one input's map from the 1 to 3 dims after N. */
sal_status sal_map_shape_of_(size_t rank, const int64_t *dims, sal_map_shape *out, sal_error *err);

/* Prepares a map of shape m->shape into out[m->prepared]. NULL, or why it is undefined (constant,
 * zero, not finite), static text. */
const char *sal_metric_prepare_(const sal_metric *m, const float *map, double *out,
                                double *scratch);

/* Clipped into the metric's range when clip is set (checks), raw otherwise. */
sal_similarity sal_metric_compare_(const sal_metric *m, const double *a, const double *b,
                                   double *scratch, bool clip);

/* Why a map has no similarity: the texts that metrics share. */
#define SAL_MAP_CONSTANT "a map is constant"
#define SAL_MAP_ZERO "a map is zero everywhere"
#define SAL_MAP_NOT_FINITE "a map holds NaN or infinity"

#endif
