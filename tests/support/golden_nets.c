/* tests/support/test_nets.c - trained networks from float32 data inside of .onnx files. */
#include "nets.h"
#include "support.h"

#include <salcheck/nn.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *name, const char *why)
{
    fprintf(stderr, "%s: %s\n", name, why);
    exit(99);
}

static sal_value conv_relu_pool(sal_graph *g, sal_value x, const char *const names[3],
                                int64_t filters)
{
    sal_conv_options o = {.filters = filters, .kernel = {5, 5}, .same = true};
    x = sal_nn_apply(g, "Relu", names[1], sal_nn_conv(g, names[0], x, &o));
    return sal_nn_max_pool(g, names[2], x, 2);
}

static sal_value build_cnn(sal_graph *g, sal_value x)
{
    static const char *const first[3] = {"conv1", "relu1", "pool1"};
    static const char *const second[3] = {"conv2", "relu2", "pool2"};
    x = conv_relu_pool(g, conv_relu_pool(g, x, first, 32), second, 64);
    x = sal_nn_dense(g, "fc1", sal_nn_apply(g, "Flatten", "flatten", x),
                     &(sal_dense_options){.units = 1024});
    return sal_nn_dense(g, "fc2", sal_nn_apply(g, "Relu", "relu3", x),
                        &(sal_dense_options){.units = 10});
}

static sal_value build_mlp(sal_graph *g, sal_value x)
{
    sal_dense_options hidden = {.units = 512}, last = {.units = 10};
    x = sal_nn_dense(g, "fc1", sal_nn_apply(g, "Flatten", "flatten", x), &hidden);
    x = sal_nn_dense(g, "fc2", sal_nn_apply(g, "Relu", "relu1", x), &hidden);
    return sal_nn_dense(g, "fc3", sal_nn_apply(g, "Relu", "relu2", x), &last);
}

test_net large_cnn(const sal_env *env, uint64_t seed)
{
    test_net net;
    start_net(&net, env, "large_cnn");
    sal_value x = sal_graph_input(net.g, "input", 3, (const int64_t[]){1, 28, 28});
    sal_value y = build_cnn(net.g, x);
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, seed, NULL), SAL_OK);
    make_model(&net, x, y);
    return net;
}

/* One tensor: bytes at an offset that is not aligned, so it is read, never cast. */
static void load_tensor(test_net *net, FILE *onnx, const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    size_t bytes = (size_t)json_integer_value(json_object_get(entry, "bytes"));
    long offset = (long)json_integer_value(json_object_get(entry, "offset"));
    float *values = malloc(bytes);
    if (fseek(onnx, offset, SEEK_SET) || fread(values, 1, bytes, onnx) != bytes)
        give_up(name, "cannot be read");
    set_param(net, name, values);
    free(values);
}

test_net load_golden_net(const sal_env *env, const char *folder, const char *name)
{
    char path[1024];
    int64_t dims[3] = {1, 28, 28};
    test_net net;
    start_net(&net, env, name);
    sal_value x = sal_graph_input(net.g, "input", 3, dims);
    sal_value y = strcmp(name, "mnist_mlp") ? build_cnn(net.g, x) : build_mlp(net.g, x);
    make_params(&net);
    snprintf(path, sizeof path, "%s/../models/%s.weights.json", folder, name);
    json_t *weights = json_load_file(path, 0, NULL);
    if (!weights) give_up(path, "cannot be read");
    json_t *all = json_object_get(weights, "initializers"), *entry;
    snprintf(path, sizeof path, "%s/../models/%s.onnx", folder, name);
    FILE *onnx = fopen(path, "rb");
    if (!onnx) give_up(path, "cannot open");
    if (json_array_size(all) != sal_graph_param_count(net.g)) give_up(path, "other parameters");
    size_t i;
    json_array_foreach(all, i, entry) load_tensor(&net, onnx, entry);
    fclose(onnx);
    json_decref(weights);
    make_model(&net, x, y);
    return net;
}
