/* base/error.c - the one place that writes error texts. */
#include "base/base.h"

#include <stdio.h>
#include <string.h>

const char *sal_version(void)
{
    return SAL_VERSION;
}

const char *sal_status_name(sal_status status)
{
    static const char *const names[] = {
        "ok",           "bad argument", "shapes do not fit", "out of memory",  "file error",
        "format error", "not a number", "unsupported",       "callback failed"};
    size_t i = (size_t)status;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown status";
}

const char *sal_outcome_name(sal_outcome outcome)
{
    static const char *const names[] = {"pass", "fail", "inconclusive", "invalid"};
    size_t i = (size_t)outcome;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown outcome";
}

void sal_error_set_(sal_error *err, sal_status status, const char *format, ...)
{
    if (!err) return;
    va_list args;
    va_start(args, format);
    err->status = status;
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    for (char *c = err->text; *c; c++) /* one line, safe in XML */
        if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
}

/* Levenshtein distance, names up to 63 characters. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[64];
    if (n > 63 || m > 63) return SIZE_MAX;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < cost) cost = row[j] + 1;
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1;
            row[j] = cost;
        }
    }
    return row[m];
}

const char *sal_nearest_name_(const char *name, const char *const *names)
{
    const char *best = NULL;
    size_t least = strlen(name) / 4 + 1;
    for (size_t i = 0; names[i]; i++) {
        size_t d = distance(name, names[i]);
        if (name[0] && strstr(names[i], name) && d > 1) d = 1; /* a part counts as near */
        if (d <= least && (!best || d < least)) {
            least = d;
            best = names[i];
        }
    }
    return best;
}

sal_status sal_fail_name_(sal_error *err, const char *kind, const char *name,
                          const char *const *names)
{
    const char *near = sal_nearest_name_(name, names);
    if (near)
        return sal_fail_(err, SAL_E_ARG, "unknown %s '%s'; did you mean '%s'?", kind, name, near);
    return sal_fail_(err, SAL_E_ARG, "unknown %s '%s'", kind, name);
}
