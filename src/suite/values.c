/* suite/values.c - see values.h. */
#include "suite/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool whole(const char *text, const char **end, uint64_t *out)
{
    unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
    const char *at = base == 16 ? text + 2 : text, *start = at;
    uint64_t v = 0;
    for (;; at++) {
        char c = (char)(*at | 32); /* letters in lower case */
        unsigned digit = *at >= '0' && *at <= '9'             ? (unsigned)(*at - '0')
                         : base == 16 && c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                              : 99;
        if (digit == 99) break;
        if (v > (UINT64_MAX - digit) / base) return false;
        v = v * base + digit;
    }
    *out = v;
    *end = at;
    return at > start;
}

static bool set_count(const char *text, size_t least, size_t *to)
{
    const char *end;
    uint64_t v;
    if (!whole(text, &end, &v) || *end || v < least || v > INT32_MAX) return false;
    *to = (size_t)v;
    return true;
}

static bool set_scale(const char *text, double *to)
{
    char up[64];
    double below = 1;
    const char *slash = strchr(text, '/');
    if (strlen(text) >= sizeof up) return false;
    snprintf(up, sizeof up, "%.*s", slash ? (int)(slash - text) : (int)sizeof up - 1, text);
    if (!sal_number_of_(up, to) || (slash && !sal_number_of_(slash + 1, &below))) return false;
    *to /= below;
    return isfinite(*to) && *to != 0;
}

static bool set_size(const char *text, int64_t to[2])
{
    const char *end;
    uint64_t height, width;
    if (!whole(text, &end, &height)) return false;
    width = height;
    if (*end == 'x' && !whole(end + 1, &end, &width)) return false;
    if (*end || !height || !width || height > INT32_MAX || width > INT32_MAX) return false;
    to[0] = (int64_t)height;
    to[1] = (int64_t)width;
    return true;
}

static bool set_flag(const char *text, bool *to)
{
    *to = !strcmp(text, "true") || !strcmp(text, "yes");
    return *to || !strcmp(text, "false") || !strcmp(text, "no");
}

bool sal_suite_value_(sal_value_kind k, const char *text, void *to)
{
    const char *end;
    switch (k) {
    case SAL_VALUE_SHARE:
        return sal_number_of_(text, to) && *(double *)to > 0 && *(double *)to < 1;
    case SAL_VALUE_SCALE:
        return set_scale(text, to);
    case SAL_VALUE_COUNT:
        return set_count(text, 1, to);
    case SAL_VALUE_INDEX:
        return set_count(text, 0, to);
    case SAL_VALUE_SEED:
        return whole(text, &end, to) && !*end;
    case SAL_VALUE_FLAG:
        return set_flag(text, to);
    case SAL_VALUE_SIZE:
        return set_size(text, to);
    default:
        return false;
    }
}

bool sal_suite_is_path_(sal_value_kind k, const char *text)
{
    if (k == SAL_VALUE_BLOCKS) return !strchr(text, '=');
    if (k == SAL_VALUE_TARGET)
        return strcmp(text, "predicted") != 0 && text[strspn(text, "0123456789")];
    return k == SAL_VALUE_FILE;
}

const char *sal_suite_wanted_(sal_value_kind k)
{
    static const char *const names[] = {[SAL_VALUE_SHARE] = "a number between 0 and 1",
                                        [SAL_VALUE_SCALE] = "a number or a fraction such as 1/255",
                                        [SAL_VALUE_COUNT] = "a whole number from 1 on",
                                        [SAL_VALUE_INDEX] = "a whole number",
                                        [SAL_VALUE_SEED] = "a whole number",
                                        [SAL_VALUE_FLAG] = "true or false",
                                        [SAL_VALUE_SIZE] = "a size such as 224 or 96x128"};
    return names[k];
}
