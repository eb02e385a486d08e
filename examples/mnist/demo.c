/* demo.c - trains the MNIST network and its twin on permuted labels, then judges every explanation
 * method and control. Writes verdicts.jsonl, report.html and contact sheets into a folder.
 * usage: mnist_demo [FOLDER]    (default demo-out; MNIST_DATA names the folder of the digits) */
#include "net.h"
#include "sheets.h"
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INPUTS = 40, CLASSES = 10, MOST = 96 };

typedef struct {
    sal_tensor *train, *test, *inputs; /* inputs: a balanced few of test */
    sal_labels *train_labels, *test_labels;
    int64_t *permuted, labels[INPUTS];
    mnist_net net;
    sal_model *model, *twin;
    sal_verdict *verdicts[MOST];
    size_t n_verdicts;
} demo;

static sal_status read_digits(demo *d, sal_error *err)
{
    const char *folder = getenv("MNIST_DATA");
    char path[4][1024];
    static const char *const names[4] = {
        "train-images-2000-idx3-ubyte.gz", "train-labels-2000-idx1-ubyte.gz",
        "test-images-500-idx3-ubyte.gz", "test-labels-500-idx1-ubyte.gz"};
    for (int i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/%s", folder ? folder : MNIST_FOLDER, names[i]);
    sal_status st = sal_idx_read_images(NULL, path[0], 1.0f, &d->train, err);
    if (st == SAL_OK) st = sal_idx_read_labels(NULL, path[1], &d->train_labels, err);
    if (st == SAL_OK) st = sal_idx_read_images(NULL, path[2], 1.0f, &d->test, err);
    if (st == SAL_OK) st = sal_idx_read_labels(NULL, path[3], &d->test_labels, err);
    return st;
}

/* The first test digits of each class, as many of each. */
static sal_status pick_inputs(demo *d, sal_error *err)
{
    size_t each[CLASSES] = {0}, n = 0, size = 28 * 28;
    sal_status st =
        sal_tensor_create(NULL, 4, (const int64_t[]){INPUTS, 1, 28, 28}, &d->inputs, err);
    for (size_t i = 0; st == SAL_OK && i < d->test_labels->count && n < INPUTS; i++) {
        int64_t label = d->test_labels->values[i];
        if (each[label]++ >= INPUTS / CLASSES) continue;
        memcpy(sal_tensor_data(d->inputs) + n * size, sal_tensor_get_data(d->test) + i * size,
               size * sizeof(float));
        d->labels[n++] = label;
    }
    return st;
}

static sal_status train(demo *d, const char *what, const int64_t *labels, uint64_t seed,
                        size_t epochs, double stop, sal_model **model, sal_error *err)
{
    show_bar bar = show_bar_start(what);
    sal_fit_result r;
    sal_fit_options o = {.epochs = epochs,
                         .stop_accuracy = stop,
                         .seed = seed,
                         .progress = show_training,
                         .self = &bar};
    sal_status st = mnist_net_train(&d->net, d->train, labels, seed, &o, &r, model, err);
    show_bar_end();
    if (st == SAL_OK)
        printf("%-28s %2zu epochs, %5.1f %% of its training labels right, %.0f s\n", what, r.epochs,
               100 * r.accuracy, show_seconds() - bar.started);
    fflush(stdout);
    return st;
}

static sal_status test_accuracy(const demo *d, const sal_model *m, const char *what, sal_error *err)
{
    size_t n = d->test_labels->count, hits = 0;
    float *logits = calloc(n, CLASSES * sizeof *logits);
    sal_status st = logits ? sal_model_predict(m, d->test, logits, err) : SAL_E_NOMEM;
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        int64_t best = 0;
        for (int64_t k = 1; k < CLASSES; k++)
            if (logits[i * CLASSES + (size_t)k] > logits[i * CLASSES + (size_t)best]) best = k;
        hits += best == d->test_labels->values[i];
    }
    if (st == SAL_OK)
        printf("%-28s %5.1f %% of %zu test digits right\n", what, 100 * (double)hits / (double)n,
               n);
    free(logits);
    return st;
}

static sal_status train_both(demo *d, sal_error *err)
{
    size_t n = d->train_labels->count;
    d->permuted = calloc(n, sizeof *d->permuted);
    if (!d->permuted) return SAL_E_NOMEM;
    sal_permute_labels(n, d->train_labels->values, 1, d->permuted);
    sal_status st = mnist_net_build(NULL, &d->net, err);
    if (st == SAL_OK)
        st =
            train(d, "network, true labels", d->train_labels->values, 1, 20, 0.985, &d->model, err);
    if (st == SAL_OK)
        st = train(d, "twin, permuted labels", d->permuted, 2, 60, 0.96, &d->twin, err);
    if (st == SAL_OK) st = test_accuracy(d, d->model, "network", err);
    if (st == SAL_OK) st = test_accuracy(d, d->twin, "twin (10 % is chance)", err);
    return st;
}

