/* io/labels.c - see labels.h. */
#include "io/labels.h"

typedef struct owned_labels {
    sal_labels labels; /* first: what the caller holds */
    const sal_env *env;
} owned_labels;

sal_status sal_labels_make_(const sal_env *env, size_t count, sal_labels **out, sal_error *err)
{
    owned_labels *own = sal_alloc_zero_(env, 1, sizeof *own);
    int64_t *values = sal_alloc_zero_(env, count ? count : 1, sizeof *values);
    if (!own || !values) {
        sal_free_(env, own);
        sal_free_(env, values);
        return sal_no_memory_(err, "labels");
    }
    own->env = env;
    own->labels = (sal_labels){.count = count, .values = values};
    *out = &own->labels;
    return SAL_OK;
}

void sal_labels_free(sal_labels *labels)
{
    if (!labels) return;
    owned_labels *own = (owned_labels *)labels;
    sal_free_(own->env, own->labels.values);
    sal_free_(own->env, own);
}
