/* Reductions, running sums, ArgMax, ArgMin and Softmax by axis on small planes whose results can be
 * seen. */
#include "one_op.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 12 };

static const float numbers[MOST] = {1, -2, 3, 4, 0.5f, -6, 2, 2, -1, 3, 3, -5}; /* [1, 2, 2, 3] */

typedef struct {
    one_op o;
    sal_shape out;
    double want[MOST];
} known;

#define PLANES(OP, ...)                                                                            \
    {                                                                                              \
        .name = OP, .op = OP, .n_in = 1, .in = {{4, {1, 2, 2, 3}}}, .attrs = { __VA_ARGS__ }       \
    }
#define ROWS .n_axes = 1, .axes = {3}
#define ALONE .n_axes = 2, .axes = {3, 2}, .keep_dims = true

static const known knowns[] = {
    {PLANES("ReduceSum", ROWS), {3, {1, 2, 2}}, {2, -1.5, 3, 1}},
    {PLANES("ReduceSum", .n_axes = 1, .axes = {1}), {3, {1, 2, 3}}, {3, 0, 2, 7, 3.5, -11}},
    {PLANES("ReduceSum", .n_axes = 2, .axes = {1, 3}), {2, {1, 2}}, {5, -0.5}},
    {PLANES("ReduceSum", .keep_dims = false), {1, {1}}, {4.5}},
    {PLANES("ReduceMean", ALONE), {4, {1, 2, 1, 1}}, {0.5 / 6, 4.0 / 6}},
    {PLANES("ReduceMax", ROWS), {3, {1, 2, 2}}, {3, 4, 2, 3}},
    {PLANES("ReduceMin", ROWS), {3, {1, 2, 2}}, {-2, -6, -1, -5}},
    {PLANES("ReduceProd", ROWS), {3, {1, 2, 2}}, {-6, -12, -4, -45}},
    {PLANES("ReduceL1", ROWS), {3, {1, 2, 2}}, {6, 10.5, 5, 11}},
    {PLANES("ReduceL2", ROWS),
     {3, {1, 2, 2}},
     {3.7416573867739413, 7.228416147400481, 3, 6.557438524302}},
    {PLANES("ReduceSumSquare", ROWS), {3, {1, 2, 2}}, {14, 52.25, 9, 43}},
    {PLANES("ReduceLogSum", .n_axes = 2, .axes = {1, 3}, .keep_dims = true),
     {4, {1, 1, 2, 1}},
     {1.6094379124341003, (double)NAN}},
    {PLANES("ReduceLogSumExp", ROWS),
     {3, {1, 2, 2}},
     {3.1328452337, 4.0297944865, 2.7177359187, 3.6933148979}},
    {PLANES("ArgMax", .axis = 3), {3, {1, 2, 2}}, {2, 0, 0, 0}},
    {PLANES("ArgMax", .axis = 3, .mode = 1), {3, {1, 2, 2}}, {2, 0, 1, 1}},
    {PLANES("ArgMin", .axis = 2, .keep_dims = true), {4, {1, 2, 1, 3}}, {0, 0, 1, 0, 0, 1}},
    {PLANES("CumSum", .axis = 3), {4, {1, 2, 2, 3}}, {1, -1, 2, 4, 4.5, -1.5, 2, 4, 3, 3, 6, 1}},
    {PLANES("CumSum", .axis = 3, .mode = 1),
     {4, {1, 2, 2, 3}},
     {0, 1, -1, 0, 4, 4.5, 0, 2, 4, 0, 3, 6}},
    {PLANES("CumSum", .axis = 1, .mode = 2),
     {4, {1, 2, 2, 3}},
     {3, 0, 2, 7, 3.5, -11, 2, 2, -1, 3, 3, -5}},
    {PLANES("CumSum", .axis = 2, .mode = 3),
     {4, {1, 2, 2, 3}},
     {4, 0.5, -6, 0, 0, 0, 3, 3, -5, 0, 0, 0}},
    {PLANES("ArgMax", .axis = 1), {3, {1, 2, 3}}, {1, 1, 0, 0, 1, 1}},
};

static void known_values(void **state)
{
    (void)state;
    const float *data = numbers;
    for (size_t k = 0; k < sizeof knowns / sizeof knowns[0]; k++) {
        sal_shape out;
        float *y = one_op_run(&knowns[k].o, &data, &out);
        assert_shape(knowns[k].o.name, &out, &knowns[k].out);
        for (size_t i = 0; i < sal_shape_count_from_(&out, 0); i++) {
            double want = knowns[k].want[i];
            if (isnan(want) ? !isnan(y[i]) : !(fabs((double)y[i] - want) < 1e-6 * (1 + fabs(want))))
                fail_msg("%s, row %zu: element %zu is %.9g, wanted %.9g", knowns[k].o.name, k, i,
                         (double)y[i], want);
        }
        free(y);
    }
}

