/* Networks from ONNX files against what another engine made of the same inputs: within 1e-4 of the
 * largest logit. The small files lie beside the goldens (packed ones are unpacked by xz); the larger
 * ones are looked for in SALCHECK_ASSETS. What is not there is said and left out. */
#define _GNU_SOURCE /* popen */
#include "golden_onnx.h"
#include "support.h"

#include <salcheck/onnx.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { PICTURES, RECORDS, STROKES, DIGITS, TEXT } source;

typedef struct {
    const char *net;
    source from;
    int size;
    double minus, by; /* input = (p - minus) / by */
    const char *pictures[6];
} row;

/* train/model.onnx of npm's detypify-service 0.3.0, before its Loop and sequences were taken out */
static const char original[] = "detypify_original";

#define PHOTOS                                                                                     \
    {                                                                                              \
        "robin", "orange", "dog_pekinese", "squirrel"                                              \
    }

static const row rows[] = {
    {"mnist_cnn", DIGITS, 28, 0, 1, {NULL}},
    {"mnist_mlp", DIGITS, 28, 0, 1, {NULL}},
    {"resnet8_cifar10", RECORDS, 32, 0, 1, {NULL}},
    {"vww96_mobilenet_v1_025",
     PICTURES,
     96,
     0,
     255,
     {"astronaut", "person", "robin", "orange", "dog_pekinese", "squirrel"}},
    {"mobilenet_v1_025_imagenet", PICTURES, 224, 128, 128, PHOTOS},
    {"mobilenet_v1_05_imagenet", PICTURES, 224, 128, 128, PHOTOS},
    {"mobilenet_v2_imagenet", PICTURES, 224, 128, 127, PHOTOS},
    {"squeezenet_imagenet", PICTURES, 224, 128, 128, PHOTOS},
    {"mcunet_imagenet", PICTURES, 144, 127.5, 127.5, PHOTOS},
    {"mobilenet_v2_5class", PICTURES, 224, 0, 255, {"robin", "orange", "fish_drawing"}},
    {"inception_v3_5class", PICTURES, 299, 0, 255, {"robin", "orange", "fish_drawing"}},
    {"detypify", STROKES, 224, 0, 1, {NULL}},
    {original, STROKES, 224, 0, 1, {NULL}},
    {"ppocr_v4_rec", TEXT, 48, 0, 1, {NULL}},
};

/* A binary PPM as planes, (p - minus) / by. */
static void read_ppm(const char *name, int w, int h, const row *r, float *to)
{
    char path[1024], file[128];
    int fw, fh, most;
    if (w == h)
        snprintf(file, sizeof file, "%s_%d", name, w);
    else
        snprintf(file, sizeof file, "%s_%dx%d", name, w, h);
    beside_goldens(path, "data/check", file, ".ppm");
    FILE *f = fopen(path, "rb");
    if (!f || fscanf(f, "P6 %d %d %d", &fw, &fh, &most) != 3 || fgetc(f) == EOF || fw != w ||
        fh != h)
        fail_msg("%s: no picture of %dx%d", path, w, h);
    for (int i = 0; i < w * h; i++)
        for (int c = 0; c < 3; c++) to[c * w * h + i] = (float)((fgetc(f) - r->minus) / r->by);
    fclose(f);
}

static void read_records(float *to, size_t n)
{
    char path[1024], command[1100];
    beside_goldens(path, "data", "cifar10_train1000", ".bin.gz");
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *f = popen(command, "r");
    assert_non_null(f);
    for (size_t i = 0; i < n; i++) {
        fgetc(f);
        for (size_t k = 0; k < 3072; k++) to[i * 3072 + k] = (float)fgetc(f);
    }
    pclose(f);
}

