/* graph/ops/unary.c - functions of one element, a row each: ONNX name, what alpha, beta, gamma are
 * when the node gives 0 (a 0 that is meant is written -0.0), the value in terms of x and the slope
 * in terms of x or of y. The slope at a kink is that of the side where x is smaller, but 0 for Abs
 * and at the bounds of Clip and HardSigmoid. Step functions have slope 0 everywhere. */
#include "graph/op.h"

#include <math.h>

#define SQRT_HALF 0.70710678f        /* sqrt(1/2) */
#define TWO_OVER_ROOT_PI 1.12837917f /* 2 / sqrt(pi) */
#define ROOT_OF_TWO_OVER_PI 0.79788456f
#define ONE_OVER_ROOT_TWO_PI 0.39894228f

typedef struct knobs {
    float alpha, beta, gamma, low, high;
    int64_t mode;
} knobs;

static float choose(double given, float otherwise)
{
    return given < 0 || given > 0 || signbit(given) ? (float)given : otherwise;
}

static knobs knobs_of(const sal_op_attrs *a, knobs otherwise)
{
    bool bounded = a->low < 0 || a->low > 0 || a->high < 0 || a->high > 0;
    return (knobs){.alpha = choose(a->alpha, otherwise.alpha),
                   .beta = choose(a->beta, otherwise.beta),
                   .gamma = choose(a->gamma, otherwise.gamma),
                   .low = bounded ? (float)a->low : -INFINITY,
                   .high = bounded ? (float)a->high : INFINITY,
                   .mode = a->mode};
}

/* ---- functions that are more than an expression --------------------------------------------- */

static float clamp(float x, float low, float high)
{
    float y = x < low ? low : x;
    return y > high ? high : y;
}

static float within(float x, float low, float high)
{
    return x > low && x < high ? 1.0f : 0.0f;
}

static float logistic(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static float softplus(float x)
{
    return (x > 0 ? x : 0.0f) + log1pf(expf(-fabsf(x)));
}

/* mode 1 of Gelu: tanh(sqrt(2/pi) (x + 0.044715 x^3)), Hendrycks and Gimpel 2016 */
static float gelu_tanh(float x)
{
    return tanhf(ROOT_OF_TWO_OVER_PI * (x + 0.044715f * x * x * x));
}

static float gelu(float x, int64_t mode)
{
    return 0.5f * x * (mode == 1 ? 1.0f + gelu_tanh(x) : erfcf(-x * SQRT_HALF));
}

static float slope_of_gelu(float x, int64_t mode)
{
    if (mode != 1)
        return 0.5f * erfcf(-x * SQRT_HALF) + x * ONE_OVER_ROOT_TWO_PI * expf(-0.5f * x * x);
    float t = gelu_tanh(x), inner = ROOT_OF_TWO_OVER_PI * (1.0f + 3.0f * 0.044715f * x * x);
    return 0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner;
}

static float slope_of_mish(float x)
{
    float t = tanhf(softplus(x));
    return t + x * (1.0f - t * t) * logistic(x);
}

static float shrink(float x, float limit, float bias)
{
    return x < -limit ? x + bias : x > limit ? x - bias : 0.0f;
}

static float cast(float x, int64_t mode)
{
    return mode == 1 ? truncf(x) : mode == 2 ? (float)(x < 0 || x > 0 || isnan(x)) : x;
}

static float is_inf(float x, int64_t mode)
{
    return isinf(x) && !(mode == 1 && x < 0) && !(mode == 2 && x > 0) ? 1.0f : 0.0f;
}

/* ---- what makes an operator of a row -------------------------------------------------------- */

#define NO_KNOBS ((knobs){.alpha = 0})

#define SAMPLE(title, how) SAMPLE_OF(title, how, .alpha = 0)
#define SAMPLE_OF(title, how, ...)                                                                 \
    {                                                                                              \
        .name = title, .n_in = 1, .in = {{3, {2, 3, 5}}}, .fill = {how}, .attrs = { __VA_ARGS__ }  \
    }

#define VALUE(id, defaults, value)                                                                 \
    static void id##_forward(const sal_op_call *c, float *out)                                     \
    {                                                                                              \
        const knobs k = knobs_of(c->attrs, defaults);                                              \
        const float *in = c->in[0];                                                                \
        (void)k;                                                                                   \
        for (size_t i = 0, n = c->n_out; i < n; i++) {                                             \
            const float x = in[i];                                                                 \
            out[i] = (value);                                                                      \
        }                                                                                          \
    }

#define BACKWARD(id, defaults, from)                                                               \
    static void id##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        const knobs k = knobs_of(c->attrs, defaults);                                              \
        const float *read = (from);                                                                \
        float *g = gx[0];                                                                          \
        for (size_t i = 0, n = g ? c->n_out : 0; i < n; i++)                                       \
            g[i] += gy[i] * id##_slope(read[i], k);                                                \
    }

