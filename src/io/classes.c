/* io/classes.c - names of classes, one a line. */
#include "io/source.h"
#include "io/texts.h"

#include <string.h>

enum { MOST_BYTES = 1 << 24 };

/* Ends at a newline or at the end of the file; "\r\n" counts as "\n". */
static sal_status split(char *text, size_t size, sal_texts *out, sal_error *err)
{
    sal_status st = SAL_OK;
    size_t at = size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; /* byte order mark */
    while (st == SAL_OK && at < size) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t n = end ? (size_t)(end - text) - at : size - at;
        size_t shown = n && text[at + n - 1] == '\r' ? n - 1 : n;
        for (size_t i = at; i < at + shown; i++)
            if ((unsigned char)text[i] < ' ' || text[i] == 127) text[i] = ' ';
        st = sal_texts_add_(out, text + at, shown, err);
        at += n + 1;
    }
    return st;
}

static sal_status read_lines(sal_source *s, sal_texts *out, sal_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    sal_status st = sal_source_all_(s, MOST_BYTES, &bytes, &size, err);
    if (st != SAL_OK) return st;
    if (memchr(bytes, 0, size))
        st = sal_fail_(err, SAL_E_FORMAT, "%s: a 0 byte in it, wanted a text with a class a line",
                       s->name);
    if (st == SAL_OK) st = split((char *)bytes, size, out, err);
    if (st == SAL_OK && out->count == 0)
        st = sal_fail_(err, SAL_E_FORMAT, "%s: empty, wanted a class a line", s->name);
    sal_free_(s->env, bytes);
    return st;
}

sal_status sal_classes_read(const sal_env *env, const char *path, sal_texts **out, sal_error *err)
{
    sal_file_source f;
    sal_texts *texts = NULL;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_texts_make_(env, &texts, err);
    if (st == SAL_OK) st = read_lines(&f.source, texts, err);
    sal_file_close_(&f);
    if (st == SAL_OK)
        *out = texts;
    else
        sal_texts_free(texts);
    return st;
}
