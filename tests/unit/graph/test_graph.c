/* Building graphs: values, shapes, layers; each mistake is named, the first one sticks. */
#include "support.h"

#include "graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static sal_graph *graph(void)
{
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    return g;
}

static sal_value param(sal_graph *g, const char *name, const char *layer, size_t rank,
                       const int64_t *dims)
{
    sal_param_info info = {.name = name, .layer = layer, .rank = rank};
    for (size_t i = 0; i < rank && i < SAL_MAX_RANK; i++) info.dims[i] = dims[i];
    return sal_graph_param(g, &info);
}

#define DIMS(...)                                                                                  \
    (sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[])                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void values_by_name_and_shape(void **state)
{
    (void)state;
    int64_t dims[SAL_MAX_RANK];
    sal_graph *g = graph();
    sal_value x = sal_graph_input(g, "x", DIMS(2, 6, 7));
    sal_value w = param(g, "w", "c", DIMS(4, 2, 3, 3));
    sal_value y =
        sal_graph_node(g, "Conv", "c", &(sal_op_attrs){.kernel = {3, 3}, .stride = {1, 2}}, 2,
                       (sal_value[]){x, w});
    sal_value f = sal_graph_node(g, "Flatten", "f", NULL, 1, &y);
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    assert_int_equal(sal_graph_find(g, "x"), x);
    assert_int_equal(sal_graph_find(g, "w"), w);
    assert_int_equal(sal_graph_find(g, "c"), y);
    assert_int_equal(sal_graph_find(g, "cc"), SAL_NO_VALUE);
    assert_int_equal(sal_graph_find(g, NULL), SAL_NO_VALUE);
    assert_string_equal(sal_graph_value_name(g, w), "w");
    assert_null(sal_graph_value_name(g, f + 1));
    assert_null(sal_graph_value_name(g, SAL_NO_VALUE));
    assert_null(sal_graph_value_name(NULL, 0));
    assert_int_equal(sal_graph_shape(g, y, dims), 3); /* of one input: without N */
    assert_memory_equal(dims, ((int64_t[]){4, 4, 3}), 3 * sizeof dims[0]);
    assert_int_equal(sal_graph_shape(g, w, dims), 4); /* of the whole parameter */
    assert_memory_equal(dims, ((int64_t[]){4, 2, 3, 3}), 4 * sizeof dims[0]);
    assert_int_equal(sal_graph_shape(g, f, dims), 1);
    assert_int_equal(dims[0], 48);
    assert_int_equal(sal_value_count_(g, f), 48);
    assert_int_equal(sal_graph_shape(g, SAL_NO_VALUE, dims), 0);
    assert_int_equal(sal_graph_shape(g, f + 1, dims), 0);
    sal_graph_free(g);
}

static void an_input_of_rank_0_is_a_number(void **state)
{
    (void)state;
    sal_graph *g = graph();
    sal_value x = sal_graph_input(g, "x", 0, NULL),
              y = sal_graph_node(g, "Flatten", "y", NULL, 1, &x);
    int64_t dims[SAL_MAX_RANK];
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    assert_int_equal(sal_graph_shape(g, x, dims), 0);
    assert_int_equal(sal_graph_shape(g, y, dims), 1);
    assert_int_equal(dims[0], 1);
    sal_graph_free(g);
}

static void layers_are_names_of_parameters(void **state)
{
    (void)state;
    sal_graph *g = graph();
    param(g, "a.weight", "a", DIMS(2, 3));
    param(g, "b.weight", "b", DIMS(1));
    param(g, "a.bias", "a", DIMS(2));
    param(g, "lonely", NULL, DIMS(5)); /* no layer: one of its own */
    assert_int_equal(sal_graph_layer_count(g), 3);
    assert_string_equal(sal_graph_layer_name(g, 0), "a");
    assert_string_equal(sal_graph_layer_name(g, 1), "b");
    assert_string_equal(sal_graph_layer_name(g, 2), "lonely");
    assert_null(sal_graph_layer_name(g, 3));
    assert_int_equal(sal_graph_param_count(g), 4);
    assert_int_equal(g->params[2].layer, 0);
    assert_int_equal(g->params[3].layer, 2);
    sal_graph_free(g);
}

