/* Operators that move numbers: the elements of an image are numbered, so the wanted output is the
 * list of places it comes from. The second image is the first, shifted. */
#include "one_op.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 24, FILL = -9 };

typedef struct {
    one_op o;
    sal_shape out;
    int from[MOST];
} move;

#define ONE(TEXT, OP, ...)                                                                         \
    {                                                                                              \
        .name = TEXT, .op = OP, .n_in = 1, __VA_ARGS__                                             \
    }
#define LIST(A, ...) .attrs = {.n_axes = 1, .axes = {A}, __VA_ARGS__}

static const move moves[] = {
    {ONE("turned", "Transpose", .in = {{3, {2, 2, 3}}}, .attrs = {.n_axes = 3, .axes = {0, 2, 1}}),
     {3, {2, 3, 2}},
     {0, 3, 1, 4, 2, 5}},
    {ONE("channels last", "Transpose", .in = {{4, {2, 2, 1, 3}}},
         .attrs = {.n_axes = 4, .axes = {0, 2, 3, 1}}),
     {4, {2, 1, 3, 2}},
     {0, 3, 1, 4, 2, 5}},
    {ONE("left as it is", "Transpose", .in = {{2, {2, 3}}}, .attrs = {.n_axes = 2, .axes = {0, 1}}),
     {2, {2, 3}},
     {0, 1, 2}},
    {ONE("only images", "Transpose", .in = {{1, {2}}}, .attrs = {.n_axes = 1}), {1, {2}}, {0}},
    {ONE("middle", "Slice", .in = {{2, {2, 6}}}, LIST(1, .starts = {2}, .ends = {4})),
     {2, {2, 2}},
     {2, 3}},
    {ONE("from the end", "Slice", .in = {{2, {2, 6}}}, LIST(1, .starts = {-3}, .ends = {-1})),
     {2, {2, 2}},
     {3, 4}},
    {ONE("beyond both ends", "Slice", .in = {{2, {2, 3}}},
         LIST(1, .starts = {-99}, .ends = {INT64_MAX})),
     {2, {2, 3}},
     {0, 1, 2}},
    {ONE("every third", "Slice", .in = {{2, {2, 8}}},
         LIST(1, .starts = {1}, .ends = {8}, .steps = {3})),
     {2, {2, 3}},
     {1, 4, 7}},
    {ONE("backwards", "Slice", .in = {{2, {2, 4}}},
         LIST(1, .starts = {-1}, .ends = {INT64_MIN}, .steps = {-1})),
     {2, {2, 4}},
     {3, 2, 1, 0}},
    {ONE("backwards by 2 to before 0", "Slice", .in = {{2, {2, 6}}},
         LIST(1, .starts = {99}, .ends = {0}, .steps = {-2})),
     {2, {2, 3}},
     {5, 3, 1}},
    {ONE("a giant step", "Slice", .in = {{3, {2, 3, 2}}},
         LIST(1, .starts = {1}, .ends = {3}, .steps = {INT64_MAX})),
     {3, {2, 1, 2}},
     {2, 3}},
    {ONE("two axes, listed backwards", "Slice", .in = {{3, {2, 3, 4}}},
         .attrs = {.n_axes = 2, .axes = {2, 1}, .starts = {1, 0}, .ends = {3, 2}}),
     {3, {2, 2, 2}},
     {1, 2, 5, 6}},
    {ONE("constant", "Pad", .in = {{3, {2, 2, 2}}},
         .attrs = {.n_axes = 2, .axes = {1, 2}, .starts = {1, 0}, .ends = {0, 1}, .alpha = FILL}),
     {3, {2, 3, 3}},
     {FILL, FILL, FILL, 0, 1, FILL, 2, 3, FILL}},
    {ONE("cut off", "Pad", .in = {{2, {2, 4}}},
         LIST(1, .starts = {-1}, .ends = {1}, .alpha = FILL)),
     {2, {2, 4}},
     {1, 2, 3, FILL}},
    {ONE("reflect", "Pad", .in = {{2, {2, 3}}}, LIST(1, .starts = {2}, .ends = {1}, .mode = 1)),
     {2, {2, 6}},
     {2, 1, 0, 1, 2, 1}},
    {ONE("reflect, again and again", "Pad", .in = {{2, {2, 2}}},
         LIST(1, .starts = {3}, .ends = {4}, .mode = 1)),
     {2, {2, 9}},
     {1, 0, 1, 0, 1, 0, 1, 0, 1}},
    {ONE("reflect a single place", "Pad", .in = {{2, {2, 1}}},
         LIST(1, .starts = {1}, .ends = {2}, .mode = 1)),
     {2, {2, 4}},
     {0, 0, 0, 0}},
    {ONE("edge", "Pad", .in = {{3, {2, 1, 3}}}, LIST(2, .starts = {2}, .ends = {1}, .mode = 2)),
     {3, {2, 1, 6}},
     {0, 0, 0, 1, 2, 2}},
    {ONE("wrap", "Pad", .in = {{2, {2, 3}}}, LIST(1, .starts = {1}, .ends = {4}, .mode = 3)),
     {2, {2, 8}},
     {2, 0, 1, 2, 0, 1, 2, 0}},
    {ONE("rows and columns", "Expand", .in = {{4, {2, 2, 1, 1}}},
         .attrs = {.rank = 3, .dims = {2, 1, 3}}),
     {4, {2, 2, 1, 3}},
     {0, 0, 0, 1, 1, 1}},
    {ONE("aligned at the end", "Expand", .in = {{3, {2, 1, 2}}},
         .attrs = {.rank = 2, .dims = {2, 1}}),
     {3, {2, 2, 2}},
     {0, 1, 0, 1}},
    {ONE("no dimensions", "Expand", .in = {{2, {2, 2}}}), {2, {2, 2}}, {0, 1}},
    {ONE("2 by 2", "Tile", .in = {{3, {2, 2, 2}}}, .attrs = {.rank = 2, .dims = {2, 2}}),
     {3, {2, 4, 4}},
     {0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3}},
    {ONE("DCR", "DepthToSpace", .in = {{4, {2, 8, 1, 1}}}, .attrs = {.kernel = {2}}),
     {4, {2, 2, 2, 2}},
     {0, 2, 4, 6, 1, 3, 5, 7}},
    {ONE("DCR, two columns", "DepthToSpace", .in = {{4, {2, 4, 1, 2}}}, .attrs = {.kernel = {2}}),
     {4, {2, 1, 2, 4}},
     {0, 2, 1, 3, 4, 6, 5, 7}},
    {ONE("CRD", "DepthToSpace", .in = {{4, {2, 8, 1, 1}}}, .attrs = {.kernel = {2}, .mode = 1}),
     {4, {2, 2, 2, 2}},
     {0, 1, 2, 3, 4, 5, 6, 7}},
    {ONE("to depth", "SpaceToDepth", .in = {{4, {2, 2, 2, 2}}}, .attrs = {.kernel = {2}}),
     {4, {2, 8, 1, 1}},
     {0, 4, 1, 5, 2, 6, 3, 7}},
    {ONE("to depth, two columns", "SpaceToDepth", .in = {{4, {2, 1, 2, 4}}},
         .attrs = {.kernel = {2}}),
     {4, {2, 4, 1, 2}},
     {0, 2, 1, 3, 4, 6, 5, 7}},
};

