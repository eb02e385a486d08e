/* suite/file.c - a suite file: values of their types, names that are known, ids that are unique. */
#include "base/base.h"
#include "io/source.h"
#include "suite/raw.h"
#include "suite/values.h"

#include <salcheck/check.h>
#include <salcheck/method.h>
#include <salcheck/suite.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20, MOST_IDS = 4096, LONGEST_ID = 300, SAMPLE = 256 };

/* What a suite owns beside what callers see. */
typedef struct sal_suite_rest {
    const sal_env *env;
    sal_raw_suite *raw;
    sal_suite_model *models;
    sal_suite_inputs *inputs;
    sal_suite_check *checks;
    char **texts; /* paths and ids */
    size_t n_texts, room;
} rest;

/* A file that is being read. */
typedef struct {
    const sal_env *env;
    const char *path;
    size_t folder; /* length of its folder in path, with the slash */
    unsigned char *bytes;
    size_t size;
    sal_suite *suite;
    rest *rest;
    sal_error *err;
} reading;

/* A place in the file: of an entry's key, or of the default that stands for it. */
typedef struct {
    const char *part;
    size_t index;
} place;

static size_t line_of(const reading *r, place at, const char *key)
{
    size_t line = sal_raw_line_(r->bytes, r->size, at.part, at.index, key);
    if (!line && key && !strcmp(at.part, "checks"))
        line = sal_raw_line_(r->bytes, r->size, "defaults", 0, key);
    return line ? line : sal_raw_line_(r->bytes, r->size, at.part, at.index, NULL);
}

