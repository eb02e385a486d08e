/* Resize of a line whose elements are their own places: the output lists where each comes from, by
 * coordinate mode and rounding; and of planes, where rows and columns add up. */
#include "graph/ops/resize.h"
#include "one_op.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

typedef struct {
    const char *name;
    int64_t mode, size; /* of the data */
    double scale;
    int64_t ends;
    size_t n;
    double want[MOST];
} line;

static const line lines[] = {
    {"twice, floor", SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR, 3, 2, 0, 6, {0, 0, 1, 1, 2, 2}},
    {"twice, half pixels", 0, 3, 2, 0, 6, {0, 0, 1, 1, 2, 2}},
    {"halves go down", SAL_RESIZE_ASYMMETRIC, 3, 2, 0, 6, {0, 0, 1, 1, 2, 2}},
    {"halves go up",
     SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_ROUND_PREFER_CEIL,
     3,
     2,
     0,
     6,
     {0, 1, 1, 2, 2, 2}},
    {"ceil",
     SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_CEIL,
     3,
     4,
     0,
     12,
     {0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2}},
    {"corners, halves down", SAL_RESIZE_ALIGN_CORNERS, 4, 0, 7, 7, {0, 0, 1, 1, 2, 2, 3}},
    {"corners, halves up",
     SAL_RESIZE_ALIGN_CORNERS | SAL_RESIZE_ROUND_PREFER_CEIL,
     4,
     0,
     7,
     7,
     {0, 1, 1, 2, 2, 3, 3}},
    {"half, half pixels down", 0, 4, 0.5, 0, 2, {0, 2}},
    {"half, half pixels up", SAL_RESIZE_ROUND_PREFER_CEIL, 4, 0.5, 0, 2, {1, 3}},
    {"half, tf", SAL_RESIZE_TF_HALF_PIXEL_FOR_NN | SAL_RESIZE_FLOOR, 4, 0.5, 0, 2, {1, 3}},
    {"to one, half pixels", 0, 4, 0, 1, 1, {1}},
    {"to one, pytorch", SAL_RESIZE_PYTORCH_HALF_PIXEL, 4, 0, 1, 1, {0}},
    {"to one, corners", SAL_RESIZE_ALIGN_CORNERS, 4, 0, 1, 1, {0}},
    {"the scale counts", SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR, 4, 0.6, 0, 2, {0, 1}},
    {"the size counts", SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR, 4, 0, 2, 2, {0, 2}},
    {"both given", SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR, 4, 0.6, 3, 3, {0, 1, 3}},
    {"the same size", 0, 4, 1, 0, 4, {0, 1, 2, 3}},
    /* 0.7 as a float is below 0.7, the product as a float is not below 7 */
    {"10 by 0.7f",
     SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR,
     10,
     (double)0.7f,
     0,
     7,
     {0, 1, 2, 4, 5, 7, 8}},
    {"linear, half pixels", SAL_RESIZE_LINEAR, 3, 2, 0, 6, {0, 0.25, 0.75, 1.25, 1.75, 2}},
    {"linear, asymmetric",
     SAL_RESIZE_LINEAR | SAL_RESIZE_ASYMMETRIC,
     3,
     2,
     0,
     6,
     {0, 0.5, 1, 1.5, 2, 2}},
    {"linear, corners",
     SAL_RESIZE_LINEAR | SAL_RESIZE_ALIGN_CORNERS,
     3,
     0,
     5,
     5,
     {0, 0.5, 1, 1.5, 2}},
    {"linear, half", SAL_RESIZE_LINEAR, 4, 0.5, 0, 2, {0.5, 2.5}},
    {"linear to one, half pixels", SAL_RESIZE_LINEAR, 4, 0, 1, 1, {1.5}},
    {"linear to one, pytorch", SAL_RESIZE_LINEAR | SAL_RESIZE_PYTORCH_HALF_PIXEL, 4, 0, 1, 1, {0}},
    /* length 2.4: 3 / (2.4 - 1) */
    {"corners, the scale counts",
     SAL_RESIZE_LINEAR | SAL_RESIZE_ALIGN_CORNERS,
     4,
     0.6,
     0,
     2,
     {0, 3 / 1.4}},
    {"symmetric",
     SAL_RESIZE_LINEAR | SAL_RESIZE_HALF_PIXEL_SYMMETRIC,
     4,
     0.6,
     0,
     2,
     {2.0 / 3, 7.0 / 3}},
    {"a single place", SAL_RESIZE_LINEAR, 1, 3, 0, 3, {0, 0, 0}},
};

