/* tests/support/nets.c - the small networks of nets.h. */
#include "nets.h"
#include "support.h"

#include <salcheck/nn.h>

#include <string.h>

static void must(sal_status st, const sal_error *err)
{
    if (st != SAL_OK) fail_msg("a test's network: %s", err->text);
}

void free_net(test_net *net)
{
    sal_model_free(net->model);
    sal_params_free(net->params);
    sal_graph_free(net->g);
    *net = (test_net){NULL, NULL, NULL};
}

void start_net(test_net *net, const sal_env *env, const char *name)
{
    sal_error err = {SAL_OK, ""};
    *net = (test_net){NULL, NULL, NULL};
    must(sal_graph_create(env, name, &net->g, &err), &err);
}

void make_params(test_net *net)
{
    sal_error err = {SAL_OK, ""};
    must(sal_graph_check(net->g, &err), &err);
    must(sal_params_create(net->g, &net->params, &err), &err);
}

void set_param(test_net *net, const char *name, const float *values)
{
    sal_error err = {SAL_OK, ""};
    sal_param_info info;
    for (size_t i = 0; i < sal_graph_param_count(net->g); i++) {
        must(sal_graph_param_info(net->g, i, &info, &err), &err);
        if (strcmp(info.name, name)) continue;
        must(sal_params_set(net->params, i, values, &err), &err);
        return;
    }
    fail_msg("a test's network has no parameter '%s'", name);
}

void make_model(test_net *net, sal_value x, sal_value y)
{
    sal_error err = {SAL_OK, ""};
    must(sal_model_from_graph(net->g, x, y, net->params, &net->model, &err), &err);
}

static void make_random(test_net *net, sal_value x, sal_value y, uint64_t seed)
{
    sal_error err = {SAL_OK, ""};
    make_params(net);
    must(sal_nn_initialise(net->g, net->params, seed, &err), &err);
    make_model(net, x, y);
}

test_net linear_net(const sal_env *env, size_t rank, const int64_t *dims, int64_t outputs)
{
    test_net net;
    start_net(&net, env, "linear");
    sal_value x = sal_graph_input(net.g, "input", rank, dims);
    sal_value y = rank > 1 ? sal_nn_apply(net.g, "Flatten", "flatten", x) : x;
    y = sal_nn_dense(net.g, "fc", y, &(sal_dense_options){.units = outputs});
    make_random(&net, x, y, 1);
    return net;
}

test_net small_cnn(const sal_env *env, uint64_t seed)
{
    static const int64_t dims[3] = {2, 9, 8};
    sal_conv_options conv = {
        .filters = 5, .kernel = {3, 3}, .same = true, .bias_init = "normal:std=0.1"};
    sal_dense_options hidden = {.units = 12, .bias_init = "normal:std=0.1"}, last = {.units = 4};
    test_net net;
    start_net(&net, env, "small_cnn");
    sal_value x = sal_graph_input(net.g, "input", 3, dims);
    sal_value y = sal_nn_apply(net.g, "Relu", "relu1", sal_nn_conv(net.g, "conv1", x, &conv));
    y = sal_nn_conv(net.g, "conv2", sal_nn_max_pool(net.g, "pool1", y, 2), &conv);
    y = sal_nn_apply(net.g, "Flatten", "flatten", sal_nn_apply(net.g, "Relu", "relu2", y));
    y = sal_nn_apply(net.g, "Relu", "relu3", sal_nn_dense(net.g, "fc1", y, &hidden));
    make_random(&net, x, sal_nn_dense(net.g, "fc2", y, &last), seed);
    return net;
}

test_net gate_net(const char *op, size_t n, const float *weight)
{
    test_net net;
    int64_t dims[1] = {(int64_t)n};
    start_net(&net, NULL, "gate");
    sal_value x = sal_graph_input(net.g, "input", 1, dims);
    sal_value y = sal_nn_apply(net.g, op, "gate", x);
    y = sal_nn_dense(net.g, "sum", y, &(sal_dense_options){.units = 1, .no_bias = true});
    make_params(&net);
    set_param(&net, "sum.weight", weight);
    make_model(&net, x, y);
    return net;
}
