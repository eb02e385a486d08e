/* runtime.h - ONNX Runtime behind dlopen: a session from a model's bytes, and one image through it. */
#ifndef SALCHECK_ORT_RUNTIME_H
#define SALCHECK_ORT_RUNTIME_H

#include <salcheck/core.h>

typedef struct runtime runtime;

/* Loads the library and proves its table of functions on a network of one node. path NULL: where
 * the dynamic linker finds it. */
sal_status runtime_open(const char *path, runtime **out, sal_error *err);
void runtime_close(runtime *r); /* NULL is fine */

/* A session in place of the one before; one input, `outputs` outputs. */
sal_status runtime_load(runtime *r, const void *model, size_t bytes, size_t outputs,
                        sal_error *err);

/* One image through the session: output number `which`, of any number of floats up to room. */
sal_status runtime_run(runtime *r, size_t which, size_t rank, const int64_t *dims, const float *x,
                       size_t room, float *values, size_t *n, sal_error *err);

#endif
