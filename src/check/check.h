/* check/check.h - what checks share: the run (inputs, maps, caches), and the registry. A check says
 * how a wave of draws is measured; decide.c does the rest. */
#ifndef SAL_CHECK_CHECK_H
#define SAL_CHECK_CHECK_H

#include "method/method.h"
#include "metric/metric.h"
#include "randomise/randomise.h"
#include "stats/betting.h"

#include <salcheck/check.h>

typedef struct sal_check_def sal_check_def;

/* A map made ready for comparing. */
typedef struct sal_ready {
    double *values;
    const char *undefined; /* why, or NULL */
    size_t bad;            /* its first element that is not finite */
    bool known, not_finite;
} sal_ready;

/* Maps of one model (or one picture) by input, made when first needed. */
typedef struct sal_shelf {
    const sal_method *method;
    sal_team *team;
    const sal_params *params; /* NULL: the model's own */
    const char *whose;        /* for messages: "the trained model" */
    sal_ready *ready;         /* [n] */
} sal_shelf;

/* A check that is being run. */
typedef struct sal_run {
    const sal_check_args *args;
    const sal_env *env;
    const sal_model *m;
    double alpha;
    uint64_t seed;
    size_t max_draws;
    /* distinct inputs */
    size_t n;
    size_t *place; /* among the inputs given */
    const float **x;
    int64_t *target;
    float *logits; /* [n, outputs] of the model */
    /* maps */
    sal_method method;
    sal_metric metric;
    sal_team *team;
    sal_shelf base;           /* of the model under test */
    double *scratch;          /* of the metric */
    float *maps;              /* [SAL_WAVE_MAPS, input] */
    bool measured_r, repeats; /* a foreign map that differs when asked twice; one that must not */
    bool ended;               /* by the caller's progress */
    char invalid[256];        /* set by whoever finds that a precondition does not hold */
} sal_run;

enum { SAL_WAVE = 16, SAL_WAVE_MAPS = 2 * SAL_WAVE };

/* One check of the run, or one part of a composed check. */
typedef struct sal_part {
    const sal_check_def *def;
    double limit;
    size_t n_steps;
    void *state; /* the check's own */
} sal_part;

struct sal_check_def {
    sal_check_info info;
    const char *claims[4]; /* by outcome, after the method's name */
    char statistic_name;
    const char *scale;
    const char *meaning; /* of a failure */
    bool mean;           /* R, F: the statistic is the mean of a */
    bool changes_params;
    const sal_check_def *const *parts; /* composed: ends with NULL */
    /* Sets part->state and part->n_steps; may set run->invalid. */
    sal_status (*open)(sal_run *run, sal_part *part, sal_error *err);
    void (*close)(sal_run *run, sal_part *part);
    void (*describe)(const sal_run *run, const sal_part *part, size_t step, sal_step_verdict *out);
    /* Measures draws first .. first + n - 1 (n <= SAL_WAVE): fills out[i] but for its index. */
    sal_status (*wave)(sal_run *run, sal_part *part, size_t step, size_t first, size_t n,
                       sal_draw_record *out, sal_error *err);
    size_t (*wave_size)(const sal_run *run); /* NULL: SAL_WAVE */
};

extern const sal_check_def *const sal_checks_[]; /* ends with NULL */
const sal_check_def *sal_check_find_(const char *name, sal_error *err);
/* What the verdict says, by its outcome and the part that decides. */
void sal_check_claim_(sal_verdict *v);

/* ---- reason.c ------------------------------------------------------------------------------------- */

/* Sets run->invalid: which precondition does not hold, with the number that shows it. */
void sal_run_invalid_(sal_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- run.c: opening and preconditions --------------------------------------------------------- */

sal_status sal_run_open_(const sal_check_args *args, const sal_check_def *def, sal_run *run,
                         sal_error *err);
void sal_run_close_(sal_run *run);
/* Probes a wrapped engine: sets run->invalid when it is not to be believed. */
sal_status sal_run_probe_(sal_run *run, const sal_model *m, const sal_method *method,
                          bool needs_params, sal_error *err);
/* Share of the labels that a model's largest logits hit. */
sal_status sal_run_accuracy_(const sal_model *m, const sal_tensor *x, const int64_t *labels,
                             double *accuracy, sal_error *err);

/* ---- maps.c --------------------------------------------------------------------------------------- */

sal_status sal_shelf_open_(const sal_run *run, sal_shelf *shelf, sal_error *err);
void sal_shelf_close_(const sal_run *run, sal_shelf *shelf);
/* Makes the maps of these inputs that are not there yet. */
sal_status sal_shelf_need_(sal_run *run, sal_shelf *shelf, size_t n, const size_t *inputs,
                           sal_error *err);
/* Makes maps that are used once: jobs[i] of the run's team and method; ready[i] is the caller's. */
sal_status sal_run_make_(sal_run *run, size_t n, const sal_explain_job *jobs, const char *whose,
                         sal_ready *ready, sal_error *err);
sal_status sal_ready_alloc_(const sal_run *run, size_t n, sal_ready *ready, sal_error *err);
void sal_ready_free_(const sal_run *run, size_t n, sal_ready *ready);
/* Similarity within the metric's range; false when undefined. */
bool sal_run_compare_(const sal_run *run, const sal_ready *a, const sal_ready *b, double *value);
sal_explain_job sal_run_job_(const sal_run *run, size_t input, const sal_params *p);
/* Classes of the models at hand, where the rule asks for them. */
sal_status sal_run_retarget_(sal_run *run, sal_team *team, size_t n, sal_explain_job *jobs,
                             sal_error *err);

/* ---- draw.c --------------------------------------------------------------------------------------- */

/* The two inputs of a draw, and which of `pool` unrelated models it takes. */
typedef struct sal_pick {
    size_t x, o, pool;
} sal_pick;
enum { SAL_POOL = 4 };
sal_pick sal_run_pick_(const sal_run *run, size_t draw);
/* Similarity of a map with itself, asked again where the engine may not repeat itself. */
sal_status sal_run_again_(sal_run *run, size_t n, const sal_pick *picks, double *r, bool *defined,
                          sal_error *err);

/* ---- decide.c, compose.c ---------------------------------------------------------------------------- */

/* Measures and judges the last step of v, which is step `step` of the part; of a shard's v, measures
 * only. */
sal_status sal_decide_step_(sal_run *run, sal_part *part, size_t step, sal_verdict *v,
                            sal_error *err);
/* Range of r, a and u, and draws measured at once. */
void sal_decide_terms_(const sal_run *run, const sal_part *part, sal_step_verdict *s);
/* Runs sobel and random-from-params through the same check. */
sal_status sal_run_controls_(const sal_check_args *args, const sal_check_def *def, char *reason,
                             size_t size, sal_error *err);
/* Writes the picture of a failing check into args->out. */
sal_status sal_run_picture_(sal_run *run, sal_verdict *v, sal_error *err);

#endif
