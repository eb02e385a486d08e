/* Methods on networks small enough to work out by hand: tests/golden/known/known.json, and closed
 * forms for linear models and single rectified units. */
#include "nets.h"
#include "support.h"

#include "method/cam.h"

#include <salcheck/nn.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256 };
static json_t *known;

/* Names of the file and of salcheck; what is not listed salcheck does not have. */
static const struct {
    const char *key, *method;
} names[] = {
    {"gradient", "gradient"},
    {"gradient-x-input", "gradient-x-input"},
    {"integrated-gradients-50", "integrated-gradients"},
    {"integrated-gradients-paper-50", "integrated-gradients:rule=paper"},
    {"integrated-gradients-exact", "integrated-gradients:rule=midpoint,steps=50"},
    {"smoothgrad", "smoothgrad"},
    {"smoothgrad-squared", "smoothgrad-squared"},
    {"vargrad", "vargrad"},
    {"guided-backprop", "guided-backprop"},
    {"deconvnet", "deconvnet"},
    {"occlusion-1-feature-fill-0", "occlusion:window=1,stride=1"},
    {"gradcam-lowres", "gradcam"}, /* where the layer is as large as the input */
};

static size_t flatten(const json_t *j, double *out)
{
    if (!json_is_array(j)) {
        *out = json_number_value(j);
        return 1;
    }
    size_t n = 0, i;
    json_t *part;
    json_array_foreach(j, i, part) n += flatten(part, out + n);
    assert_true(n <= MOST);
    return n;
}

static size_t floats(const json_t *j, float *out)
{
    double values[MOST];
    size_t n = flatten(j, values);
    for (size_t i = 0; i < n; i++) out[i] = (float)values[i];
    return n;
}

static void explain(const test_net *net, const char *method, const float *x, float *map)
{
    sal_error err = {SAL_OK, ""};
    float copy[MOST];
    int64_t dims[SAL_MAX_RANK + 1] = {1}, target = 0;
    sal_tensor *t = NULL;
    size_t rank = sal_model_input_shape(net->model, dims + 1) + 1, n = 1;
    for (size_t i = 0; i < rank; i++) n *= (size_t)dims[i];
    memcpy(copy, x, n * sizeof *copy);
    assert_int_equal(sal_tensor_view_of(NULL, copy, rank, dims, &t, NULL), SAL_OK);
    sal_explain_options o = {.targets = &target};
    if (sal_explain(net->model, t, method, &o, map, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
}

static void expect(const test_net *net, const char *method, const float *x, const double *want,
                   size_t n)
{
    float map[MOST];
    double largest = 0;
    explain(net, method, x, map);
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)map[i] - want[i]) <= 1e-5 * largest))
            fail_msg("%s on %s, element %zu: got %.9g, wanted %.9g", method,
                     sal_model_get_name(net->model), i, (double)map[i], want[i]);
}

/* Every answer that salcheck has a method for. */
static void expect_all(const test_net *net, const json_t *answers, const float *x)
{
    double want[MOST];
    size_t held = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *answer = json_object_get(answers, names[i].key);
        if (!answer) continue;
        expect(net, names[i].method, x, want, flatten(answer, want));
        held++;
    }
    print_message("%s: %zu of %zu answers, the rest belong to methods not here\n",
                  sal_model_get_name(net->model), held, json_object_size(answers));
    assert_true(held >= 6);
}

/* ---- linear -------------------------------------------------------------------------------- */

static test_net dense_net(const json_t *m, size_t inputs, size_t outputs)
{
    float values[MOST];
    test_net net = linear_net(NULL, 1, (const int64_t[]){(int64_t)inputs}, (int64_t)outputs);
    sal_model_free(net.model);
    floats(json_object_get(m, "W"), values);
    set_param(&net, "fc.weight", values);
    floats(json_object_get(m, "b"), values);
    set_param(&net, "fc.bias", values);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    return net;
}

