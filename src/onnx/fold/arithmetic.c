/* onnx/fold/arithmetic.c - arithmetic on constants: whole numbers exactly, floats in double, rounded once. */
#include "onnx/ops.h"

#include <math.h>
#include <string.h>

/* The place in a tensor of shape s of element k of the broadcast shape. */
static size_t place_in(const sal_shape *s, const sal_shape *whole, size_t k)
{
    size_t at = 0, width = 1;
    for (size_t i = whole->rank, j = s->rank; j-- > 0;) {
        i--;
        size_t index = k % (size_t)whole->dims[i];
        k /= (size_t)whole->dims[i];
        if (s->dims[j] != 1) at += index * width;
        width *= (size_t)s->dims[j];
    }
    return at;
}

/* ---- two operands ----------------------------------------------------------------------------- */

typedef struct pair_row {
    const char *op;
    bool truth; /* the result is a truth value */
    double (*f)(double a, double b);
    int64_t (*i)(int64_t a, int64_t b);
} pair_row;

static double add(double a, double b)
{
    return a + b;
}
static double sub(double a, double b)
{
    return a - b;
}
static double mul(double a, double b)
{
    return a * b;
}
static double divide(double a, double b)
{
    return a / b;
}
static double least(double a, double b)
{
    return b < a || isnan(b) ? b : a;
}
static double largest(double a, double b)
{
    return b > a || isnan(b) ? b : a;
}
static double equal(double a, double b)
{
    return !(a < b) && !(a > b) && !isnan(a) && !isnan(b);
}
static double less(double a, double b)
{
    return a < b;
}
static double greater(double a, double b)
{
    return a > b;
}
static double less_equal(double a, double b)
{
    return a <= b;
}
static double greater_equal(double a, double b)
{
    return a >= b;
}

/* Wrapping, as ONNX's engines do: no overflow of signed numbers. */
static int64_t iadd(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static int64_t isub(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static int64_t imul(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}
static int64_t idiv(int64_t a, int64_t b)
{
    return b == -1 ? isub(0, a) : b ? a / b : 0;
}
static int64_t imin(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static int64_t imax(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static int64_t iequal(int64_t a, int64_t b)
{
    return a == b;
}
static int64_t iless(int64_t a, int64_t b)
{
    return a < b;
}
static int64_t igreater(int64_t a, int64_t b)
{
    return a > b;
}
static int64_t iless_equal(int64_t a, int64_t b)
{
    return a <= b;
}
static int64_t igreater_equal(int64_t a, int64_t b)
{
    return a >= b;
}
static int64_t iand(int64_t a, int64_t b)
{
    return a && b;
}
static int64_t ior(int64_t a, int64_t b)
{
    return a || b;
}
static int64_t ixor(int64_t a, int64_t b)
{
    return !a != !b;
}

static int64_t imod(int64_t a, int64_t b)
{
    if (!b || b == -1) return 0;
    int64_t r = a % b;
    return r && (r < 0) != (b < 0) ? r + b : r;
}

static int64_t ipow(int64_t a, int64_t b)
{
    int64_t y = b < 0 ? (a == 1) : 1;
    for (; b > 0; b >>= 1, a = imul(a, a))
        if (b & 1) y = imul(y, a);
    return y;
}

static const pair_row pairs[] = {
    {"Add", false, add, iadd},
    {"Sum", false, add, iadd},
    {"Sub", false, sub, isub},
    {"Mul", false, mul, imul},
    {"Div", false, divide, idiv},
    {"Pow", false, pow, ipow},
    {"Min", false, least, imin},
    {"Max", false, largest, imax},
    {"Mod", false, fmod, imod},
    {"Equal", true, equal, iequal},
    {"Less", true, less, iless},
    {"Greater", true, greater, igreater},
    {"LessOrEqual", true, less_equal, iless_equal},
    {"GreaterOrEqual", true, greater_equal, igreater_equal},
    {"And", true, NULL, iand},
    {"Or", true, NULL, ior},
    {"Xor", true, NULL, ixor},
};

static sal_status fold_two(sal_onnx_node *n, const pair_row *row, const sal_constant *a,
                           const sal_constant *b, sal_constant **out, sal_error *err)
{
    sal_shape shape;
    bool whole = a->i && b->i;
    if (!whole && !row->f) return sal_fail_(err, SAL_E_FORMAT, "wants truth values");
    sal_status st = sal_onnx_broadcast_(&a->shape, &b->shape, &shape, err);
    if (st == SAL_OK)
        st = sal_onnx_fold_result_(n, row->truth ? SAL_T_BOOL : a->type, &shape, out, err);
    for (size_t k = 0; st == SAL_OK && k < (*out)->count; k++) {
        size_t p = place_in(&a->shape, &shape, k), q = place_in(&b->shape, &shape, k);
        if (whole)
            (*out)->i[k] = row->i(a->i[p], b->i[q]);
        else
            sal_constant_set_number_(
                *out, k, row->f(sal_constant_number_(a, p), sal_constant_number_(b, q)));
    }
    return st;
}

sal_status sal_onnx_fold_pairs_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *first;
    const pair_row *row = pairs;
    while (strcmp(row->op, n->row->op) != 0) row++;
    if (sal_onnx_has_(n, "axis"))
        return sal_onnx_unsupported_(n, "broadcasting along an axis", err);
    sal_status st = sal_onnx_constant_(n, 0, &first, err);
    if (st != SAL_OK) return st;
    sal_constant *so_far = NULL;
    for (size_t i = 1; st == SAL_OK && i < n->n_in; i++) {
        const sal_constant *next;
        sal_constant *result = NULL;
        st = sal_onnx_constant_(n, i, &next, err);
        if (st == SAL_OK) st = fold_two(n, row, so_far ? so_far : first, next, &result, err);
        sal_constant_free_(n->r->env, so_far);
        so_far = result;
    }
    if (st != SAL_OK) {
        sal_constant_free_(n->r->env, so_far);
        return st;
    }
    if (so_far) return sal_onnx_set_constant_(n, 0, so_far, err);
    sal_onnx_view view = sal_onnx_view_of_(&first->shape);
    return sal_onnx_fold_view_(n, 0, first, &view, &first->shape, err);
}

/* ---- one operand ------------------------------------------------------------------------------- */

static double relu(double x)
{
    return x > 0 ? x : 0;
}
static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}
static double neg(double x)
{
    return -x;
}
static double reciprocal(double x)
{
    return 1 / x;
}
static double sign(double x)
{
    return (x > 0) - (x < 0);
}
static double no(double x)
{
    return !(x < 0 || x > 0);
}
static double same(double x)
{
    return x;
}

static const struct {
    const char *op;
    double (*f)(double x);
} singles[] = {{"Relu", relu},
               {"Sigmoid", sigmoid},
               {"Neg", neg},
               {"Abs", fabs},
               {"Reciprocal", reciprocal},
               {"Sign", sign},
               {"Not", no},
               {"Sqrt", sqrt},
               {"Exp", exp},
               {"Log", log},
               {"Floor", floor},
               {"Ceil", ceil},
               {"Round", rint},
               {"Tanh", tanh},
               {"Erf", erf},
               {"Cast", same},
               {"CastLike", same}};

static sal_status fold_each(sal_onnx_node *n, int type, double (*f)(double), sal_error *err)
{
    const sal_constant *c;
    sal_constant *out = NULL;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_fold_result_(n, type, &c->shape, &out, err);
    if (st != SAL_OK) return st;
    for (size_t k = 0; k < out->count; k++)
        if (f == same && c->i && out->i)
            out->i[k] = type == SAL_T_BOOL ? c->i[k] != 0 : c->i[k];
        else
            sal_constant_set_number_(out, k, f(sal_constant_number_(c, k)));
    return sal_onnx_set_constant_(n, 0, out, err);
}

sal_status sal_onnx_fold_each_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st != SAL_OK) return st;
    size_t k = 0;
    while (strcmp(singles[k].op, n->row->op) != 0) k++;
    return fold_each(n, c->type, singles[k].f, err);
}

