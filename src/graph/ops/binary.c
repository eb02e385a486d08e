/* graph/ops/binary.c - functions of two elements, a row each: ONNX name, value in terms of a and b,
 * and what a gradient dy of the value adds to that of a and of b. Truth values are 0 and 1, every
 * other number counts as 1, and no gradient passes them. */
#include "graph/broadcast.h"

#include <math.h>

static float power(float a, float b)
{
    return b == 2.0f ? a * a : powf(a, b);
}

static float power_by_base(float a, float b)
{
    if (b == 0.0f) return 0.0f;
    return b == 2.0f ? 2.0f * a : b * powf(a, b - 1.0f);
}

/* For a <= 0 the power exists for single exponents only: 0. */
static float power_by_exponent(float a, float b)
{
    return a > 0 ? powf(a, b) * logf(a) : 0.0f;
}

/* mode 0: the sign of b, as for integers in ONNX; 1: the sign of a, as C's fmod */
static float modulo(float a, float b, int64_t mode)
{
    float r = fmodf(a, b);
    return mode != 1 && ((r < 0 && b > 0) || (r > 0 && b < 0)) ? r + b : r;
}

static float times_taken(float a, float b, int64_t mode)
{
    return mode == 1 ? truncf(a / b) : floorf(a / b);
}

static float is_true(float a)
{
    return a < 0 || a > 0 || isnan(a) ? 1.0f : 0.0f;
}

/* ---- what makes an operator of a row -------------------------------------------------------- */

/* clang-format off */

/* Every way to broadcast, for the gradient suite: a and b say how inputs are filled, which is the
 * mode. */
