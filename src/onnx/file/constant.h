/* onnx/file/constant.h - tensors that are known while reading: shapes, axes, weights. Floats of every
 * width are kept as float, whole numbers and truth values as int64. */
#ifndef SAL_ONNX_CONSTANT_H
#define SAL_ONNX_CONSTANT_H

#include "onnx/file/file.h"
#include "tensor/tensor.h"

/* Element types by ONNX's numbers. */
typedef enum sal_onnx_type {
    SAL_T_NONE,
    SAL_T_FLOAT,
    SAL_T_UINT8,
    SAL_T_INT8,
    SAL_T_UINT16,
    SAL_T_INT16,
    SAL_T_INT32,
    SAL_T_INT64,
    SAL_T_STRING,
    SAL_T_BOOL,
    SAL_T_FLOAT16,
    SAL_T_DOUBLE,
    SAL_T_UINT32,
    SAL_T_UINT64,
    SAL_T_COMPLEX64,
    SAL_T_COMPLEX128,
    SAL_T_BFLOAT16
} sal_onnx_type;

bool sal_onnx_is_float_(int type);

typedef struct sal_constant {
    int type; /* sal_onnx_type */
    sal_shape shape;
    size_t count;
    float *f; /* one of the two */
    int64_t *i;
} sal_constant;

/* All zero. Release with sal_constant_free_. */
sal_status sal_constant_create_(const sal_env *env, int type, const sal_shape *shape,
                                sal_constant **out, sal_error *err);
void sal_constant_free_(const sal_env *env, sal_constant *c); /* NULL is fine */

double sal_constant_number_(const sal_constant *c, size_t i);
void sal_constant_set_number_(sal_constant *c, size_t i, double value);

/* Reads a tensor of the file; folder is where external data may lie (NULL: nowhere). */
sal_status sal_onnx_tensor_(const sal_env *env, const char *folder, const Onnx__TensorProto *t,
                            sal_constant **out, sal_error *err);

#endif
