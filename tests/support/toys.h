/* tests/support/toys.h - small training problems. */
#ifndef SAL_TESTS_TOYS_H
#define SAL_TESTS_TOYS_H

#include <salcheck/nn.h>

/* x [n, 2] in three classes, thirds of a disc with a gap: not separable by lines through 0. */
typedef struct toy_classes {
    size_t n;
    float *x;
    int64_t *labels;
    sal_tensor *t; /* view of x */
} toy_classes;

toy_classes make_classes(size_t n, uint64_t seed);
void free_classes(toy_classes *c);

/* 2 -> units tanh -> 3, initialised. */
typedef struct toy_mlp {
    sal_graph *g;
    sal_params *p;
    sal_value x, y;
} toy_mlp;

toy_mlp make_mlp(const sal_env *env, int64_t units);
void free_mlp(toy_mlp *m);

#endif
