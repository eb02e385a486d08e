/**
 * tensor.h - float32 tensors, contiguous, row-major. A tensor owns its buffer or is a view of a
 * buffer that somebody else keeps alive. The first dimension counts inputs: [N, ...].
 */
#ifndef SALCHECK_TENSOR_H
#define SALCHECK_TENSOR_H

#include <salcheck/core.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sal_tensor sal_tensor;

/**
 * Makes a tensor of zeros.
 *
 * shape   dims[0..rank-1], each >= 0, rank <= SAL_MAX_RANK
 * owner   *out is the caller's; sal_tensor_free()
 * errors  SAL_E_ARG, SAL_E_SHAPE (rank, negative or too large), SAL_E_NOMEM
 */
SAL_API sal_status sal_tensor_create(const sal_env *env, size_t rank, const int64_t *dims,
                                     sal_tensor **out, sal_error *err);

/**
 * Wraps a buffer of the caller: no copy.
 *
 * shape   as sal_tensor_create; data holds the product of dims floats
 * owner   *out is the caller's; data stays the caller's and must outlive *out
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_NOMEM
 */
SAL_API sal_status sal_tensor_view_of(const sal_env *env, float *data, size_t rank,
                                      const int64_t *dims, sal_tensor **out, sal_error *err);

/**
 * Views `count` entries of the first dimension, from `first` on: no copy.
 *
 * shape   [count, dims of t from 1 on]
 * owner   *out is the caller's and must not outlive t's buffer
 * errors  SAL_E_ARG, SAL_E_SHAPE (outside of t), SAL_E_NOMEM
 */
SAL_API sal_status sal_tensor_slice(const sal_tensor *t, int64_t first, int64_t count,
                                    sal_tensor **out, sal_error *err);

/** Releases a tensor; a view leaves its buffer alone. NULL is fine. */
SAL_API void sal_tensor_free(sal_tensor *t);

/** The elements, borrowed: they die with t. */
SAL_API float *sal_tensor_data(sal_tensor *t);
SAL_API const float *sal_tensor_get_data(const sal_tensor *t);

SAL_API size_t sal_tensor_rank(const sal_tensor *t);
SAL_API int64_t sal_tensor_dim(const sal_tensor *t, size_t axis); /* 1 beyond the rank */
SAL_API size_t sal_tensor_count(const sal_tensor *t);             /* all elements */

#ifdef __cplusplus
}
#endif
#endif
