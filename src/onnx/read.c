/* onnx/read.c - a model becomes a graph: names, inputs, nodes in the file's order, outputs. */
#include "onnx/reader.h"

#include <string.h>

enum { MOST_NODES = 1 << 14, FREE_ELEMENTS = 1 << 22, OLDEST = 1, NEWEST = 20 };

static const char *text(const char *t)
{
    return t ? t : "";
}

/* ---- names: everything the file defines, and what its outputs need ----------------------------- */

static sal_status know(sal_onnx_reader *r, const char *name, sal_error *err)
{
    return sal_onnx_value_(r, name) ? SAL_OK : sal_no_memory_(err, "names");
}

sal_status sal_onnx_collect_names_(sal_onnx_reader *r, sal_error *err)
{
    const Onnx__GraphProto *g = r->proto;
    size_t room = g->n_input + g->n_initializer + r->job->n_bound;
    for (size_t i = 0; i < g->n_node; i++) room += g->node[i]->n_output;
    r->values = sal_alloc_array_(r->env, room + 1, sizeof *r->values);
    r->room_values = room;
    if (!r->values) return sal_no_memory_(err, "names");
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < g->n_initializer; i++)
        st = know(r, text(g->initializer[i]->name), err);
    for (size_t i = 0; st == SAL_OK && i < r->job->n_bound; i++)
        st = know(r, r->job->bound[i].name, err);
    for (size_t i = 0; st == SAL_OK && i < g->n_input; i++)
        st = know(r, text(g->input[i]->name), err);
    for (size_t i = 0; st == SAL_OK && i < g->n_node; i++)
        for (size_t k = 0; st == SAL_OK && k < g->node[i]->n_output; k++)
            if (g->node[i]->output[k][0]) st = know(r, g->node[i]->output[k], err);
    return st;
}

sal_onnx_value *sal_onnx_find_value_(sal_onnx_reader *r, const char *name)
{
    for (; r; r = r->outer) {
        size_t i = sal_names_find_(&r->names, name);
        if (i != SAL_NO_NAME) return &r->values[i];
    }
    return NULL;
}

bool sal_onnx_is_live_(sal_onnx_reader *r, const Onnx__NodeProto *node)
{
    for (size_t k = 0; k < node->n_output; k++) {
        const sal_onnx_value *v = sal_onnx_find_value_(r, node->output[k]);
        if (v && v->needed) return true;
    }
    return false;
}

sal_status sal_onnx_mark_needed_(sal_onnx_reader *r, sal_error *err)
{
    size_t live = 0;
    for (size_t i = r->proto->n_node; i-- > 0;) {
        const Onnx__NodeProto *node = r->proto->node[i];
        if (!sal_onnx_is_live_(r, node)) continue;
        if (++live > MOST_NODES)
            return sal_fail_(err, SAL_E_UNSUPPORTED, "more than %d nodes", MOST_NODES);
        for (size_t k = 0; k < node->n_input; k++) {
            sal_onnx_value *v = sal_onnx_find_value_(r, node->input[k]);
            if (v && strcmp(text(node->op_type), "Loop") != 0) v->needed = true;
        }
        sal_status st = sal_onnx_mark_bodies_(r, node, err);
        if (st != SAL_OK) return st;
    }
    return SAL_OK;
}

/* ---- outputs ------------------------------------------------------------------------------------- */

static const Onnx__NodeProto *maker_of(const sal_onnx_reader *r, const char *name, bool by_node)
{
    for (size_t i = 0; i < r->proto->n_node; i++) {
        const Onnx__NodeProto *node = r->proto->node[i];
        if (by_node && node->n_output && !strcmp(text(node->name), name)) return node;
        for (size_t k = 0; !by_node && k < node->n_output; k++)
            if (!strcmp(node->output[k], name)) return node;
    }
    return NULL;
}

/* The tensor to explain: the one asked for, or the first output without its softmax. */
static sal_status explained(sal_onnx_reader *r, const char **name, sal_error *err)
{
    const char *asked = r->job->options ? r->job->options->output : NULL;
    if (asked) {
        const Onnx__NodeProto *node =
            sal_onnx_find_value_(r, asked) ? NULL : maker_of(r, asked, true);
        *name = node ? node->output[0] : asked;
        if (sal_onnx_find_value_(r, *name)) return SAL_OK;
        return sal_fail_(err, SAL_E_ARG, "has no tensor or node '%s'", sal_onnx_shown_(asked));
    }
    if (!r->proto->n_output) return sal_fail_(err, SAL_E_FORMAT, "has no output");
    *name = text(r->proto->output[0]->name);
    for (int hops = 0; hops < 8; hops++) {
        const Onnx__NodeProto *node = maker_of(r, *name, false);
        if (!node || !node->n_input || !node->op_type) break;
        bool soft = !strcmp(node->op_type, "Softmax") || !strcmp(node->op_type, "LogSoftmax");
        if (!soft && strcmp(node->op_type, "Identity") != 0) break;
        if (!maker_of(r, node->input[0], false)) break;
        *name = node->input[0];
        if (soft) break;
    }
    return SAL_OK;
}

