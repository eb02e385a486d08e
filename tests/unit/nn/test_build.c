/* Whole layers: their nodes, parameters, names, initialisers and fans; what is refused, by the
 * layer's name. */
#include "support.h"

#include "nn/nn.h"

#include <string.h>

#define DIMS(...)                                                                                  \
    (sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[])                              \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static sal_graph *graph(size_t rank, const int64_t *dims, sal_value *x)
{
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    *x = sal_graph_input(g, "x", rank, dims);
    return g;
}

static void shape_is(const char *name, const sal_graph *g, sal_value v, size_t rank,
                     const int64_t *want)
{
    sal_error err = {SAL_OK, ""};
    int64_t dims[SAL_MAX_RANK];
    if (sal_graph_check(g, &err) != SAL_OK) fail_msg("%s: %s", name, err.text);
    if (sal_graph_shape(g, v, dims) != rank) fail_msg("%s: rank", name);
    for (size_t i = 0; i < rank; i++)
        if (dims[i] != want[i]) fail_msg("%s: dimension %zu is %d", name, i, (int)dims[i]);
}

static void param_is(const sal_graph *g, size_t i, sal_param_info want)
{
    sal_param_info got;
    assert_int_equal(sal_graph_param_info(g, i, &got, NULL), SAL_OK);
    if (strcmp(got.name, want.name)) fail_msg("'%s', wanted '%s'", got.name, want.name);
    assert_string_equal(got.layer, want.layer);
    assert_string_equal(got.init, want.init);
    if (got.role != want.role || got.fan_in != want.fan_in || got.fan_out != want.fan_out ||
        got.rank != want.rank)
        fail_msg("%s: role %d, fans %zu and %zu, rank %zu", got.name, got.role, got.fan_in,
                 got.fan_out, got.rank);
    for (size_t k = 0; k < want.rank; k++) assert_int_equal(got.dims[k], want.dims[k]);
}

static void convolutions(void **state)
{
    (void)state;
    sal_value x, y;
    sal_graph *g = graph(DIMS(4, 9, 7), &x);
    y = sal_nn_conv(
        g, "c1", x,
        &(sal_conv_options){
            .filters = 6, .kernel = {3, 5}, .groups = 2, .stride = {2, 1}, .pad = {1, 0, 0, 2}});
    shape_is("c1", g, y, DIMS(6, 4, 5));
    param_is(g, 0,
             (sal_param_info){.name = "c1.weight",
                              .layer = "c1",
                              .init = "he-normal",
                              .rank = 4,
                              .dims = {6, 2, 3, 5},
                              .fan_in = 30,
                              .fan_out = 45});
    param_is(g, 1,
             (sal_param_info){.name = "c1.bias",
                              .layer = "c1",
                              .init = "zeros",
                              .rank = 1,
                              .role = SAL_BIAS,
                              .dims = {6},
                              .fan_in = 30,
                              .fan_out = 45});
    y = sal_nn_conv(
        g, "c2", x,
        &(sal_conv_options){.filters = 3, .no_bias = true, .weight_init = "glorot-uniform"});
    shape_is("1x1", g, y, DIMS(3, 9, 7));
    assert_int_equal(sal_graph_param_count(g), 3);
    param_is(g, 2,
             (sal_param_info){.name = "c2.weight",
                              .layer = "c2",
                              .init = "glorot-uniform",
                              .rank = 4,
                              .dims = {3, 4, 1, 1},
                              .fan_in = 4,
                              .fan_out = 3});
    sal_graph_free(g);
    g = graph(DIMS(2, 10), &x);
    y = sal_nn_conv(g, "line", x,
                    &(sal_conv_options){.filters = 3, .kernel = {1, 3}, .bias_init = "ones"});
    shape_is("line", g, y, DIMS(3, 8));
    param_is(g, 0,
             (sal_param_info){.name = "line.weight",
                              .layer = "line",
                              .init = "he-normal",
                              .rank = 3,
                              .dims = {3, 2, 3},
                              .fan_in = 6,
                              .fan_out = 9});
    sal_graph_free(g);
}

