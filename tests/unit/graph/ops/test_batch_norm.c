/* Batch normalisation with stored statistics against the formula in double. */
#include "op_rig.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void the_formula(void **state)
{
    static const struct {
        const char *name;
        sal_shape in;
        double epsilon; /* 0: the default */
    } cases[] = {{"planes", {4, {3, 4, 5, 2}}, 0},
                 {"lines", {3, {2, 3, 7}}, 0.1},
                 {"features", {2, {5, 6}}, 1e-3}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        int64_t channels = cases[c].in.dims[1];
        sal_shape in[5] = {
            cases[c].in, {1, {channels}}, {1, {channels}}, {1, {channels}}, {1, {channels}}};
        op_rig r = op_rig_make("BatchNormalization", &(sal_op_attrs){.epsilon = cases[c].epsilon},
                               5, in, c);
        double epsilon = cases[c].epsilon > 0 ? cases[c].epsilon : 1e-5, want[5][64] = {{0}};
        for (size_t k = 0; k < (size_t)channels; k++) r.data[4][k] = fabsf(r.data[4][k]) + 0.01f;
        float *gy = calloc(r.n_out, sizeof *gy);
        for (size_t i = 0; i < r.n_out; i++) gy[i] = sinf((float)i);
        const float *y = op_rig_forward(&r);
        size_t plane = sal_shape_count_from_(&in[0], 2);
        for (size_t i = 0; i < r.n_out; i++) {
            size_t k = i / plane % (size_t)channels;
            double scale = (double)r.data[1][k], d = (double)r.data[0][i] - (double)r.data[3][k];
            double inverse = 1 / sqrt((double)r.data[4][k] + epsilon), g = (double)gy[i];
            double value = scale * d * inverse + (double)r.data[2][k];
            if (!(fabs((double)y[i] - value) <= 1e-5 * (1 + fabs(scale * d * inverse))))
                fail_msg("%s: element %zu is %g, wanted %g", cases[c].name, i, (double)y[i], value);
            want[1][k] += g * d * inverse;
            want[2][k] += g;
            want[3][k] -= g * scale * inverse;
            want[4][k] -= g * scale * d * inverse * inverse * inverse / 2;
        }
        op_rig_backward(&r, gy);
        for (size_t i = 0; i < r.n_out; i++) {
            size_t k = i / plane % (size_t)channels;
            double slope =
                (double)r.data[1][k] / sqrt((double)r.data[4][k] + epsilon) * (double)gy[i];
            if (!(fabs((double)r.gradient[0][i] - slope) <= 1e-5 * (1 + fabs(slope))))
                fail_msg("%s: gradient %zu", cases[c].name, i);
        }
        for (size_t p = 1; p < 5; p++)
            for (size_t k = 0; k < (size_t)channels; k++)
                if (!(fabs((double)r.gradient[p][k] - want[p][k]) <= 1e-4 * (1 + fabs(want[p][k]))))
                    fail_msg("%s: gradient of parameter %zu, %zu is %g, wanted %g", cases[c].name,
                             p, k, (double)r.gradient[p][k], want[p][k]);
        free(gy);
        op_rig_free(&r);
    }
}

static const struct {
    const char *name;
    sal_op_attrs attrs;
    sal_shape in[5];
    const char *text;
} mistakes[] = {
    {"no channels",
     {.epsilon = 0},
     {{1, {1}}, {1, {3}}, {1, {3}}, {1, {3}}, {1, {3}}},
     "data is [1], wanted [N, C, ...]"},
    {"shift",
     {.epsilon = 0},
     {{2, {1, 3}}, {1, {3}}, {1, {4}}, {1, {3}}, {1, {3}}},
     "input 2 is [4], wanted [3]"},
    {"rank of variance",
     {.epsilon = 0},
     {{2, {1, 3}}, {1, {3}}, {1, {3}}, {1, {3}}, {2, {3, 1}}},
     "input 4 is [3, 1], wanted [3]"},
    {"negative epsilon",
     {.epsilon = -1},
     {{2, {1, 3}}, {1, {3}}, {1, {3}}, {1, {3}}, {1, {3}}},
     "epsilon is not a positive number"},
    {"infinite epsilon",
     {.epsilon = (double)INFINITY},
     {{2, {1, 3}}, {1, {3}}, {1, {3}}, {1, {3}}, {1, {3}}},
     "epsilon is not a positive number"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err = op_rig_mistake("BatchNormalization", &mistakes[i].attrs, 5, mistakes[i].in);
        if (err.status == SAL_OK || strncmp(err.text, "BatchNormalization node 'out': ", 31) ||
            strcmp(err.text + 31, mistakes[i].text))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, err.status, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_formula),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
