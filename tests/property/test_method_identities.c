/* What methods must have in common, on random networks. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 3, WIDTH = 2 * 9 * 8 };

static void fill(float *x)
{
    sal_rng rng = sal_rng_for(8, "inputs", 0);
    for (size_t i = 0; i < INPUTS * WIDTH; i++) x[i] = (float)sal_rng_normal_(&rng);
}

static float *maps_of(const test_net *net, const char *method)
{
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    float x[INPUTS * WIDTH], *maps = malloc(sizeof x);
    fill(x);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){INPUTS, 2, 9, 8}, &t, NULL),
                     SAL_OK);
    if (sal_explain(net->model, t, method, NULL, maps, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
    return maps;
}

/* E[g^2] - E[g]^2 = Var g, from the same noise. */
static void variance_of_the_noisy_gradients(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    float *mean = maps_of(&net, "smoothgrad"), *squares = maps_of(&net, "smoothgrad-squared");
    float *variance = maps_of(&net, "vargrad");
    for (size_t i = 0; i < INPUTS * WIDTH; i++) {
        double m = (double)mean[i];
        assert_true(variance[i] >= 0);
        assert_near("vargrad", (double)variance[i], (double)squares[i] - m * m,
                    1e-6 * (1 + (double)squares[i]));
    }
    free(mean);
    free(squares);
    free(variance);
    free_net(&net);
}

static void guided_gradcam_is_a_product(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    float *guided = maps_of(&net, "guided-backprop"), *cam = maps_of(&net, "gradcam");
    float *both = maps_of(&net, "guided-gradcam");
    bool any = false;
    for (size_t i = 0; i < INPUTS * WIDTH; i++) {
        float want = guided[i] * cam[i];
        if (want < both[i] || want > both[i]) fail_msg("element %zu differs", i);
        any = any || both[i] < 0 || both[i] > 0;
    }
    assert_true(any);
    free(guided);
    free(cam);
    free(both);
    free_net(&net);
}

/* Without noise the noisy methods are what they average. */
static void no_noise(void **state)
{
    static const char *const pairs[][2] = {
        {"smoothgrad:spread=0,samples=3", "gradient"},
        {"ig-sg:spread=0,samples=2,steps=5", "integrated-gradients:steps=5"}};
    (void)state;
    test_net net = small_cnn(NULL, 1);
    for (size_t k = 0; k < 2; k++) {
        float *a = maps_of(&net, pairs[k][0]), *b = maps_of(&net, pairs[k][1]);
        for (size_t i = 0; i < INPUTS * WIDTH; i++)
            assert_near(pairs[k][0], (double)a[i], (double)b[i], 1e-6);
        free(a);
        free(b);
    }
    free_net(&net);
}

/* conv -> op -> flatten -> fc on [2, 9, 8]; without biases unless `bias` is an initialiser. */
static test_net shallow(const char *op, const char *bias)
{
    test_net net;
    sal_conv_options conv = {
        .filters = 4, .kernel = {3, 3}, .same = true, .no_bias = !bias, .bias_init = bias};
    sal_dense_options dense = {.units = 3, .no_bias = !bias, .bias_init = bias};
    start_net(&net, NULL, "shallow");
    sal_value x = sal_graph_input(net.g, "input", 3, (const int64_t[]){2, 9, 8});
    sal_value y = sal_nn_apply(net.g, op, "act", sal_nn_conv(net.g, "conv", x, &conv));
    y = sal_nn_dense(net.g, "fc", sal_nn_apply(net.g, "Flatten", "flatten", y), &dense);
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 4, NULL), SAL_OK);
    make_model(&net, x, y);
    return net;
}

/* A rectified network without biases is linear along rays: IG = gradient x input, and the published
 * quadrature loses the term at 0: (n - 1) / n of it. */
static void rays(void **state)
{
    static const struct {
        const char *method;
        double share;
    } rows[] = {{"integrated-gradients", 1},
                {"integrated-gradients:rule=gauss,steps=9", 1},
                {"integrated-gradients:rule=paper", .98},
                {"integrated-gradients:rule=captum-trapezoid", .97},
                {"integrated-gradients:rule=trapezoid", 1 - .5 / 49}};
    (void)state;
    test_net net = shallow("Relu", NULL);
    float *want = maps_of(&net, "gradient-x-input");
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        float *got = maps_of(&net, rows[k].method);
        for (size_t i = 0; i < INPUTS * WIDTH; i++)
            assert_near(rows[k].method, (double)got[i], rows[k].share * (double)want[i], 2e-5);
        free(got);
    }
    free(want);
    free_net(&net);
}

/* Sum over the input = logit(x) - logit(baseline). */
static void completeness(void **state)
{
    static const struct {
        const char *method;
        float baseline;
        double tolerance;
    } rows[] = {{"integrated-gradients:rule=gauss,steps=20", 0, 2e-6},
                {"integrated-gradients:rule=gauss,steps=20,baseline=0.5", 0.5f, 2e-6},
                {"integrated-gradients", 0, 2e-4}};
    (void)state;
    test_net net = shallow("Tanh", "normal:std=0.3");
    float x[INPUTS * WIDTH], base[WIDTH], logits[INPUTS * 3], zero[3];
    sal_tensor *t = NULL, *b = NULL;
    fill(x);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){INPUTS, 2, 9, 8}, &t, NULL),
                     SAL_OK);
    assert_int_equal(sal_tensor_view_of(NULL, base, 4, (const int64_t[]){1, 2, 9, 8}, &b, NULL),
                     SAL_OK);
    assert_int_equal(sal_model_predict(net.model, t, logits, NULL), SAL_OK);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        float *maps = maps_of(&net, rows[k].method);
        for (size_t i = 0; i < WIDTH; i++) base[i] = rows[k].baseline;
        assert_int_equal(sal_model_predict(net.model, b, zero, NULL), SAL_OK);
        for (size_t i = 0; i < INPUTS; i++) {
            double sum = 0;
            size_t c = sal_best_class_(3, logits + 3 * i);
            for (size_t j = 0; j < WIDTH; j++) sum += (double)maps[i * WIDTH + j];
            assert_near(rows[k].method, sum, (double)logits[3 * i + c] - (double)zero[c],
                        rows[k].tolerance * (1 + fabs(sum)));
        }
        free(maps);
    }
    sal_tensor_free(t);
    sal_tensor_free(b);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variance_of_the_noisy_gradients),
        cmocka_unit_test(guided_gradcam_is_a_product),
        cmocka_unit_test(no_noise),
        cmocka_unit_test(rays),
        cmocka_unit_test(completeness),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
