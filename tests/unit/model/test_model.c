/* Models of graphs: mistakes at making them, what they say of themselves, evaluation. */
#include "nets.h"
#include "support.h"

#include "model/model.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *name, sal_status got, const sal_error *err, sal_status wanted,
                   const char *text)
{
    if (got != wanted || !strstr(err->text, text))
        fail_msg("%s: status %d, \"%s\"; wanted %d, \"%s\"", name, got, err->text, wanted, text);
}

static void mistakes(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_model *m = NULL;
    test_net net = small_cnn(NULL, 1), other = linear_net(NULL, 1, (const int64_t[]){5}, 3), two;
    sal_params *p = net.params;
    sal_value x = sal_graph_find(net.g, "input"), y = sal_graph_find(net.g, "fc2");
    sal_value w = sal_graph_find(net.g, "fc2.weight");
    start_net(&two, NULL, "two inputs");
    sal_value ab[2] = {sal_graph_input(two.g, "a", 1, (const int64_t[]){3}),
                       sal_graph_input(two.g, "b", 1, (const int64_t[]){3})};
    sal_value sum = sal_graph_node(two.g, "Add", "sum", NULL, 2, ab);
    make_params(&two);
    const struct {
        const char *name, *text;
        const sal_graph *g;
        sal_value x, y;
        const sal_params *p;
        sal_model **out;
        sal_status status;
    } rows[] = {
        {"no graph", "graph, parameters or out is NULL", NULL, x, y, p, &m, SAL_E_ARG},
        {"no parameters", "is NULL", net.g, x, y, NULL, &m, SAL_E_ARG},
        {"no out", "is NULL", net.g, x, y, p, NULL, SAL_E_ARG},
        {"input is a node", "a model needs one input", net.g, y, y, p, &m, SAL_E_ARG},
        {"input unknown", "a model needs one input", net.g, SAL_NO_VALUE, y, p, &m, SAL_E_ARG},
        {"logits are a parameter", "a model needs one input", net.g, x, w, p, &m, SAL_E_ARG},
        {"logits out of range", "a model needs one input", net.g, x, 1000, p, &m, SAL_E_ARG},
        {"two inputs", "a model needs one input", two.g, ab[0], sum, two.params, &m, SAL_E_ARG},
        {"another graph's parameters", "parameters of another graph: 2 tensors, wanted 8", net.g, x,
         y, other.params, &m, SAL_E_ARG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(rows[i].name,
               sal_model_from_graph(rows[i].g, rows[i].x, rows[i].y, rows[i].p, rows[i].out, &err),
               &err, rows[i].status, rows[i].text);
    assert_null(m);
    sal_model_free(NULL);
    free_net(&net);
    free_net(&other);
    free_net(&two);
}

/* Equal counts of tensors, other sizes; a value that is not finite; a graph with a mistake. */
static void mistakes_inside(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_model *m = NULL;
    float *values, bad[3] = {0, NAN, 0};
    test_net net = linear_net(NULL, 1, (const int64_t[]){5}, 3);
    test_net other = linear_net(NULL, 1, (const int64_t[]){4}, 3);
    sal_value x = sal_graph_find(net.g, "input"), y = sal_graph_find(net.g, "fc");
    expect("sizes", sal_model_from_graph(net.g, x, y, other.params, &m, &err), &err, SAL_E_SHAPE,
           "parameter 'fc.weight' has 12 elements, wanted 15");
    expect("set", sal_params_set(net.params, 1, bad, &err), &err, SAL_E_VALUE,
           "parameter 1: element 1 is not finite");
    assert_int_equal(sal_params_edit_(net.params, 1, &values, NULL), SAL_OK);
    values[2] = INFINITY;
    expect("not finite", sal_model_from_graph(net.g, x, y, net.params, &m, &err), &err, SAL_E_VALUE,
           "model 'linear': parameter 'fc.bias', element 2 is not finite");
    sal_nn_apply(net.g, "Rellu", "act", y);
    expect("mistake in the graph", sal_model_from_graph(net.g, x, y, net.params, &m, &err), &err,
           SAL_E_ARG, "unknown operator 'Rellu'; did you mean 'Relu'?");
    assert_null(m);
    free_net(&net);
    free_net(&other);
}

static void what_it_says_of_itself(void **state)
{
    static const char *const layers[] = {"conv1", "conv2", "fc1", "fc2"};
    (void)state;
    int64_t dims[SAL_MAX_RANK];
    test_net net = small_cnn(NULL, 1);
    assert_string_equal(sal_model_get_name(net.model), "small_cnn");
    assert_int_equal(sal_model_outputs(net.model), 4);
    assert_int_equal(sal_model_input_shape(net.model, dims), 3);
    assert_int_equal(100 * dims[0] + 10 * dims[1] + dims[2], 298);
    assert_int_equal(sal_model_layer_count(net.model), 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(sal_model_layer_name(net.model, i), layers[i]);
    assert_null(sal_model_layer_name(net.model, 4));
    free_net(&net);
}

static sal_tensor *view(float *x, int64_t n, int64_t width)
{
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, x, 2, (const int64_t[]){n, width}, &t, NULL), SAL_OK);
    return t;
}

static void linear_evaluation(void **state)
{
    (void)state;
    enum { N = 130 }; /* more than one block */
    static float x[N * 3], logits[N * 2], gradient[N * 3];
    static int64_t target[N];
    const float w[6] = {1, -2, 3, 0.5f, 4, -1}, b[2] = {10, -10};
    sal_error err = {SAL_OK, ""};
    test_net net = linear_net(NULL, 1, (const int64_t[]){3}, 2);
    set_param(&net, "fc.weight", w);
    set_param(&net, "fc.bias", b);
    sal_model_free(net.model);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    for (size_t i = 0; i < N * 3; i++) x[i] = (float)(i % 17) - 8;
    for (size_t i = 0; i < N; i++) target[i] = (int64_t)(i % 3 == 1);
    sal_tensor *t = view(x, N, 3);
    assert_int_equal(sal_model_predict(net.model, t, logits, &err), SAL_OK);
    assert_int_equal(sal_model_input_gradient(net.model, t, target, gradient, &err), SAL_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < 2; c++) {
            double want = (double)b[c];
            for (size_t k = 0; k < 3; k++) want += (double)w[3 * c + k] * (double)x[3 * i + k];
            assert_near("logit", (double)logits[2 * i + c], want, 1e-5);
        }
    for (size_t i = 0; i < N; i++)
        assert_memory_equal(gradient + 3 * i, w + 3 * target[i], 3 * sizeof *w);
    expect("no logits", sal_model_predict(net.model, t, NULL, &err), &err, SAL_E_ARG, "is NULL");
    expect("no model", sal_model_predict(NULL, t, logits, &err), &err, SAL_E_ARG, "is NULL");
    expect("no targets", sal_model_input_gradient(net.model, t, NULL, gradient, &err), &err,
           SAL_E_ARG, "is NULL");
    target[N - 1] = 2;
    expect("target", sal_model_input_gradient(net.model, t, target, gradient, &err), &err,
           SAL_E_ARG, "target 129 is 2, wanted 0 to 1");
    sal_tensor_free(t);
    t = view(x, N, 2);
    expect("shape", sal_model_predict(net.model, t, logits, &err), &err, SAL_E_SHAPE,
           "model 'linear': inputs are [130, 2], wanted N >= 1 times [3]");
    sal_tensor_free(t);
    free_net(&net);
}

/* A model keeps the values it was made with, whatever happens to the set it was made from. */
static void parameters_are_its_own(void **state)
{
    (void)state;
    float x[3] = {1, 1, 1}, before[2], after[2];
    const float zero[6] = {0};
    test_net net = linear_net(NULL, 1, (const int64_t[]){3}, 2);
    sal_tensor *t = view(x, 1, 3);
    assert_int_equal(sal_model_predict(net.model, t, before, NULL), SAL_OK);
    set_param(&net, "fc.weight", zero);
    assert_int_equal(sal_model_predict(net.model, t, after, NULL), SAL_OK);
    assert_memory_equal(before, after, sizeof before);
    sal_params_free(net.params);
    net.params = NULL;
    assert_int_equal(sal_model_predict(net.model, t, after, NULL), SAL_OK);
    assert_memory_equal(before, after, sizeof before);
    sal_tensor_free(t);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes),
        cmocka_unit_test(mistakes_inside),
        cmocka_unit_test(what_it_says_of_itself),
        cmocka_unit_test(linear_evaluation),
        cmocka_unit_test(parameters_are_its_own),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
