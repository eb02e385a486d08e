/* Activations: values and slopes against libm in double, at kinks and far out as well. */
#include "op_rig.h"
#include "support.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const float points[] = {0.0f, -0.0f, 1e-30f, -1e-30f, 0.5f,    -0.5f,   1,
                               -1,   3,     -3,     20,      -20,     88,      -88.5f,
                               104,  -104,  1e4f,   -1e4f,   FLT_MAX, -FLT_MAX};
enum { N = sizeof points / sizeof points[0] };

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static double relu_slope(double x)
{
    return x > 0;
}

static double leaky(double x)
{
    return x > 0 ? x : (double)(float)0.2 * x;
}

static double leaky_slope(double x)
{
    return x > 0 ? 1 : 0.2;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double x)
{
    return sigmoid(x) * sigmoid(-x);
}

static double tanh_slope(double x)
{
    return 1 - tanh(x) * tanh(x);
}

static const struct {
    const char *op;
    double (*value)(double x);
    double (*slope)(double x);
} cases[] = {{"Relu", relu, relu_slope},
             {"LeakyRelu", leaky, leaky_slope},
             {"Sigmoid", sigmoid, sigmoid_slope},
             {"Tanh", tanh, tanh_slope}};

static void values_and_slopes(void **state)
{
    (void)state;
    sal_shape in = {2, {1, N}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        op_rig r = op_rig_make(cases[c].op, &(sal_op_attrs){.alpha = 0.2}, 1, &in, 1);
        float gy[N], y[N];
        for (size_t i = 0; i < N; i++) gy[i] = 2;
        memcpy(r.data[0], points, sizeof points);
        memcpy(y, op_rig_forward(&r), sizeof y);
        op_rig_backward(&r, gy);
        for (size_t i = 0; i < N; i++) {
            double x = (double)points[i], want = cases[c].value(x), slope = 2 * cases[c].slope(x);
            if (!(fabs((double)y[i] - want) <= 3e-7 * fabs(want) + 1e-38))
                fail_msg("%s(%g) is %.9g, wanted %.9g", cases[c].op, x, (double)y[i], want);
            if (!(fabs((double)r.gradient[0][i] - slope) <= 3e-7))
                fail_msg("slope of %s at %g is %.9g, wanted %.9g", cases[c].op, x,
                         (double)r.gradient[0][i], slope);
        }
        op_rig_free(&r);
    }
}

/* Over the last axis; large values neither overflow nor lose their differences. */
static void softmax(void **state)
{
    (void)state;
    static const float x[3][4] = {
        {1, 2, 3, 4}, {1e30f, 0, -1e30f, 1e30f}, {-5000, -5001, -5002, -5000}};
    sal_shape in = {3, {1, 3, 4}};
    op_rig r = op_rig_make("Softmax", NULL, 1, &in, 1);
    memcpy(r.data[0], x, sizeof x);
    const float *y = op_rig_forward(&r);
    float gy[12];
    for (size_t row = 0; row < 3; row++) {
        double sum = 0, top = (double)-INFINITY;
        for (size_t k = 0; k < 4; k++) top = fmax(top, (double)x[row][k]);
        for (size_t k = 0; k < 4; k++) sum += exp((double)x[row][k] - top);
        for (size_t k = 0; k < 4; k++)
            assert_near("share", (double)y[row * 4 + k], exp((double)x[row][k] - top) / sum, 1e-7);
    }
    for (size_t i = 0; i < 12; i++) gy[i] = 1; /* shares sum to 1, whatever x */
    op_rig_backward(&r, gy);
    for (size_t i = 0; i < 12; i++)
        assert_near("gradient of the sum", (double)r.gradient[0][i], 0, 1e-7);
    op_rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes),
        cmocka_unit_test(softmax),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
