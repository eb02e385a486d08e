/**
 * check.h - checks by name, decided with known error rates. The plugin headers (plugin.h) put an
 * assertion on top; use this directly for your own.
 *
 *   params        the map follows the parameters: it changes when a layer is re-initialised
 *   labels        the map follows the labels: it changes when they were permuted in training
 *   edges         the map is more than a picture of its input: Sobel, Canny, the input itself
 *   reproducible  the map comes out again with fresh noise
 *   faithful      the pixels it points at move the logit more than others do
 *   sane          params, reproducible and faithful
 *
 * sal_check_maps() judges maps made elsewhere, without any model.
 */
#ifndef SALCHECK_CHECK_H
#define SALCHECK_CHECK_H

#include <salcheck/method.h>
#include <salcheck/metric.h>
#include <salcheck/randomise.h>
#include <salcheck/record.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_CHECK_PARAMS "params"
#define SAL_CHECK_LABELS "labels"
#define SAL_CHECK_EDGES "edges"
#define SAL_CHECK_REPRODUCIBLE "reproducible"
#define SAL_CHECK_FAITHFUL "faithful"
#define SAL_CHECK_SANE "sane"

/** One row of the registry. Static. */
typedef struct sal_check_info {
    const char *name, *summary, *source;
    const char *metric; /* default; NULL = the check compares no maps */
    double limit;       /* default */
} sal_check_info;

/** Row i, or NULL beyond the last. */
SAL_API const sal_check_info *sal_check_get(size_t i);

/** What an assertion does with INCONCLUSIVE. */
typedef enum sal_on_inconclusive { SAL_INCONCLUSIVE_FAILS = 0, SAL_SKIP } sal_on_inconclusive;

/** Which class a randomised model is asked about. */
typedef enum sal_target_rule {
    SAL_TARGET_FIXED = 0, /* the original model's (or the given one) throughout */
    SAL_TARGET_CURRENT    /* the largest logit of the model at hand, as the paper's code does */
} sal_target_rule;

/**
 * Trains a twin on permuted labels, from an initialisation of its own (seed). Returns 0 and a model
 * that salcheck releases with sal_model_free(); another number is an error.
 */
typedef int (*sal_fit_twin)(void *self, size_t n, const int64_t *permuted_labels, uint64_t seed,
                            sal_model **twin);

/** The question and its options. Zero = default. Everything is borrowed for the call. */
typedef struct sal_check_args {
    const char *check;
    const char *file; /* of the assertion; may be NULL */
    int line;
    /* the question */
    const sal_model *model;
    const sal_tensor *inputs;         /* [N, ...], at least two different ones */
    const char *method;               /* a name from method.h, with options */
    const sal_own_method *own_method; /* for "own", or with method NULL */
    /* the decision */
    double alpha;       /* chance of a wrong outcome, in (0, 1); 0 = 0.01 */
    double limit;       /* in (0, 1); 0 = the check's */
    size_t max_draws;   /* 0 = 256 */
    size_t min_draws;   /* go on after the decision, for a tighter interval */
    uint64_t seed;      /* 0 = 0x5a11; every text prints it */
    const char *metric; /* a name from metric.h; NULL = the check's */
    /* how maps are made */
    const char *layer; /* Grad-CAM's */
    const int64_t *targets;
    sal_target_rule target_rule;
    size_t batch; /* evaluations in one run; changes no result */
    /* params */
    const char *randomisation; /* a name from randomise.h; NULL = "top" */
    const char *initialiser;   /* NULL = the layer's own, else entries permuted */
    /* labels: a twin, or how to train one */
    const sal_model *twin;
    sal_fit_twin fit;
    void *fit_self;
    const sal_tensor *train_inputs; /* with train_labels: do both models fit what they learned? */
    const int64_t *train_labels;
    const int64_t *permuted_labels; /* of the given twin */
    /* preconditions and controls */
    const int64_t *labels; /* true classes of the inputs: is the model better than chance? */
    bool controls;         /* sobel must fail, random-from-params must not, else invalid */
    /* Past one machine: measures the draws of this shard, 1 to `shards`, and judges nothing; 0, 0 = all
     * of it. What all shards have measured, sal_check_merge() judges. */
    size_t shard, shards;
    /* Called from time to time on the caller's thread, with draws done of at most `most` of a step;
     * false ends the check there, INCONCLUSIVE unless a step has failed; a shard, with an error. Not
     * called by controls. */
    bool (*progress)(void *self, size_t draws, size_t most);
    void *progress_self;
    /* what comes of it */
    const char *id; /* of the verdict; NULL = "MODEL/CHECK/METHOD", with a randomisation other than
                       the default after the check: "mnist_cnn/params:cascade/gradient" */
    sal_on_inconclusive inconclusive;
    const char *out;       /* folder for the picture of a failing check; NULL = none */
    uint64_t reserved_[4]; /* must be 0 */
} sal_check_args;

