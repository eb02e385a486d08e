/* Gradients of every operator in the registry against central differences, through plan and run.
 * An operator without a sample is a failure. */
#include "support.h"

#include "graph/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const sal_op_sample *sample;
    sal_graph *g;
    sal_params *params;
    sal_plan *plan;
    size_t n;                               /* images */
    float *data[SAL_SAMPLE_INPUTS];
    size_t count[SAL_SAMPLE_INPUTS];
    sal_value value[SAL_SAMPLE_INPUTS], out;
    double *weight;                         /* of each output, in the sum that is differentiated */
    size_t n_out;
} rig;

static void fill(float *x, size_t n, size_t row, sal_fill how, sal_rng *rng)
{
    size_t *order = calloc(n, sizeof *order);
    sal_rng_shuffle_(rng, n, order);
    for (size_t i = 0; i < n; i++) {
        double v = sal_rng_normal_(rng);
        if (how == SAL_FILL_OFF_ZERO && fabs(v) < 0.1) v = v < 0 ? v - 0.1 : v + 0.1;
        if (how == SAL_FILL_DISTINCT) v = 0.05 * (double)order[i] - 0.025 * (double)n;
        if (how == SAL_FILL_POSITIVE) v = 0.5 + sal_rng_uniform_(rng);
        if (how == SAL_FILL_SHARES) v = i % row == (i / row) % row ? 0.75 : 0.25 / (double)(row - 1);
        x[i] = (float)v;
    }
    free(order);
}

static bool is_param(const sal_op_def *op, const sal_op_sample *s, size_t k)
{
    return (op->params | (op->either & s->fixed)) >> k & 1;
}

static void build(rig *r, const sal_op_def *op, const sal_op_sample *s, sal_rng *rng)
{
    sal_error err = {SAL_OK, ""};
    *r = (rig){.sample = s};
    assert_int_equal(sal_graph_create(NULL, "rig", &r->g, &err), SAL_OK);
    for (size_t k = 0; k < s->n_in; k++) {
        char name[8];
        snprintf(name, sizeof name, "in%zu", k);
        r->count[k] = sal_shape_count_from_(&s->in[k], 0);
        r->data[k] = calloc(r->count[k], sizeof(float));
        fill(r->data[k], r->count[k], (size_t)s->in[k].dims[s->in[k].rank - 1], s->fill[k], rng);
        if (is_param(op, s, k)) {
            sal_param_info info = {.name = name, .layer = "layer", .rank = s->in[k].rank};
            memcpy(info.dims, s->in[k].dims, sizeof info.dims);
            r->value[k] = sal_graph_param(r->g, &info);
        } else {
            r->n = (size_t)s->in[k].dims[0];
            r->value[k] = sal_graph_input(r->g, name, s->in[k].rank - 1, s->in[k].dims + 1);
        }
    }
    r->out = sal_graph_node(r->g, op->name, "out", &s->attrs, s->n_in, r->value);
    if (sal_graph_check(r->g, &err) != SAL_OK)
        fail_msg("%s, %s: %s", op->name, s->name, err.text);
    assert_int_equal(sal_params_create(r->g, &r->params, &err), SAL_OK);
    sal_value inputs[SAL_SAMPLE_INPUTS];
    size_t n_inputs = 0;
    for (size_t k = 0; k < s->n_in; k++)
        if (!is_param(op, s, k)) inputs[n_inputs++] = r->value[k];
    sal_wish wish = {.batch = r->n, .output = r->out, .n_gradients = n_inputs,
                     .gradients = inputs, .params = true};
    assert_int_equal(sal_plan_create_(r->g, &wish, &r->plan, &err), SAL_OK);
    r->n_out = r->n * sal_value_count_(r->g, r->out);
    r->weight = calloc(r->n_out, sizeof *r->weight);
    for (size_t i = 0; i < r->n_out; i++) r->weight[i] = sal_rng_normal_(rng);
}

static double forward(rig *r, const sal_op_def *op)
{
    const float *inputs[SAL_SAMPLE_INPUTS];
    const sal_params *all[64];
    size_t n_inputs = 0, n_params = 0;
    for (size_t k = 0; k < r->sample->n_in; k++)
        if (is_param(op, r->sample, k))
            assert_int_equal(sal_params_set(r->params, n_params++, r->data[k], NULL), SAL_OK);
        else
            inputs[n_inputs++] = r->data[k];
    for (size_t i = 0; i < r->n; i++) all[i] = r->params;
    sal_plan_forward_(r->plan, r->n, inputs, all);
    const float *y = sal_plan_value_(r->plan, r->out);
    double sum = 0;
    for (size_t i = 0; i < r->n_out; i++) sum += r->weight[i] * (double)y[i];
    return sum;
}

/* Largest difference between both gradients, relative to the largest gradient of the input. */
static double worst_of_input(rig *r, const sal_op_def *op, size_t k, const float *got)
{
    const float h = 4e-3f;
    double worst = 0, largest = 1e-3;
    for (size_t i = 0; i < r->count[k]; i++) {
        float keep = r->data[k][i], up = keep + h, down = keep - h;
        r->data[k][i] = up;
        double high = forward(r, op);
        r->data[k][i] = down;
        double low = forward(r, op), want = (high - low) / ((double)up - (double)down);
        r->data[k][i] = keep;
        double d = fabs((double)got[i] - want);
        if (!(d <= worst)) worst = d; /* NaN counts as worst */
        if (fabs(want) > largest) largest = fabs(want);
    }
    return worst / largest;
}

static void every_gradient_agrees(void **state)
{
    (void)state;
    size_t cases = 0;
    for (size_t o = 0; sal_ops_[o]; o++) {
        const sal_op_def *op = sal_ops_[o];
        if (!op->n_samples) fail_msg("%s has no sample", op->name);
        for (size_t s = 0; s < op->n_samples; s++, cases++) {
            sal_rng rng = sal_rng_for(7, op->name, s);
            rig r;
            build(&r, op, &op->samples[s], &rng);
            forward(&r, op);
            float *seed = calloc(r.n_out, sizeof *seed), *grads[SAL_SAMPLE_INPUTS] = {NULL};
            float *copies[SAL_SAMPLE_INPUTS];
            size_t n_params = 0;
            for (size_t i = 0; i < r.n_out; i++) seed[i] = (float)r.weight[i];
            for (size_t k = 0; k < r.sample->n_in; k++) {
                copies[k] = calloc(r.count[k], sizeof(float));
                if (is_param(op, r.sample, k)) grads[n_params++] = copies[k];
            }
            sal_plan_backward_(r.plan, seed, grads);
            for (size_t k = 0; k < r.sample->n_in; k++)
                if (!is_param(op, r.sample, k))
                    memcpy(copies[k], sal_plan_gradient_(r.plan, r.value[k]),
                           r.count[k] * sizeof(float));
            for (size_t k = 0; k < r.sample->n_in; k++) {
                if (r.sample->fill[k] == SAL_FILL_SHARES) continue;
                double worst = worst_of_input(&r, op, k, copies[k]);
                if (!(worst < 1e-3))
                    fail_msg("%s, %s, input %zu: relative error %g", op->name, r.sample->name, k,
                             worst);
            }
            for (size_t k = 0; k < r.sample->n_in; k++) {
                free(r.data[k]);
                free(copies[k]);
            }
            free(seed);
            free(r.weight);
            sal_plan_free_(r.plan);
            sal_params_free(r.params);
            sal_graph_free(r.g);
        }
    }
    print_message("%zu cases\n", cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_gradient_agrees)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
