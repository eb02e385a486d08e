/**
 * liblinear_adapter.h - puts a linear classifier of liblinear under test. Its logits are the decision
 * values, so the gradient of a logit *is* that class's row of weights: an explanation whose right
 * answer is known.
 *
 *     struct model *net = load_model("digits.model");
 *     sal_liblinear_create(net, 3, (int64_t[]){1, 28, 28}, &engine, &err);
 *     sal_model_wrap(NULL, sal_liblinear_ops(), engine, &model, &err);
 */
#ifndef SALCHECK_LIBLINEAR_ADAPTER_H
#define SALCHECK_LIBLINEAR_ADAPTER_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct model; /* <linear.h> */

typedef struct sal_liblinear sal_liblinear;

/**
 * Prepares a model that was trained or loaded. Class k is the k-th of get_labels(); of two classes the
 * second's decision value is the first's with the other sign. A regression has one output. Weights that
 * were not changed stay as exact as liblinear holds them, in double precision.
 *
 * shape   rank, dims of one input: as many elements as the model has features
 * owner   *out is the caller's, sal_liblinear_free(); net must outlive it
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_NOMEM
 */
sal_status sal_liblinear_create(struct model *net, size_t rank, const int64_t *dims,
                                sal_liblinear **out, sal_error *err);

void sal_liblinear_free(sal_liblinear *e); /* NULL is fine */

/** The callbacks, for sal_model_wrap with the engine as self: all but activation and saliency. */
const sal_model_ops *sal_liblinear_ops(void);

#ifdef __cplusplus
}
#endif
#endif
