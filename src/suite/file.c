/* suite/file.c - a suite file from its bytes, part by part, and its life. */
#include "suite/reading.h"

#include "io/source.h"

#include <string.h>

enum { MOST_BYTES = 1 << 20, MOST_IDS = 4096 };

static sal_status make_room(const sal_reading *r)
{
    sal_suite *s = r->suite;
    sal_suite_rest *k = r->rest;
    s->n_models = k->raw->n_models;
    s->n_inputs = k->raw->n_inputs;
    s->n_checks = k->raw->n_checks;
    s->models = k->models = sal_alloc_zero_(r->env, s->n_models, sizeof *k->models);
    s->inputs = k->inputs = sal_alloc_zero_(r->env, s->n_inputs, sizeof *k->inputs);
    s->checks = k->checks = sal_alloc_zero_(r->env, s->n_checks, sizeof *k->checks);
    return s->models && s->inputs && s->checks ? SAL_OK : sal_suite_no_memory_(r);
}

static void set_lines(const sal_reading *r)
{
    sal_suite_rest *k = r->rest;
    sal_raw_entries_(r->bytes, r->size, "models", r->suite->n_models, sizeof *k->models,
                     &k->models[0].line);
    sal_raw_entries_(r->bytes, r->size, "inputs", r->suite->n_inputs, sizeof *k->inputs,
                     &k->inputs[0].line);
    sal_raw_entries_(r->bytes, r->size, "checks", r->suite->n_checks, sizeof *k->checks,
                     &k->checks[0].line);
}

static sal_status read_all(const sal_reading *r)
{
    const sal_suite *s = r->suite;
    const sal_raw_suite *raw = r->rest->raw;
    size_t ids = 0;
    if (strcmp(raw->version, "1") != 0)
        return sal_suite_wrong_(r, (sal_suite_place){"version", 0}, NULL,
                                "version is '%.20s', wanted 1", raw->version);
    sal_status st = make_room(r);
    if (st == SAL_OK) set_lines(r);
    for (size_t i = 0; st == SAL_OK && i < s->n_models; i++) st = sal_suite_read_model_(r, i);
    for (size_t i = 0; st == SAL_OK && i < s->n_inputs; i++) st = sal_suite_read_inputs_(r, i);
    for (size_t i = 0; st == SAL_OK && i < s->n_checks; i++) {
        st = sal_suite_read_check_(r, i);
        ids += s->checks[i].n_methods;
        if (st == SAL_OK && ids > MOST_IDS)
            st = sal_suite_wrong_(r, (sal_suite_place){"checks", i}, NULL, "more than %d checks",
                                  MOST_IDS);
    }
    return st;
}

static sal_status parse(sal_reading *r)
{
    sal_suite_rest *k = sal_alloc_zero_(r->env, 1, sizeof *k);
    if (!k) return sal_suite_no_memory_(r);
    k->env = r->env;
    r->rest = k;
    r->suite->rest = k;
    sal_status st =
        sal_raw_read_(r->env, sal_shown_path_(r->path), r->bytes, r->size, &k->raw, r->err);
    return st == SAL_OK ? read_all(r) : st;
}

sal_status sal_suite_read(const sal_env *env, const char *path, sal_suite **out, sal_error *err)
{
    sal_file_source f;
    sal_reading r = {.env = env, .path = path, .err = err};
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    const char *slash = strrchr(path, '/');
    r.folder = slash ? (size_t)(slash - path) + 1 : 0;
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, MOST_BYTES, &r.bytes, &r.size, err);
    if (st == SAL_OK) {
        r.suite = sal_alloc_zero_(env, 1, sizeof *r.suite);
        st = r.suite ? parse(&r) : sal_suite_no_memory_(&r);
    }
    sal_free_(env, r.bytes);
    sal_file_close_(&f);
    if (st == SAL_OK) {
        *out = r.suite;
    } else if (r.suite && !r.rest) {
        sal_free_(env, r.suite);
    } else {
        sal_suite_free(r.suite);
    }
    return st;
}

void sal_suite_free(sal_suite *s)
{
    if (!s) return;
    const sal_suite_rest *k = s->rest;
    const sal_env *env = k->env;
    for (size_t i = 0; i < k->n_texts; i++) sal_free_(env, k->texts[i]);
    sal_free_(env, k->texts);
    sal_free_(env, k->models);
    sal_free_(env, k->inputs);
    sal_free_(env, k->checks);
    sal_raw_free_(env, k->raw);
    sal_free_(env, (void *)(uintptr_t)k);
    sal_free_(env, s);
}