static sal_status wrong(const reading *r, place at, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static sal_status wrong(const reading *r, place at, const char *key, const char *format, ...)
{
    char what[SAL_ERROR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return sal_fail_(r->err, SAL_E_FORMAT, "%.100s: line %zu: %s", sal_shown_path_(r->path),
                     line_of(r, at, key), what);
}

static sal_status no_memory(const reading *r)
{
    return sal_no_memory_(r->err, "a suite");
}

/* Keeps a text that the suite owns; NULL when there is no memory. */
static const char *keep(const reading *r, char *text)
{
    rest *k = r->rest;
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

/* ---- values of their types ------------------------------------------------------------------- */

typedef struct {
    const char *key;
    sal_value_kind kind;
    size_t from, to; /* offsets in the raw entry and in the suite's */
} value;

#define VALUE(key, kind, raw, type, member)                                                        \
    {                                                                                              \
        key, kind, offsetof(raw, member), offsetof(type, member)                                   \
    }
#define OF_MODEL(key, kind, member) VALUE(key, kind, sal_raw_model, sal_suite_model, member)
#define OF_INPUTS(key, kind, member) VALUE(key, kind, sal_raw_inputs, sal_suite_inputs, member)
#define OF_CHECK(key, kind, member) VALUE(key, kind, sal_raw_check, sal_suite_check, member)

static const value of_model[] = {OF_MODEL("name", SAL_VALUE_TEXT, name),
                                 OF_MODEL("file", SAL_VALUE_FILE, file),
                                 OF_MODEL("output", SAL_VALUE_TEXT, output),
                                 OF_MODEL("blocks", SAL_VALUE_BLOCKS, blocks),
                                 OF_MODEL("size", SAL_VALUE_SIZE, size),
                                 OF_MODEL("grey", SAL_VALUE_FLAG, grey),
                                 {NULL, SAL_VALUE_TEXT, 0, 0}};
static const value of_inputs[] = {OF_INPUTS("name", SAL_VALUE_TEXT, name),
                                  OF_INPUTS("scale", SAL_VALUE_SCALE, scale),
                                  OF_INPUTS("size", SAL_VALUE_SIZE, size),
                                  OF_INPUTS("bgr", SAL_VALUE_FLAG, bgr),
                                  OF_INPUTS("grey", SAL_VALUE_FLAG, grey),
                                  OF_INPUTS("stretch", SAL_VALUE_FLAG, stretch),
                                  OF_INPUTS("resize", SAL_VALUE_TEXT, resize),
                                  OF_INPUTS("labels", SAL_VALUE_FILE, labels),
                                  {NULL, SAL_VALUE_TEXT, 0, 0}};
static const value of_check[] = {OF_CHECK("check", SAL_VALUE_TEXT, check),
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

/* A path as the working folder sees it; NULL when there is no memory. */
static const char *path_of(const reading *r, const char *text)
{
    if (text[0] == '/' || !r->folder) return text;
    size_t n = r->folder + strlen(text) + 1;
    char *joined = sal_alloc_(r->env, n);
    if (joined) snprintf(joined, n, "%.*s%s", (int)r->folder, r->path, text);
    return keep(r, joined);
}

static sal_status set_value(const reading *r, place at, const value *v, const char *text, void *to)
{
    if (v->kind <= SAL_VALUE_BLOCKS) {
        if (!text[0]) return wrong(r, at, v->key, "%s is empty", v->key);
        const char *kept = sal_suite_is_path_(v->kind, text) ? path_of(r, text) : text;
        *(const char **)to = kept;
        return kept ? SAL_OK : no_memory(r);
    }
    if (sal_suite_value_(v->kind, text, to)) return SAL_OK;
    return wrong(r, at, v->key, "%s is '%.60s', wanted %s", v->key, text,
                 sal_suite_wanted_(v->kind));
}

/* Values of an entry, and where it has none, of the defaults (NULL: there are none). */
static sal_status set_values(const reading *r, place at, const value *values, const void *raw,
                             const void *defaults, void *to)
{
    sal_status st = SAL_OK;
    for (; st == SAL_OK && values->key; values++) {
        const char *text = *(char *const *)((const char *)raw + values->from);
        if (!text && defaults) text = *(char *const *)((const char *)defaults + values->from);
        if (text) st = set_value(r, at, values, text, (char *)to + values->to);
    }
    return st;
}

static sal_status set_channels(const reading *r, place at, const char *key, char *const *texts,
                               unsigned n, float to[3])
{
    if (n == 2) return wrong(r, at, key, "%s has 2 numbers, wanted 1, or 3 of channels", key);
    for (unsigned i = 0; i < n; i++) {
        double v;
        if (!sal_number_of_(texts[i], &v) || !isfinite((float)v))
            return wrong(r, at, key, "%s is '%.60s', wanted a number", key, texts[i]);
        to[i] = (float)v;
    }
    if (n == 1) to[1] = to[2] = to[0];
    return SAL_OK;
}

/* ---- models and inputs ------------------------------------------------------------------------ */

static sal_status check_new(const reading *r, place at, const char *what, const char *name,
                            const char *(*other)(const reading *r, size_t i))
{
    for (size_t i = 0; i < at.index; i++)
        if (!strcmp(other(r, i), name))
            return wrong(r, at, "name", "%s '%.80s' is there already, in line %zu", what, name,
                         line_of(r, (place){at.part, i}, "name"));
    return SAL_OK;
}

static const char *name_of_model(const reading *r, size_t i)
{
    return r->rest->models[i].name;
}

static const char *name_of_inputs(const reading *r, size_t i)
{
    return r->rest->inputs[i].name;
}

static sal_status read_model(const reading *r, size_t i)
{
    place at = {"models", i};
    sal_suite_model *m = &r->rest->models[i];
    sal_status st = set_values(r, at, of_model, &r->rest->raw->models[i], NULL, m);
    return st == SAL_OK ? check_new(r, at, "model", m->name, name_of_model) : st;
}

static sal_status read_inputs(const reading *r, size_t i)
{
    place at = {"inputs", i};
    sal_raw_inputs *raw = &r->rest->raw->inputs[i];
    sal_suite_inputs *in = &r->rest->inputs[i];
    sal_status st = set_values(r, at, of_inputs, raw, NULL, in);
    if (st == SAL_OK) st = check_new(r, at, "inputs", in->name, name_of_inputs);
    if (st == SAL_OK) st = set_channels(r, at, "mean", raw->mean, raw->n_mean, in->mean);
    if (st == SAL_OK) st = set_channels(r, at, "std", raw->std, raw->n_std, in->std);
    if (st != SAL_OK) return st;
    const char **files = sal_alloc_zero_(r->env, raw->n_files, sizeof(char *));
    if (!files || !keep(r, (char *)files)) return no_memory(r);
    for (unsigned k = 0; k < raw->n_files; k++) {
        if (!raw->files[k][0]) return wrong(r, at, "files", "a file without a name");
        files[k] = path_of(r, raw->files[k]);
        if (!files[k]) return no_memory(r);
    }
    in->files = files;
    in->n_files = raw->n_files;
    return SAL_OK;
}

/* ---- checks ----------------------------------------------------------------------------------- */

static const char *check_name(size_t i)
{
    return sal_check_get(i) ? sal_check_get(i)->name : NULL;
}

static const char *method_name(size_t i)
{
    return sal_method_get(i) ? sal_method_get(i)->name : NULL;
}

/* A name that must be in a registry, up to its options. */
static sal_status check_known(const reading *r, place at, const char *key, const char *kind,
                              const char *text, const char *(*get)(size_t i))
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
    return wrong(r, at, key, "%.200s", why.text);
}

/* The place of a model or of inputs by name; a suite that has but one need not say which. */
static sal_status find(const reading *r, place at, const char *key, const char *name, size_t n,
                       const char *(*get)(const reading *r, size_t i), size_t *to)
{
    const char *names[64] = {NULL};
    sal_error why;
    *to = 0;
    if (!name && n == 1) return SAL_OK;
    if (!name) return wrong(r, at, NULL, "the check has no '%s', and there are several", key);
    for (size_t i = 0; i < n; i++) {
        if (i < 63) names[i] = get(r, i);
        *to = i;
        if (!strcmp(get(r, i), name)) return SAL_OK;
    }
    sal_fail_name_(&why, strcmp(key, "inputs") ? "model" : "inputs", name, names);
    return wrong(r, at, key, "%.200s", why.text);
}

/* "NAME" of a check of one method, "NAME/METHOD", or as the library calls it. */
static sal_status make_id(const reading *r, place at, const sal_suite_check *c, const char *name,
                          const char *method, const char **out)
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
        return wrong(r, at, name ? "name" : NULL, "the name of a check is longer than %d bytes",
                     LONGEST_ID - 1);
    *out = keep(r, sal_copy_text_(r->env, id));
    return *out ? SAL_OK : no_memory(r);
}

static sal_status check_id(const reading *r, place at, size_t method)
{
    const char *id = r->rest->checks[at.index].ids[method];
    for (size_t i = 0; i <= at.index; i++) {
        const sal_suite_check *c = &r->rest->checks[i];
        for (size_t k = 0; k < (i < at.index ? c->n_methods : method); k++)
            if (!strcmp(c->ids[k], id))
                return wrong(r, at, i == at.index ? "methods" : NULL,
                             "'%.80s' is there already, in line %zu: give one of them a name", id,
                             c->line);
    }
    return SAL_OK;
}

static sal_status read_methods(const reading *r, place at, const sal_raw_check *raw,
                               sal_suite_check *c)
{
    const sal_raw_check *from = raw->methods ? raw : r->rest->raw->defaults;
    sal_status st = SAL_OK;
    if (!from || !from->methods) return wrong(r, at, NULL, "the check has no 'methods'");
    const char **ids = sal_alloc_zero_(r->env, from->n_methods, sizeof(char *));
    if (!ids || !keep(r, (char *)ids)) return no_memory(r);
    c->methods = (const char *const *)from->methods;
    c->ids = ids;
    c->n_methods = from->n_methods;
    for (unsigned k = 0; st == SAL_OK && k < from->n_methods; k++) {
        const char *m = from->methods[k];
        if (strcspn(m, "=") < strcspn(m, ":"))
            return wrong(r, at, "methods", "method '%.60s': put one with commas into quotes", m);
        st = check_known(r, at, "methods", "method", m, method_name);
        if (st == SAL_OK) st = make_id(r, at, c, raw->name, m, &ids[k]);
        if (st == SAL_OK) st = check_id(r, at, k);
    }
    return st;
}

static sal_status check_whole(const reading *r, place at, const sal_raw_check *raw,
                              sal_suite_check *c)
{
    const sal_raw_check *d = r->rest->raw->defaults;
    if (!strcmp(c->check, SAL_CHECK_LABELS) && c->twin == SAL_SUITE_NONE)
        return wrong(r, at, NULL,
                     "a check 'labels' needs a 'twin': a model trained on permuted "
                     "labels");
    if (!c->draws) c->draws = SAMPLE;
    if (!raw->min_draws && !(d && d->min_draws))
        c->min_draws = c->draws < SAMPLE ? c->draws : SAMPLE;
    if (c->min_draws > c->draws)
        return wrong(r, at, raw->min_draws ? "min-draws" : "draws",
                     "min-draws is %zu and draws %zu: wanted no more than draws", c->min_draws,
                     c->draws);
    if (!c->labels) c->labels = r->rest->inputs[c->inputs].labels;
    return SAL_OK;
}

static sal_status read_check(const reading *r, size_t i)
{
    place at = {"checks", i};
    const sal_raw_check *raw = &r->rest->raw->checks[i], *d = r->rest->raw->defaults;
    sal_suite_check *c = &r->rest->checks[i];
    const char *model = raw->model || !d ? raw->model : d->model;
    const char *inputs = raw->inputs || !d ? raw->inputs : d->inputs;
    const char *twin = raw->twin || !d ? raw->twin : d->twin;
    c->twin = SAL_SUITE_NONE;
    sal_status st = set_values(r, at, of_check, raw, d, c);
    if (st == SAL_OK) st = check_known(r, at, "check", "check", c->check, check_name);
    if (st == SAL_OK)
        st = find(r, at, "model", model, r->suite->n_models, name_of_model, &c->model);
    if (st == SAL_OK)
        st = find(r, at, "inputs", inputs, r->suite->n_inputs, name_of_inputs, &c->inputs);
    if (st == SAL_OK && twin && !strcmp(c->check, SAL_CHECK_LABELS))
        st = find(r, at, "twin", twin, r->suite->n_models, name_of_model, &c->twin);
    if (st == SAL_OK) st = check_whole(r, at, raw, c);
    return st == SAL_OK ? read_methods(r, at, raw, c) : st;
}

/* ---- the file --------------------------------------------------------------------------------- */

static sal_status make_room(const reading *r)
{
    sal_suite *s = r->suite;
    rest *k = r->rest;
    s->n_models = k->raw->n_models;
    s->n_inputs = k->raw->n_inputs;
    s->n_checks = k->raw->n_checks;
    s->models = k->models = sal_alloc_zero_(r->env, s->n_models, sizeof *k->models);
    s->inputs = k->inputs = sal_alloc_zero_(r->env, s->n_inputs, sizeof *k->inputs);
    s->checks = k->checks = sal_alloc_zero_(r->env, s->n_checks, sizeof *k->checks);
    return s->models && s->inputs && s->checks ? SAL_OK : no_memory(r);
}

static void set_lines(const reading *r)
{
    rest *k = r->rest;
    sal_raw_entries_(r->bytes, r->size, "models", r->suite->n_models, sizeof *k->models,
                     &k->models[0].line);
    sal_raw_entries_(r->bytes, r->size, "inputs", r->suite->n_inputs, sizeof *k->inputs,
                     &k->inputs[0].line);
    sal_raw_entries_(r->bytes, r->size, "checks", r->suite->n_checks, sizeof *k->checks,
                     &k->checks[0].line);
}

static sal_status read_all(const reading *r)
{
    const sal_suite *s = r->suite;
    const sal_raw_suite *raw = r->rest->raw;
    size_t ids = 0;
    if (strcmp(raw->version, "1") != 0)
        return wrong(r, (place){"version", 0}, NULL, "version is '%.20s', wanted 1", raw->version);
    sal_status st = make_room(r);
    if (st == SAL_OK) set_lines(r);
    for (size_t i = 0; st == SAL_OK && i < s->n_models; i++) st = read_model(r, i);
    for (size_t i = 0; st == SAL_OK && i < s->n_inputs; i++) st = read_inputs(r, i);
    for (size_t i = 0; st == SAL_OK && i < s->n_checks; i++) {
        st = read_check(r, i);
        ids += s->checks[i].n_methods;
        if (st == SAL_OK && ids > MOST_IDS)
            st = wrong(r, (place){"checks", i}, NULL, "more than %d checks", MOST_IDS);
    }
    return st;
}

static sal_status parse(reading *r)
{
    rest *k = sal_alloc_zero_(r->env, 1, sizeof *k);
    if (!k) return no_memory(r);
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
    reading r = {.env = env, .path = path, .err = err};
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    const char *slash = strrchr(path, '/');
    r.folder = slash ? (size_t)(slash - path) + 1 : 0;
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, MOST_BYTES, &r.bytes, &r.size, err);
    if (st == SAL_OK) {
        r.suite = sal_alloc_zero_(env, 1, sizeof *r.suite);
        st = r.suite ? parse(&r) : no_memory(&r);
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
    const rest *k = s->rest;
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
