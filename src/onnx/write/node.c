/* onnx/write/node.c - nodes, their attributes and tensors as the schema has them. */
#include "onnx/write/writer.h"

#include <stdio.h>
#include <string.h>

/* Field numbers of the schema. */
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTR_NAME = 1, ATTR_F = 2, ATTR_I = 3, ATTR_S = 4, ATTR_INTS = 8, ATTR_TYPE = 20 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };

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
    sal_wire_message_(&w->nodes, SAL_WRITE_GRAPH_NODE, &w->node);
}

/* ---- tensors ------------------------------------------------------------------------------------------ */

static void end_tensor(sal_onnx_writer *w, const char *name, int type, size_t rank,
                       const int64_t *dims, sal_wire *raw)
{
    for (size_t i = 0; i < rank; i++) sal_wire_int_(&w->part, TENSOR_DIMS, dims[i]);
    sal_wire_int_(&w->part, TENSOR_TYPE, type);
    sal_wire_text_(&w->part, TENSOR_NAME, name);
    sal_wire_message_(&w->part, TENSOR_RAW, raw);
    sal_wire_message_(&w->tensors, SAL_WRITE_GRAPH_TENSOR, &w->part);
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

void sal_write_param_(sal_onnx_writer *w, size_t i)
{
    const sal_param_info *info = &w->g->params[i].info;
    const float *values = sal_params_get(w->p, i);
    sal_wire raw = {.env = w->g->env};
    for (size_t k = 0; k < sal_params_size(w->p, i); k++)
        put_number(&raw, w->param_type[i], values[k]);
    end_tensor(w, info->name, w->param_type[i], info->rank, info->dims, &raw);
    sal_wire_free_(&raw);
}
