/* base/save.h - files that appear whole or not at all: written under another name in the same
 * folder, synced, renamed. */
#ifndef SAL_BASE_SAVE_H
#define SAL_BASE_SAVE_H

#include "base/base.h"

#include <stdio.h>

typedef struct sal_save {
    const sal_env *env;
    const char *path; /* borrowed */
    char *temporary;
    FILE *stream; /* write here */
} sal_save;

/* On an error nothing is left behind, and commit and discard need not be called. */
sal_status sal_save_begin_(const sal_env *env, const char *path, sal_save *out, sal_error *err);
/* Ends *s in either case; on an error path is as it was. */
sal_status sal_save_commit_(sal_save *s, sal_error *err);
void sal_save_discard_(sal_save *s);

/* SAL_E_IO: "path: cannot be written: why". */
sal_status sal_save_refused_(const char *path, const char *why, sal_error *err);
/* What of a path is shown in messages: the end of a long one. */
const char *sal_save_shown_(const char *path);

#endif
