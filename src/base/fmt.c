/* base/fmt.c - text without the locale: printf's decimal point follows LC_NUMERIC, ours does not. */
#include "base/base.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

sal_text sal_text_into_(char *buffer, size_t size)
{
    if (size) buffer[0] = '\0';
    return (sal_text){.at = buffer, .size = size};
}

static void append(sal_text *t, const char *text)
{
    size_t n = strlen(text), room = t->size > t->length ? t->size - t->length - 1 : 0;
    if (n > room) {
        n = room;
        t->truncated = true;
    }
    if (!t->size) return;
    memcpy(t->at + t->length, text, n);
    t->length += n;
    t->at[t->length] = '\0';
}

void sal_text_add_(sal_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = t->size > t->length ? t->size - t->length : 0;
    int n = vsnprintf(room ? t->at + t->length : NULL, room, format, args);
    va_end(args);
    if (n < 0) return;
    if ((size_t)n >= room) {
        t->truncated = true;
        t->length = t->size ? t->size - 1 : 0;
    } else {
        t->length += (size_t)n;
    }
}

static void point(char *text)
{
    const char *local = localeconv()->decimal_point;
    char *at = local[0] == '.' ? NULL : strstr(text, local);
    if (!at) return;
    *at = '.';
    memmove(at + 1, at + strlen(local), strlen(at + strlen(local)) + 1);
}

void sal_text_number_(sal_text *t, double value, int decimals)
{
    char text[352];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    point(text);
    bool zero = text[0] == '-' && strspn(text + 1, "0.") == strlen(text + 1);
    append(t, zero ? text + 1 : text); /* never "-0.00" */
}

const char *sal_short_(double value, char text[SAL_SHORT_SIZE])
{
    snprintf(text, SAL_SHORT_SIZE, "%g", value);
    point(text);
    return text;
}

void sal_text_exact_(sal_text *t, double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.17g", value);
    point(text);
    append(t, isfinite(value) ? text : "null");
}

bool sal_number_of_(const char *text, double *value)
{
    double sign = 1, v = 0, scale = 1;
    const char *at = text;
    bool digits = false;
    if (*at == '+' || *at == '-') sign = *at++ == '-' ? -1 : 1;
    for (; *at >= '0' && *at <= '9'; at++, digits = true) v = v * 10 + (*at - '0');
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++, digits = true) {
            v = v * 10 + (*at - '0');
            scale *= 10;
        }
    v /= scale;
    if (digits && (*at == 'e' || *at == 'E')) {
        int power = 0, down = 0;
        at++;
        if (*at == '+' || *at == '-') down = *at++ == '-';
        if (*at < '0' || *at > '9') return false;
        for (; *at >= '0' && *at <= '9' && power < 1000; at++) power = power * 10 + (*at - '0');
        v *= pow(10, down ? -power : power);
    }
    *value = sign * v;
    return digits && !*at;
}
