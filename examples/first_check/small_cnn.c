/* small_cnn.c - see small_cnn.h: two convolutions, two dense layers, four epochs. */
#include "small_cnn.h"

#include <stdio.h>
#include <stdlib.h>

static sal_value build(sal_graph *g, sal_value x)
{
    x = sal_nn_conv(g, "conv1", x, &(sal_conv_options){.filters = 8, .kernel = {5, 5}});
    x = sal_nn_apply(g, "Relu", "relu1", x);
    x = sal_nn_max_pool(g, "pool1", x, 2);
    x = sal_nn_conv(g, "conv2", x, &(sal_conv_options){.filters = 16, .kernel = {5, 5}});
    x = sal_nn_apply(g, "Relu", "relu2", x);
    x = sal_nn_max_pool(g, "pool2", x, 2);
    x = sal_nn_apply(g, "Flatten", "flatten", x);
    x = sal_nn_dense(g, "fc1", x, &(sal_dense_options){.units = 128});
    x = sal_nn_apply(g, "Relu", "relu3", x);
    return sal_nn_dense(g, "fc2", x, &(sal_dense_options){.units = 10});
}

static sal_status train(small_cnn *net, sal_error *err)
{
    sal_params *params;
    sal_status st = sal_graph_create(NULL, "small_cnn", &net->graph, err);
    if (st != SAL_OK) return st;
    sal_value input = sal_graph_input(net->graph, "input", 3, (const int64_t[]){1, 28, 28});
    sal_value logits = build(net->graph, input);
    st = sal_params_create(net->graph, &params, err);
    if (st != SAL_OK) return st;
    st = sal_nn_initialise(net->graph, params, 1, err);
    if (st == SAL_OK)
        st = sal_nn_fit(net->graph, input, logits, params, net->images, net->labels->values, NULL,
                        &(sal_fit_options){.epochs = 4}, NULL, err);
    if (st == SAL_OK)
        st = sal_model_from_graph(net->graph, input, logits, params, &net->model, err);
    sal_params_free(params);
    return st;
}

int small_cnn_load(small_cnn **out)
{
    sal_error err = {SAL_OK, "out of memory"};
    small_cnn *net = calloc(1, sizeof *net);
    sal_status st = net ? SAL_OK : SAL_E_NOMEM;
    if (st == SAL_OK)
        st = sal_idx_read_images(NULL, DIGITS "/train-images-2000-idx3-ubyte.gz", 1, &net->images,
                                 &err);
    if (st == SAL_OK)
        st = sal_idx_read_labels(NULL, DIGITS "/train-labels-2000-idx1-ubyte.gz", &net->labels,
                                 &err);
    if (st == SAL_OK) st = sal_tensor_slice(net->images, 0, 32, &net->inputs, &err);
    if (st == SAL_OK) st = train(net, &err);
    *out = net;
    if (st != SAL_OK) fprintf(stderr, "small_cnn: %s\n", err.text);
    return st == SAL_OK ? 0 : -1;
}

void small_cnn_release(small_cnn *net)
{
    if (!net) return;
    sal_model_free(net->model);
    sal_graph_free(net->graph);
    sal_tensor_free(net->inputs);
    sal_tensor_free(net->images);
    sal_labels_free(net->labels);
    free(net);
}
