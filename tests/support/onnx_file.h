/* tests/support/onnx_file.h - small ONNX files for tests, field by field: what no exporter writes. */
#ifndef SAL_TESTS_ONNX_FILE_H
#define SAL_TESTS_ONNX_FILE_H

#include "onnx/write/wire.h"

typedef struct onnx_file {
    sal_wire graph, node, part;
    int64_t opset; /* 0 = 13 */
} onnx_file;

/* A node; in and out are names separated by spaces. Attributes come before onnx_node(). */
void onnx_int(onnx_file *f, const char *name, int64_t value);
void onnx_ints(onnx_file *f, const char *name, size_t n, const int64_t *values);
void onnx_node(onnx_file *f, const char *op, const char *name, const char *in, const char *out);

/* An initializer of raw bytes, and one of floats 1/2, 1/3, 1/4, ... */
void onnx_tensor(onnx_file *f, const char *name, int type, size_t rank, const int64_t *dims,
                 const void *raw, size_t bytes);
void onnx_floats(onnx_file *f, const char *name, size_t rank, const int64_t *dims);
/* One whose data lie in another file. */
void onnx_external(onnx_file *f, const char *name, size_t rank, const int64_t *dims,
                   const char *location, const char *offset, const char *length);

/* dims[0] = 0: open. */
void onnx_input(onnx_file *f, const char *name, size_t rank, const int64_t *dims);
void onnx_output(onnx_file *f, const char *name);

/* Writes the file, and forgets what it was made of. Ends the test when it cannot. */
void onnx_write(onnx_file *f, const char *path);

#endif
