/* The adapter of ONNX Runtime: the contract on a network written here, with a map inside of the file and
 * without; and the same network through it and through salcheck's own core. */
#include "bars.h"
#include "contract.h"
#include "scratch.h"

#include <onnxruntime_adapter.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <salcheck/check.h>
#include <salcheck/io.h>
#include <salcheck/nn.h>
#include <salcheck/onnx.h>

enum { INPUTS = 16, FIRST = 5000, TRAINING = 800, DIGITS_SHOWN = 16, CLASSES = 10 };

static scratch place;
static const char *library; /* NULL: left to the adapter */
static float x[TRAINING][BARS_SIZE];
static sal_ort *engine;
static sal_ort_options options;

/* ---- a network with a map inside: logits follow from one plane of 16 x 16 ------------------------ */

static sal_value build(sal_graph *g, sal_value input)
{
    const sal_conv_options wide = {.filters = 8, .kernel = {3, 3}, .same = true},
                           one = {.filters = 1, .kernel = {1, 1}};
    sal_value smooth = sal_nn_apply(g, "Tanh", "picture", input); /* without parameters */
    sal_value y = sal_nn_apply(g, "Relu", "relu1", sal_nn_conv(g, "conv1", smooth, &wide));
    sal_value map = sal_nn_conv(g, "map", y, &one);
    y = sal_nn_max_pool(g, "pool", sal_nn_apply(g, "Relu", "relu2", y), 4);
    sal_value parts[] = {sal_nn_apply(g, "Flatten", "flat", y),
                         sal_nn_apply(g, "Flatten", "flat_map", map)};
    y = sal_graph_node(g, "Concat", "both", NULL, 2, parts);
    return sal_nn_dense(g, "out", y, &(sal_dense_options){.units = BARS_KINDS});
}

static int write_network(const char *path)
{
    sal_error err = {SAL_OK, ""};
    sal_graph *g = NULL;
    sal_params *p = NULL;
    sal_tensor *t = NULL;
    static int64_t labels[TRAINING];
    for (int i = 0; i < TRAINING; i++) labels[i] = i % BARS_KINDS;
    bars_draw(0, TRAINING, x[0]);
    sal_status st = sal_graph_create(NULL, "bars", &g, &err);
    sal_value in = sal_graph_input(g, "input", 3, (const int64_t[]){1, TOY_SIDE, TOY_SIDE});
    sal_value out = build(g, in);
    if (st == SAL_OK) st = sal_params_create(g, &p, &err);
    if (st == SAL_OK) st = sal_nn_initialise(g, p, 1, &err);
    if (st == SAL_OK)
        st = sal_tensor_view_of(NULL, x[0], 4, (const int64_t[]){TRAINING, 1, TOY_SIDE, TOY_SIDE},
                                &t, &err);
    if (st == SAL_OK)
        st = sal_nn_fit(g, in, out, p, t, labels, NULL,
                        &(sal_fit_options){.epochs = 6, .learning_rate = 0.003}, NULL, &err);
    if (st == SAL_OK) st = sal_onnx_save(g, out, p, path, &err);
    sal_tensor_free(t);
    sal_params_free(p);
    sal_graph_free(g);
    if (st != SAL_OK) fprintf(stderr, "%s\n", err.text);
    return st != SAL_OK;
}

/* ---- the contract --------------------------------------------------------------------------------- */

static const char *make(contract_engine *out)
{
    static sal_error err;
    bars_draw(FIRST, INPUTS, x[0]);
    if (sal_ort_create(place.file, &options, &engine, &err) != SAL_OK) return err.text;
    *out = (contract_engine){.ops = sal_ort_ops(engine), .self = engine, .n = INPUTS, .x = x[0]};
    return NULL;
}

static void release(contract_engine *e)
{
    (void)e;
    sal_ort_free(engine);
}

static sal_model *wrap(sal_ort *e)
{
    sal_model *m = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_model_wrap(NULL, sal_ort_ops(e), e, &m, &err) != SAL_OK) fail_msg("%s", err.text);
    return m;
}

