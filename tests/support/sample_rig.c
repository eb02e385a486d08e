#include "sample_rig.h"

#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_IMAGES = 64 };

static double draw(sal_fill how, size_t i, size_t row, sal_rng *rng)
{
    double v = sal_rng_normal_(rng);
    switch (how) {
    case SAL_FILL_OFF_ZERO:
        return fabs(v) < 0.1 ? (v < 0 ? v - 0.1 : v + 0.1) : v;
    case SAL_FILL_POSITIVE:
        return 0.5 + sal_rng_uniform_(rng);
    case SAL_FILL_SHARES:
        return i % row == (i / row) % row ? 0.75 : 0.25 / (double)(row - 1);
    case SAL_FILL_UNIT:
        return 1.6 * sal_rng_uniform_(rng) - 0.8;
    case SAL_FILL_ABOVE_ONE:
        return 1.5 + sal_rng_uniform_(rng);
    case SAL_FILL_HALVES:
        return floor(2 * v) / 2;
    case SAL_FILL_OFF_STEPS:
        return floor(2 * v) / 2 + 0.1 + 0.3 * sal_rng_uniform_(rng);
    case SAL_FILL_BITS:
        return v > 0;
    case SAL_FILL_NORMAL:
    case SAL_FILL_DISTINCT:
        break;
    }
    return v;
}

static void fill(float *x, size_t n, size_t row, sal_fill how, sal_rng *rng)
{
    size_t *order = calloc(n, sizeof *order);
    sal_rng_shuffle_(rng, n, order);
    for (size_t i = 0; i < n; i++) {
        double v = draw(how, i, row, rng);
        if (how == SAL_FILL_DISTINCT) v = 0.05 * (double)order[i] - 0.025 * (double)n;
        x[i] = (float)v;
    }
    free(order);
}

bool sample_rig_is_param(const sample_rig *r, size_t k)
{
    return (r->op->params | (r->op->either & r->sample->fixed)) >> k & 1;
}

static void add_input(sample_rig *r, size_t k, sal_rng *rng)
{
    const sal_shape *like = &r->sample->in[k];
    char name[32];
    snprintf(name, sizeof name, "in%zu", k);
    if (sample_rig_is_param(r, k)) {
        sal_param_info info = {.name = name, .layer = "layer", .rank = like->rank};
        memcpy(info.dims, like->dims, sizeof info.dims);
        r->count[k] = sal_shape_count_from_(like, 0);
        r->value[k] = sal_graph_param(r->g, &info);
    } else {
        if (!r->n) r->n = (size_t)like->dims[0];
        r->count[k] = r->n * sal_shape_count_from_(like, 1);
        r->value[k] = sal_graph_input(r->g, name, like->rank - 1, like->dims + 1);
    }
    size_t row = like->rank ? (size_t)like->dims[like->rank - 1] : 1;
    r->data[k] = calloc(r->count[k], sizeof(float));
    fill(r->data[k], r->count[k], row, r->sample->fill[k], rng);
}

sample_rig sample_rig_build(const sal_op_def *op, const sal_op_sample *s, size_t n, sal_rng *rng)
{
    sal_error err = {SAL_OK, ""};
    sample_rig r = {.op = op, .sample = s, .n = n};
    assert_int_equal(sal_graph_create(NULL, "rig", &r.g, &err), SAL_OK);
    for (size_t k = 0; k < s->n_in; k++) add_input(&r, k, rng);
    r.out = sal_graph_node(r.g, op->name, "out", &s->attrs, s->n_in, r.value);
    if (sal_graph_check(r.g, &err) != SAL_OK) fail_msg("%s, %s: %s", op->name, s->name, err.text);
    if (!r.n || r.n > MOST_IMAGES) fail_msg("%s, %s: %zu images", op->name, s->name, r.n);
    assert_int_equal(sal_params_create(r.g, &r.params, &err), SAL_OK);
    sal_value inputs[SAL_SAMPLE_INPUTS];
    size_t n_inputs = 0;
    for (size_t k = 0; k < s->n_in; k++)
        if (!sample_rig_is_param(&r, k)) inputs[n_inputs++] = r.value[k];
    sal_wish wish = {.batch = r.n,
                     .output = r.out,
                     .n_gradients = n_inputs,
                     .gradients = inputs,
                     .params = true};
    assert_int_equal(sal_plan_create_(r.g, &wish, &r.plan, &err), SAL_OK);
    r.out_count = sal_value_count_(r.g, r.out);
    return r;
}

void sample_rig_free(sample_rig *r)
{
    for (size_t k = 0; k < r->sample->n_in; k++) free(r->data[k]);
    sal_plan_free_(r->plan);
    sal_params_free(r->params);
    sal_graph_free(r->g);
}

const float *sample_rig_forward(sample_rig *r, size_t first, size_t count)
{
    const float *inputs[SAL_SAMPLE_INPUTS];
    const sal_params *all[MOST_IMAGES];
    size_t n_inputs = 0, n_params = 0;
    for (size_t k = 0; k < r->sample->n_in; k++)
        if (sample_rig_is_param(r, k))
            assert_int_equal(sal_params_set(r->params, n_params++, r->data[k], NULL), SAL_OK);
        else
            inputs[n_inputs++] = r->data[k] + first * (r->count[k] / r->n);
    for (size_t i = 0; i < count; i++) all[i] = r->params;
    sal_plan_forward_(r->plan, count, inputs, all);
    return sal_plan_value_(r->plan, r->out);
}

void sample_rig_backward(sample_rig *r, const float *seed, float *const *grads)
{
    float *of_params[SAL_SAMPLE_INPUTS] = {NULL};
    size_t n_params = 0;
    for (size_t k = 0; k < r->sample->n_in; k++)
        if (sample_rig_is_param(r, k)) of_params[n_params++] = grads[k];
    sal_plan_backward_(r->plan, seed, of_params);
    for (size_t k = 0; k < r->sample->n_in; k++)
        if (!sample_rig_is_param(r, k))
            memcpy(grads[k], sal_plan_gradient_(r->plan, r->value[k]), r->count[k] * sizeof(float));
}
