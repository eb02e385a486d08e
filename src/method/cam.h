/* method/cam.h - Grad-CAM, shared with its guided form. */
#ifndef SAL_METHOD_CAM_H
#define SAL_METHOD_CAM_H

#include "method/jobs.h"

/* Options layer, resize. */
#define SAL_CAM_OPTIONS "layer=the last rectified plane, resize=half-pixel|paper"
sal_status sal_cam_setup_(sal_method *m, sal_spec *spec, sal_error *err);
sal_status sal_cam_explain_(const sal_method *m, sal_worker *w, size_t n,
                            const sal_explain_job *jobs, float *maps, sal_error *err);

enum { SAL_HALF_PIXEL, SAL_PAPER }; /* how places of the small plane belong to those of the large */
/* Bilinear, from [h, w] to [high_h, high_w]; edges clamped. */
void sal_cam_enlarge_(size_t rule, size_t h, size_t w, const double *low, size_t high_h,
                      size_t high_w, float *high);

#endif
