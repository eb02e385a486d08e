/* check/compose.c - the public call: parts and steps one after the other, one outcome, and what goes
 * with it: controls, the picture, the engine's parameters put back. */
#include "check/check.h"
#include "check/judge.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PARTS = 4 };

/* The parts of the check that is asked for. */
typedef struct {
    sal_part parts[MOST_PARTS];
    size_t n, steps;
} plan;

static sal_status open_parts(sal_run *run, const sal_check_def *def, plan *p, sal_error *err)
{
    const sal_check_def *const alone[] = {def, NULL};
    const sal_check_def *const *parts = def->parts ? def->parts : alone;
    double limit = run->args->limit;
    if (def->parts && limit > 0)
        return sal_fail_(err, SAL_E_ARG,
                         "check '%s' has a limit for each part: set .limit on the "
                         "part alone",
                         def->info.name);
    for (; parts[p->n]; p->n++) {
        sal_part *part = &p->parts[p->n];
        *part = (sal_part){.def = parts[p->n]};
        part->limit = limit > 0 ? limit : part->def->info.limit;
        sal_status st = part->def->open(run, part, err);
        if (st != SAL_OK) {
            p->n++; /* what it had made is closed with the others */
            return st;
        }
        p->steps += part->n_steps;
    }
    return SAL_OK;
}

static void close_parts(sal_run *run, plan *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->parts[i].def->close) p->parts[i].def->close(run, &p->parts[i]);
}

/* A run whose preconditions do not hold at all: one step that says so. */
static void all_invalid(const sal_run *run, const sal_part *part, sal_verdict *v)
{
    sal_step_verdict *s = &v->steps[0];
    v->n_steps = 1;
    v->outcome = s->outcome = SAL_INVALID;
    sal_decide_terms_(run, part, s);
    if (part->def->describe && part->n_steps) part->def->describe(run, part, 0, s);
    snprintf(s->reason, sizeof s->reason, "%s", run->invalid);
}

static sal_status decide_all(sal_run *run, plan *p, sal_verdict *v, sal_error *err)
{
    v->total_steps = p->steps;
    v->steps = sal_alloc_zero_(run->env, p->steps, sizeof *v->steps);
    if (!v->steps) return sal_no_memory_(err, "a verdict");
    if (run->invalid[0]) {
        all_invalid(run, &p->parts[0], v);
        return SAL_OK;
    }
    v->outcome = SAL_PASS;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->parts[i].n_steps && v->outcome != SAL_FAIL && !run->ended; k++) {
            v->n_steps++;
            sal_status st = sal_decide_step_(run, &p->parts[i], k, v, err);
            if (st != SAL_OK) return st;
            sal_judge_whole_(v);
        }
    if (run->ended && v->outcome == SAL_PASS && v->n_steps < p->steps) {
        v->outcome = SAL_INCONCLUSIVE;
        v->decisive = v->n_steps - 1;
        snprintf(v->steps[v->decisive].reason, sizeof v->steps->reason,
                 "ended by the caller before the other steps");
    }
    return SAL_OK;
}

static void add_option(sal_text *t, const char *name, const char *value)
{
    if (value) sal_text_add_(t, "%s%s=%s", t->length ? " " : "", name, value);
}

static const char *number(uint64_t hash, char text[24])
{
    snprintf(text, 24, "%016llx", (unsigned long long)hash);
    return text;
}

static uint64_t hash_of_blocks(const sal_model *m)
{
    uint64_t hash = sal_hash_(0, m->block_of, m->n_layers * sizeof *m->block_of);
    for (size_t i = 0; i < m->n_blocks; i++)
        hash = sal_hash_(hash, m->blocks[i], strlen(m->blocks[i]) + 1);
    return hash;
}

/* What the named fields do not say and yet changes the question. */
static void set_options(const sal_run *run, sal_verdict *v)
{
    const sal_check_args *a = run->args;
    sal_text t = sal_text_into_(v->options, sizeof v->options);
    char hash[24];
    add_option(&t, "layer", a->layer);
    add_option(&t, "initialiser", a->initialiser);
    if (a->target_rule == SAL_TARGET_CURRENT) add_option(&t, "target", "current");
    if (a->targets)
        add_option(
            &t, "targets",
            number(sal_hash_(0, a->targets, (size_t)a->inputs->shape.dims[0] * sizeof *a->targets),
                   hash));
    if (run->m->block_names) add_option(&t, "blocks", number(hash_of_blocks(run->m), hash));
    if (a->twin) add_option(&t, "twin", a->twin->name);
    if (a->twin && a->twin->params)
        add_option(&t, "twin_hash", number(sal_params_digest_(a->twin->params), hash));
}

static void set_id(const sal_check_args *a, sal_verdict *v)
{
    bool usual = !v->randomisation[0] || !strcmp(v->randomisation, SAL_TOP);
    if (a->id && a->id[0])
        snprintf(v->id, sizeof v->id, "%s", a->id);
    else
        snprintf(v->id, sizeof v->id, "%s/%s%s%s/%s", v->model, v->check, usual ? "" : ":",
                 usual ? "" : v->randomisation, v->method);
}

