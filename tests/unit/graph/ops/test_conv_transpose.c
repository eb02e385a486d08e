/* ConvTranspose against its definition, number by number, over random geometries; and as the
 * gradient of the convolution with the same weights. */
#include "one_op.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 300 };

static int64_t below(sal_rng *rng, size_t n)
{
    return (int64_t)sal_rng_below_(rng, n);
}

static one_op random_case(sal_rng *rng, char *name, size_t size)
{
    bool line = below(rng, 3) == 0;
    one_op o = {.name = name, .op = "ConvTranspose", .n_in = 2 + (size_t)below(rng, 2)};
    sal_op_attrs *a = &o.attrs;
    int64_t n = 1 + below(rng, 2), c = 1 + below(rng, 3), out = 1 + below(rng, 3), in[2];
    a->groups = 1 + below(rng, 3);
    for (int i = 0; i < 2; i++) {
        bool one = line && i == 0;
        in[i] = one ? 1 : 1 + below(rng, 5);
        a->kernel[i] = one ? 1 : 1 + below(rng, 4);
        a->stride[i] = 1 + below(rng, 3);
        a->dilation[i] = 1 + below(rng, 3);
        a->ends[i] = one ? 0 : below(rng, 3);
        int64_t room = (in[i] - 1) * a->stride[i] + (a->kernel[i] - 1) * a->dilation[i];
        a->pad[i] = one ? 0 : below(rng, (size_t)(room < 4 ? room + 1 : 4));
        a->pad[i + 2] =
            one ? 0 : below(rng, (size_t)(room - a->pad[i] < 4 ? room - a->pad[i] + 1 : 4));
    }
    o.in[0] = (sal_shape){4, {n, c * a->groups, in[0], in[1]}};
    o.in[1] = (sal_shape){4, {c * a->groups, out, a->kernel[0], a->kernel[1]}};
    if (line) {
        o.in[0] = (sal_shape){3, {n, c * a->groups, in[1]}};
        o.in[1] = (sal_shape){3, {c * a->groups, out, a->kernel[1]}};
    }
    o.in[2] = (sal_shape){1, {out * a->groups}};
    snprintf(name, size, "%dx%d to the kernel %dx%d, stride %d, %d, pad %d, %d, groups %d",
             (int)in[0], (int)in[1], (int)a->kernel[0], (int)a->kernel[1], (int)a->stride[0],
             (int)a->stride[1], (int)a->pad[0], (int)a->pad[1], (int)a->groups);
    return o;
}

/* Every number of the data times every weight, added where it belongs. */
static double *defined(const one_op *o, const float *const *data, int64_t h, int64_t w)
{
    const sal_op_attrs *a = &o->attrs;
    bool line = o->in[0].rank == 3;
    int64_t n = o->in[0].dims[0], c = o->in[0].dims[1], in_h = line ? 1 : o->in[0].dims[2];
    int64_t in_w = o->in[0].dims[line ? 2 : 3], each = o->in[1].dims[1], out = each * a->groups;
    double *y = calloc((size_t)(n * out * h * w), sizeof *y);
    for (int64_t i = 0; o->n_in > 2 && i < n * out * h * w; i++)
        y[i] = (double)data[2][i / (h * w) % out];
    for (int64_t i = 0; i < n * c * in_h * in_w; i++)
        for (int64_t k = 0; k < each * a->kernel[0] * a->kernel[1]; k++) {
            int64_t tap = k % (a->kernel[0] * a->kernel[1]), channel = i / (in_h * in_w) % c;
            int64_t row =
                i / in_w % in_h * a->stride[0] - a->pad[0] + tap / a->kernel[1] * a->dilation[0];
            int64_t column =
                i % in_w * a->stride[1] - a->pad[1] + tap % a->kernel[1] * a->dilation[1];
            int64_t to = channel / (c / a->groups) * each + k / (a->kernel[0] * a->kernel[1]);
            if (row < 0 || row >= h || column < 0 || column >= w) continue;
            y[((i / (c * in_h * in_w) * out + to) * h + row) * w + column] +=
                (double)data[0][i] *
                (double)data[1][channel * each * a->kernel[0] * a->kernel[1] + k];
        }
    return y;
}

static int64_t extent(const sal_op_attrs *a, int i, int64_t in)
{
    return (in - 1) * a->stride[i] + (a->kernel[i] - 1) * a->dilation[i] + 1 + a->ends[i] -
           a->pad[i] - a->pad[i + 2];
}

