/* tests/support/sample_rig.h - one operator alone in a graph, filled as its sample says. */
#ifndef SAL_TESTS_SAMPLE_RIG_H
#define SAL_TESTS_SAMPLE_RIG_H

#include "graph/plan.h"

typedef struct sample_rig {
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
} sample_rig;

/* n = 0: as many images as the sample has. Ends the test when the graph does not do. */
sample_rig sample_rig_build(const sal_op_def *op, const sal_op_sample *s, size_t n, sal_rng *rng);
void sample_rig_free(sample_rig *r);

bool sample_rig_is_param(const sample_rig *r, size_t k);

/* Runs `count` images from `first` on; the output is readable until the next run. */
const float *sample_rig_forward(sample_rig *r, size_t first, size_t count);

/* After forward. grads[k]: added to for a parameter (may be NULL), written for an activation. */
void sample_rig_backward(sample_rig *r, const float *seed, float *const *grads);

#endif
