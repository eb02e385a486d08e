/* sal_explain: its mistakes, which class is explained, and what a model must have for a method. */
#include "nets.h"
#include "support.h"
#include "toy_engine.h"

#include "method/method.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 2 * 9 * 8 };

static sal_tensor *view(float *x, size_t rank, const int64_t *dims)
{
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, x, rank, dims, &t, NULL), SAL_OK);
    return t;
}

static void fill(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) x[i] = (float)((7 * i + 3) % 11) / 5.0f - 1.0f;
}

static void expect(const char *name, sal_status got, const sal_error *err, sal_status wanted,
                   const char *text)
{
    if (got != wanted || !strstr(err->text, text))
        fail_msg("%s: status %d, \"%s\"; wanted %d, \"%s\"", name, got, err->text, wanted, text);
}

static void bad_arguments(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    float x[2 * WIDTH], map[2 * WIDTH];
    fill(x, 2 * WIDTH);
    test_net net = small_cnn(NULL, 1);
    sal_tensor *good = view(x, 4, (const int64_t[]){2, 2, 9, 8});
    sal_tensor *none = view(x, 4, (const int64_t[]){0, 2, 9, 8});
    sal_tensor *wide = view(x, 4, (const int64_t[]){1, 2, 8, 9});
    sal_tensor *flat = view(x, 2, (const int64_t[]){2, WIDTH});
    sal_explain_options low = {.targets = (const int64_t[]){0, -1}};
    sal_explain_options high = {.targets = (const int64_t[]){4, 0}};
    const struct {
        const char *name;
        const sal_model *model;
        const sal_tensor *x;
        const sal_explain_options *options;
        float *maps;
        sal_status status;
        const char *text;
    } rows[] = {
        {"no model", NULL, good, NULL, map, SAL_E_ARG, "model or inputs is NULL"},
        {"no inputs", net.model, NULL, NULL, map, SAL_E_ARG, "model or inputs is NULL"},
        {"no maps", net.model, good, NULL, NULL, SAL_E_ARG, "maps is NULL"},
        {"zero inputs", net.model, none, NULL, map, SAL_E_SHAPE,
         "model 'small_cnn': inputs are [0, 2, 9, 8], wanted N >= 1 times [2, 9, 8]"},
        {"other shape", net.model, wide, NULL, map, SAL_E_SHAPE, "inputs are [1, 2, 8, 9]"},
        {"other rank", net.model, flat, NULL, map, SAL_E_SHAPE, "inputs are [2, 144]"},
        {"negative class", net.model, good, &low, map, SAL_E_ARG, "target 1 is -1, wanted 0 to 3"},
        {"class too high", net.model, good, &high, map, SAL_E_ARG, "target 0 is 4, wanted 0 to 3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_status st = sal_explain(rows[i].model, rows[i].x, SAL_GRADIENT, rows[i].options,
                                    rows[i].maps, &err);
        expect(rows[i].name, st, &err, rows[i].status, rows[i].text);
        assert_int_equal(sal_explain(rows[i].model, rows[i].x, SAL_GRADIENT, rows[i].options,
                                     rows[i].maps, NULL),
                         rows[i].status); /* err may be NULL */
    }
    x[WIDTH + 17] = NAN;
    expect("not a number", sal_explain(net.model, good, SAL_GRADIENT, NULL, map, &err), &err,
           SAL_E_VALUE, "model 'small_cnn': input 1, element 17 is not finite");
    sal_tensor_free(good);
    sal_tensor_free(none);
    sal_tensor_free(wide);
    sal_tensor_free(flat);
    free_net(&net);
}

