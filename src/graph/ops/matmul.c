/* graph/ops/matmul.c - y = A B over the last two axes; those before them, N first, broadcast.
 * One of the two may be a parameter, also one of rank 1 (a row as A, a column as B). Each product
 * lies within one image, so that bits do not follow the batch; only a dense layer, one row of A per
 * image, takes images in blocks of 16 rows, padded with zeros (gemm.c has the reason). */
#include "graph/op.h"
#include "tensor/blas.h"

#include <string.h>

enum { BLOCK = 16 };

typedef struct product {
    size_t m, k, p;                  /* [m, k] times [k, p] */
    size_t rank, dims[SAL_MAX_RANK]; /* axes before them, N first; dims[0] is not used */
    size_t step[2][SAL_MAX_RANK];    /* of A and B along these axes; 0 = repeated */
    bool dense;                      /* B is one matrix for all rows of A */
} product;

/* ---- shapes --------------------------------------------------------------------------------- */

static sal_status refuse(const sal_shape *in, const char *why, sal_error *err)
{
    char a[SAL_SHAPE_TEXT], b[SAL_SHAPE_TEXT];
    return sal_fail_(err, SAL_E_SHAPE, "%s times %s: %s", sal_shape_text_(&in[0], a, sizeof a),
                     sal_shape_text_(&in[1], b, sizeof b), why);
}

/* Where N would land on another axis, be summed over or be missing. */
static sal_status keep_n_apart(const sal_op_attrs *attrs, const sal_shape *in, sal_error *err)
{
    bool fixed[2] = {attrs->fixed_ & 1, attrs->fixed_ >> 1 & 1};
    if (fixed[0] && fixed[1]) return refuse(in, "one of the two must be an activation", err);
    for (int i = 0; i < 2; i++) {
        size_t least = i || fixed[0] || !fixed[1] ? 3 : 2;
        if (!in[i].rank) return refuse(in, "a single number is no matrix", err);
        if (!fixed[i] && in[i].rank < least)
            return refuse(in, "N would be an axis of the product", err);
        if (fixed[i] && (in[i].rank > in[1 - i].rank ||
                         (in[i].rank == in[1 - i].rank && in[i].rank > 2 && in[i].dims[0] != 1)))
            return refuse(in, "the parameter would reach N", err);
    }
    if (!fixed[0] && !fixed[1] && in[0].rank != in[1].rank)
        return refuse(in, "activations of different ranks", err);
    return SAL_OK;
}

static sal_status set_leading(product *q, const sal_op_attrs *attrs, const sal_shape *in,
                              sal_error *err)
{
    size_t lead[2]; /* axes before the matrix */
    for (int i = 0; i < 2; i++) lead[i] = in[i].rank > 2 ? in[i].rank - 2 : 0;
    q->rank = lead[0] > lead[1] ? lead[0] : lead[1];
    if (!q->rank) q->rank = 1; /* [N, K] */
    size_t size[2] = {q->m * q->k, q->k * q->p};
    q->dense = attrs->fixed_ >> 1 & 1;
    for (size_t axis = q->rank; axis-- > 0;) {
        q->dims[axis] = 1;
        for (int i = 0; i < 2; i++) {
            size_t missing = q->rank - lead[i];
            size_t d = axis < missing ? 1 : (size_t)in[i].dims[axis - missing];
            bool repeated = axis ? d == 1 : attrs->fixed_ >> i & 1;
            if (axis && d != 1 && q->dims[axis] != 1 && q->dims[axis] != d)
                return refuse(in, "the axes before the matrices do not broadcast", err);
            if (axis && d != 1) q->dims[axis] = d;
            q->step[i][axis] = repeated ? 0 : size[i];
            if (axis) size[i] *= d;
        }
        if (q->step[1][axis]) q->dense = false;
    }
    return SAL_OK;
}

static size_t products_per_image(const product *q)
{
    size_t products = 1;
    for (size_t i = 1; i < q->rank; i++) products *= q->dims[i];
    return products;
}

