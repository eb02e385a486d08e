/* tests/support/support.h - what the tests share: CMocka, golden files, comparisons. */
#ifndef SAL_TESTS_SUPPORT_H
#define SAL_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <salcheck/tensor.h>

/* A .npy file: float32, float64, int64, int32 or uint8, C order; values widened to double. Ends the test
 * program with a message when the file is not as wanted. Release data with free(). */
typedef struct npy_array {
    size_t rank, count;
    int64_t dims[SAL_MAX_RANK];
    double *data;
} npy_array;

npy_array load_npy(const char *path);

/* The folder of the larger goldens (SALCHECK_GOLDEN, default ../shared/golden beside the source
 * tree), or NULL when it is not there; then the caller says what it leaves out and skips. */
const char *golden_folder(void);

/* norm2(got - want) / norm2(want) */
double relative_rms(size_t n, const float *got, const double *want);

/* Fails with the case's name when |got - want| > tolerance; NaN fails. */
void assert_near(const char *name, double got, double want, double tolerance);

#endif
