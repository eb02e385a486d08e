/* record/fields.h - one line of JSON and the fields of a verdict that it fills. */
#ifndef SAL_RECORD_FIELDS_H
#define SAL_RECORD_FIELDS_H

#include "base/base.h"

#include <salcheck/record.h>

/* What a line is called in messages: "FILE: line 3". */
typedef struct sal_place {
    const char *file;
    size_t line;
} sal_place;

/* Reads one line, of a part or of a whole verdict, into *v (without steps) and *s, whose records are
 * the caller's from env; *index is the place of the step. On an error nothing is kept. */
sal_status sal_line_read_(const sal_env *env, const char *line, size_t size, sal_place place,
                          bool part, sal_verdict *v, sal_step_verdict *s, size_t *index,
                          sal_error *err);

#endif
