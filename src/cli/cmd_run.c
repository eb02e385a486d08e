/* cli/cmd_run.c - salcheck run: a suite file, check by check; networks and inputs are read when a check
 * first needs them. */
#include "cli/inputs.h"
#include "cli/network.h"
#include "cli/progress.h"
#include "cli/shard.h"
#include "cli/tally.h"
#include "cli/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct suite_run {
    const settings *s;
    sal_suite *suite;
    network *nets; /* [n_models], open between their first and last use */
    inputs in;     /* those of the last check */
    size_t in_place, in_model;
    size_t shard, shards;
    sal_verdict **verdicts; /* [n_ids] */
    size_t n_verdicts, n_ids, done;
    tally tally;
    progress bar;
    const char *id; /* being run */
    bool broken;
} suite_run;

/* What one check needs beside its network and inputs. */
typedef struct extra {
    settings of; /* as if they were options of 'salcheck check' */
    sal_tensor *train;
    sal_labels *labels, *targets, *train_labels, *permuted;
    int64_t *same;
} extra;

/* ---- networks and inputs ------------------------------------------------------------------------ */

static sal_status need_network(suite_run *r, size_t place, sal_error *err)
{
    const sal_suite_model *m = &r->suite->models[place];
    settings of = *r->s;
    if (r->nets[place].model) return SAL_OK;
    of.output = m->output;
    of.blocks = m->blocks;
    of.grey = m->grey;
    memcpy(of.size, m->size, sizeof of.size);
    sal_status st = network_open(&of, m->file, &r->nets[place], err);
    return st == SAL_OK ? network_group(&of, &r->nets[place], err) : st;
}

static settings inputs_settings(const suite_run *r, const sal_suite_inputs *in)
{
    settings of = *r->s;
    of.n = in->n_files;
    of.arguments = (char **)(uintptr_t)in->files; /* read only */
    of.scale = in->scale;
    of.bgr = in->bgr;
    of.grey = in->grey;
    of.stretch = in->stretch;
    of.resize = in->resize;
    memcpy(of.size, in->size, sizeof of.size);
    memcpy(of.mean, in->mean, sizeof of.mean);
    memcpy(of.std, in->std, sizeof of.std);
    return of;
}

/* Pictures get the size of the network, so another network may need them anew. */
static sal_status need_inputs(suite_run *r, const sal_suite_check *c, sal_error *err)
{
    if (r->in.x && r->in_place == c->inputs && r->in_model == c->model) return SAL_OK;
    settings of = inputs_settings(r, &r->suite->inputs[c->inputs]);
    inputs_free(&r->in);
    r->in_place = c->inputs;
    r->in_model = c->model;
    return inputs_read(&of, 0, r->nets[c->model].model, &r->in, err);
}

/* Closes the networks that no check from `next` on needs. */
static void close_networks(suite_run *r, size_t next)
{
    for (size_t m = 0; m < r->suite->n_models; m++) {
        bool needed = false;
        for (size_t i = next; i < r->suite->n_checks && !needed; i++)
            needed = r->suite->checks[i].model == m || r->suite->checks[i].twin == m;
        if (!needed) network_close(&r->nets[m]);
    }
}

/* ---- one check ------------------------------------------------------------------------------------ */

static sal_status read_training(extra *x, sal_error *err)
{
    const settings *s = &x->of;
    if (!s->train) return SAL_OK;
    sal_status st = inputs_read_one(s, s->train, &x->train, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)sal_tensor_dim(x->train, 0);
    st = labels_of(s, "train-labels", s->train_labels, n, &x->train_labels, err);
    if (st == SAL_OK)
        st = labels_of(s, "permuted-labels", s->permuted_labels, n, &x->permuted, err);
    return st;
}

static sal_status read_extra(suite_run *r, const sal_suite_check *c, extra *x, sal_error *err)
{
    size_t n = (size_t)sal_tensor_dim(r->in.x, 0);
    x->of = inputs_settings(r, &r->suite->inputs[c->inputs]);
    x->of.target = c->target;
    x->of.train = c->train;
    x->of.train_labels = c->train_labels;
    x->of.permuted_labels = c->permuted_labels;
    sal_status st = labels_of(&x->of, "labels", c->labels, n, &x->labels, err);
    if (st == SAL_OK) st = targets_read(&x->of, n, &x->targets, &x->same, err);
    return st == SAL_OK ? read_training(x, err) : st;
}

static void release_extra(extra *x)
{
    sal_tensor_free(x->train);
    sal_labels_free(x->labels);
    sal_labels_free(x->targets);
    sal_labels_free(x->train_labels);
    sal_labels_free(x->permuted);
    free(x->same);
}

static const int64_t *values(const sal_labels *l)
{
    return l ? l->values : NULL;
}

static bool watch(void *self, size_t draws, size_t most)
{
    const suite_run *r = self;
    char note[96];
    snprintf(note, sizeof note, "%.36s: draw %zu of at most %zu", r->id, draws, most);
    progress_move(&r->bar, r->done, r->n_ids, note);
    return !interrupted();
}

