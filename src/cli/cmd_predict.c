/* cli/cmd_predict.c - salcheck predict: the largest logits of every input. */
#include "cli/inputs.h"
#include "cli/json.h"
#include "cli/network.h"
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 32, NAME = 256 };

typedef struct answer {
    network net;
    inputs in;
    sal_texts *classes;
    sal_tensor *logits; /* [N, outputs] */
    size_t n, outputs;  /* n: inputs done, all unless it was interrupted */
} answer;

static sal_status predict(const settings *s, answer *a, sal_error *err)
{
    int64_t total = sal_tensor_dim(a->in.x, 0);
    const int64_t dims[] = {total, (int64_t)a->outputs};
    sal_status st = sal_tensor_create(s->env, 2, dims, &a->logits, err);
    progress p = progress_start(s, "predict");
    while (st == SAL_OK && (int64_t)a->n < total && !interrupted()) {
        sal_tensor *part = NULL;
        int64_t left = total - (int64_t)a->n, count = left < PIECE ? left : PIECE;
        progress_move(&p, a->n, (size_t)total, "");
        st = sal_tensor_slice(a->in.x, (int64_t)a->n, count, &part, err);
        if (st == SAL_OK)
            st = sal_model_predict(a->net.model, part,
                                   sal_tensor_data(a->logits) + a->n * a->outputs, err);
        sal_tensor_free(part);
        if (st == SAL_OK) a->n += (size_t)count;
    }
    progress_end(&p);
    return st;
}

static sal_status prepare(const settings *s, answer *a, sal_error *err)
{
    sal_status st = network_open(s, s->arguments[0], &a->net, err);
    if (st == SAL_OK) st = inputs_read(s, 1, a->net.model, &a->in, err);
    if (st == SAL_OK && s->classes) st = sal_classes_read(s->env, s->classes, &a->classes, err);
    if (st != SAL_OK) return st;
    a->outputs = sal_model_outputs(a->net.model);
    if (a->classes && a->classes->count != a->outputs && a->classes->count + 1 != a->outputs)
        complain(s, "%s names %zu classes, the network has %zu outputs", s->classes,
                 a->classes->count, a->outputs);
    return SAL_OK;
}

/* Class k by its name. A list that lacks one lacks the first: "background". */
static const char *class_name(const answer *a, size_t k)
{
    if (!a->classes) return "";
    size_t shift = a->classes->count + 1 == a->outputs;
    if (k < shift) return "background";
    return k - shift < a->classes->count ? a->classes->values[k - shift] : "";
}

/* The largest logit below (value, place): the first one on ties. */
static size_t next_best(const float *logits, size_t n, const bool *used)
{
    size_t best = n;
    for (size_t k = 0; k < n; k++)
        if (!used[k] && (best == n || logits[k] > logits[best])) best = k;
    return best;
}

static double share(const float *logits, size_t n, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += exp((double)logits[i] - (double)logits[k]);
    return 1 / sum;
}

static json_t *top_as_json(const answer *a, const float *logits, const size_t *best, size_t top)
{
    json_t *all = json_array();
    for (size_t i = 0; i < top; i++) {
        size_t k = best[i];
        json_array_append_new(
            all, json_pack("{s:I, s:o, s:o, s:o}", "class", (json_int_t)k, "name",
                           json_of(a->classes ? class_name(a, k) : NULL), "logit",
                           json_of_number((double)logits[k], true), "share",
                           json_of_number(share(logits, a->outputs, k), a->outputs > 1)));
    }
    return all;
}

static void print_top(const answer *a, const char *name, const float *logits, const size_t *best,
                      size_t top)
{
    for (size_t i = 0; i < top; i++) {
        printf("%-24s %5zu %12.6g", i ? "" : name, best[i], (double)logits[best[i]]);
        if (a->outputs > 1) printf(" %6.3f", share(logits, a->outputs, best[i]));
        printf("%s%s\n", a->classes ? "  " : "", class_name(a, best[i]));
    }
}

static int print(const settings *s, const answer *a)
{
    size_t top = s->top ? s->top : 1;
    if (top > a->outputs) top = a->outputs;
    size_t *best = calloc(top + 1, sizeof *best);
    bool *used = calloc(a->outputs + 1, sizeof *used);
    json_t *all = s->json ? json_array() : NULL;
    if (!s->json && best && used)
        printf("%-24s %5s %12s%s\n", "input", "class", "logit", a->outputs > 1 ? "  share" : "");
    for (size_t i = 0; best && used && i < a->n; i++) {
        const float *logits = sal_tensor_get_data(a->logits) + i * a->outputs;
        char name[NAME];
        inputs_name(&a->in, i, name, sizeof name);
        memset(used, 0, a->outputs * sizeof *used);
        for (size_t k = 0; k < top; k++) used[best[k] = next_best(logits, a->outputs, used)] = true;
        if (s->json)
            json_array_append_new(all, json_pack("{s:o, s:o}", "input", json_of(name), "top",
                                                 top_as_json(a, logits, best, top)));
        else
            print_top(a, name, logits, best, top);
    }
    int end = best && used ? END_PASS : END_ERROR;
    if (s->json) end = json_print(s, all);
    free(best);
    free(used);
    return end;
}

int run_predict(const settings *s)
{
    answer a = {0};
    sal_error err = {0};
    sal_status st = prepare(s, &a, &err);
    if (st == SAL_OK) st = predict(s, &a, &err);
    bool all = st == SAL_OK && a.n == (size_t)sal_tensor_dim(a.in.x, 0);
    int end = st == SAL_OK ? print(s, &a) : failed(s, &err);
    if (all && s->out && sal_npy_write_tensor(a.logits, s->out, &err) != SAL_OK)
        end = failed(s, &err);
    if (st == SAL_OK && !all) {
        complain(s, "interrupted after %zu inputs%s", a.n, s->out ? "; nothing is written" : "");
        end = END_UNDECIDED;
    }
    sal_tensor_free(a.logits);
    sal_texts_free(a.classes);
    inputs_free(&a.in);
    network_close(&a.net);
    return end;
}
