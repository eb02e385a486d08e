/* tests/support/onnx_file.c - see onnx_file.h. Numbers are those of the ONNX schema. */
#include "onnx_file.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void names(sal_wire *w, unsigned field, const char *list)
{
    char name[128];
    while (*list) {
        size_t n = strcspn(list, " ");
        snprintf(name, sizeof name, "%.*s", (int)n, list);
        sal_wire_text_(w, field, strcmp(name, "-") ? name : "");
        list += n + strspn(list + n, " ");
    }
}

void onnx_int(onnx_file *f, const char *name, int64_t value)
{
    sal_wire_text_(&f->part, 1, name);
    sal_wire_int_(&f->part, 3, value);
    sal_wire_int_(&f->part, 20, 2);
    sal_wire_message_(&f->node, 5, &f->part);
}

void onnx_ints(onnx_file *f, const char *name, size_t n, const int64_t *values)
{
    sal_wire_text_(&f->part, 1, name);
    for (size_t i = 0; i < n; i++) sal_wire_int_(&f->part, 8, values[i]);
    sal_wire_int_(&f->part, 20, 7);
    sal_wire_message_(&f->node, 5, &f->part);
}

void onnx_node(onnx_file *f, const char *op, const char *name, const char *in, const char *out)
{
    names(&f->node, 1, in);
    names(&f->node, 2, out);
    if (name) sal_wire_text_(&f->node, 3, name);
    sal_wire_text_(&f->node, 4, op);
    sal_wire_message_(&f->graph, 1, &f->node);
}

static void start_tensor(onnx_file *f, const char *name, int type, size_t rank, const int64_t *dims)
{
    for (size_t i = 0; i < rank; i++) sal_wire_int_(&f->part, 1, dims[i]);
    sal_wire_int_(&f->part, 2, type);
    sal_wire_text_(&f->part, 8, name);
}

void onnx_tensor(onnx_file *f, const char *name, int type, size_t rank, const int64_t *dims,
                 const void *raw, size_t bytes)
{
    start_tensor(f, name, type, rank, dims);
    sal_wire_block_(&f->part, 9, raw, bytes);
    sal_wire_message_(&f->graph, 5, &f->part);
}

void onnx_floats(onnx_file *f, const char *name, size_t rank, const int64_t *dims)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++) n *= (size_t)dims[i];
    float *values = calloc(n + 1, sizeof *values);
    for (size_t i = 0; i < n; i++) values[i] = 1.0f / (float)(i + 2);
    onnx_tensor(f, name, 1, rank, dims, values, n * sizeof *values);
    free(values);
}

static void entry(onnx_file *f, const char *key, const char *value)
{
    if (!value) return;
    sal_wire_text_(&f->node, 1, key);
    sal_wire_text_(&f->node, 2, value);
    sal_wire_message_(&f->part, 13, &f->node);
}

void onnx_external(onnx_file *f, const char *name, size_t rank, const int64_t *dims,
                   const char *location, const char *offset, const char *length)
{
    start_tensor(f, name, 1, rank, dims);
    entry(f, "location", location);
    entry(f, "offset", offset);
    entry(f, "length", length);
    sal_wire_int_(&f->part, 14, 1);
    sal_wire_message_(&f->graph, 5, &f->part);
}

static void value_info(onnx_file *f, unsigned field, const char *name, size_t rank,
                       const int64_t *dims)
{
    sal_wire dim = {0}, shape = {0}, tensor = {0};
    for (size_t i = 0; i < rank; i++) {
        if (dims[i])
            sal_wire_int_(&dim, 1, dims[i]);
        else
            sal_wire_text_(&dim, 2, "open");
        sal_wire_message_(&shape, 1, &dim);
    }
    sal_wire_int_(&tensor, 1, 1);
    if (dims) sal_wire_message_(&tensor, 2, &shape);
    sal_wire_message_(&f->node, 1, &tensor);
    sal_wire_text_(&f->part, 1, name);
    sal_wire_message_(&f->part, 2, &f->node);
    sal_wire_message_(&f->graph, field, &f->part);
    sal_wire_free_(&dim);
    sal_wire_free_(&shape);
    sal_wire_free_(&tensor);
}

void onnx_input(onnx_file *f, const char *name, size_t rank, const int64_t *dims)
{
    value_info(f, 11, name, rank, dims);
}

void onnx_output(onnx_file *f, const char *name)
{
    value_info(f, 12, name, 0, NULL);
}

void onnx_write(onnx_file *f, const char *path)
{
    sal_wire model = {0};
    sal_wire_int_(&model, 1, 8);
    sal_wire_int_(&f->part, 2, f->opset ? f->opset : 13);
    sal_wire_message_(&model, 8, &f->part);
    sal_wire_message_(&model, 7, &f->graph);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(model.data, 1, model.n, file) != model.n)
        fail_msg("%s: cannot be written", path);
    fclose(file);
    sal_wire_free_(&model);
    sal_wire_free_(&f->graph);
    sal_wire_free_(&f->node);
    sal_wire_free_(&f->part);
}
