/* base/save.c - see save.h. */
#define _POSIX_C_SOURCE 200809L
#include "base/save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, OWN_NAME = 64, SHOWN_PATH = 140 };

const char *sal_save_shown_(const char *path)
{
    size_t n = strlen(path); /* the end of a long path says more than its start */
    return n > SHOWN_PATH ? path + n - SHOWN_PATH : path;
}

sal_status sal_save_refused_(const char *path, const char *why, sal_error *err)
{
    return sal_fail_(err, SAL_E_IO, "%s: cannot be written: %s", sal_save_shown_(path), why);
}

static sal_status refused(const char *path, int code, sal_error *err)
{
    return sal_save_refused_(path, strerror(code), err);
}

/* A short name, because path's own may already have the longest length. mkstemp would give the
 * file to its owner alone, whatever the umask says. */
static int open_temporary(sal_save *s, size_t size)
{
    const char *slash = strrchr(s->path, '/');
    int folder = slash ? (int)(slash + 1 - s->path) : 0;
    for (int i = 0; i < TRIES; i++) {
        sal_text name = sal_text_into_(s->temporary, size);
        sal_text_add_(&name, "%.*s.salcheck-%ld-%d", folder, s->path, (long)getpid(), i);
        int fd = open(s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) return fd;
    }
    return -1;
}

static void release(sal_save *s)
{
    sal_free_(s->env, s->temporary);
    *s = (sal_save){0};
}

sal_status sal_save_begin_(const sal_env *env, const char *path, sal_save *out, sal_error *err)
{
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode)) /* a rename would replace /dev/null */
        return sal_save_refused_(path, "it is no regular file", err);
    size_t size = strlen(path) + OWN_NAME;
    sal_save s = {.env = env, .path = path, .temporary = sal_alloc_(env, size)};
    if (!s.temporary) return sal_no_memory_(err, "a file name");
    int fd = open_temporary(&s, size);
    if (fd < 0) {
        sal_status st = refused(path, errno, err);
        release(&s);
        return st;
    }
    s.stream = fdopen(fd, "wb");
    if (!s.stream) {
        sal_status st = refused(path, errno, err);
        close(fd);
        unlink(s.temporary);
        release(&s);
        return st;
    }
    *out = s;
    return SAL_OK;
}

/* Why an earlier write failed: the file is lost, so one byte more may ask again. */
static int write_error(FILE *stream)
{
    clearerr(stream);
    errno = 0;
    (void)(fputc(0, stream) == EOF || fflush(stream));
    return errno ? errno : EIO;
}

sal_status sal_save_commit_(sal_save *s, sal_error *err)
{
    sal_status st = SAL_OK;
    int code = 0;
    if (ferror(s->stream)) code = write_error(s->stream);
    if (!code && fflush(s->stream) != 0) code = errno;
    if (!code && fsync(fileno(s->stream)) != 0 && errno != EINVAL)
        code = errno; /* EINVAL: cannot */
    if (fclose(s->stream) != 0 && !code) code = errno;
    if (!code && rename(s->temporary, s->path) != 0) code = errno;
    if (code) {
        st = refused(s->path, code, err);
        unlink(s->temporary);
    }
    release(s);
    return st;
}

void sal_save_discard_(sal_save *s)
{
    if (!s->stream) return;
    (void)fclose(s->stream); /* the file goes anyway */
    unlink(s->temporary);
    release(s);
}
