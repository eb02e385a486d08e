/* onnx/write.c - a graph as a file: nodes in order, parameters as raw little-endian floats. */
#include "onnx/writer.h"

#include <salcheck/onnx.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { IR_VERSION = 8, LEAST_OPSET = 17 };

/* Field numbers of the schema. */
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTR_NAME = 1, ATTR_F = 2, ATTR_I = 3, ATTR_S = 4, ATTR_INTS = 8, ATTR_TYPE = 20 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8 };

/* ---- nodes ------------------------------------------------------------------------------------------ */

void sal_write_begin_(sal_onnx_writer *w, const char *op, const char *name, size_t n_in,
                      const char *const *in, const char *out)
{
    for (size_t i = 0; i < n_in; i++) sal_wire_text_(&w->node, NODE_INPUT, in[i]);
    sal_wire_text_(&w->node, NODE_OUTPUT, out);
    sal_wire_text_(&w->node, NODE_NAME, name);
    sal_wire_text_(&w->node, NODE_OP, op);
}

static void end_attribute(sal_onnx_writer *w, int type)
{
    sal_wire_int_(&w->part, ATTR_TYPE, type);
    sal_wire_message_(&w->node, NODE_ATTRIBUTE, &w->part);
}

void sal_write_int_(sal_onnx_writer *w, const char *name, int64_t value)
{
    sal_wire_text_(&w->part, ATTR_NAME, name);
    sal_wire_int_(&w->part, ATTR_I, value);
    end_attribute(w, 2);
}

void sal_write_float_(sal_onnx_writer *w, const char *name, double value)
{
    sal_wire_text_(&w->part, ATTR_NAME, name);
    sal_wire_float_(&w->part, ATTR_F, (float)value);
    end_attribute(w, 1);
}

void sal_write_text_(sal_onnx_writer *w, const char *name, const char *value)
{
    sal_wire_text_(&w->part, ATTR_NAME, name);
    sal_wire_text_(&w->part, ATTR_S, value);
    end_attribute(w, 3);
}

void sal_write_ints_(sal_onnx_writer *w, const char *name, size_t n, const int64_t *values)
{
    sal_wire_text_(&w->part, ATTR_NAME, name);
    for (size_t i = 0; i < n; i++) sal_wire_int_(&w->part, ATTR_INTS, values[i]);
    end_attribute(w, 7);
}

void sal_write_end_(sal_onnx_writer *w)
{
    sal_wire_message_(&w->nodes, GRAPH_NODE, &w->node);
}

/* ---- tensors ------------------------------------------------------------------------------------------ */

static void end_tensor(sal_onnx_writer *w, const char *name, int type, size_t rank,
                       const int64_t *dims, sal_wire *raw)
{
    for (size_t i = 0; i < rank; i++) sal_wire_int_(&w->part, TENSOR_DIMS, dims[i]);
    sal_wire_int_(&w->part, TENSOR_TYPE, type);
    sal_wire_text_(&w->part, TENSOR_NAME, name);
    sal_wire_message_(&w->part, TENSOR_RAW, raw);
    sal_wire_message_(&w->tensors, GRAPH_TENSOR, &w->part);
}

static void put_number(sal_wire *raw, int type, float value)
{
    uint64_t bits = 0;
    uint32_t single;
    size_t width = type == SAL_T_INT64 ? 8 : type == SAL_T_BOOL ? 1 : 4;
    unsigned char bytes[8];
    memcpy(&single, &value, sizeof single);
    if (type == SAL_T_INT64)
        bits = (uint64_t)(int64_t)value;
    else
        bits = type == SAL_T_BOOL ? (value < 0 || value > 0) : single;
    for (size_t i = 0; i < width; i++) bytes[i] = (unsigned char)(bits >> 8 * i);
    sal_wire_bytes_(raw, bytes, width);
}

const char *sal_write_name_(sal_onnx_writer *w, const sal_node *n, char name[SAL_WRITE_NAME])
{
    do snprintf(name, SAL_WRITE_NAME, "%.280s.%zu", n->name, w->helpers++);
    while (sal_graph_find(w->g, name) != SAL_NO_VALUE);
    return name;
}

const char *sal_write_list_(sal_onnx_writer *w, const sal_node *n, size_t count,
                            const int64_t *values, char name[SAL_WRITE_NAME])
{
    sal_wire raw = {.env = w->g->env};
    int64_t size = (int64_t)count;
    for (size_t i = 0; i < count; i++)
        for (int b = 0; b < 8; b++)
            sal_wire_bytes_(&raw, &(unsigned char){(unsigned char)((uint64_t)values[i] >> 8 * b)},
                            1);
    end_tensor(w, sal_write_name_(w, n, name), SAL_T_INT64, 1, &size, &raw);
    sal_wire_free_(&raw);
    return name;
}

const char *sal_write_floats_(sal_onnx_writer *w, const sal_node *n, size_t count,
                              const float *values, char name[SAL_WRITE_NAME])
{
    sal_wire raw = {.env = w->g->env};
    int64_t size = (int64_t)count;
    for (size_t i = 0; i < count; i++) put_number(&raw, SAL_T_FLOAT, values[i]);
    end_tensor(w, sal_write_name_(w, n, name), SAL_T_FLOAT, 1, &size, &raw);
    sal_wire_free_(&raw);
    return name;
}

const char *sal_write_index_(sal_onnx_writer *w, const sal_node *n, int64_t value,
                             char name[SAL_WRITE_NAME])
{
    sal_wire raw = {.env = w->g->env};
    put_number(&raw, SAL_T_INT64, (float)value);
    end_tensor(w, sal_write_name_(w, n, name), SAL_T_INT64, 0, NULL, &raw);
    sal_wire_free_(&raw);
    return name;
}

const char *sal_write_number_(sal_onnx_writer *w, const sal_node *n, float value,
                              char name[SAL_WRITE_NAME])
{
    sal_wire raw = {.env = w->g->env};
    put_number(&raw, SAL_T_FLOAT, value);
    end_tensor(w, sal_write_name_(w, n, name), SAL_T_FLOAT, 0, NULL, &raw);
    sal_wire_free_(&raw);
    return name;
}

static void write_param(sal_onnx_writer *w, size_t i)
{
    const sal_param_info *info = &w->g->params[i].info;
    const float *values = sal_params_get(w->p, i);
    sal_wire raw = {.env = w->g->env};
    for (size_t k = 0; k < sal_params_size(w->p, i); k++)
        put_number(&raw, w->param_type[i], values[k]);
    end_tensor(w, info->name, w->param_type[i], info->rank, info->dims, &raw);
    sal_wire_free_(&raw);
}

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
        if (leads[w->g->params[i].value]) write_param(w, i);
    sal_wire_bytes_(graph, w->nodes.data, w->nodes.n);
    sal_wire_text_(graph, GRAPH_NAME, w->g->name);
    sal_wire_bytes_(graph, w->tensors.data, w->tensors.n);
    for (size_t v = 0; v < w->g->n_values; v++)
        if (w->g->values[v].kind == SAL_IS_INPUT && leads[v])
            write_value_info(graph, GRAPH_INPUT, &w->g->values[v]);
    write_value_info(graph, GRAPH_OUTPUT, &w->g->values[output]);
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
