/* model/probe_tap.c - what the activation callback of an engine must do before Grad-CAM is believed. Not
 * every wrong gradient shows: only where all of a logit passes through the layer does the gradient there
 * say how the logit moves, and nothing tells such layers from others. What differences contradict by one
 * factor in every direction is wrong in either. */
#include "model/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DIRECTIONS = 8 };
static const double STEP = 1e-3;   /* share of the input's range */
static const double ALIKE = 0.999; /* correlation over the directions: one factor in all of them */
static const double OFF = 0.1;     /* by more than this is not a kink's doing */

typedef struct {
    const sal_model *m;
    sal_worker *w;
    const sal_tap *tap;
    size_t size;            /* of the activation */
    float *value, *slope;   /* at input 0; [size] */
    float *values, *slopes; /* [2, size] */
    float *x, *logits;      /* [3, input]; [2, outputs] */
    char *reason;
    size_t room;
} probe;

static void blame(probe *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void blame(probe *p, const char *format, ...)
{
    int n = snprintf(p->reason, p->room, "adapter '%s': ", p->m->ops->adapter);
    va_list args;
    va_start(args, format);
    if (n > 0 && (size_t)n < p->room) vsnprintf(p->reason + n, p->room - (size_t)n, format, args);
    va_end(args);
}

static sal_status ask(probe *p, const float *x, int64_t target, float *value, float *slope,
                      sal_error *err)
{
    const sal_job job = {NULL, x, target};
    return sal_worker_tap_(p->w, 1, &job, p->tap, value, slope, err);
}

static bool equal(const probe *p, const float *a, const float *b)
{
    return !memcmp(a, b, p->size * sizeof *a);
}

static void check_finite(probe *p)
{
    size_t value = sal_first_not_finite_(p->size, p->value);
    size_t slope = sal_first_not_finite_(p->size, p->slope);
    if (value < p->size)
        blame(p, "activation of '%s' is not finite at element %zu", p->tap->layer, value);
    else if (slope < p->size)
        blame(p, "activation's gradient at '%s' is not finite at element %zu", p->tap->layer,
              slope);
}

/* Another input in between, then another class. */
static sal_status asks_differ(probe *p, const float *x, const float *other, sal_error *err)
{
    int64_t last = (int64_t)p->m->outputs - 1;
    sal_status st = ask(p, x, last, p->value, p->slope, err);
    if (st == SAL_OK) check_finite(p);
    if (st != SAL_OK || p->reason[0]) return st;
    st = ask(p, other, last, p->values, p->slopes, err);
    if (st == SAL_OK && equal(p, p->value, p->values))
        blame(p, "activation of '%s' is the same for two inputs", p->tap->layer);
    if (st == SAL_OK) st = ask(p, x, last, p->values, p->slopes, err);
    if (st != SAL_OK || p->reason[0]) return st;
    if (!equal(p, p->value, p->values) || !equal(p, p->slope, p->slopes))
        blame(p, "activation of '%s' differs when asked twice for one input", p->tap->layer);
    if (p->reason[0] || !last) return st;
    st = ask(p, x, 0, p->values, p->slopes, err);
    if (st != SAL_OK) return st;
    bool zero = true;
    for (size_t i = 0; i < p->size; i++) zero = zero && fabsf(p->slope[i]) <= 0;
    if (!equal(p, p->value, p->values))
        blame(p, "activation of '%s' follows the class that is asked for", p->tap->layer);
    else if (!zero && equal(p, p->slope, p->slopes))
        blame(p, "activation's gradient at '%s' is the same for logits 0 and %lld", p->tap->layer,
              (long long)last);
    return st;
}

/* How the logit moves along a direction, and how the gradient says that it does. */
static sal_status along(probe *p, size_t k, double step, double *said, double *seen, sal_error *err)
{
    size_t n = p->m->input_count, last = p->m->outputs - 1;
    float *up = p->x + n, *down = up + n;
    const sal_job jobs[2] = {{NULL, up, (int64_t)last}, {NULL, down, (int64_t)last}};
    for (size_t i = 0; i < n; i++) {
        sal_rng rng = sal_rng_for(SAL_SEED_DEFAULT, "probe tap", sal_index_pair_(k, i));
        double move = sal_rng_word_(&rng) & 1 ? step : -step;
        up[i] = (float)((double)p->x[i] + move);
        down[i] = (float)((double)p->x[i] - move);
    }
    sal_status st = sal_worker_tap_(p->w, 2, jobs, p->tap, p->values, p->slopes, err);
    if (st == SAL_OK) st = sal_worker_logits_(p->w, 2, jobs, p->logits, err);
    if (st != SAL_OK) return st;
    *seen = (double)p->logits[last] - (double)p->logits[p->m->outputs + last];
    *said = 0;
    for (size_t i = 0; i < p->size; i++)
        *said += (double)p->slope[i] * ((double)p->values[i] - (double)p->values[p->size + i]);
    return SAL_OK;
}

static sal_status factor_is_one(probe *p, const float *x, sal_error *err)
{
    size_t n = p->m->input_count;
    double low = (double)x[0], high = low, both = 0, said2 = 0, seen2 = 0;
    for (size_t i = 1; i < n; i++) {
        low = fmin(low, (double)x[i]);
        high = fmax(high, (double)x[i]);
    }
    double range = fmax(high - low, 0.05 * fmax(fabs(high), fabs(low)));
    sal_rng rng = sal_rng_for(SAL_SEED_DEFAULT, "probe tap point", 0);
    for (size_t i = 0; i < n; i++) /* away from the kinks that flat areas sit on */
        p->x[i] = (float)((double)x[i] + 0.1 * range * (sal_rng_uniform_(&rng) - 0.5));
    sal_status st = ask(p, p->x, (int64_t)p->m->outputs - 1, p->value, p->slope, err);
    for (size_t k = 0; st == SAL_OK && k < DIRECTIONS; k++) {
        double said, seen;
        st = along(p, k, STEP * range, &said, &seen, err);
        if (st != SAL_OK) return st;
        both += said * seen;
        said2 += said * said;
        seen2 += seen * seen;
    }
    if (st != SAL_OK || !(said2 > 0 && seen2 > 0)) return st;
    double factor = both / seen2;
    if (fabs(both) > ALIKE * sqrt(said2 * seen2) && fabs(factor - 1) > OFF)
        blame(p, "activation's gradient at '%s' is wrong: %s times what differences say",
              p->tap->layer, SAL_SHORT(round(100 * factor) / 100));
    return st;
}

sal_status sal_model_probe_tap_(const sal_model *m, size_t n, const float *const *x,
                                const sal_tap *tap, char *reason, size_t room, sal_error *err)
{
    probe p = {.m = m, .tap = tap, .reason = reason, .room = room};
    size_t inputs, values, total;
    reason[0] = '\0';
    if (!m->ops || n < 2) return SAL_OK;
    p.size = tap->channels * tap->height * tap->width;
    float *memory = NULL;
    if (sal_mul_size_(6, p.size, &values) && sal_mul_size_(3, m->input_count, &inputs) &&
        sal_add_size_(values, inputs, &total) && sal_add_size_(total, 2 * m->outputs, &total))
        memory = sal_alloc_array_(m->env, total, sizeof *memory);
    if (!memory) return sal_no_memory_(err, "a probe");
    p.value = memory;
    p.slope = p.value + p.size;
    p.values = p.slope + p.size;
    p.slopes = p.values + 2 * p.size;
    p.x = p.slopes + 2 * p.size;
    p.logits = p.x + 3 * m->input_count;
    sal_status st = sal_worker_create_(m, 2, &p.w, err);
    if (st == SAL_OK) st = asks_differ(&p, x[0], x[1], err);
    if (st == SAL_OK && !reason[0]) st = factor_is_one(&p, x[0], err);
    sal_worker_free_(p.w);
    sal_free_(m->env, memory);
    return st;
}
