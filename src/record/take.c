/* record/take.c - see take.h. */
#include "record/take.h"

#include <stdio.h>
#include <string.h>

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

bool sal_field_take_count_(const json_t *value, size_t *to)
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

bool sal_field_take_(const json_t *value, sal_field_kind kind, void *to, size_t size)
{
    switch (kind) {
    case SAL_IS_TEXT:
        return take_text(value, to, size);
    case SAL_IS_COUNT:
        return sal_field_take_count_(value, to);
    case SAL_IS_HASH:
        return take_hash(value, to);
    case SAL_IS_REAL:
        return take_real(value, to);
    case SAL_IS_FLAG:
        return take_flag(value, to);
    case SAL_IS_OUTCOME:
        return take_outcome(value, to);
    case SAL_IS_LETTER:
        return take_letter(value, to);
    }
    return false;
}

const char *sal_field_wanted_(sal_field_kind kind)
{
    static const char *const names[] = {
        "a text that fits", "a count",    "16 hexadecimal digits",     "a number or null",
        "true or false",    "an outcome", "one of \"D\", \"R\", \"F\""};
    return names[kind];
}

sal_status sal_object_read_(sal_place at, const char *line, size_t size, json_t **out,
                            sal_error *err)
{
    json_error_t why;
    json_t *o = json_loadb(line, size, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(o)) {
        *out = o;
        return SAL_OK;
    }
    bool duplicate = !o && json_error_code(&why) == json_error_duplicate_key;
    bool memory = !o && json_error_code(&why) == json_error_out_of_memory, other = o != NULL;
    json_decref(o);
    if (memory) return sal_no_memory_(err, "a line of JSON");
    return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: %s%s", at.file, at.line,
                     duplicate ? "the same key twice: " : "no object in JSON: ",
                     other ? "another value" : why.text);
}
