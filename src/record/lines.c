/* record/lines.c - see lines.h. */
#include "record/lines.h"

#include "io/source.h"

#include <string.h>

enum { MOST_BYTES = 1 << 28 };

static bool is_conflict(const char *line, size_t size)
{
    static const char *const marks[] = {"<<<<<<<", "=======", ">>>>>>>", "|||||||"};
    for (size_t i = 0; size >= 7 && i < 4; i++)
        if (!memcmp(line, marks[i], 7)) return true;
    return false;
}

static sal_status hand_over(const char *name, const char *text, size_t size, sal_take_line_ take,
                            void *self, sal_error *err)
{
    sal_place place = {name, 0};
    for (size_t at = 0, n; at < size; at += n + 1) {
        const char *line = text + at, *end = memchr(line, '\n', size - at);
        n = end ? (size_t)(end - line) : size - at;
        place.line++;
        if (!n) continue;
        if (is_conflict(line, n))
            return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: a merge conflict is left in it",
                             name, place.line);
        sal_status st = take(self, place, line, n, end != NULL, err);
        if (st != SAL_OK) return st;
    }
    return SAL_OK;
}

sal_status sal_lines_read_(const sal_env *env, const char *path, sal_take_line_ take, void *self,
                           sal_error *err)
{
    sal_file_source f;
    unsigned char *bytes = NULL;
    size_t size = 0;
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, MOST_BYTES, &bytes, &size, err);
    if (st == SAL_OK) st = hand_over(f.source.name, (const char *)bytes, size, take, self, err);
    sal_free_(env, bytes);
    sal_file_close_(&f);
    return st;
}
