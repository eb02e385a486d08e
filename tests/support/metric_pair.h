/* tests/support/metric_pair.h - similarities through prepare and compare. */
#ifndef SAL_TESTS_METRIC_PAIR_H
#define SAL_TESTS_METRIC_PAIR_H

#include "support.h"

#include "metric/metric.h"

/* Raw (not clipped) similarity of two maps; a status ends the test with its text. */
sal_similarity pair_similarity(const char *spec, sal_map_shape shape, const float *a,
                               const float *b);

/* The same for [height, width] in double, so without the rounding to float. */
sal_similarity plane_similarity(const char *spec, size_t height, size_t width, const double *a,
                                const double *b);

/* The prepared form of one plane; release with free(). *n = its length. */
double *prepare_plane(const char *spec, size_t height, size_t width, const double *plane,
                      size_t *n);

/* "%s, %s" in a buffer that lives until the next call: names for messages. */
const char *case_name(const char *one, const char *other);

#endif
