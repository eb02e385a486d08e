/* gate/entry_json.c - one entry as one line of JSON: what people read first, then the draws as arrays of
 * whole numbers, which keep a line of 256 draws at 3 kB. */
#include "gate/entry.h"
#include "record/take.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { DIGITS = 6, ONE = SAL_ENTRY_UNIT };

typedef struct {
    const char *key;
    sal_field_kind kind;
    size_t offset, size;
} field;

#define ROW(key, kind, member)                                                                     \
    {                                                                                              \
        key, SAL_IS_##kind, offsetof(sal_entry, member), sizeof(((sal_entry *)0)->member)          \
    }

static const field fields[] = {
    ROW("id", TEXT, id),
    ROW("step", TEXT, step),
    ROW("outcome", OUTCOME, outcome),
    ROW("statistic", LETTER, statistic_name),
    ROW("value", REAL, statistic),
    ROW("low", REAL, low),
    ROW("high", REAL, high),
    ROW("limit", REAL, limit),
    ROW("method", TEXT, method),
    ROW("metric", TEXT, metric),
    ROW("randomisation", TEXT, randomisation),
    ROW("options", TEXT, options),
    ROW("model_hash", HASH, model_hash),
    ROW("inputs_hash", HASH, inputs_hash),
    ROW("seed", HASH, seed),
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static sal_status missing(sal_place at, const char *key, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%s\" is missing", at.file, at.line,
                     key);
}

static sal_status wrong(sal_place at, const char *key, const char *wanted, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%s\" is wrong, wanted %s", at.file,
                     at.line, key, wanted);
}

/* ---- read ------------------------------------------------------------------------------------- */

/* null, or a whole number of units. */
static bool take_unit(const json_t *value, double *to, bool *there)
{
    json_int_t n = json_integer_value(value); /* 0 for null */
    *there = json_is_integer(value);
    *to = (double)n / ONE;
    return n >= -ONE && n <= ONE && (*there || json_is_null(value));
}

static bool take_draw(const json_t *o, size_t i, bool three, sal_draw_record *d)
{
    const json_t *r = json_object_get(o, "r");
    bool r_there = true, u_there, fixed = json_is_integer(r);
    d->draw = i;
    if (!sal_field_take_count_(json_array_get(json_object_get(o, "input"), i), &d->input) ||
        !take_unit(json_array_get(json_object_get(o, "a"), i), &d->a, &d->defined))
        return false;
    if (!three) return true;
    if (!take_unit(fixed ? r : json_array_get(r, i), &d->r, &r_there) ||
        !take_unit(json_array_get(json_object_get(o, "u"), i), &d->u, &u_there))
        return false;
    if (!d->defined) d->r = 0;
    return u_there == d->defined && (fixed || r_there == d->defined);
}

static sal_status take_draws(const sal_env *env, const json_t *o, sal_place at, sal_entry *e,
                             sal_error *err)
{
    static const char *const names[] = {"a", "u", "r"};
    const json_t *input = json_object_get(o, "input");
    bool three = e->statistic_name == 'D';
    size_t n = json_array_size(input);
    if (!json_is_array(input)) return wrong(at, "input", "an array", err);
    for (size_t i = 0; i < (three ? 3 : 1); i++) {
        const json_t *one = json_object_get(o, names[i]);
        if (i == 2 && json_is_integer(one)) continue;
        if (!json_is_array(one)) return wrong(at, names[i], "an array", err);
        if (json_array_size(one) != n)
            return wrong(at, names[i], "as many draws as \"input\"", err);
    }
    e->draws = sal_alloc_zero_(env, n + 1, sizeof *e->draws);
    if (!e->draws) return sal_no_memory_(err, "draws");
    e->n_draws = n;
    for (size_t i = 0; i < n; i++)
        if (!take_draw(o, i, three, &e->draws[i])) {
            sal_free_(env, e->draws);
            e->draws = NULL;
            return sal_fail_(
                err, SAL_E_FORMAT,
                "%.100s: line %zu: draw %zu is wrong, wanted whole numbers from -%d to "
                "%d, or null throughout",
                at.file, at.line, i, ONE, ONE);
        }
    return SAL_OK;
}

