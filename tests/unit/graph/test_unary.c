/* Functions of one element: values from double precision, and what holds at kinks, at steps and for
 * constants that are 0. The gradient suite covers slopes elsewhere. */
#include "sample_rig.h"
#include "support.h"

#include "graph/ops.def"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *op;
    sal_op_attrs attrs;
    double x, value, slope;
} row;

/* Values by Python's math module, slopes by central differences in double. */
static const row smooth[] = {
    {"Acos", {.alpha = 0}, 0.3, 1.26610367, -1.04828484},
    {"Acosh", {.alpha = 0}, 1.7, 1.12323098, 0.727392967},
    {"Asin", {.alpha = 0}, -0.3, -0.304692654, 1.04828484},
    {"Asinh", {.alpha = 0}, 0.9, 0.808866936, 0.743294146},
    {"Atan", {.alpha = 0}, -1.2, -0.876058051, 0.409836066},
    {"Atanh", {.alpha = 0}, 0.6, 0.693147181, 1.5625},
    {"Cos", {.alpha = 0}, 0.7, 0.764842187, -0.644217687},
    {"Cosh", {.alpha = 0}, -0.7, 1.25516901, -0.758583702},
    {"Erf", {.alpha = 0}, 0.4, 0.428392355, 0.961541299},
    {"Exp", {.alpha = 0}, -1.5, 0.22313016, 0.22313016},
    {"Gelu", {.alpha = 0}, -1.3, -0.12584063, -0.125978685},
    {"Gelu", {.mode = 1}, -1.3, -0.126070988, -0.12587807},
    {"Log", {.alpha = 0}, 2.5, 0.916290732, 0.4},
    {"Mish", {.alpha = 0}, -0.8, -0.283963263, 0.13818235},
    {"Sin", {.alpha = 0}, 2, 0.909297427, -0.416146837},
    {"Sinh", {.alpha = 0}, 1.1, 1.33564747, 1.66851855},
    {"Softplus", {.alpha = 0}, -0.6, 0.43748795, 0.354343694},
    {"Softsign", {.alpha = 0}, -1.5, -0.6, 0.16},
    {"Tan", {.alpha = 0}, 0.5, 0.54630249, 1.29844641},
    {"Elu", {.alpha = 0}, -1, -0.632120559, 0.367879441},
    {"Elu", {.alpha = 3}, -1, -1.89636168, 1.10363832},
    {"Celu", {.alpha = 2}, -1, -0.786938681, 0.60653066},
    {"Selu", {.alpha = 0}, -1, -1.11133074, 0.646768603},
    {"Selu", {.alpha = 0}, 2, 2.10140197, 1.05070099},
};

