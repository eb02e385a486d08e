/* graph/ops/depth_to_space.c - blocks of channels to blocks of pixels and back, blocks of
 * attrs.kernel[0] squared. DepthToSpace: attrs.mode 0 = DCR, the block's place is the slower part
 * of the channel, 1 = CRD, the faster part. SpaceToDepth undoes DCR. */
#include "graph/pick.h"

enum { LARGEST = 1 << 15 };

static sal_status planes(const sal_op_attrs *a, const sal_shape *in, sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    if (in->rank != 4)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, C, H, W]",
                         sal_shape_text_(in, text, sizeof text));
    if (a->kernel[0] < 1 || a->kernel[0] > LARGEST)
        return sal_fail_(err, SAL_E_SHAPE, "blocks of %lld", (long long)a->kernel[0]);
    return SAL_OK;
}

static sal_status to_space_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                                 sal_shape *out, sal_error *err)
{
    (void)n_in;
    int64_t b = a->kernel[0];
    sal_status st = planes(a, &in[0], err);
    if (st != SAL_OK) return st;
    if (a->mode < 0 || a->mode > 1)
        return sal_fail_(err, SAL_E_SHAPE, "mode %lld", (long long)a->mode);
    if (in[0].dims[1] % (b * b))
        return sal_fail_(err, SAL_E_SHAPE, "%lld channels do not make blocks of %lldx%lld",
                         (long long)in[0].dims[1], (long long)b, (long long)b);
    const int64_t *d = in[0].dims;
    *out = (sal_shape){4, {d[0], d[1] / (b * b), d[2] * b, d[3] * b}};
    return sal_pick_check_(&in[0], out, err);
}

static sal_status to_depth_shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                                 sal_shape *out, sal_error *err)
{
    (void)n_in;
    int64_t b = a->kernel[0];
    sal_status st = planes(a, &in[0], err);
    if (st != SAL_OK) return st;
    const int64_t *d = in[0].dims;
    if (d[2] % b || d[3] % b)
        return sal_fail_(err, SAL_E_SHAPE, "%lldx%lld pixels do not make blocks of %lldx%lld",
                         (long long)d[2], (long long)d[3], (long long)b, (long long)b);
    *out = (sal_shape){4, {d[0], d[1] * b * b, d[2] / b, d[3] / b}};
    return sal_pick_check_(&in[0], out, err);
}

static sal_pick to_space(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    const int64_t *d = c->in_shape[0].dims;
    int64_t b = c->attrs->kernel[0], plane = d[2] * d[3], channels = c->out_shape->dims[1];
    bool crd = c->attrs->mode == 1;
    int64_t column = crd ? plane : channels * plane; /* of a block, to the next one */
    sal_pick_even_(&p, (size_t)channels, 0, crd ? b * b * plane : plane);
    sal_pick_even_(&p, (size_t)d[2], 0, d[3]);
    sal_pick_even_(&p, (size_t)b, 0, b * column);
    sal_pick_even_(&p, (size_t)d[3], 0, 1);
    sal_pick_even_(&p, (size_t)b, 0, column);
    return p;
}

static sal_pick to_depth(const sal_op_call *c)
{
    sal_pick p = sal_pick_start_(c);
    const int64_t *d = c->in_shape[0].dims, *to = c->out_shape->dims;
    int64_t b = c->attrs->kernel[0];
    sal_pick_even_(&p, (size_t)b, 0, d[3]);
    sal_pick_even_(&p, (size_t)b, 0, 1);
    sal_pick_even_(&p, (size_t)d[1], 0, d[2] * d[3]);
    sal_pick_even_(&p, (size_t)to[2], 0, b * d[3]);
    sal_pick_even_(&p, (size_t)to[3], 0, b);
    return p;
}

static void to_space_forward(const sal_op_call *c, float *y)
{
    sal_pick p = to_space(c);
    sal_pick_forward_(&p, c->n, c->in[0], y);
}

static void to_space_backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    sal_pick p = to_space(c);
    if (gx[0]) sal_pick_backward_(&p, c->n, gy, gx[0]);
}

static void to_depth_forward(const sal_op_call *c, float *y)
{
    sal_pick p = to_depth(c);
    sal_pick_forward_(&p, c->n, c->in[0], y);
}

static void to_depth_backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    sal_pick p = to_depth(c);
    if (gx[0]) sal_pick_backward_(&p, c->n, gy, gx[0]);
}

static const sal_op_sample to_space_samples[] = {
    {.name = "DCR", .attrs = {.kernel = {2}}, .n_in = 1, .in = {{4, {2, 8, 2, 3}}}},
    {.name = "CRD", .attrs = {.kernel = {2}, .mode = 1}, .n_in = 1, .in = {{4, {2, 8, 2, 3}}}},
};

static const sal_op_sample to_depth_samples[] = {
    {.name = "2x2", .attrs = {.kernel = {2}}, .n_in = 1, .in = {{4, {2, 2, 4, 6}}}},
};

const sal_op_def sal_op_depth_to_space = {
    .name = "DepthToSpace",
    .summary = "blocks of channels to blocks of pixels",
    .least = 1,
    .most = 1,
    .shape = to_space_shape,
    .scratch = sal_pick_scratch_,
    .forward = to_space_forward,
    .backward = to_space_backward,
    SAL_SAMPLES(to_space_samples),
};

const sal_op_def sal_op_space_to_depth = {
    .name = "SpaceToDepth",
    .summary = "blocks of pixels to blocks of channels",
    .least = 1,
    .most = 1,
    .shape = to_depth_shape,
    .scratch = sal_pick_scratch_,
    .forward = to_depth_forward,
    .backward = to_depth_backward,
    SAL_SAMPLES(to_depth_samples),
};