static void same_keeps_the_size(void **state)
{
    (void)state;
    for (int64_t k = 1; k <= 6; k++)
        for (int64_t d = 1; d <= 3; d++) {
            sal_value x, y;
            sal_graph *g = graph(DIMS(1, 20, 18), &x);
            y = sal_nn_conv(
                g, "c", x,
                &(sal_conv_options){
                    .filters = 1, .kernel = {k, 7 - k}, .dilation = {d, 4 - d}, .same = true});
            shape_is("same", g, y, DIMS(1, 20, 18));
            const sal_op_attrs *a = &g->nodes[0].attrs;
            for (int i = 0; i < 2; i++) /* the extra row or column comes at the end */
                if (a->pad[i + 2] - a->pad[i] != (a->kernel[i] - 1) * a->dilation[i] % 2)
                    fail_msg("kernel %d, dilation %d: padding %d and %d", (int)k, (int)d,
                             (int)a->pad[i], (int)a->pad[i + 2]);
            sal_graph_free(g);
        }
}

static void other_layers(void **state)
{
    (void)state;
    static const char *const parts[4] = {"bn.scale", "bn.shift", "bn.mean", "bn.variance"};
    static const char *const inits[4] = {"ones", "zeros", "zeros", "ones"};
    sal_value x, y;
    sal_graph *g = graph(DIMS(3, 8, 8), &x);
    y = sal_nn_batch_norm(g, "bn", "conv7", x);
    shape_is("bn", g, y, DIMS(3, 8, 8));
    for (size_t i = 0; i < 4; i++)
        param_is(g, i,
                 (sal_param_info){.name = parts[i],
                                  .layer = "conv7",
                                  .init = inits[i],
                                  .role = (sal_param_role)(SAL_NORM_SCALE + (int)i),
                                  .rank = 1,
                                  .dims = {3}});
    y = sal_nn_batch_norm(g, "own", NULL, x);
    assert_string_equal(sal_graph_layer_name(g, 1), "own");
    y = sal_nn_max_pool(g, "max", y, 2);
    shape_is("max", g, y, DIMS(3, 4, 4));
    y = sal_nn_average_pool(g, "mean", y, 4);
    shape_is("mean", g, y, DIMS(3, 1, 1));
    y = sal_nn_apply(g, "Flatten", "flat", y);
    y = sal_nn_dense(g, "fc", y, &(sal_dense_options){.units = 5, .weight_init = "ones"});
    shape_is("fc", g, y, DIMS(5));
    param_is(g, 8,
             (sal_param_info){.name = "fc.weight",
                              .layer = "fc",
                              .init = "ones",
                              .rank = 2,
                              .dims = {5, 3},
                              .fan_in = 3,
                              .fan_out = 5});
    param_is(g, 9,
             (sal_param_info){.name = "fc.bias",
                              .layer = "fc",
                              .init = "zeros",
                              .rank = 1,
                              .role = SAL_BIAS,
                              .dims = {5},
                              .fan_in = 3,
                              .fan_out = 5});
    y = sal_nn_dense(g, "last", y, &(sal_dense_options){.units = 1, .no_bias = true});
    shape_is("last", g, y, DIMS(1));
    assert_int_equal(sal_graph_param_count(g), 11);
    sal_graph_free(g);
    g = graph(DIMS(2, 9), &x);
    shape_is("a line's maximum", g, sal_nn_max_pool(g, "max", x, 3), DIMS(2, 3));
    shape_is("a line's mean", g, sal_nn_average_pool(g, "mean", x, 4), DIMS(2, 2));
    sal_graph_free(g);
}

/* ---- mistakes ------------------------------------------------------------------------------- */

typedef sal_value build(sal_graph *g, sal_value x);

static sal_value dense_on_planes(sal_graph *g, sal_value x)
{
    return sal_nn_dense(g, "fc", x, &(sal_dense_options){.units = 3});
}

static sal_value conv_on_features(sal_graph *g, sal_value x)
{
    x = sal_nn_apply(g, "Flatten", "flat", x);
    return sal_nn_conv(g, "c", x, &(sal_conv_options){.filters = 3});
}

