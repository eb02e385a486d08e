/* Add, Mul and Concat: values, gradients, the same value taken twice, what does not fit. */
#include "op_rig.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static void concat_puts_parts_side_by_side(void **state)
{
    static const struct {
        const char *name;
        int64_t axis; /* 0: the default, 1 */
        size_t n_in;
        sal_shape in[4];
    } cases[] = {{"one", 0, 1, {{3, {2, 3, 4}}}},
                 {"channels", 0, 3, {{4, {3, 2, 3, 2}}, {4, {3, 1, 3, 2}}, {4, {3, 4, 3, 2}}}},
                 {"rows", 2, 2, {{4, {2, 2, 3, 2}}, {4, {2, 2, 5, 2}}}},
                 {"columns",
                  3,
                  4,
                  {{4, {2, 2, 2, 1}}, {4, {2, 2, 2, 3}}, {4, {2, 2, 2, 2}}, {4, {2, 2, 2, 1}}}},
                 {"features", 1, 2, {{2, {4, 5}}, {2, {4, 1}}}}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        op_rig r = op_rig_make("Concat", &(sal_op_attrs){.axis = cases[c].axis}, cases[c].n_in,
                               cases[c].in, c);
        size_t axis = cases[c].axis ? (size_t)cases[c].axis : 1, rows = 1, at = 0;
        for (size_t i = 0; i < axis; i++) rows *= (size_t)r.out_shape.dims[i];
        size_t width = r.n_out / rows;
        float *gy = calloc(r.n_out, sizeof *gy);
        for (size_t i = 0; i < r.n_out; i++) gy[i] = (float)i;
        const float *y = op_rig_forward(&r);
        op_rig_backward(&r, gy);
        for (size_t k = 0; k < r.n_in; k++) {
            size_t part = r.count[k] / rows;
            for (size_t i = 0; i < r.count[k]; i++) {
                size_t place = i / part * width + at + i % part;
                if (y[place] != r.data[k][i] || r.gradient[k][i] != gy[place])
                    fail_msg("%s: element %zu of input %zu", cases[c].name, i, k);
            }
            at += part;
        }
        assert_int_equal(at, width);
        free(gy);
        op_rig_free(&r);
    }
}

static void sums_and_products(void **state)
{
    (void)state;
    for (int mul = 0; mul < 2; mul++) {
        sal_shape in[2] = {{3, {2, 3, 4}}, {3, {2, 3, 4}}};
        op_rig r = op_rig_make(mul ? "Mul" : "Add", NULL, 2, in, 1);
        float gy[24];
        const float *y = op_rig_forward(&r), *a = r.data[0], *b = r.data[1];
        for (size_t i = 0; i < 24; i++) gy[i] = (float)i - 11;
        op_rig_backward(&r, gy);
        for (size_t i = 0; i < 24; i++)
            if (y[i] != (mul ? a[i] * b[i] : a[i] + b[i]) ||
                r.gradient[0][i] != (mul ? gy[i] * b[i] : gy[i]) ||
                r.gradient[1][i] != (mul ? gy[i] * a[i] : gy[i]))
                fail_msg("%s: element %zu", r.op->name, i);
        op_rig_free(&r);
    }
}

/* x joined with itself: both ways' gradients arrive. */
static void the_same_value_twice(void **state)
{
    static const struct {
        const char *op;
        float want[3]; /* d sum(y) / dx at x = 1, 2, 3 */
    } cases[] = {{"Add", {2, 2, 2}},
                 {"Mul", {2, 4, 6}},
                 {"Concat", {2, 2, 2}},
                 {"MeanSquaredError", {0, 0, 0}}};
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_graph *g = NULL;
        sal_params *p = NULL;
        sal_plan *plan = NULL;
        float x[3] = {1, 2, 3}, seed[6] = {1, 1, 1, 1, 1, 1};
        assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
        sal_value in = sal_graph_input(g, "x", 1, (const int64_t[]){3});
        sal_value y = sal_graph_node(g, cases[c].op, "y", NULL, 2, (const sal_value[]){in, in});
        assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
        assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
        sal_wish wish = {.output = y, .n_gradients = 1, .gradients = &in};
        assert_int_equal(sal_plan_create_(g, &wish, &plan, NULL), SAL_OK);
        sal_plan_forward_(plan, 1, (const float *[]){x}, (const sal_params *[]){p});
        sal_plan_backward_(plan, seed, NULL);
        if (memcmp(sal_plan_gradient_(plan, in), cases[c].want, sizeof x))
            fail_msg("%s", cases[c].op);
        sal_plan_free_(plan);
        sal_params_free(p);
        sal_graph_free(g);
    }
}

static const struct {
    const char *name, *op;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[2];
    const char *text;
} mistakes[] = {
    {"sizes",
     "Add",
     {.axis = 0},
     2,
     {{3, {1, 3, 4}}, {3, {1, 3, 5}}},
     "Add node 'out': input 1 is [1, 3, 5], which does not broadcast with [1, 3, 4]"},
    {"ranks",
     "Mul",
     {.axis = 0},
     2,
     {{3, {1, 3, 4}}, {2, {1, 12}}},
     "Mul node 'out': input 1 is [1, 12], another has not its rank (N included): [1, 3, 4]"},
    {"loss",
     "MeanSquaredError",
     {.axis = 0},
     2,
     {{2, {1, 3}}, {2, {1, 4}}},
     "MeanSquaredError node 'out': input 1 is [1, 4], input 0 is [1, 3]"},
    {"another axis",
     "Concat",
     {.axis = 0},
     2,
     {{3, {1, 3, 4}}, {3, {1, 3, 5}}},
     "Concat node 'out': input 1 is [1, 3, 5], input 0 is [1, 3, 4]: only axis 1 may differ"},
    {"another rank",
     "Concat",
     {.axis = 2},
     2,
     {{3, {1, 3, 4}}, {2, {1, 3}}},
     "Concat node 'out': input 1 is [1, 3], input 0 is [1, 3, 4]: only axis 2 may differ"},
    {"axis",
     "Concat",
     {.axis = 3},
     2,
     {{3, {1, 3, 4}}, {3, {1, 3, 4}}},
     "Concat node 'out': axis 3, data has rank 3 (N included)"},
    {"negative axis",
     "Concat",
     {.axis = -1},
     2,
     {{3, {1, 3, 4}}, {3, {1, 3, 4}}},
     "Concat node 'out': axis -1, data has rank 3 (N included)"},
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
        cmocka_unit_test(concat_puts_parts_side_by_side),
        cmocka_unit_test(sums_and_products),
        cmocka_unit_test(the_same_value_twice),
        cmocka_unit_test(mistakes_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
