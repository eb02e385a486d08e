/* check/given.c - maps that another program made. All that is random between two sets of them is the
 * randomised model, so a set is one draw, and the mean over its inputs is what is bet on. u takes the
 * same set as a: sets stay independent of each other, and D asks for means only. */
#include "check/check.h"
#include "check/judge.h"

#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_MODELS = 1 << 20, MOST_DRAWS = 4096 };
static const double NOTHING = 0.1, LIMIT = 0.5, ALPHA = 0.01;

typedef struct {
    const sal_env *env;
    const sal_maps_args *args;
    sal_rule rule;
    uint64_t seed;
    sal_metric metric;
    size_t size, n;          /* elements of a map; different maps of the original */
    size_t *place;           /* [n] among all */
    double *base;            /* [n, prepared] */
    bool *defined;           /* [n] */
    double *other, *scratch; /* [prepared]; the metric's */
    size_t pairs, undefined; /* of all sets */
} judge;

static sal_status check_args(const sal_maps_args *a, sal_error *err)
{
    if (!a->original || !a->randomised)
        return sal_fail_(err, SAL_E_ARG, "original or randomised is NULL");
    if (a->n_randomised > MOST_MODELS)
        return sal_fail_(err, SAL_E_ARG, "%zu randomised models, wanted at most %d",
                         a->n_randomised, MOST_MODELS);
    for (size_t i = 0; i < 4; i++)
        if (a->reserved_[i]) return sal_fail_(err, SAL_E_ARG, "a reserved field is not 0");
    return SAL_OK;
}

/* The fewest draws that decide when each leaves a similarity of `a`, and unrelated maps none. */
static size_t fewest(const sal_rule *rule, double a)
{
    const sal_draw d = {.r = 1, .a = a, .u = 0, .defined = true};
    sal_trial t;
    sal_trial_start_(&t, rule);
    while (!t.stop && t.counted < MOST_DRAWS) sal_trial_add_(&t, &d);
    return t.stop;
}

/* What no outcome is possible with is refused before any map is read. */
static sal_status check_count(const judge *j, sal_error *err)
{
    size_t pass = fewest(&j->rule, 0), fail = fewest(&j->rule, 1), n = j->args->n_randomised;
    size_t least = pass < fail ? pass : fail, most = pass < fail ? fail : pass;
    if (n >= least) return SAL_OK;
    return sal_fail_(
        err, SAL_E_ARG,
        "maps of %zu randomised models cannot decide at alpha %s: at the least %zu can "
        "pass and %zu can fail; %zu are a good start",
        n, SAL_SHORT(j->rule.alpha), pass, fail, 2 * most);
}

static sal_status check_set(const judge *j, const char *whose, const sal_tensor *t, sal_error *err)
{
    const sal_tensor *original = j->args->original;
    char wanted[SAL_SHAPE_TEXT], got[SAL_SHAPE_TEXT];
    if (!sal_shape_equal_(&t->shape, &original->shape))
        return sal_fail_(err, SAL_E_SHAPE, "maps of %s are %s, wanted %s", whose,
                         sal_shape_text_(&t->shape, got, sizeof got),
                         sal_shape_text_(&original->shape, wanted, sizeof wanted));
    size_t bad = sal_first_not_finite_(t->count, t->data);
    if (bad < t->count)
        return sal_fail_(err, SAL_E_VALUE, "maps of %s: map %zu is not finite at element %zu",
                         whose, bad / j->size, bad % j->size);
    return SAL_OK;
}

/* ---- the original ------------------------------------------------------------------------------- */

