/* Dense layers and their gradients against plain sums in double, over widths around the block of 16
 * inputs that one product takes. */
#include "op_rig.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void compare(const char *what, const op_rig *r, size_t n, const float *got,
                    const double *want)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - want[i]) <= 2e-5 + 1e-5 * fabs(want[i])))
            fail_msg("%zu inputs of %d, %d units: %s %zu is %.8g, wanted %.8g", r->n,
                     (int)r->in_shape[1].dims[1], (int)r->in_shape[1].dims[0], what, i,
                     (double)got[i], want[i]);
}

static void check(int64_t n, int64_t ins, int64_t outs, bool bias)
{
    sal_shape in[3] = {{2, {n, ins}}, {2, {outs, ins}}, {1, {outs}}};
    op_rig r = op_rig_make("Gemm", NULL, bias ? 3 : 2, in, (uint64_t)(n * 1000 + ins));
    float *gy = calloc(r.n_out, sizeof *gy);
    double *y = calloc(r.n_out, sizeof *y), *gx = calloc(r.count[0], sizeof *gx);
    double *gw = calloc(r.count[1], sizeof *gw), *gb = calloc((size_t)outs, sizeof *gb);
    size_t wide = (size_t)ins, units = (size_t)outs;
    for (size_t i = 0; i < r.n_out; i++) gy[i] = cosf((float)i);
    for (size_t i = 0; i < r.n_out; i++) {
        size_t o = i % units, image = i / units;
        if (bias) y[i] = (double)r.data[2][o];
        gb[o] += (double)gy[i];
        for (size_t k = 0; k < wide; k++) {
            double x = (double)r.data[0][image * wide + k], w = (double)r.data[1][o * wide + k];
            y[i] += x * w;
            gx[image * wide + k] += (double)gy[i] * w;
            gw[o * wide + k] += (double)gy[i] * x;
        }
    }
    compare("output", &r, r.n_out, op_rig_forward(&r), y);
    op_rig_backward(&r, gy);
    compare("gradient of data", &r, r.count[0], r.gradient[0], gx);
    compare("gradient of weight", &r, r.count[1], r.gradient[1], gw);
    if (bias) compare("gradient of bias", &r, units, r.gradient[2], gb);
    free(gy);
    free(y);
    free(gx);
    free(gw);
    free(gb);
    op_rig_free(&r);
}

static void plain_sums(void **state)
{
    static const int64_t counts[] = {1, 2, 15, 16, 17, 33}, widths[] = {1, 3, 16, 37};
    (void)state;
    for (size_t a = 0; a < sizeof counts / sizeof counts[0]; a++)
        for (size_t b = 0; b < 4; b++)
            for (size_t c = 0; c < 4; c++) check(counts[a], widths[b], widths[c], (a + b + c) % 2);
}

static const struct {
    const char *name;
    size_t n_in;
    sal_shape in[3];
    const char *text;
} mistakes[] = {
    {"planes", 2, {{4, {1, 1, 2, 2}}, {2, {3, 4}}}, "data is [1, 1, 2, 2], wanted [N, F]"},
    {"weight", 2, {{2, {1, 4}}, {1, {4}}}, "weight is [4], wanted [O, 4]"},
    {"width", 2, {{2, {1, 4}}, {2, {4, 5}}}, "weight is [4, 5], wanted [O, 4]"},
    {"bias", 3, {{2, {1, 4}}, {2, {3, 4}}, {1, {4}}}, "bias is [4], wanted [3]"},
    {"rank of the bias", 3, {{2, {1, 4}}, {2, {3, 4}}, {2, {3, 1}}}, "bias is [3, 1], wanted [3]"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err = op_rig_mistake("Gemm", NULL, mistakes[i].n_in, mistakes[i].in);
        if (err.status != SAL_E_SHAPE || strncmp(err.text, "Gemm node 'out': ", 17) ||
            strcmp(err.text + 17, mistakes[i].text))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, err.status, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_sums),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
