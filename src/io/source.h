/* io/source.h - bytes that are read once, from front to back: a file, or a member of an archive. A
 * source embeds this struct first and says how to read; the rest is the same for every format. */
#ifndef SAL_IO_SOURCE_H
#define SAL_IO_SOURCE_H

#include "base/base.h"

#include <stdio.h>

typedef struct sal_source sal_source;

struct sal_source {
    const sal_env *env;
    const char *name; /* for messages */
    /* Up to size bytes; *got < size at the end of the data only. */
    sal_status (*read)(sal_source *s, void *to, size_t size, size_t *got, sal_error *err);
};

/* The part of a path that messages show: its end says more than its start. */
const char *sal_shown_path_(const char *path);

/* Exactly size bytes, or SAL_E_FORMAT: "FILE: 3 bytes of WHAT, wanted 12". */
sal_status sal_source_need_(sal_source *s, const char *what, void *to, size_t size, sal_error *err);

/* The same into a new block, which doubles only once it is full: however large `bytes` is, memory
 * follows what is there. Release it with sal_free_(). */
sal_status sal_source_block_(sal_source *s, const char *what, size_t bytes, unsigned char **out,
                             sal_error *err);

/* All that is left, at most `most` bytes, else SAL_E_NOMEM. */
sal_status sal_source_all_(sal_source *s, size_t most, unsigned char **out, size_t *bytes,
                           sal_error *err);

/* SAL_E_FORMAT when anything is left; lets the source check its own sum as well. */
sal_status sal_source_end_(sal_source *s, size_t bytes, sal_error *err);

/* ---- a file as it stands -------------------------------------------------------------------- */

typedef struct sal_file_source {
    sal_source source;
    FILE *file;
} sal_file_source;

sal_status sal_file_open_(const sal_env *env, const char *path, sal_file_source *out,
                          sal_error *err);
void sal_file_close_(sal_file_source *f); /* a closed one is fine */

/* SAL_E_IO: "FILE: cannot be WHAT: why", by errno. */
sal_status sal_file_refused_(const char *name, const char *what, sal_error *err);

#endif
