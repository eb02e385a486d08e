/* randomise/randomise.h - which blocks a step changes, and with what numbers. */
#ifndef SAL_RANDOMISE_RANDOMISE_H
#define SAL_RANDOMISE_RANDOMISE_H

#include "model/model.h"

#include <salcheck/randomise.h>

typedef struct sal_randomisation_def {
    sal_randomisation_info info;
    size_t (*steps)(size_t blocks);
    /* block: 0 = first, blocks - 1 = the output layer's */
    bool (*changes)(size_t step, size_t block, size_t blocks);
} sal_randomisation_def;

extern const sal_randomisation_def *const sal_randomisations_[]; /* ends with NULL */

typedef enum sal_norm_policy {
    SAL_NORM_KEEP,
    SAL_NORM_RESET,
    SAL_NORM_RE_ESTIMATE
} sal_norm_policy;

/* A randomisation with its options, for one model. */
typedef struct sal_randomiser {
    const sal_model *m;
    const sal_randomisation_def *def;
    const char *initialiser;
    bool same_draw;
    sal_norm_policy norm;
    const sal_tensor *inputs; /* for re-estimating */
    size_t n_blocks, n_steps;
} sal_randomiser;

sal_status sal_randomiser_open_(const sal_model *m, const char *text, const char *initialiser,
                                const sal_tensor *inputs, sal_randomiser *out, sal_error *err);
/* True when the step leaves no layer as trained. */
bool sal_randomiser_is_full_(const sal_randomiser *r, size_t step);
/* What the step changes, for people: output layer "fc2", layers "fc1" to "fc2", ... */
void sal_randomiser_describe_(const sal_randomiser *r, size_t step, sal_text *text);
/* Short name of a step: the block it reaches. */
const char *sal_randomiser_step_name_(const sal_randomiser *r, size_t step);

/* all: every layer, whatever the step (the pool of unrelated models). */
sal_status sal_randomiser_make_(const sal_randomiser *r, size_t step, bool all, uint64_t seed,
                                uint64_t draw, sal_params **out, sal_error *err);

/* Mean and variance of every batch norm that sees something which m's own parameters do not make are
 * measured on the inputs, first layer first. Graph models only. */
sal_status sal_re_estimate_norm_(const sal_model *m, const sal_tensor *inputs, sal_params *p,
                                 sal_error *err);

/* The numbers of one tensor, by initialiser, permutation or matched Gaussian (values.c). */
sal_status sal_randomise_values_(const sal_randomiser *r, size_t param, sal_rng *rng,
                                 const float *trained, float *out, sal_error *err);

#endif