#define DEFINE(id, title, text, reads_in, reads_out, back, ...)                                    \
    static const sal_op_sample id##_samples[] = {__VA_ARGS__};                                     \
    const sal_op_def sal_op_##id = {                                                               \
        .name = title,                                                                             \
        .summary = text,                                                                           \
        .least = 1,                                                                                \
        .most = 1,                                                                                 \
        .backward_reads_in = reads_in,                                                             \
        .backward_reads_out = reads_out,                                                           \
        .shape = sal_shape_of_first_,                                                              \
        .forward = id##_forward,                                                                   \
        .backward = back,                                                                          \
        SAL_SAMPLES(id##_samples),                                                                 \
    }

#define OF_X(id, title, text, defaults, value, slope, ...)                                         \
    VALUE(id, defaults, value)                                                                     \
    static float id##_slope(float x, knobs k)                                                      \
    {                                                                                              \
        (void)k;                                                                                   \
        return (slope);                                                                            \
    }                                                                                              \
    BACKWARD(id, defaults, c->in[0])                                                               \
    DEFINE(id, title, text, true, false, id##_backward, __VA_ARGS__)

#define OF_Y(id, title, text, defaults, value, slope, ...)                                         \
    VALUE(id, defaults, value)                                                                     \
    static float id##_slope(float y, knobs k)                                                      \
    {                                                                                              \
        (void)k;                                                                                   \
        return (slope);                                                                            \
    }                                                                                              \
    BACKWARD(id, defaults, c->out)                                                                 \
    DEFINE(id, title, text, false, true, id##_backward, __VA_ARGS__)

#define STEP(id, title, text, value, ...)                                                          \
    VALUE(id, NO_KNOBS, value)                                                                     \
    DEFINE(id, title, text, false, false, sal_backward_nothing_, __VA_ARGS__)

/* The slope is one number, from the node's constants alone. */
#define LINE(id, title, text, value, slope, ...)                                                   \
    VALUE(id, NO_KNOBS, value)                                                                     \
    static void id##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        const knobs k = knobs_of(c->attrs, NO_KNOBS);                                              \
        const float s = (slope);                                                                   \
        (void)k;                                                                                   \
        for (size_t i = 0, n = gx[0] ? c->n_out : 0; i < n; i++) gx[0][i] += s * gy[i];            \
    }                                                                                              \
    DEFINE(id, title, text, false, false, id##_backward, __VA_ARGS__)

/* ---- the rows, in order of name ------------------------------------------------------------- */

/* clang-format off */

OF_X(abs, "Abs", "|x|", NO_KNOBS,
     fabsf(x), (float)(x > 0) - (float)(x < 0),
     SAMPLE("off 0", SAL_FILL_OFF_ZERO));

OF_X(acos, "Acos", "arc cosine", NO_KNOBS,
     acosf(x), -1.0f / sqrtf((1.0f - x) * (1.0f + x)),
     SAMPLE("unit", SAL_FILL_UNIT));

OF_X(acosh, "Acosh", "inverse hyperbolic cosine", NO_KNOBS,
     acoshf(x), 1.0f / sqrtf((x - 1.0f) * (x + 1.0f)),
     SAMPLE("above 1", SAL_FILL_ABOVE_ONE));

OF_X(asin, "Asin", "arc sine", NO_KNOBS,
     asinf(x), 1.0f / sqrtf((1.0f - x) * (1.0f + x)),
     SAMPLE("unit", SAL_FILL_UNIT));

OF_X(asinh, "Asinh", "inverse hyperbolic sine", NO_KNOBS,
     asinhf(x), 1.0f / sqrtf(x * x + 1.0f),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(atan, "Atan", "arc tangent", NO_KNOBS,
     atanf(x), 1.0f / (x * x + 1.0f),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(atanh, "Atanh", "inverse hyperbolic tangent", NO_KNOBS,
     atanhf(x), 1.0f / ((1.0f - x) * (1.0f + x)),
     SAMPLE("unit", SAL_FILL_UNIT));

LINE(cast, "Cast", "to a number (mode 0), an integer by truncation (1), a truth value (2)",
     cast(x, k.mode), k.mode ? 0.0f : 1.0f,
     SAMPLE("number", SAL_FILL_NORMAL),
     SAMPLE_OF("integer", SAL_FILL_OFF_STEPS, .mode = 1),
     SAMPLE_OF("truth", SAL_FILL_OFF_ZERO, .mode = 2));

STEP(ceil, "Ceil", "least integer not below x; gradient 0",
     ceilf(x), SAMPLE("off steps", SAL_FILL_OFF_STEPS));

OF_X(celu, "Celu", "x where positive, alpha (exp(x / alpha) - 1) elsewhere", ((knobs){.alpha = 1}),
     x > 0 ? x : k.alpha * expm1f(x / k.alpha), x > 0 ? 1.0f : expf(x / k.alpha),
     SAMPLE("default", SAL_FILL_NORMAL),
     SAMPLE_OF("alpha 2", SAL_FILL_NORMAL, .alpha = 2));

OF_X(clip, "Clip", "x between low and high (both 0: no bounds); slope 0 at both", NO_KNOBS,
     clamp(x, k.low, k.high), within(x, k.low, k.high),
     SAMPLE("no bounds", SAL_FILL_NORMAL),
     SAMPLE_OF("bounds", SAL_FILL_OFF_STEPS, .low = -1, .high = 0.5),
     SAMPLE_OF("low only", SAL_FILL_OFF_STEPS, .high = HUGE_VAL),
     SAMPLE_OF("high only", SAL_FILL_OFF_STEPS, .low = -HUGE_VAL));

OF_X(cos, "Cos", "cosine", NO_KNOBS,
     cosf(x), -sinf(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(cosh, "Cosh", "hyperbolic cosine", NO_KNOBS,
     coshf(x), sinhf(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(elu, "Elu", "x where positive, alpha (exp(x) - 1) elsewhere", ((knobs){.alpha = 1}),
     x > 0 ? x : k.alpha * expm1f(x), x > 0 ? 1.0f : k.alpha * expf(x),
     SAMPLE("default", SAL_FILL_NORMAL),
     SAMPLE_OF("alpha 2", SAL_FILL_OFF_ZERO, .alpha = 2));

OF_X(erf, "Erf", "error function", NO_KNOBS,
     erff(x), TWO_OVER_ROOT_PI * expf(-x * x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_Y(exp, "Exp", "exp(x)", NO_KNOBS,
     expf(x), y,
     SAMPLE("normal", SAL_FILL_NORMAL));

STEP(floor, "Floor", "largest integer not above x; gradient 0",
     floorf(x), SAMPLE("off steps", SAL_FILL_OFF_STEPS));

OF_X(gelu, "Gelu", "x times the normal distribution, exact (mode 0) or by tanh (1)", NO_KNOBS,
     gelu(x, k.mode), slope_of_gelu(x, k.mode),
     SAMPLE("exact", SAL_FILL_NORMAL),
     SAMPLE_OF("tanh", SAL_FILL_NORMAL, .mode = 1));

OF_X(hard_sigmoid, "HardSigmoid", "alpha x + beta between 0 and 1",
     ((knobs){.alpha = 0.2f, .beta = 0.5f}),
     clamp(k.alpha * x + k.beta, 0.0f, 1.0f), k.alpha * within(k.alpha * x + k.beta, 0.0f, 1.0f),
     SAMPLE("default", SAL_FILL_NORMAL),
     SAMPLE_OF("steep", SAL_FILL_OFF_STEPS, .alpha = 0.5, .beta = 0.25),
     SAMPLE_OF("beta 0", SAL_FILL_OFF_STEPS, .alpha = 1, .beta = -0.0));

OF_X(hard_swish, "HardSwish", "x HardSigmoid(x) with alpha 1/6", NO_KNOBS,
     x * clamp(x / 6.0f + 0.5f, 0.0f, 1.0f),
     x <= -3.0f ? 0.0f : x > 3.0f ? 1.0f : x / 3.0f + 0.5f,
     SAMPLE("normal", SAL_FILL_NORMAL));

LINE(identity, "Identity", "x",
     x, 1.0f,
     SAMPLE("normal", SAL_FILL_NORMAL));

STEP(is_inf, "IsInf", "1 where infinite (mode 0), +infinity (1), -infinity (2); gradient 0",
     is_inf(x, k.mode), SAMPLE("normal", SAL_FILL_NORMAL));

STEP(is_nan, "IsNaN", "1 where x is not a number; gradient 0",
     isnan(x) ? 1.0f : 0.0f, SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(log, "Log", "natural logarithm", NO_KNOBS,
     logf(x), 1.0f / x,
     SAMPLE("positive", SAL_FILL_POSITIVE));

OF_X(mish, "Mish", "x tanh(Softplus(x))", NO_KNOBS,
     x * tanhf(softplus(x)), slope_of_mish(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

LINE(neg, "Neg", "-x",
     -x, -1.0f,
     SAMPLE("normal", SAL_FILL_NORMAL));

STEP(not, "Not", "1 where x is 0; gradient 0",
     x < 0 || x > 0 || isnan(x) ? 0.0f : 1.0f, SAMPLE("off 0", SAL_FILL_OFF_ZERO));

OF_Y(reciprocal, "Reciprocal", "1 / x", NO_KNOBS,
     1.0f / x, -y * y,
     SAMPLE("positive", SAL_FILL_POSITIVE));

STEP(round, "Round", "nearest integer, halves to even; gradient 0",
     rintf(x), SAMPLE("off steps", SAL_FILL_OFF_STEPS));

OF_X(selu, "Selu", "gamma times Elu", ((knobs){.alpha = 1.67326319f, .gamma = 1.05070102f}),
     k.gamma * (x > 0 ? x : k.alpha * expm1f(x)), k.gamma * (x > 0 ? 1.0f : k.alpha * expf(x)),
     SAMPLE("default", SAL_FILL_OFF_ZERO),
     SAMPLE_OF("alpha 2", SAL_FILL_OFF_ZERO, .alpha = 2, .gamma = 3));

OF_X(shrink, "Shrink", "x +- beta where |x| > alpha, 0 elsewhere", ((knobs){.alpha = 0.5f}),
     shrink(x, k.alpha, k.beta), x < -k.alpha || x > k.alpha ? 1.0f : 0.0f,
     SAMPLE("default", SAL_FILL_OFF_STEPS),
     SAMPLE_OF("soft", SAL_FILL_OFF_STEPS, .alpha = 1, .beta = 1));

STEP(sign, "Sign", "-1, 0 or 1; gradient 0",
     (float)(x > 0) - (float)(x < 0), SAMPLE("off 0", SAL_FILL_OFF_ZERO));

OF_X(sin, "Sin", "sine", NO_KNOBS,
     sinf(x), cosf(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(sinh, "Sinh", "hyperbolic sine", NO_KNOBS,
     sinhf(x), coshf(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(softplus, "Softplus", "log(1 + exp(x))", NO_KNOBS,
     softplus(x), logistic(x),
     SAMPLE("normal", SAL_FILL_NORMAL));

OF_X(softsign, "Softsign", "x / (1 + |x|)", NO_KNOBS,
     x / (1.0f + fabsf(x)), 1.0f / ((1.0f + fabsf(x)) * (1.0f + fabsf(x))),
     SAMPLE("off 0", SAL_FILL_OFF_ZERO));

OF_Y(sqrt, "Sqrt", "square root", NO_KNOBS,
     sqrtf(x), 0.5f / y,
     SAMPLE("positive", SAL_FILL_POSITIVE));

OF_Y(tan, "Tan", "tangent", NO_KNOBS,
     tanf(x), 1.0f + y * y,
     SAMPLE("unit", SAL_FILL_UNIT));

OF_X(thresholded_relu, "ThresholdedRelu", "x where above alpha, 0 elsewhere", ((knobs){.alpha = 1}),
     x > k.alpha ? x : 0.0f, x > k.alpha ? 1.0f : 0.0f,
     SAMPLE("default", SAL_FILL_OFF_STEPS),
     SAMPLE_OF("alpha 0", SAL_FILL_OFF_STEPS, .alpha = -0.0));

/* clang-format on */
