/* record/lines.h - files of JSON Lines: one call per line that is not empty. */
#ifndef SAL_RECORD_LINES_H
#define SAL_RECORD_LINES_H

#include "record/fields.h"

/* `ended`: the line has its '\n'; the last one may not. */
typedef sal_status (*sal_take_line_)(void *self, sal_place at, const char *line, size_t size,
                                     bool ended, sal_error *err);

/* Reads the whole file, then hands over its lines. SAL_E_IO; SAL_E_FORMAT (a merge conflict is left in
 * it: the line); SAL_E_NOMEM (no memory, or more than 256 MiB); or what take returns. */
sal_status sal_lines_read_(const sal_env *env, const char *path, sal_take_line_ take, void *self,
                           sal_error *err);

#endif
