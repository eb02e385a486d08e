/* onnx/read/emit.c - nodes and parameters of the graph, and the two forms of an activation. */
#include "onnx/read/reader.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 256 };

/* A name nobody has yet: the first wish that is free, else the first with a number. */
static void choose_name(sal_onnx_node *n, const char *first, const char *second, char name[NAME])
{
    const char *wish = first && first[0] ? first : second;
    snprintf(name, NAME, "%s", wish);
    if (sal_graph_find(n->r->g, name) == SAL_NO_VALUE) return;
    if (second && second[0]) {
        snprintf(name, NAME, "%s", second);
        if (sal_graph_find(n->r->g, name) == SAL_NO_VALUE) return;
    }
    do snprintf(name, NAME, "%.200s/%zu", wish, n->parts++);
    while (sal_graph_find(n->r->g, name) != SAL_NO_VALUE);
}

static sal_status add_node(sal_onnx_node *n, const char *name, const char *op,
                           const sal_op_attrs *a, size_t n_in, const sal_value *in, sal_value *out,
                           sal_error *err)
{
    *out = sal_graph_node(n->r->g, op, name, a, n_in, in);
    return sal_graph_check(n->r->g, err);
}

sal_status sal_onnx_part_(sal_onnx_node *n, const char *op, const sal_op_attrs *a, size_t n_in,
                          const sal_value *in, sal_value *out, sal_error *err)
{
    char wish[NAME], name[NAME];
    snprintf(wish, sizeof wish, "%.200s/%s", n->name, op);
    choose_name(n, wish, NULL, name);
    return add_node(n, name, op, a, n_in, in, out, err);
}

sal_status sal_onnx_emit_(sal_onnx_node *n, const char *op, const sal_op_attrs *a, size_t n_in,
                          const sal_value *in, sal_value *out, sal_error *err)
{
    char name[NAME];
    choose_name(n, n->proto->name, n->proto->n_output ? n->proto->output[0] : n->name, name);
    return add_node(n, name, op, a, n_in, in, out, err);
}

sal_status sal_onnx_reshape_(sal_onnx_node *n, sal_value from, size_t rank, const int64_t *dims,
                             sal_value *out, sal_error *err)
{
    if (rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "rank %zu is beyond what is kept", rank);
    int64_t now[SAL_MAX_RANK];
    if (sal_graph_shape(n->r->g, from, now) == rank && !memcmp(now, dims, rank * sizeof now[0])) {
        *out = from;
        return SAL_OK;
    }
    sal_op_attrs a = {.rank = rank};
    memcpy(a.dims, dims, rank * sizeof dims[0]);
    return sal_onnx_part_(n, "Reshape", &a, 1, &from, out, err);
}

/* ---- the two forms ---------------------------------------------------------------------------- */

/* A constant as an activation: the same numbers for every input. */
static sal_status spread(sal_onnx_node *n, size_t i, sal_value *out, sal_error *err)
{
    const sal_constant *c = n->in[i]->constant;
    if (!n->r->out->n_inputs)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "input %zu does not depend on any input", i);
    sal_onnx_param p = {.role = SAL_FIXED, .rank = c->shape.rank};
    memcpy(p.dims, c->shape.dims, sizeof p.dims);
    if (!n->r->one_image) {
        if (!p.rank || p.dims[0] != 1) return sal_onnx_mixes_(n, err);
        p.rank--;
        memmove(p.dims, p.dims + 1, p.rank * sizeof p.dims[0]);
    }
    sal_value in[2] = {n->r->out->inputs[0], SAL_NO_VALUE};
    sal_status st = sal_onnx_make_param_(n, i, &p, &in[1], err);
    return st == SAL_OK ? sal_onnx_part_(n, "Spread", NULL, 2, in, out, err) : st;
}

sal_status sal_onnx_full_(sal_onnx_node *n, size_t i, sal_value *out, sal_error *err)
{
    if (!sal_onnx_given_(n, i)) return sal_fail_(err, SAL_E_FORMAT, "input %zu is missing", i);
    sal_onnx_value *v = n->in[i];
    if (v->constant) return spread(n, i, out, err);
    if (v->v == SAL_NO_VALUE) {
        sal_shape s;
        sal_status st = sal_onnx_shape_(n, i, &s, err);
        if (st == SAL_OK) st = sal_onnx_reshape_(n, v->flat, s.rank, s.dims, &v->v, err);
        if (st != SAL_OK) return st;
    }
    *out = v->v;
    return SAL_OK;
}

bool sal_onnx_has_flat_(const sal_onnx_node *n, size_t i)
{
    sal_shape s;
    if (!sal_onnx_given_(n, i) || n->in[i]->constant) return false;
    if (!n->r->one_image) return true;
    return sal_onnx_shape_(n, i, &s, NULL) == SAL_OK && s.rank > 1 && s.dims[0] == 1;
}

sal_status sal_onnx_flat_(sal_onnx_node *n, size_t i, sal_value *out, sal_error *err)
{
    if (!n->r->one_image || sal_onnx_is_constant_(n, i)) return sal_onnx_full_(n, i, out, err);
    sal_shape s;
    sal_status st = sal_onnx_shape_(n, i, &s, err);
    if (st != SAL_OK) return st;
    sal_onnx_value *v = n->in[i];
    if (v->flat == SAL_NO_VALUE) {
        if (!sal_onnx_has_flat_(n, i))
            return sal_fail_(err, SAL_E_UNSUPPORTED,
                             "axis 0 of input %zu is not 1, in a file that is "
                             "read for one input at a time",
                             i);
        st = sal_onnx_reshape_(n, v->v, s.rank - 1, s.dims + 1, &v->flat, err);
    }
    *out = v->flat;
    return st;
}

