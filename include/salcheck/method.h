/**
 * method.h - explanation methods by name ("gradient", "smoothgrad:samples=50"), controls that no
 * check should be fooled by, and a user's own.
 *
 * Every method explains the logit of one class per input. A map has the input's shape and its sign;
 * reducing colour channels is part of comparing, not of the method. Grad-CAM, occlusion, sobel and
 * canny draw one plane, which every channel of the map repeats; to the latter three a line is a
 * picture of one row.
 */
#ifndef SALCHECK_METHOD_H
#define SALCHECK_METHOD_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_GRADIENT "gradient"
#define SAL_GRADIENT_X_INPUT "gradient-x-input"
#define SAL_INTEGRATED_GRADIENTS "integrated-gradients"
#define SAL_SMOOTHGRAD "smoothgrad"
#define SAL_SMOOTHGRAD_SQUARED "smoothgrad-squared"
#define SAL_VARGRAD "vargrad"
#define SAL_IG_SG "ig-sg"
#define SAL_GUIDED_BACKPROP "guided-backprop"
#define SAL_DECONVNET "deconvnet"
#define SAL_GRADCAM "gradcam"
#define SAL_GUIDED_GRADCAM "guided-gradcam"
#define SAL_OCCLUSION "occlusion"
#define SAL_FINITE_DIFFERENCES "finite-differences"
#define SAL_SOBEL "sobel"
#define SAL_CANNY "canny"
#define SAL_INPUT "input"
#define SAL_CONSTANT "constant"
#define SAL_RANDOM "random"
#define SAL_RANDOM_FROM_PARAMS "random-from-params"
#define SAL_OWN "own" /* a sal_own_method, or a wrapped engine's saliency callback */

/** One row of the registry. Static. */
typedef struct sal_method_info {
    const char *name, *summary, *source;
    const char *options; /* "samples=25, spread=0.15": keys and defaults, NULL = none */
    bool is_control;     /* known to explain nothing */
    bool is_stochastic;  /* draws noise; the noise of an input is a stream of its own */
    bool ignores_model;  /* a picture of the input alone */
} sal_method_info;

/** Row i, or NULL beyond the last. */
SAL_API const sal_method_info *sal_method_get(size_t i);

/**
 * A user's own method. explain makes the map of one input: x and map have the input's size; model
 * carries the parameters to be explained (ask it with sal_model_predict, sal_model_input_gradient);
 * noise is a seed for a stochastic method. Returns 0, or another number for an error. Runs on the
 * thread that called salcheck.
 */
typedef struct sal_own_method {
    const char *name;
    void *self;
    int (*explain)(void *self, const sal_model *model, const float *x, int64_t target,
                   uint64_t noise, float *map);
    bool is_stochastic;
} sal_own_method;

/** Zero = default. */
typedef struct sal_explain_options {
    const int64_t *targets;    /* N classes; NULL = the model's prediction */
    const char *layer;         /* Grad-CAM: a node's name; NULL = the last rectified plane */
    const sal_own_method *own; /* for method "own" */
    uint64_t seed;             /* 0 = default */
    size_t first;              /* place of x's first input in a larger set: parts of a set get
                                  the noise that the whole would */
    size_t batch;              /* evaluations in one run, 0 = 32; changes no result */
    uint64_t reserved_[4];     /* must be 0 */
} sal_explain_options;

/**
 * Makes the maps of a method.
 *
 * shape   x [N, input]; maps N times input floats
 * errors  SAL_E_ARG (unknown method or option: the nearest), SAL_E_SHAPE, SAL_E_VALUE (which input
 *         and element is not finite), SAL_E_UNSUPPORTED (what the model lacks), SAL_E_CALLBACK,
 *         SAL_E_NOMEM; on error maps may be partly written
 * random  options->seed only; equal for any number of threads and any batch
 */
SAL_API sal_status sal_explain(const sal_model *m, const sal_tensor *x, const char *method,
                               const sal_explain_options *options, float *maps, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
