/* cli/cmd_check.c - salcheck check: one check, one or more methods, an exit code. */
#define _POSIX_C_SOURCE 200809L
#include "cli/inputs.h"
#include "cli/network.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_METHODS = 64, MOST_TEXT = 4096 };

typedef struct gate {
    network net, twin;
    inputs in;
    sal_tensor *train;
    sal_labels *labels, *targets, *train_labels, *permuted;
    int64_t *same;
    char text[MOST_TEXT]; /* the methods, cut at commas */
    const char *methods[MOST_METHODS];
    size_t n_methods;
    sal_check_args args;
    sal_verdict *verdicts[MOST_METHODS];
    size_t n_verdicts;
    bool broken; /* a method could not run */
} gate;

/* "gradient,smoothgrad:samples=8,spread=0.1,gradcam": what has a '=' before any ':' belongs to the
 * method in front of it. */
static sal_status split_methods(const settings *s, gate *g, sal_error *err)
{
    if (strlen(s->method) >= sizeof g->text)
        return refuse(err, SAL_E_ARG, "--method is longer than %d bytes", MOST_TEXT);
    snprintf(g->text, sizeof g->text, "%s", s->method);
    for (char *at = g->text, *comma; at; at = comma) {
        size_t word = strcspn(at, ":=,");
        comma = strchr(at, ',');
        if (comma) comma++;
        if (g->n_methods && at[word] == '=') {
            at[-1] = ','; /* put back */
        } else if (g->n_methods == MOST_METHODS) {
            return refuse(err, SAL_E_ARG, "more than %d methods", MOST_METHODS);
        } else {
            g->methods[g->n_methods++] = at;
        }
        if (comma) comma[-1] = '\0';
    }
    return SAL_OK;
}

