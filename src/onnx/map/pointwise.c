/* onnx/map/pointwise.c - operators that look at one element of each input. */
#include "onnx/ops.h"

#include <math.h>
#include <string.h>

enum { MOST = 32 };

/* The graph's operators take 0 for "default": a 0 that is meant is -0.0. */
static double meant(double x)
{
    return x < 0 || x > 0 ? x : -0.0;
}

/* Input 0 in the form it has. */
static sal_status any_form(sal_onnx_node *n, sal_value *v, bool *flat, sal_error *err)
{
    *flat = sal_onnx_given_(n, 0) && n->in[0]->flat != SAL_NO_VALUE && n->r->one_image;
    return *flat ? sal_onnx_flat_(n, 0, v, err) : sal_onnx_full_(n, 0, v, err);
}

static sal_status single(sal_onnx_node *n, const char *op, const sal_op_attrs *a, sal_error *err)
{
    sal_value v;
    bool flat;
    sal_status st = any_form(n, &v, &flat, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, op, a, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, flat, err) : st;
}

static const struct {
    const char *op;
    double alpha, beta, gamma;
} defaults[] = {{"LeakyRelu", 0.01, 0, 0},
                {"Elu", 1, 0, 0},
                {"Selu", 1.67326319217681884765625, 0, 1.05070102214813232421875},
                {"HardSigmoid", 0.2, 0.5, 0},
                {"Celu", 1, 0, 0},
                {"ThresholdedRelu", 1, 0, 0}};

sal_status sal_onnx_map_single_(sal_onnx_node *n, sal_error *err)
{
    sal_op_attrs a = {0};
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        if (strcmp(defaults[i].op, n->row->op) != 0) continue;
        a.alpha = meant(sal_onnx_float_(n, "alpha", defaults[i].alpha));
        a.beta = meant(sal_onnx_float_(n, "beta", defaults[i].beta));
        a.gamma = meant(sal_onnx_float_(n, "gamma", defaults[i].gamma));
        if (!strcmp(n->row->op, "Selu") && n->r->opset < 6) { /* four digits */
            a.alpha = meant(sal_onnx_float_(n, "alpha", 1.6732));
            a.gamma = meant(sal_onnx_float_(n, "gamma", 1.0507));
        }
    }
    if (!strcmp(n->row->op, "Shrink")) {
        a.alpha = meant(sal_onnx_float_(n, "lambd", 0.5));
        a.beta = sal_onnx_float_(n, "bias", 0);
    }
    if (!strcmp(n->row->op, "Gelu")) a.mode = sal_onnx_text_is_(n, "approximate", "tanh");
    if (!strcmp(n->row->op, "IsInf"))
        a.mode = !sal_onnx_int_(n, "detect_negative", 1)   ? 1
                 : !sal_onnx_int_(n, "detect_positive", 1) ? 2
                                                           : 0;
    sal_status st = single(n, n->row->graph_op, &a, err);
    if (st == SAL_OK && !strncmp(n->row->op, "Is", 2)) sal_onnx_set_type_(n, SAL_T_BOOL);
    return st;
}

sal_status sal_onnx_map_cast_(sal_onnx_node *n, sal_error *err)
{
    int64_t type;
    sal_status st = sal_onnx_cast_type_(n, &type, err);
    if (st != SAL_OK) return st;
    bool from_float = sal_onnx_given_(n, 0) && sal_onnx_is_float_(n->in[0]->type);
    sal_op_attrs a = {.mode = type == SAL_T_BOOL                             ? 2
                              : !sal_onnx_is_float_((int)type) && from_float ? 1
                                                                             : 0};
    st = single(n, "Cast", &a, err);
    if (st == SAL_OK) sal_onnx_set_type_(n, (int)type);
    return st;
}

/* A bound from its attribute (old files) or its input. */
static sal_status bound(sal_onnx_node *n, const char *name, size_t input, double *value,
                        sal_error *err)
{
    const sal_constant *c;
    *value = sal_onnx_float_(n, name, *value);
    if (!sal_onnx_given_(n, input)) return SAL_OK;
    sal_status st = sal_onnx_constant_(n, input, &c, err);
    if (st == SAL_OK && c->count != 1) st = sal_fail_(err, SAL_E_FORMAT, "%s is no number", name);
    if (st == SAL_OK) *value = sal_constant_number_(c, 0);
    return st;
}