static sal_ort *open_file(const char *path, const sal_ort_options *o)
{
    sal_ort *e = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_ort_create(path, o, &e, &err) != SAL_OK) fail_msg("%s", err.text);
    return e;
}

/* The outcome of params, printed. */
static sal_outcome params_of(const sal_model *m, const sal_tensor *inputs, const char *method,
                             const sal_own_method *own)
{
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    const sal_check_args args = {.check = SAL_CHECK_PARAMS,
                                 .model = m,
                                 .inputs = inputs,
                                 .method = method,
                                 .own_method = own};
    if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
    sal_outcome outcome = v->outcome;
    print_message("%-28s %-12s D = %.3f  %zu draws %s\n", method, sal_outcome_name(outcome),
                  v->steps[0].statistic, v->steps[0].draws, v->steps[0].reason);
    sal_verdict_free(v);
    return outcome;
}

static sal_tensor *bars(void)
{
    sal_tensor *t = NULL;
    bars_draw(FIRST, INPUTS, x[0]);
    assert_int_equal(sal_tensor_view_of(NULL, x[0], 4,
                                        (const int64_t[]){INPUTS, 1, TOY_SIDE, TOY_SIDE}, &t, NULL),
                     SAL_OK);
    return t;
}

/* A map inside of the file: one that parameters lead to, and one that is a picture of the input. The
 * first hangs on the first layer, so this is made random as well. */
static void maps_in_the_file(void **state)
{
    static const struct {
        const char *tensor, *randomisation;
        sal_outcome outcome;
    } rows[] = {{"map", "full", SAL_PASS},
                {"map", "top", SAL_FAIL}, /* the output layer comes behind it */
                {"picture", "full", SAL_FAIL}};
    sal_tensor *inputs = bars();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_ort_options o = {.library = library, .saliency = rows[i].tensor};
        sal_ort *e = open_file(place.file, &o);
        sal_model *m = wrap(e);
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        const sal_check_args args = {.check = SAL_CHECK_PARAMS,
                                     .model = m,
                                     .inputs = inputs,
                                     .method = SAL_OWN,
                                     .randomisation = rows[i].randomisation};
        if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
        print_message("saliency '%s', %s: %s, D = %.3f\n", rows[i].tensor, rows[i].randomisation,
                      sal_outcome_name(v->outcome), v->steps[0].statistic);
        if (v->outcome != rows[i].outcome)
            fail_msg("%s, %s: %s", rows[i].tensor, rows[i].randomisation,
                     sal_outcome_name(v->outcome));
        sal_verdict_free(v);
        sal_model_free(m);
        sal_ort_free(e);
    }
    sal_tensor_free(inputs);
}

/* The team's own function on top of activations that it reads: where the last plane lights up, weighted
 * by nothing else. It follows conv1 and not the output layer. */
static int activations(void *self, const sal_model *m, const float *pixels, int64_t target,
                       uint64_t noise, float *map)
{
    float planes[8 * BARS_SIZE];
    size_t n;
    (void)m, (void)target, (void)noise;
    if (sal_ort_read(self, "relu2", pixels, 8 * BARS_SIZE, planes, &n, NULL) != SAL_OK) return 1;
    for (size_t i = 0; i < BARS_SIZE; i++) map[i] = 0;
    for (size_t i = 0; i < n; i++) map[i % BARS_SIZE] += planes[i];
    return n != 8 * BARS_SIZE;
}

static void own_functions_read_activations(void **state)
{
    sal_ort_options o = {.library = library};
    sal_ort *e = open_file(place.file, &o);
    sal_model *m = wrap(e);
    sal_tensor *inputs = bars();
    const sal_own_method own = {.name = "activations", .self = e, .explain = activations};
    float one;
    size_t n;
    sal_error err;
    (void)state;
    assert_int_equal(params_of(m, inputs, SAL_OWN, &own), SAL_FAIL);
    assert_int_equal(sal_ort_read(e, "relu9", x[0], 1, &one, &n, &err), SAL_E_ARG);
    assert_string_equal(err.text, "the ONNX file has no tensor 'relu9'");
    assert_int_equal(sal_ort_read(e, "relu1", x[0], 1, &one, &n, &err), SAL_E_SHAPE);
    assert_string_equal(err.text, "onnxruntime: an output has 2048 elements, wanted at most 1");
    sal_tensor_free(inputs);
    sal_model_free(m);
    sal_ort_free(e);
}

