/* Pools whose last window hangs over the end, against loops over all places of each window; and
 * GlobalMaxPool. */
#include "one_op.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 400 };

/* Windows along an axis: one per stride until the end is covered, none that starts beyond the
 * data. */
static int64_t windows(int64_t in, int64_t before, int64_t after, int64_t span, int64_t stride)
{
    int64_t n = 0, end = 0;
    while (n == 0 || end < in + before + after) {
        if (n > 0 && n * stride >= in + before) break;
        end = n++ * stride + span;
    }
    return n;
}

typedef enum { MAX, MEAN, COUNTED } kind;

/* The pool of a plane at window (r, q); NAN: it sees no data. */
static double pooled(const sal_op_attrs *a, kind how, const float *x, const int64_t in[2],
                     int64_t r, int64_t q)
{
    double best = -HUGE_VAL, sum = 0;
    int64_t seen = 0, places = 0;
    for (int64_t i = 0; i < a->kernel[0]; i++)
        for (int64_t k = 0; k < a->kernel[1]; k++) {
            int64_t row = r * a->stride[0] + i * a->dilation[0] - a->pad[0];
            int64_t column = q * a->stride[1] + k * a->dilation[1] - a->pad[1];
            if (row < in[0] + a->pad[2] && column < in[1] + a->pad[3]) places++;
            if (row < 0 || row >= in[0] || column < 0 || column >= in[1]) continue;
            double v = (double)x[row * in[1] + column];
            seen++;
            sum += v;
            if (v > best) best = v;
        }
    if (how == MAX) return seen ? best : (double)NAN;
    if (how == MEAN) return seen ? sum / (double)seen : (double)NAN;
    return sum / (double)places;
}

static sal_op_attrs random_attrs(sal_rng *rng, int64_t in[2])
{
    sal_op_attrs a = {.ceil_mode = true};
    for (int i = 0; i < 2; i++) {
        in[i] = 1 + (int64_t)sal_rng_below_(rng, 8);
        a.kernel[i] = 1 + (int64_t)sal_rng_below_(rng, 4);
        a.stride[i] = 1 + (int64_t)sal_rng_below_(rng, 4);
        a.dilation[i] = 1 + (int64_t)sal_rng_below_(rng, 2);
        a.pad[i] = (int64_t)sal_rng_below_(rng, (size_t)a.kernel[i]);
        a.pad[i + 2] = (int64_t)sal_rng_below_(rng, (size_t)a.kernel[i]);
    }
    return a;
}

/* False: the graph must refuse this one. */
static bool wanted(const sal_op_attrs *a, kind how, const float *x, const int64_t in[2],
                   const int64_t out[2], double *y)
{
    bool sees = true;
    for (int64_t p = 0; p < out[0] * out[1]; p++) {
        y[p] = pooled(a, how, x, in, p / out[1], p % out[1]);
        if (isnan(y[p])) sees = false;
    }
    return sees;
}

static void windows_hang_over(void **state)
{
    (void)state;
    sal_rng rng = sal_rng_for(5, "ceil mode", 0);
    size_t hanging = 0, refused = 0;
    for (uint64_t c = 0; c < CASES; c++) {
        int64_t in[2], out[2];
        sal_op_attrs a = random_attrs(&rng, in);
        bool fits = true;
        for (int i = 0; i < 2; i++) {
            int64_t span = (a.kernel[i] - 1) * a.dilation[i] + 1,
                    whole = in[i] + a.pad[i] + a.pad[i + 2];
            fits = fits && whole > span - a.stride[i];
            out[i] = windows(in[i], a.pad[i], a.pad[i + 2], span, a.stride[i]);
            hanging += (out[i] - 1) * a.stride[i] + span > whole;
        }
        if (!fits) continue;
        float *x = normal_numbers((size_t)(in[0] * in[1]), "pool", c);
        double *want = calloc((size_t)(out[0] * out[1]), sizeof *want);
        for (int how = MAX; how <= COUNTED; how++) {
            char name[160];
            snprintf(name, sizeof name, "%d: %dx%d, kernel %dx%d, stride %d %d, dilation %d %d",
                     how, (int)in[0], (int)in[1], (int)a.kernel[0], (int)a.kernel[1],
                     (int)a.stride[0], (int)a.stride[1], (int)a.dilation[0], (int)a.dilation[1]);
            a.count_padding = how == COUNTED;
            one_op o = {
                name, how == MAX ? "MaxPool" : "AveragePool", a, 1, {{4, {1, 1, in[0], in[1]}}}, 0};
            if (!wanted(&a, (kind)how, x, in, out, want)) {
                one_op_mistake(&o);
                refused++;
                continue;
            }
            sal_shape got_shape, shape = {4, {1, 1, out[0], out[1]}};
            float *y = one_op_run(&o, (const float *[]){x}, &got_shape);
            assert_shape(name, &got_shape, &shape);
            for (int64_t p = 0; p < out[0] * out[1]; p++)
                assert_near(name, (double)y[p], want[p], how == MAX ? 0 : 1e-6);
            free(y);
        }
        free(x);
        free(want);
    }
    assert_true(hanging > CASES / 3 && refused > 0);
}

static void the_first_largest(void **state)
{
    (void)state;
    const one_op o = {"planes", "GlobalMaxPool", {.axis = 1}, 1, {{4, {2, 1, 2, 2}}}, 0};
    const float x[] = {-3, -1, -1, -2, 5, 5, 4, 5}, gy[] = {2, 3};
    const float *data = x, want[] = {0, 2, 0, 0, 3, 0, 0, 0};
    sal_shape out, shape = {4, {2, 1, 1, 1}};
    float *y = one_op_run(&o, &data, &out), *gx;
    assert_shape(o.name, &out, &shape);
    assert_near(o.name, (double)y[0], -1, 0);
    assert_near(o.name, (double)y[1], 5, 0);
    one_op_gradients(&o, &data, gy, &gx);
    for (size_t i = 0; i < 8; i++) assert_near("gradient", (double)gx[i], (double)want[i], 0);
    free(y);
    free(gx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hang_over),
        cmocka_unit_test(the_first_largest),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