static void set_head(const sal_run *run, const sal_check_def *def, sal_verdict *v)
{
    const sal_check_args *a = run->args;
    bool compares = def->info.metric != NULL;
    snprintf(v->check, sizeof v->check, "%s", def->info.name);
    bool own = !a->method || !strcmp(a->method, SAL_OWN); /* else the name with its options */
    snprintf(v->method, sizeof v->method, "%s", own ? sal_method_name_(&run->method) : a->method);
    snprintf(v->metric, sizeof v->metric, "%s",
             !compares   ? ""
             : a->metric ? a->metric
                         : def->info.metric);
    snprintf(v->randomisation, sizeof v->randomisation, "%s",
             !def->changes_params ? ""
             : a->randomisation   ? a->randomisation
                                  : SAL_TOP);
    snprintf(v->model, sizeof v->model, "%s", run->m->name);
    v->model_hash = run->m->params ? sal_params_digest_(run->m->params) : 0;
    v->inputs_hash = sal_hash_(0, a->inputs->data, a->inputs->count * sizeof(float));
    v->alpha = run->alpha;
    v->seed = run->seed;
    v->min_draws = a->min_draws;
    v->max_draws = run->max_draws;
    set_options(run, v);
    set_id(a, v);
    v->inputs = (size_t)a->inputs->shape.dims[0];
    v->distinct = run->n;
    v->measured_r = run->measured_r;
    v->shard = a->shard;
    v->shards = a->shards;
    char *const head[] = {v->id, v->options, v->method, v->metric, v->randomisation, v->model};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) sal_text_make_safe_(head[i], false);
}

/* Names come from the caller: what is kept of them can be printed anywhere. */
static void make_steps_safe(sal_verdict *v)
{
    for (size_t i = 0; i < v->n_steps; i++) {
        sal_text_make_safe_(v->steps[i].step, false);
        sal_text_make_safe_(v->steps[i].change, false);
        sal_text_make_safe_(v->steps[i].reason, false);
    }
}

/* NOLINTBEGIN(misc-no-recursion): controls are checks run by a check; they have none themselves */
static sal_status run_all(const sal_check_args *args, const sal_check_def *def, sal_run *run,
                          plan *p, sal_verdict *v, sal_error *err)
{
    sal_status st = sal_run_open_(args, def, run, err);
    if (st == SAL_OK) st = open_parts(run, def, p, err);
    if (st == SAL_OK) st = sal_run_probe_(run, run->m, &run->method, def->changes_params, err);
    if (st == SAL_OK && args->controls && !run->invalid[0]) {
        char reason[sizeof run->invalid] = "";
        st = sal_run_controls_(args, def, reason, sizeof reason, err);
        if (st == SAL_OK && reason[0]) sal_run_invalid_(run, "%s", reason);
    }
    if (st == SAL_OK) set_head(run, def, v);
    if (st == SAL_OK) st = decide_all(run, p, v, err);
    if (st != SAL_OK) return st;
    sal_check_claim_(v);
    make_steps_safe(v);
    bool draws_map = v->outcome != SAL_PASS && !v->shards && args->out && args->out[0];
    return draws_map ? sal_run_picture_(run, v, err) : SAL_OK;
}

sal_status sal_check_run(const sal_check_args *args, sal_verdict **verdict, sal_error *err)
{
    if (!args || !verdict) return sal_fail_(err, SAL_E_ARG, "args or verdict is NULL");
    const sal_check_def *def = sal_check_find_(args->check, err);
    if (!def) return SAL_E_ARG;
    sal_status st = sal_model_unchanged_(args->model, err);
    if (st == SAL_OK) st = sal_model_unchanged_(args->twin, err);
    if (st != SAL_OK) return st;
    const sal_env *env = args->model ? args->model->env : NULL;
    sal_run *run = sal_alloc_zero_(env, 1, sizeof *run);
    sal_verdict *v = sal_alloc_zero_(env, 1, sizeof *v);
    plan p;
    memset(&p, 0, sizeof p);
    if (v) v->env = env;
    if (!run || !v) st = sal_no_memory_(err, "a check");
    if (st == SAL_OK) {
        st = run_all(args, def, run, &p, v, err);
        close_parts(run, &p);
        sal_run_close_(run);
    }
    /* whatever happened, the engines get their parameters back */
    st = sal_model_put_back_(args->model, st, err);
    st = sal_model_put_back_(args->twin, st, err);
    sal_free_(env, run);
    if (st == SAL_OK)
        *verdict = v;
    else
        sal_verdict_free(v);
    return st;
}

static sal_status control(const sal_check_args *args, const char *method, sal_outcome *outcome,
                          sal_error *err)
{
    sal_check_args a = *args;
    sal_verdict *v;
    a.method = method;
    a.own_method = NULL;
    a.controls = false;
    a.out = NULL;
    a.min_draws = 0;
    a.shard = a.shards = 0;
    a.progress = NULL;
    sal_status st = sal_check_run(&a, &v, err);
    if (st != SAL_OK) return st;
    *outcome = v->outcome;
    sal_verdict_free(v);
    return SAL_OK;
}

sal_status sal_run_controls_(const sal_check_args *args, const sal_check_def *def, char *reason,
                             size_t size, sal_error *err)
{
    sal_outcome edges, noise;
    sal_check_args a = *args;
    if (def->parts)
        a.check = SAL_CHECK_PARAMS;
    else if (def->mean)
        return sal_fail_(err, SAL_E_ARG,
                         "check '%s' has no controls: they compare maps of two models",
                         def->info.name);
    sal_status st = control(&a, SAL_SOBEL, &edges, err);
    if (st == SAL_OK) st = control(&a, SAL_RANDOM_FROM_PARAMS, &noise, err);
    if (st != SAL_OK) return st;
    if (edges != SAL_FAIL)
        snprintf(reason, size, "the control 'sobel' should fail here and came out as %s",
                 sal_outcome_name(edges));
    else if (noise == SAL_FAIL)
        snprintf(reason, size, "the control 'random-from-params' should not fail here and did");
    return SAL_OK;
}
/* NOLINTEND(misc-no-recursion) */