static sal_status open_metric(judge *j, sal_error *err)
{
    const sal_shape *s = &j->args->original->shape;
    const char *name = j->args->metric ? j->args->metric : SAL_PEARSON_FOLDED;
    sal_map_shape shape;
    sal_status st = sal_map_shape_of_(s->rank - 1, s->dims + 1, &shape, err);
    if (st == SAL_OK) st = sal_metric_open_(name, shape, true, &j->metric, err);
    if (st != SAL_OK) return st;
    const sal_maps_args *a = j->args;
    j->rule = (sal_rule){.limit = a->limit != 0 ? a->limit : LIMIT,
                         .alpha = a->alpha != 0 ? a->alpha : ALPHA,
                         .lowest = j->metric.def->info.lowest,
                         .highest = j->metric.def->info.highest,
                         .fixed_r = true,
                         .steps = 1};
    st = sal_rule_check_(&j->rule, err);
    if (st == SAL_OK && j->rule.limit >= 1)
        st = sal_fail_(err, SAL_E_ARG, "limit is %s, wanted a number in (0, 1)",
                       SAL_SHORT(j->rule.limit));
    return st;
}

/* The first of maps that are equal bit for bit: those of one input given twice. */
static sal_status find_different(judge *j, sal_error *err)
{
    const sal_tensor *t = j->args->original;
    size_t total = (size_t)t->shape.dims[0], bytes = j->size * sizeof(float);
    uint64_t *digest = sal_alloc_array_(j->env, total, sizeof *digest);
    if (!digest) return sal_no_memory_(err, "maps");
    for (size_t i = 0; i < total; i++) {
        const float *map = t->data + i * j->size;
        digest[j->n] = sal_hash_(0, map, bytes);
        size_t k = 0;
        while (k < j->n && (digest[k] != digest[j->n] ||
                            memcmp(t->data + j->place[k] * j->size, map, bytes) != 0))
            k++;
        if (k == j->n) j->place[j->n++] = i;
    }
    sal_free_(j->env, digest);
    if (j->n < 2)
        return sal_fail_(err, SAL_E_ARG,
                         "%zu maps of the original, %zu of them different: wanted at least two",
                         total, j->n);
    return SAL_OK;
}

static sal_status open_original(judge *j, sal_error *err)
{
    const sal_tensor *t = j->args->original;
    if (t->shape.rank < 2 || !t->count)
        return sal_fail_(err, SAL_E_SHAPE, "maps of the original are not [N, ...]");
    j->size = t->count / (size_t)t->shape.dims[0];
    sal_status st = open_metric(j, err);
    if (st == SAL_OK) st = check_count(j, err);
    if (st == SAL_OK) st = check_set(j, "the original", t, err);
    if (st != SAL_OK) return st;
    size_t total = (size_t)t->shape.dims[0], plane = j->metric.shape.height * j->metric.shape.width;
    j->place = sal_alloc_array_(j->env, total, sizeof *j->place);
    j->defined = sal_alloc_zero_(j->env, total, sizeof *j->defined);
    j->other = sal_alloc_array_(j->env, j->metric.prepared, sizeof *j->other);
    j->scratch = sal_alloc_array_(j->env, j->metric.scratch + plane + 1, sizeof *j->scratch);
    if (!j->place || !j->defined || !j->other || !j->scratch) return sal_no_memory_(err, "maps");
    st = find_different(j, err);
    if (st != SAL_OK) return st;
    size_t doubles;
    if (sal_mul_size_(j->n, j->metric.prepared, &doubles))
        j->base = sal_alloc_array_(j->env, doubles, sizeof *j->base);
    if (!j->base) return sal_no_memory_(err, "maps");
    for (size_t i = 0; i < j->n; i++)
        j->defined[i] = !sal_metric_prepare_(&j->metric, t->data + j->place[i] * j->size,
                                             j->base + i * j->metric.prepared, j->scratch);
    return SAL_OK;
}

static void close_judge(judge *j)
{
    sal_free_(j->env, j->place);
    sal_free_(j->env, j->base);
    sal_free_(j->env, j->defined);
    sal_free_(j->env, j->other);
    sal_free_(j->env, j->scratch);
}

/* ---- randomised models: one draw each -------------------------------------------------------------- */

static bool similarity(const judge *j, size_t i, double *value)
{
    if (!j->defined[i]) return false;
    sal_similarity s = sal_metric_compare_(&j->metric, j->base + i * j->metric.prepared, j->other,
                                           j->scratch, true);
    *value = s.value;
    return s.defined;
}

