/**
 * randomise.h - parameters made random, layer by layer, by name:
 *
 *   top          the output layer alone: the layer that separates the classes (the default)
 *   cascade      from the output layer down, one more layer a step
 *   bottom-up    from the first layer up, one more layer a step
 *   independent  one layer a step, the others as trained
 *   full         every layer
 *
 * Options: draws=fresh|same (cascades: new numbers at every step, or those of the steps before),
 * norm=keep|reset|re-estimate (batch norms of the layers changed: as trained; scale 1, shift 0,
 * statistics 0 and 1; or scale and shift reset, and the statistics of these and of every norm behind
 * them measured again on the inputs, graph models only). A norm that is a layer of its own goes with
 * the layer before it. Where the model has blocks (sal_model_with_blocks()), read block for layer: top
 * is the last block, full every block, and layers in none stay as trained.
 */
#ifndef SALCHECK_RANDOMISE_H
#define SALCHECK_RANDOMISE_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAL_TOP "top"
#define SAL_CASCADE "cascade"
#define SAL_BOTTOM_UP "bottom-up"
#define SAL_INDEPENDENT "independent"
#define SAL_FULL "full"

/** One row of the registry. Static. */
typedef struct sal_randomisation_info {
    const char *name, *summary;
} sal_randomisation_info;

/** Row i, or NULL beyond the last. */
SAL_API const sal_randomisation_info *sal_randomisation_get(size_t i);

/** Zero = default. */
typedef struct sal_randomise_options {
    /* How numbers are made: NULL = the layer's own initialiser where known, entries permuted where
     * not; "permute", "gaussian" (mean and deviation of the trained entries), or an initialiser of
     * nn.h for weights and biases alike. */
    const char *initialiser;
    uint64_t seed;            /* 0 = default */
    uint64_t draw;            /* every draw is a stream of its own */
    const sal_tensor *inputs; /* for norm=re-estimate */
    uint64_t reserved_[4];    /* must be 0 */
} sal_randomise_options;

/**
 * Makes a randomised copy of a model's parameters; the model keeps its own. randomisation NULL = top.
 *
 * owner   *out is the caller's; sal_params_free()
 * errors  SAL_E_ARG (unknown name or option; step beyond the last), SAL_E_UNSUPPORTED (an engine
 *         without get_params/set_params; a model without weights), SAL_E_SHAPE and SAL_E_VALUE
 *         (options->inputs), SAL_E_NOMEM
 * random  seed, draw, step and parameter only
 * source  Adebayo et al. 2018
 */
SAL_API sal_status sal_randomise(const sal_model *m, const char *randomisation, size_t step,
                                 const sal_randomise_options *options, sal_params **out,
                                 sal_error *err);

/** Steps of a randomisation on this model; 0 when the name is unknown or nothing can be changed. */
SAL_API size_t sal_randomise_steps(const sal_model *m, const char *randomisation);

/**
 * Permutes labels: a fixed count of each class, no relation to the inputs.
 *
 * owner   permuted holds n labels
 * random  seed only
 */
SAL_API void sal_permute_labels(size_t n, const int64_t *labels, uint64_t seed, int64_t *permuted);

#ifdef __cplusplus
}
#endif
#endif
