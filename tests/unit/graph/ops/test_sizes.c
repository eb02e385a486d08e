/* Shapes that operators make: sizes that no memory holds are refused while building, whatever the
 * product wraps to; so are planes beyond what indices of 32 bits reach. */
#include "op_rig.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

#define P(x) (INT64_C(1) << (x))

static const struct {
    const char *name, *op;
    sal_op_attrs attrs;
    size_t n_in;
    sal_shape in[2];
    const char *text;
} cases[] = {
    {"padding and filters, wraps to 0",
     "Conv",
     {.kernel = {1, 1}, .pad = {0, 0, P(15) - 1, P(15) - 1}, .groups = P(4)},
     2,
     {{4, {1, P(4), 1, 1}}, {4, {P(34), 1, 1, 1}}},
     "more elements than memory can hold"},
    {"channels of 2^15 x 2^15, 2^15 of them",
     "AveragePool",
     {.pad = {0, 0, P(15) - 1, P(15) - 1}, .count_padding = true},
     1,
     {{4, {1, P(34), 1, 1}}, {0, {0}}},
     "more elements than memory can hold"},
    {"places of a plane",
     "MaxPool",
     {.kernel = {2, 2}},
     1,
     {{4, {1, 1, P(16), P(16)}}, {0, {0}}},
     "data [1, 1, 65536, 65536]: planes of more than"},
    {"places of an output plane",
     "AveragePool",
     {.pad = {0, 0, P(16), P(16)}, .count_padding = true},
     1,
     {{4, {1, 1, 1, 1}}, {0, {0}}},
     "data [1, 1, 1, 1]: planes of more than"},
    {"a long line",
     "Conv",
     {.kernel = {1, 3}},
     2,
     {{3, {1, 1, P(31)}}, {3, {1, 1, 3}}},
     "data [1, 1, 2147483648]: planes of more than"},
    {"taps of a convolution",
     "Conv",
     {.kernel = {P(11), P(10)}},
     2,
     {{4, {1, P(11), P(12), P(12)}}, {4, {1, P(11), P(11), P(10)}}},
     "a product of [1, 4294967296], wanted at most 2147483647 each"},
    {"filters of a convolution",
     "Conv",
     {.kernel = {1, 1}},
     2,
     {{4, {1, 1, 1, 1}}, {4, {P(31), 1, 1, 1}}},
     "a product of [2147483648, 1]"},
    {"features of a dense layer",
     "Gemm",
     {.axis = 0},
     2,
     {{2, {1, P(32)}}, {2, {1, P(32)}}},
     "a product of [1, 4294967296]"},
    {"units of a dense layer",
     "Gemm",
     {.axis = 0},
     2,
     {{2, {1, 1}}, {2, {P(32), 1}}},
     "a product of [4294967296, 1]"},
};

static void sizes_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_error err = op_rig_mistake(cases[i].op, &cases[i].attrs, cases[i].n_in, cases[i].in);
        if (err.status != SAL_E_SHAPE || !strstr(err.text, cases[i].text))
            fail_msg("%s: status %d, '%s'", cases[i].name, err.status, err.text);
        if (strncmp(err.text, cases[i].op, strlen(cases[i].op)))
            fail_msg("%s: the node is not named in '%s'", cases[i].name, err.text);
    }
}

static sal_graph *joined(size_t n, int64_t width, sal_value *out)
{
    sal_graph *g = NULL;
    sal_value all[64];
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "x%zu", i);
        all[i] = sal_graph_input(g, name, 1, &width);
    }
    *out = sal_graph_node(g, "Concat", "all", NULL, n, all);
    return g;
}

static void as_many_inputs_as_allowed(void **state)
{
    (void)state;
    sal_value y;
    int64_t dims[SAL_MAX_RANK];
    sal_graph *g = joined(64, 3, &y);
    sal_error err = {SAL_OK, ""};
    if (sal_graph_check(g, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(sal_graph_shape(g, y, dims), 1);
    assert_int_equal(dims[0], 192);
    sal_graph_free(g);
}

static void a_sum_of_widths_that_overflows(void **state)
{
    (void)state;
    static const size_t counts[] = {4, 16, 32, 64};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        sal_value y;
        sal_graph *g = joined(counts[i], P(59), &y);
        sal_error err = {SAL_OK, ""};
        if (sal_graph_check(g, &err) != SAL_E_SHAPE || !strstr(err.text, "memory can hold"))
            fail_msg("%zu inputs: status %d, '%s'", counts[i], err.status, err.text);
        sal_graph_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(as_many_inputs_as_allowed),
        cmocka_unit_test(a_sum_of_widths_that_overflows),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