static sal_check_args args_of(suite_run *r, const sal_suite_check *c, const extra *x)
{
    const network *net = &r->nets[c->model];
    return (sal_check_args){.check = c->check,
                            .model = net->model,
                            .inputs = r->in.x,
                            .alpha = c->alpha,
                            .limit = c->limit,
                            .max_draws = c->draws,
                            .min_draws = c->min_draws,
                            .seed = r->s->seed ? r->s->seed : c->seed,
                            .metric = c->metric,
                            .layer = network_layer(net, c->layer),
                            .targets = x->same ? x->same : values(x->targets),
                            .batch = c->batch,
                            .randomisation = c->randomisation,
                            .initialiser = c->initialiser,
                            .twin = c->twin == SAL_SUITE_NONE ? NULL : r->nets[c->twin].model,
                            .train_inputs = x->train,
                            .train_labels = values(x->train_labels),
                            .permuted_labels = values(x->permuted),
                            .labels = values(x->labels),
                            .controls = c->controls,
                            .shard = r->shard,
                            .shards = r->shards,
                            .progress = watch,
                            .progress_self = r,
                            .out = r->s->pictures};
}

static void report_broken(suite_run *r, const sal_suite_check *c, const char *id,
                          const sal_error *err)
{
    progress_end(&r->bar);
    complain(r->s, "%s: line %zu: %s%s%s", r->s->arguments[0], c->line, id ? id : "",
             id ? ": " : "", err->text);
    r->broken = true;
}

static void run_methods_of(suite_run *r, const sal_suite_check *c, const extra *x)
{
    sal_check_args a = args_of(r, c, x);
    for (size_t k = 0; k < c->n_methods && !interrupted(); k++, r->done++) {
        sal_verdict *v = NULL;
        sal_error err = {0};
        a.method = c->methods[k];
        a.id = r->id = c->ids[k];
        sal_status st = sal_check_run(&a, &v, &err);
        if (interrupted() && !v) return; /* a shard that was ended */
        if (st != SAL_OK) {
            report_broken(r, c, a.id, &err);
            continue;
        }
        progress_end(&r->bar);
        r->verdicts[r->n_verdicts++] = v;
        if (!tally_add(r->s, &r->tally, v)) r->broken = true;
    }
}

static void run_one(suite_run *r, size_t i)
{
    const sal_suite_check *c = &r->suite->checks[i];
    sal_error err = {0};
    extra x = {0};
    sal_status st = need_network(r, c->model, &err);
    if (st == SAL_OK && c->twin != SAL_SUITE_NONE) st = need_network(r, c->twin, &err);
    if (st == SAL_OK) st = need_inputs(r, c, &err);
    if (st == SAL_OK) st = read_extra(r, c, &x, &err);
    if (st == SAL_OK) {
        run_methods_of(r, c, &x);
    } else {
        report_broken(r, c, NULL, &err);
        r->done += c->n_methods;
    }
    release_extra(&x);
    close_networks(r, i + 1);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static int finish(suite_run *r)
{
    tally_print(r->s, &r->tally);
    if (interrupted())
        complain(r->s, "interrupted after %zu of %zu checks", r->n_verdicts, r->n_ids);
    int end = tally_write(r->s, &r->tally);
    if (end) return end;
    if (r->tally.count[SAL_FAIL]) return END_FAIL;
    if (r->broken) return END_ERROR;
    if (interrupted()) return END_UNDECIDED;
    return r->shards ? END_PASS : tally_end(&r->tally);
}

static int run_all(suite_run *r)
{
    const sal_suite *suite = r->suite;
    for (size_t i = 0; i < suite->n_checks; i++) r->n_ids += suite->checks[i].n_methods;
    r->nets = calloc(suite->n_models, sizeof *r->nets);
    r->verdicts = calloc(r->n_ids, sizeof(sal_verdict *));
    if (!r->nets || !r->verdicts) {
        complain(r->s, "out of memory");
        return END_ERROR;
    }
    r->bar = progress_start(r->s, "run");
    for (size_t i = 0; i < suite->n_checks && !interrupted(); i++) run_one(r, i);
    progress_end(&r->bar);
    return finish(r);
}

int run_run(const settings *s)
{
    suite_run r = {.s = s};
    sal_error err = {0};
    int end = shard_read(s, &r.shard, &r.shards);
    if (end) return end;
    if (r.shards && s->pictures)
        return misused(s, "a shard draws no pictures: it does not know what fails");
    if (r.shards && !s->out) return misused(s, "a shard needs --out, the file to merge");
    if (sal_suite_read(s->env, s->arguments[0], &r.suite, &err) != SAL_OK) {
        complain(s, "%s", err.text);
        return err.status == SAL_E_FORMAT ? END_USAGE : END_ERROR;
    }
    end = run_all(&r);
    tally_free(&r.tally);
    for (size_t i = 0; i < r.n_verdicts; i++) sal_verdict_free(r.verdicts[i]);
    for (size_t i = 0; r.nets && i < r.suite->n_models; i++) network_close(&r.nets[i]);
    inputs_free(&r.in);
    free(r.nets);
    free(r.verdicts);
    sal_suite_free(r.suite);
    return end;
}
