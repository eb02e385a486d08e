/* metric/vector.h - sums over maps, and the form in which a correlation is one product. */
#ifndef SAL_METRIC_VECTOR_H
#define SAL_METRIC_VECTOR_H

#include "metric/metric.h"

/* Sums run in 8 lanes that are added in fixed order: the same bits everywhere. */
double sal_sum_(size_t n, const double *x);
double sal_dot_(size_t n, const double *x, const double *y);

/* Least and largest of n >= 1 finite values. */
void sal_extremes_(size_t n, const double *x, double *least, double *largest);

/* Subtracts the mean and divides by the norm; in place allowed. NULL, or SAL_MAP_CONSTANT: decided
 * on the values, as the variance of equal ones may round above 0. */
const char *sal_centre_(size_t n, const double *x, double *out);

/* The `compare` of metrics whose prepared maps have norm 1: their product, cut at -1 and 1. */
const char *sal_compare_units_(const sal_metric *m, const double *a, const double *b,
                               double *scratch, double *value);

#endif