static void class_is_the_prediction(void **state)
{
    (void)state;
    float x[3 * WIDTH], logits[12], told[3 * WIDTH], map[3 * WIDTH];
    int64_t best[3] = {0, 0, 0};
    fill(x, 3 * WIDTH);
    for (size_t i = 0; i < 2 * WIDTH; i++) x[i] *= i < WIDTH ? -3.0f : 2.0f;
    test_net net = small_cnn(NULL, 1);
    sal_tensor *t = view(x, 4, (const int64_t[]){3, 2, 9, 8});
    assert_int_equal(sal_model_predict(net.model, t, logits, NULL), SAL_OK);
    for (size_t i = 0; i < 3; i++)
        for (int64_t k = 1; k < 4; k++)
            if (logits[4 * i + (size_t)k] > logits[4 * i + (size_t)best[i]]) best[i] = k;
    sal_explain_options o = {.targets = best};
    assert_int_equal(sal_explain(net.model, t, SAL_GRADIENT, &o, told, NULL), SAL_OK);
    assert_int_equal(sal_explain(net.model, t, SAL_GRADIENT, NULL, map, NULL), SAL_OK);
    assert_memory_equal(map, told, sizeof map);
    assert_int_equal(sal_model_input_gradient(net.model, t, best, map, NULL), SAL_OK);
    assert_memory_equal(map, told, sizeof map);
    best[1] = (best[1] + 1) % 4;
    assert_int_equal(sal_explain(net.model, t, SAL_GRADIENT, &o, told, NULL), SAL_OK);
    assert_memory_equal(map, told, WIDTH * sizeof *map);
    assert_memory_not_equal(map + WIDTH, told + WIDTH, WIDTH * sizeof *map);
    sal_tensor_free(t);
    free_net(&net);
}

static void first_class_on_ties(void **state)
{
    (void)state;
    assert_int_equal(sal_best_class_(1, (const float[]){-3}), 0);
    assert_int_equal(sal_best_class_(4, (const float[]){1, 5, 2, 5}), 1);
}

static void leaky_relu_is_refused(void **state)
{
    static const char *const methods[] = {SAL_GUIDED_BACKPROP, SAL_DECONVNET, SAL_GUIDED_GRADCAM};
    (void)state;
    float weight[3] = {1, 2, 3};
    test_net net = gate_net("LeakyRelu", 3, weight);
    for (size_t i = 0; i < 3; i++) {
        sal_error err = {SAL_OK, ""};
        sal_method m;
        char text[160];
        snprintf(text, sizeof text,
                 "method '%s' is defined for Relu; model 'gate' has LeakyRelu 'gate'", methods[i]);
        expect(methods[i], sal_method_open_(net.model, methods[i], NULL, NULL, &m, &err), &err,
               SAL_E_UNSUPPORTED, text);
    }
    sal_method m;
    assert_int_equal(sal_method_open_(net.model, SAL_GRADIENT, NULL, NULL, &m, NULL), SAL_OK);
    free_net(&net);
    for (size_t i = 0; i < 2; i++) { /* sigmoid passes its plain gradient */
        net = gate_net("Sigmoid", 3, weight);
        assert_int_equal(sal_method_open_(net.model, methods[i], NULL, NULL, &m, NULL), SAL_OK);
        free_net(&net);
    }
}

/* What does not lead to the logits does not matter. */
static void leaky_relu_beside_the_way(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_method m;
    test_net net;
    start_net(&net, NULL, "beside");
    sal_value x = sal_graph_input(net.g, "input", 1, (const int64_t[]){3});
    sal_value y = sal_nn_dense(net.g, "fc", x, &(sal_dense_options){.units = 2});
    sal_nn_apply(net.g, "LeakyRelu", "side", y);
    make_params(&net);
    make_model(&net, x, y);
    if (sal_method_open_(net.model, SAL_GUIDED_BACKPROP, NULL, NULL, &m, &err) != SAL_OK)
        fail_msg("%s", err.text);
    free_net(&net);
}

