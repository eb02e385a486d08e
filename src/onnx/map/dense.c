/* onnx/map/dense.c - products with weights, and norms. */
#include "onnx/ops.h"

#include <math.h>
#include <string.h>

/* A matrix constant as [outputs, inputs], times alpha. */
static sal_status dense_weight(sal_onnx_node *n, bool transposed, double alpha, sal_value *out,
                               sal_error *err)
{
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, 1, &c, err);
    if (st != SAL_OK) return st;
    if (c->shape.rank != 2 || !c->f)
        return sal_fail_(err, SAL_E_SHAPE, "the weight is no matrix of floats");
    sal_onnx_param p = {.role = SAL_WEIGHT,
                        .layer = n->name,
                        .rank = 2,
                        .dims = {c->shape.dims[0], c->shape.dims[1]}};
    if (transposed && !(alpha < 1 || alpha > 1)) return sal_onnx_make_param_(n, 1, &p, out, err);
    size_t rows = (size_t)p.dims[0], columns = (size_t)p.dims[1];
    p.data = sal_alloc_array_(n->r->env, c->count + 1, sizeof *p.data);
    if (!p.data) return sal_no_memory_(err, "a weight");
    for (size_t k = 0; k < c->count; k++) {
        size_t to = transposed ? k : k % columns * rows + k / columns;
        p.data[to] = (float)((double)c->f[k] * alpha);
        if (isfinite(p.data[to])) continue;
        sal_free_(n->r->env, p.data);
        return sal_fail_(err, SAL_E_VALUE, "tensor '%s': element %zu is not finite",
                         sal_onnx_shown_(n->in[1]->name), k);
    }
    if (!transposed) {
        p.dims[0] = (int64_t)columns;
        p.dims[1] = (int64_t)rows;
    }
    return sal_onnx_make_param_(n, 1, &p, out, err);
}

/* Gemm's C as a vector of `outputs` numbers, times beta. */
static sal_status dense_bias(sal_onnx_node *n, int64_t outputs, double beta, sal_value *out,
                             sal_error *err)
{
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, 2, &c, err);
    if (st != SAL_OK) return st;
    size_t last = c->shape.rank ? (size_t)c->shape.dims[c->shape.rank - 1] : 1;
    if (c->count != last) return sal_onnx_mixes_(n, err);
    if (!c->f || (c->count != 1 && c->count != (size_t)outputs) || outputs < 1)
        return sal_fail_(err, SAL_E_SHAPE, "a bias of %zu numbers for %lld outputs", c->count,
                         (long long)outputs);
    sal_onnx_param p = {.role = SAL_BIAS, .layer = n->name, .rank = 1, .dims = {outputs}};
    if (c->count == (size_t)outputs && !(beta < 1 || beta > 1))
        return sal_onnx_make_param_(n, 2, &p, out, err);
    if ((uint64_t)outputs > n->r->budget)
        return sal_fail_(err, SAL_E_NOMEM, "a bias beyond the file's size");
    p.data = sal_alloc_array_(n->r->env, (size_t)outputs, sizeof *p.data);
    if (!p.data) return sal_no_memory_(err, "a bias");
    for (size_t k = 0; k < (size_t)outputs; k++)
        p.data[k] = (float)((double)c->f[c->count == 1 ? 0 : k] * beta);
    return sal_onnx_make_param_(n, 2, &p, out, err);
}

static sal_status times(sal_onnx_node *n, const char *part, double factor, sal_value *v,
                        sal_error *err)
{
    sal_value in[2] = {*v, SAL_NO_VALUE};
    if (!(factor < 1 || factor > 1)) return SAL_OK;
    sal_status st = sal_onnx_number_param_(n, part, factor, &in[1], err);
    return st == SAL_OK ? sal_onnx_part_(n, "Mul", NULL, 2, in, v, err) : st;
}

/* Gemm's C for one image, [1 or M, 1 or O]. */
static sal_status added_matrix(sal_onnx_node *n, sal_value *out, sal_error *err)
{
    sal_shape s, wide = {2, {1, 1}};
    sal_status st = sal_onnx_shape_(n, 2, &s, err);
    for (size_t i = 0; st == SAL_OK && i < s.rank && i < 2; i++)
        wide.dims[1 - i] = s.dims[s.rank - 1 - i];
    if (st == SAL_OK) st = sal_onnx_full_(n, 2, out, err);
    return st == SAL_OK ? sal_onnx_reshape_(n, *out, 2, wide.dims, out, err) : st;
}

