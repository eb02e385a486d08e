/* onnx/read/node.c - one node of the file: its row, its inputs, folded or mapped. */
#include "onnx/read/reader.h"

#include <string.h>

static const sal_onnx_row *row_of(const Onnx__NodeProto *node)
{
    const char *domain = sal_onnx_text_(node->domain);
    if (domain[0] && strcmp(domain, "ai.onnx") != 0) return NULL;
    for (size_t i = 0; sal_onnx_rows_[i].op; i++)
        if (!strcmp(sal_onnx_rows_[i].op, sal_onnx_text_(node->op_type))) return &sal_onnx_rows_[i];
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
        if (sal_onnx_text_(n->proto->attribute[k]->ref_attr_name)[0])
            return sal_onnx_unsupported_(n, "an attribute of a function", err);
    if (!n->proto->n_output) return sal_fail_(err, SAL_E_FORMAT, "has no output");
    if (n->row->fold && (constant || n->row->any_input)) return n->row->fold(n, err);
    if (n->row->map && !n->r->outer) return n->row->map(n, err);
    return sal_onnx_unsupported_(n, "an input that depends on the data", err);
}

sal_status sal_onnx_map_node_(sal_onnx_reader *r, const Onnx__NodeProto *proto, sal_error *err)
{
    sal_onnx_node n = {.r = r, .proto = proto, .row = row_of(proto), .n_in = proto->n_input};
    n.name = sal_onnx_text_(proto->name)[0] ? proto->name : proto->n_output ? proto->output[0] : "";
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
    return sal_fail_(err, st, "%.40s (opset %lld), node '%s': %s", sal_onnx_text_(proto->op_type),
                     (long long)r->opset, sal_onnx_shown_(n.name), why.text);
}