#define PAIR(title, a, b, which, mask, ...)                                                        \
    {.name = (title), .attrs = {.mode = (which)}, .fixed = (mask), .n_in = 2, .in = {__VA_ARGS__}, \
     .fill = {SAL_FILL_##a, SAL_FILL_##b}}
#define PAIRS(a, b, which)                                                                         \
    PAIR("equal", a, b, which, 0, {3, {2, 3, 4}}, {3, {2, 3, 4}}),                                 \
    PAIR("crossed", a, b, which, 0, {3, {2, 3, 1}}, {3, {2, 1, 4}}),                               \
    PAIR("channels", a, b, which, 2, {4, {2, 3, 2, 2}}, {3, {3, 1, 1}}),                           \
    PAIR("row first", a, b, which, 1, {1, {4}}, {3, {2, 3, 4}}),                                   \
    PAIR("one for N", a, b, which, 2, {3, {2, 3, 1}}, {3, {1, 1, 4}}),                             \
    PAIR("number", a, b, which, 2, {2, {3, 4}}, {0, {0}})

/* clang-format on */

#define VALUE(id, value)                                                                           \
    static void id##_value(const sal_op_call *c, size_t n, const float *const *in, float *y)       \
    {                                                                                              \
        const int64_t mode = c->attrs->mode;                                                       \
        const float *left = in[0], *right = in[1];                                                 \
        (void)mode;                                                                                \
        for (size_t i = 0; i < n; i++) {                                                           \
            const float a = left[i], b = right[i];                                                 \
            y[i] = (value);                                                                        \
        }                                                                                          \
    }                                                                                              \
    static void id##_forward(const sal_op_call *c, float *y)                                       \
    {                                                                                              \
        sal_broadcast_forward_(c, id##_value, y);                                                  \
    }

#define SLOPE(id, side, to)                                                                        \
    static void id##_slope_##side(int64_t mode, size_t n, const float *const *in, const float *gy, \
                                  float *g)                                                        \
    {                                                                                              \
        const float *left = in[0], *right = in[1];                                                 \
        (void)mode;                                                                                \
        for (size_t i = 0; i < n; i++) {                                                           \
            const float a = left[i], b = right[i], dy = gy[i];                                     \
            (void)a;                                                                               \
            (void)b;                                                                               \
            g[i] += (to);                                                                          \
        }                                                                                          \
    }

#define DEFINE(id, title, text, reads, back, ...)                                                  \
    static const sal_op_sample id##_samples[] = {__VA_ARGS__};                                     \
    const sal_op_def sal_op_##id = {                                                               \
        .name = title,                                                                             \
        .summary = text,                                                                           \
        .least = 2,                                                                                \
        .most = 2,                                                                                 \
        .either = 3,                                                                               \
        .backward_reads_in = reads,                                                                \
        .shape = sal_broadcast_shape_,                                                             \
        .scratch = sal_broadcast_scratch_two_,                                                     \
        .forward = id##_forward,                                                                   \
        .backward = back,                                                                          \
        SAL_SAMPLES(id##_samples),                                                                 \
    }

#define SMOOTH(id, title, text, reads, value, to_a, to_b, ...)                                     \
    VALUE(id, value)                                                                               \
    SLOPE(id, a, to_a)                                                                             \
    SLOPE(id, b, to_b)                                                                             \
    static void id##_slope(const sal_op_call *c, size_t k, size_t n, const float *const *in,       \
                           const float *gy, float *g)                                              \
    {                                                                                              \
        (k ? id##_slope_b : id##_slope_a)(c->attrs->mode, n, in, gy, g);                           \
    }                                                                                              \
    static void id##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        sal_broadcast_backward_(c, id##_slope, gy, gx);                                            \
    }                                                                                              \
    DEFINE(id, title, text, reads, id##_backward, __VA_ARGS__)

#define TRUTH(id, title, text, value, ...)                                                         \
    VALUE(id, (value) ? 1.0f : 0.0f)                                                               \
    DEFINE(id, title, text, false, sal_backward_nothing_, __VA_ARGS__)

/* ---- the rows, in order of name ------------------------------------------------------------- */

/* clang-format off */

SMOOTH(add, "Add", "a + b", false,
       a + b, dy, dy,
       PAIRS(NORMAL, NORMAL, 0));

TRUTH(and, "And", "1 where a and b are true; gradient 0",
      is_true(a) * is_true(b) > 0,
      PAIRS(BITS, BITS, 0));

SMOOTH(div, "Div", "a / b", true,
       a / b, dy / b, -dy * a / (b * b),
       PAIRS(NORMAL, POSITIVE, 0));

TRUTH(equal, "Equal", "1 where a = b; gradient 0",
      a == b,
      PAIRS(HALVES, OFF_STEPS, 0));

TRUTH(greater, "Greater", "1 where a > b; gradient 0",
      a > b,
      PAIRS(HALVES, OFF_STEPS, 0));

TRUTH(greater_or_equal, "GreaterOrEqual", "1 where a >= b; gradient 0",
      a >= b,
      PAIRS(HALVES, OFF_STEPS, 0));

TRUTH(less, "Less", "1 where a < b; gradient 0",
      a < b,
      PAIRS(HALVES, OFF_STEPS, 0));

TRUTH(less_or_equal, "LessOrEqual", "1 where a <= b; gradient 0",
      a <= b,
      PAIRS(HALVES, OFF_STEPS, 0));

SMOOTH(mod, "Mod", "remainder of a / b with the sign of b (mode 0) or of a (1)", true,
       modulo(a, b, mode), dy, -dy * times_taken(a, b, mode),
       PAIRS(POSITIVE, ABOVE_ONE, 0),
       PAIRS(POSITIVE, ABOVE_ONE, 1));

SMOOTH(mul, "Mul", "a b", true,
       a * b, dy * b, dy * a,
       PAIRS(NORMAL, NORMAL, 0));

TRUTH(or, "Or", "1 where a or b is true; gradient 0",
      is_true(a) + is_true(b) > 0,
      PAIRS(BITS, BITS, 0));

SMOOTH(pow, "Pow", "a to the power of b; no gradient to b where a <= 0", true,
       power(a, b), dy * power_by_base(a, b), dy * power_by_exponent(a, b),
       PAIRS(POSITIVE, NORMAL, 0));

SMOOTH(sub, "Sub", "a - b", false,
       a - b, dy, -dy,
       PAIRS(NORMAL, NORMAL, 0));

TRUTH(xor, "Xor", "1 where just one of a and b is true; gradient 0",
      is_true(a) + is_true(b) == 1.0f,
      PAIRS(BITS, BITS, 0));

/* clang-format on */
