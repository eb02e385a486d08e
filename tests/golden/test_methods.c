/* Maps of the trained MNIST networks against those of a double-precision reference (relative rms,
 * tolerances of its methods.json), and the edge pictures against scikit-image. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MLP = 1, CNN = 2, TIE_FREE = 4, SETS = 3 };
static const char *const set_names[SETS] = {"mnist_mlp", "mnist_cnn", "mnist_cnn_tiefree"};

static const struct {
    const char *golden, *method;
    unsigned sets;
} rows[] = {
    {"logits", NULL, MLP | CNN | TIE_FREE},
    {"gradient", "gradient", MLP | CNN | TIE_FREE},
    {"gradient-alt", "gradient", MLP | CNN | TIE_FREE}, /* of another class */
    {"gradient-x-input", "gradient-x-input", MLP | CNN | TIE_FREE},
    {"integrated-gradients", "integrated-gradients", MLP | CNN | TIE_FREE},
    {"integrated-gradients-paper", "integrated-gradients:rule=paper", MLP | CNN | TIE_FREE},
    {"smoothgrad", "smoothgrad", MLP | CNN},
    {"smoothgrad-squared", "smoothgrad-squared", MLP | CNN},
    {"vargrad", "vargrad", MLP | CNN},
    {"guided-backprop", "guided-backprop", MLP | CNN | TIE_FREE},
    {"deconvnet", "deconvnet", MLP | CNN | TIE_FREE},
    {"gradcam", "gradcam", CNN | TIE_FREE},
    {"guided-gradcam", "guided-gradcam", CNN | TIE_FREE},
    {"occlusion", "occlusion", CNN | TIE_FREE},
    {"edge-sobel", "sobel", CNN},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* A set of goldens with its network, read once. */
typedef struct {
    char folder[600];
    test_net net;
    json_t *methods;
    npy_array inputs, targets, other_targets, noise; /* noise.data NULL: none */
    float *x, *normals;
    sal_team *team;
} set;

static npy_array load(const char *folder, const char *name)
{
    char path[2048];
    snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    return load_npy(path);
}

static float *to_floats(const npy_array *a)
{
    float *f = malloc(a->count * sizeof *f);
    for (size_t i = 0; i < a->count; i++) f[i] = (float)a->data[i];
    return f;
}

static set open_set(size_t which)
{
    set s = {0};
    char path[1024];
    const char *name = set_names[which], *root = golden_folder();
    s.net = load_golden_net(NULL, root, which == 0 ? "mnist_mlp" : "mnist_cnn");
    snprintf(s.folder, sizeof s.folder, "%s/%s", root, name);
    snprintf(path, sizeof path, "%s/methods.json", s.folder);
    json_t *all = json_load_file(path, 0, NULL);
    s.methods = json_incref(json_object_get(all, "methods"));
    json_decref(all);
    s.inputs = load(s.folder, "inputs");
    s.targets = load(s.folder, "targets");
    s.other_targets = load(s.folder, "targets_alt");
    if (which != 2) {
        snprintf(path, sizeof path, "%s/mnist_cnn", root);
        s.noise = load(path, "noise");
        s.normals = to_floats(&s.noise);
    }
    s.x = to_floats(&s.inputs);
    assert_int_equal(sal_team_create_(s.net.model, 0, false, &s.team, NULL), SAL_OK);
    return s;
}

static void close_set(set *s)
{
    sal_team_free_(s->team);
    json_decref(s->methods);
    free_net(&s->net);
    free(s->inputs.data);
    free(s->targets.data);
    free(s->other_targets.data);
    free(s->noise.data);
    free(s->x);
    free(s->normals);
}

static float *compute(const set *s, size_t row, size_t count)
{
    sal_error err = {SAL_OK, ""};
    size_t n = (size_t)s->inputs.dims[0], width = s->inputs.count / n;
    const npy_array *t = strcmp(rows[row].golden, "gradient-alt") ? &s->targets : &s->other_targets;
    sal_explain_job *jobs = calloc(n, sizeof *jobs);
    sal_job *plain = calloc(n, sizeof *plain);
    float *got = calloc(count, sizeof *got);
    for (size_t i = 0; i < n; i++) {
        jobs[i].job = plain[i] = (sal_job){NULL, s->x + i * width, (int64_t)t->data[i]};
        if (s->normals) jobs[i].normals = s->normals + i * (s->noise.count / n);
    }
    sal_method m;
    sal_status st = SAL_OK;
    if (!rows[row].method) {
        st = sal_team_logits_(s->team, n, plain, got, &err);
    } else {
        st = sal_method_open_(s->net.model, rows[row].method, NULL, NULL, &m, &err);
        if (st == SAL_OK) st = sal_team_explain_(s->team, &m, n, jobs, got, &err);
    }
    if (st != SAL_OK) fail_msg("%s: %s", rows[row].golden, err.text);
    free(jobs);
    free(plain);
    return got;
}

static double tolerance_of(const set *s, const char *name, const char *key)
{
    json_t *t = json_object_get(json_object_get(s->methods, name), key);
    if (!json_is_number(t)) fail_msg("%s: no %s in methods.json", name, key);
    return json_number_value(t);
}

static bool compare(const set *s, size_t which, size_t row)
{
    const char *name = rows[row].golden;
    npy_array want = load(s->folder, name);
    float *got = compute(s, row, want.count);
    double rms = relative_rms(want.count, got, want.data);
    double tolerance = tolerance_of(s, name, "tolerance");
    const char *note = "";
    if (which == 1 && !(rms <= tolerance)) { /* winners of ties hang on rounding there */
        tolerance = tolerance_of(s, name, "tolerance_any_summation_order");
        note = "   of any summation order";
    }
    bool good = rms <= tolerance;
    print_message("%-27s %-18s %9.2e %9.2e%s%s\n", name, set_names[which], rms, tolerance, note,
                  good ? "" : "   TOO FAR");
    free(got);
    free(want.data);
    return good;
}

static void maps_agree(void **state)
{
    (void)state;
    size_t wanted = 0, bad = 0, entries = 0;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < SETS; k++) wanted += rows[i].sets >> k & 1;
    if (!golden_folder()) {
        print_message("%zu golden comparisons skipped: no folder, see SALCHECK_GOLDEN\n", wanted);
        skip();
    }
    print_message("%-27s %-18s %9s %9s\n", "method", "set", "rms", "tolerance");
    for (size_t k = 0; k < SETS; k++) {
        set s = open_set(k);
        entries += json_object_size(s.methods);
        for (size_t i = 0; i < ROWS; i++)
            if (rows[i].sets >> k & 1) bad += !compare(&s, k, i);
        close_set(&s);
    }
    print_message("%zu of %zu goldens compared; canny has its own test, the rest belong to methods "
                  "not here\n",
                  wanted, entries);
    if (bad) fail_msg("%zu maps are too far from the reference", bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maps_agree)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