static sal_status check_all(demo *d, const char *folder, sal_error *err)
{
    static const char *const checks[] = {SAL_CHECK_PARAMS, SAL_CHECK_LABELS, SAL_CHECK_EDGES,
                                         SAL_CHECK_REPRODUCIBLE, SAL_CHECK_FAITHFUL};
    enum { CHECKS = sizeof checks / sizeof checks[0] };
    size_t methods = 0;
    char pictures[1024]; /* of what does not pass */
    snprintf(pictures, sizeof pictures, "%s/salcheck-out", folder);
    while (sal_method_get(methods)) methods++;
    show_bar bar = show_bar_start("checks");
    show_table_head();
    for (size_t i = 0; i < methods; i++)
        for (size_t k = 0; k < CHECKS; k++) {
            const char *method = sal_method_get(i)->name;
            if (!strcmp(method, SAL_OWN) || !strcmp(method, "ig-sg"))
                continue; /* 1,250 gradients */
            sal_check_args a = {.check = checks[k],
                                .model = d->model,
                                .inputs = d->inputs,
                                .method = method,
                                .labels = d->labels,
                                .out = pictures,
                                .twin = d->twin,
                                .train_inputs = i ? NULL : d->train, /* once is enough */
                                .train_labels = d->train_labels->values,
                                .permuted_labels = d->permuted};
            sal_verdict *v;
            show_bar_move(&bar, (double)(i * CHECKS + k) / (double)(methods * CHECKS), method);
            sal_status st = sal_check_run(&a, &v, err);
            show_bar_end();
            if (st != SAL_OK) return st;
            show_table_row(v);
            d->verdicts[d->n_verdicts++] = v;
        }
    return SAL_OK;
}

static sal_status write_all(const demo *d, const char *folder, sal_error *err)
{
    const sal_verdict *const *all = (const sal_verdict *const *)d->verdicts;
    const sal_report_options page = {.title = "Saliency methods on MNIST digits"};
    char path[1024];
    snprintf(path, sizeof path, "%s/verdicts.jsonl", folder);
    sal_status st = sal_report_jsonl(NULL, all, d->n_verdicts, path, err);
    if (st == SAL_OK) printf("\n%s\n", path);
    snprintf(path, sizeof path, "%s/report.html", folder);
    if (st == SAL_OK) st = sal_report_write(NULL, "html", all, d->n_verdicts, &page, path, err);
    if (st == SAL_OK) printf("%s\n", path);
    for (int64_t digit = 0; st == SAL_OK && digit < 3; digit++) {
        snprintf(path, sizeof path, "%s/cascade-%lld.png", folder, (long long)digit);
        st = sheet_cascade(&d->net, d->model, d->inputs, digit, path, err);
        if (st == SAL_OK) printf("%s\n", path);
    }
    snprintf(path, sizeof path, "%s/labels.png", folder);
    if (st == SAL_OK) st = sheet_labels(d->model, d->twin, d->inputs, path, err);
    if (st == SAL_OK) printf("%s\n", path);
    return st;
}

static void release(demo *d)
{
    for (size_t i = 0; i < d->n_verdicts; i++) sal_verdict_free(d->verdicts[i]);
    sal_model_free(d->model);
    sal_model_free(d->twin);
    sal_graph_free(d->net.graph);
    free(d->permuted);
    sal_labels_free(d->train_labels);
    sal_labels_free(d->test_labels);
    sal_tensor_free(d->train);
    sal_tensor_free(d->test);
    sal_tensor_free(d->inputs);
}

int main(int argc, char **argv)
{
    static demo d;
    sal_error err = {SAL_OK, "out of memory"};
    const char *folder = argc > 1 ? argv[1] : "demo-out";
    double started = show_seconds();
    sal_status st = SAL_OK;
    if (mkdir(folder, 0777) && errno != EEXIST) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return 4;
    }
    st = read_digits(&d, &err);
    if (st == SAL_OK) st = pick_inputs(&d, &err);
    if (st == SAL_OK) st = train_both(&d, &err);
    if (st == SAL_OK) printf("\n");
    if (st == SAL_OK) st = check_all(&d, folder, &err);
    if (st == SAL_OK) st = write_all(&d, folder, &err);
    release(&d);
    if (st != SAL_OK) {
        fprintf(stderr, "mnist_demo: %s\n", err.text);
        return 4;
    }
    printf("\ndone in %.0f s\n", show_seconds() - started);
    return 0;
}
