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
    enum { BOTH, WHOLE, PART } in; /* which lines have it */
    size_t offset, size;
} field;

#define OF_VERDICT(key, kind, in, member)                                                          \
    {                                                                                              \
        key, SAL_IS_##kind, false, in, offsetof(sal_verdict, member),                              \
            sizeof(((sal_verdict *)0)->member)                                                     \
    }
#define OF_STEP(key, kind, in, member)                                                             \
    {                                                                                              \
        key, SAL_IS_##kind, true, in, offsetof(sal_step_verdict, member),                          \
            sizeof(((sal_step_verdict *)0)->member)                                                \
    }

static const field fields[] = {
    OF_VERDICT("id", TEXT, BOTH, id),
    OF_VERDICT("check", TEXT, BOTH, check),
    OF_STEP("part", TEXT, BOTH, check),
    OF_VERDICT("model", TEXT, BOTH, model),
    OF_VERDICT("model_hash", HASH, BOTH, model_hash),
    OF_VERDICT("inputs_hash", HASH, BOTH, inputs_hash),
    OF_VERDICT("inputs", COUNT, BOTH, distinct),
    OF_VERDICT("given", COUNT, BOTH, inputs),
    OF_VERDICT("method", TEXT, BOTH, method),
    OF_VERDICT("metric", TEXT, BOTH, metric),
    OF_VERDICT("randomisation", TEXT, BOTH, randomisation),
    OF_VERDICT("options", TEXT, BOTH, options),
    OF_STEP("step", TEXT, BOTH, step),
    OF_VERDICT("steps", COUNT, BOTH, total_steps),
    OF_STEP("outcome", OUTCOME, WHOLE, outcome),
    OF_STEP("statistic", LETTER, BOTH, statistic_name),
    OF_STEP("value", REAL, WHOLE, statistic),
    OF_STEP("low", REAL, WHOLE, low),
    OF_STEP("high", REAL, WHOLE, high),
    OF_STEP("limit", REAL, BOTH, limit),
    OF_VERDICT("alpha", REAL, BOTH, alpha),
    OF_VERDICT("seed", HASH, BOTH, seed),
    OF_VERDICT("min_draws", COUNT, BOTH, min_draws),
    OF_VERDICT("max_draws", COUNT, BOTH, max_draws),
    OF_STEP("draws", COUNT, WHOLE, draws),
    OF_STEP("undefined", COUNT, WHOLE, undefined),
    OF_STEP("mean_r", REAL, WHOLE, mean_r),
    OF_STEP("mean_a", REAL, WHOLE, mean_a),
    OF_STEP("mean_u", REAL, WHOLE, mean_u),
    OF_VERDICT("measured_r", FLAG, BOTH, measured_r),
    OF_VERDICT("claim", TEXT, WHOLE, claim),
    OF_STEP("change", TEXT, BOTH, change),
    OF_STEP("scale", TEXT, BOTH, scale),
    OF_STEP("meaning", TEXT, BOTH, meaning),
    OF_STEP("reason", TEXT, BOTH, reason),
    OF_VERDICT("picture", TEXT, WHOLE, picture),
    OF_VERDICT("shard", COUNT, PART, shard),
    OF_VERDICT("shards", COUNT, PART, shards),
    OF_STEP("lowest", REAL, PART, lowest),
    OF_STEP("highest", REAL, PART, highest),
    OF_STEP("wave", COUNT, PART, wave),
};

static sal_status wrong(sal_place at, const char *key, const char *what, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%s\" %s", at.file, at.line, key, what);
}

static sal_status take_fields(const json_t *o, sal_place at, bool part, sal_verdict *v,
                              sal_step_verdict *s, sal_error *err)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const field *f = &fields[i];
        if (f->in == (part ? WHOLE : PART)) continue;
        const json_t *value = json_object_get(o, f->key);
        char *base = f->of_step ? (char *)s : (char *)v, what[64];
        if (!value) return wrong(at, f->key, "is missing", err);
        snprintf(what, sizeof what, "is wrong, wanted %s", sal_field_wanted_(f->kind));
        if (!sal_field_take_(value, f->kind, base + f->offset, f->size))
            return wrong(at, f->key, what, err);
    }
    if (part && (!v->shard || v->shard > v->shards))
        return wrong(at, "shard", "is none of \"shards\"", err);
    s->has_statistic = json_is_number(json_object_get(o, "value"));
    if (s->undefined > s->draws) return wrong(at, "undefined", "is more than \"draws\"", err);
    return SAL_OK;
}