/* The gradient goes back to where the number came from, and adds up there. */
static void check_gradient(const move *m, const float *x, size_t n_in, size_t n_out)
{
    float *gy = calloc(n_out, sizeof *gy), *want = calloc(n_in, sizeof *want), *got;
    for (size_t i = 0; i < n_out; i++) {
        int from = m->from[i % (n_out / 2)];
        gy[i] = (float)(i + 1);
        if (from != FILL) want[(size_t)from + i / (n_out / 2) * (n_in / 2)] += gy[i];
    }
    one_op_gradients(&m->o, &x, gy, &got);
    for (size_t i = 0; i < n_in; i++) assert_near(m->o.name, (double)got[i], (double)want[i], 0);
    free(gy);
    free(want);
    free(got);
}

static void known_moves(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof moves / sizeof moves[0]; k++) {
        const move *m = &moves[k];
        size_t n_in = sal_shape_count_from_(&m->o.in[0], 0);
        float *x = calloc(n_in, sizeof *x);
        const float *data = x;
        for (size_t i = 0; i < n_in; i++) x[i] = (float)i;
        sal_shape out;
        float *y = one_op_run(&m->o, &data, &out);
        assert_shape(m->o.name, &out, &m->out);
        size_t n_out = sal_shape_count_from_(&out, 0);
        for (size_t i = 0; i < n_out; i++) {
            int want = m->from[i % (n_out / 2)];
            if (want != FILL && i >= n_out / 2) want += (int)n_in / 2;
            if ((int)y[i] != want)
                fail_msg("%s: element %zu is %g, wanted %d", m->o.name, i, (double)y[i], want);
        }
        check_gradient(m, x, n_in, n_out);
        free(y);
        free(x);
    }
}

