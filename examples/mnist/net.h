/* net.h - the MNIST network of Adebayo et al. 2018: two 5x5 convolutions of 32 and 64 filters, each
 * rectified and pooled, a dense layer of 1,024, ten classes. */
#ifndef MNIST_NET_H
#define MNIST_NET_H

#include <salcheck/salcheck.h>

typedef struct mnist_net {
    sal_graph *graph;
    sal_value input, logits;
} mnist_net;

/* Builds the graph; release it with sal_graph_free(net->graph). */
sal_status mnist_net_build(const sal_env *env, mnist_net *net, sal_error *err);

/* Trains it from an initialisation of its own and makes a model of it. */
sal_status mnist_net_train(const mnist_net *net, const sal_tensor *x, const int64_t *labels,
                           uint64_t seed, const sal_fit_options *options, sal_fit_result *result,
                           sal_model **model, sal_error *err);

#endif
