/**
 * darknet_adapter.h - puts a classifier of Darknet under test, from its .cfg and .weights files.
 *
 *     sal_darknet_create("digits.cfg", "digits.weights", &engine, &err);
 *     sal_model_wrap(NULL, sal_darknet_ops(engine), engine, &model, &err);
 */
#ifndef SALCHECK_DARKNET_ADAPTER_H
#define SALCHECK_DARKNET_ADAPTER_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct network; /* <darknet.h> */

typedef struct sal_darknet sal_darknet;

/**
 * Loads a network. Its logits are what the last layer gives that is neither softmax nor cost. Layers are
 * called convolutional0, connected3, ...: type and place in the .cfg. Darknet prints the layers while
 * loading, and ends the process when a file contradicts itself.
 *
 * shape   an input is [channels, height, width], or [inputs] where the .cfg has only these
 * owner   *out is the caller's, sal_darknet_free()
 * errors  SAL_E_ARG, SAL_E_IO (a file cannot be opened), SAL_E_UNSUPPORTED (a layer for detection, with
 *         a memory or with binary weights: which), SAL_E_NOMEM
 */
sal_status sal_darknet_create(const char *cfg, const char *weights, sal_darknet **out,
                              sal_error *err);

void sal_darknet_free(sal_darknet *e); /* NULL is fine */

/** The network itself, borrowed. */
struct network *sal_darknet_get(sal_darknet *e);

/**
 * The callbacks, for sal_model_wrap with the engine as self. input_gradient goes back layer by layer with
 * Darknet's own functions, but as in a forward pass that only predicts: batch norm with its stored statistics
 * (Darknet's takes the batch's), no dropout, nothing added to the sums that training keeps. It is left out
 * when a layer has no exact way back (crop, local response normalisation, L2 normalisation).
 */
const sal_model_ops *sal_darknet_ops(const sal_darknet *e);

#ifdef __cplusplus
}
#endif
#endif
