/* onnx/read/read.c - a model becomes a graph: names, inputs, nodes in the file's order, outputs. */
#include "onnx/read/reader.h"

#include <string.h>

enum { FREE_ELEMENTS = 1 << 22, OLDEST = 1, NEWEST = 20 };

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
        sal_value v = sal_onnx_best_(&r->values[i]);
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
    if (st == SAL_OK) st = sal_onnx_mark_outputs_(r, &logits, err);
    if (st == SAL_OK) st = sal_onnx_mark_needed_(r, err);
    if (st == SAL_OK) st = sal_onnx_add_sources_(r, err);
    for (size_t i = 0; st == SAL_OK && i < r->proto->n_node; i++)
        if (sal_onnx_is_live_(r, r->proto->node[i]))
            st = sal_onnx_map_node_(r, r->proto->node[i], err);
    if (st == SAL_OK) st = sal_onnx_take_outputs_(r, logits, err);
    if (st == SAL_OK) st = keep_names(r, err);
    if (st == SAL_OK) st = fill_params(r, err);
    return st == SAL_OK && !r->job->every_output ? make_model(r->out, err) : st;
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

/* Opsets 2 to 5 gave Pad, Split, Concat and Reshape the forms that they have in 6 and changed no other
 * operator of 1 that is read: where both forms are read, so are these. */
static sal_status opset_of(const Onnx__ModelProto *model, int64_t *opset, sal_error *err)
{
    bool stated = !model->n_opset_import; /* the oldest files say nothing */
    *opset = 1;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const char *domain = sal_onnx_text_(model->opset_import[i]->domain);
        if (domain[0] && strcmp(domain, "ai.onnx") != 0) continue;
        *opset = model->opset_import[i]->version;
        stated = true;
    }
    if (!stated)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "states no opset of ONNX's own operators");
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