static void as_defined(void **state)
{
    (void)state;
    sal_rng rng = sal_rng_for(3, "conv transpose", 0);
    for (uint64_t k = 0; k < CASES; k++) {
        char name[160];
        one_op o = random_case(&rng, name, sizeof name);
        float *data[3];
        for (size_t i = 0; i < 3; i++)
            data[i] = normal_numbers(sal_shape_count_from_(&o.in[i], 0), name, 3 * k + i);
        bool line = o.in[0].rank == 3;
        int64_t h = line ? 1 : extent(&o.attrs, 0, o.in[0].dims[2]);
        int64_t w = extent(&o.attrs, 1, o.in[0].dims[line ? 2 : 3]);
        int64_t channels = o.in[1].dims[1] * o.attrs.groups;
        sal_shape out, want = {4, {o.in[0].dims[0], channels, h, w}};
        if (line) want = (sal_shape){3, {o.in[0].dims[0], channels, w}};
        double *y = defined(&o, (const float *const *)data, h, w);
        float *got = one_op_run(&o, (const float *const *)data, &out);
        assert_shape(name, &out, &want);
        for (size_t i = 0; i < sal_shape_count_from_(&out, 0); i++)
            assert_near(name, (double)got[i], y[i], 1e-5 * (1 + fabs(y[i])));
        for (size_t i = 0; i < 3; i++) free(data[i]);
        free(y);
        free(got);
    }
}

/* Conv's gradient of its data is ConvTranspose of the output's gradient. */
static void gradient_of_a_convolution(void **state)
{
    (void)state;
    const sal_op_attrs attrs = {
        .kernel = {3, 2}, .stride = {2, 3}, .pad = {1, 0, 2, 1}, .dilation = {1, 2}, .groups = 2};
    one_op conv = {.name = "conv", .op = "Conv", .attrs = attrs, .n_in = 2};
    conv.in[0] = (sal_shape){4, {2, 4, 6, 8}};
    conv.in[1] = (sal_shape){4, {6, 2, 3, 2}};
    float *data[2] = {normal_numbers(2 * 4 * 6 * 8, "x", 0), normal_numbers(72, "w", 0)}, *gx[2];
    sal_shape out, back_out;
    float *y = one_op_run(&conv, (const float *const *)data, &out);
    float *gy = normal_numbers(sal_shape_count_from_(&out, 0), "gy", 0);
    one_op_gradients(&conv, (const float *const *)data, gy, gx);
    one_op back = {.name = "back", .op = "ConvTranspose", .attrs = attrs, .n_in = 2};
    back.in[0] = out;
    back.in[1] = conv.in[1];
    back.attrs.ends[1] = 0;
    back.attrs.ends[0] = 6 - ((out.dims[2] - 1) * 2 + 3 - 3);
    back.attrs.ends[1] = 8 - ((out.dims[3] - 1) * 3 + 3 - 1);
    float *z = one_op_run(&back, (const float *[]){gy, data[1]}, &back_out);
    assert_shape("gradient", &back_out, &conv.in[0]);
    for (size_t i = 0; i < 2 * 4 * 6 * 8; i++)
        assert_near("gradient", (double)z[i], (double)gx[0][i], 1e-5);
    float *all[] = {data[0], data[1], gx[0], gx[1], y, gy, z};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

static const struct {
    one_op o;
    const char *text;
} refusals[] = {
    {{"input channels",
      "ConvTranspose",
      {.kernel = {2, 2}},
      2,
      {{4, {1, 3, 4, 4}}, {4, {2, 1, 2, 2}}},
      0},
     "weight has 2 input channels, data has 3"},
    {{"kernel", "ConvTranspose", {.kernel = {2, 2}}, 2, {{4, {1, 2, 4, 4}}, {4, {2, 1, 3, 2}}}, 0},
     "weight does not have the kernel 2x2"},
    {{"groups",
      "ConvTranspose",
      {.kernel = {1, 1}, .groups = 2},
      2,
      {{4, {1, 3, 4, 4}}, {4, {3, 1, 1, 1}}},
      0},
     "2 groups do not divide 3 channels"},
    {{"bias",
      "ConvTranspose",
      {.kernel = {1, 1}, .groups = 2},
      3,
      {{4, {1, 2, 4, 4}}, {4, {2, 3, 1, 1}}, {1, {3}}},
      0},
     "bias has 3 elements, weight has 6 outputs"},
    {{"cut off",
      "ConvTranspose",
      {.kernel = {1, 2}, .pad = {0, 3, 0, 0}},
      2,
      {{3, {1, 1, 2}}, {3, {1, 1, 2}}},
      0},
     "the padding cuts off all of axis 2"},
    {{"output padding",
      "ConvTranspose",
      {.kernel = {1, 1}, .ends = {0, -1}},
      2,
      {{4, {1, 1, 2, 2}}, {4, {1, 1, 1, 1}}},
      0},
     "output padding out of range"},
    {{"enormous",
      "ConvTranspose",
      {.kernel = {1, 1}, .stride = {1 << 20, 1 << 20}},
      2,
      {{4, {1, 1, 99, 99}}, {4, {1, 1, 1, 1}}},
      0},
     "empty or too large"},
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
        cmocka_unit_test(as_defined),
        cmocka_unit_test(gradient_of_a_convolution),
        cmocka_unit_test(refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