static void linear_model(void **state)
{
    (void)state;
    const json_t *m = json_object_get(known, "linear");
    float x[MOST];
    double w[MOST] = {0}, wx[MOST] = {0}, part[MOST] = {0};
    size_t n = floats(json_object_get(m, "x"), x);
    test_net net = dense_net(m, n, 2);
    expect_all(&net, json_object_get(m, "answers"), x);
    flatten(json_object_get(m, "W"), w);
    for (size_t i = 0; i < n; i++) wx[i] = w[i] * (double)x[i];
    expect(&net, "integrated-gradients:rule=gauss,steps=7", x, wx, n);
    expect(&net, "integrated-gradients:rule=trapezoid,steps=4", x, wx, n);
    expect(&net, "integrated-gradients:steps=1", x, wx, n);
    expect(&net, "ig-sg:samples=1,steps=3,spread=0", x, wx, n);
    for (size_t i = 0; i < n; i++) part[i] = wx[i] * (1 - 1.0 / 50);
    expect(&net, "integrated-gradients:rule=captum-trapezoid", x, part, n);
    for (size_t i = 0; i < n; i++) part[i] = w[i] * ((double)x[i] - 1);
    expect(&net, "integrated-gradients:baseline=1", x, part, n);
    expect(&net, "integrated-gradients:baseline=1,rule=paper", x, part, n);
    free_net(&net);
}

/* ---- a step edge under convolution, relu, sum ------------------------------------------------ */

static test_net edge_net(const json_t *filter)
{
    float w[9], ones[144];
    test_net net;
    sal_conv_options conv = {.filters = 1, .kernel = {3, 3}, .same = true, .no_bias = true};
    start_net(&net, NULL, "step edge");
    sal_value x = sal_graph_input(net.g, "input", 3, (const int64_t[]){1, 12, 12});
    sal_value y = sal_nn_apply(net.g, "Relu", "relu", sal_nn_conv(net.g, "conv", x, &conv));
    y = sal_nn_dense(net.g, "sum", sal_nn_apply(net.g, "Flatten", "flatten", y),
                     &(sal_dense_options){.units = 1, .no_bias = true});
    make_params(&net);
    floats(filter, w);
    for (int i = 0; i < 144; i++) ones[i] = 1;
    set_param(&net, "conv.weight", w);
    set_param(&net, "sum.weight", ones);
    make_model(&net, x, y);
    return net;
}

static void step_edge(void **state)
{
    (void)state;
    const json_t *cases = json_object_get(json_object_get(known, "step_edge"), "cases");
    assert_int_equal(json_array_size(cases), 2);
    float x[144], map[144];
    for (int i = 0; i < 144; i++) x[i] = i % 12 < 6 ? 0 : 1;
    for (size_t k = 0; k < 2; k++) {
        const json_t *c = json_array_get(cases, k), *answers = json_object_get(c, "answers");
        double row[MOST], other[MOST], times_input[MOST];
        test_net net = edge_net(json_object_get(c, "w"));
        expect_all(&net, answers, x);
        flatten(json_object_get(answers, "gradient-x-input"), times_input);
        expect(&net, "integrated-gradients:rule=gauss", x, times_input, 144); /* bias-free */
        flatten(json_object_get(c, "gradient_row5"), row);
        flatten(json_object_get(c, "gradient_row5_if_slope_at_0_were_1"), other);
        explain(&net, "gradient", x, map); /* the slope of relu at 0 is 0 */
        bool differs = false;
        for (int i = 0; i < 12; i++) {
            assert_near("row 5", (double)map[60 + i], row[i], 1e-5);
            differs = differs || fabs(row[i] - other[i]) > 0.5;
        }
        assert_true(differs);
        free_net(&net);
    }
}

/* ---- v . relu(W x + b) ----------------------------------------------------------------------- */

