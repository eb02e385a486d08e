/* report/jsonl.c - verdicts as JSON Lines, one object per step; jansson keeps the order of keys. */
#include "report/report.h"

#include "base/save.h"

#include <salcheck/report.h>

#include <jansson.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 17, LONGEST = 512 };

static json_t *number(double value, bool known)
{
    return known && isfinite(value) ? json_real(value) : json_null();
}

/* A field of a verdict; jansson takes nothing but UTF-8. */
static json_t *safe_text(const char *field, bool keep_lines)
{
    char safe[LONGEST];
    snprintf(safe, sizeof safe, "%s", field);
    sal_text_make_safe_(safe, keep_lines);
    return json_string(safe);
}

static json_t *text(const char *field)
{
    return safe_text(field, false);
}

static json_t *lines(const char *field)
{
    return safe_text(field, true);
}

static json_t *hash(uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    return json_string(text);
}

static json_t *count(size_t n)
{
    return json_integer((json_int_t)n);
}

/* A part's draws have their index in front. */
static json_t *draws(const sal_verdict *v, const sal_step_verdict *s)
{
    json_t *all = json_array();
    bool three = s->statistic_name == 'D';
    for (size_t i = 0; all && i < s->n_records; i++) {
        const sal_draw_record *d = &s->records[i];
        json_t *one = json_array();
        if (!one || (v->shards && json_array_append_new(one, count(d->draw))) ||
            json_array_append_new(one, count(d->input)) ||
            (three && json_array_append_new(one, number(d->r, d->defined))) ||
            json_array_append_new(one, number(d->a, d->defined)) ||
            (three && json_array_append_new(one, number(d->u, d->defined))) ||
            json_array_append(all, one)) {
            json_decref(all);
            all = NULL;
        }
        json_decref(one);
    }
    return all;
}

/* Sets a new value; a NULL one, out of memory, spoils *ok. */
static void set(json_t *o, bool *ok, const char *key, json_t *value)
{
    if (json_object_set_new(o, key, value)) *ok = false;
}

/* The file's name alone: the same run gives the same bytes in any folder. */
static json_t *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return text(slash ? slash + 1 : path);
}

static void set_question(json_t *o, bool *ok, const sal_verdict *v, const sal_step_verdict *s)
{
    set(o, ok, "schema", json_string(v->shards ? SAL_PART_SCHEMA : SAL_VERDICT_SCHEMA));
    set(o, ok, "id", text(v->id));
    set(o, ok, "check", text(v->check));
    set(o, ok, "part", text(s->check));
    set(o, ok, "model", text(v->model));
    set(o, ok, "model_hash", hash(v->model_hash));
    set(o, ok, "inputs_hash", hash(v->inputs_hash));
    set(o, ok, "inputs", count(v->distinct));
    set(o, ok, "given", count(v->inputs));
    set(o, ok, "method", text(v->method));
    set(o, ok, "metric", text(v->metric));
    set(o, ok, "randomisation", text(v->randomisation));
    set(o, ok, "options", text(v->options));
    set(o, ok, "step", text(s->step));
    set(o, ok, "index", count((size_t)(s - v->steps)));
    set(o, ok, "steps", count(v->total_steps));
}

static void set_answer(json_t *o, bool *ok, const sal_step_verdict *s)
{
    bool any = s->draws > s->undefined, three = s->statistic_name == 'D';
    set(o, ok, "draws", count(s->draws));
    set(o, ok, "undefined", count(s->undefined));
    set(o, ok, "mean_r", number(s->mean_r, any && three));
    set(o, ok, "mean_a", number(s->mean_a, any));
    set(o, ok, "mean_u", number(s->mean_u, any && three));
}

static void set_part(json_t *o, bool *ok, const sal_verdict *v, const sal_step_verdict *s)
{
    set(o, ok, "shard", count(v->shard));
    set(o, ok, "shards", count(v->shards));
    set(o, ok, "lowest", number(s->lowest, true));
    set(o, ok, "highest", number(s->highest, true));
    set(o, ok, "wave", count(s->wave));
}

