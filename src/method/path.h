/* method/path.h - the straight path from a baseline to the input, cut by a quadrature rule. */
#ifndef SAL_METHOD_PATH_H
#define SAL_METHOD_PATH_H

#include "method/jobs.h"

/* Options steps=50, rule=midpoint, baseline=0. */
#define SAL_PATH_OPTIONS                                                                           \
    "steps=50, rule=midpoint|paper|trapezoid|captum-trapezoid|gauss, baseline=0"
sal_status sal_path_setup_(sal_method *m, sal_spec *spec, sal_error *err);

typedef struct sal_path {
    size_t steps;
    double *share, *weight; /* [steps]: place on the path in [0, 1] and weight in the sum */
} sal_path;

sal_status sal_path_make_(const sal_method *m, sal_path *out, sal_error *err);
void sal_path_free_(const sal_method *m, sal_path *p);
/* baseline + share * (x - baseline) */
void sal_path_point_(const sal_method *m, double share, const float *x, float *out);

#endif
