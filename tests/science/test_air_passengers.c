/* A regression on a time series, in whole: 10 months of air passengers (Box & Jenkins 1976; thousands,
 * 1949 to 1960) predict the next. Two trained networks, given by their weights: 10-3-1 with a sigmoid,
 * and a 1-D convolution before it (training runs of Haenel, Kneifel & Rosseburg 2021, repeated).
 * Predictions, losses, gradients and integrated gradients are those that were published. */
#include "nets.h"
#include "support.h"

#include <salcheck/method.h>
#include <salcheck/nn.h>

#include <math.h>
#include <stdio.h>

enum { MONTHS = 144, WINDOW = 10, WINDOWS = MONTHS - WINDOW };

static const int passengers[MONTHS] = {
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149,
    170, 170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166,
    171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243,
    264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229,
    242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374,
    413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336,
    340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
    548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432};
static const float w1[30] = {
    -1.02394462f,  -0.913116395f, 0.429953694f,  -0.37787959f,  -0.244452357f, -0.723211348f,
    0.519579053f,  0.836293757f,  0.20183222f,   -0.299494028f, 0.3656241f,    0.546966314f,
    0.008087867f,  0.625301301f,  -0.22727026f,  -0.2073742f,   -0.911967754f, -0.184559599f,
    -0.255212694f, 1.25221372f,   0.034925852f,  0.691662073f,  0.532989442f,  1.07210624f,
    0.002610249f,  -0.622791708f, -0.550974965f, -0.532260418f, 0.182139859f,  -1.51217604f};
static const float b1[3] = {-0.305590987f, -0.816637456f, 0.828199685f};
static const float w2[3] = {-1.38361418f, 1.68870389f, -1.88418078f};
static const float b2[1] = {1.40446448f};
static const float conv_w[9] = {-0.006139712f, 1.15405726f,  -1.44048572f,
                                -0.147620574f, 0.615109444f, 1.16970909f,
                                -1.04672825f,  -1.21191823f, -0.639284372f};
static const float conv_b[3] = {0.5652197f, -0.849860728f, 0.043905351f};
static const float lin1_w[72] = {
    0.281381845f,  -0.461696565f, 0.291243047f,  -0.266329676f, 0.324521929f,  0.297495753f,
    -0.10007602f,  -0.76147598f,  -0.14488481f,  -0.189930931f, -0.093708761f, -0.077239856f,
    -0.279650778f, -0.235963002f, -0.405333668f, 0.499067754f,  -1.28044844f,  -0.219851285f,
    -0.292780131f, 0.031524256f,  0.021592595f,  -0.184523448f, 0.235376865f,  0.361589879f,
    -0.196145967f, 0.303585321f,  0.626910508f,  -0.097074643f, 0.019921418f,  0.045413177f,
    0.111326039f,  0.931573749f,  0.520845234f,  0.723596334f,  0.12956585f,   -0.298510045f,
    -0.646940529f, -0.069532126f, 0.058031809f,  -0.839648366f, 0.405354291f,  -0.684352875f,
    -0.725477815f, -0.296624273f, 0.472163409f,  0.396355599f,  -0.231280923f, 0.68256712f,
    -0.391029f,    -0.721191168f, 0.266905338f,  -0.266011119f, -0.198648736f, -0.314843327f,
    -0.047849908f, -0.700763941f, 0.047613598f,  0.144677073f,  0.257648826f,  -0.166040793f,
    0.033601411f,  -0.031505551f, 0.209227175f,  0.757297873f,  -0.316695839f, -0.159248665f,
    -0.339199662f, 0.237049967f,  0.114214614f,  0.624207735f,  0.04287833f,   -0.289047003f};
static const float lin1_b[3] = {0.24124451f, 0.09037555f, -0.780027688f};
static const float lin2_w[3] = {1.25170565f, -1.45780146f, 1.22431541f};
static const float lin2_b[1] = {0.161831751f};

/* Windows held back from training, with which it was decided when to end. */
static const size_t held_back[] = {1, 48, 86, 64, 11, 15, 14, 94, 105, 119, 5, 54, 92};

typedef struct {
    float x[WINDOWS * WINDOW], next[WINDOWS];
    sal_tensor *t;
} series;

