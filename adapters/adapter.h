/* adapters/adapter.h - what the adapters share: errors in salcheck's form, and counting elements. */
#ifndef SALCHECK_ADAPTERS_ADAPTER_H
#define SALCHECK_ADAPTERS_ADAPTER_H

#include <stdarg.h>
#include <stdio.h>

#include <salcheck/core.h>

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline void
adapter_say(sal_error *err, sal_status status, const char *format, ...)
{
    va_list args;
    if (!err) return;
    err->status = status;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
}

/* Fills err, which may be NULL, and is the status: a macro, so that analysers see that it is no SAL_OK. */
#define adapter_refuse(err, status, ...)                                                           \
    (adapter_say(err, status, __VA_ARGS__), (sal_status)(status))

static inline size_t adapter_elements(size_t rank, const int64_t *dims)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++) n *= dims[i] > 0 ? (size_t)dims[i] : 0;
    return n;
}

#endif
