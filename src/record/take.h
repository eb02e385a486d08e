/* record/take.h - values of JSON taken over into fields of structs, strictly. */
#ifndef SAL_RECORD_TAKE_H
#define SAL_RECORD_TAKE_H

#include "record/fields.h"

#include <jansson.h>

typedef enum sal_field_kind {
    SAL_IS_TEXT,    /* char [size] */
    SAL_IS_COUNT,   /* size_t */
    SAL_IS_HASH,    /* uint64_t, 16 hexadecimal digits */
    SAL_IS_REAL,    /* double; null gives 0 */
    SAL_IS_FLAG,    /* bool */
    SAL_IS_OUTCOME, /* sal_outcome */
    SAL_IS_LETTER   /* char: D, R or F */
} sal_field_kind;

/* False when the value is of another kind, or does not fit. NULL is of no kind. */
bool sal_field_take_(const json_t *value, sal_field_kind kind, void *to, size_t size);
bool sal_field_take_count_(const json_t *value, size_t *to);

/* An object from one line; release it with json_decref(). SAL_E_FORMAT: no object, a key twice. */
sal_status sal_object_read_(sal_place at, const char *line, size_t size, json_t **out,
                            sal_error *err);

/* "a count", for messages. */
const char *sal_field_wanted_(sal_field_kind kind);

#endif
