/* tensor/tensor.h - shapes and the inside of a tensor. Contiguous, row-major, float32. */
#ifndef SAL_TENSOR_TENSOR_H
#define SAL_TENSOR_TENSOR_H

#include "base/base.h"

#include <salcheck/tensor.h>

typedef struct sal_shape {
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
} sal_shape;

struct sal_tensor {
    const sal_env *env;
    sal_shape shape;
    size_t count;
    float *data;
    bool owns; /* else a view of somebody's buffer */
};

/* Checks rank, signs and the product; *count may be NULL. */
sal_status sal_shape_make_(size_t rank, const int64_t *dims, sal_shape *out, size_t *count,
                           sal_error *err);
/* Product of dims from axis on; the shape has been checked. */
size_t sal_shape_count_from_(const sal_shape *s, size_t axis);
bool sal_shape_equal_(const sal_shape *a, const sal_shape *b);
/* "[2, 1, 28, 28]" into text, which is returned. */
const char *sal_shape_text_(const sal_shape *s, char *text, size_t size);

enum { SAL_SHAPE_TEXT = 96 };

/* Index of the first NaN or infinity, or n. */
size_t sal_first_not_finite_(size_t n, const float *values);

#endif
