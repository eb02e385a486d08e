/* cascade.c - the cascade of Adebayo et al. 2018 on a network from a file: blocks become random from
 * the output down, and after each the maps of all methods are compared with the trained network's.
 *
 *     onnx_cascade SAMPLES MODEL.onnx BLOCKS OUT PHOTO...
 *
 * SAMPLES gradients are averaged by smoothgrad and integrated gradients (16 do). Writes OUT/curves.png, OUT/values.csv and a sheet per photograph. */
#include "figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The paper's methods, and edges, which need no network; %s: how many gradients are averaged. Grad-CAM
 * looks at the last concatenation of an Inception v3, where there is one. */
static const char *const methods[] = {SAL_GRADIENT,         "smoothgrad:samples=%s",
                                      SAL_GRADIENT_X_INPUT, "integrated-gradients:steps=%s",
                                      SAL_GUIDED_BACKPROP,  SAL_GRADCAM,
                                      SAL_GUIDED_GRADCAM,   SAL_SOBEL};
static const char *const method_labels[] = {
    "gradient",        "smoothgrad", "gradient x input", "integrated gradients",
    "guided backprop", "gradcam",    "guided gradcam",   "edges (sobel)"};
/* As the paper's code compares: SSIM and HOG on maps scaled to [0, 1], channels each. */
static const char *const metrics[FIGURE_METRICS] = {
    SAL_SPEARMAN_ABS, SAL_SPEARMAN, "ssim:window=gaussian,scale=minmax,channels=each",
    "hog:cell=16,by=spearman,channels=each"};
static const char *const metric_labels[FIGURE_METRICS] = {"rank correlation of absolute values",
                                                          "rank correlation with signs", "SSIM",
                                                          "rank correlation of HOG"};
enum { METHODS = sizeof methods / sizeof methods[0], OUTPUTS_MOST = 4096 };

typedef struct cascade {
    sal_onnx *file;
    sal_model *model; /* with blocks */
    sal_texts *blocks;
    sal_tensor *inputs;
    size_t size;  /* of one input */
    float *first; /* [METHODS][photos][input]: the trained network's maps */
    float *maps;  /* [photos][input] */
    const char *layer;
    const char **step_labels;
    int64_t *classes;
    const char *samples;
    FILE *values;
    cascade_results r;
} cascade;

static void *room(size_t n, size_t size)
{
    void *block = calloc(n, size);
    if (!block) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return block;
}

/* ---- what there is ---------------------------------------------------------------------------- */

static sal_status read_all(cascade *c, char **arguments, int n, sal_error *err)
{
    int64_t dims[SAL_MAX_RANK];
    sal_status st = sal_onnx_load(NULL, arguments[0], NULL, &c->file, err);
    if (st != SAL_OK) return st;
    const sal_model *m = sal_onnx_get_model(c->file);
    if (!m || sal_model_input_shape(m, dims) != 3 || sal_model_outputs(m) > OUTPUTS_MOST) {
        snprintf(err->text, sizeof err->text, "%.200s: no network for pictures", arguments[0]);
        return SAL_E_SHAPE;
    }
    sal_picture_options o = {.height = dims[1], .width = dims[2], .channels = dims[0]};
    st = sal_blocks_read(NULL, arguments[1], &c->blocks, err);
    if (st == SAL_OK)
        st = sal_model_with_blocks(m, c->blocks->count, (const char *const *)c->blocks->values,
                                   &c->model, err);
    if (st == SAL_OK)
        st = sal_pictures_read(NULL, (size_t)n - 3, (const char *const *)arguments + 3, &o,
                               &c->inputs, err);
    return st;
}

static sal_status predict(cascade *c, sal_error *err)
{
    size_t k = sal_model_outputs(c->model);
    float *logits = room(c->r.photos * k, sizeof *logits);
    sal_status st = sal_model_predict(c->model, c->inputs, logits, err);
    for (size_t i = 0; st == SAL_OK && i < c->r.photos; i++)
        for (size_t j = 1; j < k; j++)
            if (logits[i * k + j] > logits[i * k + (size_t)c->classes[i]])
                c->classes[i] = (int64_t)j;
    free(logits);
    return st;
}

