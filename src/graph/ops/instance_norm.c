/* graph/ops/instance_norm.c - normalisation by an image's own statistics: y = scale (x - mean) /
 * sqrt(variance + epsilon) + shift. InstanceNormalization: per channel; LayerNormalization: over
 * attrs.axis (0, -1: the last) and all axes after it, shift may be left out; GroupNormalization:
 * over attrs.groups of channels, scale and shift per channel or per group. Statistics in double. */
#include "graph/op.h"

#include <math.h>

/* Element i of row r has scale (r mod rows) * step + i / span. */
typedef struct {
    size_t rows, length, step, span; /* rows per image */
} geometry;

typedef geometry (*geometry_fn)(const sal_op_attrs *a, const sal_shape *in);

/* ---- which elements go together -------------------------------------------------------------- */

static geometry instance_geometry(const sal_op_attrs *a, const sal_shape *in)
{
    (void)a;
    size_t plane = sal_shape_count_from_(&in[0], 2);
    return (geometry){(size_t)in[0].dims[1], plane, 1, plane};
}

static geometry layer_geometry(const sal_op_attrs *a, const sal_shape *in)
{
    size_t axis = a->axis < 0 ? in[0].rank - 1 : (size_t)a->axis;
    size_t length = sal_shape_count_from_(&in[0], axis);
    return (geometry){sal_shape_count_from_(&in[0], 1) / length, length, 0, 1};
}

static geometry group_geometry(const sal_op_attrs *a, const sal_shape *in)
{
    size_t groups = (size_t)a->groups, plane = sal_shape_count_from_(&in[0], 2);
    size_t each = (size_t)in[0].dims[1] / groups;
    bool per_channel = in[1].dims[0] == in[0].dims[1];
    return (geometry){groups, each * plane, per_channel ? each : 1,
                      per_channel ? plane : each * plane};
}

static sal_status vectors(size_t n_in, const sal_shape *in, int64_t size, sal_error *err)
{
    for (size_t i = 1; i < n_in; i++)
        if (in[i].rank != 1 || in[i].dims[0] != size)
            return sal_fail_(err, SAL_E_SHAPE, "input %zu must be a vector of %lld numbers", i,
                             (long long)size);
    return SAL_OK;
}

static sal_status instance_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                                 sal_shape *out, sal_error *err)
{
    (void)a;
    if (in[0].rank < 3)
        return sal_fail_(err, SAL_E_SHAPE, "data has rank %zu, wanted at least [N, C, L]",
                         in[0].rank);
    *out = in[0];
    return vectors(n_in, in, in[0].dims[1], err);
}

static sal_status layer_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                              sal_shape *out, sal_error *err)
{
    size_t rank = in[0].rank, axis = a->axis == -1 ? rank - 1 : (size_t)a->axis;
    if (a->axis < -1 || axis < 1 || axis >= rank)
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                         (long long)a->axis, rank);
    for (size_t i = 1; i < n_in; i++) {
        bool same = in[i].rank == rank - axis;
        for (size_t k = 0; same && k < in[i].rank; k++)
            same = in[i].dims[k] == in[0].dims[axis + k];
        char text[SAL_SHAPE_TEXT];
        if (!same)
            return sal_fail_(err, SAL_E_SHAPE,
                             "input %zu is %s, wanted the data's axes from %zu on", i,
                             sal_shape_text_(&in[i], text, sizeof text), axis);
    }
    *out = in[0];
    return SAL_OK;
}

static sal_status group_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                              sal_shape *out, sal_error *err)
{
    if (in[0].rank < 2) return sal_fail_(err, SAL_E_SHAPE, "data has no channels");
    if (a->groups < 1 || in[0].dims[1] % a->groups)
        return sal_fail_(err, SAL_E_SHAPE, "%lld groups do not divide %lld channels",
                         (long long)a->groups, (long long)in[0].dims[1]);
    *out = in[0];
    bool per_group = in[1].rank == 1 && in[1].dims[0] == a->groups;
    return vectors(n_in, in, per_group ? a->groups : in[0].dims[1], err);
}

/* ---- the sums -------------------------------------------------------------------------------- */

static double moments(size_t n, const float *x, double epsilon, double *inverse)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++) mean += (double)x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) variance += ((double)x[i] - mean) * ((double)x[i] - mean);
    *inverse = 1 / sqrt(variance / (double)n + epsilon);
    return mean;
}