/* Every input's map with its own and with one other's: that `shift` places further. */
static void measure(judge *j, size_t k, const sal_tensor *t, sal_draw_record *out)
{
    sal_rng rng = sal_rng_for(j->seed, "maps", k);
    size_t shift = 1 + sal_rng_below_(&rng, j->n - 1), count = 0;
    double sum_a = 0, sum_u = 0;
    for (size_t i = 0; i < j->n; i++) {
        double a, u;
        bool known =
            !sal_metric_prepare_(&j->metric, t->data + j->place[i] * j->size, j->other, j->scratch);
        j->pairs++;
        if (!known || !similarity(j, i, &a) || !similarity(j, (i + shift) % j->n, &u)) {
            j->undefined++;
            continue;
        }
        sum_a += a;
        sum_u += u;
        count++;
    }
    *out = (sal_draw_record){.draw = k, .input = j->place[0], .other = j->place[shift], .r = 1};
    out->defined = count > 0;
    if (!count) return;
    out->a = sum_a / (double)count;
    out->u = sum_u / (double)count;
}

static sal_status measure_all(judge *j, sal_step_verdict *s, sal_error *err)
{
    const sal_maps_args *a = j->args;
    sal_status st = SAL_OK;
    s->records = sal_alloc_zero_(j->env, a->n_randomised, sizeof *s->records);
    if (!s->records) return sal_no_memory_(err, "draws");
    for (size_t k = 0; st == SAL_OK && k < a->n_randomised; k++) {
        char whose[48];
        sal_tensor *t = NULL;
        snprintf(whose, sizeof whose, "randomised model %zu", k);
        st = a->randomised(a->self, k, &t, err);
        if (st == SAL_OK && !t)
            st = sal_fail_(err, SAL_E_CALLBACK, "randomised handed out no maps of model %zu", k);
        if (st == SAL_OK) st = check_set(j, whose, t, err);
        if (st == SAL_OK) measure(j, k, t, &s->records[s->n_records++]);
        sal_tensor_free(t);
    }
    return st;
}

/* ---- the verdict ---------------------------------------------------------------------------------- */

static void advise(const judge *j, sal_step_verdict *s)
{
    size_t enough = 0;
    sal_text t = sal_text_into_(s->reason, sizeof s->reason);
    sal_text_add_(&t, "undecided after %zu randomised models", s->draws);
    if (s->draws - s->undefined < 2 || !s->has_statistic) return;
    double spread = sal_judge_spread_(&j->rule, s);
    if (sal_required_draws(fmin(fmax(s->statistic, 0), 1), fmin(spread, 0.5), s->limit,
                           j->rule.alpha, &enough, NULL) != SAL_OK)
        return;
    if (enough > s->draws)
        sal_text_add_(&t, "; about %zu would do at this distance and spread", enough);
    else if (!enough)
        sal_text_add_(&t, "; it lies so near the limit that 4096 would not do");
}

static sal_status decide(const judge *j, sal_step_verdict *s, sal_error *err)
{
    sal_decision d;
    sal_draw *draws = sal_alloc_array_(j->env, s->n_records, sizeof *draws);
    if (!draws) return sal_no_memory_(err, "draws");
    for (size_t k = 0; k < s->n_records; k++) {
        const sal_draw_record *r = &s->records[k];
        draws[k] = (sal_draw){r->r, r->a, r->u, r->defined};
    }
    sal_status st = sal_decide(&j->rule, draws, s->n_records, s->n_records, &d, err);
    sal_free_(j->env, draws);
    if (st != SAL_OK) return st;
    s->outcome = d.outcome;
    s->has_statistic = d.has_statistic;
    s->statistic = d.statistic;
    s->low = d.low;
    s->high = d.high;
    s->mean_r = d.mean_r;
    s->mean_a = d.mean_a;
    s->mean_u = d.mean_u;
    s->draws = d.counted;
    s->undefined = d.counted - d.defined;
    sal_text t = sal_text_into_(s->reason, sizeof s->reason);
    if (2 * j->undefined > j->pairs)
        sal_text_add_(&t,
                      "%zu of %zu similarities are undefined: a map is constant or has no value",
                      j->undefined, j->pairs);
    else if (d.defined && d.mean_r - d.mean_u < NOTHING)
        sal_text_add_(&t, "nothing to compare: unrelated maps are alike by %s",
                      SAL_SHORT(round(100 * d.mean_u) / 100));
    if (s->reason[0]) s->outcome = SAL_INVALID;
    if (s->outcome == SAL_INCONCLUSIVE) advise(j, s);
    return SAL_OK;
}

