/* record/fields.c - see fields.h: a table of keys, their types and where their values go. */
#include "record/fields.h"

#include <jansson.h>

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef enum { TEXT, COUNT, HASH, REAL, FLAG, OUTCOME, LETTER } kind;

typedef struct {
    const char *key;
    kind kind;
    bool of_step;
    enum { BOTH, WHOLE, PART } in; /* which lines have it */
    size_t offset, size;
} field;

#define OF_VERDICT(key, kind, in, member)                                                          \
    {                                                                                              \
        key, kind, false, in, offsetof(sal_verdict, member), sizeof(((sal_verdict *)0)->member)    \
    }
#define OF_STEP(key, kind, in, member)                                                             \
    {                                                                                              \
        key, kind, true, in, offsetof(sal_step_verdict, member),                                   \
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

static bool take_text(const json_t *value, void *to, size_t size)
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) >= size) return false;
    snprintf(to, size, "%s", text);
    return true;
}

static bool take_hash(const json_t *value, uint64_t *to)
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16) return false;
    for (*to = 0; *text; text++)
        *to = *to << 4 | (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
    return true;
}

static bool take_count(const json_t *value, size_t *to)
{
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < 0 || n > INT32_MAX) return false;
    *to = (size_t)n;
    return true;
}

static bool take_real(const json_t *value, double *to)
{
    if (!json_is_number(value) && !json_is_null(value)) return false;
    *to = json_number_value(value); /* 0 for null */
    return true;
}

static bool take_outcome(const json_t *value, sal_outcome *to)
{
    const char *text = json_string_value(value);
    for (int i = SAL_PASS; text && i <= SAL_INVALID; i++)
        if (!strcmp(text, sal_outcome_name((sal_outcome)i))) {
            *to = (sal_outcome)i;
            return true;
        }
    return false;
}

static bool take_letter(const json_t *value, char *to)
{
    const char *text = json_string_value(value);
    if (!text || !text[0] || text[1] || !strchr("DRF", text[0])) return false;
    *to = text[0];
    return true;
}

static bool take_flag(const json_t *value, bool *to)
{
    *to = json_is_true(value);
    return json_is_boolean(value);
}

static bool take(const json_t *value, const field *f, void *to)
{
    switch (f->kind) {
    case TEXT:
        return take_text(value, to, f->size);
    case COUNT:
        return take_count(value, to);
    case HASH:
        return take_hash(value, to);
    case REAL:
        return take_real(value, to);
    case FLAG:
        return take_flag(value, to);
    case OUTCOME:
        return take_outcome(value, to);
    case LETTER:
        return take_letter(value, to);
    }
    return false;
}

static const char *wanted(kind k)
{
    static const char *const names[] = {
        "a text that fits", "a count",    "16 hexadecimal digits",     "a number or null",
        "true or false",    "an outcome", "one of \"D\", \"R\", \"F\""};
    return names[k];
}

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
        snprintf(what, sizeof what, "is wrong, wanted %s", wanted(f->kind));
        if (!take(value, f, base + f->offset)) return wrong(at, f->key, what, err);
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
    if (json_array_size(one) != n || !take_count(json_array_get(one, first - 1), &d->input) ||
        (part && !take_count(json_array_get(one, 0), &d->draw)))
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
    if (st == SAL_OK && !take_count(json_object_get(o, "index"), index))
        st = wrong(at, "index", "is missing or no count", err);
    return st == SAL_OK ? take_draws(env, o, at, part, s, err) : st;
}

sal_status sal_line_read_(const sal_env *env, const char *line, size_t size, sal_place place,
                          bool part, sal_verdict *v, sal_step_verdict *s, size_t *index,
                          sal_error *err)
{
    json_error_t why;
    json_t *o = json_loadb(line, size, JSON_REJECT_DUPLICATES, &why);
    memset(v, 0, sizeof *v);
    memset(s, 0, sizeof *s);
    if (!json_is_object(o)) {
        bool duplicate = !o && json_error_code(&why) == json_error_duplicate_key;
        bool memory = !o && json_error_code(&why) == json_error_out_of_memory, other = o != NULL;
        json_decref(o);
        if (memory) return sal_no_memory_(err, "a line of verdicts");
        return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: %s%s", place.file, place.line,
                         duplicate ? "the same key twice: " : "no object in JSON: ",
                         other ? "another value" : why.text);
    }
    sal_status st = take_line(env, o, place, part, v, s, index, err);
    json_decref(o);
    return st;
}
