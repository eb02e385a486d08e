/* graph/ops/flatten.c - [N, ...] to [N, F]. */
#include "graph/ops/reshape.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)a;
    (void)n_in;
    (void)err;
    *out = (sal_shape){2, {in[0].dims[0], (int64_t)sal_shape_count_from_(&in[0], 1)}};
    return SAL_OK;
}

static const sal_op_sample samples[] = {{.name = "planes", .n_in = 1, .in = {{4, {2, 3, 2, 2}}}}};

const sal_op_def sal_op_flatten = {
    .name = "Flatten",
    .summary = "[N, ...] to [N, F]",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = sal_op_copy_forward_,
    .backward = sal_op_copy_backward_,
    SAL_SAMPLES(samples),
};