static sal_status check_names(const settings *s, sal_error *err)
{
    const char *names[32] = {NULL};
    for (size_t i = 0; i < 31 && sal_check_get(i); i++) {
        names[i] = sal_check_get(i)->name;
        if (!strcmp(names[i], s->arguments[0])) return SAL_OK;
    }
    const char *near = nearest(s->arguments[0], names);
    return refuse(err, SAL_E_ARG, "unknown check '%.40s'%s%s%s", s->arguments[0],
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool is_model(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && !strcmp(path + n - 5, ".onnx");
}

static sal_status read_training(const settings *s, gate *g, sal_error *err)
{
    if (!s->train) return SAL_OK;
    sal_status st = inputs_read_one(s, s->train, &g->train, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)sal_tensor_dim(g->train, 0);
    st = labels_of(s, "--train-labels", s->train_labels, n, &g->train_labels, err);
    if (st == SAL_OK)
        st = labels_of(s, "--permuted-labels", s->permuted_labels, n, &g->permuted, err);
    return st;
}

static sal_status prepare(const settings *s, gate *g, sal_error *err)
{
    size_t first = 2;
    sal_status st = check_names(s, err);
    if (st == SAL_OK) st = split_methods(s, g, err);
    if (st == SAL_OK) st = network_open(s, s->arguments[1], &g->net, err);
    if (st == SAL_OK) st = network_group(s, &g->net, err);
    if (st == SAL_OK && s->n > 3 && is_model(s->arguments[2]))
        st = network_open(s, s->arguments[first++], &g->twin, err);
    if (st == SAL_OK) st = inputs_read(s, first, g->net.model, &g->in, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)sal_tensor_dim(g->in.x, 0);
    st = labels_of(s, "--labels", s->labels, n, &g->labels, err);
    if (st == SAL_OK) st = targets_read(s, n, &g->targets, &g->same, err);
    return st == SAL_OK ? read_training(s, g, err) : st;
}

static const int64_t *values(const sal_labels *l)
{
    return l ? l->values : NULL;
}

static void set_args(const settings *s, gate *g)
{
    g->args = (sal_check_args){.check = s->arguments[0],
                               .model = g->net.model,
                               .inputs = g->in.x,
                               .alpha = s->alpha,
                               .limit = s->limit,
                               .max_draws = s->draws,
                               .min_draws = s->min_draws,
                               .seed = s->seed,
                               .metric = s->metric,
                               .layer = network_layer(&g->net, s->layer),
                               .targets = g->same ? g->same : values(g->targets),
                               .batch = s->batch,
                               .randomisation = s->randomisation,
                               .initialiser = s->initialiser,
                               .twin = g->twin.model,
                               .train_inputs = g->train,
                               .train_labels = values(g->train_labels),
                               .permuted_labels = values(g->permuted),
                               .labels = values(g->labels),
                               .controls = s->controls};
}

/* The folder for pictures appears with the first check that does not pass. */
static const char *picture_folder(const settings *s)
{
    const char *folder = s->pictures ? s->pictures : "salcheck-out";
    return folder[0] ? folder : NULL;
}

static int write_line(const char *bytes, size_t size, void *self)
{
    (void)self;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

typedef struct watched {
    progress bar;
    const gate *gate;
    size_t method, step, steps; /* steps: of a method; 1 where they are not known */
} watched;

/* Every step starts with no draws. It is over at any time, so the bar shows steps; the note, how far
 * the step is at most. */
static bool watch(void *self, size_t draws, size_t most)
{
    watched *w = self;
    char note[192], of[64] = "";
    if (!draws || !w->step) w->step++;
    size_t done = w->step < w->steps ? w->step - 1 : w->steps - 1;
    if (w->steps > 1) snprintf(of, sizeof of, "step %zu of %zu, ", w->step, w->steps);
    snprintf(note, sizeof note, "%.30s: %sdraw %zu of at most %zu", w->gate->methods[w->method], of,
             draws, most);
    progress_move(&w->bar, w->method * w->steps + done, w->gate->n_methods * w->steps, note);
    return !interrupted();
}

static int run_methods_of(const settings *s, gate *g)
{
    int misuse = 0;
    sal_error err = {0};
    watched w = {.bar = progress_start(s, s->arguments[0]), .gate = g, .steps = 1};
    if (!strcmp(s->arguments[0], SAL_CHECK_PARAMS))
        w.steps = sal_randomise_steps(g->net.model, s->randomisation);
    if (!w.steps) w.steps = 1; /* the check will say what is wrong */
    g->args.progress = watch;
    g->args.progress_self = &w;
    if (!s->json) table_head();
    for (size_t i = 0; i < g->n_methods && !interrupted(); i++) {
        sal_verdict *v = NULL;
        g->args.method = g->methods[i];
        g->args.out = picture_folder(s);
        w.method = i;
        w.step = 0;
        sal_status st = sal_check_run(&g->args, &v, &err);
        progress_end(&w.bar);
        if (st != SAL_OK) {
            complain(s, "%s: %s", g->methods[i], err.text);
            misuse |= st == SAL_E_ARG;
            g->broken = true;
            continue;
        }
        g->verdicts[g->n_verdicts++] = v;
        const sal_verdict *one = v;
        if (!s->json)
            table_rows(v);
        else if (sal_report_lines(&one, 1, write_line, NULL, &err) != SAL_OK)
            complain(s, "%s", err.text);
    }
    g->args.progress_self = NULL;
    g->args.progress = NULL;
    return misuse;
}

static int summarise(const settings *s, const gate *g, int misuse)
{
    size_t count[4] = {0};
    for (size_t i = 0; i < g->n_verdicts; i++) count[g->verdicts[i]->outcome]++;
    if (interrupted())
        complain(s, "interrupted after %zu of %zu methods", g->n_verdicts, g->n_methods);
    if (count[SAL_FAIL]) return END_FAIL;
    if (g->broken) return misuse && !g->n_verdicts ? END_USAGE : END_ERROR;
    bool all = g->n_verdicts == g->n_methods && count[SAL_PASS] == g->n_verdicts;
    return all ? END_PASS : END_UNDECIDED;
}

static void release(gate *g)
{
    for (size_t i = 0; i < g->n_verdicts; i++) sal_verdict_free(g->verdicts[i]);
    sal_labels_free(g->labels);
    sal_labels_free(g->targets);
    sal_labels_free(g->train_labels);
    sal_labels_free(g->permuted);
    sal_tensor_free(g->train);
    free(g->same);
    inputs_free(&g->in);
    network_close(&g->twin);
    network_close(&g->net);
}

int run_check(const settings *s)
{
    gate g = {0};
    sal_error err = {0};
    if (s->maps || s->maps_randomised) return run_check_maps(s);
    if (s->n < 3)
        return misused(s, "an argument is missing: check CHECK MODEL.onnx [TWIN.onnx] INPUTS...");
    if (!s->method) return misused(s, "--method is missing: 'salcheck methods' lists them");
    int end;
    if (prepare(s, &g, &err) != SAL_OK) {
        end = failed(s, &err);
    } else {
        set_args(s, &g);
        int misuse = run_methods_of(s, &g);
        end = summarise(s, &g, misuse);
        if (s->out && sal_report_jsonl(s->env, (const sal_verdict *const *)g.verdicts, g.n_verdicts,
                                       s->out, &err) != SAL_OK)
            end = failed(s, &err);
    }
    release(&g);
    return end;
}
