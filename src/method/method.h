/* method/method.h - the registry of methods: one file and one row each. */
#ifndef SAL_METHOD_METHOD_H
#define SAL_METHOD_METHOD_H

#include "base/spec.h"
#include "model/model.h"

#include <salcheck/method.h>

/* One map to make. */
typedef struct sal_explain_job {
    sal_job job;
    uint64_t noise; /* seed of the input's own noise */
    const float
        *normals; /* given standard normals [samples, input] instead of drawn ones, or NULL */
} sal_explain_job;

typedef struct sal_method_def sal_method_def;

/* A method with its options, for one model. Constant once opened; shared by all workers. */
typedef struct sal_method {
    const sal_method_def *def;
    const sal_model *model;
    const sal_own_method *own;
    const char *layer;       /* the caller's choice, for setup only; NULL = none */
    sal_tap tap;             /* Grad-CAM */
    size_t steps, samples;   /* integrated gradients; SmoothGrad family */
    size_t rule;             /* choice of quadrature or of enlarging: the method's file */
    double spread, baseline; /* SmoothGrad family; integrated gradients */
    double sigma, low, high; /* canny */
    size_t window, stride;   /* occlusion; 0 = by the input's size */
    double step;             /* finite differences */
} sal_method;

struct sal_method_def {
    sal_method_info info;
    bool needs_gradient; /* a wrapped engine must give input_gradient */
    bool needs_graph;    /* changed backward rules: graph models only */
    bool needs_params;   /* reads the parameters themselves */
    bool one_thread;     /* calls back into the user's code */
    /* Reads options into m (defaults are set there); NULL = no options. */
    sal_status (*setup)(sal_method *m, sal_spec *spec, sal_error *err);
    /* maps [n, input] */
    sal_status (*explain)(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err);
};

extern const sal_method_def *const sal_methods_[]; /* ends with NULL */

/* text: "name:key=value,..."; layer and own as in sal_explain_options. */
sal_status sal_method_open_(const sal_model *m, const char *text, const char *layer,
                            const sal_own_method *own, sal_method *out, sal_error *err);

/* The name to print: the user's own name for "own". */
const char *sal_method_name_(const sal_method *m);

/* A team of workers, one per thread, that makes many maps. */
typedef struct sal_team sal_team;
/* threads and batch: 0 = default; a wrapped engine or a user's method gets one thread. */
sal_status sal_team_create_(const sal_model *m, size_t batch, bool one_thread, sal_team **out,
                            sal_error *err);
void sal_team_free_(sal_team *t);
sal_status sal_team_explain_(sal_team *t, const sal_method *m, size_t n,
                             const sal_explain_job *jobs, float *maps, sal_error *err);
sal_status sal_team_logits_(sal_team *t, size_t n, const sal_job *jobs, float *logits,
                            sal_error *err);

/* The largest logit; the first one on ties. */
size_t sal_best_class_(size_t classes, const float *logits);

/* Seed of the noise that belongs to an input. */
uint64_t sal_noise_of_(uint64_t seed, uint64_t input);

/* Scratch through the model's environment, or NULL. */
void *sal_method_scratch_(const sal_method *m, size_t count, size_t size);
void sal_method_release_(const sal_method *m, void *scratch); /* NULL is fine */

#endif
