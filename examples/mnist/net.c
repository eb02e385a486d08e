/* net.c - see net.h. Initialisers and biases as in the authors' code. */
#include "net.h"

static const char *const weights = "truncated-normal:std=0.1";
static const char *const biases = "constant:value=0.1";

static sal_value block(sal_graph *g, sal_value x, const char *const names[3], int64_t filters)
{
    x = sal_nn_conv(g, names[0], x,
                    &(sal_conv_options){.filters = filters,
                                        .kernel = {5, 5},
                                        .same = true,
                                        .weight_init = weights,
                                        .bias_init = biases});
    x = sal_nn_apply(g, "Relu", names[1], x);
    return sal_nn_max_pool(g, names[2], x, 2);
}

static sal_value dense(sal_graph *g, sal_value x, const char *name, int64_t units)
{
    return sal_nn_dense(
        g, name, x,
        &(sal_dense_options){.units = units, .weight_init = weights, .bias_init = biases});
}

sal_status mnist_net_build(const sal_env *env, mnist_net *net, sal_error *err)
{
    sal_graph *g;
    sal_status st = sal_graph_create(env, "mnist_cnn", &g, err);
    if (st != SAL_OK) return st;
    net->input = sal_graph_input(g, "input", 3, (const int64_t[]){1, 28, 28});
    sal_value x = block(g, net->input, (const char *const[]){"conv1", "relu1", "pool1"}, 32);
    x = block(g, x, (const char *const[]){"conv2", "relu2", "pool2"}, 64);
    x = sal_nn_apply(g, "Flatten", "flatten", x);
    x = sal_nn_apply(g, "Relu", "relu3", dense(g, x, "fc1", 1024));
    net->logits = dense(g, x, "fc2", 10);
    net->graph = g;
    st = sal_graph_check(g, err);
    if (st != SAL_OK) sal_graph_free(g);
    return st;
}

sal_status mnist_net_train(const mnist_net *net, const sal_tensor *x, const int64_t *labels,
                           uint64_t seed, const sal_fit_options *options, sal_fit_result *result,
                           sal_model **model, sal_error *err)
{
    sal_params *p;
    sal_status st = sal_params_create(net->graph, &p, err);
    if (st != SAL_OK) return st;
    st = sal_nn_initialise(net->graph, p, seed, err);
    if (st == SAL_OK)
        st = sal_nn_fit(net->graph, net->input, net->logits, p, x, labels, NULL, options, result,
                        err);
    if (st == SAL_OK) st = sal_model_from_graph(net->graph, net->input, net->logits, p, model, err);
    sal_params_free(p);
    return st;
}
