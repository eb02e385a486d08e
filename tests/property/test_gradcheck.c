/* Gradients of every operator in the registry against central differences, through plan and run.
 * An operator without a sample is a failure. */
#include "sample_rig.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The weighted sum of the outputs that is differentiated. */
static double weighted_sum(sample_rig *r, const float *weight)
{
    const float *y = sample_rig_forward(r, 0, r->n);
    double sum = 0;
    for (size_t i = 0; i < r->n * r->out_count; i++) sum += (double)weight[i] * (double)y[i];
    return sum;
}

/* Largest difference between both gradients, relative to the largest gradient of the input. */
static double worst_of_input(sample_rig *r, const float *weight, size_t k, const float *got)
{
    const float h = 4e-3f;
    double worst = 0, largest = 1e-3;
    for (size_t i = 0; i < r->count[k]; i++) {
        float keep = r->data[k][i], up = keep + h, down = keep - h;
        r->data[k][i] = up;
        double high = weighted_sum(r, weight);
        r->data[k][i] = down;
        double low = weighted_sum(r, weight), want = (high - low) / ((double)up - (double)down);
        r->data[k][i] = keep;
        double d = fabs((double)got[i] - want);
        if (!(d <= worst)) worst = d; /* NaN counts as worst */
        if (fabs(want) > largest) largest = fabs(want);
    }
    return worst / largest;
}

static void check_input(sample_rig *r, const float *weight, size_t k, const float *got)
{
    const char *op = r->op->name, *name = r->sample->name;
    sal_fill how = r->sample->fill[k];
    if (how == SAL_FILL_SHARES) return;
    if (how == SAL_FILL_BITS) {
        for (size_t i = 0; i < r->count[k]; i++)
            if (got[i] < 0 || got[i] > 0 || isnan(got[i]))
                fail_msg("%s, %s, input %zu: gradient %g, wanted 0", op, name, k, (double)got[i]);
        return;
    }
    double worst = worst_of_input(r, weight, k, got);
    if (!(worst < 1e-3)) fail_msg("%s, %s, input %zu: relative error %g", op, name, k, worst);
}

static void check_sample(const sal_op_def *op, const sal_op_sample *sample, size_t s)
{
    sal_rng rng = sal_rng_for(7, op->name, s);
    sample_rig r = sample_rig_build(op, sample, 0, &rng);
    size_t n_out = r.n * r.out_count;
    float *weight = calloc(n_out, sizeof *weight), *grads[SAL_SAMPLE_INPUTS];
    for (size_t i = 0; i < n_out; i++) weight[i] = (float)sal_rng_normal_(&rng);
    for (size_t k = 0; k < sample->n_in; k++) grads[k] = calloc(r.count[k], sizeof(float));
    sample_rig_forward(&r, 0, r.n);
    sample_rig_backward(&r, weight, grads);
    for (size_t k = 0; k < sample->n_in; k++) check_input(&r, weight, k, grads[k]);
    for (size_t k = 0; k < sample->n_in; k++) free(grads[k]);
    free(weight);
    sample_rig_free(&r);
}

static void every_gradient_agrees(void **state)
{
    (void)state;
    size_t cases = 0;
    for (size_t o = 0; sal_ops_[o]; o++) {
        if (!sal_ops_[o]->n_samples) fail_msg("%s has no sample", sal_ops_[o]->name);
        for (size_t s = 0; s < sal_ops_[o]->n_samples; s++, cases++)
            check_sample(sal_ops_[o], &sal_ops_[o]->samples[s], s);
    }
    print_message("%zu cases\n", cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_gradient_agrees)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
