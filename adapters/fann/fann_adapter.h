/**
 * fann_adapter.h - puts a network of FANN (the Fast Artificial Neural Network library, in floats) under
 * test: layered, with shortcuts or sparse.
 *
 *     struct fann *net = fann_create_from_file("digits.net");
 *     sal_fann_create(net, 3, (int64_t[]){1, 28, 28}, &engine, &err);
 *     sal_model_wrap(NULL, sal_fann_ops(engine), engine, &model, &err);
 */
#ifndef SALCHECK_FANN_ADAPTER_H
#define SALCHECK_FANN_ADAPTER_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct fann; /* <fann.h> */

typedef struct sal_fann sal_fann;

/**
 * Prepares a network. Its logits are the values of the output neurons: with FANN_LINEAR there these are
 * logits proper. A layer's weights are one parameter, its biases another; layers are called layer1,
 * layer2, ... Inputs go into fann_run as they are: scale them as the network wants it.
 *
 * shape   rank, dims of one input: as many elements as the network has inputs
 * owner   *out is the caller's, sal_fann_free(); net must outlive it and keep its neurons
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_UNSUPPORTED (connections that are not in FANN's order), SAL_E_NOMEM
 */
sal_status sal_fann_create(struct fann *net, size_t rank, const int64_t *dims, sal_fann **out,
                           sal_error *err);

void sal_fann_free(sal_fann *e); /* NULL is fine */

/**
 * The callbacks, for sal_model_wrap with the engine as self. FANN has no input gradients: the adapter goes
 * back through the connections itself, with the slope of what fann_run computes. input_gradient is
 * left out when a neuron has a threshold or a stepwise function, which has no useful slope.
 */
const sal_model_ops *sal_fann_ops(const sal_fann *e);

#ifdef __cplusplus
}
#endif
#endif
