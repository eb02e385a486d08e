/* onnx/map/window.c - convolutions and pools: [N, C, L] or [N, C, H, W]. */
#include "onnx/ops.h"

#include <string.h>

/* Attributes of a window over `in` ([N, C, ...], the graph's shape without N). */
typedef struct window {
    size_t axes; /* 1 or 2 */
    int64_t kernel[2], stride[2], dilation[2], pad[4], size[2];
} window;

static sal_status numbers(const sal_onnx_node *n, const char *name, const window *w, int64_t to[2],
                          sal_error *err)
{
    int64_t list[2];
    size_t count;
    sal_status st = sal_onnx_ints_(n, name, 2, list, &count, err);
    if (st != SAL_OK || !count) return st;
    if (count != w->axes)
        return sal_fail_(err, SAL_E_FORMAT, "attribute '%s' has %zu numbers", name, count);
    for (size_t i = 0; i < count; i++) to[i + 2 - w->axes] = list[i];
    return SAL_OK;
}

static sal_status paddings(const sal_onnx_node *n, window *w, sal_error *err)
{
    int64_t list[4];
    size_t count;
    sal_status st = sal_onnx_ints_(n, "pads", 4, list, &count, err);
    if (st != SAL_OK || !count) return st;
    if (count != 2 * w->axes) return sal_fail_(err, SAL_E_FORMAT, "pads has %zu numbers", count);
    for (size_t i = 0; i < w->axes; i++) {
        w->pad[i + 2 - w->axes] = list[i];
        w->pad[i + 4 - w->axes] = list[i + w->axes];
    }
    return SAL_OK;
}

/* SAME: as many places as the data divided by the stride, rounded up. */
static void same_padding(window *w, bool upper)
{
    for (int i = 0; i < 2; i++) {
        int64_t s = w->stride[i] > 0 ? w->stride[i] : 1;
        int64_t span = (w->kernel[i] - 1) * w->dilation[i] + 1;
        int64_t total = ((w->size[i] + s - 1) / s - 1) * s + span - w->size[i];
        if (total < 0) total = 0;
        w->pad[i] = upper ? total / 2 : total - total / 2;
        w->pad[i + 2] = total - w->pad[i];
    }
}

static sal_status start_window(const sal_onnx_node *n, sal_value x, window *w, sal_error *err)
{
    int64_t dims[SAL_MAX_RANK];
    size_t rank = sal_graph_shape(n->r->g, x, dims);
    if (rank != 2 && rank != 3)
        return sal_fail_(err, SAL_E_UNSUPPORTED,
                         "windows over %zu axes are not supported, 1 or 2 are",
                         rank ? rank - 1 : 0);
    *w = (window){
        .axes = rank - 1, .kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .size = {1, 1}};
    for (size_t i = 0; i < w->axes; i++) w->size[i + 2 - w->axes] = dims[i + 1];
    return SAL_OK;
}

static sal_status read_window(const sal_onnx_node *n, window *w, sal_error *err)
{
    sal_status st = numbers(n, "kernel_shape", w, w->kernel, err);
    if (st == SAL_OK) st = numbers(n, "strides", w, w->stride, err);
    if (st == SAL_OK) st = numbers(n, "dilations", w, w->dilation, err);
    if (st == SAL_OK) st = paddings(n, w, err);
    for (int i = 0; st == SAL_OK && i < 2; i++)
        if (w->kernel[i] < 1 || w->kernel[i] > 1 << 20 || w->dilation[i] < 1 ||
            w->dilation[i] > 1 << 20 || w->stride[i] < 1 || w->stride[i] > 1 << 20)
            st = sal_fail_(err, SAL_E_FORMAT, "kernel, stride or dilation out of range");
    return st;
}

static void auto_padding(const sal_onnx_node *n, window *w)
{
    bool upper = sal_onnx_text_is_(n, "auto_pad", "SAME_UPPER");
    if (upper || sal_onnx_text_is_(n, "auto_pad", "SAME_LOWER")) same_padding(w, upper);
    if (sal_onnx_text_is_(n, "auto_pad", "VALID")) memset(w->pad, 0, sizeof w->pad);
}

static sal_op_attrs attrs_of(const window *w)
{
    sal_op_attrs a = {0};
    memcpy(a.kernel, w->kernel, sizeof a.kernel);
    memcpy(a.stride, w->stride, sizeof a.stride);
    memcpy(a.dilation, w->dilation, sizeof a.dilation);
    memcpy(a.pad, w->pad, sizeof a.pad);
    return a;
}

