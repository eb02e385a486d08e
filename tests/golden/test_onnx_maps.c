/* Maps of networks from ONNX files against those of a double-precision reference: relative rms within
 * the tolerance of its methods.json. */
#include "golden_onnx.h"
#include "support.h"

#include "method/method.h"

#include <salcheck/onnx.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *net;
    size_t steps, samples;
} row;

static const row rows[] = {
    {"resnet8_cifar10", 20, 25},      {"squeezenet_imagenet", 20, 8},
    {"mobilenet_v2_imagenet", 10, 0}, {"mobilenet_v2_5class", 10, 0},
    {"inception_v3_5class", 5, 0},
};

typedef struct {
    const char *golden, *method; /* %zu: steps or samples */
    bool noisy;
} question;

static const question questions[] = {
    {"gradient", "gradient", false},
    {"gradient-x-input", "gradient-x-input", false},
    {"integrated-gradients", "integrated-gradients:steps=%zu", false},
    {"guided-backprop", "guided-backprop", false},
    {"deconvnet", "deconvnet", false},
    {"gradcam", "gradcam", false},
    {"guided-gradcam", "guided-gradcam", false},
    {"smoothgrad", "smoothgrad:samples=%zu", true},
    {"smoothgrad-squared", "smoothgrad-squared:samples=%zu", true},
    {"vargrad", "vargrad:samples=%zu", true},
};

/* Everything of one network. */
typedef struct {
    const row *r;
    char folder[700];
    sal_onnx *o;
    json_t *all, *methods; /* of methods.json; its part */
    float *x, *normals;
    int64_t targets[8], dims[4];
    size_t n, size, noisy;
    sal_team *team;
} net;

static npy_array load(const net *t, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", t->folder, name);
    return load_npy(path);
}

static void open_net(net *t, const row *r, const char *path)
{
    sal_error err = {SAL_OK, ""};
    char file[1024];
    *t = (net){.r = r};
    snprintf(t->folder, sizeof t->folder, "%s/%s", golden_folder(), r->net);
    if (sal_onnx_load(NULL, path, NULL, &t->o, &err) != SAL_OK)
        fail_msg("%s: %s", r->net, err.text);
    t->x = golden_inputs(r->net, t->dims);
    t->n = (size_t)t->dims[0];
    t->size = (size_t)(t->dims[1] * t->dims[2] * t->dims[3]);
    npy_array k = load(t, "targets.npy");
    for (size_t i = 0; i < t->n; i++) t->targets[i] = (int64_t)k.data[i];
    snprintf(file, sizeof file, "%s/methods.json", t->folder);
    t->all = json_load_file(file, 0, NULL);
    t->methods = json_object_get(t->all, "methods");
    assert_non_null(t->methods);
    assert_int_equal(sal_team_create_(sal_onnx_get_model(t->o), 8, false, &t->team, &err), SAL_OK);
    free(k.data);
}