/* [input, r, a, u], or [input, a] of a mean; nulls where the draw has no value. A part's have their
 * index in front. */
static bool take_draw(const json_t *one, bool part, bool three, sal_draw_record *d)
{
    size_t first = part ? 2 : 1, n = first + (three ? 3 : 1);
    double *const values[] = {three ? &d->r : &d->a, &d->a, &d->u};
    if (json_array_size(one) != n ||
        !sal_field_take_count_(json_array_get(one, first - 1), &d->input) ||
        (part && !sal_field_take_count_(json_array_get(one, 0), &d->draw)))
        return false;
    d->defined = !json_is_null(json_array_get(one, first));
    for (size_t i = first; i < n; i++) {
        const json_t *value = json_array_get(one, i);
        if (d->defined ? !json_is_number(value) : !json_is_null(value)) return false;
        *values[i - first] = json_number_value(value);
    }
    return true;
}

static sal_status take_draws(const sal_env *env, const json_t *o, sal_place at, bool part,
                             sal_step_verdict *s, sal_error *err)
{
    const json_t *all = json_object_get(o, "per_draw");
    size_t n = json_array_size(all);
    if (!json_is_array(all)) return wrong(at, "per_draw", "is no array", err);
    if (n < s->draws) return wrong(at, "per_draw", "has fewer entries than \"draws\" says", err);
    sal_draw_record *records = sal_alloc_zero_(env, n + 1, sizeof *records);
    if (!records) return sal_no_memory_(err, "draws");
    for (size_t i = 0; i < n; i++) {
        records[i].draw = i;
        if (take_draw(json_array_get(all, i), part, s->statistic_name == 'D', &records[i]))
            continue;
        sal_free_(env, records);
        return wrong(at, "per_draw", "holds an entry that is no draw", err);
    }
    s->records = records;
    s->n_records = n;
    if (part) s->draws = n;
    return SAL_OK;
}

static sal_status check_schema(const json_t *o, sal_place at, bool part, sal_error *err)
{
    const char *schema = json_string_value(json_object_get(o, "schema"));
    const char *want = part ? SAL_PART_SCHEMA : SAL_VERDICT_SCHEMA;
    const char *other = part ? SAL_VERDICT_SCHEMA : SAL_PART_SCHEMA;
    if (!schema) return wrong(at, "schema", "is missing: no line of a verdict", err);
    if (!strcmp(schema, want)) return SAL_OK;
    if (!strcmp(schema, other))
        return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: %s", at.file, at.line,
                         part ? "a whole verdict, wanted what a shard has measured"
                              : "what one shard has measured, wanted a whole verdict: merge first");
    return sal_fail_(err, SAL_E_FORMAT,
                     "%.100s: line %zu: schema \"%.40s\", wanted \"%s\" (written by another "
                     "version of salcheck)",
                     at.file, at.line, schema, want);
}

/* A merge judges as the program that measured would have. */
static sal_status check_version(const json_t *o, sal_place at, sal_error *err)
{
    const char *version = json_string_value(json_object_get(o, "version"));
    if (version && !strcmp(version, SAL_VERSION)) return SAL_OK;
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: written by salcheck %.20s, this is %s",
                     at.file, at.line, version ? version : "without a version", SAL_VERSION);
}

static sal_status take_line(const sal_env *env, const json_t *o, sal_place at, bool part,
                            sal_verdict *v, sal_step_verdict *s, size_t *index, sal_error *err)
{
    sal_status st = check_schema(o, at, part, err);
    if (st == SAL_OK && part) st = check_version(o, at, err);
    if (st == SAL_OK) st = take_fields(o, at, part, v, s, err);
    if (st == SAL_OK && !sal_field_take_count_(json_object_get(o, "index"), index))
        st = wrong(at, "index", "is missing or no count", err);
    return st == SAL_OK ? take_draws(env, o, at, part, s, err) : st;
}

sal_status sal_line_read_(const sal_env *env, const char *line, size_t size, sal_place place,
                          bool part, sal_verdict *v, sal_step_verdict *s, size_t *index,
                          sal_error *err)
{
    json_t *o;
    memset(v, 0, sizeof *v);
    memset(s, 0, sizeof *s);
    sal_status st = sal_object_read_(place, line, size, &o, err);
    if (st != SAL_OK) return st;
    st = take_line(env, o, place, part, v, s, index, err);
    json_decref(o);
    return st;
}
