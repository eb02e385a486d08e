/* The program's logits and maps against those of a double-precision reference, for the networks that lie
 * beside the goldens: logits within 1e-4 of the largest, maps in relative rms within the tolerance of
 * methods.json. "cli.golden photos" takes the networks for photographs. The noise of the reference cannot
 * be given to the program: its noisy maps must be the library's of the same seed, bit for bit, and
 * golden.methods and golden.onnx_maps hold these against the reference with the reference's noise. */
#include "golden_onnx.h"
#include "program.h"

#include <salcheck/salcheck.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *golden, *file; /* folder of the goldens; the network */
    size_t least;              /* maps that are compared */
    const char *grey;          /* the controls' goldens are of pixels from 0 to 1 */
} row;

static const row small[] = {
    {"mnist_mlp", "mnist_mlp", 10, ""},
    {"mnist_cnn", "mnist_cnn", 14, ""},
    {"mnist_cnn_tiefree", "mnist_cnn", 9, ""},
    {"resnet8_cifar10", "resnet8_cifar10", 14, "--scale 0.00392156862745098"},
};
static const row photos[] = {
    {"squeezenet_imagenet", "squeezenet_imagenet", 13,
     "--scale 0.5019607843137255 --mean -0.5019607843137255"},
    {"mobilenet_v2_imagenet", "mobilenet_v2_imagenet", 5, ""},
    {"mobilenet_v2_5class", "mobilenet_v2_5class", 5, ""},
    {"inception_v3_5class", "inception_v3_5class", 4, ""},
};
static bool with_photos;

/* Names of the goldens and the program's words for them; %d: steps or samples. */
static const struct {
    const char *golden, *method, *targets;
} questions[] = {
    {"gradient", "gradient", "targets"},
    {"gradient-alt", "gradient", "targets_alt"},
    {"gradient-x-input", "gradient-x-input", "targets"},
    {"integrated-gradients", "integrated-gradients:steps=%d", "targets"},
    {"integrated-gradients-paper", "integrated-gradients:steps=%d,rule=paper", "targets"},
    {"guided-backprop", "guided-backprop", "targets"},
    {"deconvnet", "deconvnet", "targets"},
    {"gradcam", "gradcam", "targets"},
    {"guided-gradcam", "guided-gradcam", "targets"},
    {"smoothgrad", "smoothgrad:samples=%d", "targets"},
    {"smoothgrad-squared", "smoothgrad-squared:samples=%d", "targets"},
    {"vargrad", "vargrad:samples=%d", "targets"},
    {"edge-sobel", "sobel", "targets"},
    {"edge-canny", "canny", "targets"},
};

typedef struct {
    const scratch *s;
    const row *r;
    char model[1024], goldens[700];
    json_t *methods;
    float *x;
    int64_t dims[4];
    size_t count; /* of all inputs */
} net;

static npy_array golden(const net *t, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", t->goldens, name);
    return load_npy(path);
}

/* What the program wrote, which is removed; release with free(). */
static float *written(const net *t, const char *file, size_t count)
{
    char path[200];
    sal_tensor *got = NULL;
    sal_error err = {0};
    snprintf(path, sizeof path, "%s/%s", t->s->folder, file);
    if (sal_npy_read_tensor(NULL, path, NULL, &got, &err) != SAL_OK) fail_msg("%s", err.text);
    remove(path);
    assert_int_equal(sal_tensor_count(got), count);
    float *copy = malloc(count * sizeof *copy);
    memcpy(copy, sal_tensor_get_data(got), count * sizeof *copy);
    sal_tensor_free(got);
    return copy;
}

static void open_net(net *t)
{
    char path[1024];
    sal_tensor *x = NULL;
    snprintf(t->goldens, sizeof t->goldens, "%s/%s", golden_folder(), t->r->golden);
    t->x = golden_inputs(t->r->golden, t->dims);
    t->count = (size_t)(t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3]);
    snprintf(path, sizeof path, "%s/methods.json", t->goldens);
    t->methods = json_load_file(path, 0, NULL);
    assert_non_null(t->methods);
    snprintf(path, sizeof path, "%s/x.npy", t->s->folder);
    assert_int_equal(sal_tensor_view_of(NULL, t->x, 4, t->dims, &x, NULL), SAL_OK);
    assert_int_equal(sal_npy_write_tensor(x, path, NULL), SAL_OK);
    sal_tensor_free(x);
}

static void close_net(net *t)
{
    char path[200];
    snprintf(path, sizeof path, "%s/x.npy", t->s->folder);
    remove(path);
    json_decref(t->methods);
    free(t->x);
}

/* Largest difference by largest logit. */
static size_t compare_logits(const net *t)
{
    npy_array want = golden(t, "logits.npy");
    const answer *a = salcheck(t->s, "predict '%s' x.npy --out l.npy", t->model);
    expect(a, t->r->golden, 0, "");
    float *got = written(t, "l.npy", want.count);
    double worst = 0, largest = 0;
    for (size_t i = 0; i < want.count; i++) {
        double d = fabs((double)got[i] - want.data[i]);
        if (!(d <= worst)) worst = d;
        if (fabs(want.data[i]) > largest) largest = fabs(want.data[i]);
    }
    bool good = worst <= 1e-4 * largest;
    print_message("%-22s %-26s %9.2e %9.2e%s\n", t->r->golden, "logits", worst / largest, 1e-4,
                  good ? "" : "  <- too far");
    free(got);
    free(want.data);
    return !good;
}