/* Data, weight and bias of a convolution; the kernel is the weight's where no attribute says it. */
static sal_status layer_inputs(sal_onnx_node *n, sal_value in[3], window *w, sal_error *err)
{
    const sal_constant *weight;
    sal_status st = sal_onnx_flat_(n, 0, &in[0], err);
    if (st == SAL_OK) st = sal_onnx_constant_(n, 1, &weight, err);
    if (st == SAL_OK) st = start_window(n, in[0], w, err);
    if (st != SAL_OK) return st;
    if (weight->shape.rank != w->axes + 2)
        return sal_fail_(err, SAL_E_SHAPE, "weight of rank %zu, wanted %zu", weight->shape.rank,
                         w->axes + 2);
    for (size_t i = 0; i < w->axes; i++) w->kernel[i + 2 - w->axes] = weight->shape.dims[i + 2];
    st = read_window(n, w, err);
    if (st == SAL_OK) st = sal_onnx_plain_param_(n, 1, SAL_WEIGHT, n->name, &in[1], err);
    if (st == SAL_OK && sal_onnx_given_(n, 2))
        st = sal_onnx_plain_param_(n, 2, SAL_BIAS, n->name, &in[2], err);
    return st;
}

void sal_onnx_layer_ends_(sal_onnx_node *n, bool has_bias)
{
    sal_onnx_value *o = sal_onnx_value_(n->r, n->proto->output[0]);
    size_t k = sal_graph_layer_count(n->r->g);
    while (k-- > 0)
        if (!strcmp(sal_graph_layer_name(n->r->g, k), n->name)) break;
    if (!o || k == SIZE_MAX) return;
    o->layer = n->r->last_layer = sal_graph_layer_name(n->r->g, k);
    o->layer_has_bias = has_bias;
}

static sal_status finish_layer(sal_onnx_node *n, const char *op, const sal_op_attrs *a,
                               const sal_value in[3], sal_error *err)
{
    sal_value v;
    sal_status st = sal_onnx_emit_(n, op, a, sal_onnx_given_(n, 2) ? 3 : 2, in, &v, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 0, v, true, err);
    if (st == SAL_OK) sal_onnx_layer_ends_(n, sal_onnx_given_(n, 2));
    return st;
}

sal_status sal_onnx_map_conv_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[3];
    window w;
    sal_status st = layer_inputs(n, in, &w, err);
    if (st != SAL_OK) return st;
    auto_padding(n, &w);
    sal_op_attrs a = attrs_of(&w);
    a.groups = sal_onnx_int_(n, "group", 1);
    return finish_layer(n, "Conv", &a, in, err);
}

/* output_shape or SAME: the padding is what is too much. */
static sal_status transposed_padding(const sal_onnx_node *n, window *w, int64_t more[2],
                                     sal_error *err)
{
    int64_t wanted[2] = {0, 0};
    sal_status st = numbers(n, "output_shape", w, wanted, err);
    bool upper = sal_onnx_text_is_(n, "auto_pad", "SAME_UPPER");
    bool same = upper || sal_onnx_text_is_(n, "auto_pad", "SAME_LOWER");
    if (st != SAL_OK || (!same && !sal_onnx_has_(n, "output_shape"))) return st;
    for (int i = 0; i < 2; i++) {
        if (!sal_onnx_has_(n, "output_shape"))
            wanted[i] = w->size[i] * w->stride[i];
        else if (w->axes == 1 && i == 0)
            continue;
        int64_t total = w->stride[i] * (w->size[i] - 1) + more[i] +
                        (w->kernel[i] - 1) * w->dilation[i] + 1 - wanted[i];
        if (total < 0) { /* larger than the data make */
            more[i] -= total;
            total = 0;
        }
        w->pad[i] = upper ? total / 2 : total - total / 2;
        w->pad[i + 2] = total - w->pad[i];
    }
    return SAL_OK;
}

sal_status sal_onnx_map_conv_transpose_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[3];
    window w;
    int64_t more[2] = {0, 0};
    sal_status st = layer_inputs(n, in, &w, err);
    if (st == SAL_OK) st = numbers(n, "output_padding", &w, more, err);
    if (st == SAL_OK) st = transposed_padding(n, &w, more, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = attrs_of(&w);
    a.groups = sal_onnx_int_(n, "group", 1);
    memcpy(a.ends, more, sizeof more);
    return finish_layer(n, "ConvTranspose", &a, in, err);
}

sal_status sal_onnx_map_pool_(sal_onnx_node *n, sal_error *err)
{
    sal_value v;
    window w;
    sal_status st = sal_onnx_flat_(n, 0, &v, err);
    if (st == SAL_OK) st = start_window(n, v, &w, err);
    if (st == SAL_OK) st = read_window(n, &w, err);
    if (st != SAL_OK) return st;
    auto_padding(n, &w);
    sal_op_attrs a = attrs_of(&w);
    a.ceil_mode = sal_onnx_int_(n, "ceil_mode", 0) != 0;
    a.count_padding = sal_onnx_int_(n, "count_include_pad", 0) != 0;
    if (sal_onnx_int_(n, "storage_order", 0))
        return sal_onnx_unsupported_(n, "storage_order 1", err);
    st = sal_onnx_emit_(n, n->row->graph_op, &a, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}

/* GlobalAveragePool, GlobalMaxPool */
sal_status sal_onnx_map_global_(sal_onnx_node *n, sal_error *err)
{
    sal_value v;
    sal_status st = sal_onnx_flat_(n, 0, &v, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, n->row->graph_op, NULL, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}