static test_net hidden_net(size_t inputs, size_t units, const float *w, const float *b,
                           const float *v)
{
    test_net net;
    start_net(&net, NULL, "one hidden layer");
    sal_value x = sal_graph_input(net.g, "input", 1, (const int64_t[]){(int64_t)inputs});
    sal_value y = sal_nn_dense(net.g, "fc", x, &(sal_dense_options){.units = (int64_t)units});
    y = sal_nn_dense(net.g, "out", sal_nn_apply(net.g, "Relu", "relu", y),
                     &(sal_dense_options){.units = 1, .no_bias = true});
    make_params(&net);
    set_param(&net, "fc.weight", w);
    set_param(&net, "fc.bias", b);
    set_param(&net, "out.weight", v);
    make_model(&net, x, y);
    return net;
}

static void two_layers(void **state)
{
    (void)state;
    const json_t *m = json_object_get(known, "two_layer");
    float w[6], b[3], v[3], x[2], map[2];
    floats(json_object_get(m, "W"), w);
    floats(json_object_get(m, "b"), b);
    floats(json_object_get(m, "v"), v);
    floats(json_object_get(m, "x"), x);
    test_net net = hidden_net(2, 3, w, b, v);
    expect_all(&net, json_object_get(m, "answers"), x);
    /* Gauss-Legendre is inexact at kinks */
    expect(&net, "integrated-gradients:rule=gauss", x, (const double[]){.40721571, -1.14819607}, 2);
    expect(&net, "integrated-gradients:rule=gauss,steps=500", x,
           (const double[]){.40024331, -1.14993917}, 2);
    /* the range of x is .5, so sigma = .3; tolerance: 5 standard errors (VarGrad is below 2.2) */
    explain(&net, "smoothgrad:samples=40000,spread=0.6", x, map);
    assert_near("smoothgrad 0", (double)map[0], -.45394744, .04);
    assert_near("smoothgrad 1", (double)map[1], -1.7990138, .04);
    free_net(&net);
}

/* f = relu(w . x + b): SmoothGrad = w Phi(t), t = z / (sigma |w|), and so on. */
static void one_unit_under_noise(void **state)
{
    (void)state;
    const double w[2] = {2, 1}, phi = .7719717299;
    const float one[1] = {1}, b[1] = {-1.5f}, x[2] = {1, 0}; /* z = .5, range 1 */
    static const struct {
        const char *method;
        bool squared, variance;
    } rows[] = {{"smoothgrad:samples=40000,spread=0.3", false, false},
                {"smoothgrad-squared:samples=40000,spread=0.3", true, false},
                {"vargrad:samples=40000,spread=0.3", true, true}};
    test_net net = hidden_net(2, 1, (const float[]){2, 1}, b, one);
    assert_near("phi", 0.5 * erfc(-0.5 / (0.3 * sqrt(5)) / sqrt(2)), phi, 1e-9);
    double share = sqrt(phi * (1 - phi) / 40000); /* standard error of the share of open gates */
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        float map[2];
        explain(&net, rows[k].method, x, map);
        for (int i = 0; i < 2; i++) {
            double scale = rows[k].squared ? w[i] * w[i] : w[i];
            double want = scale * phi * (rows[k].variance ? 1 - phi : 1);
            assert_near(rows[k].method, (double)map[i], want, 4 * scale * share);
        }
    }
    free_net(&net);
}

/* f = relu(w . x + b), b < 0: the kink lies at -b / (w . x), so IG = (w x) z / (w . x). */
static void one_unit_along_the_path(void **state)
{
    (void)state;
    const float one[1] = {1}, x[2] = {1, 2}, below[1] = {-1}, above[1] = {1};
    test_net net = hidden_net(2, 1, (const float[]){2, 1}, below, one); /* w . x = 4, z = 3 */
    expect(&net, "gradient", x, (const double[]){2, 1}, 2);
    expect(&net, "integrated-gradients:steps=4", x, (const double[]){1.5, 1.5}, 2);
    free_net(&net);
    net = hidden_net(2, 1, (const float[]){2, 1}, above, one);
    expect(&net, "integrated-gradients:steps=4", x, (const double[]){2, 2}, 2);
    free_net(&net);
}

/* ---- single rules ---------------------------------------------------------------------------- */

