/* graph/ops/lrn.c - local response normalisation over channels: y = x / s^beta with
 * s = gamma + alpha/size * (sum of x^2 over the `size` channels around it); size = attrs.kernel[0],
 * beta 0 = 0.75, alpha 0 = 1e-4, gamma 0 = 1 (Krizhevsky et al. 2012, 3.3, alpha per size). */
#include "graph/op.h"

#include <math.h>

typedef struct {
    size_t channels, plane, below, above; /* of the window, beside its middle */
    double share, beta, bias;
} geometry;

static geometry geometry_of(const sal_op_attrs *a, const sal_shape *in)
{
    geometry g = {.channels = (size_t)in->dims[1], .plane = sal_shape_count_from_(in, 2)};
    g.below = (size_t)(a->kernel[0] - 1) / 2;
    g.above = (size_t)a->kernel[0] - 1 - g.below;
    g.share = (a->alpha < 0 || a->alpha > 0 ? a->alpha : 1e-4) / (double)a->kernel[0];
    g.beta = a->beta < 0 || a->beta > 0 ? a->beta : 0.75;
    g.bias = a->gamma < 0 || a->gamma > 0 ? a->gamma : 1;
    return g;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (in[0].rank < 2) return sal_fail_(err, SAL_E_SHAPE, "data has no channels");
    if (a->kernel[0] < 1 || a->kernel[0] > INT32_MAX)
        return sal_fail_(err, SAL_E_SHAPE, "a window of %lld channels", (long long)a->kernel[0]);
    *out = in[0];
    return SAL_OK;
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)out;
    return 4 * (size_t)in[0].dims[1]; /* two doubles per channel */
}

/* s of every channel at one pixel */
static void norms(const geometry *g, const float *x, double *s)
{
    for (size_t k = 0; k < g->channels; k++) {
        double sum = 0;
        for (size_t j = k > g->below ? k - g->below : 0; j < g->channels && j <= k + g->above; j++)
            sum += (double)x[j * g->plane] * (double)x[j * g->plane];
        s[k] = g->bias + g->share * sum;
    }
}

static void forward(const sal_op_call *c, float *y)
{
    geometry g = geometry_of(c->attrs, &c->in_shape[0]);
    double *s = (void *)c->scratch;
    for (size_t i = 0; i < c->n * g.plane; i++) {
        size_t at = i / g.plane * g.channels * g.plane + i % g.plane;
        norms(&g, c->in[0] + at, s);
        for (size_t k = 0; k < g.channels; k++, at += g.plane)
            y[at] = (float)((double)c->in[0][at] * pow(s[k], -g.beta));
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    geometry g = geometry_of(c->attrs, &c->in_shape[0]);
    double *s = (void *)c->scratch, *pull = s + g.channels;
    for (size_t i = 0; gx[0] && i < c->n * g.plane; i++) {
        size_t at = i / g.plane * g.channels * g.plane + i % g.plane;
        const float *x = c->in[0] + at, *up = gy + at;
        norms(&g, x, s);
        for (size_t k = 0; k < g.channels; k++) /* gradient of s[k] */
            pull[k] =
                -g.beta * (double)up[k * g.plane] * (double)x[k * g.plane] * pow(s[k], -g.beta - 1);
        for (size_t k = 0; k < g.channels; k++) {
            double sum = 0; /* over the windows that k is in */
            for (size_t j = k > g.above ? k - g.above : 0; j < g.channels && j <= k + g.below; j++)
                sum += pull[j];
            gx[0][at + k * g.plane] += (float)((double)up[k * g.plane] * pow(s[k], -g.beta) +
                                               2 * g.share * (double)x[k * g.plane] * sum);
        }
    }
}

static const sal_op_sample samples[] = {
    {.name = "window of 3",
     .attrs = {.kernel = {3}, .alpha = 0.5, .beta = 0.6, .gamma = 2},
     .n_in = 1,
     .in = {{4, {2, 5, 2, 2}}}},
    {.name = "even window",
     .attrs = {.kernel = {4}, .alpha = 1},
     .n_in = 1,
     .in = {{3, {2, 6, 2}}}},
};

const sal_op_def sal_op_lrn = {
    .name = "LRN",
    .summary = "local response normalisation over channels",
    .least = 1,
    .most = 1,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
