/* io/gzip.h - a file, gzipped or not, as a source: zlib passes plain ones through. */
#ifndef SAL_IO_GZIP_H
#define SAL_IO_GZIP_H

#include "io/source.h"

#include <zlib.h>

typedef struct sal_gzip_source {
    sal_source source;
    gzFile file;
} sal_gzip_source;

sal_status sal_gzip_open_(const sal_env *env, const char *path, sal_gzip_source *out,
                          sal_error *err);
void sal_gzip_close_(sal_gzip_source *f); /* a closed one is fine */

#endif
