/* method/noise.h - the SmoothGrad family: gradients at x + scale * z_k, z_k standard normals and
 * scale = spread * (max x - min x) over all channels of the input. */
#ifndef SAL_METHOD_NOISE_H
#define SAL_METHOD_NOISE_H

#include "method/jobs.h"

typedef enum sal_noise_statistic {
    SAL_MEAN,
    SAL_MEAN_OF_SQUARES,
    SAL_VARIANCE
} sal_noise_statistic;

/* Options samples=25, spread=0.15. */
#define SAL_NOISE_OPTIONS "samples=25, spread=0.15"
sal_status sal_noise_setup_(sal_method *m, sal_spec *spec, sal_error *err);

double sal_noise_scale_(const sal_method *m, const float *x);
/* Sample number k of the input's own noise, or the k-th of the job's given normals. */
void sal_noisy_input_(const sal_method *m, const sal_explain_job *job, size_t sample, double scale,
                      float *out);

/* Statistic of the gradients over the samples, per element. */
sal_status sal_noise_explain_(const sal_method *m, sal_worker *w, size_t n,
                              const sal_explain_job *jobs, sal_noise_statistic statistic,
                              float *maps, sal_error *err);

#endif
