/* tests/support/one_op.c - see one_op.h. */
#include "one_op.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    sal_graph *g;
    sal_value in[SAL_SAMPLE_INPUTS], out;
    bool param[SAL_SAMPLE_INPUTS];
    size_t n;
} built;

static built build(const one_op *o)
{
    const sal_op_def *def = sal_op_find_(o->op);
    built b = {.n = 0};
    if (!def) fail_msg("%s: no operator %s", o->name, o->op);
    assert_int_equal(sal_graph_create(NULL, "one", &b.g, NULL), SAL_OK);
    for (size_t k = 0; k < o->n_in; k++) {
        char name[8];
        snprintf(name, sizeof name, "in%zu", k);
        b.param[k] = (def->params | (def->either & o->fixed)) >> k & 1;
        if (b.param[k]) {
            sal_param_info info = {.name = name, .layer = "layer", .rank = o->in[k].rank};
            memcpy(info.dims, o->in[k].dims, sizeof info.dims);
            b.in[k] = sal_graph_param(b.g, &info);
        } else {
            b.n = (size_t)o->in[k].dims[0];
            b.in[k] = sal_graph_input(b.g, name, o->in[k].rank - 1, o->in[k].dims + 1);
        }
    }
    b.out = sal_graph_node(b.g, o->op, "out", &o->attrs, o->n_in, b.in);
    return b;
}

/* gx NULL: forward alone */
static float *run(const one_op *o, const float *const *data, sal_shape *out, const float *gy,
                  float **gx)
{
    built b = build(o);
    sal_error err = {SAL_OK, ""};
    sal_params *params;
    sal_plan *plan;
    if (sal_graph_check(b.g, &err) != SAL_OK) fail_msg("%s: %s", o->name, err.text);
    assert_int_equal(sal_params_create(b.g, &params, &err), SAL_OK);
    const float *inputs[SAL_SAMPLE_INPUTS];
    float *param_gradients[SAL_SAMPLE_INPUTS];
    sal_value wished[SAL_SAMPLE_INPUTS];
    size_t n_inputs = 0, n_params = 0;
    for (size_t k = 0; k < o->n_in; k++) {
        size_t count = sal_shape_count_from_(&o->in[k], 0);
        if (gx) gx[k] = calloc(count, sizeof(float));
        if (b.param[k]) {
            if (gx) param_gradients[n_params] = gx[k];
            assert_int_equal(sal_params_set(params, n_params++, data[k], NULL), SAL_OK);
        } else {
            wished[n_inputs] = b.in[k];
            inputs[n_inputs++] = data[k];
        }
    }
    sal_wish wish = {.batch = b.n, .output = b.out, .params = gx != NULL};
    if (gx) wish.n_gradients = n_inputs, wish.gradients = wished;
    assert_int_equal(sal_plan_create_(b.g, &wish, &plan, &err), SAL_OK);
    const sal_params **all = calloc(b.n, sizeof *all);
    for (size_t i = 0; i < b.n; i++) all[i] = params;
    sal_plan_forward_(plan, b.n, inputs, all);
    *out = b.g->values[b.out].shape;
    out->dims[0] = (int64_t)b.n;
    size_t n_out = sal_shape_count_from_(out, 0);
    float *y = calloc(n_out, sizeof *y);
    memcpy(y, sal_plan_value_(plan, b.out), n_out * sizeof *y);
    if (gx) sal_plan_backward_(plan, gy, param_gradients);
    for (size_t k = 0; gx && k < o->n_in; k++)
        if (!b.param[k])
            memcpy(gx[k], sal_plan_gradient_(plan, b.in[k]),
                   sal_shape_count_from_(&o->in[k], 0) * sizeof(float));
    free(all);
    sal_plan_free_(plan);
    sal_params_free(params);
    sal_graph_free(b.g);
    return y;
}

float *one_op_run(const one_op *o, const float *const *data, sal_shape *out)
{
    return run(o, data, out, NULL, NULL);
}

void one_op_gradients(const one_op *o, const float *const *data, const float *gy, float **gx)
{
    sal_shape out;
    free(run(o, data, &out, gy, gx));
}

sal_error one_op_mistake(const one_op *o)
{
    built b = build(o);
    sal_error err = {SAL_OK, ""};
    if (sal_graph_check(b.g, &err) == SAL_OK) fail_msg("%s: was built", o->name);
    sal_graph_free(b.g);
    return err;
}

void assert_shape(const char *name, const sal_shape *got, const sal_shape *want)
{
    char a[SAL_SHAPE_TEXT], b[SAL_SHAPE_TEXT];
    if (!sal_shape_equal_(got, want))
        fail_msg("%s: shape %s, wanted %s", name, sal_shape_text_(got, a, sizeof a),
                 sal_shape_text_(want, b, sizeof b));
}

float *normal_numbers(size_t n, const char *purpose, uint64_t index)
{
    sal_rng rng = sal_rng_for(11, purpose, index);
    float *x = calloc(n, sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = (float)sal_rng_normal_(&rng);
    return x;
}