/* [M, K] of one image times a constant matrix, or of two activations: without Gemm's kernel. */
static sal_status gemm_as_product(sal_onnx_node *n, sal_error *err)
{
    sal_value in[2], v;
    sal_op_attrs turn = {.n_axes = 3, .axes = {0, 2, 1}};
    bool ta = sal_onnx_int_(n, "transA", 0) != 0, tb = sal_onnx_int_(n, "transB", 0) != 0;
    double alpha = sal_onnx_float_(n, "alpha", 1), beta = sal_onnx_float_(n, "beta", 1);
    if (!n->r->one_image) return sal_onnx_mixes_(n, err);
    bool more = sal_onnx_given_(n, 2);
    sal_status st = sal_onnx_full_(n, 0, &in[0], err);
    if (st == SAL_OK && ta) st = sal_onnx_part_(n, "Transpose", &turn, 1, &in[0], &in[0], err);
    if (st == SAL_OK) st = sal_onnx_full_(n, 1, &in[1], err);
    if (st == SAL_OK && tb) st = sal_onnx_part_(n, "Transpose", &turn, 1, &in[1], &in[1], err);
    if (st != SAL_OK) return st;
    st = sal_onnx_part_(n, "MatMul", NULL, 2, in, &v, err);
    if (st == SAL_OK) st = times(n, "alpha", alpha, &v, err);
    if (st != SAL_OK) return st;
    in[0] = v;
    if (more) st = added_matrix(n, &in[1], err);
    if (st == SAL_OK && more) st = times(n, "beta", beta, &in[1], err);
    if (st == SAL_OK)
        st = sal_onnx_emit_(n, more ? "Add" : "Identity", NULL, more ? 2 : 1, in, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, false, err) : st;
}

sal_status sal_onnx_map_gemm_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[3];
    int64_t dims[SAL_MAX_RANK];
    bool bias = sal_onnx_given_(n, 2), constant = !bias || sal_onnx_is_constant_(n, 2);
    if (sal_onnx_int_(n, "transA", 0) || !sal_onnx_is_constant_(n, 1) || !constant ||
        !sal_onnx_has_flat_(n, 0))
        return gemm_as_product(n, err);
    sal_status st = sal_onnx_flat_(n, 0, &in[0], err);
    if (st == SAL_OK)
        st = dense_weight(n, sal_onnx_int_(n, "transB", 0) != 0, sal_onnx_float_(n, "alpha", 1),
                          &in[1], err);
    if (st != SAL_OK) return st;
    sal_graph_shape(n->r->g, in[1], dims);
    if (bias) st = dense_bias(n, dims[0], sal_onnx_float_(n, "beta", 1), &in[2], err);
    sal_value v;
    if (st == SAL_OK) st = sal_onnx_emit_(n, "Gemm", NULL, bias ? 3 : 2, in, &v, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 0, v, true, err);
    if (st == SAL_OK) sal_onnx_layer_ends_(n, bias);
    return st;
}

/* An operand of a product with `rank` ONNX axes. Constants are weights of a layer. */
static sal_status factor(sal_onnx_node *n, size_t i, bool flat, size_t rank, sal_value *out,
                         sal_error *err)
{
    sal_shape s;
    sal_status st = sal_onnx_shape_(n, i, &s, err);
    if (st != SAL_OK) return st;
    if (sal_onnx_is_constant_(n, i)) {
        sal_onnx_param p = {.role = SAL_WEIGHT, .layer = n->name, .rank = s.rank};
        bool strip = s.rank == rank && s.rank > 2 && (flat || !n->r->one_image);
        if ((strip && s.dims[0] != 1) || (!n->r->one_image && s.rank > rank))
            return sal_onnx_mixes_(n, err);
        p.rank -= strip;
        memcpy(p.dims, s.dims + strip, p.rank * sizeof p.dims[0]);
        return sal_onnx_make_param_(n, i, &p, out, err);
    }
    if (flat) return sal_onnx_flat_(n, i, out, err);
    st = sal_onnx_full_(n, i, out, err);
    if (st != SAL_OK || s.rank == rank) return st;
    if (!n->r->one_image || s.rank < 2) return sal_onnx_mixes_(n, err);
    int64_t wide[SAL_MAX_RANK];
    for (size_t k = 0; k < rank; k++) wide[k] = k + s.rank < rank ? 1 : s.dims[k + s.rank - rank];
    return sal_onnx_reshape_(n, *out, rank, wide, out, err);
}