static sal_value norm_on_a_number(sal_graph *g, sal_value x)
{
    (void)x;
    return sal_nn_batch_norm(g, "bn", NULL, sal_graph_input(g, "number", 0, NULL));
}

static sal_value dense_on_nothing(sal_graph *g, sal_value x)
{
    (void)x;
    return sal_nn_dense(g, "fc", SAL_NO_VALUE, &(sal_dense_options){.units = 3});
}

static sal_value dense_on_a_parameter(sal_graph *g, sal_value x)
{
    (void)x;
    sal_param_info info = {.name = "w", .rank = 1, .dims = {3}};
    return sal_nn_dense(g, "fc", sal_graph_param(g, &info), &(sal_dense_options){.units = 3});
}

static sal_value norm_on_nothing(sal_graph *g, sal_value x)
{
    return sal_nn_batch_norm(g, "bn", NULL, x + 9);
}

static sal_value no_filters(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x, &(sal_conv_options){.kernel = {3, 3}});
}

static sal_value no_units(sal_graph *g, sal_value x)
{
    return sal_nn_dense(g, "fc", sal_nn_apply(g, "Flatten", "flat", x),
                        &(sal_dense_options){.no_bias = true});
}

static sal_value no_options(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x, NULL);
}

static sal_value no_dense_options(sal_graph *g, sal_value x)
{
    return sal_nn_dense(g, "fc", sal_nn_apply(g, "Flatten", "flat", x), NULL);
}

static sal_value negative_kernel(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x,
                       &(sal_conv_options){.filters = 2, .kernel = {-3, 3}, .same = true});
}

static sal_value absurd_kernel(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x,
                       &(sal_conv_options){.filters = 2,
                                           .same = true,
                                           .kernel = {INT64_MAX, INT64_MAX},
                                           .dilation = {INT64_MAX, INT64_MAX}});
}

static sal_value negative_groups(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x, &(sal_conv_options){.filters = INT64_MIN, .groups = -1});
}

static sal_value groups_that_do_not_divide(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, "c", x, &(sal_conv_options){.filters = 4, .groups = 2});
}

static sal_value pool_of_nothing(sal_graph *g, sal_value x)
{
    return sal_nn_max_pool(g, "pool", x, 0);
}

static sal_value negative_pool(sal_graph *g, sal_value x)
{
    return sal_nn_average_pool(g, "pool", x, -2);
}

static sal_value pool_on_features(sal_graph *g, sal_value x)
{
    return sal_nn_max_pool(g, "pool", sal_nn_apply(g, "Flatten", "flat", x), 2);
}

static sal_value without_a_name(sal_graph *g, sal_value x)
{
    return sal_nn_conv(g, NULL, x, &(sal_conv_options){.filters = 4});
}

static sal_value a_name_twice(sal_graph *g, sal_value x)
{
    x = sal_nn_apply(g, "Flatten", "fc", x);
    return sal_nn_dense(g, "fc", x, &(sal_dense_options){.units = 2});
}

static sal_value a_long_name(sal_graph *g, sal_value x)
{
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    return sal_nn_conv(g, name, x, &(sal_conv_options){.filters = 4});
}

