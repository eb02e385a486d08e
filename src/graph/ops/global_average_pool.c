/* graph/ops/global_average_pool.c - mean of each plane: [N, C, ...] to [N, C, 1, ...]. */
#include "graph/op.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)a;
    (void)n_in;
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank < 3)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, C, L] or more dimensions",
                         sal_shape_text_(&in[0], text, sizeof text));
    *out = in[0];
    for (size_t i = 2; i < out->rank; i++) out->dims[i] = 1;
    return SAL_OK;
}

static void forward(const sal_op_call *c, float *y)
{
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; i < c->n_out; i++) {
        double sum = 0;
        for (size_t p = 0; p < plane; p++) sum += (double)c->in[0][i * plane + p];
        y[i] = (float)(sum / (double)plane);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; gx[0] && i < c->n_out; i++) {
        float share = gy[i] / (float)plane;
        for (size_t p = 0; p < plane; p++) gx[0][i * plane + p] += share;
    }
}

static const sal_op_sample samples[] = {{.name = "planes", .n_in = 1, .in = {{4, {2, 3, 4, 3}}}}};

const sal_op_def sal_op_global_average_pool = {
    .name = "GlobalAveragePool",
    .summary = "mean of each plane",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
