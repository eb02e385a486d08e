/* model/model.h - the inside of a model, and workers: one per thread, holding the plans that
 * evaluate it. Every evaluation may carry parameters of its own. */
#ifndef SAL_MODEL_MODEL_H
#define SAL_MODEL_MODEL_H

#include "graph/plan.h"

#include <salcheck/model.h>

struct sal_model {
    const sal_env *env;
    char *name;
    sal_shape input; /* with N = 1 */
    size_t input_count, outputs;
    sal_params *params; /* NULL: an engine without get and set */
    size_t n_params, n_layers;
    const sal_param_info *infos; /* of the graph or the engine */
    size_t *layer_of;            /* per parameter */
    const char **layers;
    const char **blocks; /* what a step of a randomisation changes; a layer each, or the user's */
    size_t n_blocks;
    size_t *block_of;          /* per layer; a layer of norms alone goes with the layer before it */
    bool *has_weights;         /* per layer */
    char *block_names;         /* of blocks that are the user's; NULL when they are not */
    sal_param_info *own_infos; /* graph models: gathered copy */
    /* white box */
    const sal_graph *g;
    sal_value input_value, logits;
    /* wrapped */
    const sal_model_ops *ops;
    void *self;
    sal_params *loaded; /* what the engine holds now; shares blocks with the set last loaded */
    bool *lost;         /* per parameter: an error left the engine with who knows what */
    float *spare;       /* room for the largest parameter: putting back must not need memory */
    /* a view with other parameters, made for a user's own method */
    struct sal_worker *worker;
};

/* block_of of a layer that no randomisation changes. */
#define SAL_NO_BLOCK SIZE_MAX

/* What a layer learns with; norms have policies of their own. */
static inline bool sal_is_weight_(sal_param_role role)
{
    return role == SAL_WEIGHT || role == SAL_BIAS;
}

/* One evaluation. */
typedef struct sal_job {
    const sal_params *params; /* NULL: the model's own */
    const float *x;           /* one input */
    int64_t target;
} sal_job;

typedef struct sal_worker sal_worker;

/* batch: most evaluations in one run of a plan; cut further by env->memory_limit. */
sal_status sal_worker_create_(const sal_model *m, size_t batch, sal_worker **out, sal_error *err);
void sal_worker_free_(sal_worker *w);
size_t sal_worker_batch_(const sal_worker *w);

/* logits [n, outputs] */
sal_status sal_worker_logits_(sal_worker *w, size_t n, const sal_job *jobs, float *logits,
                              sal_error *err);
/* gradients [n, input] of each job's target logit; rules NULL: plain (white box only otherwise);
 * logits may be NULL */
sal_status sal_worker_gradient_(sal_worker *w, size_t n, const sal_job *jobs,
                                const sal_backward_rules *rules, float *gradients, float *logits,
                                sal_error *err);

/* An activation that methods look at. */
enum { SAL_LAYER_NAME = 128 };

typedef struct sal_tap {
    sal_value value;            /* white box */
    char layer[SAL_LAYER_NAME]; /* wrapped */
    size_t channels, height, width;
} sal_tap;

/* The tap by name; NULL: the last rectified activation that has a plane, before it is pooled. */
sal_status sal_model_find_tap_(const sal_model *m, const char *name, sal_tap *tap, sal_error *err);
/* activation and gradient of the target's logit there, each [n, channels, height, width] */
sal_status sal_worker_tap_(sal_worker *w, size_t n, const sal_job *jobs, const sal_tap *tap,
                           float *activation, float *gradient, sal_error *err);

/* ---- wrapped engines (wrapped_model.c) ------------------------------------------------------ */

/* Loads p into the engine, only what differs from what it holds. */
sal_status sal_model_load_(const sal_model *m, const sal_params *p, sal_error *err);
/* SAL_E_ARG when the engine no longer holds what was read when it was wrapped: it has been trained
 * on, and putting parameters back would undo that. */
sal_status sal_model_unchanged_(const sal_model *m, sal_error *err);
/* Puts the model's own parameters back, whatever is loaded. Takes the status of what was done before
 * and returns it; the error of putting back when that was SAL_OK, else its text is added. */
sal_status sal_model_put_back_(const sal_model *m, sal_status st, sal_error *err);
/* SAL_E_CALLBACK with the callback's name and number. */
sal_status sal_callback_failed_(const sal_model *m, const char *callback, int code, sal_error *err);
/* "method 'gradient' needs input_gradient; adapter 'acme' has none" */
sal_status sal_missing_callback_(const sal_model *m, const char *who, const char *callback,
                                 sal_error *err);
/* The same for get_params and set_params, whichever is absent. */
sal_status sal_missing_params_(const sal_model *m, const char *who, sal_error *err);
/* NaN into a buffer that a callback is to fill: what it leaves out is seen. */
void sal_unset_(size_t n, float *values);

/* What an engine that wants to be believed must do (probe.c): an empty reason, or why not. Looks at
 * up to a few of the n >= 2 different inputs. Probes that forward repeats itself and minds no
 * neighbours; needs_params: that set_params moves the logits, get after set, putting back;
 * needs_gradient: the gradient. */
sal_status sal_model_probe_(const sal_model *m, size_t n, const float *const *x, bool needs_params,
                            bool needs_gradient, char *reason, size_t size, sal_error *err);
/* The same for the activation callback, at the layer that Grad-CAM looks at. */
sal_status sal_model_probe_tap_(const sal_model *m, size_t n, const float *const *x,
                                const sal_tap *tap, char *reason, size_t room, sal_error *err);

/* A model that is m with other parameters, on top of a worker; lives on the caller's stack. */
sal_model sal_model_view_(const sal_model *m, const sal_params *p, sal_worker *w);

/* Checks x against the model's input: [N, ...], N >= 1, all finite. */
sal_status sal_model_check_input_(const sal_model *m, const sal_tensor *x, sal_error *err);

/* Digest of all parameters' bits: equal parameters, equal digest. */
uint64_t sal_params_digest_(const sal_params *p);

#endif
