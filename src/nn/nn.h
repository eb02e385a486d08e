/* nn/nn.h - initialisers, losses and optimisers by name, as other layers use them. */
#ifndef SAL_NN_NN_H
#define SAL_NN_NN_H

#include "graph/plan.h"

#include <salcheck/nn.h>

/* Fills `out` (the parameter's elements) by an initialiser's spec. */
sal_status sal_init_fill_(const char *text, const sal_param_info *info, sal_rng *rng, float *out,
                          sal_error *err);

/* Loss of n outputs [n, size] against labels or targets (one is NULL). seed [n, size]: gradient of
 * the sum of losses times `scale`. work: 2 n size + n floats. Returns the sum of losses. */
double sal_loss_(const sal_shape *output, size_t n, const float *y, const int64_t *labels,
                 const float *targets, float scale, float *seed, float *work);

/* One optimiser: state holds def->slots numbers per parameter, zero at the start. */
typedef struct sal_optimiser sal_optimiser;
struct sal_optimiser {
    const char *name;
    size_t slots;
    double learning_rate; /* default */
    /* updates w[n] from g[n]; step counts from 1; state[k] is slot k of these n */
    void (*update)(const sal_fit_options *o, size_t step, size_t n, float *w, const float *g,
                   float *const *state);
};
extern const sal_optimiser sal_optimiser_sgd_, sal_optimiser_adam_;

#endif
