/* tests/support/op_rig.h - one operator in a graph of its own, with random inputs: run it, look at
 * what it makes and at the gradients of all its inputs, parameters among them. */
#ifndef SAL_TESTS_OP_RIG_H
#define SAL_TESTS_OP_RIG_H

#include "graph/plan.h"

enum { OP_RIG_INPUTS = 6 };

typedef struct op_rig {
    const sal_op_def *op;
    sal_graph *g;
    sal_params *params;
    sal_plan *plan;
    size_t n, n_in, n_out;                        /* images, inputs, elements of out for n images */
    sal_shape in_shape[OP_RIG_INPUTS], out_shape; /* activations with n in dims[0] */
    sal_value in[OP_RIG_INPUTS], out;
    size_t count[OP_RIG_INPUTS];    /* elements for n images; of the whole parameter */
    float *data[OP_RIG_INPUTS];     /* may be changed between runs */
    float *gradient[OP_RIG_INPUTS]; /* after op_rig_backward */
} op_rig;

/* Shapes of activations have the number of images in dims[0]. Inputs are standard normal. */
op_rig op_rig_make(const char *op, const sal_op_attrs *attrs, size_t n_in, const sal_shape *in,
                   uint64_t seed);
/* Output for n images, valid until the next run. */
const float *op_rig_forward(op_rig *r);
/* After forward: the gradients for the output's gradient gy. */
void op_rig_backward(op_rig *r, const float *gy);
void op_rig_free(op_rig *r);

/* What the graph says of such a node, or status SAL_OK. */
sal_error op_rig_mistake(const char *op, const sal_op_attrs *attrs, size_t n_in,
                         const sal_shape *in);

#endif
