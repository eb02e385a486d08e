/* What `salcheck check params` finds in real networks must be what is known of each method: those that follow
 * the output layer pass, those that do not fail. "cli.outcomes photos" checks a network for photographs and
 * prints what it finds. */
#define _DEFAULT_SOURCE /* scandir, symlink */
#include "golden_onnx.h"
#include "program.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PHOTOS = 32 };
#define DIGITS SAL_SOURCE_DIR "/examples/mnist/test-"

/* As measured in a pilot on two such networks; near: D lies at the limit, every outcome but invalid is
 * honest then, and only D is held against it. */
typedef struct {
    const char *method, *cnn, *mlp;
} row;

static const char near[] = "near the limit";

static const row known[] = {
    {"gradient", "pass", "pass"},
    {"gradient-x-input", "pass", "pass"},
    {"integrated-gradients:steps=25", "pass", "pass"},
    {"smoothgrad", "pass", "pass"},
    {"smoothgrad-squared", "pass", "pass"},
    {"vargrad", "pass", "pass"},
    {"gradcam", "pass", NULL}, /* no convolution */
    {"guided-gradcam", near, NULL},
    {"deconvnet", near, near},
    {"guided-backprop", "fail", "fail"},
    {"sobel", "fail", "fail"},
    {"canny", "fail", "fail"},
    {"input", "fail", "fail"},
    {"constant", "invalid", "invalid"},
    {"random", "fail", "fail"}, /* its noise belongs to the input: nothing changes */
    {"random-from-params", "pass", "pass"},
};

static const row photographs[] = {
    {"gradient", "pass", NULL},        {"smoothgrad", "pass", NULL}, {"gradcam", "pass", NULL},
    {"guided-backprop", "fail", NULL}, {"sobel", "fail", NULL},
};

static double number(const json_t *verdict, const char *key)
{
    const json_t *v = json_object_get(verdict, key);
    if (!json_is_number(v)) fail_msg("a verdict without '%s'", key);
    return json_number_value(v);
}

static bool as_known(const json_t *v, const char *method, const char *wanted)
{
    const char *found = json_string_value(json_object_get(v, "outcome"));
    double limit = number(v, "limit");
    if (strcmp(json_string_value(json_object_get(v, "method")), method) != 0)
        fail_msg("a verdict on %s, wanted %s", json_string_value(json_object_get(v, "method")),
                 method);
    if (!strcmp(found, "invalid")) {
        print_message("%-30s %-12s %s\n", method, found,
                      json_string_value(json_object_get(v, "reason")));
        return !strcmp(wanted, found);
    }
    double d = number(v, "value"), low = number(v, "low"), high = number(v, "high");
    bool good = wanted == near ? d > limit - .12 && d < limit + .12 : !strcmp(wanted, found);
    /* an outcome and its interval cannot disagree */
    good = good && low < high && (strcmp(found, "pass") != 0 || low >= limit) &&
           (strcmp(found, "fail") != 0 || high <= limit);
    print_message("%-30s %-12s D %5.2f [%6.4f, %6.4f], %3.0f draws, r %.2f a %.2f u %.2f%s\n",
                  method, found, d, low, high, number(v, "draws"), number(v, "mean_r"),
                  number(v, "mean_a"), number(v, "mean_u"), good ? "" : "  <- differs");
    return good;
}

/* One run of the program for all methods of a network; returns how many are not as known. */
static size_t compare(const scratch *s, const char *model, const char *inputs, size_t n,
                      const row *rows, bool mlp)
{
    char methods[600] = "";
    size_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(methods);
        if (mlp ? rows[i].mlp : rows[i].cnn)
            snprintf(methods + used, sizeof methods - used, "%s%s", used ? "," : "",
                     rows[i].method);
    }
    const answer *a = salcheck(s, "check params '%s' %s --method %s --pictures '' --json", model,
                               inputs, methods);
    expect(a, model, 1, ""); /* some fail */
    print_message("%s\n", strrchr(model, '/') + 1);
    const char *line = a->out;
    for (size_t i = 0; i < n; i++) {
        const char *wanted = mlp ? rows[i].mlp : rows[i].cnn;
        if (!wanted) continue;
        json_t *v = json_loadb(line, strcspn(line, "\n"), 0, NULL);
        if (!v) fail_msg("no verdict on %s", rows[i].method);
        bad += !as_known(v, rows[i].method, wanted);
        json_decref(v);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    if (*line) fail_msg("more verdicts than methods: %.100s", line);
    return bad;
}

/* false: said why not. */
static bool find(const scratch *s, const char *net, char path[1024], bool *temporary)
{
    *temporary = false;
    if (!golden_folder())
        print_message("no golden maps: SALCHECK_GOLDEN\n");
    else if (strstr(salcheck(s, "info absent.onnx")->err, "has no ONNX"))
        print_message("this build has no ONNX\n");
    else if (!find_golden_onnx(net, path, temporary))
        print_message("%s is not there: SALCHECK_ASSETS\n", net);
    else
        return true;
    return false;
}

static void digits_give_the_known_outcomes(void **state)
{
    static const char inputs[] =
        "'" DIGITS "images-500-idx3-ubyte.gz' --labels '" DIGITS "labels-500-idx1-ubyte.gz'";
    char cnn[1024], mlp[1024];
    bool temporary;
    size_t n = sizeof known / sizeof known[0];
    if (!find(*state, "mnist_cnn", cnn, &temporary) || !find(*state, "mnist_mlp", mlp, &temporary))
        skip();
    size_t bad = compare(*state, mlp, inputs, n, known, true);
    if (!getenv("SALCHECK_QUICK")) bad += compare(*state, cnn, inputs, n, known, false);
    assert_int_equal(bad, 0);
}

static int is_photograph(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 4 && !strcmp(e->d_name + n - 4, ".jpg") && strncmp(e->d_name, "stamp_", 6) != 0;
}

static void photographs_get_an_outcome_each(void **state)
{
    const scratch *s = *state;
    char model[1024], folder[1024], link[128], inputs[PHOTOS * 64 + 100] = "";
    bool temporary;
    struct dirent **names = NULL;
    if (!find(s, "mobilenet_v2_imagenet", model, &temporary)) skip();
    beside_goldens(folder, "data", "photos", "");
    int n = scandir(folder, &names, is_photograph, alphasort);
    if (n < PHOTOS) {
        print_message("no %d photographs in %s\n", PHOTOS, folder);
        skip();
    }
    for (int i = 0; i < n; i++) {
        size_t used = strlen(inputs);
        if (i < PHOTOS)
            snprintf(inputs + used, sizeof inputs - used, "'p/%.50s' ", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    size_t used = strlen(inputs);
    snprintf(inputs + used, sizeof inputs - used, "--scale 1 --mean 128 --std 127");
    snprintf(link, sizeof link, "%s/p", s->folder);
    assert_int_equal(symlink(folder, link), 0);
    size_t bad =
        compare(s, model, inputs, sizeof photographs / sizeof photographs[0], photographs, false);
    remove(link);
    if (temporary) remove(model);
    assert_int_equal(bad, 0);
}

int main(int n, char **arguments)
{
    const struct CMUnitTest digits[] = {cmocka_unit_test(digits_give_the_known_outcomes)};
    const struct CMUnitTest photos[] = {cmocka_unit_test(photographs_get_an_outcome_each)};
    if (n > 1 && !strcmp(arguments[1], "photos"))
        return !!cmocka_run_group_tests(photos, make_scratch, drop_scratch);
    return !!cmocka_run_group_tests(digits, make_scratch, drop_scratch);
}
