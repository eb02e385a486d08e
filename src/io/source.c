/* io/source.c - see source.h. */
#include "io/source.h"

#include <errno.h>
#include <string.h>

enum { FIRST_BYTES = 1 << 16, SHOWN_PATH = 140 };

const char *sal_shown_path_(const char *path)
{
    size_t n = strlen(path);
    return n > SHOWN_PATH ? path + n - SHOWN_PATH : path;
}

static sal_status too_few(const sal_source *s, const char *what, size_t wanted, size_t got,
                          sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%s: %zu bytes of %s, wanted %zu", s->name, got, what,
                     wanted);
}

sal_status sal_source_need_(sal_source *s, const char *what, void *to, size_t size, sal_error *err)
{
    size_t got = 0;
    sal_status st = s->read(s, to, size, &got, err);
    if (st == SAL_OK && got < size) st = too_few(s, what, size, got, err);
    return st;
}

/* Reads until `most` bytes are there or the data end. */
static sal_status grow(sal_source *s, size_t most, unsigned char **out, size_t *have,
                       sal_error *err)
{
    unsigned char *block = NULL;
    sal_status st = SAL_OK;
    *have = 0;
    for (size_t room = 0, got; *have < most && *have == room;) {
        size_t next = room ? 2 * room : FIRST_BYTES;
        if (next > most) next = most;
        unsigned char *grown = sal_alloc_(s->env, next);
        if (!grown) {
            st = sal_no_memory_(err, s->name);
            break;
        }
        if (*have) memcpy(grown, block, *have);
        sal_free_(s->env, block);
        block = grown;
        room = next;
        st = s->read(s, block + *have, room - *have, &got, err);
        if (st != SAL_OK) break;
        *have += got;
    }
    if (st == SAL_OK)
        *out = block;
    else
        sal_free_(s->env, block);
    return st;
}

sal_status sal_source_block_(sal_source *s, const char *what, size_t bytes, unsigned char **out,
                             sal_error *err)
{
    unsigned char *block = NULL;
    size_t have;
    sal_status st = grow(s, bytes, &block, &have, err);
    if (st == SAL_OK && have < bytes) {
        sal_free_(s->env, block);
        return too_few(s, what, bytes, have, err);
    }
    if (st == SAL_OK) *out = block;
    return st;
}

sal_status sal_source_all_(sal_source *s, size_t most, unsigned char **out, size_t *bytes,
                           sal_error *err)
{
    unsigned char *block = NULL;
    sal_status st = grow(s, most + 1, &block, bytes, err);
    if (st == SAL_OK && *bytes > most) {
        sal_free_(s->env, block);
        return sal_fail_(err, SAL_E_NOMEM, "%s: more than %zu bytes, the largest that is read",
                         s->name, most);
    }
    if (st == SAL_OK) *out = block;
    return st;
}

sal_status sal_source_end_(sal_source *s, size_t bytes, sal_error *err)
{
    unsigned char extra;
    size_t got = 0;
    sal_status st = s->read(s, &extra, 1, &got, err);
    if (st == SAL_OK && got)
        st = sal_fail_(err, SAL_E_FORMAT, "%s: bytes left over after the %zu its header states",
                       s->name, bytes);
    return st;
}

sal_status sal_file_refused_(const char *name, const char *what, sal_error *err)
{
    return sal_fail_(err, SAL_E_IO, "%s: cannot be %s: %s", name, what, strerror(errno));
}

static sal_status read_file(sal_source *s, void *to, size_t size, size_t *got, sal_error *err)
{
    sal_file_source *f = (sal_file_source *)s;
    errno = 0;
    *got = fread(to, 1, size, f->file);
    return *got < size && ferror(f->file) ? sal_file_refused_(s->name, "read", err) : SAL_OK;
}

sal_status sal_file_open_(const sal_env *env, const char *path, sal_file_source *out,
                          sal_error *err)
{
    const char *name = sal_shown_path_(path);
    errno = 0;
    FILE *file = fopen(path, "rbe");
    if (!file) return sal_file_refused_(name, "opened", err);
    *out = (sal_file_source){.source = {env, name, read_file}, .file = file};
    return SAL_OK;
}

void sal_file_close_(sal_file_source *f)
{
    if (f->file) (void)fclose(f->file); /* only read from: nothing can be lost */
    f->file = NULL;
}
