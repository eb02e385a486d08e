/* suite/values.h - texts of a suite file as values of their types, whatever the locale. */
#ifndef SAL_SUITE_VALUES_H
#define SAL_SUITE_VALUES_H

#include "base/base.h"

typedef enum {
    SAL_VALUE_TEXT,   /* const char * */
    SAL_VALUE_FILE,   /* the same, relative to the suite's folder */
    SAL_VALUE_TARGET, /* a file, a class or "predicted" */
    SAL_VALUE_BLOCKS, /* a file, or names with '=' */
    SAL_VALUE_SHARE,  /* double in (0, 1) */
    SAL_VALUE_SCALE,  /* double, or a fraction: 1/255 */
    SAL_VALUE_COUNT,  /* size_t from 1 on */
    SAL_VALUE_INDEX,  /* size_t */
    SAL_VALUE_SEED,   /* uint64_t, decimal or 0x */
    SAL_VALUE_FLAG,   /* bool */
    SAL_VALUE_SIZE    /* int64_t [2]: 224 or HEIGHTxWIDTH */
} sal_value_kind;

/* Is this text of this kind the path of a file? */
bool sal_suite_is_path_(sal_value_kind k, const char *text);
/* Sets *to, unless the kind is one of texts (up to SAL_VALUE_BLOCKS); false: it is no such value. */
bool sal_suite_value_(sal_value_kind k, const char *text, void *to);
const char *sal_suite_wanted_(sal_value_kind k); /* "a whole number" */

#endif
