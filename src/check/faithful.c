/* check/faithful.c - do the pixels that the map ranks first move the logit? The top fifth takes the
 * values of another input; F is the share of 8 random sets of the same size that move it less. */
#include "check/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SETS = 8, EVALUATIONS = SETS + 1 };

typedef struct {
    float *maps; /* [n, input], made when first needed */
    bool *known;
    float *changed; /* [SAL_WAVE, EVALUATIONS, input] */
    float *logits;
    size_t *order, *rank; /* pixels */
    double *weight;
} state;

static size_t pixels_of(const sal_run *run)
{
    return run->metric.shape.height * run->metric.shape.width;
}

static sal_status open(sal_run *run, sal_part *part, sal_error *err)
{
    size_t size = run->m->input_count, pixels = pixels_of(run);
    state *s = sal_alloc_zero_(run->env, 1, sizeof *s);
    if (!s) return sal_no_memory_(err, "a check");
    part->state = s;
    part->n_steps = 1;
    s->maps = sal_alloc_array_(run->env, run->n * size, sizeof *s->maps);
    s->known = sal_alloc_zero_(run->env, run->n, sizeof *s->known);
    s->changed = sal_alloc_array_(run->env, EVALUATIONS * SAL_WAVE * size, sizeof *s->changed);
    s->logits =
        sal_alloc_array_(run->env, EVALUATIONS * SAL_WAVE * run->m->outputs, sizeof *s->logits);
    s->order = sal_alloc_array_(run->env, pixels, sizeof *s->order);
    s->rank = sal_alloc_array_(run->env, pixels, sizeof *s->rank);
    s->weight = sal_alloc_array_(run->env, pixels, sizeof *s->weight);
    if (pixels < 5)
        return sal_fail_(err, SAL_E_SHAPE,
                         "check 'faithful' needs at least 5 pixels, the input has "
                         "%zu",
                         pixels);
    bool got = s->maps && s->known && s->changed && s->logits && s->order && s->rank && s->weight;
    return got ? SAL_OK : sal_no_memory_(err, "a check");
}

static void close(sal_run *run, sal_part *part)
{
    state *s = part->state;
    if (!s) return;
    sal_free_(run->env, s->maps);
    sal_free_(run->env, s->known);
    sal_free_(run->env, s->changed);
    sal_free_(run->env, s->logits);
    sal_free_(run->env, s->order);
    sal_free_(run->env, s->rank);
    sal_free_(run->env, s->weight);
    sal_free_(run->env, s);
}

static void describe(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *v)
{
    (void)run;
    (void)part;
    (void)step;
    snprintf(v->change, sizeof v->change,
             "the top 20 %% of the pixels replaced by another input's");
}

static sal_status need_maps(sal_run *run, state *s, size_t n, const sal_pick *picks, sal_error *err)
{
    sal_explain_job jobs[SAL_WAVE];
    size_t inputs[SAL_WAVE], missing = 0, size = run->m->input_count;
    for (size_t i = 0; i < n; i++) {
        if (s->known[picks[i].x]) continue;
        s->known[picks[i].x] = true;
        inputs[missing] = picks[i].x;
        jobs[missing++] = sal_run_job_(run, picks[i].x, NULL);
    }
    if (!missing) return SAL_OK;
    sal_status st = sal_team_explain_(run->team, &run->method, missing, jobs, run->maps, err);
    for (size_t i = 0; st == SAL_OK && i < missing; i++) {
        float *map = s->maps + inputs[i] * size;
        memcpy(map, run->maps + i * size, size * sizeof *map);
        size_t bad = sal_first_not_finite_(size, map);
        if (bad < size)
            sal_run_invalid_(run,
                             "the map of input %zu under the trained model is not finite at "
                             "element %zu",
                             run->place[inputs[i]], bad);
    }
    return st;
}

/* Sifts down a heap of pixel numbers whose lightest (on ties the later in rank) is at its root. */
static bool lighter(const state *s, size_t a, size_t b)
{
    if (s->weight[a] < s->weight[b] || s->weight[a] > s->weight[b])
        return s->weight[a] < s->weight[b];
    return s->rank[a] > s->rank[b];
}

static void sift(const state *s, size_t *heap, size_t n, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && lighter(s, heap[child + 1], heap[child])) child++;
        if (!lighter(s, heap[child], heap[at])) return;
        size_t keep = heap[at];
        heap[at] = heap[child];
        heap[child] = keep;
    }
}