static void normalise(const sal_op_call *c, geometry_fn of, float *y)
{
    geometry g = of(c->attrs, c->in_shape);
    for (size_t r = 0; r < c->n * g.rows; r++) {
        const float *x = c->in[0] + r * g.length;
        double inverse, mean = moments(g.length, x, c->attrs->epsilon, &inverse);
        for (size_t i = 0; i < g.length; i++) {
            size_t k = r % g.rows * g.step + i / g.span;
            double shift = c->n_in > 2 ? (double)c->in[2][k] : 0;
            *y++ = (float)(((double)x[i] - mean) * inverse * (double)c->in[1][k] + shift);
        }
    }
}

static void return_row(const sal_op_call *c, const geometry *g, size_t r, const float *gy,
                       float *const *gx)
{
    const float *x = c->in[0] + r * g->length;
    double inverse, mean = moments(g->length, x, c->attrs->epsilon, &inverse);
    double sum = 0, moment = 0; /* of gy scale, and of that times the normalised value */
    for (size_t i = 0; i < g->length; i++) {
        size_t k = r % g->rows * g->step + i / g->span;
        double z = ((double)x[i] - mean) * inverse, up = (double)gy[i];
        if (gx[1]) gx[1][k] += (float)(up * z);
        if (c->n_in > 2 && gx[2]) gx[2][k] += gy[i];
        sum += up * (double)c->in[1][k];
        moment += up * (double)c->in[1][k] * z;
    }
    double n = (double)g->length;
    for (size_t i = 0; gx[0] && i < g->length; i++) {
        size_t k = r % g->rows * g->step + i / g->span;
        double z = ((double)x[i] - mean) * inverse, up = (double)gy[i] * (double)c->in[1][k];
        gx[0][r * g->length + i] += (float)(inverse * (up - sum / n - z * moment / n));
    }
}

static void give_back(const sal_op_call *c, geometry_fn of, const float *gy, float *const *gx)
{
    geometry g = of(c->attrs, c->in_shape);
    for (size_t r = 0; r < c->n * g.rows; r++) return_row(c, &g, r, gy + r * g.length, gx);
}

/* ---- the rows -------------------------------------------------------------------------------- */

#define NORMALISATION(ID, NAME, SUMMARY, LEAST, AXIS)                                              \
    static void ID##_forward(const sal_op_call *c, float *y)                                       \
    {                                                                                              \
        normalise(c, ID##_geometry, y);                                                            \
    }                                                                                              \
    static void ID##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        give_back(c, ID##_geometry, gy, gx);                                                       \
    }                                                                                              \
    const sal_op_def sal_op_##ID##_norm = {                                                        \
        .name = NAME,                                                                              \
        .summary = SUMMARY,                                                                        \
        .least = LEAST,                                                                            \
        .most = 3,                                                                                 \
        .params = 6,                                                                               \
        .axis = AXIS,                                                                              \
        .backward_reads_in = true,                                                                 \
        .shape = ID##_shape,                                                                       \
        .forward = ID##_forward,                                                                   \
        .backward = ID##_backward,                                                                 \
        SAL_SAMPLES(ID##_samples),                                                                 \
    }

static const sal_op_sample instance_samples[] = {
    {.name = "planes", .n_in = 3, .in = {{4, {2, 2, 3, 3}}, {1, {2}}, {1, {2}}}},
};

static const sal_op_sample layer_samples[] = {
    {.name = "rows",
     .attrs = {.epsilon = 1e-3},
     .n_in = 3,
     .in = {{3, {2, 3, 5}}, {1, {5}}, {1, {5}}}},
    {.name = "two axes, no shift",
     .attrs = {.axis = 2},
     .n_in = 2,
     .in = {{4, {2, 2, 2, 4}}, {2, {2, 4}}}},
};

static const sal_op_sample group_samples[] = {
    {.name = "scale per channel",
     .attrs = {.groups = 2},
     .n_in = 3,
     .in = {{4, {2, 4, 2, 2}}, {1, {4}}, {1, {4}}}},
    {.name = "scale per group",
     .attrs = {.groups = 2},
     .n_in = 3,
     .in = {{3, {2, 4, 3}}, {1, {2}}, {1, {2}}}},
};

NORMALISATION(instance, "InstanceNormalization", "each plane to mean 0, variance 1, then scaled", 3,
              1);
NORMALISATION(layer, "LayerNormalization", "axes from one on to mean 0, variance 1, then scaled", 2,
              -1);
NORMALISATION(group, "GroupNormalization", "groups of planes to mean 0, variance 1, then scaled", 3,
              1);
