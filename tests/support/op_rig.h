/* tests/support/op_rig.h - one operator alone in a graph, filled as its sample says. */
#ifndef SAL_TESTS_OP_RIG_H
#define SAL_TESTS_OP_RIG_H

#include "graph/plan.h"

typedef struct op_rig {
    const sal_op_def *op;
    const sal_op_sample *sample;
    sal_graph *g;
    sal_params *params;
    sal_plan *plan;
    size_t n;                        /* images in data, and in one run of the plan */
    float *data[SAL_SAMPLE_INPUTS];  /* activations [n, ...], parameters as they are */
    size_t count[SAL_SAMPLE_INPUTS]; /* elements of data */
    sal_value value[SAL_SAMPLE_INPUTS], out;
    size_t out_count; /* elements of one image of the output */
} op_rig;

/* n = 0: as many images as the sample has. Ends the test when the graph does not do. */
op_rig op_rig_build(const sal_op_def *op, const sal_op_sample *s, size_t n, sal_rng *rng);
void op_rig_free(op_rig *r);

bool op_rig_is_param(const op_rig *r, size_t k);

/* Runs `count` images from `first` on; the output is readable until the next run. */
const float *op_rig_forward(op_rig *r, size_t first, size_t count);

/* After forward. grads[k]: added to for a parameter (may be NULL), written for an activation. */
void op_rig_backward(op_rig *r, const float *seed, float *const *grads);

#endif
