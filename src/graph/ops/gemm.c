/* graph/ops/gemm.c - dense layer: y = x W' + b; x [N, F], W [O, F], b [O] (may be left out).
 * Images are taken in fixed blocks of 16 columns of W X, zero-padded: the width of a product changes
 * the bits of its columns, so it must not follow the batch. One column at a time costs 10x. */
#include "graph/op.h"
#include "tensor/blas.h"

#include <string.h>

enum { BLOCK = 16 };

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)a;
    char text[SAL_SHAPE_TEXT];
    if (in[0].rank != 2)
        return sal_fail_(err, SAL_E_SHAPE, "data is %s, wanted [N, F]",
                         sal_shape_text_(&in[0], text, sizeof text));
    if (in[1].rank != 2 || in[1].dims[1] != in[0].dims[1])
        return sal_fail_(err, SAL_E_SHAPE, "weight is %s, wanted [O, %lld]",
                         sal_shape_text_(&in[1], text, sizeof text), (long long)in[0].dims[1]);
    if (n_in > 2 && (in[2].rank != 1 || in[2].dims[0] != in[1].dims[0]))
        return sal_fail_(err, SAL_E_SHAPE, "bias is %s, wanted [%lld]",
                         sal_shape_text_(&in[2], text, sizeof text), (long long)in[1].dims[0]);
    if (in[1].dims[0] > INT32_MAX || in[1].dims[1] > INT32_MAX) /* BLAS counts in int32 */
        return sal_fail_(err, SAL_E_SHAPE, "a product of [%lld, %lld], wanted at most %d each",
                         (long long)in[1].dims[0], (long long)in[1].dims[1], INT32_MAX);
    *out = (sal_shape){2, {in[0].dims[0], in[1].dims[0]}};
    return SAL_OK;
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)out;
    return 2 * BLOCK * ((size_t)in[1].dims[0] + (size_t)in[1].dims[1]);
}

/* product[rows, 16] = W or W' times the 16 rows of x, those beyond n taken as 0 */
static void product(bool transpose, size_t outs, size_t ins, const float *weight, size_t n,
                    const float *x, float *padded, float *result)
{
    size_t width = transpose ? outs : ins, rows = transpose ? ins : outs;
    if (n < BLOCK) {
        memcpy(padded, x, n * width * sizeof *x);
        memset(padded + n * width, 0, (BLOCK - n) * width * sizeof *x);
        x = padded;
    }
    sal_gemm_(transpose, true, rows, BLOCK, width, weight, ins, x, width, 0.0f, result, BLOCK);
}

static void forward(const sal_op_call *c, float *y)
{
    size_t outs = (size_t)c->in_shape[1].dims[0], ins = (size_t)c->in_shape[1].dims[1];
    float *padded = c->scratch, *result = padded + BLOCK * (ins + outs);
    for (size_t first = 0; first < c->n; first += BLOCK) {
        size_t n = c->n - first < BLOCK ? c->n - first : BLOCK;
        product(false, outs, ins, c->in[1], n, c->in[0] + first * ins, padded, result);
        for (size_t i = 0; i < n; i++)
            for (size_t o = 0; o < outs; o++)
                y[(first + i) * outs + o] =
                    result[o * BLOCK + i] + (c->n_in > 2 ? c->in[2][o] : 0.0f);
    }
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    size_t outs = (size_t)c->in_shape[1].dims[0], ins = (size_t)c->in_shape[1].dims[1];
    float *padded = c->scratch, *result = padded + BLOCK * (ins + outs);
    for (size_t first = 0; gx[0] && first < c->n; first += BLOCK) {
        size_t n = c->n - first < BLOCK ? c->n - first : BLOCK;
        product(true, outs, ins, c->in[1], n, gy + first * outs, padded, result);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < ins; k++) gx[0][(first + i) * ins + k] += result[k * BLOCK + i];
    }
    if (gx[1]) sal_gemm_(true, false, outs, ins, c->n, gy, outs, c->in[0], ins, 1.0f, gx[1], ins);
    for (size_t i = 0; c->n_in > 2 && gx[2] && i < c->n; i++)
        for (size_t o = 0; o < outs; o++) gx[2][o] += gy[i * outs + o];
}

static const sal_op_sample samples[] = {
    {.name = "with bias", .n_in = 3, .in = {{2, {3, 5}}, {2, {4, 5}}, {1, {4}}}},
    {.name = "two blocks", .n_in = 2, .in = {{2, {19, 3}}, {2, {2, 3}}}},
};

const sal_op_def sal_op_gemm = {
    .name = "Gemm",
    .summary = "dense layer, x W' + b",
    .least = 2,
    .most = 3,
    .params = 6,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
