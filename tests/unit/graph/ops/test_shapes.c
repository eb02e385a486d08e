/* Flatten, Reshape, GlobalAveragePool, and the shapes that Softmax and the losses take. */
#include "op_rig.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static void the_same_numbers(void **state)
{
    static const struct {
        const char *op;
        sal_op_attrs attrs;
        sal_shape in, out;
    } cases[] = {{"Flatten", {.rank = 0}, {4, {2, 3, 2, 2}}, {2, {2, 12}}},
                 {"Flatten", {.rank = 0}, {2, {2, 5}}, {2, {2, 5}}},
                 {"Flatten", {.rank = 0}, {1, {2}}, {2, {2, 1}}},
                 {"Reshape", {.rank = 3, .dims = {2, 2, 3}}, {2, {3, 12}}, {4, {3, 2, 2, 3}}},
                 {"Reshape", {.rank = 0}, {3, {3, 1, 1}}, {1, {3}}},
                 {"Reshape",
                  {.rank = 7, .dims = {1, 1, 1, 6, 1, 1, 1}},
                  {2, {1, 6}},
                  {8, {1, 1, 1, 1, 6, 1, 1, 1}}}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        op_rig r = op_rig_make(cases[c].op, &cases[c].attrs, 1, &cases[c].in, c);
        float *gy = calloc(r.n_out, sizeof *gy);
        if (!sal_shape_equal_(&r.out_shape, &cases[c].out)) fail_msg("case %zu: shape", c);
        if (memcmp(op_rig_forward(&r), r.data[0], r.n_out * sizeof *gy)) fail_msg("case %zu", c);
        for (size_t i = 0; i < r.n_out; i++) gy[i] = (float)i;
        op_rig_backward(&r, gy);
        if (memcmp(r.gradient[0], gy, r.n_out * sizeof *gy)) fail_msg("case %zu: gradient", c);
        free(gy);
        op_rig_free(&r);
    }
}

static void means_of_planes(void **state)
{
    static const sal_shape cases[] = {{3, {2, 3, 7}}, {4, {3, 2, 4, 5}}, {5, {1, 2, 2, 2, 2}}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        op_rig r = op_rig_make("GlobalAveragePool", NULL, 1, &cases[c], c);
        size_t plane = r.count[0] / r.n_out;
        float *gy = calloc(r.n_out, sizeof *gy);
        for (size_t i = 0; i < r.n_out; i++) gy[i] = (float)(i + 1);
        const float *y = op_rig_forward(&r);
        op_rig_backward(&r, gy);
        assert_int_equal(r.out_shape.rank, cases[c].rank);
        for (size_t k = 2; k < cases[c].rank; k++) assert_int_equal(r.out_shape.dims[k], 1);
        for (size_t i = 0; i < r.n_out; i++) {
            double sum = 0;
            for (size_t p = 0; p < plane; p++) {
                sum += (double)r.data[0][i * plane + p];
                assert_near("gradient", (double)r.gradient[0][i * plane + p],
                            (double)gy[i] / (double)plane, 1e-6);
            }
            assert_near("mean", (double)y[i], sum / (double)plane, 1e-6);
        }
        free(gy);
        op_rig_free(&r);
    }
}

static const struct {
    const char *name, *op;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[2];
    const char *text;
} mistakes[] = {
    {"count",
     "Reshape",
     {.rank = 2, .dims = {2, 5}},
     1,
     {{3, {1, 3, 4}}, {0, {0}}},
     "Reshape node 'out': [1, 3, 4] does not reshape to [N] and [2, 5]"},
    {"sign",
     "Reshape",
     {.rank = 2, .dims = {-1, 5}},
     1,
     {{3, {1, 3, 4}}, {0, {0}}},
     "Reshape node 'out': dimension 0 is -1"},
    {"rank",
     "Reshape",
     {.rank = 8, .dims = {12, 1, 1, 1, 1, 1, 1, 1}},
     1,
     {{3, {1, 3, 4}}, {0, {0}}},
     "Reshape node 'out': rank 8, wanted at most 7"},
    {"absurd rank",
     "Reshape",
     {.rank = SIZE_MAX},
     1,
     {{3, {1, 3, 4}}, {0, {0}}},
     "Reshape node 'out': rank 18446744073709551615, wanted at most 7"},
    {"features",
     "GlobalAveragePool",
     {.rank = 0},
     1,
     {{2, {1, 4}}, {0, {0}}},
     "GlobalAveragePool node 'out': data is [1, 4], wanted [N, C, L] or more dimensions"},
    {"planes of logits",
     "SoftmaxCrossEntropyLoss",
     {.rank = 0},
     2,
     {{3, {1, 3, 4}}, {3, {1, 3, 4}}},
     "SoftmaxCrossEntropyLoss node 'out': logits are [1, 3, 4], wanted [N, C]"},
    {"softmax of a number",
     "Softmax",
     {.rank = 0},
     1,
     {{1, {1}}, {0, {0}}},
     "Softmax node 'out': data is [1], wanted [N, ..., C]"},
    {"a plane's pool",
     "MaxPool",
     {.kernel = {2, 2}},
     1,
     {{2, {1, 4}}, {0, {0}}},
     "MaxPool node 'out': data is [1, 4], wanted [N, C, L] or [N, C, H, W]"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err =
            op_rig_mistake(mistakes[i].op, &mistakes[i].attrs, mistakes[i].n_in, mistakes[i].in);
        if (err.status != SAL_E_SHAPE || strcmp(err.text, mistakes[i].text))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, err.status, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_numbers),
        cmocka_unit_test(means_of_planes),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
