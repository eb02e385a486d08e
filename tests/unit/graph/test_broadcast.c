/* Operators that broadcast against a naive reference that finds every element by its indices:
 * random ranks, dimensions, parameters and activations; sums of gradients; ties; what is refused.
 */
#include "sample_rig.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef double (*formula)(size_t n, const double *v, int64_t mode);

static double add(size_t n, const double *v, int64_t mode)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += v[k];
    return mode < 0 ? sum / (double)n : sum;
}
static double mean(size_t n, const double *v, int64_t mode)
{
    (void)mode;
    return add(n, v, -1);
}
static double largest(size_t n, const double *v, int64_t mode)
{
    double top = v[0];
    (void)mode;
    for (size_t k = 1; k < n; k++) top = fmax(top, v[k]);
    return top;
}
static double smallest(size_t n, const double *v, int64_t mode)
{
    double low = v[0];
    (void)mode;
    for (size_t k = 1; k < n; k++) low = fmin(low, v[k]);
    return low;
}
static double choice(size_t n, const double *v, int64_t mode)
{
    (void)n;
    (void)mode;
    return v[0] != 0 ? v[1] : v[2];
}

#define PAIR(name, expression)                                                                     \
    static double name(size_t n, const double *v, int64_t mode)                                    \
    {                                                                                              \
        const double a = v[0], b = v[1];                                                           \
        (void)n;                                                                                   \
        (void)mode;                                                                                \
        return expression;                                                                         \
    }
PAIR(sub, a - b)
PAIR(mul, a *b)
PAIR(quotient, a / b)
PAIR(power, pow(a, b))
PAIR(modulo, mode ? fmod(a, b) : a - b * floor(a / b))
PAIR(equal, a == b)
PAIR(greater, a > b)
PAIR(greater_or_equal, a >= b)
PAIR(less, a < b)
PAIR(less_or_equal, a <= b)
PAIR(both, a != 0 && b != 0)
PAIR(any, a != 0 || b != 0)
PAIR(one_of, (a != 0) != (b != 0))
PAIR(prelu, a > 0 ? a : a * b)

typedef struct {
    const char *op;
    int64_t mode;
    size_t least, most;
    sal_fill fill[3];
    formula f;
    bool smooth; /* the gradient is compared as well */
} row;

#define ANY                                                                                        \
    {                                                                                              \
        SAL_FILL_NORMAL, SAL_FILL_NORMAL, SAL_FILL_NORMAL                                          \
    }
#define COARSE                                                                                     \
    {                                                                                              \
        SAL_FILL_HALVES, SAL_FILL_HALVES, SAL_FILL_HALVES                                          \
    }
static const row rows[] = {
    {"Add", 0, 2, 2, ANY, add, true},
    {"Sub", 0, 2, 2, ANY, sub, true},
    {"Mul", 0, 2, 2, ANY, mul, true},
    {"Div", 0, 2, 2, {SAL_FILL_NORMAL, SAL_FILL_POSITIVE}, quotient, true},
    {"Pow", 0, 2, 2, {SAL_FILL_POSITIVE, SAL_FILL_NORMAL}, power, true},
    {"Pow", 0, 2, 2, {SAL_FILL_POSITIVE, SAL_FILL_HALVES}, power, true},
    {"Mod", 0, 2, 2, {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS}, modulo, false},
    {"Mod", 1, 2, 2, {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS}, modulo, false},
    {"Equal", 0, 2, 2, COARSE, equal, false},
    {"Greater", 0, 2, 2, COARSE, greater, false},
    {"GreaterOrEqual", 0, 2, 2, COARSE, greater_or_equal, false},
    {"Less", 0, 2, 2, COARSE, less, false},
    {"LessOrEqual", 0, 2, 2, COARSE, less_or_equal, false},
    {"And", 0, 2, 2, COARSE, both, false},
    {"Or", 0, 2, 2, COARSE, any, false},
    {"Xor", 0, 2, 2, COARSE, one_of, false},
    {"PRelu", 0, 2, 2, {SAL_FILL_OFF_ZERO, SAL_FILL_NORMAL}, prelu, true},
    {"Sum", 0, 1, 3, ANY, add, true},
    {"Mean", 0, 1, 3, ANY, mean, true},
    {"Max", 0, 1, 3, {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS, SAL_FILL_NORMAL}, largest, true},
    {"Min", 0, 1, 3, {SAL_FILL_HALVES, SAL_FILL_OFF_STEPS, SAL_FILL_NORMAL}, smallest, true},
    {"Where", 0, 3, 3, {SAL_FILL_BITS, SAL_FILL_NORMAL, SAL_FILL_NORMAL}, choice, true},
};

enum { N = 3, WIDE = 300 };

