/* graph/plan_impl.h - the inside of a plan, shared by plan.c (makes it) and run.c (runs it). */
#ifndef SAL_GRAPH_PLAN_IMPL_H
#define SAL_GRAPH_PLAN_IMPL_H

#include "graph/plan.h"

/* A stretch of the workspace and the time it is in use; count 0 = none. */
typedef struct sal_buffer {
    size_t count;    /* floats per image */
    size_t from, to; /* time, both ends in use */
    size_t at, size; /* place in the workspace, floats for the whole batch */
} sal_buffer;

struct sal_plan {
    const sal_graph *g;
    size_t batch, n, n_taps, n_gradients;
    sal_value output, *taps, *gradients;
    bool *needed, *wants, *reached; /* per value */
    bool *runs, *returns;           /* per node: forward, backward */
    sal_backward_fn *backward;      /* per node */
    sal_buffer *buffers, *value, *gradient, *keep;
    size_t workspace_count, scratch_count;
    float *workspace;
    const float **in; /* of the node being run */
    float **gx;
    const float **inputs;      /* of the run */
    const sal_params **params; /* per image */
};

#endif
