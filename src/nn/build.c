/* nn/build.c - layers as graph nodes with their parameters. */
#include "nn/nn.h"

#include <stdio.h>
#include <string.h>

static sal_value add_param(sal_graph *g, const char *layer, const char *name, const char *part,
                           sal_param_role role, const char *init, size_t fan_in, size_t fan_out,
                           size_t rank, const int64_t *dims)
{
    char full[256];
    snprintf(full, sizeof full, "%s.%s", name ? name : "", part);
    sal_param_info info = {.name = full, .layer = layer, .init = init, .role = role, .rank = rank,
                           .fan_in = fan_in, .fan_out = fan_out};
    memcpy(info.dims, dims, rank * sizeof dims[0]);
    return sal_graph_param(g, &info);
}

static const char *or_default(const char *given, const char *otherwise)
{
    return given ? given : otherwise;
}

static void set_same(sal_op_attrs *a)
{
    for (int i = 0; i < 2; i++) {
        int64_t total = (a->kernel[i] ? a->kernel[i] - 1 : 0) * (a->dilation[i] ? a->dilation[i] : 1);
        a->pad[i] = total / 2;
        a->pad[i + 2] = total - total / 2;
    }
}

sal_value sal_nn_conv(sal_graph *g, const char *name, sal_value x, const sal_conv_options *o)
{
    int64_t in[SAL_MAX_RANK], groups = o->groups ? o->groups : 1;
    size_t rank = g ? sal_graph_shape(g, x, in) : 0;
    if (rank < 2 || rank > 3) return sal_graph_node(g, "Conv", name, NULL, 1, &x);
    sal_op_attrs a = {.groups = groups};
    memcpy(a.kernel, o->kernel, sizeof a.kernel);
    memcpy(a.stride, o->stride, sizeof a.stride);
    memcpy(a.dilation, o->dilation, sizeof a.dilation);
    memcpy(a.pad, o->pad, sizeof a.pad);
    for (int i = 0; i < 2; i++)
        if (!a.kernel[i]) a.kernel[i] = 1;
    if (o->same) set_same(&a);
    int64_t dims[4] = {o->filters, groups > 0 ? in[0] / groups : 0, a.kernel[0], a.kernel[1]};
    if (rank == 2) dims[2] = a.kernel[1];
    size_t taps = (size_t)(a.kernel[0] * a.kernel[1]);
    size_t fan_in = (size_t)dims[1] * taps, fan_out = (size_t)(o->filters / groups) * taps;
    sal_value all[3] = {x, 0, 0};
    all[1] = add_param(g, name, name, "weight", SAL_WEIGHT, or_default(o->weight_init, "he-normal"),
                       fan_in, fan_out, rank + 1, dims);
    if (!o->no_bias)
        all[2] = add_param(g, name, name, "bias", SAL_BIAS, or_default(o->bias_init, "zeros"),
                           fan_in, fan_out, 1, dims);
    return sal_graph_node(g, "Conv", name, &a, o->no_bias ? 2 : 3, all);
}

sal_value sal_nn_dense(sal_graph *g, const char *name, sal_value x, const sal_dense_options *o)
{
    int64_t in[SAL_MAX_RANK];
    size_t rank = g ? sal_graph_shape(g, x, in) : 0;
    if (rank != 1) return sal_graph_node(g, "Gemm", name, NULL, 1, &x);
    int64_t dims[2] = {o->units, in[0]};
    sal_value all[3] = {x, 0, 0};
    all[1] = add_param(g, name, name, "weight", SAL_WEIGHT, or_default(o->weight_init, "he-normal"),
                       (size_t)in[0], (size_t)o->units, 2, dims);
    if (!o->no_bias)
        all[2] = add_param(g, name, name, "bias", SAL_BIAS, or_default(o->bias_init, "zeros"),
                           (size_t)in[0], (size_t)o->units, 1, dims);
    return sal_graph_node(g, "Gemm", name, NULL, o->no_bias ? 2 : 3, all);
}

sal_value sal_nn_batch_norm(sal_graph *g, const char *name, const char *layer, sal_value x)
{
    static const struct {
        const char *part, *init;
        sal_param_role role;
    } parts[4] = {{"scale", "ones", SAL_NORM_SCALE},
                  {"shift", "zeros", SAL_NORM_SHIFT},
                  {"mean", "zeros", SAL_NORM_MEAN},
                  {"variance", "ones", SAL_NORM_VARIANCE}};
    int64_t in[SAL_MAX_RANK] = {0};
    if (g) sal_graph_shape(g, x, in);
    sal_value all[5] = {x, 0, 0, 0, 0};
    for (size_t i = 0; i < 4; i++)
        all[i + 1] = add_param(g, layer ? layer : name, name, parts[i].part, parts[i].role,
                               parts[i].init, 0, 0, 1, in);
    return sal_graph_node(g, "BatchNormalization", name, NULL, 5, all);
}

static sal_value pool(sal_graph *g, const char *op, const char *name, sal_value x, int64_t size)
{
    int64_t in[SAL_MAX_RANK];
    int64_t rows = g && sal_graph_shape(g, x, in) == 2 ? 1 : size;
    sal_op_attrs a = {.kernel = {rows, size}, .stride = {rows, size}};
    return sal_graph_node(g, op, name, &a, 1, &x);
}

sal_value sal_nn_max_pool(sal_graph *g, const char *name, sal_value x, int64_t size)
{
    return pool(g, "MaxPool", name, x, size);
}

sal_value sal_nn_average_pool(sal_graph *g, const char *name, sal_value x, int64_t size)
{
    return pool(g, "AveragePool", name, x, size);
}

sal_value sal_nn_apply(sal_graph *g, const char *op, const char *name, sal_value x)
{
    return sal_graph_node(g, op, name, NULL, 1, &x);
}
