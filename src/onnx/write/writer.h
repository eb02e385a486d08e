/* onnx/write/writer.h - a graph on its way into a file. */
#ifndef SAL_ONNX_WRITER_H
#define SAL_ONNX_WRITER_H

#include "graph/graph.h"
#include "onnx/file/constant.h"
#include "onnx/write/wire.h"

/* Field numbers of a graph in the schema. */
enum {
    SAL_WRITE_GRAPH_NODE = 1,
    SAL_WRITE_GRAPH_NAME = 2,
    SAL_WRITE_GRAPH_TENSOR = 5,
    SAL_WRITE_GRAPH_INPUT = 11,
    SAL_WRITE_GRAPH_OUTPUT = 12
};

enum { SAL_WRITE_NAME = 320, SAL_WRITE_INPUTS = 80 };

typedef struct sal_onnx_writer {
    const sal_graph *g;
    const sal_params *p;
    sal_wire nodes, tensors; /* repeated fields of the graph */
    sal_wire node, part;     /* being written */
    int64_t opset;
    unsigned char *param_type; /* sal_onnx_type of each parameter in the file */
    size_t helpers;
} sal_onnx_writer;

/* ---- a node (node.c): begin, attributes, end --------------------------------------------------- */

void sal_write_begin_(sal_onnx_writer *w, const char *op, const char *name, size_t n_in,
                      const char *const *in, const char *out);
void sal_write_int_(sal_onnx_writer *w, const char *name, int64_t value);
void sal_write_float_(sal_onnx_writer *w, const char *name, double value);
void sal_write_text_(sal_onnx_writer *w, const char *name, const char *value);
void sal_write_ints_(sal_onnx_writer *w, const char *name, size_t n, const int64_t *values);
void sal_write_end_(sal_onnx_writer *w);

/* Tensors; name is made up from the node's and returned in `name`. */
const char *sal_write_list_(sal_onnx_writer *w, const sal_node *n, size_t count,
                            const int64_t *values, char name[SAL_WRITE_NAME]);
const char *sal_write_floats_(sal_onnx_writer *w, const sal_node *n, size_t count,
                              const float *values, char name[SAL_WRITE_NAME]);
const char *sal_write_index_(sal_onnx_writer *w, const sal_node *n, int64_t value,
                             char name[SAL_WRITE_NAME]);
const char *sal_write_number_(sal_onnx_writer *w, const sal_node *n, float value,
                              char name[SAL_WRITE_NAME]);
/* Parameter i of the graph, by its own name. */
void sal_write_param_(sal_onnx_writer *w, size_t i);
/* "NODE.k": a name for a helper's result. */
const char *sal_write_name_(sal_onnx_writer *w, const sal_node *n, char name[SAL_WRITE_NAME]);

/* ---- operators (ops.c) ----------------------------------------------------------------------- */

/* The least opset that has what the node needs; 0: ONNX does not have the operator. */
int64_t sal_write_opset_(const sal_node *n);
/* The element type that input i has in a file: FLOAT, INT64 or BOOL. */
int sal_write_input_type_(const sal_node *n, size_t i);
/* Writes the node, its inputs being tensors of those types. */
void sal_write_op_(sal_onnx_writer *w, const sal_node *n, const char *const *in);

#endif
