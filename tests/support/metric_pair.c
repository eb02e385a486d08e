/* tests/support/metric_pair.c - see metric_pair.h. */
#include "metric_pair.h"

#include <stdio.h>
#include <stdlib.h>

static sal_metric open_metric(const char *spec, sal_map_shape shape)
{
    sal_metric m = {0};
    sal_error err = {SAL_OK, ""};
    if (sal_metric_open_(spec, shape, false, &m, &err) != SAL_OK)
        fail_msg("%s: %s", spec, err.text);
    return m;
}

static double *doubles(size_t n)
{
    return calloc(n ? n : 1, sizeof(double));
}

sal_similarity pair_similarity(const char *spec, sal_map_shape shape, const float *a,
                               const float *b)
{
    const sal_metric m = open_metric(spec, shape);
    double *pa = doubles(m.prepared), *pb = doubles(m.prepared), *scratch = doubles(m.scratch);
    const char *why = sal_metric_prepare_(&m, a, pa, scratch);
    if (!why) why = sal_metric_prepare_(&m, b, pb, scratch);
    sal_similarity s = {.undefined = why};
    if (!why) s = sal_metric_compare_(&m, pa, pb, scratch, false);
    free(pa);
    free(pb);
    free(scratch);
    return s;
}

double *prepare_plane(const char *spec, size_t height, size_t width, const double *plane, size_t *n)
{
    const sal_metric m = open_metric(spec, (sal_map_shape){1, height, width});
    double *out = doubles(m.prepared), *scratch = doubles(m.scratch);
    const char *why = m.def->prepare(&m, plane, out, scratch);
    if (why) fail_msg("%s: %s", spec, why);
    free(scratch);
    *n = m.prepared;
    return out;
}

sal_similarity plane_similarity(const char *spec, size_t height, size_t width, const double *a,
                                const double *b)
{
    const sal_metric m = open_metric(spec, (sal_map_shape){1, height, width});
    size_t n;
    double *pa = prepare_plane(spec, height, width, a, &n);
    double *pb = prepare_plane(spec, height, width, b, &n), *scratch = doubles(m.scratch);
    sal_similarity s = sal_metric_compare_(&m, pa, pb, scratch, false);
    free(pa);
    free(pb);
    free(scratch);
    return s;
}

const char *case_name(const char *one, const char *other)
{
    static char text[256];
    snprintf(text, sizeof text, "%s, %s", one, other);
    return text;
}
