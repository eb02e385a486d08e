/* record/fields.c - see fields.h: a table of keys, their types and where their values go. */
#include "record/fields.h"

#include "record/take.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *key;
    sal_field_kind kind;
    bool of_step;
    size_t offset, size;
} field;

#define OF_VERDICT(key, kind, member)                                                              \
    {                                                                                              \
        key, SAL_IS_##kind, false, offsetof(sal_verdict, member),                                  \
            sizeof(((sal_verdict *)0)->member)                                                     \
    }
#define OF_STEP(key, kind, member)                                                                 \
    {                                                                                              \
        key, SAL_IS_##kind, true, offsetof(sal_step_verdict, member),                              \
            sizeof(((sal_step_verdict *)0)->member)                                                \
    }

static const field fields[] = {
    OF_VERDICT("id", TEXT, id),
    OF_VERDICT("check", TEXT, check),
    OF_STEP("part", TEXT, check),
    OF_VERDICT("model", TEXT, model),
    OF_VERDICT("model_hash", HASH, model_hash),
    OF_VERDICT("inputs_hash", HASH, inputs_hash),
    OF_VERDICT("inputs", COUNT, distinct),
    OF_VERDICT("given", COUNT, inputs),
    OF_VERDICT("method", TEXT, method),
    OF_VERDICT("metric", TEXT, metric),
    OF_VERDICT("randomisation", TEXT, randomisation),
    OF_VERDICT("options", TEXT, options),
    OF_STEP("step", TEXT, step),
    OF_VERDICT("steps", COUNT, total_steps),
    OF_STEP("outcome", OUTCOME, outcome),
    OF_STEP("statistic", LETTER, statistic_name),
    OF_STEP("value", REAL, statistic),
    OF_STEP("low", REAL, low),
    OF_STEP("high", REAL, high),
    OF_STEP("limit", REAL, limit),
    OF_VERDICT("alpha", REAL, alpha),
    OF_VERDICT("seed", HASH, seed),
    OF_VERDICT("min_draws", COUNT, min_draws),
    OF_VERDICT("max_draws", COUNT, max_draws),
    OF_STEP("draws", COUNT, draws),
    OF_STEP("undefined", COUNT, undefined),
    OF_STEP("mean_r", REAL, mean_r),
    OF_STEP("mean_a", REAL, mean_a),
    OF_STEP("mean_u", REAL, mean_u),
    OF_VERDICT("measured_r", FLAG, measured_r),
    OF_VERDICT("claim", TEXT, claim),
    OF_STEP("change", TEXT, change),
    OF_STEP("scale", TEXT, scale),
    OF_STEP("meaning", TEXT, meaning),
    OF_STEP("reason", TEXT, reason),
    OF_VERDICT("picture", TEXT, picture),
};

static sal_status wrong(sal_place at, const char *key, const char *what, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%s\" %s", at.file, at.line, key, what);
}

static sal_status take_fields(const json_t *o, sal_place at, sal_verdict *v, sal_step_verdict *s,
                              sal_error *err)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const field *f = &fields[i];
        const json_t *value = json_object_get(o, f->key);
        char *base = f->of_step ? (char *)s : (char *)v, what[64];
        if (!value) return wrong(at, f->key, "is missing", err);
        snprintf(what, sizeof what, "is wrong, wanted %s", sal_field_wanted_(f->kind));
        if (!sal_field_take_(value, f->kind, base + f->offset, f->size))
            return wrong(at, f->key, what, err);
    }
    s->has_statistic = json_is_number(json_object_get(o, "value"));
    if (s->undefined > s->draws) return wrong(at, "undefined", "is more than \"draws\"", err);
    return SAL_OK;
}

/* [input, r, a, u], or [input, a] of a mean; nulls where the draw has no value. */
static bool take_draw(const json_t *one, bool three, sal_draw_record *d)
{
    size_t n = three ? 4 : 2;
    double *const values[] = {three ? &d->r : &d->a, &d->a, &d->u};
    if (json_array_size(one) != n || !sal_field_take_count_(json_array_get(one, 0), &d->input))
        return false;
    d->defined = !json_is_null(json_array_get(one, 1));
    for (size_t i = 1; i < n; i++) {
        const json_t *value = json_array_get(one, i);
        if (d->defined ? !json_is_number(value) : !json_is_null(value)) return false;
        *values[i - 1] = json_number_value(value);
    }
    return true;
}

static sal_status take_draws(const sal_env *env, const json_t *o, sal_place at, sal_step_verdict *s,
                             sal_error *err)
{
    const json_t *all = json_object_get(o, "per_draw");
    size_t n = json_array_size(all);
    if (!json_is_array(all)) return wrong(at, "per_draw", "is no array", err);
    if (n < s->draws) return wrong(at, "per_draw", "has fewer entries than \"draws\" says", err);
    sal_draw_record *records = sal_alloc_zero_(env, n + 1, sizeof *records);
    if (!records) return sal_no_memory_(err, "draws");
    for (size_t i = 0; i < n; i++) {
        records[i].draw = i;
        if (take_draw(json_array_get(all, i), s->statistic_name == 'D', &records[i])) continue;
        sal_free_(env, records);
        return wrong(at, "per_draw", "holds an entry that is no draw", err);
    }
    s->records = records;
    s->n_records = n;
    return SAL_OK;
}

static sal_status check_schema(const json_t *o, sal_place at, sal_error *err)
{
    const char *schema = json_string_value(json_object_get(o, "schema"));
    if (!schema) return wrong(at, "schema", "is missing: no line of a verdict", err);
    if (!strcmp(schema, SAL_VERDICT_SCHEMA)) return SAL_OK;
    return sal_fail_(err, SAL_E_FORMAT,
                     "%.100s: line %zu: schema \"%.40s\", wanted \"" SAL_VERDICT_SCHEMA
                     "\" (written by another version of salcheck)",
                     at.file, at.line, schema);
}

static sal_status take_line(const sal_env *env, const json_t *o, sal_place at, sal_verdict *v,
                            sal_step_verdict *s, size_t *index, sal_error *err)
{
    sal_status st = check_schema(o, at, err);
    if (st == SAL_OK) st = take_fields(o, at, v, s, err);
    if (st == SAL_OK && !sal_field_take_count_(json_object_get(o, "index"), index))
        st = wrong(at, "index", "is missing or no count", err);
    if (st == SAL_OK) st = take_draws(env, o, at, s, err);
    return st;
}

sal_status sal_line_read_(const sal_env *env, const char *line, size_t size, sal_place place,
                          sal_verdict *v, sal_step_verdict *s, size_t *index, sal_error *err)
{
    json_t *o;
    memset(v, 0, sizeof *v);
    memset(s, 0, sizeof *s);
    sal_status st = sal_object_read_(place, line, size, &o, err);
    if (st != SAL_OK) return st;
    st = take_line(env, o, place, v, s, index, err);
    json_decref(o);
    return st;
}