static sal_status mark_outputs(sal_onnx_reader *r, const char **logits, sal_error *err)
{
    sal_status st = SAL_OK;
    if (!r->job->every_output) {
        st = explained(r, logits, err);
        sal_onnx_value *v = st == SAL_OK ? sal_onnx_find_value_(r, *logits) : NULL;
        if (v)
            v->needed = true;
        else if (st == SAL_OK)
            st = sal_fail_(err, SAL_E_FORMAT, "output '%s' is made by no node",
                           sal_onnx_shown_(*logits));
        return st;
    }
    for (size_t i = 0; i < r->proto->n_output; i++) {
        sal_onnx_value *v = sal_onnx_find_value_(r, text(r->proto->output[i]->name));
        if (!v) return sal_fail_(err, SAL_E_FORMAT, "output %zu is made by no node", i);
        v->needed = true;
    }
    return st;
}

static sal_value value_of(const sal_onnx_value *v)
{
    return v->flat != SAL_NO_VALUE ? v->flat : v->v;
}

static sal_status take_outputs(sal_onnx_reader *r, const char *logits, sal_error *err)
{
    sal_onnx *o = r->out;
    o->n_outputs = r->job->every_output ? r->proto->n_output : 1;
    o->outputs = sal_alloc_zero_(r->env, o->n_outputs + 1, sizeof *o->outputs);
    if (!o->outputs) return sal_no_memory_(err, "outputs");
    for (size_t i = 0; i < o->n_outputs; i++) {
        sal_onnx_value *v = sal_onnx_find_value_(
            r, r->job->every_output ? text(r->proto->output[i]->name) : logits);
        if (!v || !v->known)
            return sal_fail_(err, SAL_E_FORMAT, "output '%s' is made by no node",
                             sal_onnx_shown_(v ? v->name : logits));
        o->outputs[i].value = value_of(v);
        if (!v->constant) continue;
        if (!r->job->every_output)
            return sal_fail_(err, SAL_E_UNSUPPORTED, "output '%s' does not depend on the input",
                             sal_onnx_shown_(v->name));
        o->outputs[i].constant = v->constant;
        v->constant = NULL;
        v->known = false;
    }
    return SAL_OK;
}

/* ---- inputs -------------------------------------------------------------------------------------- */

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
    sal_onnx_value *v = sal_onnx_find_value_(r, text(in->name));
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

sal_status sal_onnx_add_constant_(sal_onnx_reader *r, const char *name, const Onnx__TensorProto *t,
                                  sal_error *err)
{
    sal_onnx_value *v = sal_onnx_find_value_(r, name);
    if (v->known || !v->needed) return SAL_OK;
    sal_status st = sal_onnx_tensor_(r->env, r->job->folder, t, &v->constant, err);
    if (st != SAL_OK) return st;
    v->known = true;
    v->type = v->constant->type;
    return SAL_OK;
}

static sal_status add_sources(sal_onnx_reader *r, sal_error *err)
{
    const Onnx__GraphProto *g = r->proto;
    sal_status st = SAL_OK;
    r->out->inputs = sal_alloc_zero_(r->env, g->n_input + 1, sizeof *r->out->inputs);
    if (!r->out->inputs) return sal_no_memory_(err, "inputs");
    for (size_t i = 0; st == SAL_OK && i < r->job->n_bound; i++)
        st = sal_onnx_add_constant_(r, r->job->bound[i].name, r->job->bound[i].tensor, err);
    for (size_t i = 0; st == SAL_OK && i < g->n_initializer; i++)
        st = sal_onnx_add_constant_(r, text(g->initializer[i]->name), g->initializer[i], err);
    for (size_t i = 0; st == SAL_OK && i < g->n_input; i++) st = add_input(r, g->input[i], err);
    return st;
}

/* ---- nodes --------------------------------------------------------------------------------------- */

static const sal_onnx_row *row_of(const Onnx__NodeProto *node)
{
    const char *domain = text(node->domain);
    if (domain[0] && strcmp(domain, "ai.onnx") != 0) return NULL;
    for (size_t i = 0; sal_onnx_rows_[i].op; i++)
        if (!strcmp(sal_onnx_rows_[i].op, text(node->op_type))) return &sal_onnx_rows_[i];
    return NULL;
}