/* The reference's own noise: a file, or its generator (splitmix64 and Box-Muller) from the seed. */
static void load_noise(net *t)
{
    json_t *noise = json_object_get(t->all, "noise");
    uint64_t seed = (uint64_t)json_integer_value(json_object_get(noise, "seed"));
    t->noisy = (size_t)json_integer_value(json_array_get(json_object_get(noise, "shape"), 0));
    size_t count = t->noisy * t->r->samples * t->size;
    t->normals = malloc((count + 1) * sizeof *t->normals);
    for (size_t i = 0; i < count; i += 2) {
        double u[2];
        for (size_t k = 0; k < 2; k++) {
            uint64_t z = seed + (i + k + 1) * UINT64_C(0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
            z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
            u[k] = (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
        }
        double r = sqrt(-2 * log(1 - u[0])), angle = 6.283185307179586 * u[1];
        t->normals[i] = (float)(r * cos(angle));
        t->normals[i + 1] = (float)(r * sin(angle));
    }
}

/* In single precision a gate whose input rounds to 0 can go either way, and with it a part of the map.
 * Then the map of an input that is one unit in the last place away must be as near as wanted: this
 * gives the distance of the nearest of a few such inputs. */
static double nearest_rms(net *t, const sal_method *m, size_t n, sal_explain_job *jobs,
                          const npy_array *want, double enough)
{
    enum { TRIES = 32 };
    double least = (double)INFINITY;
    float *x = malloc(n * t->size * sizeof *x), *maps = malloc(n * t->size * sizeof *maps);
    for (uint64_t k = 0; k < TRIES && least > enough; k++) {
        sal_rng rng = sal_rng_for(1, "one unit in the last place", k);
        for (size_t i = 0; i < n * t->size; i++)
            x[i] = nextafterf(t->x[i], sal_rng_word_(&rng) & 1 ? INFINITY : -INFINITY);
        for (size_t i = 0; i < n; i++) jobs[i].job.x = x + i * t->size;
        assert_int_equal(sal_team_explain_(t->team, m, n, jobs, maps, NULL), SAL_OK);
        float *got = golden_part(want, t->dims, maps);
        double rms = relative_rms(want->count, got, want->data);
        if (rms < least) least = rms;
        free(got);
    }
    free(x);
    free(maps);
    return least;
}

/* 1 when the map is too far from the reference's; *done counts those that were compared. */
static size_t ask(net *t, const question *q, size_t *done)
{
    json_t *entry = json_object_get(t->methods, q->golden);
    if (!entry || (q->noisy && !t->r->samples)) return 0;
    char spec[96];
    sal_error err = {SAL_OK, ""};
    sal_method m;
    snprintf(spec, sizeof spec, "%s", q->method);
    char *count = strstr(spec, "%zu");
    if (count) snprintf(count, 16, "%zu", q->noisy ? t->r->samples : t->r->steps);
    const char *layer = json_string_value(json_object_get(entry, "tensor"));
    if (sal_method_open_(sal_onnx_get_model(t->o), spec, layer, NULL, &m, &err) != SAL_OK)
        fail_msg("%s, %s: %s", t->r->net, q->golden, err.text);
    if (q->noisy && !t->normals) load_noise(t);
    size_t n = q->noisy ? t->noisy : t->n;
    float *maps = malloc(n * t->size * sizeof *maps);
    sal_explain_job jobs[8];
    for (size_t i = 0; i < n; i++)
        jobs[i] = (sal_explain_job){.job = {NULL, t->x + i * t->size, t->targets[i]},
                                    .normals =
                                        q->noisy ? t->normals + i * t->r->samples * t->size : NULL};
    if (sal_team_explain_(t->team, &m, n, jobs, maps, &err) != SAL_OK)
        fail_msg("%s, %s: %s", t->r->net, q->golden, err.text);
    npy_array want = load(t, json_string_value(json_object_get(entry, "file")));
    float *got = golden_part(&want, t->dims, maps);
    double rms = relative_rms(want.count, got, want.data);
    double tolerance = json_real_value(json_object_get(entry, "tolerance"));
    bool rounds = !(rms <= tolerance);
    double nearest = rounds ? nearest_rms(t, &m, n, jobs, &want, tolerance) : rms;
    print_message("%-22s %-22s %9.2e %9.2e", t->r->net, q->golden, rms, tolerance);
    if (rounds) print_message("  %.2e for an input one unit in the last place away", nearest);
    print_message("%s\n", nearest <= tolerance ? "" : "  <- too far");
    free(got);
    free(maps);
    free(want.data);
    (*done)++;
    return !(nearest <= tolerance);
}

static void maps_agree(void **state)
{
    (void)state;
    size_t bad = 0, done = 0;
    if (!golden_folder()) {
        print_message("no folder of goldens: left out\n");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[1024];
        bool temporary;
        net t;
        if (getenv("SALCHECK_QUICK") && i) continue;
        if (!find_golden_onnx(rows[i].net, path, &temporary)) {
            print_message("%-22s is not there: left out\n", rows[i].net);
            continue;
        }
        open_net(&t, &rows[i], path);
        for (size_t k = 0; k < sizeof questions / sizeof questions[0]; k++)
            bad += ask(&t, &questions[k], &done);
        sal_team_free_(t.team);
        sal_onnx_free(t.o);
        free(t.x);
        free(t.normals);
        json_decref(t.all);
        if (temporary) remove(path);
    }
    assert_true(done >= 9);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_agree)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
