/* graph/ops/reshape.c - the same numbers under another shape; attrs.dims are without N. */
#include "graph/ops/reshape.h"

#include <string.h>

void sal_op_copy_forward_(const sal_op_call *c, float *y)
{
    memcpy(y, c->in[0], c->n_out * sizeof *y);
}

void sal_op_copy_backward_(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t i = 0; gx[0] && i < c->n_out; i++) gx[0][i] += gy[i];
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    size_t count;
    sal_shape to;
    if (a->rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "rank %zu, wanted at most %d", a->rank,
                         SAL_MAX_RANK - 1);
    sal_status st = sal_shape_make_(a->rank, a->dims, &to, &count, err);
    if (st != SAL_OK) return st;
    if (count != sal_shape_count_from_(&in[0], 1)) {
        char from[SAL_SHAPE_TEXT], wanted[SAL_SHAPE_TEXT];
        return sal_fail_(err, SAL_E_SHAPE, "%s does not reshape to [N] and %s",
                         sal_shape_text_(&in[0], from, sizeof from),
                         sal_shape_text_(&to, wanted, sizeof wanted));
    }
    out->rank = a->rank + 1;
    out->dims[0] = in[0].dims[0];
    memcpy(out->dims + 1, a->dims, a->rank * sizeof a->dims[0]);
    return SAL_OK;
}

static const sal_op_sample samples[] = {
    {.name = "2x3 to 6", .attrs = {.rank = 1, .dims = {6}}, .n_in = 1, .in = {{3, {2, 2, 3}}}},
};

const sal_op_def sal_op_reshape = {
    .name = "Reshape",
    .summary = "the same numbers, another shape",
    .least = 1,
    .most = 1,
    .shape = shape,
    .forward = sal_op_copy_forward_,
    .backward = sal_op_copy_backward_,
    SAL_SAMPLES(samples),
};