static sal_status make(const sal_op_attrs *attrs, const sal_shape *in, product *q, sal_error *err)
{
    sal_status st = keep_n_apart(attrs, in, err);
    if (st != SAL_OK) return st;
    const sal_shape *a = &in[0], *b = &in[1];
    bool rows_are_images = !(attrs->fixed_ & 1) && a->rank == 2;
    q->m = a->rank > 1 && !rows_are_images ? (size_t)a->dims[a->rank - 2] : 1;
    q->k = (size_t)a->dims[a->rank - 1];
    q->p = b->rank > 1 ? (size_t)b->dims[b->rank - 1] : 1;
    if ((size_t)b->dims[b->rank > 1 ? b->rank - 2 : 0] != q->k)
        return refuse(in, "columns of the first are not rows of the second", err);
    st = set_leading(q, attrs, in, err);
    if (st != SAL_OK) return st;
    size_t rows = q->m * (q->dense ? products_per_image(q) : 1);
    if (rows > INT32_MAX || q->k > INT32_MAX || q->p > INT32_MAX) /* BLAS counts in int32 */
        return refuse(in, "more than 2147483647 rows or columns", err);
    return SAL_OK;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    product q = {.rank = 0};
    sal_shape wide = {.rank = 0};
    sal_status st = make(a, in, &q, err);
    if (st != SAL_OK) return st;
    wide.dims[wide.rank++] = in[a->fixed_ & 1].dims[0];
    for (size_t i = 1; i < q.rank; i++) wide.dims[wide.rank++] = (int64_t)q.dims[i];
    if (in[0].rank > 2 || (in[0].rank == 2 && a->fixed_ & 1)) wide.dims[wide.rank++] = (int64_t)q.m;
    if (in[1].rank > 1) wide.dims[wide.rank++] = (int64_t)q.p;
    return sal_shape_make_(wide.rank, wide.dims, out, NULL, err);
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    product q = {.rank = 0};
    (void)out;
    if (make(a, in, &q, NULL) != SAL_OK || !q.dense || q.m * products_per_image(&q) > 1) return 0;
    return 2 * BLOCK * (q.k + q.p);
}

/* ---- one row per image ---------------------------------------------------------------------- */

/* y[n, outs] = or += x[n, ins] times B (forward) or its transpose (backward) */
static void block_of_rows(const sal_op_call *c, const product *q, bool backward, size_t n,
                          const float *x, float *y)
{
    size_t ins = backward ? q->p : q->k, outs = backward ? q->k : q->p;
    float *padded = c->scratch, *result = padded + BLOCK * (q->k + q->p);
    memcpy(padded, x, n * ins * sizeof *x);
    memset(padded + n * ins, 0, (BLOCK - n) * ins * sizeof *x);
    sal_gemm_(!backward, true, outs, BLOCK, ins, c->in[1], q->p, padded, ins, 0.0f, result, BLOCK);
    for (size_t i = 0; i < n; i++)
        for (size_t o = 0; o < outs; o++) {
            float *to = &y[i * outs + o], v = result[o * BLOCK + i];
            *to = backward ? *to + v : v;
        }
}

static void rows_of_images(const sal_op_call *c, const product *q, bool backward, const float *x,
                           float *y)
{
    size_t ins = backward ? q->p : q->k, outs = backward ? q->k : q->p;
    for (size_t first = 0; first < c->n; first += BLOCK) {
        size_t n = c->n - first < BLOCK ? c->n - first : BLOCK;
        block_of_rows(c, q, backward, n, x + first * ins, y + first * outs);
    }
}

/* ---- matrices of an image ------------------------------------------------------------------- */

typedef enum part { OF_Y, OF_A, OF_B } part;

/* y = A B; what the gradient gy adds to that of A, gy B'; and to that of B, A' gy. */
static void multiply(const product *q, part which, const float *left, const float *right, float *to)
{
    switch (which) {
    case OF_Y:
        sal_gemm_(false, false, q->m, q->p, q->k, left, q->k, right, q->p, 0.0f, to, q->p);
        break;
    case OF_A:
        sal_gemm_(false, true, q->m, q->k, q->p, left, q->p, right, q->p, 1.0f, to, q->k);
        break;
    case OF_B:
        sal_gemm_(true, false, q->k, q->p, q->m, left, q->k, right, q->p, 1.0f, to, q->p);
        break;
    }
}