/* [WINDOWS, WINDOW] or, for the convolution, [WINDOWS, 1, WINDOW]; all by one mean and deviation. */
static void make_series(series *s, bool planes)
{
    const double mean = 277.0462646484375, deviation = 112.18679809570312;
    for (size_t i = 0; i < WINDOWS; i++) {
        for (size_t k = 0; k < WINDOW; k++)
            s->x[i * WINDOW + k] = (float)(((double)passengers[i + k] - mean) / deviation);
        s->next[i] = (float)(((double)passengers[i + WINDOW] - mean) / deviation);
    }
    int64_t flat[2] = {WINDOWS, WINDOW}, plane[3] = {WINDOWS, 1, WINDOW};
    assert_int_equal(
        sal_tensor_view_of(NULL, s->x, planes ? 3 : 2, planes ? plane : flat, &s->t, NULL), SAL_OK);
}

static test_net linear_sigmoid(void)
{
    test_net net;
    start_net(&net, NULL, "10-3-1");
    sal_value x = sal_graph_input(net.g, "months", 1, (const int64_t[]){WINDOW});
    sal_value y = sal_nn_dense(net.g, "lin1", x, &(sal_dense_options){.units = 3});
    y = sal_nn_apply(net.g, "Sigmoid", "sigmoid", y);
    y = sal_nn_dense(net.g, "lin2", y, &(sal_dense_options){.units = 1});
    make_params(&net);
    set_param(&net, "lin1.weight", w1);
    set_param(&net, "lin1.bias", b1);
    set_param(&net, "lin2.weight", w2);
    set_param(&net, "lin2.bias", b2);
    make_model(&net, x, y);
    return net;
}

static test_net convolutional(void)
{
    test_net net;
    start_net(&net, NULL, "conv-3-1");
    sal_value x = sal_graph_input(net.g, "months", 2, (const int64_t[]){1, WINDOW});
    sal_value y =
        sal_nn_conv(net.g, "conv", x, &(sal_conv_options){.filters = 3, .kernel = {1, 3}});
    y = sal_nn_dense(net.g, "lin1", sal_nn_apply(net.g, "Flatten", "flat", y),
                     &(sal_dense_options){.units = 3});
    y = sal_nn_apply(net.g, "Sigmoid", "sigmoid", y);
    y = sal_nn_dense(net.g, "lin2", y, &(sal_dense_options){.units = 1});
    make_params(&net);
    set_param(&net, "conv.weight", conv_w);
    set_param(&net, "conv.bias", conv_b);
    set_param(&net, "lin1.weight", lin1_w);
    set_param(&net, "lin1.bias", lin1_b);
    set_param(&net, "lin2.weight", lin2_w);
    set_param(&net, "lin2.bias", lin2_b);
    make_model(&net, x, y);
    return net;
}

static double unit(size_t j, const float *x, double share) /* hidden unit j at share x */
{
    double z = (double)b1[j];
    for (size_t k = 0; k < WINDOW; k++) z += share * (double)x[k] * (double)w1[j * WINDOW + k];
    return 1 / (1 + exp(-z));
}

static void predictions_and_losses(void **state)
{
    static const struct {
        size_t window;
        double want;
    } printed[] = {{5, -1.1696}, {17, -0.9916}, {29, -0.8604}, {41, -0.4592}, {53, -0.3012}};
    static const double losses[2][2] = {{0.0369042, 0.0186934}, {0.0296254, 0.026107}};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        test_net net = k ? convolutional() : linear_sigmoid();
        series s;
        float y[WINDOWS];
        double held = 0, all = 0, n_held = sizeof held_back / sizeof held_back[0];
        make_series(&s, k);
        assert_int_equal(sal_model_outputs(net.model), 1);
        assert_int_equal(sal_model_predict(net.model, s.t, y, NULL), SAL_OK);
        for (size_t i = 0; !k && i < sizeof printed / sizeof printed[0]; i++)
            assert_near("prediction", (double)y[printed[i].window], printed[i].want, 6e-5);
        for (size_t i = 0; i < WINDOWS; i++) all += pow((double)y[i] - (double)s.next[i], 2);
        for (size_t i = 0; i < sizeof held_back / sizeof held_back[0]; i++)
            held += pow((double)y[held_back[i]] - (double)s.next[held_back[i]], 2);
        assert_near("loss", (all - held) / (WINDOWS - n_held), losses[k][0], 1e-6);
        assert_near("loss of windows held back", held / n_held, losses[k][1], 1e-6);
        sal_tensor_free(s.t);
        free_net(&net);
    }
}

