/* What a file becomes: element types, outputs, layers, shape arithmetic, networks for one input. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "onnx_file.h"
#include "support.h"

#include <salcheck/onnx.h>
#include <salcheck/randomise.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static const int64_t rows[2] = {0, 4}, square[2] = {4, 4}, four = 4;

static sal_onnx *load(const char *name, onnx_file *f, const sal_onnx_options *options)
{
    sal_onnx *o = NULL;
    sal_error err = {SAL_OK, ""};
    onnx_write(f, path);
    if (sal_onnx_load(NULL, path, options, &o, &err) != SAL_OK) fail_msg("%s: %s", name, err.text);
    return o;
}

/* The network's outputs for the inputs 1, 2, 3, ... */
static size_t run(const sal_onnx *o, int64_t n, float *y)
{
    const sal_model *m = sal_onnx_get_model(o);
    int64_t dims[SAL_MAX_RANK + 1] = {n};
    size_t rank = sal_model_input_shape(m, dims + 1);
    sal_tensor *x = NULL;
    assert_int_equal(sal_tensor_create(NULL, rank + 1, dims, &x, NULL), SAL_OK);
    for (size_t i = 0; i < sal_tensor_count(x); i++) sal_tensor_data(x)[i] = (float)(i + 1);
    assert_int_equal(sal_model_predict(m, x, y, NULL), SAL_OK);
    sal_tensor_free(x);
    return (size_t)n * sal_model_outputs(m);
}

/* x + c for a constant of every type: 1, -2, 0.5 (or 0), 3 */
static void element_types(void **state)
{
    (void)state;
    static const uint16_t halves[4] = {0x3c00, 0xc000, 0x3800, 0x4200};
    static const uint16_t brain[4] = {0x3f80, 0xc000, 0x3f00, 0x4040};
    static const double doubles[4] = {1, -2, 0.5, 3};
    static const float floats[4] = {1, -2, 0.5f, 3};
    static const struct {
        const char *name;
        int type;
        const void *raw;
        size_t bytes;
    } cases[] = {{"float", 1, floats, 16},
                 {"float16", 10, halves, 8},
                 {"bfloat16", 16, brain, 8},
                 {"double", 11, doubles, 32}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        onnx_file f = {.opset = 0};
        float y[4];
        onnx_input(&f, "x", 2, rows);
        onnx_tensor(&f, "c", cases[i].type, 1, &four, cases[i].raw, cases[i].bytes);
        onnx_node(&f, "Add", "sum", "x c", "y");
        onnx_output(&f, "y");
        sal_onnx *o = load(cases[i].name, &f, NULL);
        assert_int_equal(run(o, 1, y), 4);
        for (int k = 0; k < 4; k++) assert_near(cases[i].name, (double)y[k], k + 1 + doubles[k], 0);
        sal_onnx_free(o);
    }
}

/* Weights of 8 bits with a scale per output: widened while reading, and weights all the same. */
static void bytes_with_scales(void **state)
{
    (void)state;
    static const int8_t bytes[8] = {1, 2, 3, 4, -1, -2, -3, 100}, zeros[2] = {0, 0};
    static const float scales[2] = {0.5f, 2};
    static const int64_t dims[2] = {2, 4}, two = 2;
    onnx_file f = {.opset = 13};
    float y[2];
    onnx_input(&f, "x", 2, rows);
    onnx_tensor(&f, "bytes", 3, 2, dims, bytes, 8);
    onnx_tensor(&f, "scale", 1, 1, &two, scales, 8);
    onnx_tensor(&f, "zero", 3, 1, &two, zeros, 2);
    onnx_int(&f, "axis", 0);
    onnx_node(&f, "DequantizeLinear", NULL, "bytes scale zero", "weight");
    onnx_int(&f, "transB", 1);
    onnx_node(&f, "Gemm", "fc", "x weight", "y");
    onnx_output(&f, "y");
    sal_onnx *o = load("bytes", &f, NULL);
    run(o, 1, y);
    assert_near("first", (double)y[0], 0.5 * 30, 0);
    assert_near("second", (double)y[1], 2 * (-14 + 400), 0);
    assert_int_equal(sal_model_layer_count(sal_onnx_get_model(o)), 1);
    assert_string_equal(sal_model_layer_name(sal_onnx_get_model(o), 0), "fc");
    sal_onnx_free(o);
}