/* A sample of random shapes; the first input is an activation, for PRelu as wide as the output. */
static sal_op_sample draw(const row *w, sal_rng *rng, sal_shape *out)
{
    sal_op_sample s = {.name = "random", .attrs = {.mode = w->mode}};
    s.n_in = w->least + sal_rng_below_(rng, w->most - w->least + 1);
    *out = (sal_shape){.rank = 1 + sal_rng_below_(rng, 4), .dims = {N}};
    for (size_t i = 1; i < out->rank; i++) out->dims[i] = 1 + (int64_t)sal_rng_below_(rng, 4);
    if (out->rank > 1 && out->rank < 4 && sal_rng_below_(rng, 4) == 0)
        out->dims[out->rank - 1] = WIDE;
    size_t full = strcmp(w->op, "PRelu") ? sal_rng_below_(rng, s.n_in) : 0;
    for (size_t k = 0; k < s.n_in; k++) {
        s.fill[k] = w->fill[k];
        s.in[k] = *out;
        for (size_t i = 1; k != full && i < out->rank; i++)
            if (sal_rng_below_(rng, 2)) s.in[k].dims[i] = 1;
        if (k == full || sal_rng_below_(rng, 2)) continue;
        size_t drop = sal_rng_below_(rng, out->rank + 1);
        s.fixed |= 1u << k;
        s.in[k].dims[0] = 1;
        s.in[k].rank -= drop;
        memmove(s.in[k].dims, s.in[k].dims + drop, s.in[k].rank * sizeof s.in[k].dims[0]);
    }
    return s;
}

/* The place in an input of the output's element at index. */
static size_t place(const sal_shape *in, const sal_shape *out, const size_t *index)
{
    size_t at = 0;
    for (size_t i = 0; i < in->rank; i++) {
        size_t place = index[out->rank - in->rank + i];
        at = at * (size_t)in->dims[i] + (in->dims[i] == 1 ? 0 : place);
    }
    return at;
}

/* Adds to want[k] what element e of the output gives; returns the element's value. */
static double element(const row *w, const sample_rig *r, const sal_shape *out, size_t e,
                      double seed, double **want)
{
    size_t index[SAL_MAX_RANK] = {0}, at[3] = {0};
    double v[3] = {0};
    for (size_t i = out->rank, rest = e; i-- > 0; rest /= (size_t)out->dims[i])
        index[i] = rest % (size_t)out->dims[i];
    for (size_t k = 0; k < r->sample->n_in; k++) {
        at[k] = place(&r->sample->in[k], out, index);
        v[k] = (double)r->data[k][at[k]];
    }
    for (size_t k = 0; k < r->sample->n_in; k++) {
        double up[3] = {v[0], v[1], v[2]}, down[3] = {v[0], v[1], v[2]};
        if (r->sample->fill[k] == SAL_FILL_BITS) continue;
        up[k] += 1e-5;
        down[k] -= 1e-5;
        want[k][at[k]] +=
            seed * (w->f(r->sample->n_in, up, w->mode) - w->f(r->sample->n_in, down, w->mode)) /
            2e-5;
    }
    return w->f(r->sample->n_in, v, w->mode);
}

static void compare(const row *w, size_t draw_number)
{
    sal_rng rng = sal_rng_for(3, w->op, draw_number);
    sal_shape out;
    sal_op_sample s = draw(w, &rng, &out);
    sample_rig r = sample_rig_build(sal_op_find_(w->op), &s, 0, &rng);
    size_t n = sal_shape_count_from_(&out, 0);
    char name[64];
    double *want[3] = {NULL};
    float *grads[3] = {NULL}, *seed = calloc(n, sizeof *seed);
    if (r.out_count * N != n) fail_msg("%s, draw %zu: shape of output", w->op, draw_number);
    for (size_t i = 0; i < n; i++) seed[i] = (float)sal_rng_normal_(&rng);
    for (size_t k = 0; k < s.n_in; k++) {
        want[k] = calloc(r.count[k], sizeof(double));
        grads[k] = calloc(r.count[k], sizeof(float));
    }
    const float *y = sample_rig_forward(&r, 0, N);
    snprintf(name, sizeof name, "%s, draw %zu", w->op, draw_number);
    for (size_t e = 0; e < n; e++) {
        double value = element(w, &r, &out, e, (double)seed[e], want);
        assert_near(name, (double)y[e], value, 1e-6 * (1 + fabs(value)));
    }
    sample_rig_backward(&r, seed, grads);
    for (size_t k = 0; k < s.n_in; k++) {
        snprintf(name, sizeof name, "%s, draw %zu, gradient %zu", w->op, draw_number, k);
        for (size_t i = 0; w->smooth && i < r.count[k]; i++)
            assert_near(name, (double)grads[k][i], want[k][i], 1e-4 * (1 + fabs(want[k][i])));
        free(want[k]);
        free(grads[k]);
    }
    free(seed);
    sample_rig_free(&r);
}

