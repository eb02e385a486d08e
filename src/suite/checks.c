/* suite/checks.c - the checks of a suite: defaults, names that are known, ids that are unique. */
#include "suite/reading.h"

#include <salcheck/check.h>
#include <salcheck/method.h>

#include <stdio.h>
#include <string.h>

enum { LONGEST_ID = 300, SAMPLE = 256 };

#define OF_CHECK(key, kind, member) SAL_SUITE_KEY(key, kind, sal_raw_check, sal_suite_check, member)

static const sal_suite_key of_check[] = {
    OF_CHECK("check", SAL_VALUE_TEXT, check),
    OF_CHECK("metric", SAL_VALUE_TEXT, metric),
    OF_CHECK("layer", SAL_VALUE_TEXT, layer),
    OF_CHECK("target", SAL_VALUE_TARGET, target),
    OF_CHECK("randomisation", SAL_VALUE_TEXT, randomisation),
    OF_CHECK("initialiser", SAL_VALUE_TEXT, initialiser),
    OF_CHECK("labels", SAL_VALUE_FILE, labels),
    OF_CHECK("train", SAL_VALUE_FILE, train),
    OF_CHECK("train-labels", SAL_VALUE_FILE, train_labels),
    OF_CHECK("permuted-labels", SAL_VALUE_FILE, permuted_labels),
    OF_CHECK("alpha", SAL_VALUE_SHARE, alpha),
    OF_CHECK("limit", SAL_VALUE_SHARE, limit),
    OF_CHECK("draws", SAL_VALUE_COUNT, draws),
    OF_CHECK("min-draws", SAL_VALUE_INDEX, min_draws),
    OF_CHECK("batch", SAL_VALUE_COUNT, batch),
    OF_CHECK("seed", SAL_VALUE_SEED, seed),
    OF_CHECK("controls", SAL_VALUE_FLAG, controls),
    {NULL, SAL_VALUE_TEXT, 0, 0}};

static const char *check_name(size_t i)
{
    return sal_check_get(i) ? sal_check_get(i)->name : NULL;
}

static const char *method_name(size_t i)
{
    return sal_method_get(i) ? sal_method_get(i)->name : NULL;
}

/* A name that must be in a registry, up to its options. */
static sal_status check_known(const sal_reading *r, sal_suite_place at, const char *key,
                              const char *kind, const char *text, const char *(*get)(size_t i))
{
    const char *names[64] = {NULL};
    char name[64];
    sal_error why;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    for (size_t i = 0; i < 63 && get(i); i++) {
        names[i] = get(i);
        if (!strcmp(names[i], name)) return SAL_OK;
    }
    sal_fail_name_(&why, kind, name, names);
    return sal_suite_wrong_(r, at, key, "%.200s", why.text);
}

/* The place of a model or of inputs by name; a suite that has but one need not say which. */
static sal_status find(const sal_reading *r, sal_suite_place at, const char *key, const char *name,
                       size_t n, const char *(*get)(const sal_reading *r, size_t i), size_t *to)
{
    const char *names[64] = {NULL};
    sal_error why;
    *to = 0;
    if (!name && n == 1) return SAL_OK;
    if (!name)
        return sal_suite_wrong_(r, at, NULL, "the check has no '%s', and there are several", key);
    for (size_t i = 0; i < n; i++) {
        if (i < 63) names[i] = get(r, i);
        *to = i;
        if (!strcmp(get(r, i), name)) return SAL_OK;
    }
    sal_fail_name_(&why, strcmp(key, "inputs") ? "model" : "inputs", name, names);
    return sal_suite_wrong_(r, at, key, "%.200s", why.text);
}

/* "NAME" of a check of one method, "NAME/METHOD", or as the library calls it. */
static sal_status make_id(const sal_reading *r, sal_suite_place at, const sal_suite_check *c,
                          const char *name, const char *method, const char **out)
{
    char id[LONGEST_ID];
    bool usual = !c->randomisation || !strcmp(c->randomisation, SAL_TOP);
    sal_text t = sal_text_into_(id, sizeof id);
    if (name)
        sal_text_add_(&t, "%s%s%s", name, c->n_methods > 1 ? "/" : "",
                      c->n_methods > 1 ? method : "");
    else
        sal_text_add_(&t, "%s/%s%s%s/%s", r->rest->models[c->model].name, c->check,
                      usual ? "" : ":", usual ? "" : c->randomisation, method);
    if (t.truncated)
        return sal_suite_wrong_(r, at, name ? "name" : NULL,
                                "the name of a check is longer than %d bytes", LONGEST_ID - 1);
    *out = sal_suite_keep_(r, sal_copy_text_(r->env, id));
    return *out ? SAL_OK : sal_suite_no_memory_(r);
}