static void a_parameters_texts_are_copied(void **state)
{
    (void)state;
    char name[] = "w", layer[] = "fc", init[] = "he-normal";
    sal_param_info info = {.name = name,
                           .layer = layer,
                           .init = init,
                           .role = SAL_BIAS,
                           .rank = 1,
                           .dims = {3},
                           .fan_in = 7,
                           .fan_out = 9},
                   got;
    sal_graph *g = graph();
    sal_graph_param(g, &info);
    name[0] = layer[0] = init[0] = '?';
    assert_int_equal(sal_graph_param_info(g, 0, &got, NULL), SAL_OK);
    assert_string_equal(got.name, "w");
    assert_string_equal(got.layer, "fc");
    assert_string_equal(got.init, "he-normal");
    assert_int_equal(got.role, SAL_BIAS);
    assert_int_equal(got.fan_in, 7);
    assert_int_equal(got.fan_out, 9);
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_graph_param_info(g, 1, &got, &err), SAL_E_ARG);
    assert_string_equal(err.text, "no parameter 1");
    sal_graph_free(g);
}

/* ---- mistakes ------------------------------------------------------------------------------ */

static void twice_input(sal_graph *g)
{
    sal_graph_input(g, "x", DIMS(3));
}

static void twice_param(sal_graph *g)
{
    param(g, "x", "x", DIMS(3));
}

static void twice_node(sal_graph *g)
{
    sal_graph_node(g, "Relu", "w", NULL, 1, (sal_value[]){0});
}

static void unnamed_input(sal_graph *g)
{
    sal_graph_input(g, "", DIMS(3));
}

static void unnamed_param(sal_graph *g)
{
    sal_graph_param(g, NULL);
}

static void unnamed_node(sal_graph *g)
{
    sal_graph_node(g, "Relu", NULL, NULL, 1, (sal_value[]){0});
}

static void unknown_op(sal_graph *g)
{
    sal_graph_node(g, "RelU", "r", NULL, 1, (sal_value[]){0});
}

static void foreign_op(sal_graph *g)
{
    sal_graph_node(g, "LSTM", "r", NULL, 1, (sal_value[]){0});
}

static void missing_op(sal_graph *g)
{
    sal_graph_node(g, NULL, "r", NULL, 1, (sal_value[]){0});
}

static void missing_inputs(sal_graph *g)
{
    sal_graph_node(g, "Add", "sum", NULL, 2, NULL);
}

static void missing_dims(sal_graph *g)
{
    sal_graph_input(g, "y", 2, NULL);
}

static void too_few(sal_graph *g)
{
    sal_graph_node(g, "Add", "sum", NULL, 1, (sal_value[]){0});
}

static void too_many(sal_graph *g)
{
    sal_graph_node(g, "Relu", "r", NULL, 2, (sal_value[]){0, 0});
}

static void param_for_data(sal_graph *g)
{
    sal_graph_node(g, "Relu", "r", NULL, 1, (sal_value[]){1});
}

static void data_for_param(sal_graph *g)
{
    sal_graph_node(g, "Gemm", "fc", NULL, 2, (sal_value[]){0, 0});
}

static void foreign_value(sal_graph *g)
{
    sal_graph_node(g, "Add", "sum", NULL, 2, (sal_value[]){0, 77});
}

static void no_value(sal_graph *g)
{
    sal_graph_node(g, "Relu", "r", NULL, 1, (sal_value[]){SAL_NO_VALUE});
}

static void zero_dim(sal_graph *g)
{
    sal_graph_input(g, "y", DIMS(3, 0));
}

static void negative_dim(sal_graph *g)
{
    sal_graph_input(g, "y", DIMS(-1, 28));
}

static void rank_of_input(sal_graph *g)
{
    sal_graph_input(g, "y", DIMS(1, 1, 1, 1, 1, 1, 1, 1));
}

static void empty_param(sal_graph *g)
{
    param(g, "v", "l", DIMS(0, 3));
}

static void rank_of_param(sal_graph *g)
{
    param(g, "v", "l", DIMS(1, 1, 1, 1, 1, 1, 1, 1, 1));
}

