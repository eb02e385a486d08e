/* Matrix products against sums over indices, at sizes of layers as well; the bits of an image alone
 * and among others; shapes that are refused. */
#include "sample_rig.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    sal_shape a, b;
    unsigned fixed;
    size_t lead, m, k, p;  /* lead: products of one image */
    size_t a_step, b_step; /* from one product to the next, in matrices; 0 = the same */
} row;

static const row rows[] = {
    {"dense", {2, {19, 333}}, {2, {333, 77}}, 2, 1, 1, 333, 77, 1, 0},
    {"dense, one output", {2, {17, 40}}, {1, {40}}, 2, 1, 1, 40, 1, 1, 0},
    {"rows", {3, {5, 7, 33}}, {2, {33, 17}}, 2, 1, 7, 33, 17, 1, 0},
    {"one row", {3, {18, 1, 64}}, {2, {64, 30}}, 2, 1, 1, 64, 30, 1, 0},
    {"heads, rows", {4, {3, 4, 7, 33}}, {2, {33, 17}}, 2, 4, 7, 33, 17, 1, 0},
    {"attention", {4, {3, 4, 9, 31}}, {4, {3, 4, 31, 9}}, 0, 4, 9, 31, 9, 1, 1},
    {"one A for all heads", {4, {3, 1, 9, 31}}, {4, {3, 4, 31, 5}}, 0, 4, 9, 31, 5, 0, 1},
    {"one B for all heads", {4, {3, 4, 9, 31}}, {4, {3, 1, 31, 5}}, 0, 4, 9, 31, 5, 1, 0},
    {"from the left", {2, {9, 31}}, {3, {3, 31, 5}}, 1, 1, 9, 31, 5, 0, 1},
    {"row from the left", {1, {31}}, {3, {3, 31, 5}}, 1, 1, 1, 31, 5, 0, 1},
};

/* Where the matrix of product l of image i starts: steps of 0 stay within the image. */
static size_t place(const row *w, size_t which, size_t i, size_t l)
{
    size_t step = which ? w->b_step : w->a_step, size = which ? w->k * w->p : w->m * w->k;
    if (w->fixed >> which & 1) return step ? l * size : 0;
    return (step ? i * w->lead + l : i) * size;
}

static void agrees_with_sums(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof rows / sizeof rows[0]; t++) {
        const row *w = &rows[t];
        sal_op_sample s = {.name = w->name, .n_in = 2, .in = {w->a, w->b}, .fixed = w->fixed};
        sal_rng rng = sal_rng_for(5, w->name, 0);
        sample_rig r = sample_rig_build(sal_op_find_("MatMul"), &s, 0, &rng);
        double *want[2];
        float *grads[2], *seed = calloc(r.n * r.out_count, sizeof *seed);
        for (size_t k = 0; k < 2; k++) {
            want[k] = calloc(r.count[k], sizeof(double));
            grads[k] = calloc(r.count[k], sizeof(float));
        }
        for (size_t i = 0; i < r.n * r.out_count; i++) seed[i] = (float)sal_rng_normal_(&rng);
        if (r.out_count != w->lead * w->m * w->p) fail_msg("%s: shape of output", w->name);
        const float *y = sample_rig_forward(&r, 0, r.n);
        for (size_t e = 0; e < r.n * r.out_count; e++) {
            size_t q = e % w->p, m = e / w->p % w->m, l = e / w->p / w->m;
            size_t a = place(w, 0, l / w->lead, l % w->lead) + m * w->k;
            size_t b = place(w, 1, l / w->lead, l % w->lead) + q;
            double sum = 0;
            for (size_t k = 0; k < w->k; k++) {
                double left = (double)r.data[0][a + k], right = (double)r.data[1][b + k * w->p];
                sum += left * right;
                want[0][a + k] += (double)seed[e] * right;
                want[1][b + k * w->p] += (double)seed[e] * left;
            }
            assert_near(w->name, (double)y[e], sum, 1e-6 * (double)w->k);
        }
        sample_rig_backward(&r, seed, grads);
        for (size_t k = 0; k < 2; k++) {
            for (size_t i = 0; i < r.count[k]; i++)
                assert_near(w->name, (double)grads[k][i], want[k][i], 2e-4);
            free(want[k]);
            free(grads[k]);
        }
        free(seed);
        sample_rig_free(&r);
    }
}

static void an_image_alone_has_its_bits(void **state)
{
    (void)state;
    for (size_t t = 0; t < sizeof rows / sizeof rows[0]; t++) {
        const row *w = &rows[t];
        sal_op_sample s = {.name = w->name, .n_in = 2, .in = {w->a, w->b}, .fixed = w->fixed};
        sal_rng rng = sal_rng_for(6, w->name, 0);
        sample_rig r = sample_rig_build(sal_op_find_("MatMul"), &s, 37, &rng);
        size_t bytes = r.out_count * sizeof(float);
        float *all = calloc(r.n, bytes);
        memcpy(all, sample_rig_forward(&r, 0, r.n), r.n * bytes);
        for (size_t i = 0; i < r.n; i++)
            if (memcmp(sample_rig_forward(&r, i, 1), all + i * r.out_count, bytes) != 0)
                fail_msg("%s: image %zu depends on the batch", w->name, i);
        free(all);
        sample_rig_free(&r);
    }
}

static void says_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        sal_shape in[2];
        unsigned fixed;
        const char *text;
    } cases[] = {
        {{{2, {1, 5}}, {2, {4, 3}}},
         2,
         "[1, 5] times [4, 3]: columns of the first are not rows of the second"},
        {{{2, {1, 5}}, {2, {1, 5}}}, 0, "[1, 5] times [1, 5]: N would be an axis of the product"},
        {{{2, {4, 1}}, {2, {1, 5}}}, 1, "[4, 1] times [1, 5]: N would be an axis of the product"},
        {{{1, {1}}, {2, {1, 5}}}, 2, "[1] times [1, 5]: N would be an axis of the product"},
        {{{2, {1, 5}}, {3, {2, 5, 3}}}, 2, "[1, 5] times [2, 5, 3]: the parameter would reach N"},
        {{{3, {1, 4, 5}}, {3, {2, 5, 3}}},
         2,
         "[1, 4, 5] times [2, 5, 3]: the parameter would reach N"},
        {{{3, {1, 4, 5}}, {4, {1, 2, 5, 3}}},
         0,
         "[1, 4, 5] times [1, 2, 5, 3]: activations of different ranks"},
        {{{4, {1, 3, 4, 5}}, {4, {1, 2, 5, 3}}},
         0,
         "[1, 3, 4, 5] times [1, 2, 5, 3]: the axes before the matrices do not broadcast"},
        {{{2, {4, 5}}, {2, {5, 3}}},
         3,
         "[4, 5] times [5, 3]: one of the two must be an activation"},
        {{{2, {1, 1}}, {2, {1, INT64_C(1) << 31}}},
         2,
         "[1, 1] times [1, 2147483648]: more than 2147483647 rows or columns"},
        {{{2, {1, 5}}, {0, {0}}}, 2, "[1, 5] times []: a single number is no matrix"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_op_attrs a = {.fixed_ = cases[i].fixed};
        sal_shape out;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_op_find_("MatMul")->shape(&a, 2, cases[i].in, &out, &err);
        if (st != SAL_E_SHAPE || strcmp(err.text, cases[i].text) != 0)
            fail_msg("case %zu: status %d, '%s', wanted '%s'", i, st, err.text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_sums),
        cmocka_unit_test(an_image_alone_has_its_bits),
        cmocka_unit_test(says_what_does_not_fit),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