static void indices_choose(void **state)
{
    (void)state;
    static const struct {
        one_op o;
        float index[6];
        sal_shape out;
        float want[12];
    } cases[] = {
        {{"an axis goes", "Gather", {.axis = 1}, 2, {{3, {2, 3, 2}}, {0, {0}}}, 2},
         {1},
         {2, {2, 2}},
         {2, 3, 8, 9}},
        {{"an axis becomes two", "Gather", {.axis = 2}, 2, {{3, {1, 2, 3}}, {2, {2, 2}}}, 2},
         {0, 2, -1, -3},
         {4, {1, 2, 2, 2}},
         {0, 2, 2, 0, 3, 5, 5, 3}},
        {{"outside", "Gather", {.axis = 1}, 2, {{2, {2, 3}}, {1, {3}}}, 2},
         {3, 0, -4},
         {2, {2, 3}},
         {NAN, 0, NAN, NAN, 3, NAN}},
        {{"rows of a table", "Gather", {.axis = 1}, 2, {{2, {3, 2}}, {2, {2, 3}}}, 1},
         {2, 0, 0, 1, -1, 2},
         {3, {2, 3, 2}},
         {4, 5, 0, 1, 0, 1, 2, 3, 4, 5, 4, 5}},
    };
    const float numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const float *data[] = {numbers, cases[k].index};
        sal_shape out;
        float *y = one_op_run(&cases[k].o, data, &out);
        assert_shape(cases[k].o.name, &out, &cases[k].out);
        for (size_t i = 0; i < sal_shape_count_from_(&out, 0); i++) {
            float want = cases[k].want[i];
            if (isnan(want) ? !isnan(y[i]) : !(fabsf(y[i] - want) <= 0))
                fail_msg("%s: element %zu is %g, wanted %g", cases[k].o.name, i, (double)y[i],
                         (double)want);
        }
        free(y);
    }
}

static void rows_add_up(void **state)
{
    (void)state;
    const one_op o = {"rows", "Gather", {.axis = 1}, 2, {{2, {3, 1}}, {2, {2, 3}}}, 1};
    const float table[] = {0, 0, 0}, index[] = {2, 0, 0, 1, 2, 7}, gy[] = {1, 2, 4, 8, 16, 32};
    const float *data[] = {table, index}, want[] = {6, 8, 17};
    float *gx[2];
    one_op_gradients(&o, data, gy, gx);
    for (size_t i = 0; i < 3; i++) assert_near("row", (double)gx[0][i], (double)want[i], 0);
    free(gx[0]);
    free(gx[1]);
}

