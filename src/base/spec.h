/* base/spec.h - "name:key=value,key=value", the way methods, metrics and randomisations are named
 * in C, in JSON and on a command line alike. */
#ifndef SAL_BASE_SPEC_H
#define SAL_BASE_SPEC_H

#include "base/base.h"

enum { SAL_SPEC_NAME = 48, SAL_SPEC_KEYS = 12, SAL_SPEC_VALUE = 64 };

typedef struct sal_spec {
    char name[SAL_SPEC_NAME];
    size_t n;
    char key[SAL_SPEC_KEYS][SAL_SPEC_NAME];
    char value[SAL_SPEC_KEYS][SAL_SPEC_VALUE];
    bool used[SAL_SPEC_KEYS];
    size_t n_asked;
    const char *asked[SAL_SPEC_KEYS + 1]; /* keys that were asked for; ends with NULL */
} sal_spec;

/* Splits text; kind is the word for messages ("method"). */
sal_status sal_spec_parse_(const char *kind, const char *text, sal_spec *out, sal_error *err);

/* Each getter leaves *value alone when the key is absent and marks the key as used. Keys are
 * literals: they are kept for the message of sal_spec_finish_. */
sal_status sal_spec_number_(sal_spec *s, const char *key, double low, double high, double *value,
                            sal_error *err);
sal_status sal_spec_count_(sal_spec *s, const char *key, size_t low, size_t high, size_t *value,
                           sal_error *err);
/* value becomes the index of the word in choices (ends with NULL). */
sal_status sal_spec_choice_(sal_spec *s, const char *key, const char *const *choices, size_t *value,
                            sal_error *err);
/* Text value, borrowed from s; NULL when absent. */
const char *sal_spec_text_(sal_spec *s, const char *key);

/* SAL_E_ARG that names the first key nobody asked for, and the one that may have been meant. */
sal_status sal_spec_finish_(const sal_spec *s, sal_error *err);

#endif
