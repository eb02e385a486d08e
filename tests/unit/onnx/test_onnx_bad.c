/* Files that are cut, lie, or mean harm: a status and a text that names what is wrong, never a crash. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "onnx_file.h"
#include "support.h"

#include <salcheck/onnx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static const int64_t picture[4] = {0, 1, 4, 4}, rows[2] = {0, 4}, square[2] = {4, 4};

/* x -> Relu "r" -> y, the start of most cases */
static void end(onnx_file *f)
{
    onnx_input(f, "x", 2, rows);
    onnx_output(f, "y");
}

static void unknown_operator(onnx_file *f)
{
    onnx_node(f, "Frobnicate", "odd", "x", "y");
    end(f);
}

static void future_opset(onnx_file *f)
{
    f->opset = 99;
    onnx_node(f, "Relu", "r", "x", "y");
    end(f);
}

static void cycle(onnx_file *f)
{
    onnx_node(f, "Add", "first", "x b", "a");
    onnx_node(f, "Relu", "second", "a", "b");
    onnx_node(f, "Relu", "third", "b", "y");
    end(f);
}

static void missing_tensor(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    end(f);
}

static void made_twice(onnx_file *f)
{
    onnx_node(f, "Relu", "first", "x", "y");
    onnx_node(f, "Relu", "second", "x", "y");
    end(f);
}

static void no_such_output(onnx_file *f)
{
    onnx_node(f, "Relu", "r", "x", "z");
    end(f);
}

static void too_few_bytes(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    onnx_tensor(f, "weight", 1, 2, square, "1234567", 7);
    end(f);
}

static void huge_dims(onnx_file *f)
{
    const int64_t dims[3] = {1 << 30, 1 << 30, 1 << 30};
    onnx_node(f, "Add", "sum", "x weight", "y");
    onnx_tensor(f, "weight", 1, 3, dims, "", 0);
    end(f);
}

static void negative_dims(onnx_file *f)
{
    const int64_t dims[2] = {-4, -4};
    onnx_node(f, "Add", "sum", "x weight", "y");
    onnx_tensor(f, "weight", 1, 2, dims, "", 0);
    end(f);
}

static void huge_constant(onnx_file *f)
{
    const int64_t dims[2] = {1 << 20, 1 << 20}, two = 2;
    onnx_tensor(f, "shape", 7, 1, &two, dims, sizeof dims);
    onnx_node(f, "ConstantOfShape", "filled", "shape", "c");
    onnx_node(f, "Add", "sum", "x c", "y");
    end(f);
}

static void strings(onnx_file *f)
{
    const int64_t one = 1;
    onnx_node(f, "Add", "sum", "x weight", "y");
    onnx_tensor(f, "weight", 8, 1, &one, "a", 1);
    end(f);
}

static void not_a_number(onnx_file *f)
{
    const int64_t four = 4;
    const uint32_t bits[4] = {0, 0, 0x7fc00000, 0};
    onnx_node(f, "Add", "sum", "x weight", "y");
    onnx_tensor(f, "weight", 1, 1, &four, bits, sizeof bits);
    end(f);
}

static void outside(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    onnx_external(f, "weight", 2, square, "../../etc/passwd", NULL, NULL);
    end(f);
}

static void absolute(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    onnx_external(f, "weight", 2, square, "/etc/passwd", NULL, NULL);
    end(f);
}

static void external_gone(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    onnx_external(f, "weight", 2, square, "salcheck-is-not-there.bin", NULL, NULL);
    end(f);
}

static void odd_offset(onnx_file *f)
{
    onnx_node(f, "MatMul", "dense", "x weight", "y");
    onnx_external(f, "weight", 2, square, "salcheck-is-not-there.bin", "-1", NULL);
    end(f);
}

static void wrong_weight(onnx_file *f)
{
    const int64_t dims[4] = {2, 3, 3, 3};
    onnx_floats(f, "weight", 4, dims);
    onnx_node(f, "Conv", "conv", "x weight", "y");
    onnx_input(f, "x", 4, picture);
    onnx_output(f, "y");
}

static void wide_kernel(onnx_file *f)
{
    const int64_t kernel[2] = {INT64_MAX, 3};
    onnx_ints(f, "kernel_shape", 2, kernel);
    onnx_node(f, "MaxPool", "pool", "x", "y");
    onnx_input(f, "x", 4, picture);
    onnx_output(f, "y");
}