static void external_data(void **state)
{
    (void)state;
    char beside[80];
    const char *name = strrchr(path, '/') + 1;
    static const float numbers[5] = {9, 1, 2, 3, 4};
    float y[4];
    onnx_file f = {.opset = 0};
    snprintf(beside, sizeof beside, "%s.bin", path);
    FILE *data = fopen(beside, "wb");
    assert_non_null(data);
    fwrite(numbers, sizeof numbers, 1, data);
    fclose(data);
    char location[80];
    snprintf(location, sizeof location, "%s.bin", name);
    onnx_input(&f, "x", 2, rows);
    onnx_external(&f, "c", 1, &four, location, "4", "16");
    onnx_node(&f, "Add", "sum", "x c", "y");
    onnx_output(&f, "y");
    sal_onnx *o = load("external", &f, NULL);
    run(o, 1, y);
    for (int k = 0; k < 4; k++) assert_near("external", (double)y[k], 2 * (k + 1), 0);
    sal_onnx_free(o);
    remove(beside);
}

static void dense_net(onnx_file *f)
{
    onnx_input(f, "x", 2, rows);
    onnx_floats(f, "w1", 2, square);
    onnx_floats(f, "b1", 1, &four);
    onnx_floats(f, "w2", 2, square);
    onnx_node(f, "MatMul", "first", "x w1", "a");
    onnx_node(f, "Add", "first_bias", "a b1", "b");
    onnx_node(f, "Relu", "gate", "b", "c");
    onnx_node(f, "Gemm", "second", "c w2 b1", "logits");
    onnx_node(f, "Softmax", "soft", "logits", "y");
    onnx_output(f, "y");
}

static void a_last_softmax_is_left_out(void **state)
{
    (void)state;
    onnx_file f = {.opset = 0};
    dense_net(&f);
    sal_onnx *o = load("softmax", &f, NULL);
    assert_int_equal(sal_onnx_output(o), sal_onnx_find(o, "logits"));
    assert_int_equal(sal_onnx_output(o), sal_onnx_find(o, "second"));
    assert_int_equal(sal_onnx_find(o, "soft"), SAL_NO_VALUE);
    sal_onnx_free(o);
    dense_net(&f);
    o = load("by node", &f, &(sal_onnx_options){.output = "soft"});
    float y[8], sum = 0;
    assert_int_equal(run(o, 2, y), 8);
    for (int k = 0; k < 4; k++) sum += y[k];
    assert_near("shares", (double)sum, 1, 1e-6);
    sal_onnx_free(o);
    sal_error err;
    dense_net(&f);
    onnx_write(&f, path);
    assert_int_equal(sal_onnx_load(NULL, path, &(sal_onnx_options){.output = "nothing"}, &o, &err),
                     SAL_E_ARG);
}

static void layers_and_constants(void **state)
{
    (void)state;
    onnx_file f = {.opset = 0};
    sal_params *random = NULL;
    dense_net(&f);
    onnx_node(&f, "Mul", "scaled", "logits b1", "z");
    sal_onnx *o = load("layers", &f, &(sal_onnx_options){.output = "z"});
    const sal_model *m = sal_onnx_get_model(o);
    const sal_graph *g = sal_onnx_get_graph(o);
    assert_int_equal(sal_model_layer_count(m), 2);
    assert_string_equal(sal_model_layer_name(m, 0), "first");
    assert_string_equal(sal_model_layer_name(m, 1), "second");
    assert_int_equal(sal_randomise(m, SAL_TOP, 0, NULL, &random, NULL), SAL_OK);
    for (size_t i = 0; i < sal_graph_param_count(g); i++) {
        sal_param_info info;
        assert_int_equal(sal_graph_param_info(g, i, &info, NULL), SAL_OK);
        bool same = !memcmp(sal_params_get(random, i), sal_params_get(sal_onnx_get_params(o), i),
                            sal_params_size(random, i) * sizeof(float));
        bool drawn = !strcmp(info.layer, "second") && info.role != SAL_FIXED;
        if (same == drawn) fail_msg("%s of %s: changed %d", info.name, info.layer, !same);
    }
    sal_params_free(random);
    sal_onnx_free(o);
}