static sal_tensor *inputs_of(const row *r, size_t n)
{
    size_t channels = r->from == STROKES || r->from == DIGITS ? 1 : 3;
    int64_t width = r->from == TEXT ? 320 : r->size;
    sal_tensor *x = NULL;
    assert_int_equal(sal_tensor_create(NULL, 4,
                                       (int64_t[]){(int64_t)n, (int64_t)channels, r->size, width},
                                       &x, NULL),
                     SAL_OK);
    float *to = sal_tensor_data(x);
    size_t each = sal_tensor_count(x) / n;
    for (size_t i = 0; r->from == PICTURES && i < n; i++)
        read_ppm(r->pictures[i], r->size, r->size, r, to + i * each);
    if (r->from == RECORDS) read_records(to, n);
    for (int y = 0; r->from == STROKES && y < 224; y++)
        for (int q = 0; q < 224; q++)
            to[y * 224 + q] =
                (abs(y - 112) < 4 && abs(q - 112) < 90) || (abs(q - 112) < 4 && abs(y - 112) < 90)
                    ? 1.0f
                    : 0.0f;
    if (r->from == TEXT) {
        const row scale = {.minus = 127.5, .by = 127.5};
        read_ppm("text", 320, 48, &scale, to);
    }
    if (r->from != DIGITS) return x;
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/inputs.npy", golden_folder(), r->net);
    npy_array a = load_npy(path);
    assert_int_equal(a.count, sal_tensor_count(x));
    for (size_t i = 0; i < a.count; i++) to[i] = (float)a.data[i];
    free(a.data);
    return x;
}

static npy_array expected(const row *r)
{
    char path[1024];
    if (r->from == DIGITS)
        snprintf(path, sizeof path, "%s/%s/logits.npy", golden_folder(), r->net);
    else
        beside_goldens(path, "models", r->net == original ? "detypify" : r->net,
                       r->from == TEXT ? ".argmax.npy" : ".logits.npy");
    return load_npy(path);
}

/* Largest difference by largest logit, or, for places of a text, how many best classes differ. */
static double difference(const row *r, const npy_array *want, const float *got, size_t count)
{
    double worst = 0, largest = 0;
    if (r->from != TEXT) {
        assert_int_equal(count, want->count);
        for (size_t i = 0; i < count; i++) {
            double d = fabs((double)got[i] - want->data[i]);
            if (!(d <= worst)) worst = d;
            if (fabs(want->data[i]) > largest) largest = fabs(want->data[i]);
        }
        return worst / largest;
    }
    size_t classes = count / want->count;
    for (size_t i = 0; i < want->count; i++) {
        size_t best = 0;
        for (size_t k = 0; k < classes; k++)
            if (got[i * classes + k] > got[i * classes + best]) best = k;
        worst += best != (size_t)want->data[i];
    }
    return worst;
}

static bool compare(const row *r, const char *path)
{
    sal_error err = {SAL_OK, ""};
    sal_onnx *o = NULL;
    sal_onnx_options options = {0};
    if (r->from == TEXT) options = (sal_onnx_options){.rank = 3, .dims = {3, 48, 320}};
    if (sal_onnx_load(NULL, path, &options, &o, &err) != SAL_OK) {
        print_message("%-28s %s\n", r->net, err.text);
        return false;
    }
    npy_array want = expected(r);
    size_t n = r->from == TEXT ? 1 : (size_t)want.dims[0];
    sal_tensor *x = inputs_of(r, n);
    const sal_model *m = sal_onnx_get_model(o);
    size_t count = n * sal_model_outputs(m);
    float *logits = calloc(count, sizeof *logits);
    bool good = sal_model_predict(m, x, logits, &err) == SAL_OK;
    if (!good) print_message("%-28s %s\n", r->net, err.text);
    double d = good ? difference(r, &want, logits, count) : 1;
    print_message("%-28s %9.2e of the largest, %zu layers\n", r->net, d, sal_model_layer_count(m));
    free(logits);
    free(want.data);
    sal_tensor_free(x);
    sal_onnx_free(o);
    return good && d <= (r->from == TEXT ? 0 : 1e-4);
}

static void logits_are_the_other_engines(void **state)
{
    (void)state;
    size_t bad = 0, done = 0;
    if (!golden_folder()) {
        print_message("no folder of goldens: left out\n");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[1024];
        bool packed;
        if (!find_golden_onnx(rows[i].net, path, &packed)) {
            print_message("%-28s is not there: left out\n", rows[i].net);
            continue;
        }
        bad += !compare(&rows[i], path);
        done++;
        if (packed) remove(path);
    }
    assert_true(done >= 9);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logits_are_the_other_engines)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