static sal_status prepare(cascade *c, sal_error *err)
{
    cascade_results *r = &c->r;
    r->methods = METHODS;
    r->method_labels = method_labels;
    r->metric_labels = metric_labels;
    r->photos = (size_t)sal_tensor_dim(c->inputs, 0);
    r->height = (size_t)sal_tensor_dim(c->inputs, 2);
    r->width = (size_t)sal_tensor_dim(c->inputs, 3);
    r->steps = sal_randomise_steps(c->model, SAL_CASCADE);
    r->inputs = c->inputs;
    c->size = sal_tensor_count(c->inputs) / r->photos;
    c->first = room(METHODS * r->photos * c->size, sizeof *c->first);
    c->maps = room(r->photos * c->size, sizeof *c->maps);
    r->planes =
        room((r->steps + 1) * METHODS * r->photos * r->height * r->width, sizeof *r->planes);
    r->means = room(FIGURE_METRICS * METHODS * r->steps, sizeof *r->means);
    r->classes = c->classes = room(r->photos, sizeof *c->classes);
    r->step_labels = c->step_labels = room(r->steps, sizeof *c->step_labels);
    for (size_t s = 0; s < r->steps; s++)
        c->step_labels[s] = sal_model_block_name(c->model, r->steps - 1 - s);
    sal_value v = sal_onnx_find(c->file, "mixed10");
    if (v != SAL_NO_VALUE) c->layer = sal_graph_value_name(sal_onnx_get_graph(c->file), v);
    return predict(c, err);
}

/* ---- maps ------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* As the paper shows maps: absolute values summed over the channels, from the least to the 99th
 * percentile; what is beyond is white. */
static void keep_planes(cascade *c, size_t step, size_t method, const float *maps)
{
    const cascade_results *r = &c->r;
    size_t n = r->height * r->width;
    float *sorted = room(n, sizeof *sorted);
    for (size_t i = 0; i < r->photos; i++) {
        float *to = r->planes + ((step * METHODS + method) * r->photos + i) * n;
        for (size_t k = 0; k < c->size; k++) to[k % n] += fabsf(maps[i * c->size + k]);
        memcpy(sorted, to, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, ascending);
        float least = sorted[0], most = sorted[(n - 1) * 99 / 100];
        if (!(most > least)) most = sorted[n - 1]; /* few pixels differ */
        for (size_t k = 0; k < n; k++)
            to[k] = to[k] >= most ? (most > least ? 1.0f : 0.0f) : (to[k] - least) / (most - least);
    }
    free(sorted);
}

/* The mean over the photographs where the similarity is defined. */
static sal_status compare(cascade *c, size_t step, size_t method, sal_error *err)
{
    cascade_results *r = &c->r;
    const int64_t dims[] = {(int64_t)r->photos, sal_tensor_dim(c->inputs, 1), (int64_t)r->height,
                            (int64_t)r->width};
    sal_tensor *a = NULL, *b = NULL;
    sal_similarity *s = room(r->photos, sizeof *s);
    sal_status st =
        sal_tensor_view_of(NULL, c->first + method * r->photos * c->size, 4, dims, &a, err);
    if (st == SAL_OK) st = sal_tensor_view_of(NULL, c->maps, 4, dims, &b, err);
    for (size_t k = 0; st == SAL_OK && k < FIGURE_METRICS; k++) {
        double sum = 0, n = 0;
        st = sal_metric_compare(NULL, metrics[k], a, b, s, err);
        for (size_t i = 0; st == SAL_OK && i < r->photos; i++) {
            fprintf(c->values, "%s,%zu,%s,%zu,%s,", method_labels[method], step + 1,
                    c->step_labels[step], i, metric_labels[k]);
            fprintf(c->values, s[i].defined ? "%.6f\n" : "undefined\n", s[i].value);
            if (!s[i].defined) continue;
            sum += s[i].value;
            n++;
        }
        r->means[(k * METHODS + method) * r->steps + step] = n > 0 ? sum / n : (double)NAN;
    }
    sal_tensor_free(a);
    sal_tensor_free(b);
    free(s);
    return st;
}

/* The network with the blocks of a step random; step 0 is the trained one. The class that is explained
 * stays the trained network's; the noise of smoothgrad is another at each step. */
static sal_status one_step(cascade *c, size_t step, sal_error *err)
{
    sal_params *p = NULL;
    sal_model *m = NULL;
    sal_status st = SAL_OK;
    sal_explain_options o = {
        .targets = c->classes, .layer = c->layer, .seed = step + 1, .batch = 8};
    if (step) st = sal_randomise(c->model, SAL_CASCADE, step - 1, NULL, &p, err);
    if (st == SAL_OK && step)
        st = sal_model_from_graph(sal_onnx_get_graph(c->file), sal_onnx_input(c->file),
                                  sal_onnx_output(c->file), p, &m, err);
    for (size_t i = 0; st == SAL_OK && i < METHODS; i++) {
        char method[64];
        const char *cut = strstr(methods[i], "%s");
        snprintf(method, sizeof method, "%.*s%s", cut ? (int)(cut - methods[i]) : 40, methods[i],
                 cut ? c->samples : "");
        float *maps = step ? c->maps : c->first + i * c->r.photos * c->size;
        st = sal_explain(step ? m : c->model, c->inputs, method, &o, maps, err);
        if (st != SAL_OK) break;
        keep_planes(c, step, i, maps);
        if (step) st = compare(c, step - 1, i, err);
    }
    sal_model_free(m);
    sal_params_free(p);
    return st;
}

