/* What a file's opset changes, and which are refused. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "onnx_file.h"
#include "support.h"

#include <salcheck/onnx.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[64];

/* Operators whose form changed between opsets 1 and 6, each in the form of its time: the rows (1, 2) and
 * (-1, 3) of x are padded, taken apart, put together, reshaped, moved per channel and bent. */
static void old_network(onnx_file *f, int64_t opset)
{
    static const int64_t dims[4] = {0, 1, 1, 2}, pads[8] = {0, 0, 0, 1, 0, 0, 0, 0}, zero = 0,
                         parts[2] = {1, 2}, to[2] = {0, 3}, three = 3, two = 2;
    static const float moves[3] = {10, 20, -30};
    f->opset = opset;
    onnx_input(f, "x", 4, dims);
    onnx_ints(f, opset < 2 ? "paddings" : "pads", 8, pads); /* 0, 1, 2 */
    onnx_node(f, "Pad", "pad", "x", "wide");
    onnx_int(f, "axis", 3);
    onnx_ints(f, "split", 2, parts); /* 0 | 1, 2 */
    onnx_node(f, "Split", "split", "wide", "first rest");
    onnx_int(f, "axis", 3);
    onnx_node(f, "Concat", "turned", "rest first", "around"); /* 1, 2, 0 */
    if (opset < 5) {
        onnx_ints(f, "shape", 2, to);
        onnx_node(f, "Reshape", "flat", "around", "row");
    } else {
        onnx_tensor(f, "to", 7, 1, &two, to, sizeof to);
        onnx_node(f, "Reshape", "flat", "around to", "row");
    }
    onnx_tensor(f, "moves", 1, 1, &three, moves, sizeof moves);
    onnx_int(f, "broadcast", 1);
    onnx_int(f, "axis", 1);
    onnx_node(f, "Add", "move", "row moves", "moved"); /* 11, 22, -30 */
    if (opset >= 4) onnx_int(f, "axis", 1);            /* the default before */
    onnx_node(f, "Concat", "twice", "moved moved", "both");
    onnx_ints(f, "consumed_inputs", 1, &zero);
    onnx_node(f, "Selu", "bend", "both", "y");
    onnx_output(f, "y");
}

static void old_opsets_keep_their_forms(void **state)
{
    (void)state;
    static const float numbers[4] = {1, 2, -1, 3};
    static const int64_t dims[4] = {2, 1, 1, 2};
    static const double moved[2][3] = {{11, 22, -30}, {9, 23, -30}};
    sal_tensor *x = NULL;
    assert_int_equal(sal_tensor_create(NULL, 4, dims, &x, NULL), SAL_OK);
    memcpy(sal_tensor_data(x), numbers, sizeof numbers);
    for (int64_t opset = 1; opset <= 6; opset++) {
        onnx_file f = {.opset = 0};
        sal_onnx *o = NULL;
        sal_error err = {SAL_OK, ""};
        float y[12];
        double scale = opset < 6 ? 1.0507 : 1.05070102214813232421875;
        double alpha = opset < 6 ? 1.6732 : 1.67326319217681884765625;
        char name[32];
        snprintf(name, sizeof name, "opset %d", (int)opset);
        old_network(&f, opset);
        onnx_write(&f, path);
        if (sal_onnx_load(NULL, path, NULL, &o, &err) != SAL_OK) fail_msg("%s: %s", name, err.text);
        assert_int_equal(sal_model_outputs(sal_onnx_get_model(o)), 6);
        assert_int_equal(sal_model_predict(sal_onnx_get_model(o), x, y, &err), SAL_OK);
        for (size_t i = 0; i < 12; i++) {
            double v = moved[i / 6][i % 3];
            assert_near(name, (double)y[i], v > 0 ? scale * v : -scale * alpha, 4e-6);
        }
        sal_onnx_free(o);
    }
    sal_tensor_free(x);
}

/* A network with one Relu; domain NULL: no opset at all. */
static sal_status load_with(const char *domain, int64_t version, sal_error *err)
{
    static const int64_t rows[2] = {0, 4};
    onnx_file f = {.opset = 0};
    sal_wire model = {0}, opset = {0};
    sal_onnx *o = NULL;
    onnx_input(&f, "x", 2, rows);
    onnx_node(&f, "Relu", "r", "x", "y");
    onnx_output(&f, "y");
    if (domain) {
        sal_wire_text_(&opset, 1, domain);
        sal_wire_int_(&opset, 2, version);
        sal_wire_message_(&model, 8, &opset);
    }
    sal_wire_message_(&model, 7, &f.graph);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(model.data, 1, model.n, file), model.n);
    fclose(file);
    sal_wire_free_(&model);
    sal_wire_free_(&opset);
    sal_wire_free_(&f.graph);
    sal_wire_free_(&f.node);
    sal_wire_free_(&f.part);
    sal_status st = sal_onnx_load(NULL, path, NULL, &o, err);
    if (st == SAL_OK) sal_onnx_free(o);
    return st;
}

static void others_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        int64_t version;
        const char *part; /* of the message; NULL: it is read */
    } cases[] = {
        {NULL, 0, NULL}, /* as files of the first version are */
        {"", 1, NULL},
        {"", 20, NULL},
        {"ai.onnx", 13, NULL},
        {"", 21, "opset 21, 1 to 20 are read"},
        {"", 0, "opset 0, 1 to 20 are read"},
        {"", -1, "opset -1, 1 to 20 are read"},
        {"", INT64_MAX, "opset 9223372036854775807, 1 to 20 are read"},
        {"", INT64_MIN, "opset -9223372036854775808, 1 to 20 are read"},
        {"com.example", 1, "states no opset of ONNX's own operators"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_error err = {SAL_OK, ""};
        sal_status st = load_with(cases[i].domain, cases[i].version, &err);
        if (st != (cases[i].part ? SAL_E_UNSUPPORTED : SAL_OK) ||
            (cases[i].part && !strstr(err.text, cases[i].part)))
            fail_msg("case %zu: %s, '%s', wanted '%s'", i, sal_status_name(st), err.text,
                     cases[i].part ? cases[i].part : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_opsets_keep_their_forms),
        cmocka_unit_test(others_are_refused),
    };
    snprintf(path, sizeof path, "/tmp/salcheck-opsets-%ld.onnx", (long)getpid());
    int bad = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return !!bad;
}