static const struct {
    const char *name;
    void (*build)(sal_graph *g);
    sal_status status;
    const char *text;
} mistakes[] = {
    {"input twice", twice_input, SAL_E_ARG, "the name 'x' is used twice"},
    {"parameter named as an input", twice_param, SAL_E_ARG, "the name 'x' is used twice"},
    {"node named as a parameter", twice_node, SAL_E_ARG, "the name 'w' is used twice"},
    {"input without a name", unnamed_input, SAL_E_ARG, "an input without a name"},
    {"parameter without a name", unnamed_param, SAL_E_ARG, "a parameter without a name"},
    {"node without a name", unnamed_node, SAL_E_ARG, "a node without a name"},
    {"misspelt operator", unknown_op, SAL_E_ARG, "unknown operator 'RelU'; did you mean 'Relu'?"},
    {"foreign operator", foreign_op, SAL_E_ARG, "unknown operator 'LSTM'"},
    {"too few inputs", too_few, SAL_E_ARG, "Add node 'sum' has 1 inputs, wanted 2 to 2"},
    {"too many inputs", too_many, SAL_E_ARG, "Relu node 'r' has 2 inputs, wanted 1 to 1"},
    {"parameter as data", param_for_data, SAL_E_ARG,
     "Relu node 'r': input 0 must not be a parameter"},
    {"data as parameter", data_for_param, SAL_E_ARG, "Gemm node 'fc': input 1 must be a parameter"},
    {"value of another graph", foreign_value, SAL_E_ARG,
     "Add node 'sum': input 1 is no value of this graph"},
    {"no value", no_value, SAL_E_ARG, "Relu node 'r': input 0 is no value of this graph"},
    {"no operator", missing_op, SAL_E_ARG, "unknown operator ''"},
    {"inputs missing", missing_inputs, SAL_E_ARG, "Add node 'sum': inputs is NULL"},
    {"input without elements", zero_dim, SAL_E_SHAPE,
     "input 'y' is [3, 0], wanted dimensions of at least 1"},
    {"input of unknown size", negative_dim, SAL_E_SHAPE, "input 'y': dimension 0 is -1"},
    {"input without dimensions", missing_dims, SAL_E_ARG, "input 'y': dims is NULL"},
    {"rank of an input", rank_of_input, SAL_E_SHAPE, "input 'y': rank 8, wanted at most 7"},
    {"parameter without elements", empty_param, SAL_E_SHAPE,
     "parameter 'v' is [0, 3], wanted dimensions of at least 1"},
    {"rank of a parameter", rank_of_param, SAL_E_SHAPE, "parameter 'v': rank 9, wanted at most 8"},
};

static void mistakes_are_named_and_stick(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err = {SAL_OK, ""}, later = {SAL_OK, ""};
        sal_graph *g = graph();
        sal_graph_input(g, "x", DIMS(3));
        param(g, "w", "l", DIMS(2));
        assert_int_equal(sal_graph_check(g, &err), SAL_OK);
        mistakes[i].build(g);
        if (sal_graph_check(g, &err) != mistakes[i].status)
            fail_msg("%s: status %d, %s", mistakes[i].name, err.status, err.text);
        if (strcmp(err.text, mistakes[i].text)) fail_msg("%s: '%s'", mistakes[i].name, err.text);
        size_t values = g->n_values, params = g->n_params; /* calls after it pass it on */
        if (sal_graph_input(g, "z", DIMS(2)) != SAL_NO_VALUE ||
            param(g, "z", "l", DIMS(2)) != SAL_NO_VALUE ||
            sal_graph_node(g, "LSTM", "z", NULL, 1, (sal_value[]){0}) != SAL_NO_VALUE)
            fail_msg("%s: building goes on", mistakes[i].name);
        if (g->n_values != values || g->n_params != params)
            fail_msg("%s: the graph has grown", mistakes[i].name);
        sal_graph_check(g, &later);
        if (later.status != err.status || strcmp(later.text, err.text))
            fail_msg("%s: became '%s'", mistakes[i].name, later.text);
        sal_graph_free(g);
    }
}

static void missing_arguments(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_param_info info;
    assert_int_equal(sal_graph_create(NULL, "net", NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_graph_check(NULL, &err), SAL_E_ARG);
    assert_int_equal(sal_graph_input(NULL, "x", 0, NULL), SAL_NO_VALUE);
    assert_int_equal(sal_graph_param(NULL, NULL), SAL_NO_VALUE);
    assert_int_equal(sal_graph_node(NULL, "Relu", "r", NULL, 0, NULL), SAL_NO_VALUE);
    assert_int_equal(sal_graph_param_info(NULL, 0, &info, &err), SAL_E_ARG);
    sal_graph_free(NULL);
    sal_graph *g = NULL; /* without a name it gets one */
    assert_int_equal(sal_graph_create(NULL, NULL, &g, NULL), SAL_OK);
    assert_string_equal(g->name, "network");
    assert_int_equal(sal_graph_param_info(g, 0, NULL, &err), SAL_E_ARG);
    sal_graph_free(g);
}

/* Arrays grow by doubling from 16: values, nodes, parameters and layers go on beyond it. */
static void graphs_of_many_nodes(void **state)
{
    static const size_t sizes[] = {15, 16, 17, 31, 33, 255, 256, 257, 1000};
    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        sal_graph *g = graph();
        sal_value x = sal_graph_input(g, "x", DIMS(3, 4)), y = x;
        char name[32];
        for (size_t i = 0; i < sizes[s]; i++) {
            snprintf(name, sizeof name, "scale%zu", i);
            sal_value all[5] = {y};
            for (size_t k = 1; k < 5; k++) {
                char part[48];
                snprintf(part, sizeof part, "%s.%zu", name, k);
                all[k] = param(g, part, name, DIMS(3));
            }
            y = sal_graph_node(g, "BatchNormalization", name, NULL, 5, all);
        }
        sal_error err = {SAL_OK, ""};
        if (sal_graph_check(g, &err) != SAL_OK) fail_msg("%zu nodes: %s", sizes[s], err.text);
        assert_int_equal(g->n_nodes, sizes[s]);
        assert_int_equal(sal_graph_param_count(g), 4 * sizes[s]);
        assert_int_equal(sal_graph_layer_count(g), sizes[s]);
        for (size_t i = 0; i < sizes[s]; i++) {
            snprintf(name, sizeof name, "scale%zu", i);
            assert_string_equal(sal_graph_layer_name(g, i), name);
            if (sal_graph_find(g, name) != g->nodes[i].out) fail_msg("%s is not found", name);
        }
        sal_graph_free(g);
    }
}