static const struct {
    const char *name;
    build *build;
    sal_status status;
    const char *text;
} mistakes[] = {
    {"dense on planes", dense_on_planes, SAL_E_SHAPE,
     "dense layer 'fc': data is [N, 3, 8, 8], wanted [N, F]: put a Flatten before it"},
    {"conv on features", conv_on_features, SAL_E_SHAPE,
     "convolution 'c': data is [N, 192], wanted [N, C, L] or [N, C, H, W]"},
    {"norm on a number", norm_on_a_number, SAL_E_SHAPE,
     "batch normalisation 'bn': data is [N], wanted [N, C, ...]"},
    {"dense on nothing", dense_on_nothing, SAL_E_ARG,
     "dense layer 'fc': its input is no value of this graph"},
    {"dense on a parameter", dense_on_a_parameter, SAL_E_ARG,
     "dense layer 'fc': its input is a parameter"},
    {"norm on nothing", norm_on_nothing, SAL_E_ARG,
     "batch normalisation 'bn': its input is no value of this graph"},
    {"no filters", no_filters, SAL_E_SHAPE,
     "parameter 'c.weight' is [0, 3, 3, 3], wanted dimensions of at least 1"},
    {"no units", no_units, SAL_E_SHAPE,
     "parameter 'fc.weight' is [0, 192], wanted dimensions of at least 1"},
    {"no options", no_options, SAL_E_SHAPE,
     "parameter 'c.weight' is [0, 3, 1, 1], wanted dimensions of at least 1"},
    {"no dense options", no_dense_options, SAL_E_SHAPE,
     "parameter 'fc.weight' is [0, 192], wanted dimensions of at least 1"},
    {"negative kernel", negative_kernel, SAL_E_SHAPE, "parameter 'c.weight': dimension 2 is -3"},
    {"absurd kernel", absurd_kernel, SAL_E_SHAPE,
     "parameter 'c.weight': a shape of more elements than memory can hold"},
    {"negative groups", negative_groups, SAL_E_SHAPE, "convolution 'c': -1 groups"},
    {"groups", groups_that_do_not_divide, SAL_E_SHAPE,
     "Conv node 'c': 2 groups do not divide 3 and 4 channels"},
    {"pool of nothing", pool_of_nothing, SAL_E_ARG,
     "MaxPool node 'pool': size 0, wanted at least 1"},
    {"negative pool", negative_pool, SAL_E_ARG,
     "AveragePool node 'pool': size -2, wanted at least 1"},
    {"pool on features", pool_on_features, SAL_E_SHAPE,
     "MaxPool node 'pool': data is [1, 192], wanted [N, C, L] or [N, C, H, W]"},
    {"without a name", without_a_name, SAL_E_ARG, "a layer without a name"},
    {"a name twice", a_name_twice, SAL_E_ARG, "the name 'fc' is used twice"},
    {"a long name", a_long_name, SAL_E_ARG, "the name of layer 'nnn"},
};

static void mistakes_name_the_layer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_value x;
        sal_error err = {SAL_OK, ""};
        sal_graph *g = graph(DIMS(3, 8, 8), &x);
        sal_value y = mistakes[i].build(g, x);
        if (sal_graph_check(g, &err) != mistakes[i].status ||
            strncmp(err.text, mistakes[i].text, strlen(mistakes[i].text)))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, err.status, err.text);
        if (y != SAL_NO_VALUE) fail_msg("%s: a value came back", mistakes[i].name);
        /* layers built on it pass it on */
        sal_error later = {SAL_OK, ""};
        y = sal_nn_batch_norm(g, "n", NULL,
                              sal_nn_dense(g, "d", y, &(sal_dense_options){.units = 2}));
        y = sal_nn_max_pool(g, "p", sal_nn_conv(g, "e", y, &(sal_conv_options){.filters = 2}), 2);
        sal_graph_check(g, &later);
        if (y != SAL_NO_VALUE || strcmp(err.text, later.text))
            fail_msg("%s: became '%s'", mistakes[i].name, later.text);
        sal_graph_free(g);
    }
}

static void without_a_graph(void **state)
{
    (void)state;
    assert_int_equal(sal_nn_conv(NULL, "c", 0, &(sal_conv_options){.filters = 1}), SAL_NO_VALUE);
    assert_int_equal(sal_nn_dense(NULL, "d", 0, &(sal_dense_options){.units = 1}), SAL_NO_VALUE);
    assert_int_equal(sal_nn_batch_norm(NULL, "b", NULL, 0), SAL_NO_VALUE);
    assert_int_equal(sal_nn_max_pool(NULL, "p", 0, 2), SAL_NO_VALUE);
    assert_int_equal(sal_nn_average_pool(NULL, "p", 0, 2), SAL_NO_VALUE);
    assert_int_equal(sal_nn_apply(NULL, "Relu", "r", 0), SAL_NO_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions),    cmocka_unit_test(same_keeps_the_size),
        cmocka_unit_test(other_layers),    cmocka_unit_test(mistakes_name_the_layer),
        cmocka_unit_test(without_a_graph),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
