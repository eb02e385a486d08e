/* onnx/write/write.c - a graph as a file: nodes in order, parameters as raw little-endian floats. */
#include "onnx/write/writer.h"

#include <salcheck/onnx.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { IR_VERSION = 8, LEAST_OPSET = 17 };

/* Field numbers of the schema. */
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8 };

/* ---- the graph ------------------------------------------------------------------------------------------ */

static void write_value_info(sal_wire *to, unsigned field, const sal_value_info *v)
{
    sal_wire dim = {.env = to->env}, shape = dim, tensor = dim, type = dim, info = dim;
    for (size_t i = 0; i < v->shape.rank; i++) {
        if (i)
            sal_wire_int_(&dim, 1, v->shape.dims[i]);
        else
            sal_wire_text_(&dim, 2, "N");
        sal_wire_message_(&shape, 1, &dim);
    }
    sal_wire_int_(&tensor, 1, SAL_T_FLOAT);
    sal_wire_message_(&tensor, 2, &shape);
    sal_wire_message_(&type, 1, &tensor);
    sal_wire_text_(&info, 1, v->name);
    sal_wire_message_(&info, 2, &type);
    sal_wire_message_(to, field, &info);
    sal_wire *all[] = {&dim, &shape, &tensor, &type, &info};
    for (size_t i = 0; i < 5; i++) sal_wire_free_(all[i]);
}

/* An activation where a file wants another type than float. */
static const char *converted(sal_onnx_writer *w, const sal_node *n, size_t i,
                             char name[SAL_WRITE_NAME])
{
    const sal_value_info *v = &w->g->values[n->in[i]];
    int type = sal_write_input_type_(n, i);
    if (v->kind == SAL_IS_PARAM ? w->param_type[v->index] == type : type == SAL_T_FLOAT)
        return v->name;
    const char *in[1] = {v->name};
    sal_write_name_(w, n, name);
    sal_write_begin_(w, "Cast", name, 1, in, name);
    sal_write_int_(w, "to", type);
    sal_write_end_(w);
    return name;
}

static void write_node(sal_onnx_writer *w, const sal_node *n)
{
    const char *in[SAL_WRITE_INPUTS];
    char names[4][SAL_WRITE_NAME];
    size_t used = 0;
    for (size_t i = 0; i < n->n_in; i++) {
        in[i] = w->g->values[n->in[i]].name;
        if (used < 4) in[i] = converted(w, n, i, names[used]);
        used += used < 4 && in[i] == names[used];
    }
    sal_write_op_(w, n, in);
}

/* Types of parameters: that of their first use. Also the opset, or which node cannot be written. */
static sal_status look_at_nodes(sal_onnx_writer *w, const bool *leads, sal_error *err)
{
    w->opset = LEAST_OPSET;
    for (size_t i = w->g->n_nodes; i-- > 0;) {
        const sal_node *n = &w->g->nodes[i];
        if (!leads[n->out]) continue;
        int64_t opset = sal_write_opset_(n);
        if (!opset || n->n_in > SAL_WRITE_INPUTS)
            return sal_fail_(err, SAL_E_UNSUPPORTED, "%s node '%s' cannot be written as ONNX",
                             n->op->name, n->name);
        if (opset > w->opset) w->opset = opset;
        for (size_t k = 0; k < n->n_in; k++) {
            const sal_value_info *v = &w->g->values[n->in[k]];
            if (v->kind == SAL_IS_PARAM)
                w->param_type[v->index] = (unsigned char)sal_write_input_type_(n, k);
        }
    }
    return SAL_OK;
}

