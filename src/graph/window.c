/* graph/window.c - the geometry that convolution and pooling share. */
#include "graph/op.h"

enum { LARGEST = 1 << 20 };                       /* kernel, stride, dilation or padding */
static const size_t most_places = INT32_MAX - 64; /* of a plane: BLAS and winners count in int32 */

static sal_status check_range(const char *what, const int64_t v[2], sal_error *err)
{
    for (size_t i = 0; i < 2; i++)
        if (v[i] < 1 || v[i] > LARGEST)
            return sal_fail_(err, SAL_E_SHAPE, "%s %lldx%lld, wanted 1 to %d", what,
                             (long long)v[0], (long long)v[1], LARGEST);
    return SAL_OK;
}

static sal_status check_attributes(const sal_op_attrs *a, sal_error *err)
{
    sal_status st = check_range("kernel", a->kernel, err);
    if (st == SAL_OK) st = check_range("stride", a->stride, err);
    if (st == SAL_OK) st = check_range("dilation", a->dilation, err);
    for (size_t i = 0; st == SAL_OK && i < 4; i++)
        if (a->pad[i] < 0 || a->pad[i] > LARGEST)
            st = sal_fail_(err, SAL_E_SHAPE, "padding %lld, %lld, %lld, %lld, wanted 0 to %d",
                           (long long)a->pad[0], (long long)a->pad[1], (long long)a->pad[2],
                           (long long)a->pad[3], LARGEST);
    return st;
}

/* Places of a window of `span` over `padded`. The last one may hang over the end with ceil_mode,
 * but must start before `data_end`, where the padding at the end begins. */
static size_t places(const sal_op_attrs *a, size_t padded, size_t span, size_t stride,
                     size_t data_end)
{
    size_t n = padded < span ? 0 : (padded - span) / stride + 1;
    size_t left = n ? (padded - span) % stride : padded + stride > span ? 1 : 0;
    return a->ceil_mode && left && n * stride < data_end ? n + 1 : n;
}

sal_window sal_window_of_(const sal_op_attrs *a, const sal_shape *in)
{
    bool line = in->rank == 3;
    sal_window w = {.channels = (size_t)in->dims[1],
                    .in_h = line ? 1 : (size_t)in->dims[2],
                    .in_w = (size_t)in->dims[line ? 2 : 3],
                    .top = (size_t)a->pad[0],
                    .left = (size_t)a->pad[1],
                    .bottom = (size_t)a->pad[2],
                    .right = (size_t)a->pad[3]};
    for (int i = 0; i < 2; i++) {
        w.kernel[i] = (size_t)a->kernel[i];
        w.stride[i] = (size_t)a->stride[i];
        w.dilation[i] = (size_t)a->dilation[i];
    }
    size_t span_h = (w.kernel[0] - 1) * w.dilation[0] + 1;
    size_t span_w = (w.kernel[1] - 1) * w.dilation[1] + 1;
    w.out_h = places(a, w.top + w.in_h + w.bottom, span_h, w.stride[0], w.top + w.in_h);
    w.out_w = places(a, w.left + w.in_w + w.right, span_w, w.stride[1], w.left + w.in_w);
    return w;
}

sal_status sal_window_check_(const sal_op_attrs *a, const sal_shape *in, sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    if (in->rank != 3 && in->rank != 4)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, C, L] or [N, C, H, W]",
                         sal_shape_text_(in, text, sizeof text));
    sal_status st = check_attributes(a, err);
    if (st != SAL_OK) return st;
    if (in->rank == 3 && (a->kernel[0] != 1 || a->pad[0] || a->pad[2]))
        return sal_fail_(err, SAL_E_SHAPE, "data has no rows: the kernel must be [1, k]");
    return SAL_OK;
}

sal_status sal_window_make_(const sal_op_attrs *a, const sal_shape *in, sal_window *w,
                            sal_error *err)
{
    char text[SAL_SHAPE_TEXT];
    sal_status st = sal_window_check_(a, in, err);
    if (st != SAL_OK) return st;
    *w = sal_window_of_(a, in);
    if (!w->out_h || !w->out_w)
        return sal_fail_(err, SAL_E_SHAPE, "kernel %zux%zu does not fit into data %s", w->kernel[0],
                         w->kernel[1], sal_shape_text_(in, text, sizeof text));
    if (w->in_h > most_places / w->in_w || w->out_h > most_places / w->out_w)
        return sal_fail_(err, SAL_E_SHAPE, "data %s: planes of more than %zu places",
                         sal_shape_text_(in, text, sizeof text), most_places);
    return SAL_OK;
}

void sal_window_taps_(const sal_window *w, int axis, size_t at, size_t *from, size_t *to)
{
    size_t before = axis ? w->left : w->top, size = axis ? w->in_w : w->in_h;
    size_t start = at * w->stride[axis], d = w->dilation[axis];
    *from = start < before ? (before - start + d - 1) / d : 0;
    *to = size + before > start ? (size + before - start - 1) / d + 1 : 0;
    if (*to > w->kernel[axis]) *to = w->kernel[axis];
    if (*from > *to) *from = *to;
}

sal_status sal_window_sees_data_(const sal_window *w, sal_error *err)
{
    for (int axis = 0; axis < 2; axis++)
        for (size_t at = 0; at < (axis ? w->out_w : w->out_h); at++) {
            size_t from, to;
            sal_window_taps_(w, axis, at, &from, &to);
            if (from == to)
                return sal_fail_(err, SAL_E_SHAPE,
                                 "a window lies beside the data altogether: "
                                 "%s %zu of the output",
                                 axis ? "column" : "row", at);
        }
    return SAL_OK;
}

void sal_window_shape_(const sal_window *w, const sal_shape *in, size_t channels, sal_shape *out)
{
    out->rank = in->rank;
    out->dims[0] = in->dims[0];
    out->dims[1] = (int64_t)channels;
    out->dims[2] = (int64_t)(in->rank == 3 ? w->out_w : w->out_h);
    if (in->rank == 4) out->dims[3] = (int64_t)w->out_w;
}