/* ---- the same network through both engines ------------------------------------------------------ */

static double apart(size_t n, const float *a, const float *b, double *largest)
{
    double worst = 0;
    *largest = 0;
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
        *largest = fmax(*largest, fabs((double)b[i]));
    }
    return worst;
}

static void both_agree(const char *path, const sal_tensor *inputs, size_t n, size_t n_methods,
                       const char *const *methods)
{
    float *a = malloc(n * CLASSES * sizeof *a), *b = malloc(n * CLASSES * sizeof *b);
    sal_ort_options o = {.library = library};
    sal_ort *e = open_file(path, &o);
    sal_model *there = wrap(e);
    sal_onnx *file = NULL;
    sal_error err = {SAL_OK, ""};
    double largest;
    if (sal_onnx_load(NULL, path, NULL, &file, &err) != SAL_OK) fail_msg("%s", err.text);
    const sal_model *here = sal_onnx_get_model(file);
    assert_int_equal(sal_model_outputs(here), sal_model_outputs(there));
    assert_int_equal(sal_model_layer_count(here), sal_model_layer_count(there));
    assert_true(sal_model_outputs(here) <= CLASSES);
    assert_int_equal(sal_model_predict(there, inputs, a, &err), SAL_OK);
    assert_int_equal(sal_model_predict(here, inputs, b, &err), SAL_OK);
    double worst = apart(n * sal_model_outputs(here), a, b, &largest);
    print_message("logits: %.1e apart at most, the largest is %.1f\n", worst, largest);
    if (!(worst <= 1e-5 * fmax(1, largest))) fail_msg("logits differ by %g", worst);
    for (size_t i = 0; i < n_methods; i++) {
        sal_outcome ours = params_of(here, inputs, methods[i], NULL),
                    theirs = params_of(there, inputs, methods[i], NULL);
        if (ours != theirs)
            fail_msg("%s: %s here, %s there", methods[i], sal_outcome_name(ours),
                     sal_outcome_name(theirs));
    }
    sal_model_free(there);
    sal_ort_free(e);
    sal_onnx_free(file);
    free(a);
    free(b);
}

static void own_core_gives_the_same(void **state)
{
    static const char *const methods[] = {SAL_OCCLUSION, SAL_FINITE_DIFFERENCES, SAL_INPUT,
                                          SAL_SOBEL, SAL_RANDOM};
    sal_tensor *inputs = bars();
    (void)state;
    both_agree(place.file, inputs, INPUTS, sizeof methods / sizeof methods[0], methods);
    sal_tensor_free(inputs);
}

/* The folder of networks beside that of the goldens; skips when `name` is not there. */
static void find_network(const char *name, char *path, size_t size)
{
    const char *folder = getenv("SALCHECK_GOLDEN");
    snprintf(path, size, "%s/../models/%s", folder ? folder : GOLDENS, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("no %s beside the folder of SALCHECK_GOLDEN\n", name);
        skip();
    }
    fclose(f);
}

static void mnist_cnn_gives_the_same(void **state)
{
    static const char *const methods[] = {"occlusion:window=7,stride=7", SAL_INPUT, SAL_SOBEL};
    sal_tensor *all = NULL, *shown = NULL;
    char path[1024];
    sal_error err = {SAL_OK, ""};
    (void)state;
    find_network("mnist_cnn.onnx", path, sizeof path);
    if (sal_idx_read_images(NULL, DIGITS "/test-images-500-idx3-ubyte.gz", 1, &all, &err) !=
            SAL_OK ||
        sal_tensor_slice(all, 0, DIGITS_SHOWN, &shown, &err) != SAL_OK)
        fail_msg("%s", err.text);
    both_agree(path, shown, DIGITS_SHOWN, sizeof methods / sizeof methods[0], methods);
    sal_tensor_free(shown);
    sal_tensor_free(all);
}