sal_status sal_onnx_map_clip_(sal_onnx_node *n, sal_error *err)
{
    double low = (double)-INFINITY, high = (double)INFINITY;
    sal_status st = bound(n, "min", 1, &low, err);
    if (st == SAL_OK) st = bound(n, "max", 2, &high, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = {.low = low, .high = high};
    if (!(low < 0 || low > 0 || high < 0 || high > 0)) { /* both 0: no bounds, to the operator */
        a.low = -1e-45;
        a.high = 1e-45;
    }
    return single(n, "Clip", &a, err);
}

/* ---- several inputs --------------------------------------------------------------------------- */

typedef struct group {
    size_t rank; /* ONNX axes of the result */
    bool flat;
    sal_value in[MOST];
} group;

/* Old files: the second operand's axes start at `axis` of the first's. */
static void align_old(const sal_onnx_node *n, size_t rank, sal_shape *s)
{
    int64_t axis = sal_onnx_int_(n, "axis", 0);
    if (n->r->opset >= 7 || !sal_onnx_has_(n, "axis") || axis < 0) return;
    while (s->rank && s->rank + (size_t)axis < rank && s->rank < SAL_MAX_RANK)
        s->dims[s->rank++] = 1;
}

/* PRelu of old files: one slope per channel. */
static void align_channels(const sal_onnx_node *n, size_t rank, sal_shape *s)
{
    if (strcmp(n->row->op, "PRelu") != 0 || n->r->opset >= 7 || s->rank != 1) return;
    while (s->rank + 1 < rank && s->rank < SAL_MAX_RANK) s->dims[s->rank++] = 1;
}

static sal_status constant_operand(sal_onnx_node *n, size_t i, const group *g, const char *layer,
                                   sal_value *out, sal_error *err)
{
    sal_shape s = n->in[i]->constant->shape;
    if (i) {
        align_old(n, g->rank, &s);
        align_channels(n, g->rank, &s);
    }
    bool strip = s.rank == g->rank && (g->flat || !n->r->one_image);
    if (strip && s.rank && s.dims[0] != 1) return sal_onnx_mixes_(n, err);
    if (s.rank > g->rank) return sal_onnx_mixes_(n, err);
    sal_onnx_param p = {.role = layer ? SAL_BIAS : SAL_FIXED,
                        .layer = layer,
                        .rank = s.rank - (strip && s.rank ? 1 : 0)};
    memcpy(p.dims, s.dims + (strip && s.rank ? 1 : 0), p.rank * sizeof p.dims[0]);
    return sal_onnx_make_param_(n, i, &p, out, err);
}

static sal_status computed_operand(sal_onnx_node *n, size_t i, const group *g, sal_value *out,
                                   sal_error *err)
{
    sal_shape s;
    sal_status st = sal_onnx_shape_(n, i, &s, err);
    if (st != SAL_OK) return st;
    if (g->flat) return sal_onnx_flat_(n, i, out, err);
    if (!n->r->one_image && s.rank != g->rank) return sal_onnx_mixes_(n, err);
    st = sal_onnx_full_(n, i, out, err);
    if (st != SAL_OK || s.rank == g->rank) return st;
    if (i) align_old(n, g->rank, &s);
    sal_shape wide = {.rank = g->rank};
    for (size_t k = 0; k < g->rank; k++)
        wide.dims[k] = k + s.rank < g->rank ? 1 : s.dims[k + s.rank - g->rank];
    return sal_onnx_reshape_(n, *out, wide.rank, wide.dims, out, err);
}

/* The bias of the layer whose sums are the other operand: a vector along its outputs. */
static const char *joins_layer(sal_onnx_node *n, size_t constant)
{
    const sal_onnx_value *other = n->in[1 - constant];
    if (strcmp(n->row->op, "Add") != 0 || n->n_in != 2 || !other->layer || other->layer_has_bias)
        return NULL;
    const sal_shape *s = &n->in[constant]->constant->shape;
    size_t wide = 0;
    for (size_t i = 0; i < s->rank; i++) wide += s->dims[i] != 1;
    return wide == 1 ? other->layer : NULL;
}

static sal_status operands(sal_onnx_node *n, group *g, const char **layer, sal_error *err)
{
    sal_status st = SAL_OK;
    sal_shape s;
    if (!n->n_in || n->n_in > MOST) return sal_fail_(err, SAL_E_UNSUPPORTED, "%zu inputs", n->n_in);
    g->flat = n->r->one_image;
    for (size_t i = 0; st == SAL_OK && i < n->n_in; i++) {
        st = sal_onnx_shape_(n, i, &s, err);
        if (st == SAL_OK && s.rank > g->rank) g->rank = s.rank;
    }
    for (size_t i = 0; st == SAL_OK && i < n->n_in; i++) {
        st = sal_onnx_shape_(n, i, &s, err);
        bool leads = s.rank == g->rank;
        if (n->in[i]->constant)
            g->flat = g->flat && (!leads || (s.rank && s.dims[0] == 1));
        else
            g->flat = g->flat && leads && sal_onnx_has_flat_(n, i);
    }
    for (size_t i = 0; st == SAL_OK && i < n->n_in; i++)
        if (n->in[i]->constant) {
            const char *joined = i < 2 && sal_onnx_given_(n, 1) ? joins_layer(n, i) : NULL;
            if (joined) *layer = joined;
            st = constant_operand(n, i, g, joined, &g->in[i], err);
        } else {
            st = computed_operand(n, i, g, &g->in[i], err);
        }
    return st;
}

static sal_status several(sal_onnx_node *n, const sal_op_attrs *a, sal_error *err)
{
    group g = {0};
    const char *layer = NULL;
    sal_value v;
    sal_status st = operands(n, &g, &layer, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, n->row->graph_op, a, n->n_in, g.in, &v, err);
    if (st == SAL_OK) st = sal_onnx_done_(n, 0, v, g.flat, err);
    if (st != SAL_OK || !layer) return st;
    sal_onnx_value *o = sal_onnx_value_(n->r, n->proto->output[0]);
    o->layer = layer;
    o->layer_has_bias = true;
    return st;
}

sal_status sal_onnx_map_several_(sal_onnx_node *n, sal_error *err)
{
    return several(n, NULL, err);
}

sal_status sal_onnx_map_truth_(sal_onnx_node *n, sal_error *err)
{
    sal_status st = several(n, NULL, err);
    if (st == SAL_OK) sal_onnx_set_type_(n, SAL_T_BOOL);
    return st;
}

sal_status sal_onnx_map_mod_(sal_onnx_node *n, sal_error *err)
{
    sal_op_attrs a = {.mode = sal_onnx_int_(n, "fmod", 0) != 0};
    return several(n, &a, err);
}

/* Whole numbers are divided towards 0. */
sal_status sal_onnx_map_div_(sal_onnx_node *n, sal_error *err)
{
    group g = {0};
    const char *layer = NULL;
    sal_value v;
    sal_status st = operands(n, &g, &layer, err);
    if (st != SAL_OK) return st;
    if (sal_onnx_is_float_(n->in[0]->type)) {
        st = sal_onnx_emit_(n, "Div", NULL, n->n_in, g.in, &v, err);
    } else {
        sal_op_attrs a = {.mode = 1};
        st = sal_onnx_part_(n, "Div", NULL, n->n_in, g.in, &v, err);
        if (st == SAL_OK) st = sal_onnx_emit_(n, "Cast", &a, 1, &v, &v, err);
    }
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, g.flat, err) : st;
}

sal_status sal_onnx_map_where_(sal_onnx_node *n, sal_error *err)
{
    sal_status st = several(n, NULL, err);
    if (st == SAL_OK) sal_onnx_set_type_(n, n->in[1]->type);
    return st;
}
