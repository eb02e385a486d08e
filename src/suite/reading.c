/* suite/reading.c - see reading.h. */
#include "suite/reading.h"

#include "io/source.h"

#include <stdio.h>
#include <string.h>

size_t sal_suite_line_(const sal_reading *r, sal_suite_place at, const char *key)
{
    size_t line = sal_raw_line_(r->bytes, r->size, at.part, at.index, key);
    if (!line && key && !strcmp(at.part, "checks"))
        line = sal_raw_line_(r->bytes, r->size, "defaults", 0, key);
    return line ? line : sal_raw_line_(r->bytes, r->size, at.part, at.index, NULL);
}

sal_status sal_suite_wrong_(const sal_reading *r, sal_suite_place at, const char *key,
                            const char *format, ...)
{
    char what[SAL_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return sal_fail_(r->err, SAL_E_FORMAT, "%.100s: line %zu: %s", sal_shown_path_(r->path),
                     sal_suite_line_(r, at, key), what);
}

sal_status sal_suite_no_memory_(const sal_reading *r)
{
    return sal_no_memory_(r->err, "a suite");
}

const char *sal_suite_keep_(const sal_reading *r, char *text)
{
    sal_suite_rest *k = r->rest;
    if (text && k->n_texts == k->room) {
        size_t room = k->room ? 2 * k->room : 16;
        char **more = sal_alloc_zero_(r->env, room, sizeof(char *));
        if (more && k->n_texts) memcpy(more, k->texts, k->n_texts * sizeof(char *));
        if (!more) {
            sal_free_(r->env, text);
            return NULL;
        }
        sal_free_(r->env, k->texts);
        k->texts = more;
        k->room = room;
    }
    if (text) k->texts[k->n_texts++] = text;
    return text;
}

const char *sal_suite_path_(const sal_reading *r, const char *text)
{
    if (text[0] == '/' || !r->folder) return text;
    size_t n = r->folder + strlen(text) + 1;
    char *joined = sal_alloc_(r->env, n);
    if (joined) snprintf(joined, n, "%.*s%s", (int)r->folder, r->path, text);
    return sal_suite_keep_(r, joined);
}

static sal_status set_value(const sal_reading *r, sal_suite_place at, const sal_suite_key *v,
                            const char *text, void *to)
{
    if (v->kind <= SAL_VALUE_BLOCKS) {
        if (!text[0]) return sal_suite_wrong_(r, at, v->key, "%s is empty", v->key);
        const char *kept = sal_suite_is_path_(v->kind, text) ? sal_suite_path_(r, text) : text;
        *(const char **)to = kept;
        return kept ? SAL_OK : sal_suite_no_memory_(r);
    }
    if (sal_suite_value_(v->kind, text, to)) return SAL_OK;
    return sal_suite_wrong_(r, at, v->key, "%s is '%.60s', wanted %s", v->key, text,
                            sal_suite_wanted_(v->kind));
}

sal_status sal_suite_set_values_(const sal_reading *r, sal_suite_place at,
                                 const sal_suite_key *keys, const void *raw, const void *defaults,
                                 void *to)
{
    sal_status st = SAL_OK;
    for (; st == SAL_OK && keys->key; keys++) {
        const char *text = *(char *const *)((const char *)raw + keys->from);
        if (!text && defaults) text = *(char *const *)((const char *)defaults + keys->from);
        if (text) st = set_value(r, at, keys, text, (char *)to + keys->to);
    }
    return st;
}