sal_status sal_onnx_done_(sal_onnx_node *n, size_t output, sal_value v, bool flat, sal_error *err)
{
    if (output >= n->proto->n_output || !n->proto->output[output][0]) return SAL_OK;
    sal_onnx_value *o = sal_onnx_value_(n->r, n->proto->output[output]);
    if (!o) return sal_no_memory_(err, "a tensor's name");
    if (o->known) return sal_fail_(err, SAL_E_FORMAT, "'%s' is made twice", o->name);
    o->known = true;
    o->type = sal_onnx_given_(n, 0) ? n->in[0]->type : SAL_T_FLOAT;
    if (!n->r->one_image)
        o->v = o->flat = v;
    else if (flat)
        o->flat = v;
    else
        o->v = v;
    return SAL_OK;
}

void sal_onnx_set_type_(sal_onnx_node *n, int type)
{
    for (size_t i = 0; i < n->proto->n_output; i++) {
        sal_onnx_value *o = sal_onnx_value_(n->r, n->proto->output[i]);
        if (o) o->type = type;
    }
}

/* ---- parameters -------------------------------------------------------------------------------- */

/* Numbers of a constant as a parameter's; an infinity of a constant (a mask) becomes the largest. */
static sal_status numbers_of(const sal_onnx_node *n, size_t i, sal_param_role role, float **data,
                             sal_error *err)
{
    const sal_constant *c = n->in[i]->constant;
    float *to = sal_alloc_array_(n->r->env, c->count + 1, sizeof *to);
    if (!to) return sal_no_memory_(err, "a parameter");
    for (size_t k = 0; k < c->count; k++) {
        float x = c->f ? c->f[k] : (float)c->i[k];
        if (role == SAL_FIXED && isinf(x)) x = x > 0 ? FLT_MAX : -FLT_MAX;
        to[k] = x;
        if (isfinite(x)) continue;
        sal_free_(n->r->env, to);
        return sal_fail_(err, SAL_E_VALUE, "tensor '%s': element %zu is not finite",
                         sal_onnx_shown_(n->in[i]->name), k);
    }
    *data = to;
    return SAL_OK;
}

static sal_status keep_pending(sal_onnx_reader *r, float *data, sal_error *err)
{
    if (r->n_pending == r->room_pending) {
        size_t more = r->room_pending ? 2 * r->room_pending : 64;
        struct sal_onnx_pending *bigger = sal_alloc_array_(r->env, more, sizeof *bigger);
        if (!bigger) return sal_no_memory_(err, "parameters");
        if (r->n_pending) memcpy(bigger, r->pending, r->n_pending * sizeof *bigger);
        sal_free_(r->env, r->pending);
        r->pending = bigger;
        r->room_pending = more;
    }
    r->pending[r->n_pending++].data = data;
    return SAL_OK;
}

/* Constants belong to the layer before them, so that they do not look like layers. */
static const char *layer_for(const sal_onnx_node *n, const sal_onnx_param *p, const char *name)
{
    if (p->layer) return p->layer;
    return n->r->last_layer ? n->r->last_layer : name;
}

sal_status sal_onnx_make_param_(sal_onnx_node *n, size_t i, const sal_onnx_param *p, sal_value *out,
                                sal_error *err)
{
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, i, &c, err);
    if (st != SAL_OK) {
        sal_free_(n->r->env, p->data);
        return st;
    }
    sal_onnx_value *v = n->in[i];
    bool plain = !p->data && p->rank == c->shape.rank &&
                 !memcmp(p->dims, c->shape.dims, p->rank * sizeof p->dims[0]);
    if (plain && v->param != SAL_NO_VALUE) {
        *out = v->param;
        return SAL_OK;
    }
    float *data = p->data;
    if (!data) st = numbers_of(n, i, p->role, &data, err);
    if (st != SAL_OK) return st;
    st = keep_pending(n->r, data, err);
    if (st != SAL_OK) {
        sal_free_(n->r->env, data);
        return st;
    }
    char name[NAME];
    choose_name(n, v->name, NULL, name);
    sal_param_info info = {
        .name = name, .role = p->role, .rank = p->rank, .layer = layer_for(n, p, name)};
    memcpy(info.dims, p->dims, p->rank * sizeof info.dims[0]);
    *out = sal_graph_param(n->r->g, &info);
    st = sal_graph_check(n->r->g, err);
    if (st == SAL_OK && plain) v->param = *out;
    return st;
}

sal_status sal_onnx_number_param_(sal_onnx_node *n, const char *part, double value, sal_value *out,
                                  sal_error *err)
{
    char wish[NAME], name[NAME];
    float *data = sal_alloc_array_(n->r->env, 1, sizeof *data);
    if (!data) return sal_no_memory_(err, "a parameter");
    *data = (float)value;
    sal_status st = keep_pending(n->r, data, err);
    if (st != SAL_OK) {
        sal_free_(n->r->env, data);
        return st;
    }
    snprintf(wish, sizeof wish, "%.200s/%s", n->name, part);
    choose_name(n, wish, NULL, name);
    sal_param_info info = {
        .name = name, .role = SAL_FIXED, .rank = 1, .dims = {1}, .layer = n->r->last_layer};
    *out = sal_graph_param(n->r->g, &info);
    return sal_graph_check(n->r->g, err);
}

sal_status sal_onnx_plain_param_(sal_onnx_node *n, size_t i, sal_param_role role, const char *layer,
                                 sal_value *out, sal_error *err)
{
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, i, &c, err);
    if (st != SAL_OK) return st;
    sal_onnx_param p = {.role = role, .layer = layer, .rank = c->shape.rank};
    memcpy(p.dims, c->shape.dims, sizeof p.dims);
    return sal_onnx_make_param_(n, i, &p, out, err);
}
