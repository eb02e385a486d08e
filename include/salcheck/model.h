/**
 * model.h - the network under test: built here (a graph and its parameters), or any engine behind
 * a table of callbacks (adapters/README.md shows how). Methods and checks see only this.
 */
#ifndef SALCHECK_MODEL_H
#define SALCHECK_MODEL_H

#include <salcheck/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sal_model sal_model;

/**
 * Makes a model of a graph: logits (no softmax) from one input.
 *
 * shape   input [N, ...]; logits [N, classes] (one output: a regression)
 * owner   *out is the caller's, sal_model_free(); g must outlive it; the parameters are shared
 *         copy-on-write, p may be freed or trained on
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_VALUE (which parameter and element is not finite),
 *         SAL_E_NOMEM; the graph's first mistake
 */
SAL_API sal_status sal_model_from_graph(const sal_graph *g, sal_value input, sal_value logits,
                                        const sal_params *p, sal_model **out, sal_error *err);

/** What a wrapped engine says of itself. Texts and infos stay the adapter's. */
typedef struct sal_model_description {
    const char *name; /* of the network */
    size_t rank;      /* of one input */
    int64_t dims[SAL_MAX_RANK];
    size_t outputs;               /* classes; 1 = regression */
    size_t n_params;              /* tensors; 0 when get/set are absent */
    const sal_param_info *params; /* in the order of layers, first to last */
} sal_model_description;

/**
 * A foreign engine. Every callback returns 0, or another number for an error. All run on the
 * thread that called salcheck, one at a time. Only describe and forward are needed always; what a
 * check needs and does not find is named in its error. Buffers to be filled come full of NaN, so
 * that an element left out is seen; targets are in 0 .. outputs - 1.
 */
typedef struct sal_model_ops {
    const char *adapter; /* "plain_c" */
    int (*describe)(void *self, sal_model_description *out);
    /* x [n, input], logits [n, outputs] */
    int (*forward)(void *self, size_t n, const float *x, float *logits);
    /* d logit[target] / d x, [n, input] */
    int (*input_gradient)(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient);
    /* dims [C, H, W] of a layer's activation, by name */
    int (*activation_shape)(void *self, const char *layer, int64_t dims[3]);
    /* the activation and d logit[target] / d activation, each [n, C, H, W] */
    int (*activation)(void *self, const char *layer, size_t n, const float *x,
                      const int64_t *target, float *value, float *gradient);
    int (*get_params)(void *self, size_t i, float *values);
    int (*set_params)(void *self, size_t i, const float *values);
    /* the engine's own explanation, [n, input]: method "own" */
    int (*saliency)(void *self, size_t n, const float *x, const int64_t *target, float *map);
    void *reserved_[4];
} sal_model_ops;

/**
 * Wraps an engine. Its parameters are read once, and put back bit for bit after every check,
 * whatever happened. A check refuses an engine whose parameters somebody else has changed since
 * (SAL_E_ARG: wrap it again), because putting back would undo that.
 *
 * owner   *out is the caller's, sal_model_free(); ops and self must outlive it
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_UNSUPPORTED (a callback is missing: which),
 *         SAL_E_CALLBACK (which, and its number), SAL_E_VALUE, SAL_E_NOMEM
 */
SAL_API sal_status sal_model_wrap(const sal_env *env, const sal_model_ops *ops, void *self,
                                  sal_model **out, sal_error *err);

SAL_API void sal_model_free(sal_model *m); /* NULL is fine */

SAL_API const char *sal_model_get_name(const sal_model *m);
SAL_API size_t sal_model_outputs(const sal_model *m);
/** Shape of one input, without N; the rank is returned. */
SAL_API size_t sal_model_input_shape(const sal_model *m, int64_t dims[SAL_MAX_RANK]);
SAL_API size_t sal_model_layer_count(const sal_model *m);
SAL_API const char *sal_model_layer_name(const sal_model *m, size_t layer);

/**
 * Blocks are what a step of a randomisation changes: every layer with weights is one, or several
 * layers are one by a name of the user's. They stand in the order of their first layers.
 */
SAL_API size_t sal_model_block_count(const sal_model *m);
SAL_API const char *sal_model_block_name(const sal_model *m, size_t block);
/** The block of a layer, or sal_model_block_count() when it is in none and so stays as trained. */
SAL_API size_t sal_model_block_of(const sal_model *m, size_t layer);

/**
 * Makes a model of the same network with other blocks: texts "NAME=PATTERN,PATTERN...", as
 * sal_blocks_read() and sal_blocks_parse() of io.h give them. A pattern is
 *
 *   a layer's name     conv2d_1 is that layer, not conv2d_10
 *   or its beginning   Mixed_7 takes Mixed_7a and Mixed_7b, when no layer has just this name
 *   or has a *         for any characters, none as well; the whole name must fit: *_head, conv*
 *
 * A layer of norms alone that no pattern takes goes with the layer before it. Other layers in no
 * block stay as trained, whatever the randomisation; only the unrelated models of check "params" are
 * random everywhere.
 *
 * owner   *out is the caller's, sal_model_free(), and shares m's parameters copy-on-write; m may be
 *         freed, its graph or engine must outlive *out; blocks, n of them, stay the caller's
 * errors  SAL_E_ARG (no NAME=PATTERN, a name twice, a pattern that fits no layer, a layer in two
 *         blocks, a block without weights: which), SAL_E_UNSUPPORTED (an engine without
 *         get_params/set_params), SAL_E_NOMEM
 */
SAL_API sal_status sal_model_with_blocks(const sal_model *m, size_t n, const char *const *blocks,
                                         sal_model **out, sal_error *err);

/**
 * Logits of inputs.
 *
 * shape   x [N, input]; logits N times outputs floats
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_VALUE (which input and element is not finite),
 *         SAL_E_CALLBACK, SAL_E_NOMEM
 */
SAL_API sal_status sal_model_predict(const sal_model *m, const sal_tensor *x, float *logits,
                                     sal_error *err);

/**
 * Gradient of one logit per input with respect to the input.
 *
 * shape   x [N, input]; target N classes; gradient N times input floats
 * errors  as sal_model_predict, and SAL_E_UNSUPPORTED (the engine gives no gradients)
 */
SAL_API sal_status sal_model_input_gradient(const sal_model *m, const sal_tensor *x,
                                            const int64_t *target, float *gradient, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
