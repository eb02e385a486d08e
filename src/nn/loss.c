/* nn/loss.c - the loss operators, applied to outputs outside of a graph. */
#include "nn/nn.h"

#include <string.h>

extern const sal_op_def sal_op_softmax_cross_entropy, sal_op_mean_squared_error;

double sal_loss_(const sal_shape *output, size_t n, const float *y, const int64_t *labels,
                 const float *targets, float scale, float *seed, float *work)
{
    const sal_op_def *op = labels ? &sal_op_softmax_cross_entropy : &sal_op_mean_squared_error;
    size_t size = sal_shape_count_from_(output, 1);
    float *wanted = work, *keep = wanted + n * size, *loss = keep + n * size;
    if (labels) {
        memset(wanted, 0, n * size * sizeof *wanted);
        for (size_t i = 0; i < n; i++) wanted[i * size + (size_t)labels[i]] = 1.0f;
    } else {
        memcpy(wanted, targets, n * size * sizeof *wanted);
    }
    const float *in[2] = {y, wanted};
    sal_shape shapes[2] = {*output, *output}, out = {1, {1}};
    sal_op_call c = {.n = n,
                     .n_in = 2,
                     .in = in,
                     .in_shape = shapes,
                     .out_shape = &out,
                     .out = loss,
                     .n_out = n,
                     .keep = keep};
    op->forward(&c, loss);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)loss[i];
    for (size_t i = 0; i < n; i++) loss[i] = scale; /* now the gradient of each loss */
    float *gx[2] = {seed, NULL};
    memset(seed, 0, n * size * sizeof *seed);
    op->backward(&c, loss, gx);
    return sum;
}