/* Ranks of both operands and whether both can be had as [N, ...] without a first axis of 1. */
static sal_status look_at_factors(sal_onnx_node *n, size_t *rank, bool *flat, sal_error *err)
{
    sal_shape s[2];
    *rank = 0;
    *flat = n->r->one_image;
    for (size_t i = 0; i < 2; i++) {
        sal_status st = sal_onnx_shape_(n, i, &s[i], err);
        if (st != SAL_OK) return st;
        if (!s[i].rank) return sal_fail_(err, SAL_E_SHAPE, "input %zu is a number", i);
        if (!sal_onnx_is_constant_(n, i) && s[i].rank > *rank) *rank = s[i].rank;
    }
    for (size_t i = 0; i < 2; i++) {
        bool constant = sal_onnx_is_constant_(n, i);
        size_t least = sal_onnx_is_constant_(n, 1) && i == 0 ? 2 : 3;
        if (!constant)
            *flat = *flat && sal_onnx_has_flat_(n, i) && s[i].rank == *rank && *rank >= least;
        else
            *flat = *flat && (s[i].rank < *rank || s[i].rank <= 2 || s[i].dims[0] == 1);
        if (n->r->one_image && constant && s[i].rank > *rank) *rank = s[i].rank;
        if (!constant && s[i].rank < 2 && !sal_onnx_is_constant_(n, 1 - i))
            return sal_onnx_unsupported_(n, "a product of vectors", err);
    }
    return SAL_OK;
}

sal_status sal_onnx_map_matmul_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[2], v;
    size_t rank;
    bool flat, weight = sal_onnx_is_constant_(n, 1);
    if (weight && sal_onnx_is_constant_(n, 0))
        return sal_onnx_unsupported_(n, "a product of constants", err);
    sal_status st = look_at_factors(n, &rank, &flat, err);
    for (size_t i = 0; st == SAL_OK && i < 2; i++) st = factor(n, i, flat, rank, &in[i], err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "MatMul", NULL, 2, in, &v, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 0, v, flat, err);
    if (st == SAL_OK && (weight || sal_onnx_is_constant_(n, 0))) sal_onnx_layer_ends_(n, false);
    return st;
}

/* ---- norms ------------------------------------------------------------------------------------ */

static double epsilon_of(const sal_onnx_node *n)
{
    double e = sal_onnx_float_(n, "epsilon", 1e-5);
    if ((float)e >= 1e-5f && (float)e <= 1e-5f) return 1e-5; /* the default, not its float */
    return e < 0 || e > 0 ? e : 1e-300;                      /* 0 would be the default */
}

