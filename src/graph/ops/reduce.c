/* graph/ops/reduce.c - one number from all elements along attrs.axes (none given: all but N), which
 * stay as axes of size 1 with attrs.keep_dims. Sums in double, in row-major order. The gradient of
 * a maximum or minimum goes to the first of equals; norms have gradient 0 at 0. */
#include "graph/pick.h"

#include <math.h>

/* The elements that make one result: x[at[0]], x[at[1]], ... */
typedef struct {
    const float *x;
    const int32_t *at;
    size_t n;
} view;

typedef double (*value_fn)(const view *v);
/* adds g * d value / d x[at[i]] to gx[at[i]] */
typedef void (*slope_fn)(const view *v, double g, float *gx);

static double item(const view *v, size_t i)
{
    return (double)v->x[v->at[i]];
}

/* ---- axes ------------------------------------------------------------------------------------ */

static bool is_reduced(const sal_op_attrs *a, size_t axis)
{
    for (size_t i = 0; i < a->n_axes; i++)
        if (a->axes[i] == (int64_t)axis) return true;
    return a->n_axes == 0;
}

static sal_status shape(const sal_op_attrs *a, size_t n_in, const sal_shape *in, sal_shape *out,
                        sal_error *err)
{
    (void)n_in;
    if (!sal_axes_fit_(a, &in[0], err)) return SAL_E_SHAPE;
    *out = (sal_shape){1, {in[0].dims[0]}};
    for (size_t i = 1; i < in[0].rank; i++)
        if (!is_reduced(a, i))
            out->dims[out->rank++] = in[0].dims[i];
        else if (a->keep_dims)
            out->dims[out->rank++] = 1;
    return sal_pick_check_(&in[0], out, err);
}

static size_t scratch(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    size_t results = sal_shape_count_from_(out, 1);
    return results + sal_shape_count_from_(in, 1) / results;
}

/* Offsets of the combinations of all axes that are reduced (or are not), in row-major order. */
static size_t offsets(const sal_op_call *c, bool reduced, int32_t *table)
{
    const sal_shape *in = &c->in_shape[0];
    size_t n = 1;
    table[0] = 0;
    for (size_t axis = 1; axis < in->rank; axis++) {
        if (is_reduced(c->attrs, axis) != reduced) continue;
        size_t size = (size_t)in->dims[axis], width = sal_shape_count_from_(in, axis + 1);
        for (size_t i = n; i-- > 0;) /* from the end: entries move up */
            for (size_t k = size; k-- > 0;) table[i * size + k] = table[i] + (int32_t)(k * width);
        n *= size;
    }
    return n;
}

/* y given: forward; else adds gy's share to gx */
static void reduce(const sal_op_call *c, value_fn value, float *y, slope_fn slope, const float *gy,
                   float *gx)
{
    int32_t *base = (void *)c->scratch;
    size_t results = offsets(c, false, base), in = sal_shape_count_from_(&c->in_shape[0], 1);
    view v = {.at = base + results};
    v.n = offsets(c, true, base + results);
    for (size_t i = 0; i < c->n; i++)
        for (size_t r = 0; r < results; r++) {
            size_t from = i * in + (size_t)base[r];
            v.x = c->in[0] + from;
            if (y)
                y[i * results + r] = (float)value(&v);
            else
                slope(&v, (double)gy[i * results + r], gx + from);
        }
}

/* ---- the kinds ------------------------------------------------------------------------------- */

static double sum_value(const view *v)
{
    double sum = 0;
    for (size_t i = 0; i < v->n; i++) sum += item(v, i);
    return sum;
}

static void sum_slope(const view *v, double g, float *gx)
{
    for (size_t i = 0; i < v->n; i++) gx[v->at[i]] += (float)g;
}

static double mean_value(const view *v)
{
    return sum_value(v) / (double)v->n;
}

static void mean_slope(const view *v, double g, float *gx)
{
    sum_slope(v, g / (double)v->n, gx);
}

static size_t first_extreme(const view *v, bool largest)
{
    size_t best = 0;
    for (size_t i = 1; i < v->n; i++)
        if (largest ? item(v, i) > item(v, best) : item(v, i) < item(v, best)) best = i;
    return best;
}

static double max_value(const view *v)
{
    return item(v, first_extreme(v, true));
}

static void max_slope(const view *v, double g, float *gx)
{
    gx[v->at[first_extreme(v, true)]] += (float)g;
}

static double min_value(const view *v)
{
    return item(v, first_extreme(v, false));
}

static void min_slope(const view *v, double g, float *gx)
{
    gx[v->at[first_extreme(v, false)]] += (float)g;
}

static double prod_value(const view *v)
{
    double product = 1;
    for (size_t i = 0; i < v->n; i++) product *= item(v, i);
    return product;
}

static void prod_slope(const view *v, double g, float *gx)
{
    size_t zeros = 0, zero = 0;
    double product = g; /* of all that are not 0 */
    for (size_t i = 0; i < v->n; i++)
        if (item(v, i) < 0 || item(v, i) > 0)
            product *= item(v, i);
        else
            zeros++, zero = i;
    for (size_t i = 0; !zeros && i < v->n; i++) gx[v->at[i]] += (float)(product / item(v, i));
    if (zeros == 1) gx[v->at[zero]] += (float)product;
}