static sal_status check_id(const sal_reading *r, sal_suite_place at, size_t method)
{
    const char *id = r->rest->checks[at.index].ids[method];
    for (size_t i = 0; i <= at.index; i++) {
        const sal_suite_check *c = &r->rest->checks[i];
        for (size_t k = 0; k < (i < at.index ? c->n_methods : method); k++)
            if (!strcmp(c->ids[k], id))
                return sal_suite_wrong_(
                    r, at, i == at.index ? "methods" : NULL,
                    "'%.80s' is there already, in line %zu: give one of them a name", id, c->line);
    }
    return SAL_OK;
}

static sal_status read_methods(const sal_reading *r, sal_suite_place at, const sal_raw_check *raw,
                               sal_suite_check *c)
{
    const sal_raw_check *from = raw->methods ? raw : r->rest->raw->defaults;
    sal_status st = SAL_OK;
    if (!from || !from->methods) return sal_suite_wrong_(r, at, NULL, "the check has no 'methods'");
    const char **ids = sal_alloc_zero_(r->env, from->n_methods, sizeof(char *));
    if (!ids || !sal_suite_keep_(r, (char *)ids)) return sal_suite_no_memory_(r);
    c->methods = (const char *const *)from->methods;
    c->ids = ids;
    c->n_methods = from->n_methods;
    for (unsigned k = 0; st == SAL_OK && k < from->n_methods; k++) {
        const char *m = from->methods[k];
        if (strcspn(m, "=") < strcspn(m, ":"))
            return sal_suite_wrong_(r, at, "methods",
                                    "method '%.60s': put one with commas into quotes", m);
        st = check_known(r, at, "methods", "method", m, method_name);
        if (st == SAL_OK) st = make_id(r, at, c, raw->name, m, &ids[k]);
        if (st == SAL_OK) st = check_id(r, at, k);
    }
    return st;
}

static sal_status check_whole(const sal_reading *r, sal_suite_place at, const sal_raw_check *raw,
                              sal_suite_check *c)
{
    const sal_raw_check *d = r->rest->raw->defaults;
    if (!strcmp(c->check, SAL_CHECK_LABELS) && c->twin == SAL_SUITE_NONE)
        return sal_suite_wrong_(r, at, NULL,
                                "a check 'labels' needs a 'twin': a model trained on permuted "
                                "labels");
    if (!c->draws) c->draws = SAMPLE;
    if (!raw->min_draws && !(d && d->min_draws))
        c->min_draws = c->draws < SAMPLE ? c->draws : SAMPLE;
    if (c->min_draws > c->draws)
        return sal_suite_wrong_(r, at, raw->min_draws ? "min-draws" : "draws",
                                "min-draws is %zu and draws %zu: wanted no more than draws",
                                c->min_draws, c->draws);
    if (!c->labels) c->labels = r->rest->inputs[c->inputs].labels;
    return SAL_OK;
}

sal_status sal_suite_read_check_(const sal_reading *r, size_t i)
{
    sal_suite_place at = {"checks", i};
    const sal_raw_check *raw = &r->rest->raw->checks[i], *d = r->rest->raw->defaults;
    sal_suite_check *c = &r->rest->checks[i];
    const char *model = raw->model || !d ? raw->model : d->model;
    const char *inputs = raw->inputs || !d ? raw->inputs : d->inputs;
    const char *twin = raw->twin || !d ? raw->twin : d->twin;
    c->twin = SAL_SUITE_NONE;
    sal_status st = sal_suite_set_values_(r, at, of_check, raw, d, c);
    if (st == SAL_OK) st = check_known(r, at, "check", "check", c->check, check_name);
    if (st == SAL_OK)
        st = find(r, at, "model", model, r->suite->n_models, sal_suite_model_name_, &c->model);
    if (st == SAL_OK)
        st = find(r, at, "inputs", inputs, r->suite->n_inputs, sal_suite_inputs_name_, &c->inputs);
    if (st == SAL_OK && twin && !strcmp(c->check, SAL_CHECK_LABELS))
        st = find(r, at, "twin", twin, r->suite->n_models, sal_suite_model_name_, &c->twin);
    if (st == SAL_OK) st = check_whole(r, at, raw, c);
    return st == SAL_OK ? read_methods(r, at, raw, c) : st;
}
