/* io/texts.c - see texts.h. */
#include "io/texts.h"

#include <string.h>

typedef struct owned_texts {
    sal_texts texts; /* first: what the caller holds */
    const sal_env *env;
    size_t room;
} owned_texts;

sal_status sal_texts_make_(const sal_env *env, sal_texts **out, sal_error *err)
{
    owned_texts *own = sal_alloc_zero_(env, 1, sizeof *own);
    if (!own) return sal_no_memory_(err, "a list");
    own->env = env;
    *out = &own->texts;
    return SAL_OK;
}

static bool grow(owned_texts *own)
{
    size_t room = own->room ? 2 * own->room : 16;
    char **values = sal_alloc_array_(own->env, room, sizeof *values);
    if (!values) return false;
    if (own->texts.count) memcpy(values, own->texts.values, own->texts.count * sizeof *values);
    sal_free_(own->env, own->texts.values);
    own->texts.values = values;
    own->room = room;
    return true;
}

sal_status sal_texts_add_(sal_texts *texts, const char *text, size_t length, sal_error *err)
{
    owned_texts *own = (owned_texts *)texts;
    if (texts->count == own->room && !grow(own)) return sal_no_memory_(err, "a list");
    char *copy = sal_alloc_(own->env, length + 1);
    if (!copy) return sal_no_memory_(err, "a list");
    memcpy(copy, text, length);
    copy[length] = '\0';
    texts->values[texts->count++] = copy;
    return SAL_OK;
}

void sal_texts_free(sal_texts *texts)
{
    if (!texts) return;
    owned_texts *own = (owned_texts *)texts;
    for (size_t i = 0; i < texts->count; i++) sal_free_(own->env, texts->values[i]);
    sal_free_(own->env, texts->values);
    sal_free_(own->env, own);
}