static void attributes_have_defaults(void **state)
{
    (void)state;
    sal_graph *g = graph();
    sal_value x = sal_graph_input(g, "x", DIMS(2, 3, 4));
    sal_graph_node(g, "Relu", "none", NULL, 1, &x);
    sal_graph_node(g, "Relu", "given",
                   &(sal_op_attrs){.kernel = {2, 0},
                                   .stride = {0, 3},
                                   .axis = 2,
                                   .groups = 4,
                                   .alpha = -0.5,
                                   .epsilon = 1e-3},
                   1, &x);
    sal_graph_node(g, "Relu", "nan", &(sal_op_attrs){.alpha = (double)NAN, .epsilon = (double)NAN},
                   1, &x);
    const sal_op_attrs *none = &g->nodes[0].attrs, *given = &g->nodes[1].attrs;
    assert_true(none->kernel[0] == 1 && none->stride[1] == 1 && none->dilation[0] == 1);
    assert_true(none->groups == 1 && none->axis == 1 && none->epsilon == (double)1e-5f);
    assert_true(given->kernel[0] == 2 && given->kernel[1] == 1 && given->stride[0] == 1 &&
                given->stride[1] == 3);
    assert_true(given->groups == 4 && given->axis == 2 && given->alpha == -0.5 &&
                given->epsilon == (double)1e-3f);
    assert_true(g->nodes[2].attrs.epsilon == (double)1e-5f);
    sal_graph_free(g);
}

static void what_leads_to_a_value(void **state)
{
    (void)state;
    sal_graph *g = graph();
    sal_value x = sal_graph_input(g, "x", DIMS(3)), z = sal_graph_input(g, "z", DIMS(3));
    sal_value a = sal_graph_node(g, "Relu", "a", NULL, 1, &x);
    sal_value b = sal_graph_node(g, "Add", "b", NULL, 2, (sal_value[]){a, a});
    sal_value c = sal_graph_node(g, "Mul", "c", NULL, 2, (sal_value[]){a, z});
    bool leads[8];
    sal_graph_leads_to_(g, b, leads);
    assert_true(leads[x] && leads[a] && leads[b] && !leads[z] && !leads[c]);
    sal_graph_leads_to_(g, c, leads);
    assert_true(leads[x] && leads[a] && !leads[b] && leads[z] && leads[c]);
    sal_graph_leads_to_(g, x, leads);
    assert_true(leads[x] && !leads[a] && !leads[z]);
    sal_graph_free(g);
}

static void the_registry_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; sal_ops_[i]; i++) {
        const sal_op_def *op = sal_ops_[i];
        if (sal_op_find_(op->name) != op) fail_msg("%s is there twice", op->name);
        if (!op->summary || !op->shape || !op->forward || !op->backward || !op->n_samples ||
            op->least < 1 || op->most < op->least)
            fail_msg("%s lacks something", op->name);
        if (op->params & 1) fail_msg("%s: its first input is no data", op->name);
    }
    assert_null(sal_op_find_("relu")); /* names are those of ONNX, to the letter */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_name_and_shape),
        cmocka_unit_test(an_input_of_rank_0_is_a_number),
        cmocka_unit_test(layers_are_names_of_parameters),
        cmocka_unit_test(a_parameters_texts_are_copied),
        cmocka_unit_test(mistakes_are_named_and_stick),
        cmocka_unit_test(missing_arguments),
        cmocka_unit_test(graphs_of_many_nodes),
        cmocka_unit_test(attributes_have_defaults),
        cmocka_unit_test(what_leads_to_a_value),
        cmocka_unit_test(the_registry_is_complete),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