/* Reshape to [shape(x)[0], -1], as exporters write it; and a dead node that nobody can do. */
static void shape_arithmetic(void **state)
{
    (void)state;
    static const int64_t dims[3] = {0, 2, 2}, zero = 0, minus = -1, one = 1;
    onnx_file f = {.opset = 11};
    float y[8];
    onnx_input(&f, "x", 3, dims);
    onnx_tensor(&f, "zero", 7, 0, NULL, &zero, 8);
    onnx_tensor(&f, "minus", 7, 1, &one, &minus, 8);
    onnx_node(&f, "Loop", "dead", "x", "nothing");
    onnx_node(&f, "Shape", NULL, "x", "shape");
    onnx_node(&f, "Gather", NULL, "shape zero", "n");
    onnx_ints(&f, "axes", 1, &zero);
    onnx_node(&f, "Unsqueeze", NULL, "n", "n1");
    onnx_int(&f, "axis", 0);
    onnx_node(&f, "Concat", NULL, "n1 minus", "to");
    onnx_node(&f, "Reshape", "flat", "x to", "y");
    onnx_output(&f, "y");
    sal_onnx *o = load("shape", &f, NULL);
    assert_int_equal(run(o, 2, y), 8);
    for (int k = 0; k < 8; k++) assert_near("flat", (double)y[k], k + 1, 0);
    sal_onnx_free(o);
}

/* A network that moves axis 0 is read as a whole for every input. */
static void axis_0_moves(void **state)
{
    (void)state;
    static const int64_t dims[3] = {0, 2, 3}, order[3] = {1, 0, 2}, to[2] = {2, 3}, two = 2;
    static const float want[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    onnx_file f = {.opset = 13};
    float y[12];
    onnx_input(&f, "x", 3, dims);
    onnx_tensor(&f, "to", 7, 1, &two, to, 16);
    onnx_ints(&f, "perm", 3, order);
    onnx_node(&f, "Transpose", "turn", "x", "t");
    onnx_node(&f, "Reshape", "flat", "t to", "y");
    onnx_output(&f, "y");
    sal_onnx *o = load("turned", &f, NULL);
    assert_int_equal(run(o, 2, y), 12);
    for (int k = 0; k < 12; k++) assert_near("turned", (double)y[k], (double)want[k], 0);
    sal_onnx_free(o);
}

/* What an exporter leaves of a transposed view: a Loop with an If and a sequence makes the indices. */
static void a_loop_over_constants(void **state)
{
    (void)state;
    static const float want[6] = {1, 4, 2, 5, 3, 6};
    sal_onnx *o = NULL;
    sal_error err = {SAL_OK, ""};
    float y[6];
    if (sal_onnx_load(NULL, SAL_TESTS_DIR "/fuzz/corpus/onnx/loop_of_indices", NULL, &o, &err) !=
        SAL_OK)
        fail_msg("%s", err.text);
    assert_int_equal(run(o, 1, y), 6);
    for (int k = 0; k < 6; k++) assert_near("loop", (double)y[k], (double)want[k], 0);
    sal_onnx_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(element_types),        cmocka_unit_test(bytes_with_scales),
        cmocka_unit_test(external_data),        cmocka_unit_test(a_last_softmax_is_left_out),
        cmocka_unit_test(layers_and_constants), cmocka_unit_test(shape_arithmetic),
        cmocka_unit_test(axis_0_moves),         cmocka_unit_test(a_loop_over_constants)};
    snprintf(path, sizeof path, "/tmp/salcheck-load-%ld.onnx", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return !!failed;
}