static void many_pads(onnx_file *f)
{
    const int64_t pads[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    onnx_ints(f, "pads", 9, pads);
    onnx_node(f, "AveragePool", "pool", "x", "y");
    onnx_input(f, "x", 4, picture);
    onnx_output(f, "y");
}

static void odd_axis(onnx_file *f)
{
    onnx_int(f, "axis", INT64_MIN);
    onnx_node(f, "Softmax", "soft", "x", "s");
    onnx_node(f, "Relu", "r", "s", "y");
    end(f);
}

static void open_size(onnx_file *f)
{
    const int64_t dims[3] = {0, 0, 4};
    onnx_node(f, "Relu", "r", "x", "y");
    onnx_input(f, "x", 3, dims);
    onnx_output(f, "y");
}

static void constant_output(onnx_file *f)
{
    onnx_node(f, "Shape", "s", "x", "y");
    end(f);
}

static void no_nodes(onnx_file *f)
{
    onnx_input(f, "x", 2, rows);
}

static const struct {
    const char *name;
    void (*make)(onnx_file *f);
    sal_status status;
    const char *part; /* of the message */
} cases[] = {
    {"unknown operator", unknown_operator, SAL_E_UNSUPPORTED, "Frobnicate (opset 13), node 'odd'"},
    {"future opset", future_opset, SAL_E_UNSUPPORTED, "opset 99"},
    {"cycle", cycle, SAL_E_FORMAT, "node 'first': input 'b' is made by no node before"},
    {"missing tensor", missing_tensor, SAL_E_FORMAT, "node 'dense': input 'weight'"},
    {"made twice", made_twice, SAL_E_FORMAT, "'y' is made twice"},
    {"no such output", no_such_output, SAL_E_FORMAT, "output 'y'"},
    {"too few bytes", too_few_bytes, SAL_E_FORMAT, "tensor 'weight': 7 bytes of data, wanted 64"},
    {"huge dims", huge_dims, SAL_E_FORMAT, "tensor 'weight'"},
    {"negative dims", negative_dims, SAL_E_FORMAT, "tensor 'weight'"},
    {"huge constant", huge_constant, SAL_E_NOMEM, "node 'filled'"},
    {"strings", strings, SAL_E_UNSUPPORTED, "tensor 'weight': element type 8"},
    {"not a number", not_a_number, SAL_E_VALUE, "element 2 is not finite"},
    {"external path outside", outside, SAL_E_FORMAT, "not in the model's folder"},
    {"external path absolute", absolute, SAL_E_FORMAT, "not in the model's folder"},
    {"external file gone", external_gone, SAL_E_IO, "cannot be opened"},
    {"external offset", odd_offset, SAL_E_FORMAT, "tensor 'weight'"},
    {"weight of another net", wrong_weight, SAL_E_SHAPE, "node 'conv'"},
    {"kernel without end", wide_kernel, SAL_E_FORMAT, "node 'pool'"},
    {"nine pads", many_pads, SAL_E_FORMAT, "'pads' has 9 numbers"},
    {"axis out of range", odd_axis, SAL_E_FORMAT, "node 'soft'"},
    {"size left open", open_size, SAL_E_UNSUPPORTED, "axis 1 is left open"},
    {"constant output", constant_output, SAL_E_UNSUPPORTED, "does not depend on the input"},
    {"nothing at all", no_nodes, SAL_E_FORMAT, "has no output"},
};

static void each_says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        onnx_file f = {.opset = 0};
        sal_error err = {SAL_OK, ""};
        sal_onnx *o = NULL;
        cases[i].make(&f);
        onnx_write(&f, path);
        sal_status st = sal_onnx_load(NULL, path, NULL, &o, &err);
        if (st != cases[i].status || !strstr(err.text, cases[i].part))
            fail_msg("%s: %s, '%s', wanted %s and '%s'", cases[i].name, sal_status_name(st),
                     err.text, sal_status_name(cases[i].status), cases[i].part);
        assert_null(o);
    }
}

/* Loops in loops, each with states that want one another in a row: what is needed was looked for in time that
 * grew 26-fold with every loop. */
static void loops_in_loops(void **state)
{
    (void)state;
    sal_onnx *o = NULL;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(
        sal_onnx_load(NULL, SAL_TESTS_DIR "/fuzz/corpus/onnx/loops_in_loops", NULL, &o, &err),
        SAL_E_NOMEM);
    assert_non_null(strstr(err.text, "Loop, node '"));
    assert_non_null(strstr(err.text, "nested beyond what the file justifies"));
}

/* ---- bytes ----------------------------------------------------------------------------------------- */