static void relu_at_its_kink(void **state)
{
    (void)state;
    const json_t *r = json_object_get(json_object_get(known, "rules"), "relu");
    float z[MOST], up[MOST];
    double want[MOST];
    size_t n = floats(json_object_get(r, "z"), z);
    floats(json_object_get(r, "upstream"), up);
    test_net net = gate_net("Relu", n, up);
    flatten(json_object_get(r, "gradient"), want);
    expect(&net, "gradient", z, want, n);
    flatten(json_object_get(r, "guided"), want);
    expect(&net, "guided-backprop", z, want, n);
    flatten(json_object_get(r, "deconvnet"), want);
    expect(&net, "deconvnet", z, want, n);
    free_net(&net);
}

static void max_pool_with_ties(void **state)
{
    static const struct {
        const char *name;
        int64_t kernel, stride;
    } cases[] = {{"max-pool 3x3 stride 2", 3, 2}, {"max-pool 2x2 stride 2", 2, 2}};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const json_t *r = json_object_get(json_object_get(known, "rules"), cases[k].name);
        float x[MOST], up[MOST];
        double want[MOST];
        size_t n = floats(json_object_get(r, "x"), x);
        int64_t rows = (int64_t)json_array_size(json_object_get(r, "x"));
        floats(json_object_get(r, "upstream"), up);
        sal_op_attrs pool = {.kernel = {cases[k].kernel, cases[k].kernel},
                             .stride = {cases[k].stride, cases[k].stride}};
        test_net net;
        start_net(&net, NULL, cases[k].name);
        sal_value in =
            sal_graph_input(net.g, "input", 3, (const int64_t[]){1, rows, (int64_t)n / rows});
        sal_value y = sal_graph_node(net.g, "MaxPool", "pool", &pool, 1, &in);
        y = sal_nn_dense(net.g, "sum", sal_nn_apply(net.g, "Flatten", "flatten", y),
                         &(sal_dense_options){.units = 1, .no_bias = true});
        make_params(&net);
        set_param(&net, "sum.weight", up);
        make_model(&net, in, y);
        flatten(json_object_get(r, "gradient"), want);
        expect(&net, "gradient", x, want, n);
        free_net(&net);
    }
}

static void bilinear(void **state)
{
    (void)state;
    const json_t *r = json_object_get(json_object_get(known, "rules"), "bilinear 2x2 to 4x4");
    double low[MOST], want[MOST];
    float high[16];
    assert_int_equal(flatten(json_object_get(r, "low"), low), 4);
    assert_int_equal(flatten(json_object_get(r, "high"), want), 16);
    sal_cam_enlarge_(SAL_HALF_PIXEL, 2, 2, low, 4, 4, high);
    for (int i = 0; i < 16; i++) assert_near("half-pixel", (double)high[i], want[i], 1e-6);
}

static void sobel_of_a_step(void **state)
{
    (void)state;
    const json_t *r = json_object_get(json_object_get(known, "rules"), "edges of a step");
    float x[MOST];
    double row[MOST], want[MOST];
    size_t n = floats(json_object_get(r, "gray"), x);
    int64_t width = (int64_t)flatten(json_object_get(r, "sobel_every_row"), row);
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, (int64_t)n / width, width}, 1);
    for (size_t i = 0; i < n; i++) want[i] = row[i % (size_t)width];
    expect(&net, "sobel", x, want, n);
    free_net(&net);
}

static int load(void **state)
{
    (void)state;
    known = json_load_file(SAL_TESTS_DIR "/golden/known/known.json", 0, NULL);
    return known ? 0 : 1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(known);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_model),
        cmocka_unit_test(step_edge),
        cmocka_unit_test(two_layers),
        cmocka_unit_test(one_unit_under_noise),
        cmocka_unit_test(one_unit_along_the_path),
        cmocka_unit_test(relu_at_its_kink),
        cmocka_unit_test(max_pool_with_ties),
        cmocka_unit_test(bilinear),
        cmocka_unit_test(sobel_of_a_step),
    };
    return !!cmocka_run_group_tests(tests, load, unload);
}