static void lines_of_places(void **state)
{
    (void)state;
    const float places[MOST] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const float *data = places;
    for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++) {
        const line *l = &lines[k];
        one_op o = {.name = l->name, .op = "Resize", .n_in = 1, .in = {{3, {1, 1, l->size}}}};
        o.attrs = (sal_op_attrs){.mode = l->mode, .n_axes = 1, .axes = {2}};
        o.attrs.scales[0] = l->scale;
        o.attrs.ends[0] = l->ends;
        sal_shape out, want = {3, {1, 1, (int64_t)l->n}};
        float *y = one_op_run(&o, &data, &out);
        assert_shape(l->name, &out, &want);
        for (size_t i = 0; i < l->n; i++) assert_near(l->name, (double)y[i], l->want[i], 1e-6);
        free(y);
    }
}

/* Place (r, c) of a plane holds 10 r + c, and so does whatever lies between. */
static void planes(void **state)
{
    (void)state;
    static const struct {
        int64_t mode;
        double rows[4], columns[3];
    } cases[] = {
        {SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR, {0, 0, 1, 1}, {0, 1, 3}},
        {SAL_RESIZE_LINEAR, {0, 0.25, 0.75, 1}, {1.0 / 3, 2, 11.0 / 3}},
        {SAL_RESIZE_LINEAR | SAL_RESIZE_ALIGN_CORNERS, {0, 1.0 / 3, 2.0 / 3, 1}, {0, 2, 4}},
    };
    float x[2 * 3 * 10];
    const float *data = x;
    for (size_t i = 0; i < 60; i++) x[i] = (float)(100 * (i / 10) + 10 * (i / 5 % 2) + i % 5);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        one_op o = {.name = "planes", .op = "Resize", .n_in = 1, .in = {{4, {2, 3, 2, 5}}}};
        o.attrs =
            (sal_op_attrs){.mode = cases[k].mode, .n_axes = 2, .axes = {3, 2}, .ends = {3, 4}};
        sal_shape out, want = {4, {2, 3, 4, 3}};
        float *y = one_op_run(&o, &data, &out);
        assert_shape(o.name, &out, &want);
        for (size_t i = 0; i < 72; i++)
            assert_near(o.name, (double)y[i],
                        100.0 * (double)(i / 12) + 10 * cases[k].rows[i / 3 % 4] +
                            cases[k].columns[i % 3],
                        1e-4);
        free(y);
    }
}

static const struct {
    const char *name, *text;
    sal_op_attrs attrs;
} refusals[] = {
    {"cubic", "only nearest and linear", {.mode = 2}},
    {"unknown coordinates", "unknown mode", {.mode = 0x60}},
    {"unknown rounding", "unknown mode", {.mode = 0x400}},
    {"N", "axis 0 counts the inputs", {.n_axes = 1, .axes = {0}, .scales = {2}}},
    {"nothing wanted", "scale 0, size 0", {.n_axes = 1, .axes = {2}}},
    {"to nothing", "axis 2 of 3", {.n_axes = 1, .axes = {2}, .scales = {0.1}}},
    {"below nothing", "axis 2 of 3", {.n_axes = 1, .axes = {2}, .scales = {-1}, .ends = {3}}},
    {"no number", "axis 2 of 3", {.n_axes = 1, .axes = {2}, .scales = {0.0 / 0.0}}},
    {"too large", "axis 2 of 3", {.n_axes = 1, .axes = {2}, .scales = {1e30}}},
    {"channels, linear",
     "linear along axis 1",
     {.mode = SAL_RESIZE_LINEAR, .n_axes = 1, .axes = {1}, .scales = {2}}},
};

static void refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++) {
        one_op o = {refusals[k].name, "Resize", refusals[k].attrs, 1, {{4, {1, 2, 3, 3}}}, 0};
        sal_error err = one_op_mistake(&o);
        if (!strstr(err.text, refusals[k].text))
            fail_msg("%s: '%s', wanted '%s'", o.name, err.text, refusals[k].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_places),
        cmocka_unit_test(planes),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