static void set_rule(json_t *o, bool *ok, const sal_verdict *v, const sal_step_verdict *s)
{
    set(o, ok, "limit", number(s->limit, true));
    set(o, ok, "alpha", number(v->alpha, true));
    set(o, ok, "seed", hash(v->seed));
    set(o, ok, "min_draws", count(v->min_draws));
    set(o, ok, "max_draws", count(v->max_draws));
}

static json_t *object(const sal_verdict *v, const sal_step_verdict *s)
{
    json_t *o = json_object();
    bool ok = o != NULL, any = s->draws > s->undefined, whole = !v->shards;
    char name[2] = {s->statistic_name, '\0'};
    set_question(o, &ok, v, s);
    if (whole) set(o, &ok, "outcome", json_string(sal_outcome_name(s->outcome)));
    set(o, &ok, "statistic", json_string(name));
    if (whole) set(o, &ok, "value", number(s->statistic, s->has_statistic));
    if (whole) set(o, &ok, "low", number(s->low, any));
    if (whole) set(o, &ok, "high", number(s->high, any));
    set_rule(o, &ok, v, s);
    if (whole)
        set_answer(o, &ok, s);
    else
        set_part(o, &ok, v, s);
    set(o, &ok, "measured_r", json_boolean(v->measured_r));
    if (whole) set(o, &ok, "claim", text(v->claim));
    set(o, &ok, "change", text(s->change));
    set(o, &ok, "scale", text(s->scale));
    set(o, &ok, "meaning", lines(s->meaning));
    set(o, &ok, "reason", text(s->reason));
    if (whole) set(o, &ok, "picture", name_of(v->picture));
    set(o, &ok, "per_draw", draws(v, s));
    set(o, &ok, "version", json_string(SAL_VERSION));
    if (ok) return o;
    json_decref(o);
    return NULL;
}

enum {
    FORMAT = JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(DIGITS)
};

static sal_status write_line(const sal_verdict *v, const sal_step_verdict *s,
                             int (*write)(const char *line, size_t length, void *self), void *self,
                             sal_error *err)
{
    json_t *o = object(v, s);
    char *line = o ? json_dumps(o, FORMAT) : NULL;
    size_t length = line ? strlen(line) : 0;
    json_decref(o);
    if (!line) return sal_no_memory_(err, "a verdict's line");
    line[length] = '\n'; /* in place of the final 0 */
    int code = write(line, length + 1, self);
    json_free_t release;
    json_get_alloc_funcs(NULL, &release);
    release(line);
    if (code) return sal_fail_(err, SAL_E_CALLBACK, "a line cannot be written: %d", code);
    return SAL_OK;
}

sal_status sal_report_lines(const sal_verdict *const *verdicts, size_t n,
                            int (*write)(const char *line, size_t length, void *self), void *self,
                            sal_error *err)
{
    sal_status st = SAL_OK;
    if (!write || (n && !verdicts)) return sal_fail_(err, SAL_E_ARG, "write or verdicts is NULL");
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        for (size_t k = 0; st == SAL_OK && k < verdicts[i]->n_steps; k++)
            st = write_line(verdicts[i], &verdicts[i]->steps[k], write, self, err);
    return st;
}

static int to_file(const char *line, size_t length, void *file)
{
    return fwrite(line, 1, length, file) == length ? 0 : -1;
}

sal_status sal_report_jsonl(const sal_env *env, const sal_verdict *const *verdicts, size_t n,
                            const char *path, sal_error *err)
{
    sal_save file;
    if (!path || (n && !verdicts)) return sal_fail_(err, SAL_E_ARG, "path or verdicts is NULL");
    sal_status st = sal_save_begin_(env, path, &file, err);
    if (st != SAL_OK) return st;
    st = sal_report_lines(verdicts, n, to_file, file.stream, err);
    if (st == SAL_OK) return sal_save_commit_(&file, err);
    sal_save_discard_(&file);
    return st == SAL_E_CALLBACK ? sal_save_refused_(path, "write error", err) : st;
}
