/**
 * suite.h - a suite file: many checks in one go, as plain structs. What the file means stands in
 * docs/suite.md; running it is the caller's (salcheck run).
 */
#ifndef SALCHECK_SUITE_H
#define SALCHECK_SUITE_H

#include <salcheck/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A network. Texts are NULL and numbers 0 where the file says nothing; `line` is its place there. */
typedef struct sal_suite_model {
    const char *name, *file;
    const char *output, *blocks;
    int64_t size[2]; /* height and width, for files that leave them open */
    bool grey;       /* one channel, likewise */
    size_t line;
} sal_suite_model;

/** Inputs: files[n_files] as the program takes them: one array, or pictures. */
typedef struct sal_suite_inputs {
    const char *name;
    size_t n_files;
    const char *const *files;
    double scale;
    float mean[3], std[3];
    int64_t size[2];
    bool bgr, grey, stretch;
    const char *resize;
    const char *labels; /* true classes, for every check of these inputs */
    size_t line;
} sal_suite_inputs;

#define SAL_SUITE_NONE SIZE_MAX /* no twin */

/** One check with its methods, defaults filled in; ids[n_methods] are unique in the suite. */
typedef struct sal_suite_check {
    const char *check;
    size_t model, inputs, twin; /* places among models and inputs */
    size_t n_methods;
    const char *const *methods, *const *ids;
    const char *metric, *layer, *target, *randomisation, *initialiser;
    const char *labels, *train, *train_labels, *permuted_labels;
    double alpha, limit;
    size_t draws, min_draws, batch;
    uint64_t seed;
    bool controls;
    size_t line;
} sal_suite_check;

/** A suite. Everything belongs to it; paths are relative to the working folder. */
typedef struct sal_suite {
    size_t n_models, n_inputs, n_checks;
    const sal_suite_model *models;
    const sal_suite_inputs *inputs;
    const sal_suite_check *checks;
    const struct sal_suite_rest *rest; /* private */
} sal_suite;

/**
 * Reads a suite file (YAML): the keys, their types, the names between its parts and those of checks
 * and methods. Networks, inputs and labels are not opened. Checks without min-draws get a fixed
 * sample: as many as draws, 256 at most.
 *
 * owner   *out is the caller's, sal_suite_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (the line, and what is wrong: no YAML, a key that is
 *         unknown, missing, of a wrong type or there twice, a name that is unknown or there twice, an
 *         alias), SAL_E_NOMEM (no memory, a file above 1 MiB)
 */
SAL_API sal_status sal_suite_read(const sal_env *env, const char *path, sal_suite **out,
                                  sal_error *err);

SAL_API void sal_suite_free(sal_suite *s); /* NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