static sal_status load_bytes(const unsigned char *bytes, size_t n)
{
    sal_onnx *o = NULL;
    sal_error err = {SAL_OK, ""};
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n) fail_msg("%s: cannot be written", path);
    fclose(f);
    sal_status st = sal_onnx_load(NULL, path, NULL, &o, &err);
    if (st != SAL_OK && !err.text[0]) fail_msg("an error without a text");
    sal_onnx_free(o);
    return st;
}

static size_t read_seed(unsigned char *bytes, size_t most)
{
    FILE *f = fopen(SAL_TESTS_DIR "/fuzz/corpus/onnx/Conv2d_groups", "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, most, f);
    fclose(f);
    return n;
}

static void cut_anywhere(void **state)
{
    (void)state;
    unsigned char bytes[4096];
    size_t n = read_seed(bytes, sizeof bytes), good = 0;
    assert_int_equal(load_bytes(bytes, n), SAL_OK);
    for (size_t k = 0; k < n; k++) good += load_bytes(bytes, k) == SAL_OK;
    assert_true(good <= 2); /* but for a last field that nobody needs */
}

static void changed_anywhere(void **state)
{
    (void)state;
    unsigned char bytes[4096], changed[4096];
    size_t n = read_seed(bytes, sizeof bytes);
    sal_rng rng = sal_rng_for(1, "bytes", 0);
    for (size_t k = 0; k < 2000; k++) {
        memcpy(changed, bytes, n);
        for (size_t j = 0; j <= sal_rng_below_(&rng, 3); j++)
            changed[sal_rng_below_(&rng, n)] = (unsigned char)sal_rng_below_(&rng, 256);
        load_bytes(changed, n);
    }
    for (size_t k = 0; k < 500; k++) {
        for (size_t j = 0; j < 64; j++) changed[j] = (unsigned char)sal_rng_below_(&rng, 256);
        load_bytes(changed, 64);
    }
}

/* Graphs inside of attributes of nodes of graphs, and types of types. */
static void nested_too_deep(void **state)
{
    (void)state;
    sal_wire in = {0}, out = {0};
    for (int depth = 0; depth < 10000; depth++) {
        sal_wire_message_(&out, depth % 3 == 0 ? 1 : depth % 3 == 1 ? 6 : 5, &in);
        sal_wire keep = in;
        in = out;
        out = keep;
    }
    sal_wire model = {0};
    sal_wire_message_(&model, 7, &in);
    sal_onnx *o = NULL;
    sal_error err = {SAL_OK, ""};
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fwrite(model.data, 1, model.n, f);
    fclose(f);
    assert_int_equal(sal_onnx_load(NULL, path, NULL, &o, &err), SAL_E_FORMAT);
    if (!strstr(err.text, "nested too deep")) fail_msg("%s", err.text);
    sal_wire_free_(&in);
    sal_wire_free_(&out);
    sal_wire_free_(&model);
}

/* Two bytes make a node of more than a hundred in memory. */
static void very_many_nodes(void **state)
{
    (void)state;
    sal_wire graph = {0}, model = {0};
    for (size_t i = 0; i < 1000000; i++) sal_wire_bytes_(&graph, "\x0a\x00", 2);
    sal_wire_message_(&model, 7, &graph);
    assert_int_equal(load_bytes(model.data, model.n), SAL_E_FORMAT);
    sal_wire_free_(&graph);
    sal_wire_free_(&model);
}

static void no_file(void **state)
{
    (void)state;
    sal_onnx *o = NULL;
    assert_int_equal(load_bytes((const unsigned char *)"", 0), SAL_E_FORMAT);
    assert_int_equal(sal_onnx_load(NULL, "/nowhere/at.all", NULL, &o, NULL), SAL_E_IO);
    assert_int_equal(sal_onnx_load(NULL, "/tmp", NULL, &o, NULL), SAL_E_IO);
    assert_int_equal(sal_onnx_load(NULL, NULL, NULL, &o, NULL), SAL_E_ARG);
    sal_onnx_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_says_what_is_wrong),
                                       cmocka_unit_test(loops_in_loops),
                                       cmocka_unit_test(cut_anywhere),
                                       cmocka_unit_test(changed_anywhere),
                                       cmocka_unit_test(nested_too_deep),
                                       cmocka_unit_test(very_many_nodes),
                                       cmocka_unit_test(no_file)};
    snprintf(path, sizeof path, "/tmp/salcheck-bad-%ld.onnx", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return !!failed;
}
