/* model_bytes.h - an ONNX file as bytes that can be changed: parameters found and rewritten, further
 * tensors made outputs. */
#ifndef SALCHECK_ORT_MODEL_BYTES_H
#define SALCHECK_ORT_MODEL_BYTES_H

#include <salcheck/model.h>

typedef struct model_bytes model_bytes;

sal_status model_bytes_read(const char *path, model_bytes **out, sal_error *err);
void model_bytes_free(model_bytes *m); /* NULL is fine */

const char *model_bytes_name(const model_bytes *m);
/* The shape of the one input without a default, with N; dims of 0 are open. */
sal_status model_bytes_input(const model_bytes *m, size_t *rank, int64_t *dims, sal_error *err);

/* Output number `*which` is this tensor, from now on if it was not; NULL is the file's first. */
sal_status model_bytes_output(model_bytes *m, const char *tensor, size_t *which, sal_error *err);
size_t model_bytes_outputs(const model_bytes *m);

size_t model_bytes_params(const model_bytes *m, const sal_param_info **infos);
/* The values of parameter i: read and written in place. */
float *model_bytes_values(const model_bytes *m, size_t i, size_t *n);

/* The file as it stands, to be freed; NULL: out of memory. */
unsigned char *model_bytes_pack(const model_bytes *m, size_t *bytes);

/* y = Relu(x), x of 3 numbers; to be freed; NULL: out of memory. */
unsigned char *model_bytes_of_one_node(const char *x, const char *y, size_t *bytes);

#endif
