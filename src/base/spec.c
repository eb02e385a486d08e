/* base/spec.c - the parser behind spec.h. Numbers are read without the locale. */
#include "base/spec.h"

#include <math.h>
#include <string.h>

static bool copy_part(char *out, size_t size, const char *from, size_t n)
{
    if (n == 0 || n >= size) return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

sal_status sal_spec_parse_(const char *kind, const char *text, sal_spec *out, sal_error *err)
{
    memset(out, 0, sizeof *out);
    if (!text) return sal_fail_(err, SAL_E_ARG, "no %s given", kind);
    size_t n = strcspn(text, ":");
    if (!copy_part(out->name, sizeof out->name, text, n))
        return sal_fail_(err, SAL_E_ARG, "%s name '%.60s' is empty or too long", kind, text);
    const char *at = text + n;
    while (*at) {
        at++; /* the ':' or ',' */
        size_t whole = strcspn(at, ","), name = strcspn(at, "=,");
        if (out->n == SAL_SPEC_KEYS)
            return sal_fail_(err, SAL_E_ARG, "%s '%s': more than %d options", kind, out->name,
                             SAL_SPEC_KEYS);
        if (name >= whole || !copy_part(out->key[out->n], SAL_SPEC_NAME, at, name) ||
            !copy_part(out->value[out->n], SAL_SPEC_VALUE, at + name + 1, whole - name - 1))
            return sal_fail_(err, SAL_E_ARG, "%s '%s': '%.60s' is not key=value", kind, out->name,
                             at);
        out->n++;
        at += whole;
    }
    return SAL_OK;
}

const char *sal_spec_text_(sal_spec *s, const char *key)
{
    const char *found = NULL;
    size_t k = 0;
    while (k < s->n_asked && strcmp(s->asked[k], key) != 0) k++;
    if (k == s->n_asked && k < SAL_SPEC_KEYS) s->asked[s->n_asked++] = key;
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->key[i], key)) {
            s->used[i] = true;
            found = s->value[i];
        }
    return found;
}

sal_status sal_spec_number_(sal_spec *s, const char *key, double low, double high, double *value,
                            sal_error *err)
{
    const char *text = sal_spec_text_(s, key);
    double v;
    if (!text) return SAL_OK;
    if (!sal_number_of_(text, &v) || !(v >= low && v <= high))
        return sal_fail_(err, SAL_E_ARG, "'%s': %s=%s, wanted a number from %s to %s", s->name, key,
                         text, SAL_SHORT(low), SAL_SHORT(high));
    *value = v;
    return SAL_OK;
}

sal_status sal_spec_count_(sal_spec *s, const char *key, size_t low, size_t high, size_t *value,
                           sal_error *err)
{
    double v = -1;
    const char *text = sal_spec_text_(s, key);
    if (!text) return SAL_OK;
    if (!sal_number_of_(text, &v) || !(v >= (double)low && v <= (double)high) || v != floor(v))
        return sal_fail_(err, SAL_E_ARG, "'%s': %s=%s, wanted a whole number from %zu to %zu",
                         s->name, key, text, low, high);
    *value = (size_t)v;
    return SAL_OK;
}

sal_status sal_spec_choice_(sal_spec *s, const char *key, const char *const *choices, size_t *value,
                            sal_error *err)
{
    const char *text = sal_spec_text_(s, key);
    if (!text) return SAL_OK;
    for (size_t i = 0; choices[i]; i++)
        if (!strcmp(choices[i], text)) {
            *value = i;
            return SAL_OK;
        }
    char kind[SAL_SPEC_NAME + 24];
    sal_text t = sal_text_into_(kind, sizeof kind);
    sal_text_add_(&t, "value of %s:", key);
    return sal_fail_name_(err, kind, text, choices);
}

static sal_status no_option(const sal_spec *s, const char *key, sal_error *err)
{
    char text[SAL_ERROR_TEXT];
    sal_text t = sal_text_into_(text, sizeof text);
    const char *near = sal_nearest_name_(key, s->asked);
    sal_text_add_(&t, "'%s' has no option '%s'", s->name, key);
    if (near) sal_text_add_(&t, "; did you mean '%s'?", near);
    for (size_t i = 0; !near && i < s->n_asked; i++)
        sal_text_add_(&t, "%s %s", i ? "," : ", only", s->asked[i]);
    return sal_fail_(err, SAL_E_ARG, "%s", text);
}

sal_status sal_spec_finish_(const sal_spec *s, sal_error *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->used[i]) return no_option(s, s->key[i], err);
    return SAL_OK;
}