static void explain(const test_net *net, const series *s, const char *method, float *maps)
{
    sal_error err = {SAL_OK, ""};
    if (sal_explain(net->model, s->t, method, NULL, maps, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
}

/* With one hidden layer the path integral is known: z is linear in the share of the way, so
 * IG_k = x_k sum_j w2_j w1_jk (h_j(x) - h_j(0)) / (z_j(x) - z_j(0)). */
static void integrated_gradients(void **state)
{
    static const double published[WINDOW] = {-0.0567, -0.0164, 0.0378, 0.0255,  -0.0104,
                                             -0.0017, -0.0156, 0.0005, -0.0275, 0.1719};
    static float maps[WINDOWS * WINDOW], gradient[WINDOWS * WINDOW];
    (void)state;
    test_net net = linear_sigmoid();
    series s;
    make_series(&s, false);
    explain(&net, &s, "integrated-gradients:rule=gauss", maps);
    explain(&net, &s, "gradient", gradient);
    double mean[WINDOW] = {0};
    for (size_t i = 0; i < WINDOWS; i++) {
        const float *x = s.x + i * WINDOW;
        double want[WINDOW] = {0}, slope[WINDOW] = {0};
        for (size_t j = 0; j < 3; j++) {
            double h = unit(j, x, 1), h0 = unit(j, x, 0), dz = 0;
            for (size_t k = 0; k < WINDOW; k++) dz += (double)x[k] * (double)w1[j * WINDOW + k];
            for (size_t k = 0; k < WINDOW; k++) {
                double w = (double)w2[j] * (double)w1[j * WINDOW + k];
                want[k] += (double)x[k] * w * (h - h0) / dz;
                slope[k] += w * h * (1 - h);
            }
        }
        for (size_t k = 0; k < WINDOW; k++) {
            assert_near("integrated gradient", (double)maps[i * WINDOW + k], want[k], 2e-6);
            assert_near("gradient", (double)gradient[i * WINDOW + k], slope[k], 2e-6);
            mean[k] += (double)maps[i * WINDOW + k] / WINDOWS;
        }
    }
    for (size_t k = 0; k < WINDOW; k++) {
        char name[32];
        snprintf(name, sizeof name, "mean at month %zu", k);
        assert_near(name, mean[k], published[k], 6e-5);
    }
    sal_tensor_free(s.t);
    free_net(&net);
}

/* The convolution's window is the first one trained on; DeepLIFT gives the same numbers. */
static void one_window_of_the_convolution(void **state)
{
    static const struct {
        const char *method;
        double want[WINDOW];
    } published[] = {
        {"gradient",
         {0.3248, 0.2592, -0.6024, -0.3622, -0.0019, 0.3535, 0.1602, -0.1141, -0.1572, 0.9192}},
        {"integrated-gradients:rule=gauss",
         {0.0918, 0.0553, 0.0968, 0.1274, 0.0296, -0.1723, -0.0403, 0.0864, 0.0226, -0.0731}}};
    static const double first[3] = {0.2224, 0.1422, -0.1609};
    static float maps[WINDOWS * WINDOW];
    (void)state;
    test_net net = convolutional();
    series s;
    make_series(&s, true);
    size_t at = WINDOWS;
    for (size_t i = 0; i < WINDOWS; i++)
        if (fabs((double)s.x[i * WINDOW] - first[0]) < 1e-4 &&
            fabs((double)s.x[i * WINDOW + 1] - first[1]) < 1e-4 &&
            fabs((double)s.x[i * WINDOW + 2] - first[2]) < 1e-4)
            at = i;
    assert_true(at < WINDOWS);
    for (size_t m = 0; m < 2; m++) {
        explain(&net, &s, published[m].method, maps);
        double sum = 0;
        for (size_t k = 0; k < WINDOW; k++) {
            assert_near(published[m].method, (double)maps[at * WINDOW + k], published[m].want[k],
                        6e-5);
            sum += (double)maps[at * WINDOW + k];
        }
        if (m) assert_near("sum", sum, 0.224287, 2e-6); /* f(x) - f(0) */
    }
    sal_tensor_free(s.t);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_and_losses),
        cmocka_unit_test(integrated_gradients),
        cmocka_unit_test(one_window_of_the_convolution),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
