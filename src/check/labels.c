/* check/labels.c - does the map follow the labels (Adebayo et al. 2018)? a: the map of a twin that was
 * trained on permuted labels; u: another input's map, under the model, against the twin's. */
#include "check/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double FITTED = 0.95; /* least training accuracy, as the paper asks */

/* A twin and what explains it. */
typedef struct {
    const sal_model *model;
    sal_model *owned; /* from a fit callback */
    sal_method method;
    sal_team *team;
    sal_shelf shelf;
} twin;

typedef struct {
    twin given;
} state;

static sal_status twin_open(sal_run *run, twin *t, const sal_model *model, sal_error *err)
{
    const sal_check_args *a = run->args;
    t->model = model;
    if (!sal_shape_equal_(&model->input, &run->m->input) || model->outputs != run->m->outputs)
        return sal_fail_(err, SAL_E_SHAPE,
                         "the twin '%s' does not have the input and the %zu outputs "
                         "of '%s'",
                         model->name, run->m->outputs, run->m->name);
    sal_status st = sal_method_open_(model, a->method, a->layer, a->own_method, &t->method, err);
    if (st == SAL_OK)
        st = sal_team_create_(model, a->batch, t->method.def->one_thread, &t->team, err);
    if (st == SAL_OK) st = sal_run_probe_(run, model, &t->method, false, err);
    if (st != SAL_OK) return st;
    t->shelf = (sal_shelf){.method = &t->method, .team = t->team, .whose = "the twin"};
    return sal_shelf_open_(run, &t->shelf, err);
}

static void twin_close(sal_run *run, twin *t)
{
    sal_shelf_close_(run, &t->shelf);
    sal_team_free_(t->team);
    sal_model_free(t->owned);
    memset(t, 0, sizeof *t);
}

static sal_status check_fit(sal_run *run, const sal_model *m, const int64_t *labels,
                            const char *whose, sal_error *err)
{
    double accuracy = 0;
    sal_status st = sal_run_accuracy_(m, run->args->train_inputs, labels, &accuracy, err);
    if (st == SAL_OK && accuracy < FITTED)
        sal_run_invalid_(run,
                         "%s fits %s %% of its training labels, wanted %s %%: it has not "
                         "learned them",
                         whose, SAL_SHORT(round(1000 * accuracy) / 10), SAL_SHORT(100 * FITTED));
    return st;
}

static sal_status open(sal_run *run, sal_part *part, sal_error *err)
{
    const sal_check_args *a = run->args;
    state *s = sal_alloc_zero_(run->env, 1, sizeof *s);
    if (!s) return sal_no_memory_(err, "a check");
    part->state = s;
    part->n_steps = 1;
    if (!a->twin && !a->fit)
        return sal_fail_(err, SAL_E_ARG,
                         "check 'labels' needs .twin, a model trained on permuted "
                         "labels, or .fit, which trains one");
    if (a->twin == a->model)
        return sal_fail_(err, SAL_E_ARG, "check 'labels': the twin is the model itself");
    if (a->fit && !a->twin && (!a->train_inputs || !a->train_labels))
        return sal_fail_(err, SAL_E_ARG,
                         "check 'labels': .fit needs .train_inputs and .train_labels");
    sal_status st = SAL_OK;
    if (a->train_inputs && a->train_labels)
        st = check_fit(run, a->model, a->train_labels, "the model", err);
    if (st != SAL_OK || !a->twin) return st;
    st = twin_open(run, &s->given, a->twin, err);
    if (st == SAL_OK && a->train_inputs && a->permuted_labels)
        st = check_fit(run, a->twin, a->permuted_labels, "the twin", err);
    return st;
}

static void close(sal_run *run, sal_part *part)
{
    state *s = part->state;
    if (!s) return;
    twin_close(run, &s->given);
    sal_free_(run->env, s);
}

static void describe(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *v)
{
    (void)part;
    (void)step;
    snprintf(v->change, sizeof v->change, "%s",
             run->args->twin ? "against a twin trained on permuted labels"
                             : "against twins trained on permuted labels");
}

