/* onnx/read/sources.c - what a graph starts from: inputs of the network and constants. */
#include "onnx/read/reader.h"

/* The ONNX shape of an input; sizes that are open come from the options. */
static sal_status input_shape(const sal_onnx_reader *r, const Onnx__ValueInfoProto *in,
                              sal_shape *s, int *type, sal_error *err)
{
    const sal_onnx_options *o = r->job->options;
    const char *name = sal_onnx_shown_(in->name);
    if (!in->type || in->type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        !in->type->tensor_type)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "input '%s' is no tensor", name);
    const Onnx__TensorShapeProto *shape = in->type->tensor_type->shape;
    *type = in->type->tensor_type->elem_type;
    if (*type == SAL_T_STRING || *type == SAL_T_COMPLEX64 || *type == SAL_T_COMPLEX128)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "input '%s' has element type %d", name, *type);
    bool own = o && o->rank;
    if (!shape && !own) return sal_fail_(err, SAL_E_UNSUPPORTED, "input '%s' has no shape", name);
    s->rank = shape ? shape->n_dim : o->rank + 1;
    if (s->rank > SAL_MAX_RANK || (own && s->rank != o->rank + 1))
        return sal_fail_(err, s->rank > SAL_MAX_RANK ? SAL_E_UNSUPPORTED : SAL_E_SHAPE,
                         "input '%s' has rank %zu without N, given are %zu sizes", name,
                         s->rank - 1, own ? o->rank : 0);
    for (size_t i = 0; i < s->rank; i++) {
        int64_t given = own && i ? o->dims[i - 1] : 0, d = 0;
        if (shape &&
            shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
            d = shape->dim[i]->dim_value;
        if (d > 0 && i && given && given != d)
            return sal_fail_(err, SAL_E_SHAPE, "input '%s': axis %zu is %lld, given is %lld", name,
                             i, (long long)d, (long long)given);
        s->dims[i] = d > 0 ? d : i ? given : 0;
        if (i && s->dims[i] < 1)
            return sal_fail_(err, SAL_E_UNSUPPORTED,
                             "input '%s': the size of axis %zu is left open: "
                             "give the size of one input",
                             name, i);
    }
    return SAL_OK;
}

static sal_status add_input(sal_onnx_reader *r, const Onnx__ValueInfoProto *in, sal_error *err)
{
    sal_onnx_value *v = sal_onnx_find_value_(r, sal_onnx_text_(in->name));
    sal_shape s;
    if (v->known || !v->needed) return SAL_OK; /* an initializer, or nobody asks */
    sal_status st = input_shape(r, in, &s, &v->type, err);
    if (st != SAL_OK) return st;
    size_t drop = 1;
    if (r->one_image) {
        if (s.rank && !s.dims[0]) s.dims[0] = 1;
        drop = s.rank > 1 && s.dims[0] == 1 ? 1 : 0;
    } else {
        int64_t batch = s.rank && s.dims[0] ? s.dims[0] : SAL_ONNX_BATCH;
        if (!s.rank || (r->batch && r->batch != batch)) {
            r->mixes = true;
            return sal_fail_(err, SAL_E_UNSUPPORTED, "input '%s' has no batch axis like the others",
                             sal_onnx_shown_(v->name));
        }
        r->batch = batch;
    }
    sal_value made = sal_graph_input(r->g, v->name, s.rank - drop, s.dims + drop);
    st = sal_graph_check(r->g, err);
    if (st != SAL_OK) return st;
    v->known = true;
    if (!r->one_image || drop) v->flat = made;
    if (!r->one_image || !drop) v->v = made;
    r->out->inputs[r->out->n_inputs++] = made;
    return SAL_OK;
}

sal_status sal_onnx_add_sources_(sal_onnx_reader *r, sal_error *err)
{
    const Onnx__GraphProto *g = r->proto;
    sal_status st = SAL_OK;
    r->out->inputs = sal_alloc_zero_(r->env, g->n_input + 1, sizeof *r->out->inputs);
    if (!r->out->inputs) return sal_no_memory_(err, "inputs");
    for (size_t i = 0; st == SAL_OK && i < r->job->n_bound; i++)
        st = sal_onnx_add_constant_(r, r->job->bound[i].name, r->job->bound[i].tensor, err);
    for (size_t i = 0; st == SAL_OK && i < g->n_initializer; i++)
        st = sal_onnx_add_constant_(r, sal_onnx_text_(g->initializer[i]->name), g->initializer[i],
                                    err);
    for (size_t i = 0; st == SAL_OK && i < g->n_input; i++) st = add_input(r, g->input[i], err);
    return st;
}
