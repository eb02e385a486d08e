/* io/gzip.c - see gzip.h. */
#include "io/gzip.h"

#include <errno.h>
#include <string.h>

enum { PIECE = 1 << 20 };

static sal_status read_gzip(sal_source *s, void *to, size_t size, size_t *got, sal_error *err)
{
    sal_gzip_source *f = (sal_gzip_source *)s;
    unsigned char *at = to;
    for (*got = 0; *got < size;) {
        size_t piece = size - *got < PIECE ? size - *got : PIECE;
        int n = gzread(f->file, at + *got, (unsigned)piece);
        if (n <= 0) break;
        *got += (size_t)n;
    }
    int code;
    const char *text = gzerror(f->file, &code);
    if (code == Z_ERRNO) return sal_file_refused_(f->source.name, "read", err);
    if (code == Z_BUF_ERROR)
        return sal_fail_(err, SAL_E_FORMAT, "%s: its gzip data end early", f->source.name);
    if (code == Z_MEM_ERROR) return sal_no_memory_(err, f->source.name);
    if (code != Z_OK && code != Z_STREAM_END) {
        const char *colon = strrchr(text, ':'); /* zlib puts the path in front */
        return sal_fail_(err, SAL_E_FORMAT, "%s: damaged gzip data:%s", f->source.name,
                         colon ? colon + 1 : text);
    }
    return SAL_OK;
}

sal_status sal_gzip_open_(const sal_env *env, const char *path, sal_gzip_source *out,
                          sal_error *err)
{
    const char *name = sal_shown_path_(path);
    errno = 0;
    gzFile file = gzopen(path, "rbe");
    if (!file) return errno ? sal_file_refused_(name, "opened", err) : sal_no_memory_(err, name);
    *out = (sal_gzip_source){.source = {env, name, read_gzip}, .file = file};
    return SAL_OK;
}

void sal_gzip_close_(sal_gzip_source *f)
{
    if (f->file) gzclose_r(f->file);
    f->file = NULL;
}
