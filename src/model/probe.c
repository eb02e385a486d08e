/* model/probe.c - what a wrapped engine must do before anything it says is believed. */
#include "model/model.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Inputs looked at; elements that are moved alone; random directions in which all elements move. A
 * way is a step up and a step down from one point. */
enum {
    LOOKS = 8,
    ELEMENTS = 5,
    DIRECTIONS = 8,
    WAYS = ELEMENTS + DIRECTIONS,
    POINTS = 1 + 2 * WAYS
};

static const double NEIGHBOURS = 1e-3; /* share of the largest logit that other inputs may move */
/* Steps, as a share of the input's range: a direction crosses many kinks, so its steps are small. */
static const double ELEMENT_STEP = 2e-3, DIRECTION_STEP = 2e-4;
/* Largest error as a share of given + measured slope. In 6,490 probes of rectified and pooled networks
 * no right gradient was blamed, half of one always, 0.8 of one in all but 0.2 %. */
static const double ELEMENT_ERROR = 0.03, DIRECTION_ERROR = 0.1;

typedef struct {
    const sal_model *m;
    sal_worker *w;
    size_t n; /* <= LOOKS */
    const float *const *x;
    float *first, *second; /* [LOOKS, outputs] */
    char *reason;
    size_t size;
} probe;

static void blame(probe *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void blame(probe *p, const char *format, ...)
{
    int n = snprintf(p->reason, p->size, "adapter '%s': ", p->m->ops->adapter);
    va_list args;
    va_start(args, format);
    if (n > 0 && (size_t)n < p->size) vsnprintf(p->reason + n, p->size - (size_t)n, format, args);
    va_end(args);
}

/* Logits of inputs `from` to `to`, in one call. */
static sal_status logits(probe *p, const sal_params *params, size_t from, size_t to, float *out,
                         sal_error *err)
{
    sal_job jobs[LOOKS];
    for (size_t i = from; i < to; i++) jobs[i - from] = (sal_job){params, p->x[i], 0};
    return sal_worker_logits_(p->w, to - from, jobs, out, err);
}

static bool same(const probe *p, size_t n)
{
    return !memcmp(p->first, p->second, n * p->m->outputs * sizeof(float));
}

/* The second time another input came before. */
static sal_status forward_repeats(probe *p, sal_error *err)
{
    sal_status st = logits(p, NULL, 0, 1, p->first, err);
    if (st == SAL_OK) st = logits(p, NULL, 1, 2, p->second, err);
    if (st == SAL_OK) st = logits(p, NULL, 0, 1, p->second, err);
    if (st == SAL_OK && !same(p, 1)) blame(p, "two forward passes of one input differ");
    return st;
}

static sal_status forward_minds_no_neighbours(probe *p, sal_error *err)
{
    double largest = 0, moved = 0;
    sal_status st = logits(p, NULL, 0, p->n, p->second, err);
    for (size_t k = 0; st == SAL_OK && k < p->m->outputs; k++) { /* p->first: input 0 alone */
        double alone = (double)p->first[k];
        largest = fmax(largest, fabs(alone));
        moved = fmax(moved, fabs((double)p->second[k] - alone));
    }
    if (st == SAL_OK && moved > NEIGHBOURS * largest)
        blame(
            p,
            "the logits of an input follow the other inputs of the call: is it in training mode?");
    return st;
}

/* ---- parameters ------------------------------------------------------------------------------- */

static sal_status nothing_has_changed_them(probe *p, sal_error *err)
{
    sal_error why;
    sal_status st = sal_model_unchanged_(p->m, &why);
    if (st == SAL_E_ARG) {
        blame(p, "its own code leaves parameters changed: forward, a gradient or saliency");
        return SAL_OK;
    }
    return st == SAL_OK ? st : sal_fail_(err, st, "%s", why.text);
}

/* Every tensor with its entries moved by one place, their signs turned, a little smaller: another
 * network, and numbers that the trained one does not hold. */
static sal_status shifted(const sal_model *m, sal_params **out, sal_error *err)
{
    sal_params *p = NULL;
    sal_status st = sal_params_clone(m->params, &p, err);
    for (size_t i = 0; st == SAL_OK && i < m->n_params; i++) {
        float *v;
        const float *from = sal_params_get(m->params, i);
        size_t n = sal_params_size(p, i);
        float sign = m->infos[i].role == SAL_NORM_VARIANCE ? 1.0f : -1.0f;
        st = sal_params_edit_(p, i, &v, err);
        for (size_t k = 0; st == SAL_OK && k < n; k++) v[k] = sign * 0.9f * from[(k + 1) % n];
    }
    if (st == SAL_OK)
        *out = p;
    else
        sal_params_free(p);
    return st;
}

static sal_status get_after_set(probe *p, const sal_params *set, sal_error *err)
{
    const sal_model *m = p->m;
    for (size_t i = 0; i < m->n_params && !p->reason[0]; i++) {
        size_t n = sal_params_size(set, i);
        sal_unset_(n, m->spare);
        int code = m->ops->get_params(m->self, i, m->spare);
        if (code) return sal_callback_failed_(m, "get_params", code, err);
        if (memcmp(m->spare, sal_params_get(set, i), n * sizeof *m->spare) != 0)
            blame(p, "get_params of '%s' does not return what set_params was given",
                  m->infos[i].name);
    }
    return SAL_OK;
}

static sal_status params_move_logits(probe *p, sal_error *err)
{
    sal_params *other = NULL;
    sal_status st = shifted(p->m, &other, err);
    if (st == SAL_OK) st = logits(p, NULL, 0, p->n, p->first, err);
    if (st == SAL_OK) st = logits(p, other, 0, p->n, p->second, err);
    if (st == SAL_OK && same(p, p->n))
        blame(p, "set_params does not change the logits: the engine ignores it");
    if (st == SAL_OK && !p->reason[0]) st = get_after_set(p, other, err);
    if (other) st = sal_model_put_back_(p->m, st, err);
    if (st == SAL_OK && !p->reason[0]) {
        st = logits(p, NULL, 0, p->n, p->second, err);
        if (st == SAL_OK && !same(p, p->n))
            blame(p, "the logits differ after the parameters were put back");
    }
    sal_params_free(other);
    return st;
}

/* ---- the gradient ----------------------------------------------------------------------------- */

typedef struct {
    float *at, *gradient, *points,
        *logits; /* [input], [input], [POINTS, input], [POINTS, outputs] */
    double range;
    size_t element[ELEMENTS];
} slopes;

/* A point near the most varied input and away from the kinks that flat areas sit on. */
static void choose_point(const probe *p, slopes *s, size_t attempt)
{
    size_t n = p->m->input_count, best = 0;
    s->range = 0;
    for (size_t k = 0; k < p->n; k++) {
        double low = (double)p->x[k][0], high = low;
        for (size_t i = 1; i < n; i++) {
            low = fmin(low, (double)p->x[k][i]);
            high = fmax(high, (double)p->x[k][i]);
        }
        double span = fmax(high - low, 0.05 * fmax(fabs(high), fabs(low)));
        if (!(span > s->range)) continue;
        s->range = span;
        best = k;
    }
    sal_rng rng = sal_rng_for(SAL_SEED_DEFAULT, "probe", attempt);
    for (size_t i = 0; i < n; i++)
        s->at[i] = (float)((double)p->x[best][i] + 0.1 * s->range * (sal_rng_uniform_(&rng) - 0.5));
}

static double step_of(const slopes *s, size_t k)
{
    return (k < ELEMENTS ? ELEMENT_STEP : DIRECTION_STEP) * s->range;
}

/* Steps of element i on way k: elements are moved alone, directions move all, up or down. */
static double moves(const slopes *s, size_t k, size_t i)
{
    if (k < ELEMENTS) return s->element[k] == i ? 1 : 0;
    sal_rng rng = sal_rng_for(SAL_SEED_DEFAULT, "probe direction", sal_index_pair_(k, i));
    return sal_rng_word_(&rng) & 1 ? 1 : -1;
}

/* The elements with the largest gradients, where a wrong one shows. */
static void choose_elements(slopes *s, size_t n)
{
    for (size_t k = 0; k < ELEMENTS; k++) {
        size_t at = SIZE_MAX;
        for (size_t i = 0; i < n; i++) {
            bool taken = false;
            for (size_t j = 0; j < k; j++) taken = taken || s->element[j] == i;
            if (!taken && (at == SIZE_MAX || fabsf(s->gradient[i]) > fabsf(s->gradient[at])))
                at = i;
        }
        s->element[k] = at == SIZE_MAX ? 0 : at;
    }
}

/* The point itself, then a step up and down every way. */
static void make_points(const slopes *s, size_t n)
{
    float *to = s->points;
    memcpy(to, s->at, n * sizeof *to);
    to += n;
    for (size_t k = 0; k < WAYS; k++, to += 2 * n)
        for (size_t i = 0; i < n; i++) {
            double step = step_of(s, k) * moves(s, k, i);
            to[i] = (float)((double)s->at[i] + step);
            to[n + i] = (float)((double)s->at[i] - step);
        }
}

/* One way: what the gradient says, what differences say, and by how much they may differ: the slopes
 * up and down tell a kink between (then both may be right), and logits have last digits. */
typedef struct {
    double given, measured, slack;
} comparison;

static comparison compare(const probe *p, const slopes *s, size_t k, size_t target)
{
    size_t outputs = p->m->outputs;
    double at = (double)s->logits[target], step = step_of(s, k);
    double up = (double)s->logits[(1 + 2 * k) * outputs + target];
    double down = (double)s->logits[(2 + 2 * k) * outputs + target];
    double largest = fmax(fabs(at), fmax(fabs(up), fabs(down)));
    comparison c = {.given = 0, .measured = (up - down) / (2 * step)};
    for (size_t i = 0; i < p->m->input_count; i++)
        c.given += moves(s, k, i) * (double)s->gradient[i];
    c.slack = fabs((up - at) - (at - down)) / step + 8 * (double)FLT_EPSILON * largest / step;
    return c;
}

static void judge_elements(probe *p, const slopes *s, size_t target)
{
    size_t wrong = 0, worst = 0;
    comparison of_worst = {0, 0, 0};
    for (size_t k = 0; k < ELEMENTS; k++) {
        comparison c = compare(p, s, k, target);
        double slack = c.slack + ELEMENT_ERROR * (fabs(c.given) + fabs(c.measured));
        if (fabs(c.given - c.measured) <= slack) continue; /* NaN is wrong */
        wrong++;
        worst = s->element[k];
        of_worst = c;
    }
    if (2 * wrong > ELEMENTS)
        blame(p, "input_gradient is wrong: logit %zu, element %zu: it says %s, differences say %s",
              target, worst, SAL_SHORT(of_worst.given), SAL_SHORT(of_worst.measured));
}

/* Together: a direction may lie across the gradient, where a right one and a wrong one are near 0. */
static void judge_directions(probe *p, const slopes *s, size_t target)
{
    double given = 0, measured = 0, error = 0;
    for (size_t k = ELEMENTS; k < WAYS; k++) {
        comparison c = compare(p, s, k, target);
        double off = fmax(fabs(c.given - c.measured) - c.slack, 0);
        given += c.given * c.given;
        measured += c.measured * c.measured;
        error += off * off;
    }
    if (sqrt(error) > DIRECTION_ERROR * (sqrt(given) + sqrt(measured)))
        blame(p,
              "input_gradient is wrong: logit %zu, in random directions: it says %s, differences "
              "say %s (rms)",
              target, SAL_SHORT(sqrt(given / DIRECTIONS)), SAL_SHORT(sqrt(measured / DIRECTIONS)));
}

static sal_status one_target(probe *p, slopes *s, size_t target, sal_error *err)
{
    size_t n = p->m->input_count;
    sal_job jobs[POINTS] = {{NULL, s->at, (int64_t)target}};
    sal_status st = sal_worker_gradient_(p->w, 1, jobs, NULL, s->gradient, NULL, err);
    if (st != SAL_OK) return st;
    size_t bad = sal_first_not_finite_(n, s->gradient);
    if (bad < n) {
        blame(p, "input_gradient is not finite at element %zu", bad);
        return SAL_OK;
    }
    choose_elements(s, n);
    make_points(s, n);
    for (size_t k = 0; k < POINTS; k++) jobs[k] = (sal_job){NULL, s->points + k * n, 0};
    st = sal_worker_logits_(p->w, POINTS, jobs, s->logits, err);
    if (st == SAL_OK) judge_elements(p, s, target);
    if (st == SAL_OK && !p->reason[0]) judge_directions(p, s, target);
    return st;
}

static sal_status gradient_agrees(probe *p, sal_error *err)
{
    const sal_model *m = p->m;
    slopes s;
    size_t inputs, logits_size;
    float *memory = NULL;
    if (sal_mul_size_(POINTS + 2, m->input_count, &inputs) &&
        sal_mul_size_(POINTS, m->outputs, &logits_size) &&
        sal_add_size_(inputs, logits_size, &inputs))
        memory = sal_alloc_array_(m->env, inputs, sizeof *memory);
    if (!memory) return sal_no_memory_(err, "a probe");
    s.at = memory;
    s.gradient = s.at + m->input_count;
    s.points = s.gradient + m->input_count;
    s.logits = s.points + POINTS * m->input_count;
    sal_status st = SAL_OK;
    for (size_t attempt = 0; attempt < 2;
         attempt++) { /* a second opinion: pools may tie at a point */
        p->reason[0] = '\0';
        choose_point(p, &s, attempt);
        st = one_target(p, &s, m->outputs - 1, err);
        if (st == SAL_OK && !p->reason[0] && m->outputs > 1) st = one_target(p, &s, 0, err);
        if (st != SAL_OK || !p->reason[0]) break;
    }
    sal_free_(m->env, memory);
    return st;
}

sal_status sal_model_probe_(const sal_model *m, size_t n, const float *const *x, bool needs_params,
                            bool needs_gradient, char *reason, size_t size, sal_error *err)
{
    probe p = {.m = m, .n = n < LOOKS ? n : LOOKS, .x = x, .reason = reason, .size = size};
    reason[0] = '\0';
    if (!m->ops) return SAL_OK;
    float *memory = sal_alloc_array_(m->env, 2 * LOOKS * m->outputs, sizeof *memory);
    if (!memory) return sal_no_memory_(err, "a probe");
    p.first = memory;
    p.second = memory + LOOKS * m->outputs;
    sal_status st = sal_worker_create_(m, POINTS, &p.w, err);
    if (st == SAL_OK) st = forward_repeats(&p, err);
    if (st == SAL_OK && !reason[0]) st = forward_minds_no_neighbours(&p, err);
    if (st == SAL_OK && !reason[0]) st = nothing_has_changed_them(&p, err);
    if (st == SAL_OK && !reason[0] && needs_params && m->params) st = params_move_logits(&p, err);
    if (st == SAL_OK && !reason[0] && needs_gradient && m->ops->input_gradient)
        st = gradient_agrees(&p, err);
    sal_worker_free_(p.w);
    sal_free_(m->env, memory);
    return st;
}
