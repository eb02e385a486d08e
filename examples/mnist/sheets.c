/* sheets.c - see sheets.h. Every map is divided by its root mean square: only its shape is shown. */
#include "sheets.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const methods[] = {
    SAL_SOBEL,   SAL_GRADIENT, SAL_SMOOTHGRAD,     SAL_GRADIENT_X_INPUT, SAL_INTEGRATED_GRADIENTS,
    SAL_VARGRAD, SAL_GRADCAM,  SAL_GUIDED_GRADCAM, SAL_DECONVNET,        SAL_GUIDED_BACKPROP};
enum { METHODS = sizeof methods / sizeof methods[0], SIDE = 28, PIXELS = SIDE * SIDE };

static const char *const row_labels[METHODS] = {
    "edges (sobel)", "gradient", "smoothgrad",     "gradient x input", "integrated gradients",
    "vargrad",       "gradcam",  "guided gradcam", "deconvnet",        "guided backprop"};

static sal_cell cell(const float *data, sal_cell_kind kind)
{
    return (sal_cell){data, 1, SIDE, SIDE, kind};
}

static sal_status map_of(const sal_model *m, const sal_tensor *inputs, int64_t digit,
                         int64_t target, const char *method, float *map, sal_error *err)
{
    sal_tensor *x;
    sal_status st = sal_tensor_slice(inputs, digit, 1, &x, err);
    if (st != SAL_OK) return st;
    st = sal_explain(m, x, method, &(sal_explain_options){.targets = &target}, map, err);
    sal_tensor_free(x);
    return st;
}

static sal_status class_of(const sal_model *m, const sal_tensor *inputs, int64_t digit,
                           int64_t *target, sal_error *err)
{
    float logits[10];
    sal_tensor *x;
    sal_status st = sal_tensor_slice(inputs, digit, 1, &x, err);
    if (st != SAL_OK) return st;
    st = sal_model_predict(m, x, logits, err);
    sal_tensor_free(x);
    *target = 0;
    for (int k = 1; k < 10; k++)
        if (logits[k] > logits[*target]) *target = k;
    return st;
}

/* The model with the layers of cascade step - 1 made random; step 0 is the trained one. */
static sal_status cascaded(const mnist_net *net, const sal_model *model, size_t step,
                           sal_model **out, sal_error *err)
{
    sal_params *p;
    sal_status st = sal_randomise(model, SAL_CASCADE, step - 1, NULL, &p, err);
    if (st != SAL_OK) return st;
    st = sal_model_from_graph(net->graph, net->input, net->logits, p, out, err);
    sal_params_free(p);
    return st;
}

sal_status sheet_cascade(const mnist_net *net, const sal_model *model, const sal_tensor *inputs,
                         int64_t digit, const char *path, sal_error *err)
{
    enum { STEPS = 5, COLUMNS = STEPS + 1 };
    static const char *const columns[COLUMNS] = {"input",      "trained",      "fc2 random",
                                                 "... to fc1", "... to conv2", "... to conv1"};
    float *maps = calloc(METHODS * STEPS, PIXELS * sizeof *maps);
    sal_cell cells[METHODS * COLUMNS];
    int64_t target;
    sal_status st = class_of(model, inputs, digit, &target, err);
    for (size_t step = 0; maps && st == SAL_OK && step < STEPS; step++) {
        sal_model *random = NULL;
        if (step) st = cascaded(net, model, step, &random, err);
        for (size_t i = 0; st == SAL_OK && i < METHODS; i++) {
            float *map = maps + (i * STEPS + step) * PIXELS;
            st = map_of(random ? random : model, inputs, digit, target, methods[i], map, err);
            cells[i * COLUMNS] =
                cell(sal_tensor_get_data(inputs) + digit * PIXELS, SAL_CELL_PICTURE);
            cells[i * COLUMNS + 1 + step] = cell(map, i ? SAL_CELL_MAP : SAL_CELL_PICTURE);
        }
        sal_model_free(random);
    }
    sal_sheet sheet = {
        .title = "Does the map change when the network is randomised from the top?",
        .note = "MNIST CNN; a method whose row stays the same does not explain the model",
        .columns = COLUMNS,
        .rows = METHODS,
        .column_labels = columns,
        .row_labels = row_labels,
        .cells = cells,
        .each_by_its_rms = true};
    if (st == SAL_OK && maps) st = sal_sheet_write(NULL, &sheet, path, err);
    free(maps);
    return st;
}

sal_status sheet_labels(const sal_model *model, const sal_model *twin, const sal_tensor *inputs,
                        const char *path, sal_error *err)
{
    enum { DIGITS = 3, COLUMNS = 3 * DIGITS };
    static const char *const columns[COLUMNS] = {"input",    "true",  "permuted", "input",   "true",
                                                 "permuted", "input", "true",     "permuted"};
    static const int64_t digits[DIGITS] = {0, 7, 19};
    float *maps = calloc(METHODS * DIGITS * 2, PIXELS * sizeof *maps);
    sal_cell cells[METHODS * COLUMNS];
    sal_status st = SAL_OK;
    for (size_t d = 0; maps && st == SAL_OK && d < DIGITS; d++) {
        int64_t target = 0;
        st = class_of(model, inputs, digits[d], &target, err);
        for (size_t i = 0; st == SAL_OK && i < METHODS; i++) {
            float *map = maps + (i * DIGITS + d) * 2 * PIXELS;
            sal_cell *at = cells + i * COLUMNS + 3 * d;
            sal_cell_kind kind = i ? SAL_CELL_MAP : SAL_CELL_PICTURE;
            st = map_of(model, inputs, digits[d], target, methods[i], map, err);
            if (st == SAL_OK)
                st = map_of(twin, inputs, digits[d], target, methods[i], map + PIXELS, err);
            at[0] = cell(sal_tensor_get_data(inputs) + digits[d] * PIXELS, SAL_CELL_PICTURE);
            at[1] = cell(map, kind);
            at[2] = cell(map + PIXELS, kind);
        }
    }
    sal_sheet sheet = {.title = "Does the map change when the labels were permuted in training?",
                       .note = "MNIST CNN against its twin, which learned nothing but noise",
                       .columns = COLUMNS,
                       .rows = METHODS,
                       .column_labels = columns,
                       .row_labels = row_labels,
                       .cells = cells,
                       .each_by_its_rms = true};
    if (st == SAL_OK && maps) st = sal_sheet_write(NULL, &sheet, path, err);
    free(maps);
    return st;
}