/* One product after the other: into y, or from gy into the gradient of A or B. */
static void each(const sal_op_call *c, const product *q, part which, const float *gy, float *to)
{
    size_t count = c->n * products_per_image(q);
    for (size_t i = 0; i < count; i++) {
        size_t at[2] = {0, 0}, here = i * q->m * q->p, rest = i;
        for (size_t axis = q->rank; axis-- > 0;) {
            size_t index = axis ? rest % q->dims[axis] : rest;
            if (axis) rest /= q->dims[axis];
            at[0] += index * q->step[0][axis];
            at[1] += index * q->step[1][axis];
        }
        const float *a = c->in[0] + at[0], *b = c->in[1] + at[1];
        if (which == OF_Y) multiply(q, which, a, b, to + here);
        if (which == OF_A) multiply(q, which, gy + here, b, to + at[0]);
        if (which == OF_B) multiply(q, which, a, gy + here, to + at[1]);
    }
}

/* Rows that meet the same B in one product. */
static product folded(const product *q)
{
    product wide = *q;
    wide.m = q->m * products_per_image(q);
    wide.rank = 1;
    wide.step[0][0] = wide.m * q->k;
    return wide;
}

static void forward(const sal_op_call *c, float *y)
{
    product q = {.rank = 0};
    (void)make(c->attrs, c->in_shape, &q, NULL);
    if (q.dense) q = folded(&q);
    if (q.dense && q.m == 1)
        rows_of_images(c, &q, false, c->in[0], y);
    else
        each(c, &q, OF_Y, NULL, y);
}

static void backward(const sal_op_call *c, const float *gy, float *const *gx)
{
    product q = {.rank = 0};
    (void)make(c->attrs, c->in_shape, &q, NULL);
    if (q.dense) q = folded(&q);
    if (gx[0] && q.dense && q.m == 1)
        rows_of_images(c, &q, true, gy, gx[0]);
    else if (gx[0])
        each(c, &q, OF_A, gy, gx[0]);
    if (!gx[1]) return;
    if (q.dense && q.m == 1) { /* a parameter's gradient may follow the batch */
        q.m = c->n;
        multiply(&q, OF_B, c->in[0], gy, gx[1]);
    } else {
        each(c, &q, OF_B, gy, gx[1]);
    }
}

static const sal_op_sample samples[] = {
    {.name = "dense", .n_in = 2, .in = {{2, {3, 5}}, {2, {5, 4}}}, .fixed = 2},
    {.name = "dense, two blocks", .n_in = 2, .in = {{2, {19, 3}}, {2, {3, 2}}}, .fixed = 2},
    {.name = "rows", .n_in = 2, .in = {{4, {2, 2, 3, 5}}, {2, {5, 4}}}, .fixed = 2},
    {.name = "one row", .n_in = 2, .in = {{3, {3, 1, 5}}, {2, {5, 4}}}, .fixed = 2},
    {.name = "to a number", .n_in = 2, .in = {{2, {3, 5}}, {1, {5}}}, .fixed = 2},
    {.name = "to a row", .n_in = 2, .in = {{3, {2, 3, 5}}, {1, {5}}}, .fixed = 2},
    {.name = "heads", .n_in = 2, .in = {{4, {2, 2, 3, 5}}, {4, {2, 2, 5, 3}}}},
    {.name = "shared head", .n_in = 2, .in = {{4, {2, 1, 3, 5}}, {4, {2, 3, 5, 2}}}},
    {.name = "head of its own", .n_in = 2, .in = {{4, {2, 2, 3, 5}}, {3, {2, 5, 4}}}, .fixed = 2},
    {.name = "from the left", .n_in = 2, .in = {{2, {4, 3}}, {3, {2, 3, 5}}}, .fixed = 1},
    {.name = "row from the left", .n_in = 2, .in = {{1, {3}}, {4, {2, 2, 3, 5}}}, .fixed = 1},
};

const sal_op_def sal_op_matmul = {
    .name = "MatMul",
    .summary = "matrix product over the last two axes",
    .least = 2,
    .most = 2,
    .either = 3,
    .backward_reads_in = true,
    .shape = shape,
    .scratch = scratch,
    .forward = forward,
    .backward = backward,
    SAL_SAMPLES(samples),
};