static sal_status look_up_inputs(sal_onnx_node *n, sal_error *err)
{
    while (n->n_in && !n->proto->input[n->n_in - 1][0]) n->n_in--; /* left out at the end */
    for (size_t i = 0; i < n->n_in; i++) {
        const char *name = n->proto->input[i];
        if (!name[0]) continue;
        n->in[i] = sal_onnx_find_value_(n->r, name);
        if (n->in[i] && n->in[i]->known) continue;
        if (n->in[i] && !n->in[i]->needed) { /* a state of a loop that nobody asks for */
            n->in[i] = NULL;
            continue;
        }
        return sal_fail_(err, SAL_E_FORMAT, "input '%s' is made by no node before",
                         sal_onnx_shown_(name));
    }
    return SAL_OK;
}

static sal_status run_row(sal_onnx_node *n, sal_error *err)
{
    bool constant = true;
    for (size_t i = 0; i < n->n_in; i++) constant = constant && (!n->in[i] || n->in[i]->constant);
    for (size_t k = 0; k < n->proto->n_attribute; k++)
        if (text(n->proto->attribute[k]->ref_attr_name)[0])
            return sal_onnx_unsupported_(n, "an attribute of a function", err);
    if (!n->proto->n_output) return sal_fail_(err, SAL_E_FORMAT, "has no output");
    if (n->row->fold && (constant || n->row->any_input)) return n->row->fold(n, err);
    if (n->row->map && !n->r->outer) return n->row->map(n, err);
    return sal_onnx_unsupported_(n, "an input that depends on the data", err);
}

sal_status sal_onnx_map_node_(sal_onnx_reader *r, const Onnx__NodeProto *proto, sal_error *err)
{
    sal_onnx_node n = {.r = r, .proto = proto, .row = row_of(proto), .n_in = proto->n_input};
    n.name = text(proto->name)[0] ? proto->name : proto->n_output ? proto->output[0] : "";
    sal_error why = {SAL_OK, ""};
    sal_status st = SAL_OK;
    if (!n.row) {
        st = sal_fail_(&why, SAL_E_UNSUPPORTED, "the operator is not supported");
    } else {
        n.in = sal_alloc_zero_(r->env, n.n_in + 1, sizeof *n.in);
        st = n.in ? look_up_inputs(&n, &why) : sal_no_memory_(&why, "a node");
        if (st == SAL_OK) st = run_row(&n, &why);
        for (size_t k = 0; st == SAL_OK && k < proto->n_output; k++) {
            const sal_onnx_value *v = sal_onnx_find_value_(r, proto->output[k]);
            if (v && v->needed && !v->known)
                st = sal_fail_(&why, SAL_E_UNSUPPORTED, "output %zu is not supported", k);
        }
        sal_free_(r->env, n.in);
    }
    if (st == SAL_OK) return st;
    return sal_fail_(err, st, "%.40s (opset %lld), node '%s': %s", text(proto->op_type),
                     (long long)r->opset, sal_onnx_shown_(n.name), why.text);
}

/* ---- parameters and the model ---------------------------------------------------------------------- */

static sal_status fill_params(sal_onnx_reader *r, sal_error *err)
{
    sal_status st = sal_params_create(r->g, &r->out->params, err);
    for (size_t i = 0; st == SAL_OK && i < r->n_pending; i++) {
        float *to;
        st = sal_params_edit_(r->out->params, i, &to, err);
        if (st != SAL_OK) break;
        memcpy(to, r->pending[i].data, sal_params_size(r->out->params, i) * sizeof *to);
        sal_free_(r->env, r->pending[i].data);
        r->pending[i].data = NULL;
    }
    return st;
}

/* Names of the computed tensors, for sal_onnx_find(): the file's own die with it. */
static sal_status keep_names(sal_onnx_reader *r, sal_error *err)
{
    sal_onnx *o = r->out;
    o->names.env = r->env;
    o->texts = sal_alloc_zero_(r->env, r->n_values + 1, sizeof *o->texts);
    if (!o->texts) return sal_no_memory_(err, "names");
    for (size_t i = 0; i < r->n_values; i++) {
        sal_value v = value_of(&r->values[i]);
        if (v == SAL_NO_VALUE) continue;
        char *copy = sal_copy_text_(r->env, r->values[i].name);
        if (!copy) return sal_no_memory_(err, "names");
        o->texts[o->n_texts++] = copy;
        if (!sal_names_set_(&o->names, copy, (size_t)v)) return sal_no_memory_(err, "names");
    }
    return SAL_OK;
}

