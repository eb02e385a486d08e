/* tests/support/small_nets.c - see small_nets.h. */
#include "small_nets.h"
#include "support.h"

#include "base/base.h"

#include <salcheck/nn.h>

static void must(sal_status st, const sal_error *err)
{
    if (st != SAL_OK) fail_msg("a test's network: %s", err->text);
}

static void draw_bar(sal_rng *rng, size_t kind, float *x)
{
    size_t at = 1 + sal_rng_below_(rng, BARS_SIDE - 2);
    double ink = 0.6 + 0.4 * sal_rng_uniform_(rng);
    for (size_t i = 0; i < BARS_SIDE * BARS_SIDE; i++) {
        size_t row = i / BARS_SIDE, column = i % BARS_SIDE;
        size_t place = kind == 0 ? row : kind == 1 ? column : (row + column) % BARS_SIDE;
        x[i] = (float)((place == at ? ink : 0) + 0.2 * sal_rng_uniform_(rng));
    }
}

sal_tensor *bars(size_t n)
{
    const int64_t dims[4] = {(int64_t)n, 1, BARS_SIDE, BARS_SIDE};
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    must(sal_tensor_create(NULL, 4, dims, &t, &err), &err);
    for (size_t i = 0; i < n; i++) {
        sal_rng rng = sal_rng_for(1, "bars", i);
        draw_bar(&rng, i % 3, sal_tensor_data(t) + i * BARS_SIDE * BARS_SIDE);
    }
    return t;
}

test_net bars_net(const sal_env *env, uint64_t seed)
{
    test_net net;
    sal_error err = {SAL_OK, ""};
    sal_conv_options first = {.filters = 4, .kernel = {3, 3}, .same = true}, second = first;
    start_net(&net, env, "bars");
    second.filters = 6;
    sal_value x = sal_graph_input(net.g, "input", 3, (const int64_t[]){1, BARS_SIDE, BARS_SIDE});
    sal_value y = sal_nn_apply(net.g, "Relu", "relu1", sal_nn_conv(net.g, "conv1", x, &first));
    y = sal_nn_conv(net.g, "conv2", sal_nn_max_pool(net.g, "pool1", y, 2), &second);
    y = sal_nn_apply(net.g, "Flatten", "flatten", sal_nn_apply(net.g, "Relu", "relu2", y));
    y = sal_nn_apply(net.g, "Relu", "relu3",
                     sal_nn_dense(net.g, "fc1", y, &(sal_dense_options){.units = 24}));
    y = sal_nn_dense(net.g, "fc2", y, &(sal_dense_options){.units = BARS_CLASSES});
    make_params(&net);
    must(sal_nn_initialise(net.g, net.params, seed, &err), &err);
    make_model(&net, x, y);
    return net;
}

void make_world(small_world *w, const sal_env *env)
{
    w->net = bars_net(env, 1);
    w->twin = bars_net(env, 101);
    w->inputs = bars(BARS_INPUTS);
}

void free_world(small_world *w)
{
    free_net(&w->net);
    free_net(&w->twin);
    sal_tensor_free(w->inputs);
}

test_net whole_net(const sal_env *env, const char *name, uint64_t seed)
{
    enum { PIXELS = WHOLE_SIDE * WHOLE_SIDE, CLASSES = 3 };
    float weight[CLASSES * PIXELS], bias[CLASSES];
    test_net net;
    sal_rng rng = sal_rng_for(seed, "whole numbers", 0);
    for (size_t i = 0; i < CLASSES * PIXELS; i++) {
        float size = sal_rng_below_(&rng, 5) ? 1 : 7;
        weight[i] = size * (float)sal_rng_below_(&rng, 3) - size; /* -1, 0 or 1 of it */
    }
    for (size_t i = 0; i < CLASSES; i++) bias[i] = (float)sal_rng_below_(&rng, 9) - 4;
    start_net(&net, env, name);
    sal_value x = sal_graph_input(net.g, "input", 3, (const int64_t[]){1, WHOLE_SIDE, WHOLE_SIDE});
    sal_value y = sal_nn_apply(net.g, "Flatten", "flatten", x);
    y = sal_nn_dense(net.g, "fc", y, &(sal_dense_options){.units = CLASSES});
    make_params(&net);
    set_param(&net, "fc.weight", weight);
    set_param(&net, "fc.bias", bias);
    make_model(&net, x, y);
    return net;
}

sal_tensor *whole_inputs(size_t n)
{
    const int64_t dims[4] = {(int64_t)n, 1, WHOLE_SIDE, WHOLE_SIDE};
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    must(sal_tensor_create(NULL, 4, dims, &t, &err), &err);
    sal_rng rng = sal_rng_for(1, "whole inputs", 0);
    for (size_t i = 0; i < sal_tensor_count(t); i++)
        sal_tensor_data(t)[i] = (float)sal_rng_below_(&rng, 10);
    return t;
}
