/* onnx/read/outputs.c - which tensors a file is read for, and handing them over. */
#include "onnx/read/reader.h"

#include <string.h>

static const Onnx__NodeProto *maker_of(const sal_onnx_reader *r, const char *name, bool by_node)
{
    for (size_t i = 0; i < r->proto->n_node; i++) {
        const Onnx__NodeProto *node = r->proto->node[i];
        if (by_node && node->n_output && !strcmp(sal_onnx_text_(node->name), name)) return node;
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
    *name = sal_onnx_text_(r->proto->output[0]->name);
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

sal_status sal_onnx_mark_outputs_(sal_onnx_reader *r, const char **logits, sal_error *err)
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
        sal_onnx_value *v = sal_onnx_find_value_(r, sal_onnx_text_(r->proto->output[i]->name));
        if (!v) return sal_fail_(err, SAL_E_FORMAT, "output %zu is made by no node", i);
        v->needed = true;
    }
    return st;
}

sal_value sal_onnx_best_(const sal_onnx_value *v)
{
    return v->flat != SAL_NO_VALUE ? v->flat : v->v;
}

sal_status sal_onnx_take_outputs_(sal_onnx_reader *r, const char *logits, sal_error *err)
{
    sal_onnx *o = r->out;
    o->n_outputs = r->job->every_output ? r->proto->n_output : 1;
    o->outputs = sal_alloc_zero_(r->env, o->n_outputs + 1, sizeof *o->outputs);
    if (!o->outputs) return sal_no_memory_(err, "outputs");
    for (size_t i = 0; i < o->n_outputs; i++) {
        sal_onnx_value *v = sal_onnx_find_value_(
            r, r->job->every_output ? sal_onnx_text_(r->proto->output[i]->name) : logits);
        if (!v || !v->known)
            return sal_fail_(err, SAL_E_FORMAT, "output '%s' is made by no node",
                             sal_onnx_shown_(v ? v->name : logits));
        o->outputs[i].value = sal_onnx_best_(v);
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