static sal_status make_model(sal_onnx *o, sal_error *err)
{
    if (o->n_inputs != 1 || o->outputs[0].value == SAL_NO_VALUE ||
        o->g->values[o->outputs[0].value].kind != SAL_IS_NODE)
        return SAL_OK;
    return sal_model_from_graph(o->g, o->inputs[0], o->outputs[0].value, o->params, &o->model, err);
}

static sal_status read_graph(sal_onnx_reader *r, sal_error *err)
{
    const char *logits = NULL;
    sal_status st = sal_graph_create(r->env, sal_onnx_shown_(r->job->name), &r->out->g, err);
    r->g = r->out->g;
    if (st == SAL_OK) st = sal_onnx_collect_names_(r, err);
    if (st == SAL_OK) st = mark_outputs(r, &logits, err);
    if (st == SAL_OK) st = sal_onnx_mark_needed_(r, err);
    if (st == SAL_OK) st = add_sources(r, err);
    for (size_t i = 0; st == SAL_OK && i < r->proto->n_node; i++)
        if (sal_onnx_is_live_(r, r->proto->node[i]))
            st = sal_onnx_map_node_(r, r->proto->node[i], err);
    if (st == SAL_OK) st = take_outputs(r, logits, err);
    if (st == SAL_OK) st = keep_names(r, err);
    if (st == SAL_OK) st = fill_params(r, err);
    return st == SAL_OK && !r->job->every_output ? make_model(r->out, err) : st;
}

void sal_onnx_close_(sal_onnx_reader *r)
{
    for (size_t i = 0; i < r->n_values; i++) sal_constant_free_(r->env, r->values[i].constant);
    for (size_t i = 0; i < r->n_pending; i++) sal_free_(r->env, r->pending[i].data);
    sal_free_(r->env, r->values);
    sal_free_(r->env, r->pending);
    sal_names_free_(&r->names);
}

static sal_status attempt(const sal_env *env, const Onnx__ModelProto *model,
                          const sal_onnx_job *job, int64_t opset, bool one_image, bool *mixes,
                          sal_onnx **out, sal_error *err)
{
    sal_onnx_reader r = {.env = env,
                         .job = job,
                         .proto = model->graph,
                         .opset = opset,
                         .one_image = one_image,
                         .names = {.env = env},
                         .budget = FREE_ELEMENTS + job->size};
    r.out = sal_alloc_zero_(env, 1, sizeof *r.out);
    if (!r.out) return sal_no_memory_(err, "a network");
    r.out->env = env;
    r.out->names.env = env;
    r.out->one_image = one_image;
    sal_status st = read_graph(&r, err);
    *mixes = r.mixes;
    sal_onnx_close_(&r);
    if (st == SAL_OK)
        *out = r.out;
    else
        sal_onnx_free(r.out);
    return st;
}

static sal_status opset_of(const Onnx__ModelProto *model, int64_t *opset, sal_error *err)
{
    *opset = 0;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = text(model->opset_import[i]->domain);
        if (!domain[0] || !strcmp(domain, "ai.onnx")) *opset = model->opset_import[i]->version;
    }
    if (!model->n_opset_import) *opset = 1;
    if (*opset >= OLDEST && *opset <= NEWEST) return SAL_OK;
    return sal_fail_(err, SAL_E_UNSUPPORTED, "opset %lld, %d to %d are read", (long long)*opset,
                     OLDEST, NEWEST);
}

sal_status sal_onnx_read_(const sal_env *env, const Onnx__ModelProto *model,
                          const sal_onnx_job *job, sal_onnx **out, sal_error *err)
{
    int64_t opset;
    bool mixes = false, ignored;
    sal_error first = {SAL_OK, ""}, second = {SAL_OK, ""};
    if (!model->graph) return sal_fail_(err, SAL_E_FORMAT, "holds no graph");
    sal_status st = opset_of(model, &opset, &first);
    if (st == SAL_OK && !job->no_batch) {
        st = attempt(env, model, job, opset, false, &mixes, out, &first);
        if (st == SAL_OK) return st;
        if (job->batch_only || (st != SAL_E_UNSUPPORTED && st != SAL_E_SHAPE)) {
            if (err) *err = first;
            return st;
        }
        if (attempt(env, model, job, opset, true, &ignored, out, &second) == SAL_OK) return SAL_OK;
    } else if (st == SAL_OK) {
        st = attempt(env, model, job, opset, true, &ignored, out, &first);
    }
    const sal_error *told = mixes ? &second : &first;
    if (err && st != SAL_OK) *err = *told;
    return st == SAL_OK ? st : told->status;
}
