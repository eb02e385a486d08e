/* graph/ops/global_max_pool.c - largest value of each plane: [N, C, ...] to [N, C, 1, ...]. The
 * gradient goes to the first of equals. */
#include "graph/op.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)a;
    (void)n_in;
    if (in[0].rank < 3)
        return sal_fail_(err, SAL_E_SHAPE, "data has rank %zu, wanted at least [N, C, L]",
                         in[0].rank);
    *out = in[0];
    for (size_t i = 2; i < out->rank; i++) out->dims[i] = 1;
    return SAL_OK;
}

static size_t first_largest(size_t n, const float *x)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

static void forward(const sal_op_call *c, float *y)
{
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; i < c->n_out; i++) {
        const float *x = c->in[0] + i * plane;
        y[i] = x[first_largest(plane, x)];
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t plane = sal_shape_count_from_(&c->in_shape[0], 2);
    for (size_t i = 0; gx[0] && i < c->n_out; i++)
        gx[0][i * plane + first_largest(plane, c->in[0] + i * plane)] += gy[i];
}

static const sal_op_sample samples[] = {
    {.name = "planes", .n_in = 1, .in = {{4, {2, 3, 4, 3}}}, .fill = {SAL_FILL_DISTINCT}},
};

const sal_op_def sal_op_global_max_pool = {
    .name = "GlobalMaxPool",
    .summary = "largest value of each plane",
    .least = 1,
    .most = 1,
    .backward_reads_in = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
