/* onnx/read/values.c - tensors by name, their shapes as ONNX sees them, axes. */
#include "onnx/read/reader.h"

#include <string.h>

sal_onnx_value *sal_onnx_value_(sal_onnx_reader *r, const char *name)
{
    size_t i = sal_names_find_(&r->names, name);
    if (i != SAL_NO_NAME) return &r->values[i];
    if (r->n_values == r->room_values || !sal_names_set_(&r->names, name, r->n_values)) return NULL;
    r->values[r->n_values] = (sal_onnx_value){
        .name = name, .v = SAL_NO_VALUE, .flat = SAL_NO_VALUE, .param = SAL_NO_VALUE};
    return &r->values[r->n_values++];
}

bool sal_onnx_given_(const sal_onnx_node *n, size_t i)
{
    return i < n->n_in && n->in[i];
}

bool sal_onnx_is_constant_(const sal_onnx_node *n, size_t i)
{
    return sal_onnx_given_(n, i) && n->in[i]->constant;
}

sal_status sal_onnx_constant_(const sal_onnx_node *n, size_t i, const sal_constant **out,
                              sal_error *err)
{
    if (!sal_onnx_given_(n, i)) return sal_fail_(err, SAL_E_FORMAT, "input %zu is missing", i);
    *out = n->in[i]->constant;
    if (*out) return SAL_OK;
    return sal_fail_(err, SAL_E_UNSUPPORTED,
                     "input %zu ('%s') depends on the data, wanted a constant", i,
                     sal_onnx_shown_(n->in[i]->name));
}

sal_status sal_onnx_set_constant_(sal_onnx_node *n, size_t output, sal_constant *c, sal_error *err)
{
    sal_onnx_value *v = NULL;
    if (output < n->proto->n_output && n->proto->output[output][0])
        v = sal_onnx_value_(n->r, n->proto->output[output]);
    if (!v || v->known) {
        sal_constant_free_(n->r->env, c);
        return v ? sal_fail_(err, SAL_E_FORMAT, "'%s' is made twice", v->name) : SAL_OK;
    }
    v->constant = c;
    v->known = true;
    v->type = c->type;
    return SAL_OK;
}

sal_status sal_onnx_shape_(const sal_onnx_node *n, size_t i, sal_shape *out, sal_error *err)
{
    if (!sal_onnx_given_(n, i)) return sal_fail_(err, SAL_E_FORMAT, "input %zu is missing", i);
    const sal_onnx_value *v = n->in[i];
    if (v->constant) {
        *out = v->constant->shape;
        return SAL_OK;
    }
    bool whole = v->v != SAL_NO_VALUE && n->r->one_image;
    int64_t dims[SAL_MAX_RANK];
    size_t rank = sal_graph_shape(n->r->g, whole || v->flat == SAL_NO_VALUE ? v->v : v->flat, dims);
    *out = (sal_shape){0};
    if (!whole) out->dims[out->rank++] = n->r->one_image ? 1 : n->r->batch;
    memcpy(out->dims + out->rank, dims, rank * sizeof dims[0]);
    out->rank += rank;
    return SAL_OK;
}

sal_status sal_onnx_plain_axis_(const sal_onnx_node *n, int64_t *axis, size_t rank, sal_error *err)
{
    (void)n;
    int64_t r = (int64_t)rank;
    if (*axis < -r || *axis >= r)
        return sal_fail_(err, SAL_E_FORMAT, "axis %lld of a tensor of rank %zu", (long long)*axis,
                         rank);
    if (*axis < 0) *axis += r;
    return SAL_OK;
}

sal_status sal_onnx_mixes_(const sal_onnx_node *n, sal_error *err)
{
    n->r->mixes = true;
    return sal_fail_(err, SAL_E_UNSUPPORTED, "touches axis 0, which counts the inputs");
}

sal_status sal_onnx_axis_(const sal_onnx_node *n, int64_t *axis, size_t rank, sal_error *err)
{
    sal_status st = sal_onnx_plain_axis_(n, axis, rank, err);
    if (st != SAL_OK) return st;
    if (n->r->one_image)
        ++*axis;
    else if (*axis == 0)
        return sal_onnx_mixes_(n, err);
    return SAL_OK;
}

sal_status sal_onnx_unsupported_(const sal_onnx_node *n, const char *what, sal_error *err)
{
    (void)n;
    return sal_fail_(err, SAL_E_UNSUPPORTED, "%s is not supported", what);
}
