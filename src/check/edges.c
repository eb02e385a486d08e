/* check/edges.c - is the map more than a picture of its input? a: the map against a picture of x made
 * without any model; u: against the same picture of another input. One step per picture. */
#include "check/check.h"

#include <stdio.h>

enum { PICTURES = 3 };

static const struct {
    const char *method, *what;
} pictures[PICTURES] = {{SAL_SOBEL, "Sobel edges of the input, made without any model"},
                        {SAL_CANNY, "Canny edges of the input, made without any model"},
                        {SAL_INPUT, "the input itself"}};

typedef struct {
    sal_method methods[PICTURES];
    sal_shelf shelves[PICTURES];
} state;

static sal_status open(sal_run *run, sal_part *part, sal_error *err)
{
    state *s = sal_alloc_zero_(run->env, 1, sizeof *s);
    if (!s) return sal_no_memory_(err, "a check");
    part->state = s;
    part->n_steps = PICTURES;
    sal_status st = SAL_OK;
    for (size_t k = 0; st == SAL_OK && k < PICTURES; k++) {
        st = sal_method_open_(run->m, pictures[k].method, NULL, NULL, &s->methods[k], err);
        s->shelves[k] =
            (sal_shelf){.method = &s->methods[k], .team = run->team, .whose = "no model"};
        if (st == SAL_OK) st = sal_shelf_open_(run, &s->shelves[k], err);
    }
    return st;
}

static void close(sal_run *run, sal_part *part)
{
    state *s = part->state;
    if (!s) return;
    for (size_t k = 0; k < PICTURES; k++) sal_shelf_close_(run, &s->shelves[k]);
    sal_free_(run->env, s);
}

static void describe(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *v)
{
    (void)run;
    (void)part;
    snprintf(v->step, sizeof v->step, "%s", pictures[step].method);
    snprintf(v->change, sizeof v->change, "compared with %s", pictures[step].what);
}

static sal_status wave(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err)
{
    state *s = part->state;
    sal_shelf *shelf = &s->shelves[step];
    sal_pick picks[SAL_WAVE];
    size_t maps[SAL_WAVE], both[2 * SAL_WAVE];
    double r[SAL_WAVE];
    bool again[SAL_WAVE];
    for (size_t i = 0; i < n; i++) {
        picks[i] = sal_run_pick_(run, first + i);
        maps[i] = both[2 * i] = picks[i].x;
        both[2 * i + 1] = picks[i].o;
    }
    sal_status st = sal_shelf_need_(run, &run->base, n, maps, err);
    if (st == SAL_OK) st = sal_shelf_need_(run, shelf, 2 * n, both, err);
    if (st == SAL_OK) st = sal_run_again_(run, n, picks, r, again, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        const sal_ready *map = &run->base.ready[picks[i].x];
        out[i] = (sal_draw_record){
            .input = run->place[picks[i].x], .other = run->place[picks[i].o], .r = r[i]};
        out[i].defined = sal_run_compare_(run, map, &shelf->ready[picks[i].x], &out[i].a) &&
                         sal_run_compare_(run, map, &shelf->ready[picks[i].o], &out[i].u) &&
                         again[i];
    }
    return st;
}

const sal_check_def sal_check_edges_ = {
    .info = {.name = SAL_CHECK_EDGES,
             .summary = "the map is more than a picture of its input",
             .source = "Adebayo et al. 2018",
             .metric = SAL_PEARSON_ABS,
             .limit = 0.5},
    .claims = {"differs from an edge picture", "does not differ from a picture of its input",
               "does not clearly differ from a picture of its input or not",
               "does not get a verdict on edges"},
    .statistic_name = 'D',
    .scale = "0 = it is that picture, 1 = nothing in common with it",
    .meaning = "the map repaints a picture that needs no model:\n"
               "it would look the same whatever had been learned",
    .open = open,
    .close = close,
    .describe = describe,
    .wave = wave,
};
