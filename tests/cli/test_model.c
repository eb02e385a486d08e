/* tests/cli/test_model.c - the commands that read networks, against the golden maps. */
#include "program.h"

#include <salcheck/salcheck.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char models[600], goldens[600];

/* The networks lie beside the goldens, and the build must read ONNX; else the test says so. */
static bool can_run(const scratch *s)
{
    const char *folder = golden_folder();
    if (!folder) {
        print_message("no golden maps: SALCHECK_GOLDEN\n");
        return false;
    }
    snprintf(goldens, sizeof goldens, "%s", folder);
    snprintf(models, sizeof models, "%s/../models", folder);
    const answer *a = salcheck(s, "info '%s/mnist_cnn.onnx'", models);
    if (strstr(a->err, "has no ONNX")) {
        print_message("this build has no ONNX\n");
        return false;
    }
    return true;
}

#define NEEDS_MODELS(s)                                                                            \
    if (!can_run(s)) skip()

static float *read_result(const scratch *s, const char *file, size_t *n)
{
    char path[200];
    sal_tensor *t = NULL;
    sal_error err = {0};
    snprintf(path, sizeof path, "%s/%s", s->folder, file);
    if (sal_npy_read_tensor(NULL, path, NULL, &t, &err) != SAL_OK) fail_msg("%s", err.text);
    remove(path);
    *n = sal_tensor_count(t);
    float *copy = malloc(*n * sizeof *copy);
    memcpy(copy, sal_tensor_get_data(t), *n * sizeof *copy);
    sal_tensor_free(t);
    return copy;
}

static double distance(const scratch *s, const char *file, const char *golden)
{
    size_t n;
    float *got = read_result(s, file, &n);
    npy_array want = load_npy(golden);
    if (want.count != n) fail_msg("%s: %zu numbers, wanted %zu", golden, n, want.count);
    double rms = relative_rms(n, got, want.data);
    free(want.data);
    free(got);
    return rms;
}

static void info_names_the_layers(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    const answer *a = salcheck(s, "info '%s/mnist_cnn.onnx' --json", models);
    expect(a, "info", 0, "");
    json_t *j = json_of_answer(a, "info"), *layers = json_object_get(j, "layers");
    static const char *const names[] = {"conv1", "conv2", "fc1", "fc2"};
    assert_int_equal(json_array_size(layers), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(layers, i), "name")),
                            names[i]);
    assert_int_equal(json_integer_value(json_object_get(j, "outputs")), 10);
    assert_int_equal(json_integer_value(json_object_get(j, "numbers")), 3274634);
    json_decref(j);
}

static void predict_gives_the_golden_logits(void **state)
{
    static const char *const nets[] = {"mnist_cnn", "mnist_mlp"};
    const scratch *s = *state;
    NEEDS_MODELS(s);
    for (size_t i = 0; i < 2; i++) {
        char golden[700];
        const answer *a =
            salcheck(s, "predict '%s/%s.onnx' '%s/%s/inputs.npy' --out l.npy --top 2 --json",
                     models, nets[i], goldens, nets[i]);
        expect(a, nets[i], 0, "");
        json_t *j = json_of_answer(a, nets[i]);
        assert_int_equal(json_array_size(j), 8);
        const json_t *six = json_array_get(json_object_get(json_array_get(j, 5), "top"), 0);
        assert_int_equal(json_integer_value(json_object_get(six, "class")),
                         6); /* both call the 5 a 6 */
        json_decref(j);
        snprintf(golden, sizeof golden, "%s/%s/logits.npy", goldens, nets[i]);
        double rms = distance(s, "l.npy", golden);
        if (!(rms < 1e-4)) fail_msg("%s: %g", nets[i], rms);
    }
}

/* Every method that the goldens have and that needs no noise, named as the goldens name it. */
static void explain_gives_the_golden_maps(void **state)
{
    static const struct {
        const char *net, *model, *method;
        double tolerance;
    } cases[] = {
        {"mnist_cnn_tiefree", "mnist_cnn", "gradient", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "gradient-x-input", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "guided-backprop", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "deconvnet", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "gradcam", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "guided-gradcam", 1e-3},
        {"mnist_cnn_tiefree", "mnist_cnn", "integrated-gradients", 1e-3},
        {"mnist_mlp", "mnist_mlp", "gradient", 1e-3},
        {"mnist_mlp", "mnist_mlp", "guided-backprop", 1e-3},
    };
    const scratch *s = *state;
    NEEDS_MODELS(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char golden[700];
        bool cam = strstr(cases[i].method, "gradcam") != NULL;
        const answer *a = salcheck(s,
                                   "explain '%s/%s.onnx' '%s/%s/inputs.npy' --method %s --target "
                                   "'%s/%s/targets.npy' --out m.npy %s",
                                   models, cases[i].model, goldens, cases[i].net, cases[i].method,
                                   goldens, cases[i].net, cam ? "--layer relu2_out" : "");
        expect(a, cases[i].method, 0, "");
        snprintf(golden, sizeof golden, "%s/%s/%s.npy", goldens, cases[i].net, cases[i].method);
        double rms = distance(s, "m.npy", golden);
        if (!(rms < cases[i].tolerance)) fail_msg("%s, %s: %g", cases[i].net, cases[i].method, rms);
    }
}