/* The `top` heaviest pixels into s->order; ties are broken by the draw's own order. */
static bool rank_pixels(const sal_run *run, state *s, const float *map, sal_rng *rng, size_t top)
{
    size_t pixels = pixels_of(run);
    bool flat = true;
    for (size_t p = 0; p < pixels; p++) {
        s->weight[p] = 0;
        for (size_t c = 0; c < run->metric.shape.channels; c++)
            s->weight[p] += fabs((double)map[c * pixels + p]);
        flat = flat && !(s->weight[p] < s->weight[0] || s->weight[p] > s->weight[0]);
    }
    if (flat) return false;
    sal_rng_shuffle_(rng, pixels, s->rank);
    for (size_t p = 0; p < top; p++) s->order[p] = p;
    for (size_t i = top / 2; i-- > 0;) sift(s, s->order, top, i);
    for (size_t p = top; p < pixels; p++)
        if (lighter(s, s->order[0], p)) {
            s->order[0] = p;
            sift(s, s->order, top, 0);
        }
    return true;
}

static void replace(const sal_run *run, const float *x, const float *o, size_t n,
                    const size_t *pixels, float *out)
{
    size_t plane = pixels_of(run);
    memcpy(out, x, run->m->input_count * sizeof *out);
    for (size_t c = 0; c < run->metric.shape.channels; c++)
        for (size_t i = 0; i < n; i++) out[c * plane + pixels[i]] = o[c * plane + pixels[i]];
}

/* Fills the nine changed inputs of one draw; false when the map ranks nothing. */
static bool change_inputs(const sal_run *run, state *s, size_t draw, const sal_pick *p, float *out)
{
    size_t size = run->m->input_count, pixels = pixels_of(run), top = (pixels + 2) / 5;
    sal_rng rng = sal_rng_for(run->seed, "faithful", draw);
    if (!rank_pixels(run, s, s->maps + p->x * size, &rng, top)) return false;
    replace(run, run->x[p->x], run->x[p->o], top, s->order, out);
    for (size_t k = 1; k <= SETS; k++) {
        sal_rng_shuffle_(&rng, pixels, s->order);
        replace(run, run->x[p->x], run->x[p->o], top, s->order, out + k * size);
    }
    return true;
}

static double share_moved_less(const sal_run *run, const sal_pick *p, const float *logits)
{
    size_t outputs = run->m->outputs, class = (size_t)run->target[p->x];
    double before = (double)run->logits[p->x * outputs + class], share = 0;
    double move = fabs((double)logits[class] - before);
    for (size_t k = 1; k <= SETS; k++) {
        double other = fabs((double)logits[k * outputs + class] - before);
        share += other < move ? 1 : other > move ? 0 : 0.5;
    }
    return share / SETS;
}

static sal_status wave(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err)
{
    (void)step;
    state *s = part->state;
    sal_pick picks[SAL_WAVE];
    sal_job jobs[SAL_WAVE * EVALUATIONS];
    size_t size = run->m->input_count, count = 0;
    for (size_t i = 0; i < n; i++) picks[i] = sal_run_pick_(run, first + i);
    sal_status st = need_maps(run, s, n, picks, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        float *changed = s->changed + count * size;
        out[i] =
            (sal_draw_record){.input = run->place[picks[i].x], .other = run->place[picks[i].o]};
        out[i].defined = change_inputs(run, s, first + i, &picks[i], changed);
        for (size_t k = 0; out[i].defined && k < EVALUATIONS; k++)
            jobs[count++] = (sal_job){NULL, changed + k * size, 0};
    }
    if (st == SAL_OK && count) st = sal_team_logits_(run->team, count, jobs, s->logits, err);
    size_t numbers = st == SAL_OK ? count * run->m->outputs : 0;
    if (sal_first_not_finite_(numbers, s->logits) < numbers)
        sal_run_invalid_(run, "a logit is not finite after pixels were replaced");
    const float *logits = s->logits;
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        if (!out[i].defined) continue;
        out[i].a = share_moved_less(run, &picks[i], logits);
        logits += EVALUATIONS * run->m->outputs;
    }
    return st;
}

const sal_check_def sal_check_faithful_ = {
    .info = {.name = SAL_CHECK_FAITHFUL,
             .summary = "the pixels it points at move the logit",
             .source = "pixel flipping, Samek et al. 2017, against random sets",
             .limit = 0.65},
    .claims = {"points at what moves the logit", "does not point at what moves the logit",
               "does not clearly point at what moves the logit or not",
               "does not get a verdict on faithfulness"},
    .statistic_name = 'F',
    .scale = "0.5 = no better than random pixels, 1 = always better",
    .meaning = "changing the pixels that the map ranks first moves the answer hardly more than\n"
               "changing as many at random: it points at the wrong places",
    .mean = true,
    .open = open,
    .close = close,
    .describe = describe,
    .wave = wave,
};