/* The library's own maps of the first n inputs. */
static void library_maps(const net *t, const char *spec, const char *targets, size_t n, float *maps)
{
    sal_onnx *o = NULL;
    sal_tensor *x = NULL;
    sal_labels *k = NULL;
    sal_error err = {0};
    char path[1024];
    int64_t dims[4] = {(int64_t)n, t->dims[1], t->dims[2], t->dims[3]};
    snprintf(path, sizeof path, "%s/%s.npy", t->goldens, targets);
    if (sal_onnx_load(NULL, t->model, NULL, &o, &err) != SAL_OK ||
        sal_npy_read_labels(NULL, path, &k, &err) != SAL_OK ||
        sal_tensor_view_of(NULL, t->x, 4, dims, &x, &err) != SAL_OK)
        fail_msg("%s", err.text);
    const sal_explain_options options = {.targets = k->values};
    if (sal_explain(sal_onnx_get_model(o), x, spec, &options, maps, &err) != SAL_OK)
        fail_msg("%s: %s", spec, err.text);
    sal_tensor_free(x);
    sal_labels_free(k);
    sal_onnx_free(o);
}

/* How far `got` is from the golden map, and how far it may be. */
static double distance(const net *t, const json_t *entry, const float *got, double *tolerance)
{
    npy_array want = golden(t, json_string_value(json_object_get(entry, "file")));
    float *part = golden_part(&want, t->dims, got);
    double d = relative_rms(want.count, part, want.data);
    *tolerance = json_real_value(json_object_get(entry, "tolerance"));
    if (!json_is_real(json_object_get(entry, "tolerance"))) { /* Canny's lines: share of pixels */
        size_t differ = 0;
        for (size_t i = 0; i < want.count; i++) differ += fabs((double)part[i] - want.data[i]) > .5;
        d = (double)differ / (double)want.count;
        *tolerance = 0.005;
    }
    free(part);
    free(want.data);
    return d;
}

static size_t compare_maps(const net *t, size_t q, size_t *done)
{
    const json_t *entry =
        json_object_get(json_object_get(t->methods, "methods"), questions[q].golden);
    if (!entry) return 0;
    const json_t *constants = json_object_get(entry, "constants"),
                 *samples = json_object_get(constants, "samples");
    const char *layer = json_string_value(json_object_get(entry, "tensor"));
    char spec[96], option[96] = "";
    snprintf(spec, sizeof spec, "%s", questions[q].method);
    char *number = strstr(spec, "%d");
    if (number)
        snprintf(number, 32, "%d%s",
                 (int)json_integer_value(samples ? samples : json_object_get(constants, "steps")),
                 strstr(questions[q].method, "%d") + 2);
    if (layer) snprintf(option, sizeof option, "--layer '%s'", layer);
    if (json_object_get(entry, "gray")) snprintf(option, sizeof option, "%s", t->r->grey);
    const answer *a =
        salcheck(t->s, "explain '%s' x.npy --method %s --target '%s/%s.npy' --out m.npy %s",
                 t->model, spec, t->goldens, questions[q].targets, option);
    expect(a, questions[q].golden, 0, "");
    float *got = written(t, "m.npy", t->count);
    double tolerance = 0, d;
    if (samples) {
        float *want = malloc(t->count * sizeof *want);
        library_maps(t, spec, questions[q].targets, (size_t)t->dims[0], want);
        d = memcmp(got, want, t->count * sizeof *want) ? 1 : 0;
        free(want);
    } else {
        d = distance(t, entry, got, &tolerance);
    }
    bool good = d <= tolerance;
    print_message("%-22s %-26s %9.2e %9.2e%s%s\n", t->r->golden, questions[q].golden, d, tolerance,
                  samples ? "  the library's bits" : "", good ? "" : "  <- too far");
    free(got);
    (*done)++;
    return !good;
}

static void maps_agree(void **state)
{
    const scratch *s = *state;
    const row *rows = with_photos ? photos : small;
    size_t bad = 0, n = with_photos ? sizeof photos / sizeof *photos : sizeof small / sizeof *small;
    size_t nets = 0;
    if (!golden_folder()) {
        print_message("no golden maps: SALCHECK_GOLDEN\n");
        skip();
    }
    if (strstr(salcheck(s, "info absent.onnx")->err, "has no ONNX")) {
        print_message("this build has no ONNX\n");
        skip();
    }
    for (size_t i = 0; i < n; i++) {
        net t = {.s = s, .r = &rows[i]};
        bool temporary;
        size_t done = 0;
        if (getenv("SALCHECK_QUICK") && i) continue;
        if (!find_golden_onnx(rows[i].file, t.model, &temporary)) {
            print_message("%-22s is not there: left out (SALCHECK_ASSETS)\n", rows[i].golden);
            continue;
        }
        open_net(&t);
        bad += compare_logits(&t);
        for (size_t q = 0; q < sizeof questions / sizeof questions[0]; q++)
            bad += compare_maps(&t, q, &done);
        close_net(&t);
        if (temporary) remove(t.model);
        if (done < rows[i].least)
            fail_msg("%s: %zu maps, wanted %zu", rows[i].golden, done, rows[i].least);
        nets++;
    }
    assert_true(nets >= 1);
    assert_int_equal(bad, 0);
}

int main(int n, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_agree)};
    with_photos = n > 1 && !strcmp(arguments[1], "photos");
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
