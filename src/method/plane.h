/* method/plane.h - inputs as pictures: [C, H, W]; a line, [C, L] or [F], is a picture of one row.
 * What is drawn without channels is repeated in every channel, so that a map keeps the input's
 * shape. */
#ifndef SAL_METHOD_PLANE_H
#define SAL_METHOD_PLANE_H

#include "method/method.h"

typedef struct sal_plane {
    size_t channels, height, width;
} sal_plane;

/* SAL_E_UNSUPPORTED: neither picture nor line. */
sal_status sal_plane_of_(const sal_method *m, sal_plane *out, sal_error *err);
/* gray [height, width] = mean over the channels */
void sal_plane_mean_(const sal_plane *p, const float *x, double *gray);
/* The first channel of map copied into the others. */
void sal_plane_repeat_(const sal_plane *p, float *map);

#endif