sal_status sal_onnx_fold_cast_(sal_onnx_node *n, sal_error *err)
{
    int64_t type;
    sal_status st = sal_onnx_cast_type_(n, &type, err);
    return st == SAL_OK ? fold_each(n, (int)type, same, err) : st;
}

/* ---- three operands ---------------------------------------------------------------------------- */

sal_status sal_onnx_fold_where_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c[3];
    sal_constant *out = NULL;
    sal_shape shape;
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < 3; i++) st = sal_onnx_constant_(n, i, &c[i], err);
    if (st == SAL_OK) st = sal_onnx_broadcast_(&c[0]->shape, &c[1]->shape, &shape, err);
    if (st == SAL_OK) st = sal_onnx_broadcast_(&shape, &c[2]->shape, &shape, err);
    if (st == SAL_OK) st = sal_onnx_fold_result_(n, c[1]->type, &shape, &out, err);
    if (st != SAL_OK) return st;
    for (size_t k = 0; k < out->count; k++) {
        size_t which = c[0]->i && c[0]->i[place_in(&c[0]->shape, &shape, k)] ? 1 : 2;
        size_t at = place_in(&c[which]->shape, &shape, k);
        if (out->i && c[which]->i)
            out->i[k] = c[which]->i[at];
        else
            sal_constant_set_number_(out, k, sal_constant_number_(c[which], at));
    }
    return sal_onnx_set_constant_(n, 0, out, err);
}

/* (x - zero point) scale, per tensor or along an axis: weights of 8 bits. */
sal_status sal_onnx_fold_dequantize_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *x, *scale, *zero = NULL;
    sal_constant *out = NULL;
    sal_status st = sal_onnx_constant_(n, 0, &x, err);
    if (st == SAL_OK) st = sal_onnx_constant_(n, 1, &scale, err);
    if (st == SAL_OK && sal_onnx_given_(n, 2)) st = sal_onnx_constant_(n, 2, &zero, err);
    if (st != SAL_OK) return st;
    int64_t axis = sal_onnx_int_(n, "axis", 1);
    size_t width = x->count, count = scale->count;
    if (scale->shape.rank) {
        st = sal_onnx_plain_axis_(n, &axis, x->shape.rank, err);
        if (st != SAL_OK) return st;
        width = sal_shape_count_from_(&x->shape, (size_t)axis + 1);
        if (count != (size_t)x->shape.dims[axis])
            return sal_fail_(err, SAL_E_SHAPE, "%zu scales for an axis of %lld", count,
                             (long long)x->shape.dims[axis]);
    }
    if (!count || (zero && zero->count != count) || !width)
        return sal_fail_(err, SAL_E_SHAPE, "scales and zero points do not fit");
    st = sal_onnx_fold_result_(n, SAL_T_FLOAT, &x->shape, &out, err);
    if (st != SAL_OK) return st;
    for (size_t k = 0; k < out->count; k++) {
        size_t s = k / width % count;
        double z = zero ? sal_constant_number_(zero, s) : 0;
        out->f[k] = (float)((sal_constant_number_(x, k) - z) * sal_constant_number_(scale, s));
    }
    return sal_onnx_set_constant_(n, 0, out, err);
}