static void write_graph(sal_onnx_writer *w, sal_value output, const bool *leads, sal_wire *graph)
{
    for (size_t i = 0; i < w->g->n_nodes; i++)
        if (leads[w->g->nodes[i].out]) write_node(w, &w->g->nodes[i]);
    for (size_t i = 0; i < w->g->n_params; i++)
        if (leads[w->g->params[i].value]) sal_write_param_(w, i);
    sal_wire_bytes_(graph, w->nodes.data, w->nodes.n);
    sal_wire_text_(graph, SAL_WRITE_GRAPH_NAME, w->g->name);
    sal_wire_bytes_(graph, w->tensors.data, w->tensors.n);
    for (size_t v = 0; v < w->g->n_values; v++)
        if (w->g->values[v].kind == SAL_IS_INPUT && leads[v])
            write_value_info(graph, SAL_WRITE_GRAPH_INPUT, &w->g->values[v]);
    write_value_info(graph, SAL_WRITE_GRAPH_OUTPUT, &w->g->values[output]);
    graph->failed =
        graph->failed || w->nodes.failed || w->tensors.failed || w->node.failed || w->part.failed;
}

static sal_status write_file(const sal_onnx_writer *w, sal_wire *graph, const char *path,
                             sal_error *err)
{
    sal_wire head = {.env = w->g->env}, opset = head;
    sal_wire_int_(&head, MODEL_IR, IR_VERSION);
    sal_wire_text_(&head, MODEL_PRODUCER, "salcheck");
    sal_wire_text_(&head, MODEL_VERSION, SAL_VERSION);
    sal_wire_text_(&opset, 1, "");
    sal_wire_int_(&opset, 2, w->opset);
    sal_wire_message_(&head, MODEL_OPSET, &opset);
    sal_wire_varint_(&head, MODEL_GRAPH << 3 | 2);
    sal_wire_varint_(&head, graph->n);
    sal_status st = SAL_OK;
    if (head.failed || opset.failed || graph->failed) {
        st = sal_no_memory_(err, "an ONNX file");
    } else {
        FILE *f = fopen(path, "wb");
        bool good = f && fwrite(head.data, 1, head.n, f) == head.n &&
                    fwrite(graph->data, 1, graph->n, f) == graph->n;
        if (f) good = fclose(f) == 0 && good;
        if (!good)
            st = sal_fail_(err, SAL_E_IO, "%s: cannot be written: %s", sal_onnx_shown_(path),
                           strerror(errno));
    }
    sal_wire_free_(&head);
    sal_wire_free_(&opset);
    return st;
}

sal_status sal_onnx_save(const sal_graph *g, sal_value output, const sal_params *p,
                         const char *path, sal_error *err)
{
    if (!g || !p || !path) return sal_fail_(err, SAL_E_ARG, "graph, parameters or path is NULL");
    sal_status st = sal_graph_check(g, err);
    if (st != SAL_OK) return st;
    if (output < 0 || (size_t)output >= g->n_values || g->values[output].kind != SAL_IS_NODE)
        return sal_fail_(err, SAL_E_ARG, "the output is no node's of this graph");
    if (sal_params_count(p) != g->n_params)
        return sal_fail_(err, SAL_E_ARG, "parameters of another graph");
    sal_wire empty = {.env = g->env}, graph = empty;
    sal_onnx_writer w = {
        .g = g, .p = p, .nodes = empty, .tensors = empty, .node = empty, .part = empty};
    bool *leads = sal_alloc_zero_(g->env, g->n_values + 1, sizeof *leads);
    w.param_type = sal_alloc_zero_(g->env, g->n_params + 1, sizeof *w.param_type);
    if (!leads || !w.param_type) {
        st = sal_no_memory_(err, "an ONNX file");
    } else {
        sal_graph_leads_to_(g, output, leads);
        st = look_at_nodes(&w, leads, err);
    }
    if (st == SAL_OK) write_graph(&w, output, leads, &graph);
    if (st == SAL_OK) st = write_file(&w, &graph, path, err);
    sal_wire *all[] = {&w.nodes, &w.tensors, &w.node, &w.part, &graph};
    for (size_t i = 0; i < 5; i++) sal_wire_free_(all[i]);
    sal_free_(g->env, leads);
    sal_free_(g->env, w.param_type);
    return st;
}