typedef struct {
    const char *name, *op;
    float x[3];
    double gx[3];
} slope;

static const slope slopes[] = {
    {"a tie goes to the first", "ReduceMax", {2, 7, 7}, {0, 1, 0}},
    {"a tie goes to the first", "ReduceMin", {2, 2, 7}, {1, 0, 0}},
    {"one zero", "ReduceProd", {2, 0, 7}, {0, 14, 0}},
    {"two zeros", "ReduceProd", {0, 0, 7}, {0, 0, 0}},
    {"at zero", "ReduceL1", {0, -1, 1}, {0, -1, 1}},
    {"at zero", "ReduceL2", {0, 0, 0}, {0, 0, 0}},
    {"large numbers", "ReduceLogSumExp", {1000, 1000, -1000}, {0.5, 0.5, 0}},
    {"no slope", "ArgMax", {1, 2, 3}, {0, 0, 0}},
};

static void known_slopes(void **state)
{
    (void)state;
    const float gy = 1;
    for (size_t k = 0; k < sizeof slopes / sizeof slopes[0]; k++) {
        const slope *s = &slopes[k];
        one_op o = {.name = s->name, .op = s->op, .n_in = 1, .in = {{2, {1, 3}}}};
        const float *data = s->x;
        float *gx;
        one_op_gradients(&o, &data, &gy, &gx);
        for (size_t i = 0; i < 3; i++)
            if (!(fabs((double)gx[i] - s->gx[i]) < 1e-6))
                fail_msg("%s, %s: gradient %zu is %g", s->op, s->name, i, (double)gx[i]);
        free(gx);
    }
}

/* Any axis gives what the last one gives for turned data; mode 1 what a flat row gives. */
static void softmax_by_axis(void **state)
{
    (void)state;
    static const char *const ops[] = {"Softmax", "LogSoftmax"};
    const float *data = numbers;
    for (size_t k = 0; k < 2; k++) {
        sal_shape out;
        one_op rows = {.name = ops[k], .op = ops[k], .n_in = 1, .in = {{4, {1, 2, 3, 2}}}};
        one_op flat = {.name = ops[k], .op = ops[k], .n_in = 1, .in = {{2, {2, 6}}}};
        one_op middle = {.name = ops[k], .op = ops[k], .n_in = 1, .in = {{4, {1, 2, 2, 3}}}};
        one_op all = {.name = ops[k], .op = ops[k], .n_in = 1, .in = {{4, {1, 2, 2, 3}}}};
        float turned[MOST];
        for (size_t i = 0; i < MOST; i++) turned[i] = numbers[i / 6 * 6 + i % 2 * 3 + i % 6 / 2];
        rows.attrs.axis = -1;
        middle.attrs.axis = 2;
        all.attrs.axis = 2;
        all.attrs.mode = 1;
        float *a = one_op_run(&rows, (const float *[]){turned}, &out);
        float *b = one_op_run(&middle, &data, &out), *c = one_op_run(&flat, &data, &out);
        float *d = one_op_run(&all, &data, &out);
        for (size_t i = 0; i < MOST; i++) {
            assert_near("middle axis", (double)a[i], (double)b[i / 6 * 6 + i % 2 * 3 + i % 6 / 2],
                        0);
            assert_near("two axes", (double)d[i], (double)c[i], 0);
        }
        double sum = 0;
        for (size_t i = 0; i < 6; i++) sum += k ? exp((double)c[i]) : (double)c[i];
        assert_near(ops[k], sum, 1, 1e-6);
        free(a);
        free(b);
        free(c);
        free(d);
    }
}

static const struct {
    one_op o;
    const char *text;
} refusals[] = {
    {PLANES("ReduceSum", .n_axes = 1, .axes = {0}),
     "axis 0 counts the inputs and cannot be touched"},
    {PLANES("ReduceMax", .n_axes = 1, .axes = {4}), "axis 4, data has rank 4"},
    {PLANES("ReduceL2", .n_axes = 2, .axes = {1, 1}), "axis 1 twice"},
    {PLANES("ArgMax", .axis = 4), "axis 4, data has rank 4"},
    {PLANES("Softmax", .axis = 4), "axis 4, data has rank 4"},
    {PLANES("LogSoftmax", .axis = -2), "axis -2, data has rank 4"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
        sal_error err = one_op_mistake(&refusals[k].o);
        if (!strstr(err.text, refusals[k].text))
            fail_msg("%s: '%s', wanted '%s'", refusals[k].o.name, err.text, refusals[k].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(known_slopes),
        cmocka_unit_test(softmax_by_axis),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
