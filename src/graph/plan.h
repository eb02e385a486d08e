/* graph/plan.h - a plan fixes batch, lifetimes and one workspace; running it allocates nothing. It
 * knows beforehand what is wanted, so that no other gradient is computed. One thread at a time. */
#ifndef SAL_GRAPH_PLAN_H
#define SAL_GRAPH_PLAN_H

#include "graph/graph.h"

/* Overrides an operator's backward pass; operators know nothing of it. Rules may read in and out. */
typedef struct sal_backward_rule {
    const char *op;
    sal_backward_fn backward;
} sal_backward_rule;

typedef struct sal_backward_rules {
    size_t n;
    const sal_backward_rule *rows;
} sal_backward_rules;

typedef struct sal_wish {
    size_t batch;     /* most images in one run */
    size_t limit;     /* bytes of workspace: halves the batch until it fits; 0 = none */
    sal_value output; /* computed, readable; the backward pass starts here */
    size_t n_taps, n_gradients;
    const sal_value *taps;           /* more values to keep readable */
    const sal_value *gradients;      /* inputs and activations whose gradient is wanted */
    bool params;                     /* gradients of all parameters */
    const sal_backward_rules *rules; /* NULL: the plain gradient */
} sal_wish;

typedef struct sal_plan sal_plan;

sal_status sal_plan_create_(const sal_graph *g, const sal_wish *wish, sal_plan **out,
                            sal_error *err);
void sal_plan_free_(sal_plan *p);
size_t sal_plan_bytes_(const sal_plan *p); /* of the workspace */
size_t sal_plan_batch_(const sal_plan *p); /* most images in one run */

/* Computes n <= batch images. inputs[k] = graph input k, [n, ...], stays valid until the backward
 * pass is done. params[i] = the parameters of image i; images whose layers share memory share a
 * product, and no image's bits depend on that. */
void sal_plan_forward_(sal_plan *p, size_t n, const float *const *inputs,
                       const sal_params *const *params);

/* After forward. seed [n, output]: gradient of the output. param_gradients[k] is added to (wish
 * had params; all images the same parameters), else NULL. */
void sal_plan_backward_(sal_plan *p, const float *seed, float *const *param_gradients);

/* Readable until the next forward: output, taps; after backward: wished gradients. */
const float *sal_plan_value_(const sal_plan *p, sal_value v);
const float *sal_plan_gradient_(const sal_plan *p, sal_value v);

#endif
