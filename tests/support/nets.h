/* tests/support/nets.h - networks for tests: small ones made here, and the trained ones that the
 * golden maps were made with. All calls fail the test (or, reading files, end the program with a
 * message) when something does not do. */
#ifndef SAL_TESTS_NETS_H
#define SAL_TESTS_NETS_H

#include <salcheck/model.h>

typedef struct test_net {
    sal_graph *g;
    sal_params *params;
    sal_model *model;
} test_net;

void free_net(test_net *net); /* parts that are NULL are fine */

/* In steps: a graph, all parameters zero, one by name, the model. */
void start_net(test_net *net, const sal_env *env, const char *name);
void make_params(test_net *net);
void set_param(test_net *net, const char *name, const float *values);
void make_model(test_net *net, sal_value x, sal_value y);

/* [rank, dims] flattened into a dense layer "fc" of `outputs`; random weights. */
test_net linear_net(const sal_env *env, size_t rank, const int64_t *dims, int64_t outputs);
/* [2, 9, 8]: conv1 relu1 pool1 conv2 relu2 flatten fc1 relu3 fc2, 4 outputs; random weights. */
test_net small_cnn(const sal_env *env, uint64_t seed);
/* [1, 28, 28]: the network of mnist_cnn (conv1 relu1 pool1 conv2 relu2 pool2 flatten fc1 relu3 fc2,
 * 3.3 million parameters) with random weights. */
test_net large_cnn(const sal_env *env, uint64_t seed);
/* x -> gates of `op` ("Relu") on n values -> weighted sum; the gradient there is `weight` gated. */
test_net gate_net(const char *op, size_t n, const float *weight);

/* name: "mnist_cnn" or "mnist_mlp"; folder: golden_folder(), the networks lie beside it in
 * ../models and are read from inside of the .onnx files. */
test_net load_golden_net(const sal_env *env, const char *folder, const char *name);

#endif