/* ---- what comes of it ------------------------------------------------------------------------- */

static void print_table(const cascade_results *r)
{
    for (size_t k = 0; k < FIGURE_METRICS; k++) {
        printf("\n%s\n%-20s", metric_labels[k], "");
        for (size_t s = 0; s < r->steps; s++)
            printf(" %5.5s", strrchr(r->step_labels[s], '_') ? strchr(r->step_labels[s], '_') + 1
                                                             : r->step_labels[s]);
        printf("\n");
        for (size_t m = 0; m < r->methods; m++) {
            printf("%-20s", r->method_labels[m]);
            for (size_t s = 0; s < r->steps; s++) {
                double mean = r->means[(k * r->methods + m) * r->steps + s];
                if (isnan(mean))
                    printf("     -"); /* a map of zeros */
                else
                    printf(" %5.2f", mean);
            }
            printf("\n");
        }
    }
}

static sal_status draw(const cascade *c, const char *out, sal_error *err)
{
    char path[4096];
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < c->r.photos; i++) {
        snprintf(path, sizeof path, "%s/cascade-%zu.png", out, i);
        st = figure_sheet(&c->r, i, path, err);
    }
    snprintf(path, sizeof path, "%s/curves.png", out);
    return st == SAL_OK ? figure_curves(&c->r, path, err) : st;
}

static sal_status walk(cascade *c, const char *out, sal_error *err)
{
    char path[4096];
    time_t start = time(NULL);
    snprintf(path, sizeof path, "%s/values.csv", out);
    c->values = fopen(path, "w");
    if (!c->values) {
        snprintf(err->text, sizeof err->text, "%.300s: cannot be written", path);
        return SAL_E_IO;
    }
    fprintf(c->values, "method,step,block,photograph,metric,similarity\n");
    sal_status st = SAL_OK;
    for (size_t s = 0; st == SAL_OK && s <= c->r.steps; s++) {
        st = one_step(c, s, err);
        fprintf(stderr, "%2zu of %zu: %s, %ld s\n", s, c->r.steps,
                s ? c->step_labels[s - 1] : "trained", (long)(time(NULL) - start));
    }
    if (fclose(c->values) && st == SAL_OK) {
        snprintf(err->text, sizeof err->text, "%.300s: cannot be written", path);
        return SAL_E_IO;
    }
    if (st != SAL_OK) return st;
    print_table(&c->r);
    return draw(c, out, err);
}

static double at(const cascade_results *r, size_t metric, size_t method, size_t step)
{
    return r->means[(metric * r->methods + method) * r->steps + step];
}

/* What the paper found must be found again: edges never change; guided backprop hardly does while the
 * upper half is random, and the gradient does from the first block on; once all is random,
 * guided backprop's picture is another as well. */
static bool as_known(const cascade_results *r)
{
    enum { GRADIENT = 0, GUIDED = 4, EDGES = 7, ABSOLUTE = 0 };
    size_t last = r->steps - 1;
    bool edges = true;
    for (size_t s = 0; s <= last; s++) edges = edges && at(r, ABSOLUTE, EDGES, s) > 0.999;
    const struct {
        const char *claim;
        bool holds;
    } claims[] = {
        {"edges do not change", edges},
        {"guided backprop does not follow the output block", at(r, ABSOLUTE, GUIDED, 0) > 0.9},
        {"the gradient follows it", at(r, ABSOLUTE, GRADIENT, 0) < 0.8},
        {"guided backprop follows the first blocks", at(r, ABSOLUTE, GUIDED, last) < 0.6},
    };
    bool all = true;
    printf("\n");
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        printf("%-60s %s\n", claims[i].claim, claims[i].holds ? "yes" : "NO");
        all = all && claims[i].holds;
    }
    return all;
}

static void release(cascade *c)
{
    free(c->first);
    free(c->maps);
    free(c->r.planes);
    free(c->r.means);
    free(c->classes);
    free((void *)c->step_labels);
    sal_tensor_free(c->inputs);
    sal_texts_free(c->blocks);
    sal_model_free(c->model);
    sal_onnx_free(c->file);
}

int main(int argc, char **argv)
{
    cascade c = {0};
    sal_error err = {SAL_OK, ""};
    if (argc < 6) {
        fprintf(stderr, "usage: onnx_cascade SAMPLES MODEL.onnx BLOCKS OUT PHOTO...\n");
        return 2;
    }
    c.samples = argv[1];
    sal_status st = read_all(&c, argv + 2, argc - 2, &err);
    if (st == SAL_OK) st = prepare(&c, &err);
    if (st == SAL_OK) st = walk(&c, argv[4], &err);
    bool known = st == SAL_OK && as_known(&c.r);
    if (st != SAL_OK) fprintf(stderr, "onnx_cascade: %s\n", err.text);
    release(&c);
    return !known;
}