static void agrees_with_indices(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t d = 0; d < 60; d++) compare(&rows[i], d);
}

/* ---- single numbers ------------------------------------------------------------------------- */

typedef struct {
    const char *op;
    int64_t mode;
    size_t n_in;
    float x[3], value, slope[3];
} point;

static const point points[] = {
    {"Pow", 0, 2, {-3, 2}, 9, {-6, 0}},       {"Pow", 0, 2, {0, 2}, 0, {0, 0}},
    {"Pow", 0, 2, {-2, 3}, -8, {12, 0}},      {"Pow", 0, 2, {0, 0}, 1, {0, 0}},
    {"Pow", 0, 2, {0, 1}, 0, {1, 0}},         {"Mod", 0, 2, {-7, 3}, 2, {1, 3}},
    {"Mod", 0, 2, {7, -3}, -2, {1, 3}},       {"Mod", 0, 2, {-6, 3}, 0, {1, 2}},
    {"Mod", 1, 2, {-7, 3}, -1, {1, 2}},       {"Mod", 1, 2, {7, -3}, 1, {1, 2}},
    {"Max", 0, 2, {1, 1}, 1, {1, 0}},         {"Max", 0, 3, {1, 2, 2}, 2, {0, 1, 0}},
    {"Max", 0, 3, {1, 2, 3}, 3, {0, 0, 1}},   {"Min", 0, 3, {2, 1, 1}, 1, {0, 1, 0}},
    {"Min", 0, 3, {1, 1, 1}, 1, {1, 0, 0}},   {"PRelu", 0, 2, {0, 0.5f}, 0, {0.5f, 0}},
    {"Where", 0, 3, {2, 3, 4}, 3, {0, 1, 0}},
};

static void ties_and_signs_are_as_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        const point *p = &points[i];
        sal_op_sample s = {.name = "point",
                           .attrs = {.mode = p->mode},
                           .n_in = p->n_in,
                           .in = {{1, {1}}, {1, {1}}, {1, {1}}}};
        sal_rng rng = sal_rng_for(4, p->op, i);
        sample_rig r = sample_rig_build(sal_op_find_(p->op), &s, 0, &rng);
        float one = 1, slope[3] = {0}, *grads[] = {&slope[0], &slope[1], &slope[2]};
        char name[64];
        snprintf(name, sizeof name, "point %zu, %s", i, p->op);
        for (size_t k = 0; k < p->n_in; k++) r.data[k][0] = p->x[k];
        assert_near(name, (double)sample_rig_forward(&r, 0, 1)[0], (double)p->value, 0);
        sample_rig_backward(&r, &one, grads);
        for (size_t k = 0; k < p->n_in; k++)
            assert_near(name, (double)slope[k], (double)p->slope[k], 0);
        sample_rig_free(&r);
    }
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void says_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *op, *text;
        size_t n_in;
        sal_shape in[2];
        unsigned fixed;
    } cases[] = {
        {"Add",
         "input 1 is [1, 3, 5], which does not broadcast with [1, 3, 4]",
         2,
         {{3, {1, 3, 4}}, {3, {1, 3, 5}}},
         0},
        {"Add",
         "input 1 is [1, 4], another has not its rank (N included): [1, 3, 4]",
         2,
         {{3, {1, 3, 4}}, {2, {1, 4}}},
         0},
        {"Mul",
         "input 1 is [2, 3, 4], a parameter that would reach the N of [1, 3, 4]",
         2,
         {{3, {1, 3, 4}}, {3, {2, 3, 4}}},
         2},
        {"Mul",
         "input 0 is [1, 3, 4], a parameter that would reach the N of [1, 4]",
         2,
         {{3, {1, 3, 4}}, {2, {1, 4}}},
         1},
        {"Sub", "all inputs are parameters, one must be an activation", 2, {{1, {4}}, {1, {4}}}, 3},
        {"PRelu",
         "the slope would widen the data from [1, 1] to [1, 4]",
         2,
         {{2, {1, 1}}, {1, {4}}},
         2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_op_attrs a = {.fixed_ = cases[i].fixed};
        sal_shape out;
        sal_error err = {SAL_OK, ""};
        sal_status st =
            sal_op_find_(cases[i].op)->shape(&a, cases[i].n_in, cases[i].in, &out, &err);
        if (st != SAL_E_SHAPE || strcmp(err.text, cases[i].text) != 0)
            fail_msg("case %zu: status %d, '%s', wanted '%s'", i, st, err.text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_indices),
        cmocka_unit_test(ties_and_signs_are_as_said),
        cmocka_unit_test(says_what_does_not_fit),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
