/* tests/support/op_rig.c - see op_rig.h. */
#include "op_rig.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sal_value add_input(sal_graph *g, const sal_op_def *op, size_t k, const sal_shape *s)
{
    char name[32];
    snprintf(name, sizeof name, "in%zu", k);
    if (!(op->params >> k & 1)) return sal_graph_input(g, name, s->rank - 1, s->dims + 1);
    sal_param_info info = {.name = name, .layer = "layer", .rank = s->rank};
    memcpy(info.dims, s->dims, sizeof info.dims);
    return sal_graph_param(g, &info);
}

static void build(op_rig *r, const char *op, const sal_op_attrs *attrs, size_t n_in,
                  const sal_shape *in)
{
    *r = (op_rig){.op = sal_op_find_(op), .n = 1, .n_in = n_in};
    if (!r->op) fail_msg("no operator '%s'", op);
    assert_true(n_in <= OP_RIG_INPUTS);
    assert_int_equal(sal_graph_create(NULL, "rig", &r->g, NULL), SAL_OK);
    for (size_t k = 0; k < n_in; k++) {
        r->in_shape[k] = in[k];
        r->in[k] = add_input(r->g, r->op, k, &in[k]);
        if (!(r->op->params >> k & 1)) r->n = (size_t)in[k].dims[0];
    }
    r->out = sal_graph_node(r->g, op, "out", attrs, n_in, r->in);
}

op_rig op_rig_make(const char *op, const sal_op_attrs *attrs, size_t n_in, const sal_shape *in,
                   uint64_t seed)
{
    op_rig r;
    sal_value inputs[OP_RIG_INPUTS];
    sal_error err = {SAL_OK, ""};
    size_t n_inputs = 0;
    build(&r, op, attrs, n_in, in);
    if (sal_graph_check(r.g, &err) != SAL_OK) fail_msg("%s: %s", op, err.text);
    for (size_t k = 0; k < n_in; k++) {
        sal_rng rng = sal_rng_for(seed, "rig", k);
        r.count[k] = sal_shape_count_from_(&in[k], 0);
        r.data[k] = calloc(r.count[k], sizeof(float));
        r.gradient[k] = calloc(r.count[k], sizeof(float));
        for (size_t i = 0; i < r.count[k]; i++) r.data[k][i] = (float)sal_rng_normal_(&rng);
        if (!(r.op->params >> k & 1)) inputs[n_inputs++] = r.in[k];
    }
    assert_int_equal(sal_params_create(r.g, &r.params, NULL), SAL_OK);
    sal_wish wish = {.batch = r.n,
                     .output = r.out,
                     .n_gradients = n_inputs,
                     .gradients = inputs,
                     .params = true};
    assert_int_equal(sal_plan_create_(r.g, &wish, &r.plan, NULL), SAL_OK);
    r.out_shape = r.g->values[r.out].shape;
    r.out_shape.dims[0] = (int64_t)r.n;
    r.n_out = sal_shape_count_from_(&r.out_shape, 0);
    return r;
}

const float *op_rig_forward(op_rig *r)
{
    const float *inputs[OP_RIG_INPUTS];
    const sal_params **all = calloc(r->n, sizeof *all);
    size_t n_inputs = 0, n_params = 0;
    for (size_t k = 0; k < r->n_in; k++)
        if (r->op->params >> k & 1)
            assert_int_equal(sal_params_set(r->params, n_params++, r->data[k], NULL), SAL_OK);
        else
            inputs[n_inputs++] = r->data[k];
    for (size_t i = 0; i < r->n; i++) all[i] = r->params;
    sal_plan_forward_(r->plan, r->n, inputs, all);
    free((void *)all);
    return sal_plan_value_(r->plan, r->out);
}

void op_rig_backward(op_rig *r, const float *gy)
{
    float *params[OP_RIG_INPUTS] = {NULL};
    size_t n_params = 0;
    for (size_t k = 0; k < r->n_in; k++) {
        memset(r->gradient[k], 0, r->count[k] * sizeof(float));
        if (r->op->params >> k & 1) params[n_params++] = r->gradient[k];
    }
    sal_plan_backward_(r->plan, gy, params);
    for (size_t k = 0; k < r->n_in; k++)
        if (!(r->op->params >> k & 1))
            memcpy(r->gradient[k], sal_plan_gradient_(r->plan, r->in[k]),
                   r->count[k] * sizeof(float));
}

void op_rig_free(op_rig *r)
{
    for (size_t k = 0; k < r->n_in; k++) {
        free(r->data[k]);
        free(r->gradient[k]);
    }
    sal_plan_free_(r->plan);
    sal_params_free(r->params);
    sal_graph_free(r->g);
}

sal_error op_rig_mistake(const char *op, const sal_op_attrs *attrs, size_t n_in,
                         const sal_shape *in)
{
    op_rig r;
    sal_error err = {SAL_OK, ""};
    build(&r, op, attrs, n_in, in);
    sal_graph_check(r.g, &err);
    sal_graph_free(r.g);
    return err;
}