/* Batch norm, sums of branches, and layers that ONNX Runtime melts together. */
static void resnet_gives_the_same(void **state)
{
    enum { PICTURES = 4, VALUES = PICTURES * 3 * 32 * 32 };
    static float pictures[VALUES];
    sal_tensor *t = NULL;
    char path[1024];
    uint32_t seed = 1;
    (void)state;
    find_network("resnet8_cifar10.onnx", path, sizeof path);
    for (size_t i = 0; i < VALUES; i++) {
        seed = seed * 1664525u + 1013904223u;
        pictures[i] = (float)(seed >> 24);
    }
    assert_int_equal(
        sal_tensor_view_of(NULL, pictures, 4, (const int64_t[]){PICTURES, 3, 32, 32}, &t, NULL),
        SAL_OK);
    both_agree(path, t, PICTURES, 0, NULL);
    sal_tensor_free(t);
}

/* ---- mistakes ------------------------------------------------------------------------------------ */

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *path;
        sal_ort_options options;
        sal_status status;
        const char *text;
    } rows[] = {
        {"/no/such.onnx", {0}, SAL_E_IO, "'/no/such.onnx' cannot be opened"},
        {DIGITS "/SOURCE.md", {0}, SAL_E_FORMAT, "is no ONNX file"},
        {NULL, {.output = "logitz"}, SAL_E_ARG, "the ONNX file has no tensor 'logitz'"},
        {NULL, {.saliency = "relu1"}, SAL_E_SHAPE, "wanted"},
        {NULL, {.rank = 1, .dims = {256}}, SAL_E_SHAPE, "the input has rank 4 with N, wanted 2"},
        {NULL, {.rank = 3, .dims = {1, 8, 8}}, SAL_E_SHAPE, "size 2 of an input is not the file's"},
        {NULL, {.library = "/no/libonnxruntime.so"}, SAL_E_UNSUPPORTED, "no library"},
        {NULL, {.library = "libz.so.1"}, SAL_E_UNSUPPORTED, "'libz.so.1' is another library"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_ort_options o = rows[i].options;
        sal_ort *e = NULL;
        sal_error err = {SAL_OK, ""};
        if (!o.library) o.library = library;
        sal_status st = sal_ort_create(rows[i].path ? rows[i].path : place.file, &o, &e, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text) || e)
            fail_msg("row %zu: status %d \"%s\", wanted \"%s\"", i, (int)st, err.text,
                     rows[i].text);
    }
    assert_int_equal(sal_ort_create(NULL, NULL, NULL, NULL), SAL_E_ARG);
    sal_ort_free(NULL);
}

static bool exists(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f) fclose(f);
    return f != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_in_the_file),        cmocka_unit_test(own_functions_read_activations),
        cmocka_unit_test(own_core_gives_the_same), cmocka_unit_test(mnist_cnn_gives_the_same),
        cmocka_unit_test(resnet_gives_the_same),   cmocka_unit_test(mistakes_are_named)};
    const contract plain = {.name = "onnxruntime", .make = make, .release = release},
                   maps = {.name = "onnxruntime, a map inside", .make = make, .release = release};
    void *folder = NULL;
    library = getenv("SALCHECK_ORT_LIB");
    if (!library && exists(ORT_CACHE)) library = ORT_CACHE;
    if (!library) {
        puts("skipped: onnxruntime is not here: ci/deps.sh --adapters, or SALCHECK_ORT_LIB");
        return CONTRACT_ABSENT;
    }
    if (make_scratch(&folder)) return 1;
    place = *(scratch *)folder;
    int bad = write_network(place.file);
    options = (sal_ort_options){.library = library};
    if (!bad) bad |= contract_run(&plain);
    options.saliency = "map";
    if (!bad) bad |= contract_run(&maps);
    if (!bad) bad |= !!cmocka_run_group_tests(tests, NULL, NULL);
    drop_scratch(&folder);
    return bad;
}
