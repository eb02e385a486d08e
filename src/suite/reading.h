/* suite/reading.h - a suite file that is being read: what its parts share. */
#ifndef SAL_SUITE_READING_H
#define SAL_SUITE_READING_H

#include "suite/raw.h"
#include "suite/values.h"

#include <salcheck/suite.h>

#include <stddef.h>

/* What a suite owns beside what callers see. */
typedef struct sal_suite_rest {
    const sal_env *env;
    sal_raw_suite *raw;
    sal_suite_model *models;
    sal_suite_inputs *inputs;
    sal_suite_check *checks;
    char **texts; /* paths and ids */
    size_t n_texts, room;
} sal_suite_rest;

/* A file that is being read. */
typedef struct sal_reading {
    const sal_env *env;
    const char *path;
    size_t folder; /* length of its folder in path, with the slash */
    unsigned char *bytes;
    size_t size;
    sal_suite *suite;
    sal_suite_rest *rest;
    sal_error *err;
} sal_reading;

/* A place in the file: of an entry's key, or of the default that stands for it. */
typedef struct sal_suite_place {
    const char *part;
    size_t index;
} sal_suite_place;

/* The line of a place; NULL key: of the entry. */
size_t sal_suite_line_(const sal_reading *r, sal_suite_place at, const char *key);

/* SAL_E_FORMAT: "FILE: line 3: ...". */
sal_status sal_suite_wrong_(const sal_reading *r, sal_suite_place at, const char *key,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
sal_status sal_suite_no_memory_(const sal_reading *r);

/* Keeps a text that the suite owns from now on; NULL, released, when there is no memory. */
const char *sal_suite_keep_(const sal_reading *r, char *text);

/* A path as the working folder sees it; NULL when there is no memory. */
const char *sal_suite_path_(const sal_reading *r, const char *text);

/* ---- keys with one value -------------------------------------------------------------------- */

typedef struct sal_suite_key {
    const char *key;
    sal_value_kind kind;
    size_t from, to; /* offsets in the raw entry and in the suite's */
} sal_suite_key;

#define SAL_SUITE_KEY(key, kind, raw, type, member)                                                \
    {                                                                                              \
        key, kind, offsetof(raw, member), offsetof(type, member)                                   \
    }

/* Values of an entry, and where it has none, of the defaults (NULL: there are none); keys end with a
 * NULL. */
sal_status sal_suite_set_values_(const sal_reading *r, sal_suite_place at,
                                 const sal_suite_key *keys, const void *raw, const void *defaults,
                                 void *to);

/* ---- the parts ------------------------------------------------------------------------------ */

const char *sal_suite_model_name_(const sal_reading *r, size_t i);
const char *sal_suite_inputs_name_(const sal_reading *r, size_t i);
sal_status sal_suite_read_model_(const sal_reading *r, size_t i);
sal_status sal_suite_read_inputs_(const sal_reading *r, size_t i);
/* After all models and inputs. */
sal_status sal_suite_read_check_(const sal_reading *r, size_t i);

#endif
