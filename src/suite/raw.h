/* suite/raw.h - a suite file as libcyaml reads it: its keys, all values still texts. */
#ifndef SAL_SUITE_RAW_H
#define SAL_SUITE_RAW_H

#include "base/base.h"

typedef struct sal_raw_model {
    char *name, *file, *output, *blocks, *size, *grey;
} sal_raw_model;

typedef struct sal_raw_inputs {
    char *name, *scale, *size, *bgr, *grey, *stretch, *resize, *labels;
    char **files, **mean, **std;
    unsigned n_files, n_mean, n_std;
} sal_raw_inputs;

/* Of a check, or the defaults of all. */
typedef struct sal_raw_check {
    char *check, *name, *model, *inputs, *twin;
    char **methods;
    unsigned n_methods;
    char *metric, *layer, *target, *randomisation, *initialiser, *labels, *train, *train_labels,
        *permuted_labels, *alpha, *limit, *draws, *min_draws, *batch, *seed, *controls;
} sal_raw_check;

typedef struct sal_raw_suite {
    char *version;
    sal_raw_check *defaults; /* or NULL */
    sal_raw_model *models;
    sal_raw_inputs *inputs;
    sal_raw_check *checks;
    unsigned n_models, n_inputs, n_checks;
} sal_raw_suite;

/* Parses bytes; `name` of the file is for messages. Release with sal_raw_free_(). */
sal_status sal_raw_read_(const sal_env *env, const char *name, const unsigned char *bytes,
                         size_t size, sal_raw_suite **out, sal_error *err);
void sal_raw_free_(const sal_env *env, sal_raw_suite *raw);

/* The line of a value in a file that has been read: of entry `index` of a list (NULL key: the entry
 * itself), or of a key of a map ("defaults"); 0 when there is none. */
size_t sal_raw_line_(const unsigned char *bytes, size_t size, const char *part, size_t index,
                     const char *key);

/* The lines of all n entries of a list, from *lines on in steps of `stride` bytes. */
void sal_raw_entries_(const unsigned char *bytes, size_t size, const char *part, size_t n,
                      size_t stride, size_t *lines);

#endif
