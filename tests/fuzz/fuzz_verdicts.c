/* tests/fuzz/fuzz_verdicts.c - any bytes as a file of verdicts: what is read can be written and read
 * again, and rendered in every format, or an error. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/record.h>
#include <salcheck/report.h>

#include <string.h>

typedef struct written {
    char *text;
    size_t size;
} written;

static int keep(const char *line, size_t length, void *self)
{
    written *w = self;
    char *more = realloc(w->text, w->size + length);
    if (!more) return 1;
    memcpy(more + w->size, line, length);
    w->text = more;
    w->size += length;
    return 0;
}

/* Whatever the names hold, an element ends where the report ends it, and nothing that is not text or a
 * line's end comes out. */
static void render(const sal_records *r, const char *format)
{
    written w = {NULL, 0};
    sal_status st = sal_report_render(NULL, format, (const sal_verdict *const *)r->verdicts, r->n,
                                      NULL, keep, &w, NULL);
    if (st != SAL_OK || !w.size) abort();
    for (size_t i = 0; i < w.size; i++)
        if (((unsigned char)w.text[i] < ' ' && w.text[i] != '\n') || w.text[i] == 127) abort();
    if (memmem(w.text, w.size, "<script", 7) && (format[0] == 'h' || format[0] == 'j')) abort();
    free(w.text);
}

static sal_records *read_bytes(const sal_env *env, const uint8_t *bytes, size_t size)
{
    sal_records *r = NULL;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    sal_status st = sal_records_read(env, path, &r, NULL);
    if ((st == SAL_OK) != (r != NULL)) abort();
    close(fd);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {((size_t)1 << 17) + 64 * size};
    const sal_env env = bounded_env(&b);
    sal_records *first = read_bytes(&env, bytes, size), *second;
    written w = {NULL, 0};
    char text[4096];
    if (!first) return 0;
    for (size_t i = 0; i < first->n; i++) sal_report_text(first->verdicts[i], text, sizeof text);
    if (sal_report_lines((const sal_verdict *const *)first->verdicts, first->n, keep, &w, NULL) ==
        SAL_OK) {
        second = read_bytes(NULL, (const uint8_t *)w.text, w.size);
        if (!second || second->n != first->n) abort();
        sal_records_free(second);
    }
    for (size_t i = 0; sal_report_format_get(i); i++) render(first, sal_report_format_get(i)->name);
    free(w.text);
    sal_records_free(first);
    return 0;
}
