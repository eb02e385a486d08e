/* tensor/blas.c - the only caller of cblas. */
#include "tensor/blas.h"

#include <cblas.h>
#include <pthread.h>

static void one_thread(void)
{
    openblas_set_num_threads(1);
}

void sal_blas_start_(const sal_env *env)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!env || !env->keep_blas_threads) pthread_once(&once, one_thread);
}

void sal_gemm_(bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
               size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc)
{
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
                transpose_b ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1.0f,
                a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}