/* The noise of an input does not depend on how many were explained at a time. */
static void noise_does_not_depend_on_pieces(void **state)
{
    const scratch *s = *state;
    size_t n, m;
    NEEDS_MODELS(s);
    const answer *a = salcheck(s,
                               "explain '%s/mnist_mlp.onnx' " SAL_SOURCE_DIR
                               "/examples/mnist/test-images-500-idx3-ubyte.gz --method random "
                               "--seed 7 --out m.npy",
                               models);
    expect(a, "pieces of 8", 0, "");
    float *one = read_result(s, "m.npy", &n);
    a = salcheck(s,
                 "explain '%s/mnist_mlp.onnx' " SAL_SOURCE_DIR
                 "/examples/mnist/test-images-500-idx3-ubyte.gz --method random --seed 7 --batch "
                 "500 --threads 1 --out m.npy",
                 models);
    expect(a, "one piece", 0, "");
    float *other = read_result(s, "m.npy", &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, other, n * sizeof *one);
    free(one);
    free(other);
}

static void inputs_are_refused_by_name(void **state)
{
    static const struct {
        const char *arguments;
        int code;
        const char *part;
    } cases[] = {
        {SAL_TESTS_DIR "/golden/io/uint8.npy", 2, "holds uint8: give --scale"},
        {SAL_TESTS_DIR "/golden/io/float32.npy", 4, "[2, 3]"},
        {SAL_TESTS_DIR "/golden/io/float32.npy x.npy", 2, "one array is read, got 'x.npy' as well"},
        {SAL_TESTS_DIR "/golden/io/stored.npz", 2, "several arrays, name one of: x, y"},
        {SAL_TESTS_DIR "/golden/known", 4, "no .png, .jpg, .jpeg or .ppm in this folder"},
        {SAL_TESTS_DIR "/golden/io/cmyk.jpg", 4, "CMYK"},
        {SAL_TESTS_DIR "/golden/io/picture.png --resize best", 2, "--resize is 'best'"},
        {"absent.png", 4, "absent.png: cannot be opened"},
    };
    const scratch *s = *state;
    NEEDS_MODELS(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(salcheck(s, "predict '%s/mnist_cnn.onnx' %s", models, cases[i].arguments),
               cases[i].arguments, cases[i].code, cases[i].part);
    const answer *a =
        salcheck(s, "predict '%s/mnist_cnn.onnx' " SAL_TESTS_DIR "/golden/io/", models);
    expect(a, "folder with a bad picture", 4, "CMYK");
    a = salcheck(s,
                 "predict '%s/mnist_cnn.onnx' " SAL_TESTS_DIR
                 "/golden/io/picture.png " SAL_TESTS_DIR "/golden/io/smooth.jpg",
                 models);
    expect(a, "pictures", 0, "");
    assert_non_null(strstr(a->out, "\npicture.png "));
    assert_non_null(strstr(a->out, "\nsmooth.jpg "));
}

static void checks_end_with_their_outcome(void **state)
{
    static const struct {
        const char *check, *options;
        int code;
    } cases[] = {
        {"params", "--method gradient", 0},
        {"params", "--method gradient,smoothgrad:samples=4,spread=0.1 --pictures ''", 0},
        {"params", "--method gradient,sobel --pictures ''", 1},
        {"params", "--method guided-backprop --pictures pics", 1},
        {"params", "--method gradient --draws 2", 3},
        {"params", "--method constant --pictures ''", 3},
        {"params", "--method gradcam --layer nowhere", 2},
        {"params", "--method gradient,nonsense", 4},
        {"params", "--method gradient --randomisation nonsense", 2},
        {"params", "--method gradient --metric mse", 2},
        {"reproducible", "--method gradient", 0},
        {"labels", "--method gradient", 2},
    };
    const scratch *s = *state;
    NEEDS_MODELS(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int json = 0; json < 2; json++) {
            char name[128];
            snprintf(name, sizeof name, "%s %s", cases[i].check, cases[i].options);
            const answer *a =
                salcheck(s, "check %s '%s/mnist_cnn.onnx' '%s/mnist_cnn/inputs.npy' %s %s",
                         cases[i].check, models, goldens, cases[i].options, json ? "--json" : "");
            expect(a, name, cases[i].code, "");
            for (const char *line = a->out; json && *line; line += strcspn(line, "\n") + 1) {
                json_t *j = json_loadb(line, strcspn(line, "\n"), 0, NULL);
                if (!j || !json_is_string(json_object_get(j, "outcome")))
                    fail_msg("%s: no verdict: %.100s", name, line);
                json_decref(j);
            }
        }
    expect(salcheck(s, "--version; ls pics/*.png && rm -r pics"), "pictures", 0, "");
}

static void verdicts_are_written(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    const answer *a =
        salcheck(s,
                 "check params '%s/mnist_mlp.onnx' '%s/mnist_mlp/inputs.npy' --method "
                 "gradient,sobel --pictures '' --labels '%s/mnist_mlp/labels.npy' "
                 "--out v.jsonl --json",
                 models, goldens, goldens);
    expect(a, "check", 1, "");
    char path[200];
    size_t n;
    snprintf(path, sizeof path, "%s/v.jsonl", s->folder);
    unsigned char *file = read_bytes(path, &n);
    remove(path);
    assert_int_equal(n, strlen(a->out));
    assert_memory_equal(file, a->out, n);
    free(file);
}

/* A check that would take minutes, and SIGINT after a second: what is known is printed. */
static void an_interrupt_prints_what_is_known(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    const answer *a = salcheck(
        s,
        "--version; timeout --preserve-status -s INT 2 '" SAL_PROGRAM
        "' check params '%s/mnist_cnn.onnx' '%s/mnist_cnn/inputs.npy' --method gradient,vargrad "
        "--min-draws 100000 --draws 100000",
        models, goldens);
    expect(a, "interrupt", 3, "interrupted after 1 of 2 methods");
    assert_non_null(strstr(a->out, "gradient"));
    assert_non_null(strstr(a->out, " pass\n"));
}

/* Step K of the program's cascade is step K of the library's, and what is written reads back as it
 * was: same seed, same bits; another seed, others. */
static void randomise_writes_a_step_of_the_cascade(void **state)
{
    static const char *const lines[] = {"--mode cascade --step 1 --seed 5",
                                        "--mode cascade --step 1 --seed 6"};
    const scratch *s = *state;
    NEEDS_MODELS(s);
    char path[700];
    sal_onnx *file = NULL;
    sal_error err = {0};
    snprintf(path, sizeof path, "%s/mnist_mlp.onnx", models);
    if (sal_onnx_load(NULL, path, NULL, &file, &err) != SAL_OK) fail_msg("%s", err.text);
    sal_params *want = NULL;
    const sal_randomise_options o = {.seed = 5};
    if (sal_randomise(sal_onnx_get_model(file), "cascade", 1, &o, &want, &err) != SAL_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < 2; i++) {
        expect(salcheck(s, "randomise '%s/mnist_mlp.onnx' %s --out r.onnx", models, lines[i]),
               lines[i], 0, "step 1 of 3");
        sal_onnx *other = NULL;
        snprintf(path, sizeof path, "%s/r.onnx", s->folder);
        if (sal_onnx_load(NULL, path, NULL, &other, &err) != SAL_OK) fail_msg("%s", err.text);
        const sal_params *got = sal_onnx_get_params(other);
        assert_int_equal(sal_params_count(got), sal_params_count(want));
        size_t differ = 0;
        for (size_t k = 0; k < sal_params_count(want); k++)
            differ += memcmp(sal_params_get(got, k), sal_params_get(want, k),
                             sal_params_size(want, k) * sizeof(float)) != 0;
        if (i == 0 ? differ : !differ) fail_msg("%s: %zu tensors differ", lines[i], differ);
        sal_onnx_free(other);
    }
    sal_params_free(want);
    sal_onnx_free(file);
    expect(
        salcheck(s, "randomise '%s/mnist_mlp.onnx' --mode cascade --step 3 --out r.onnx", models),
        "beyond the last", 2, "step 3");
    expect(salcheck(
               s, "randomise r.onnx --mode nonsense --out q.onnx; code=$?; rm r.onnx; exit $code"),
           "mode", 2, "unknown randomisation 'nonsense'");
}

/* Maps of the randomised file are those of the method on it, and labels takes it as a twin. */
static void a_randomised_file_is_a_twin(void **state)
{
    const scratch *s = *state;
    NEEDS_MODELS(s);
    expect(salcheck(s, "randomize '%s/mnist_mlp.onnx' --mode full --out r.onnx", models), "full", 0,
           "step 0 of 1");
    const answer *a = salcheck(s,
                               "check labels '%s/mnist_mlp.onnx' r.onnx '%s/mnist_mlp/inputs.npy' "
                               "--method gradient,sobel --pictures ''; code=$?; rm r.onnx; exit "
                               "$code",
                               models, goldens);
    expect(a, "labels", 1, "");
    assert_non_null(strstr(a->out, " pass\n"));
    assert_non_null(strstr(a->out, " fail\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_names_the_layers),
        cmocka_unit_test(predict_gives_the_golden_logits),
        cmocka_unit_test(explain_gives_the_golden_maps),
        cmocka_unit_test(noise_does_not_depend_on_pieces),
        cmocka_unit_test(inputs_are_refused_by_name),
        cmocka_unit_test(checks_end_with_their_outcome),
        cmocka_unit_test(verdicts_are_written),
        cmocka_unit_test(randomise_writes_a_step_of_the_cascade),
        cmocka_unit_test(a_randomised_file_is_a_twin),
        cmocka_unit_test(an_interrupt_prints_what_is_known),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