static void set_names(const judge *j, sal_verdict *v)
{
    static const char *const claims[] = {
        "depends on what was randomised", "does not depend on what was randomised",
        "does not clearly depend on what was randomised or not", "does not get a verdict on maps"};
    const sal_maps_args *a = j->args;
    sal_step_verdict *s = &v->steps[0];
    snprintf(v->check, sizeof v->check, "maps");
    snprintf(v->method, sizeof v->method, "%s", a->method ? a->method : "maps");
    snprintf(v->model, sizeof v->model, "%s", a->model ? a->model : "files");
    snprintf(v->metric, sizeof v->metric, "%s", a->metric ? a->metric : SAL_PEARSON_FOLDED);
    snprintf(v->claim, sizeof v->claim, "%s", claims[v->outcome]);
    if (a->id && a->id[0])
        snprintf(v->id, sizeof v->id, "%s", a->id);
    else
        snprintf(v->id, sizeof v->id, "%s/%s/%s", v->model, v->check, v->method);
    snprintf(s->check, sizeof s->check, "%s", v->check);
    snprintf(s->change, sizeof s->change, "against given maps of %zu randomised models",
             a->n_randomised);
    snprintf(s->scale, sizeof s->scale, "0 = maps unchanged, 1 = nothing of them is left");
    snprintf(s->meaning, sizeof s->meaning,
             "models with other parameters get the same maps:\n"
             "they show the input's structure, not what the model learned");
    s->statistic_name = 'D';
    s->limit = j->rule.limit;
    char *const texts[] = {v->method, v->model, v->metric, v->id};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        sal_text_make_safe_(texts[i], false);
}

static sal_status judge_maps(judge *j, sal_verdict *v, sal_error *err)
{
    const sal_tensor *original = j->args->original;
    sal_status st = open_original(j, err);
    if (st != SAL_OK) return st;
    v->steps = sal_alloc_zero_(j->env, 1, sizeof *v->steps);
    if (!v->steps) return sal_no_memory_(err, "a verdict");
    v->n_steps = v->total_steps = 1;
    st = measure_all(j, v->steps, err);
    if (st == SAL_OK) st = decide(j, v->steps, err);
    if (st != SAL_OK) return st;
    v->outcome = v->steps[0].outcome;
    v->alpha = j->rule.alpha;
    v->seed = j->seed;
    v->inputs = (size_t)original->shape.dims[0];
    v->distinct = j->n;
    v->min_draws = v->max_draws = j->args->n_randomised;
    v->inputs_hash = sal_hash_(0, original->data, original->count * sizeof *original->data);
    set_names(j, v);
    return SAL_OK;
}

sal_status sal_check_maps(const sal_env *env, const sal_maps_args *args, sal_verdict **verdict,
                          sal_error *err)
{
    if (!args || !verdict) return sal_fail_(err, SAL_E_ARG, "args or verdict is NULL");
    sal_status st = check_args(args, err);
    if (st != SAL_OK) return st;
    judge j = {.env = env, .args = args, .seed = args->seed ? args->seed : SAL_SEED_DEFAULT};
    sal_verdict *v = sal_alloc_zero_(env, 1, sizeof *v);
    if (!v) return sal_no_memory_(err, "a verdict");
    v->env = env;
    st = judge_maps(&j, v, err);
    close_judge(&j);
    if (st == SAL_OK)
        *verdict = v;
    else
        sal_verdict_free(v);
    return st;
}