/**
 * Runs a check.
 *
 * shape   inputs [N, ...] as the model takes them; maps have the inputs' shape
 * unit    D: 0 = map unchanged, 1 = nothing of it is left; R and F: means in [0, 1]
 * outcome PASS if the statistic lies above the limit, FAIL if below, each with a chance of at most
 *         alpha/2 to be wrong; INCONCLUSIVE at the draw budget; INVALID with a reason. Several steps:
 *         PASS when all pass, FAIL when one fails (at alpha/2 over all), else INVALID, INCONCLUSIVE
 * owner   *verdict is the caller's, sal_verdict_free()
 * errors  SAL_E_ARG, SAL_E_SHAPE, SAL_E_VALUE (an input is not finite: which), SAL_E_UNSUPPORTED (a
 *         callback is missing: which), SAL_E_CALLBACK, SAL_E_NOMEM; then *verdict is untouched, and
 *         an engine's parameters are put back. A FAIL is not an error.
 * random  args->seed only; equal for any number of threads and any batch
 * cost    params: about 2 maps a draw, 12 to 40 draws, and one map per input
 * source  Adebayo et al. 2018; rule: Waudby-Smith & Ramdas 2023
 */
SAL_API sal_status sal_check_run(const sal_check_args *args, sal_verdict **verdict, sal_error *err);

/**
 * Judges what all shards of the same checks have measured, from the files they wrote (report.h): the
 * verdicts are those of one run of all draws, so that files of them are the same byte for byte. Two
 * things are not: pictures (.out), which need the maps, and an engine that does not repeat itself.
 *
 * owner   the files stay the caller's; names[n] are for messages; *out: sal_records_free()
 * errors  SAL_E_ARG, SAL_E_FORMAT (which file, and what: a shard that is missing or there twice, a
 *         check that one shard lacks, draws that are not the shard's, another model, inputs, seed or
 *         other term than in the first file), SAL_E_NOMEM
 */
SAL_API sal_status sal_check_merge(const sal_env *env, const sal_records *const *files,
                                   const char *const *names, size_t n, sal_records **out,
                                   sal_error *err);

/**
 * Maps that any other program made, and models of which nothing is known here: only whether the maps
 * change. Zero = default.
 */
typedef struct sal_maps_args {
    const char *model, *method,
        *id;                    /* names for the record; NULL = "files", "maps", made of both */
    const sal_tensor *original; /* maps of the model, [N, F], [N, C, L] or [N, C, H, W] */
    size_t n_randomised;
    /* Hands out the maps of randomised model i, of the same shape, for the same inputs and classes;
     * called in order, once each. *out becomes salcheck's, which frees it. */
    sal_status (*randomised)(void *self, size_t i, sal_tensor **out, sal_error *err);
    void *self;
    double alpha, limit;   /* as in sal_check_args; limit 0 = 0.5 */
    uint64_t seed;         /* which inputs count as unrelated */
    const char *metric;    /* NULL = pearson-folded */
    uint64_t reserved_[4]; /* must be 0 */
} sal_maps_args;

/**
 * Judges given maps by the rule of sal_check_run. Randomised model i is one draw: a is the mean
 * over the inputs of the similarity of their maps, u that of the original's map of one input with
 * the randomised model's of another, r is 1. Holds when the randomised models are independent draws
 * of one randomisation, chosen before their maps were looked at, and the method repeats itself: noise
 * of its own counts as change.
 *
 * unit    D: 0 = maps unchanged, 1 = nothing of them is left
 * outcome as sal_check_run; INVALID when unrelated maps are alike, or most similarities undefined
 * owner   *verdict is the caller's, sal_verdict_free()
 * errors  SAL_E_ARG (also: so few models that no outcome is possible, with how many it takes),
 *         SAL_E_SHAPE and SAL_E_VALUE (of which model), SAL_E_NOMEM, what randomised returns; then
 *         *verdict is untouched
 * cost    2 N similarities a model; memory for the original and one set of maps
 * source  Adebayo et al. 2018; rule: Waudby-Smith & Ramdas 2023
 */
SAL_API sal_status sal_check_maps(const sal_env *env, const sal_maps_args *args,
                                  sal_verdict **verdict, sal_error *err);

#define SAL_TEXT_MAX 4096

/**
 * Runs a check for a plugin and renders its outcome; releases all it made.
 *
 * owner   text is the caller's, of SAL_TEXT_MAX; "" on PASS, the message on an error
 * errors  those of sal_check_run; *outcome is set on SAL_OK only
 */
SAL_API sal_status sal_check_text(const sal_check_args *args, sal_outcome *outcome, char *text,
                                  size_t size);

#define SAL_MEASURED_MAX 16384

/**
 * The same, and what CTest takes out of a test's output and sends to a dashboard: one element
 * <CTestMeasurement type="numeric/double" name="MODEL: METHOD CHECK STEP D">0.96</CTestMeasurement>
 * a line, and one each for "D low" and "D high", for every step that has a statistic; last
 * <CTestMeasurementFile> with the picture, when its path is absolute. Elements that have no room are
 * left out.
 *
 * owner   as above; measured is the caller's, SAL_MEASURED_MAX holds 16 steps of the longest names;
 *         "" on an error
 * errors  those of sal_check_run; *outcome is set on SAL_OK only
 */
SAL_API sal_status sal_check_measured(const sal_check_args *args, sal_outcome *outcome, char *text,
                                      size_t size, char *measured, size_t measured_size);

#ifdef __cplusplus
}
#endif
#endif
