/* graph/ops/cum_sum.c - running sums along attrs.axis, in double. attrs.mode: 1 = exclusive (without
 * the element itself), 2 = from the end, 3 = both. */
#include "graph/op.h"

enum { EXCLUSIVE = 1, REVERSE = 2 };

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    if (a->axis < 1 || a->axis >= (int64_t)in[0].rank)
        return sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                         (long long)a->axis, in[0].rank);
    if (a->mode < 0 || a->mode > (EXCLUSIVE | REVERSE))
        return sal_fail_(err, SAL_E_ARG, "unknown mode %lld", (long long)a->mode);
    return sal_shape_of_first_(a, n_in, in, out, err);
}

/* sum given: written; else added to, which the way back needs */
static void accumulate(const sal_op_call *c, bool reverse, const float *x, float *sum, float *more)
{
    size_t axis = (size_t)c->attrs->axis, size = (size_t)c->out_shape->dims[axis];
    size_t step = sal_shape_count_from_(c->out_shape, axis + 1);
    for (size_t i = 0; i < c->n_out / size; i++) {
        size_t at = i / step * step * size + i % step;
        double total = 0;
        for (size_t k = 0; k < size; k++) {
            size_t here = at + (reverse ? size - 1 - k : k) * step;
            double before = total;
            total += (double)x[here];
            float y = (float)(c->attrs->mode & EXCLUSIVE ? before : total);
            if (sum)
                sum[here] = y;
            else
                more[here] += y;
        }
    }
}

static void forward(const sal_op_call *c, float *y)
{
    accumulate(c, c->attrs->mode & REVERSE, c->in[0], y, NULL);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    if (gx[0]) accumulate(c, !(c->attrs->mode & REVERSE), gy, NULL, gx[0]);
}

static const sal_op_sample samples[] = {
    {.name = "channels", .n_in = 1, .in = {{3, {2, 4, 2}}}},
    {.name = "without the element, from the end",
     .attrs = {.axis = 2, .mode = EXCLUSIVE | REVERSE},
     .n_in = 1,
     .in = {{3, {2, 2, 4}}}},
};

const sal_op_def sal_op_cum_sum = {
    .name = "CumSum",
    .summary = "running sums along an axis",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
