/* tensor/blas.h - matrix products, row-major; blas.c is the only caller of cblas. */
#ifndef SAL_TENSOR_BLAS_H
#define SAL_TENSOR_BLAS_H

#include "base/base.h"

/* Sets OpenBLAS to one thread, once per process, unless env says to leave it alone. Parallel work
 * is salcheck's own: BLAS threads change bits and collapse on shared machines. */
void sal_blas_start_(const sal_env *env);

/* c[m,n] = op(a)[m,k] op(b)[k,n] + beta c; lda, ldb, ldc = row lengths as stored. */
void sal_gemm_(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
               size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc);

#endif