static double l1_value(const view *v)
{
    double sum = 0;
    for (size_t i = 0; i < v->n; i++) sum += fabs(item(v, i));
    return sum;
}

static void l1_slope(const view *v, double g, float *gx)
{
    for (size_t i = 0; i < v->n; i++) {
        double x = item(v, i);
        gx[v->at[i]] += (float)(x > 0 ? g : x < 0 ? -g : 0);
    }
}

static double sum_square_value(const view *v)
{
    double sum = 0;
    for (size_t i = 0; i < v->n; i++) sum += item(v, i) * item(v, i);
    return sum;
}

static void sum_square_slope(const view *v, double g, float *gx)
{
    for (size_t i = 0; i < v->n; i++) gx[v->at[i]] += (float)(2 * g * item(v, i));
}

static double l2_value(const view *v)
{
    return sqrt(sum_square_value(v));
}

static void l2_slope(const view *v, double g, float *gx)
{
    double norm = l2_value(v);
    if (norm > 0) sum_square_slope(v, g / (2 * norm), gx);
}

static double log_sum_value(const view *v)
{
    return log(sum_value(v));
}

static void log_sum_slope(const view *v, double g, float *gx)
{
    sum_slope(v, g / sum_value(v), gx);
}

static double log_sum_exp_value(const view *v)
{
    double top = max_value(v), sum = 0;
    if (isinf(top)) return top;
    for (size_t i = 0; i < v->n; i++) sum += exp(item(v, i) - top);
    return top + log(sum);
}

static void log_sum_exp_slope(const view *v, double g, float *gx)
{
    double whole = log_sum_exp_value(v);
    for (size_t i = 0; i < v->n; i++) gx[v->at[i]] += (float)(g * exp(item(v, i) - whole));
}

/* ---- the rows -------------------------------------------------------------------------------- */

#define SAMPLES(FILL)                                                                              \
    {                                                                                              \
        {.name = "planes, axes kept",                                                              \
         .attrs = {.n_axes = 2, .axes = {3, 2}, .keep_dims = true},                                \
         .n_in = 1,                                                                                \
         .in = {{4, {2, 2, 2, 3}}},                                                                \
         .fill = {FILL}},                                                                          \
            {.name = "channels",                                                                   \
             .attrs = {.n_axes = 1, .axes = {1}},                                                  \
             .n_in = 1,                                                                            \
             .in = {{4, {2, 4, 2, 2}}},                                                            \
             .fill = {FILL}},                                                                      \
            {.name = "all", .n_in = 1, .in = {{3, {2, 2, 3}}}, .fill = {FILL}},                    \
    }

#define REDUCTION(ID, NAME, SUMMARY, FILL)                                                         \
    static void ID##_forward(const sal_op_call *c, float *y)                                       \
    {                                                                                              \
        reduce(c, ID##_value, y, NULL, NULL, NULL);                                                \
    }                                                                                              \
    static void ID##_backward(const sal_op_call *c, const float *gy, float *const *gx)             \
    {                                                                                              \
        if (gx[0]) reduce(c, NULL, NULL, ID##_slope, gy, gx[0]);                                   \
    }                                                                                              \
    static const sal_op_sample ID##_samples[] = SAMPLES(FILL);                                     \
    const sal_op_def sal_op_reduce_##ID = {                                                        \
        .name = NAME,                                                                              \
        .summary = SUMMARY,                                                                        \
        .least = 1,                                                                                \
        .most = 1,                                                                                 \
        .backward_reads_in = true,                                                                 \
        .shape = shape,                                                                            \
        .scratch = scratch,                                                                        \
        .forward = ID##_forward,                                                                   \
        .backward = ID##_backward,                                                                 \
        SAL_SAMPLES(ID##_samples),                                                                 \
    }

REDUCTION(l1, "ReduceL1", "sum of absolute values along axes", SAL_FILL_OFF_ZERO);
REDUCTION(l2, "ReduceL2", "Euclidean norm along axes", SAL_FILL_OFF_ZERO);
REDUCTION(log_sum, "ReduceLogSum", "logarithm of the sum along axes", SAL_FILL_POSITIVE);
REDUCTION(log_sum_exp, "ReduceLogSumExp", "logarithm of the sum of exp(x) along axes",
          SAL_FILL_NORMAL);
REDUCTION(max, "ReduceMax", "largest value along axes", SAL_FILL_DISTINCT);
REDUCTION(mean, "ReduceMean", "mean along axes", SAL_FILL_NORMAL);
REDUCTION(min, "ReduceMin", "smallest value along axes", SAL_FILL_DISTINCT);
REDUCTION(prod, "ReduceProd", "product along axes", SAL_FILL_POSITIVE);
REDUCTION(sum, "ReduceSum", "sum along axes", SAL_FILL_NORMAL);
REDUCTION(sum_square, "ReduceSumSquare", "sum of squares along axes", SAL_FILL_NORMAL);
