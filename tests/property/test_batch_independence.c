/* An image's numbers must not depend on its place in the batch or on its neighbours: for every
 * sample of every operator, images run one by one and as a batch's second half have the bits that
 * they have in the whole batch, forward and backward. The batch passes the kernels' blocks of 16.
 */
#include "sample_rig.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { N = 19 };

typedef struct {
    float *y, *seed, *grads[SAL_SAMPLE_INPUTS], *part[SAL_SAMPLE_INPUTS];
} results;

/* Runs images first .. first + count - 1 and compares with what they had among all N. */
static void compare(sample_rig *r, const results *all, size_t first, size_t count)
{
    const float *y = sample_rig_forward(r, first, count);
    if (memcmp(y, all->y + first * r->out_count, count * r->out_count * sizeof *y) != 0)
        fail_msg("%s, %s: output of images %zu to %zu depends on the batch", r->op->name,
                 r->sample->name, first, first + count - 1);
    sample_rig_backward(r, all->seed + first * r->out_count, all->part);
    for (size_t k = 0; k < r->sample->n_in; k++) {
        size_t each = r->count[k] / r->n;
        if (sample_rig_is_param(r, k)) continue;
        if (memcmp(all->part[k], all->grads[k] + first * each, count * each * sizeof(float)) != 0)
            fail_msg("%s, %s: gradient %zu of images %zu to %zu depends on the batch", r->op->name,
                     r->sample->name, k, first, first + count - 1);
    }
}

static void check_sample(const sal_op_def *op, const sal_op_sample *sample, size_t s)
{
    sal_rng rng = sal_rng_for(8, op->name, s);
    sample_rig r = sample_rig_build(op, sample, N, &rng);
    results all = {.y = calloc(N * r.out_count, sizeof(float)),
                   .seed = calloc(N * r.out_count, sizeof(float))};
    for (size_t i = 0; i < N * r.out_count; i++) all.seed[i] = (float)sal_rng_normal_(&rng);
    for (size_t k = 0; k < sample->n_in; k++) {
        all.grads[k] = calloc(r.count[k], sizeof(float));
        all.part[k] = calloc(r.count[k], sizeof(float));
    }
    memcpy(all.y, sample_rig_forward(&r, 0, N), N * r.out_count * sizeof(float));
    sample_rig_backward(&r, all.seed, all.grads);
    for (size_t i = 0; i < N; i++) compare(&r, &all, i, 1);
    compare(&r, &all, N / 2, N - N / 2);
    for (size_t k = 0; k < sample->n_in; k++) {
        free(all.grads[k]);
        free(all.part[k]);
    }
    free(all.y);
    free(all.seed);
    sample_rig_free(&r);
}

static void no_image_knows_its_neighbours(void **state)
{
    (void)state;
    for (size_t o = 0; sal_ops_[o]; o++)
        for (size_t s = 0; s < sal_ops_[o]->n_samples; s++)
            check_sample(sal_ops_[o], &sal_ops_[o]->samples[s], s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_image_knows_its_neighbours)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
