/* cli/targets.c - see targets.h. */
#include "cli/targets.h"

#include "cli/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

sal_status labels_of(const settings *s, const char *what, const char *path, size_t n,
                     sal_labels **out, sal_error *err)
{
    sal_labels *l = NULL;
    if (!path) return SAL_OK;
    sal_status st = labels_read(s, path, &l, err);
    if (st == SAL_OK && l->count != n)
        st = refuse(err, SAL_E_SHAPE, "%.150s: %zu classes for %s, wanted %zu", path, l->count,
                    what, n);
    if (st == SAL_OK)
        *out = l;
    else
        sal_labels_free(l);
    return st;
}

sal_status targets_read(const settings *s, size_t n, sal_labels **out, int64_t **same,
                        sal_error *err)
{
    char *end;
    if (!s->target || !strcmp(s->target, "predicted")) return SAL_OK;
    errno = 0;
    long long target = strtoll(s->target, &end, 10);
    if (*end || end == s->target) return labels_of(s, "--target", s->target, n, out, err);
    if (errno || target < 0)
        return refuse(err, SAL_E_ARG, "--target is %.40s, wanted a class from 0 on", s->target);
    int64_t *all = calloc(n, sizeof *all);
    if (!all) return refuse(err, SAL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) all[i] = target;
    *same = all;
    return SAL_OK;
}
