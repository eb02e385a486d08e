/* A test program of somebody else, who has only what is installed: a map made from the parameters passes,
 * the edge picture is caught.
 * usage: stranger [caught | save]    save: the network and its inputs, as net.onnx and inputs.npy */
#include <salcheck/cmocka.h>
#include <salcheck/salcheck.h>

#include <stdio.h>

enum { INPUTS = 20, PIXELS = 36 };

static sal_graph *graph;
static sal_params *params;
static sal_value output;
static sal_model *model;
static sal_tensor *inputs;

static int load(void **state)
{
    static float pixels[INPUTS * PIXELS];
    sal_error err = {SAL_OK, ""};
    (void)state;
    for (size_t i = 0; i < INPUTS * PIXELS; i++) pixels[i] = (float)(i * i * 7 % 11);
    sal_status st =
        sal_tensor_view_of(NULL, pixels, 4, (const int64_t[]){INPUTS, 1, 6, 6}, &inputs, &err);
    if (st == SAL_OK) st = sal_graph_create(NULL, "stranger", &graph, &err);
    if (st != SAL_OK) return -1;
    sal_value x = sal_graph_input(graph, "input", 3, (const int64_t[]){1, 6, 6});
    sal_value flat = sal_nn_apply(graph, "Flatten", "flatten", x);
    output = sal_nn_dense(graph, "fc", flat, &(sal_dense_options){.units = 3});
    st = sal_params_create(graph, &params, &err);
    if (st == SAL_OK) st = sal_nn_initialise(graph, params, 1, &err);
    if (st == SAL_OK) st = sal_model_from_graph(graph, x, output, params, &model, &err);
    return st == SAL_OK ? 0 : -1;
}

static int release(void **state)
{
    (void)state;
    sal_model_free(model);
    sal_params_free(params);
    sal_graph_free(graph);
    sal_tensor_free(inputs);
    return 0;
}

static void passes(void **state)
{
    (void)state;
    assert_saliency_depends_on_params(model, inputs, SAL_RANDOM_FROM_PARAMS);
}

static void caught(void **state)
{
    (void)state;
    assert_saliency_depends_on_params(model, inputs, SAL_SOBEL);
}

static int save(void)
{
    sal_error err = {SAL_OK, "no network"};
    bool good = load(NULL) == 0 &&
                sal_onnx_save(graph, output, params, "net.onnx", &err) == SAL_OK &&
                sal_npy_write_tensor(inputs, "inputs.npy", &err) == SAL_OK;
    if (!good) fprintf(stderr, "%s\n", err.text);
    release(NULL);
    return !good;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest good[] = {cmocka_unit_test(passes)};
    const struct CMUnitTest bad[] = {cmocka_unit_test(caught)};
    printf("salcheck %s\n", sal_version());
    if (argc > 1 && !strcmp(argv[1], "save")) return save();
    return argc > 1 ? !!cmocka_run_group_tests(bad, load, release)
                    : !!cmocka_run_group_tests(good, load, release);
}
