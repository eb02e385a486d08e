/**
 * plain_c.h - puts an engine under test that is C functions and arrays of float: fill in the struct,
 * wrap it. Inputs come one at a time; weights are read and written where the engine keeps them.
 *
 *     static plain_c engine = {.name = "net", .rank = 3, .dims = {1, 16, 16}, .outputs = 4,
 *                              .self = &net, .forward = run, .n_weights = 4, .weights = weights};
 *     plain_c_wrap(NULL, &engine, &model, &err);
 */
#ifndef SALCHECK_PLAIN_C_H
#define SALCHECK_PLAIN_C_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PLAIN_C_WEIGHTS = 128 }; /* most arrays; raise it when an engine has more */

/** What a callback of this adapter returns beside the numbers of the engine's own functions. */
enum { PLAIN_C_TOO_MANY_WEIGHTS = 1001, PLAIN_C_NO_DATA = 1002 };

/** One array of weights, in the order of layers from first to last. */
typedef struct plain_c_weight {
    const char *name, *layer; /* arrays of one layer are made random together */
    sal_param_role role;      /* SAL_WEIGHT, SAL_BIAS or one of batch norm's */
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
    float *data; /* the engine's own, without gaps */
} plain_c_weight;

/** The engine. Its functions return 0, or another number for an error. */
typedef struct plain_c {
    const char *name; /* of the network */
    size_t rank;      /* of one input */
    int64_t dims[SAL_MAX_RANK];
    size_t outputs; /* classes; 1 = regression */
    void *self;     /* handed to the functions */
    /* logits, before any softmax */
    int (*forward)(void *self, const float *x, float *logits);
    /* d logit[target] / d x, in x's shape; NULL = the engine has none */
    int (*gradient)(void *self, const float *x, int64_t target, float *gradient);
    /* the explanation that is shown to users, in x's shape: method "own"; NULL = none */
    int (*saliency)(void *self, const float *x, int64_t target, float *map);
    /* called after an array was written, for an engine that keeps it in another form as well (packed,
     * folded, in 16 bits); NULL = nothing to do */
    int (*weights_changed)(void *self);
    size_t n_weights; /* 0 = salcheck cannot change the parameters */
    const plain_c_weight *weights;

    /* filled in by plain_c_ops */
    sal_model_ops ops_;
    sal_param_info infos_[PLAIN_C_WEIGHTS];
} plain_c;

/**
 * Wraps the engine.
 *
 * owner   *out is the caller's, sal_model_free(); engine, its weights and self must outlive it
 * errors  those of sal_model_wrap; PLAIN_C_... and the engine's numbers are in the text
 */
sal_status plain_c_wrap(const sal_env *env, plain_c *engine, sal_model **out, sal_error *err);

/** The table of callbacks alone, for sal_model_wrap with the engine as self. It lives in engine. */
const sal_model_ops *plain_c_ops(plain_c *engine);

#ifdef __cplusplus
}
#endif
#endif
