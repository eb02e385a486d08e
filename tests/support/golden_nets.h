/* tests/support/golden_nets.h - the trained networks that the golden maps were made with, built
 * with nn.h and filled from the float32 data inside of their .onnx files. */
#ifndef SAL_TESTS_GOLDEN_NETS_H
#define SAL_TESTS_GOLDEN_NETS_H

#include <salcheck/model.h>

typedef struct golden_net {
    sal_graph *g;
    sal_params *params;
    sal_model *model;
} golden_net;

/* name: "mnist_cnn" or "mnist_mlp"; folder: golden_folder(), the networks lie beside it in
 * ../models. Ends the test program with a message when a file is not as wanted. */
golden_net load_golden_net(const sal_env *env, const char *folder, const char *name);
void free_golden_net(golden_net *net);

#endif