/* Draws against one twin. */
static sal_status compare(sal_run *run, twin *t, size_t first, size_t n, sal_draw_record *out,
                          sal_error *err)
{
    sal_pick picks[SAL_WAVE];
    size_t xs[SAL_WAVE], both[2 * SAL_WAVE];
    double r[SAL_WAVE];
    bool again[SAL_WAVE];
    for (size_t i = 0; i < n; i++) {
        picks[i] = sal_run_pick_(run, first + i);
        xs[i] = both[2 * i] = picks[i].x;
        both[2 * i + 1] = picks[i].o;
    }
    sal_status st = sal_shelf_need_(run, &run->base, 2 * n, both, err);
    if (st == SAL_OK) st = sal_shelf_need_(run, &t->shelf, n, xs, err);
    if (st == SAL_OK) st = sal_run_again_(run, n, picks, r, again, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        const sal_ready *other = &t->shelf.ready[picks[i].x];
        out[i] = (sal_draw_record){
            .input = run->place[picks[i].x], .other = run->place[picks[i].o], .r = r[i]};
        out[i].defined = sal_run_compare_(run, &run->base.ready[picks[i].x], other, &out[i].a) &&
                         sal_run_compare_(run, &run->base.ready[picks[i].o], other, &out[i].u) &&
                         again[i];
    }
    return st;
}

static sal_status fit_twin(sal_run *run, size_t number, twin *t, sal_error *err)
{
    const sal_check_args *a = run->args;
    size_t n = (size_t)sal_tensor_dim(a->train_inputs, 0);
    uint64_t seed = sal_index_pair_(run->seed, number + 1);
    int64_t *permuted = sal_alloc_array_(run->env, n + 1, sizeof *permuted);
    if (!permuted) return sal_no_memory_(err, "labels");
    sal_permute_labels(n, a->train_labels, seed, permuted);
    sal_model *made = NULL;
    int code = a->fit(a->fit_self, n, permuted, seed, &made);
    bool own = made != a->model; /* what is not a twin's own must not be released */
    t->owned = own ? made : NULL;
    sal_status st = SAL_OK;
    if (!own)
        st = sal_fail_(err, SAL_E_CALLBACK,
                       "fit returned the model under test, not a twin of its own");
    else if (code || !made)
        st =
            sal_fail_(err, SAL_E_CALLBACK, "fit returned %d and %s model", code, made ? "a" : "no");
    if (st == SAL_OK) st = check_fit(run, made, permuted, "a twin", err);
    sal_free_(run->env, permuted);
    return st == SAL_OK ? twin_open(run, t, made, err) : st;
}

/* Draws that share a trained twin are not independent: their means are one draw. */
static sal_status mean_of_twin(sal_run *run, size_t number, sal_draw_record *out, sal_error *err)
{
    enum { EACH = 8 };
    sal_draw_record inner[EACH] = {{0}};
    twin t;
    memset(&t, 0, sizeof t);
    sal_status st = fit_twin(run, number, &t, err);
    if (st == SAL_OK && !run->invalid[0]) st = compare(run, &t, number * EACH, EACH, inner, err);
    twin_close(run, &t);
    size_t n = 0;
    *out = (sal_draw_record){.defined = false};
    for (size_t i = 0; st == SAL_OK && !run->invalid[0] && i < EACH; i++) {
        out->input = inner[i].input;
        out->other = inner[i].other;
        if (!inner[i].defined) continue;
        out->r += inner[i].r;
        out->a += inner[i].a;
        out->u += inner[i].u;
        n++;
    }
    if (!n) return st;
    out->r /= (double)n;
    out->a /= (double)n;
    out->u /= (double)n;
    out->defined = true;
    return st;
}

static sal_status wave(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err)
{
    (void)step;
    state *s = part->state;
    if (run->args->twin) return compare(run, &s->given, first, n, out, err);
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < n; i++) st = mean_of_twin(run, first + i, &out[i], err);
    return st;
}

/* One twin at a time: training is dear, and the next may not be needed. */
static size_t wave_size(const sal_run *run)
{
    return run->args->twin ? SAL_WAVE : 1;
}

const sal_check_def sal_check_labels_ = {
    .info = {.name = SAL_CHECK_LABELS,
             .summary = "the map follows the labels",
             .source = "Adebayo et al. 2018",
             .metric = SAL_PEARSON_FOLDED,
             .limit = 0.5},
    .claims = {"depends on labels", "does not depend on labels",
               "does not clearly depend on labels or not", "does not get a verdict on labels"},
    .statistic_name = 'D',
    .scale = "0 = map unchanged, 1 = nothing of it is left",
    .meaning = "a model that learned nothing but noise gets the same maps:\n"
               "they show the input's structure, not what the labels taught",
    .open = open,
    .close = close,
    .describe = describe,
    .wave = wave,
    .wave_size = wave_size,
};