static sal_status take(const sal_env *env, const json_t *o, sal_place at, sal_entry *e,
                       sal_error *err)
{
    const char *schema = json_string_value(json_object_get(o, "schema"));
    if (!schema) return missing(at, "schema", err);
    if (strcmp(schema, SAL_BASELINE_SCHEMA) != 0)
        return sal_fail_(err, SAL_E_FORMAT,
                         "%.100s: line %zu: schema \"%.40s\", wanted \"" SAL_BASELINE_SCHEMA "\"",
                         at.file, at.line, schema);
    for (size_t i = 0; i < FIELDS; i++) {
        const field *f = &fields[i];
        const json_t *value = json_object_get(o, f->key);
        if (!value) return missing(at, f->key, err);
        if (!sal_field_take_(value, f->kind, (char *)e + f->offset, f->size))
            return wrong(at, f->key, sal_field_wanted_(f->kind), err);
    }
    if (!e->id[0]) return wrong(at, "id", "a name", err);
    e->has_statistic = json_is_number(json_object_get(o, "value"));
    return take_draws(env, o, at, e, err);
}

sal_status sal_entry_read_(const sal_env *env, sal_place at, const char *line, size_t size,
                           sal_entry *out, sal_error *err)
{
    json_t *o;
    sal_status st = sal_object_read_(at, line, size, &o, err);
    if (st != SAL_OK) return st;
    sal_entry e = {.n_draws = 0};
    st = take(env, o, at, &e, err);
    json_decref(o);
    if (st == SAL_OK) *out = e;
    return st;
}

/* ---- write ------------------------------------------------------------------------------------ */

static json_t *units(double value, bool there)
{
    return there ? json_integer((json_int_t)lrint(value * ONE)) : json_null();
}

static json_t *text_of_hash(uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)value);
    return json_string(text);
}

static json_t *value_of(const sal_entry *e, const field *f)
{
    const void *at = (const char *)e + f->offset;
    char letter[2] = {e->statistic_name, '\0'};
    switch (f->kind) {
    case SAL_IS_TEXT:
        return json_string(at);
    case SAL_IS_HASH:
        return text_of_hash(*(const uint64_t *)at);
    case SAL_IS_REAL:
        if (at == (const void *)&e->statistic && !e->has_statistic) return json_null();
        return json_real(*(const double *)at);
    case SAL_IS_OUTCOME:
        return json_string(sal_outcome_name(e->outcome));
    default:
        return json_string(letter);
    }
}

/* One of r, a and u of all draws; r alone where it is the same in all. */
static json_t *column(const sal_entry *e, char name)
{
    bool fixed = name == 'r';
    json_t *all = json_array();
    for (size_t i = 0; all && i < e->n_draws; i++) {
        const sal_draw_record *d = &e->draws[i];
        double value = name == 'r' ? d->r : name == 'a' ? d->a : d->u;
        if (d->defined && value != 1) fixed = false;
        if (json_array_append_new(all, units(value, d->defined))) {
            json_decref(all);
            return NULL;
        }
    }
    if (!fixed) return all;
    json_decref(all);
    return all ? json_integer(ONE) : NULL;
}

static json_t *inputs(const sal_entry *e)
{
    json_t *all = json_array();
    for (size_t i = 0; all && i < e->n_draws; i++)
        if (json_array_append_new(all, json_integer((json_int_t)e->draws[i].input))) {
            json_decref(all);
            return NULL;
        }
    return all;
}

static json_t *object(const sal_entry *e)
{
    bool three = e->statistic_name == 'D';
    json_t *o = json_object();
    bool bad = !o || json_object_set_new(o, "schema", json_string(SAL_BASELINE_SCHEMA));
    for (size_t i = 0; !bad && i < FIELDS; i++)
        bad = json_object_set_new(o, fields[i].key, value_of(e, &fields[i]));
    bad = bad || json_object_set_new(o, "draws", json_integer((json_int_t)e->n_draws)) ||
          json_object_set_new(o, "input", inputs(e)) ||
          (three && json_object_set_new(o, "r", column(e, 'r'))) ||
          json_object_set_new(o, "a", column(e, 'a')) ||
          (three && json_object_set_new(o, "u", column(e, 'u')));
    if (!bad) return o;
    json_decref(o);
    return NULL;
}

sal_status sal_entry_write_(const sal_entry *e, FILE *to, sal_error *err)
{
    json_t *o = object(e);
    char *line = o ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII |
                                       JSON_REAL_PRECISION(DIGITS))
                   : NULL;
    json_decref(o);
    if (!line) return sal_no_memory_(err, "a line of the baseline");
    (void)fwrite(line, 1, strlen(line), to); /* an error stays with the stream */
    (void)fputc('\n', to);
    json_free_t release;
    json_get_alloc_funcs(NULL, &release);
    release(line);
    return SAL_OK;
}