static void shapes_without_a_plane(void **state)
{
    static const struct {
        const char *method, *text;
        size_t rank;
        int64_t dims[4];
    } rows[] = {
        {"sobel",
         "method 'sobel' needs inputs [N, C, H, W], [N, C, L] or [N, F]; model 'linear' "
         "takes [1, 1, 2, 2, 2]",
         4,
         {1, 2, 2, 2}},
        {"canny", "method 'canny' needs inputs", 4, {1, 2, 2, 2}},
        {"gradcam", "method 'gradcam' needs inputs", 4, {1, 2, 2, 2}},
        {"gradcam", "no activation has a plane", 1, {8}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_error err = {SAL_OK, ""};
        sal_method m;
        test_net net = linear_net(NULL, rows[i].rank, rows[i].dims, 2);
        expect(rows[i].method, sal_method_open_(net.model, rows[i].method, NULL, NULL, &m, &err),
               &err, SAL_E_UNSUPPORTED, rows[i].text);
        free_net(&net);
    }
}

/* A flat input that the network folds into a plane: the map would have no place to lie in. */
static void flat_input_with_a_plane_inside(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_method m;
    test_net net;
    sal_op_attrs fold = {.rank = 3, .dims = {1, 3, 4}};
    start_net(&net, NULL, "folded");
    sal_value x = sal_graph_input(net.g, "input", 1, (const int64_t[]){12});
    sal_value y = sal_graph_node(net.g, "Reshape", "fold", &fold, 1, &x);
    y = sal_nn_conv(net.g, "conv", y, &(sal_conv_options){.filters = 2});
    y = sal_nn_apply(net.g, "Flatten", "flatten", sal_nn_apply(net.g, "Relu", "relu", y));
    y = sal_nn_dense(net.g, "fc", y, &(sal_dense_options){.units = 2});
    make_params(&net);
    make_model(&net, x, y);
    expect("gradcam", sal_method_open_(net.model, SAL_GRADCAM, NULL, NULL, &m, &err), &err,
           SAL_E_UNSUPPORTED, "method 'gradcam' needs inputs with the plane that the layer has");
    free_net(&net);
}

static void callbacks_that_are_missing(void **state)
{
    (void)state;
    toy_engine toy;
    make_toy(&toy);
    sal_model *whole = wrap_toy(&toy);
    toy_engine bare;
    make_toy(&bare);
    bare.ops.input_gradient = NULL;
    bare.ops.activation = NULL;
    bare.ops.get_params = NULL;
    bare.ops.saliency = NULL;
    sal_model *little = wrap_toy(&bare);
    const struct {
        const sal_model *model;
        const char *method, *text;
        sal_status status;
    } rows[] = {
        {whole, "guided-backprop",
         "method 'guided-backprop' changes backward rules, which needs a "
         "graph; adapter 'toy_adapter' wraps an engine",
         SAL_E_UNSUPPORTED},
        {whole, "deconvnet", "needs a graph", SAL_E_UNSUPPORTED},
        {whole, "guided-gradcam", "needs a graph", SAL_E_UNSUPPORTED},
        {whole, "gradcam", "Grad-CAM on adapter 'toy_adapter' needs a layer's name", SAL_E_ARG},
        {whole, "gradcam:layer=x", "adapter 'toy_adapter': activation_shape returned 1",
         SAL_E_CALLBACK},
        {little, "gradient",
         "method 'gradient' needs input_gradient; adapter 'toy_adapter' has none",
         SAL_E_UNSUPPORTED},
        {little, "smoothgrad", "needs input_gradient", SAL_E_UNSUPPORTED},
        {little, "integrated-gradients", "needs input_gradient", SAL_E_UNSUPPORTED},
        {little, "gradcam:layer=plane", "Grad-CAM needs activation or activation_shape",
         SAL_E_UNSUPPORTED},
        {little, "random-from-params", "needs get_params; adapter", SAL_E_UNSUPPORTED},
        {little, "own", "method 'own' needs saliency; adapter 'toy_adapter' has none",
         SAL_E_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_error err = {SAL_OK, ""};
        sal_method m;
        expect(rows[i].method,
               sal_method_open_(rows[i].model, rows[i].method, NULL, NULL, &m, &err), &err,
               rows[i].status, rows[i].text);
    }
    sal_model_free(whole);
    sal_model_free(little);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(class_is_the_prediction),
        cmocka_unit_test(first_class_on_ties),
        cmocka_unit_test(leaky_relu_is_refused),
        cmocka_unit_test(leaky_relu_beside_the_way),
        cmocka_unit_test(shapes_without_a_plane),
        cmocka_unit_test(flat_input_with_a_plane_inside),
        cmocka_unit_test(callbacks_that_are_missing),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