/* Exact. */
static const row steps_and_kinks[] = {
    {"Abs", {.alpha = 0}, -2.5, 2.5, -1},
    {"Abs", {.alpha = 0}, 0, 0, 0},
    {"Cast", {.alpha = 0}, 2.75, 2.75, 1},
    {"Cast", {.mode = 1}, 2.75, 2, 0},
    {"Cast", {.mode = 1}, -2.75, -2, 0},
    {"Cast", {.mode = 2}, -2.75, 1, 0},
    {"Cast", {.mode = 2}, 0, 0, 0},
    {"Ceil", {.alpha = 0}, -1.5, -1, 0},
    {"Celu", {.alpha = 2}, 0, 0, 1},
    {"Clip", {.alpha = 0}, 1e30, 1e30, 1},
    {"Clip", {.low = -1, .high = 2}, -1, -1, 0},
    {"Clip", {.low = -1, .high = 2}, 2, 2, 0},
    {"Clip", {.low = -1, .high = 2}, 1.5, 1.5, 1},
    {"Clip", {.low = -1, .high = 2}, 3, 2, 0},
    {"Clip", {.low = 0, .high = HUGE_VAL}, -3, 0, 0},
    {"Clip", {.low = 0, .high = HUGE_VAL}, 7, 7, 1},
    {"Clip", {.low = -HUGE_VAL, .high = 0}, 3, 0, 0},
    {"Clip", {.low = 2, .high = 1}, 1.5, 1, 0},
    {"Elu", {.alpha = 2}, 0, 0, 2},
    {"Elu", {.alpha = -0.0}, -1, 0, 0},
    {"Floor", {.alpha = 0}, -1.5, -2, 0},
    {"Gelu", {.alpha = 0}, -20, 0, 0},
    {"HardSigmoid", {.alpha = 0}, -2.5, 0, 0},
    {"HardSigmoid", {.alpha = 0}, 9, 1, 0},
    {"HardSigmoid", {.alpha = 0.5, .beta = -0.0}, 0.5, 0.25, 0.5},
    {"HardSwish", {.alpha = 0}, -3, 0, 0},
    {"HardSwish", {.alpha = 0}, 3, 3, 1.5},
    {"HardSwish", {.alpha = 0}, 1.5, 1.125, 1},
    {"Identity", {.alpha = 0}, 1.25, 1.25, 1},
    {"IsInf", {.alpha = 0}, -HUGE_VAL, 1, 0},
    {"IsInf", {.mode = 1}, -HUGE_VAL, 0, 0},
    {"IsInf", {.mode = 2}, -HUGE_VAL, 1, 0},
    {"IsInf", {.mode = 2}, HUGE_VAL, 0, 0},
    {"IsInf", {.alpha = 0}, 3e38, 0, 0},
    {"IsNaN", {.alpha = 0}, (double)NAN, 1, 0},
    {"IsNaN", {.alpha = 0}, HUGE_VAL, 0, 0},
    {"Mish", {.alpha = 0}, 100, 100, 1},
    {"Neg", {.alpha = 0}, 1.5, -1.5, -1},
    {"Not", {.alpha = 0}, 0, 1, 0},
    {"Not", {.alpha = 0}, -0.5, 0, 0},
    {"Reciprocal", {.alpha = 0}, -4, -0.25, -0.0625},
    {"Round", {.alpha = 0}, 0.5, 0, 0},
    {"Round", {.alpha = 0}, 1.5, 2, 0},
    {"Round", {.alpha = 0}, -2.5, -2, 0},
    {"Round", {.alpha = 0}, 2.75, 3, 0},
    {"Shrink", {.alpha = 0}, 0.5, 0, 0},
    {"Shrink", {.alpha = 1, .beta = 0.5}, -2, -1.5, 1},
    {"Shrink", {.alpha = 1, .beta = 0.5}, 2, 1.5, 1},
    {"Sign", {.alpha = 0}, -0.25, -1, 0},
    {"Sign", {.alpha = 0}, 0, 0, 0},
    {"Softplus", {.alpha = 0}, 200, 200, 1},
    {"Softplus", {.alpha = 0}, -200, 0, 0},
    {"Softsign", {.alpha = 0}, 0, 0, 1},
    {"Sqrt", {.alpha = 0}, 6.25, 2.5, 0.2},
    {"ThresholdedRelu", {.alpha = 0}, 1, 0, 0},
    {"ThresholdedRelu", {.alpha = 0}, 1.25, 1.25, 1},
    {"ThresholdedRelu", {.alpha = -0.0}, 0.25, 0.25, 1},
};

static void check(const row *w, double tolerance)
{
    const sal_op_def *op = sal_op_find_(w->op);
    if (!op) fail_msg("%s is no operator", w->op);
    sal_op_sample one = {.name = "x", .attrs = w->attrs, .n_in = 1, .in = {{2, {1, 1}}}};
    sal_rng rng = sal_rng_for(1, w->op, 0);
    sample_rig r = sample_rig_build(op, &one, 0, &rng);
    char name[64];
    float seed = 1, slope = 0, *grads[] = {&slope};
    r.data[0][0] = (float)w->x;
    float value = sample_rig_forward(&r, 0, 1)[0];
    sample_rig_backward(&r, &seed, grads);
    snprintf(name, sizeof name, "%s at %g", w->op, w->x);
    assert_near(name, (double)value, w->value, tolerance * fabs(w->value));
    snprintf(name, sizeof name, "slope of %s at %g", w->op, w->x);
    assert_near(name, (double)slope, w->slope, tolerance * fabs(w->slope));
    sample_rig_free(&r);
}

static void values_are_those_of_double_precision(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof smooth / sizeof smooth[0]; i++) check(&smooth[i], 2e-6);
}

static void steps_and_kinks_are_as_said(void **state)
{
    (void)state;
    const size_t n = sizeof steps_and_kinks / sizeof steps_and_kinks[0];
    for (size_t i = 0; i < n; i++) check(&steps_and_kinks[i], 1e-7);
}

static bool names(const row *rows, size_t n, const char *op)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].op, op)) return true;
    return false;
}

static void every_row_has_a_value(void **state)
{
    (void)state;
#define CHECK(id)                                                                                  \
    if (!names(smooth, sizeof smooth / sizeof smooth[0], sal_op_##id.name) &&                      \
        !names(steps_and_kinks, sizeof steps_and_kinks / sizeof steps_and_kinks[0],                \
               sal_op_##id.name))                                                                  \
        fail_msg("%s has no value in this test", sal_op_##id.name);
#define DECLARE(id) extern const sal_op_def sal_op_##id;
    SAL_UNARY_OPS(DECLARE)
    SAL_UNARY_OPS(CHECK)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_double_precision),
        cmocka_unit_test(steps_and_kinks_are_as_said),
        cmocka_unit_test(every_row_has_a_value),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
