/* What theory says of backward passes: guided backprop shows the input whatever the class (after
 * Nie, Zhang & Patel 2018), and products of positive matrices forget all but one direction (after
 * Sixt, Granz & Landgraf 2020). */
#include "nets.h"
#include "support.h"

#include <salcheck/method.h>
#include <salcheck/nn.h>

#include "base/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double cosine(size_t n, const float *a, const float *b)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static void explain(const test_net *net, const char *method, size_t n, float *x, int64_t target,
                    float *map)
{
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    sal_explain_options o = {.targets = &target};
    assert_int_equal(sal_tensor_view_of(NULL, x, 2, (const int64_t[]){1, (int64_t)n}, &t, NULL),
                     SAL_OK);
    if (sal_explain(net->model, t, method, &o, map, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
}

static float *normals(const char *purpose, uint64_t seed, size_t n)
{
    float *v = malloc(n * sizeof *v);
    sal_rng rng = sal_rng_for(seed, purpose, 0);
    for (size_t i = 0; i < n; i++) v[i] = (float)sal_rng_normal_(&rng);
    return v;
}

/* ---- S = V relu(W x), W and V standard normal --------------------------------------------------
 */

enum { D = 64, N = 8192, SEEDS = 5 };

static test_net random_layer(uint64_t seed)
{
    test_net net;
    start_net(&net, NULL, "random layer");
    sal_dense_options hidden = {.units = N, .no_bias = true}, two = {.units = 2, .no_bias = true};
    sal_value x = sal_graph_input(net.g, "input", 1, (const int64_t[]){D});
    sal_value y = sal_nn_apply(net.g, "Relu", "relu", sal_nn_dense(net.g, "w", x, &hidden));
    y = sal_nn_dense(net.g, "v", y, &two);
    make_params(&net);
    float *w = normals("w", seed, (size_t)N * D), *v = normals("v", seed, 2 * N);
    set_param(&net, "w.weight", w);
    set_param(&net, "v.weight", v);
    make_model(&net, x, y);
    free(w);
    free(v);
    return net;
}

/* cos(map, x) is 1 / sqrt(1 + pi^2 (d - 1) / N) = .964 for guided backprop, 0 for the others. */
static void guided_backprop_recovers_the_input(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846;
    double guided = 0, plain = 0, deconv = 0, between = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        float map[D], other[D], *x = normals("x", seed, D);
        test_net net = random_layer(seed);
        explain(&net, SAL_GRADIENT, D, x, 0, map);
        plain += cosine(D, map, x) / SEEDS;
        explain(&net, SAL_DECONVNET, D, x, 0, map);
        deconv += cosine(D, map, x) / SEEDS;
        explain(&net, SAL_GUIDED_BACKPROP, D, x, 0, map);
        guided += cosine(D, map, x) / SEEDS;
        explain(&net, SAL_GUIDED_BACKPROP, D, x, 1, other);
        between += cosine(D, map, other) / SEEDS;
        free(x);
        free_net(&net);
    }
    print_message(
        "cosine with the input: guided %.3f, gradient %.3f, deconvnet %.3f; guided of two "
        "classes %.3f\n",
        guided, plain, deconv, between);
    assert_near("guided", guided, 1 / sqrt(1 + pi * pi * (D - 1) / N), 0.015);
    assert_true(guided > .93 && fabs(plain) < .25 && fabs(deconv) < .25);
    assert_true(between > .9); /* the class hardly matters */
}

/* ---- products of matrices through dense layers --------------------------------------------------
 */

/* `layers` dense layers of n units without bias, all with weights made by `weight`. */
static test_net tower(size_t n, size_t layers, const float *const *weights)
{
    test_net net;
    start_net(&net, NULL, "tower");
    sal_dense_options o = {.units = (int64_t)n, .no_bias = true};
    sal_value x = sal_graph_input(net.g, "input", 1, (const int64_t[]){(int64_t)n}), y = x;
    char name[32], full[48];
    for (size_t k = 0; k < layers; k++) {
        snprintf(name, sizeof name, "layer%zu", k);
        y = sal_nn_dense(net.g, name, y, &o);
    }
    make_params(&net);
    for (size_t k = 0; k < layers; k++) {
        snprintf(full, sizeof full, "layer%zu.weight", k);
        set_param(&net, full, weights[k]);
    }
    make_model(&net, x, y);
    return net;
}

/* Cosine between the gradients of two outputs: 1 means that what lies above is forgotten. */
static double forgotten(size_t n, size_t layers, const float *const *weights)
{
    test_net net = tower(n, layers, weights);
    float *x = calloc(n, sizeof *x), *a = calloc(n, sizeof *a), *b = calloc(n, sizeof *b);
    explain(&net, SAL_GRADIENT, n, x, 0, a);
    explain(&net, SAL_GRADIENT, n, x, 1, b);
    double c = cosine(n, a, b);
    free(x);
    free(a);
    free(b);
    free_net(&net);
    return c;
}

/* A = [2 1; 1 2] has eigenvalues 3 and 1: the rows of A^L are (9^L - 1) / (9^L + 1) alike. */
static void two_by_two_tower(void **state)
{
    (void)state;
    const float a[4] = {2, 1, 1, 2}, *weights[10];
    for (size_t k = 0; k < 10; k++) weights[k] = a;
    for (size_t layers = 1; layers <= 10; layers++) {
        double p = pow(9, (double)layers);
        char name[32];
        snprintf(name, sizeof name, "%zu layers", layers);
        assert_near(name, forgotten(2, layers, weights), (p - 1) / (p + 1), 1e-6);
    }
}

static void random_towers(void **state)
{
    enum { WIDE = 100, LAYERS = 8 };
    (void)state;
    float *positive[LAYERS], *mixed[LAYERS];
    for (uint64_t k = 0; k < LAYERS; k++) {
        mixed[k] = normals("tower", k, WIDE * WIDE);
        positive[k] = normals("tower", k, WIDE * WIDE);
        for (size_t i = 0; i < WIDE * WIDE; i++)
            if (positive[k][i] < 0) positive[k][i] = 0;
    }
    for (size_t layers = 1; layers <= LAYERS; layers *= 2) {
        double a = forgotten(WIDE, layers, (const float *const *)positive);
        double b = forgotten(WIDE, layers, (const float *const *)mixed);
        print_message("%zu layers: cosine %.5f with weights >= 0, %.3f with both signs\n", layers,
                      a, b);
        if (layers >= 4) assert_true(a > .999);
        assert_true(fabs(b) < .6);
    }
    for (size_t k = 0; k < LAYERS; k++) {
        free(mixed[k]);
        free(positive[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guided_backprop_recovers_the_input),
        cmocka_unit_test(two_by_two_tower),
        cmocka_unit_test(random_towers),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
