/* graph/ops/variadic.c - Sum, Mean, Min and Max of 1 to 32 inputs that broadcast. Where several
 * inputs are the smallest or largest, the first of them has the gradient. */
#include "graph/broadcast.h"

#include <string.h>

/* ---- Sum and Mean --------------------------------------------------------------------------- */

static void sum_value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    memcpy(y, in[0], n * sizeof *y);
    for (size_t k = 1; k < c->n_in; k++)
        for (size_t i = 0; i < n; i++) y[i] += in[k][i];
}

static void sum_slope(const sal_op_call *c, size_t k, size_t n, const float *const *in,
                      const float *gy, float *g)
{
    (void)c;
    (void)k;
    (void)in;
    for (size_t i = 0; i < n; i++) g[i] += gy[i];
}

static void mean_value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    const float count = (float)c->n_in;
    sum_value(c, n, in, y);
    for (size_t i = 0; i < n; i++) y[i] /= count;
}

static void mean_slope(const sal_op_call *c, size_t k, size_t n, const float *const *in,
                       const float *gy, float *g)
{
    const float count = (float)c->n_in;
    (void)k;
    (void)in;
    for (size_t i = 0; i < n; i++) g[i] += gy[i] / count;
}

/* ---- Min and Max ---------------------------------------------------------------------------- */

static void min_value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    memcpy(y, in[0], n * sizeof *y);
    for (size_t k = 1; k < c->n_in; k++)
        for (size_t i = 0; i < n; i++) y[i] = in[k][i] < y[i] ? in[k][i] : y[i];
}

static void max_value(const sal_op_call *c, size_t n, const float *const *in, float *y)
{
    memcpy(y, in[0], n * sizeof *y);
    for (size_t k = 1; k < c->n_in; k++)
        for (size_t i = 0; i < n; i++) y[i] = in[k][i] > y[i] ? in[k][i] : y[i];
}

static void min_slope(const sal_op_call *c, size_t k, size_t n, const float *const *in,
                      const float *gy, float *g)
{
    for (size_t i = 0; i < n; i++) {
        const float x = in[k][i];
        bool first = true;
        for (size_t o = 0; o < k; o++) first = first && x < in[o][i];
        for (size_t o = k + 1; o < c->n_in; o++) first = first && x <= in[o][i];
        if (first) g[i] += gy[i];
    }
}

static void max_slope(const sal_op_call *c, size_t k, size_t n, const float *const *in,
                      const float *gy, float *g)
{
    for (size_t i = 0; i < n; i++) {
        const float x = in[k][i];
        bool first = true;
        for (size_t o = 0; o < k; o++) first = first && x > in[o][i];
        for (size_t o = k + 1; o < c->n_in; o++) first = first && x >= in[o][i];
        if (first) g[i] += gy[i];
    }
}

/* ---- the rows ------------------------------------------------------------------------------- */

static const sal_op_sample samples[] = {
    {.name = "one", .n_in = 1, .in = {{2, {3, 4}}}},
    {.name = "two",
     .n_in = 2,
     .in = {{3, {2, 3, 4}}, {3, {2, 3, 4}}},
     .fill = {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS}},
    {.name = "crossed",
     .n_in = 3,
     .in = {{3, {2, 3, 1}}, {3, {2, 1, 4}}, {2, {3, 4}}},
     .fill = {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS, SAL_FILL_NORMAL},
     .fixed = 4},
    {.name = "number first",
     .n_in = 2,
     .in = {{1, {1}}, {4, {2, 2, 2, 3}}},
     .fill = {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS},
     .fixed = 1},
};

#define ROW(id, title, text, reads)                                                                \
    static void id##_forward(const sal_op_call *c, float *y)                                       \
    {                                                                                              \
        sal_broadcast_forward_(c, id##_value, y);                                                  \
    }                                                                                              \
    static void id##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        sal_broadcast_backward_(c, id##_slope, gy, gx);                                            \
    }                                                                                              \
    const sal_op_def sal_op_##id = {                                                               \
        .name = (title),                                                                           \
        .summary = (text),                                                                         \
        .least = 1,                                                                                \
        .most = SAL_BROADCAST_MOST,                                                                \
        .either = UINT32_MAX,                                                                      \
        .backward_reads_in = (reads),                                                              \
        .shape = sal_broadcast_shape_,                                                             \
        .scratch = sal_broadcast_scratch_,                                                         \
        .forward = id##_forward,                                                                   \
        .backward = id##_backward,                                                                 \
        SAL_SAMPLES(samples),                                                                      \
    }

ROW(max, "Max", "largest of the inputs; the first of equals has the gradient", true);
ROW(mean, "Mean", "mean of the inputs", false);
ROW(min, "Min", "smallest of the inputs; the first of equals has the gradient", true);
ROW(sum, "Sum", "sum of the inputs", false);