static const struct {
    one_op o;
    const char *text;
} refusals[] = {
    {ONE("N moves", "Transpose", .in = {{2, {2, 3}}}, .attrs = {.n_axes = 2, .axes = {1, 0}}),
     "axis 0 counts the inputs and must stay first"},
    {ONE("no permutation", "Transpose", .in = {{2, {2, 3}}}), "a permutation of 0 axes"},
    {ONE("an axis twice", "Transpose", .in = {{3, {2, 3, 2}}},
         .attrs = {.n_axes = 3, .axes = {0, 2, 2}}),
     "axis 2 twice"},
    {ONE("N is cut", "Slice", .in = {{2, {2, 3}}}, LIST(0, .ends = {1})),
     "axis 0 counts the inputs and cannot be touched"},
    {ONE("no such axis", "Slice", .in = {{2, {2, 3}}}, LIST(2, .ends = {1})),
     "axis 2, data has rank 2 (N included)"},
    {ONE("empty", "Slice", .in = {{2, {2, 3}}}, LIST(1, .starts = {2}, .ends = {2})),
     "nothing is left of axis 1 of 3"},
    {ONE("too many axes", "Slice", .in = {{2, {2, 3}}}, .attrs = {.n_axes = 99}), "99 axes"},
    {ONE("N is padded", "Pad", .in = {{2, {2, 3}}}, LIST(0, .ends = {1})),
     "axis 0 counts the inputs and cannot be touched"},
    {ONE("all cut off", "Pad", .in = {{2, {2, 3}}}, LIST(1, .starts = {-2}, .ends = {-1})),
     "nothing is left of axis 1 of 3"},
    {ONE("no such mode", "Pad", .in = {{2, {2, 3}}}, .attrs = {.mode = 4}), "mode 4"},
    {ONE("too much", "Pad", .in = {{2, {2, 3}}}, LIST(1, .starts = {INT64_MAX})),
     "padding out of range"},
    {ONE("N expands", "Expand", .in = {{2, {1, 3}}}, .attrs = {.rank = 2, .dims = {2, 3}}),
     "would move N"},
    {ONE("2 to 3", "Expand", .in = {{2, {1, 2}}}, .attrs = {.rank = 1, .dims = {3}}),
     "axis 1 of 2 does not expand to 3"},
    {ONE("to nothing", "Expand", .in = {{2, {1, 1}}}, .attrs = {.rank = 1}), "empty or too large"},
    {ONE("to everything", "Expand", .in = {{3, {1, 1, 1}}},
         .attrs = {.rank = 2, .dims = {1 << 20, 1 << 20}}),
     "empty or too large"},
    {ONE("repeats of some axes", "Tile", .in = {{3, {1, 2, 2}}}, .attrs = {.rank = 1, .dims = {2}}),
     "1 repeats, data has 2 axes beside N"},
    {ONE("channels left over", "DepthToSpace", .in = {{4, {1, 6, 2, 2}}}, .attrs = {.kernel = {2}}),
     "6 channels do not make blocks of 2x2"},
    {ONE("pixels left over", "SpaceToDepth", .in = {{4, {1, 1, 3, 2}}}, .attrs = {.kernel = {2}}),
     "3x2 pixels do not make blocks of 2x2"},
    {{"both vary", "Gather", {.axis = 1}, 2, {{2, {1, 3}}, {2, {1, 3}}}, 0},
     "one of data and indices must be a parameter"},
    {{"no such axis", "Gather", {.axis = 2}, 2, {{2, {1, 3}}, {1, {3}}}, 2},
     "axis 2 of data of rank 2"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
        sal_error err = one_op_mistake(&refusals[k].o);
        if (!strstr(err.text, refusals[k].text) || !strstr(err.text, "node 'out'"))
            fail_msg("%s, %s: '%s', wanted '%s'", refusals[k].o.op, refusals[k].o.name, err.text,
                     refusals[k].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moves),
        cmocka_unit_test(indices_choose),
        cmocka_unit_test(rows_add_up),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
