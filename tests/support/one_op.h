/* tests/support/one_op.h - one operator by itself, run on given numbers through graph and plan. */
#ifndef SAL_TESTS_ONE_OP_H
#define SAL_TESTS_ONE_OP_H

#include "graph/plan.h"

typedef struct one_op {
    const char *name, *op;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[SAL_SAMPLE_INPUTS]; /* activations with their N in dims[0] */
    unsigned fixed;                  /* bit i: input i, which may be either, is a parameter */
} one_op;

/* Builds, runs and, when gy is given, goes back; y [n, ...] and gx[i] (of the inputs' sizes) are
 * the caller's to free(). *out has n in dims[0]. A mistake ends the test with the case's name. */
float *one_op_run(const one_op *o, const float *const *data, sal_shape *out);
void one_op_gradients(const one_op *o, const float *const *data, const float *gy, float **gx);

/* The message of a node that cannot be built; ends the test when it can. */
sal_error one_op_mistake(const one_op *o);

/* Fails with the case's name unless the shapes are equal. */
void assert_shape(const char *name, const sal_shape *got, const sal_shape *want);

/* n standard normal numbers, the caller's to free(). */
float *normal_numbers(size_t n, const char *purpose, uint64_t index);

#endif
