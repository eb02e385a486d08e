/* graph/ops/softmax_cross_entropy.c - loss per input: -sum_k t_k log softmax(x)_k, [N, C] and wanted
 * shares [N, C] (one-hot for labels) to [N]. The shares get no gradient. */
#include "graph/op.h"
#include "graph/ops/softmax.h"

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    sal_status st = sal_shape_of_first_(a, n_in, in, out, err);
    if (st != SAL_OK) return st;
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank != 2)
        return sal_fail_(err, SAL_E_SHAPE, "logits are %s, wanted [N, C]",
                         sal_shape_text_(&in[0], text, sizeof text));
    out->rank = 1;
    return SAL_OK;
}

static size_t keep(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)out;
    return (size_t)in[0].dims[1];
}

static void forward(const sal_op_call *c, float *y)
{
    size_t n = (size_t)c->in_shape[0].dims[1];
    float *share = c->keep;
    for (size_t i = 0; i < c->n; i++) {
        const float *x = c->in[0] + i * n, *t = c->in[1] + i * n;
        double log_sum = sal_softmax_row_(n, x, share + i * n), loss = 0;
        for (size_t k = 0; k < n; k++) loss += (double)t[k] * (log_sum - (double)x[k]);
        y[i] = (float)loss;
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t n = (size_t)c->in_shape[0].dims[1];
    const float *share = c->keep;
    for (size_t i = 0; gx[0] && i < c->n; i++) {
        const float *t = c->in[1] + i * n;
        float total = 0.0f;
        for (size_t k = 0; k < n; k++) total += t[k];
        for (size_t k = 0; k < n; k++)
            gx[0][i * n + k] += gy[i] * (total * share[i * n + k] - t[k]);
    }
}

static const sal_op_sample samples[] = {
    {.name = "rows",
     .n_in = 2,
     .in = {{2, {3, 4}}, {2, {3, 4}}},
     .fill = {SAL_FILL_NORMAL, SAL_FILL_SHARES}},
};

const sal_op_def sal_op_softmax_cross_entropy = {
    .name = "SoftmaxCrossEntropyLoss",
    .summary = "loss of logits against wanted shares",
    .least = 2,
    .most = 2,
    .backward_reads_in = true,
    .shape = shape,
    .keep = keep,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