sal_status sal_onnx_map_batch_norm_(sal_onnx_node *n, sal_error *err)
{
    static const sal_param_role roles[] = {SAL_NORM_SCALE, SAL_NORM_SHIFT, SAL_NORM_MEAN,
                                           SAL_NORM_VARIANCE};
    sal_value in[5];
    sal_op_attrs a = {.epsilon = epsilon_of(n)};
    if (sal_onnx_int_(n, "training_mode", 0) || !sal_onnx_int_(n, "spatial", 1))
        return sal_onnx_unsupported_(n, "training, or statistics per place,", err);
    sal_status st = sal_onnx_flat_(n, 0, &in[0], err);
    const char *layer = st == SAL_OK && n->in[0]->layer ? n->in[0]->layer : n->name;
    for (size_t i = 0; st == SAL_OK && i < 4; i++)
        st = sal_onnx_plain_param_(n, i + 1, roles[i], layer, &in[i + 1], err);
    sal_value v;
    if (st == SAL_OK) st = sal_onnx_emit_(n, "BatchNormalization", &a, 5, in, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}

sal_status sal_onnx_map_instance_norm_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[3], v;
    sal_op_attrs a = {.epsilon = epsilon_of(n)};
    sal_status st = sal_onnx_flat_(n, 0, &in[0], err);
    if (st == SAL_OK) st = sal_onnx_plain_param_(n, 1, SAL_NORM_SCALE, n->name, &in[1], err);
    if (st == SAL_OK) st = sal_onnx_plain_param_(n, 2, SAL_NORM_SHIFT, n->name, &in[2], err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "InstanceNormalization", &a, 3, in, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}

/* LayerNormalization's other outputs: the mean and 1 / deviation of what goes together. */
static sal_status layer_moments(sal_onnx_node *n, const sal_op_attrs *a, size_t rank, sal_value x,
                                sal_error *err)
{
    sal_value mean = x, square = x, in[2] = {x, SAL_NO_VALUE};
    sal_op_attrs over = {.keep_dims = true};
    for (int64_t axis = a->axis; axis < (int64_t)rank; axis++) over.axes[over.n_axes++] = axis;
    sal_status st = sal_onnx_part_(n, "ReduceMean", &over, 1, &x, &mean, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 1, mean, false, err);
    in[1] = mean;
    if (st == SAL_OK) st = sal_onnx_part_(n, "Sub", NULL, 2, in, &square, err);
    in[0] = in[1] = square;
    if (st == SAL_OK) st = sal_onnx_part_(n, "Mul", NULL, 2, in, &square, err);
    if (st == SAL_OK) st = sal_onnx_part_(n, "ReduceMean", &over, 1, &square, &in[0], err);
    if (st == SAL_OK) st = sal_onnx_number_param_(n, "epsilon", a->epsilon, &in[1], err);
    if (st == SAL_OK) st = sal_onnx_part_(n, "Add", NULL, 2, in, &square, err);
    if (st == SAL_OK) st = sal_onnx_part_(n, "Sqrt", NULL, 1, &square, &square, err);
    if (st == SAL_OK) st = sal_onnx_part_(n, "Reciprocal", NULL, 1, &square, &square, err);
    return st == SAL_OK ? sal_onnx_done_(n, 2, square, false, err) : st;
}

static bool output_needed(const sal_onnx_node *n, size_t k)
{
    if (k >= n->proto->n_output || !n->proto->output[k][0]) return false;
    return sal_onnx_value_(n->r, n->proto->output[k])->needed;
}

sal_status sal_onnx_map_layer_norm_(sal_onnx_node *n, sal_error *err)
{
    sal_value in[3], v;
    sal_shape s;
    sal_op_attrs a = {.epsilon = epsilon_of(n), .axis = sal_onnx_int_(n, "axis", -1)};
    bool shift = sal_onnx_given_(n, 2);
    sal_status st = sal_onnx_shape_(n, 0, &s, err);
    if (st == SAL_OK) st = sal_onnx_axis_(n, &a.axis, s.rank, err);
    if (st == SAL_OK) st = sal_onnx_full_(n, 0, &in[0], err);
    if (st == SAL_OK) st = sal_onnx_plain_param_(n, 1, SAL_NORM_SCALE, n->name, &in[1], err);
    if (st == SAL_OK && shift)
        st = sal_onnx_plain_param_(n, 2, SAL_NORM_SHIFT, n->name, &in[2], err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "LayerNormalization", &a, shift ? 3 : 2, in, &v, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 0, v, false, err);
    size_t rank = s.rank + (n->r->one_image ? 1 : 0);
    return st == SAL_OK && (output_needed(n, 1) || output_needed(n, 2))
               ? layer_moments(n, &a, rank, in[0], err)
               : st;
}

sal_status sal_onnx_map_lrn_(sal_onnx_node *n, sal_error *err)
{
    sal_value v;
    sal_op_attrs a = {.kernel = {sal_onnx_int_(n, "size", 0), 1},
                      .alpha = sal_onnx_float_(n, "alpha", 1e-4),
                      .beta = sal_onnx_float_(n, "beta", 0.75),
                      .gamma = sal_onnx_float_(n, "bias", 1)};
    sal_status st = sal_onnx_flat_(n, 0, &v, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "LRN", &a, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}
