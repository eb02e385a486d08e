/* nn/build.c - layers as graph nodes with their parameters. */
#include "nn/nn.h"

#include <string.h>

enum { LONGEST_NAME = 200, LARGEST = 1 << 20 };

static void say_shape(sal_graph *g, const char *what, const char *name, size_t rank,
                      const int64_t *dims, const char *wanted)
{
    char text[SAL_SHAPE_TEXT];
    sal_text t = sal_text_into_(text, sizeof text);
    for (size_t i = 0; i < rank; i++) sal_text_add_(&t, ", %lld", (long long)dims[i]);
    sal_fail_(&g->first, SAL_E_SHAPE, "%s '%s': data is [N%s], wanted %s", what, name,
              rank ? text : "", wanted);
}

/* The dimensions of x and their number, least to most; 0: a mistake, kept in the graph. */
static size_t look_at(sal_graph *g, const char *what, const char *name, sal_value x, size_t least,
                      size_t most, const char *wanted, int64_t dims[SAL_MAX_RANK])
{
    if (!g || g->first.status != SAL_OK) return 0;
    if (!name || !name[0])
        sal_fail_(&g->first, SAL_E_ARG, "a layer without a name");
    else if (strlen(name) > LONGEST_NAME)
        sal_fail_(&g->first, SAL_E_ARG, "the name of layer '%.40s...' is longer than %d characters",
                  name, LONGEST_NAME);
    else if (x < 0 || (size_t)x >= g->n_values)
        sal_fail_(&g->first, SAL_E_ARG, "%s '%s': its input is no value of this graph", what, name);
    else if (g->values[x].kind == SAL_IS_PARAM)
        sal_fail_(&g->first, SAL_E_ARG, "%s '%s': its input is a parameter", what, name);
    if (g->first.status != SAL_OK) return 0;
    size_t rank = sal_graph_shape(g, x, dims);
    if (rank >= least && rank <= most) return rank;
    say_shape(g, what, name, rank, dims, wanted);
    return 0;
}

static sal_value add_param(sal_graph *g, const char *layer, const char *name, const char *part,
                           sal_param_role role, const char *init, size_t fan_in, size_t fan_out,
                           size_t rank, const int64_t *dims)
{
    char full[LONGEST_NAME + 16];
    sal_text t = sal_text_into_(full, sizeof full);
    sal_text_add_(&t, "%s.%s", name, part);
    sal_param_info info = {.name = full,
                           .layer = layer,
                           .init = init,
                           .role = role,
                           .rank = rank,
                           .fan_in = fan_in,
                           .fan_out = fan_out};
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
        int64_t kernel = a->kernel[i], dilation = a->dilation[i] ? a->dilation[i] : 1;
        if (kernel < 1 || kernel > LARGEST || dilation < 1 || dilation > LARGEST)
            return; /* refused when the node is made */
        int64_t total = (kernel - 1) * dilation;
        a->pad[i] = total / 2;
        a->pad[i + 2] = total - total / 2;
    }
}

sal_value sal_nn_conv(sal_graph *g, const char *name, sal_value x, const sal_conv_options *options)
{
    static const sal_conv_options none;
    const sal_conv_options *o = options ? options : &none;
    int64_t in[SAL_MAX_RANK], groups = o->groups ? o->groups : 1;
    size_t rank = look_at(g, "convolution", name, x, 2, 3, "[N, C, L] or [N, C, H, W]", in);
    if (!rank) return SAL_NO_VALUE;
    if (groups < 1) {
        sal_fail_(&g->first, SAL_E_SHAPE, "convolution '%s': %lld groups", name, (long long)groups);
        return SAL_NO_VALUE;
    }
    sal_op_attrs a = {.groups = groups};
    memcpy(a.kernel, o->kernel, sizeof a.kernel);
    memcpy(a.stride, o->stride, sizeof a.stride);
    memcpy(a.dilation, o->dilation, sizeof a.dilation);
    memcpy(a.pad, o->pad, sizeof a.pad);
    for (int i = 0; i < 2; i++)
        if (!a.kernel[i]) a.kernel[i] = 1;
    if (o->same) set_same(&a);
    int64_t dims[4] = {o->filters, groups <= in[0] ? in[0] / groups : 1, a.kernel[0], a.kernel[1]};
    if (rank == 2) dims[2] = a.kernel[1];
    size_t taps = (size_t)a.kernel[0] * (size_t)a.kernel[1];
    size_t fan_in = (size_t)dims[1] * taps, fan_out = (size_t)(o->filters / groups) * taps;
    sal_value all[3] = {x, 0, 0};
    all[1] = add_param(g, name, name, "weight", SAL_WEIGHT, or_default(o->weight_init, "he-normal"),
                       fan_in, fan_out, rank + 1, dims);
    if (!o->no_bias)
        all[2] = add_param(g, name, name, "bias", SAL_BIAS, or_default(o->bias_init, "zeros"),
                           fan_in, fan_out, 1, dims);
    return sal_graph_node(g, "Conv", name, &a, o->no_bias ? 2 : 3, all);
}

sal_value sal_nn_dense(sal_graph *g, const char *name, sal_value x,
                       const sal_dense_options *options)
{
    static const sal_dense_options none;
    const sal_dense_options *o = options ? options : &none;
    int64_t in[SAL_MAX_RANK];
    if (!look_at(g, "dense layer", name, x, 1, 1, "[N, F]: put a Flatten before it", in))
        return SAL_NO_VALUE;
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
    int64_t in[SAL_MAX_RANK];
    if (!look_at(g, "batch normalisation", name, x, 1, SAL_MAX_RANK, "[N, C, ...]", in))
        return SAL_NO_VALUE;
    sal_value all[5] = {x, 0, 0, 0, 0};
    for (size_t i = 0; i < 4; i++)
        all[i + 1] = add_param(g, layer ? layer : name, name, parts[i].part, parts[i].role,
                               parts[i].init, 0, 0, 1, in);
    return sal_graph_node(g, "BatchNormalization", name, NULL, 5, all);
}

static sal_value pool(sal_graph *g, const char *op, const char *name, sal_value x, int64_t size)
{
    int64_t in[SAL_MAX_RANK];
    if (g && g->first.status == SAL_OK && size < 1)
        sal_fail_(&g->first, SAL_E_ARG, "%s node '%s': size %lld, wanted at least 1", op,
                  name ? name : "", (long long)size);
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
