/* report/formats/out.c - see out.h. */
#include "report/formats/out.h"

#include "report/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHORT = 256, NUMBER = 352 };

void sal_out_fail_(sal_out *o, sal_status status)
{
    if (o->status == SAL_OK) o->status = status;
}

static void flush(sal_out *o)
{
    if (o->status == SAL_OK && o->used) {
        int code = o->write(o->buffer, o->used, o->self);
        if (code)
            o->status = sal_fail_(o->err, SAL_E_CALLBACK, "a report cannot be written: %d", code);
    }
    o->used = 0;
}

sal_status sal_out_end_(sal_out *o)
{
    flush(o);
    return o->status;
}

void sal_out_bytes_(sal_out *o, const char *bytes, size_t size)
{
    for (size_t n; size && o->status == SAL_OK; bytes += n, size -= n) {
        if (o->used == sizeof o->buffer) flush(o);
        n = sizeof o->buffer - o->used;
        if (n > size) n = size;
        memcpy(o->buffer + o->used, bytes, n);
        o->used += n;
        o->bytes += n;
    }
}

void sal_out_put_(sal_out *o, const char *text)
{
    sal_out_bytes_(o, text, strlen(text));
}

void sal_out_add_(sal_out *o, const char *format, ...)
{
    char text[SHORT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    sal_out_put_(o, text);
}

void sal_out_number_(sal_out *o, double value, int decimals)
{
    char text[NUMBER];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_number_(&t, value, decimals);
    sal_out_put_(o, text);
}

void sal_out_exact_(sal_out *o, double value)
{
    char text[NUMBER];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_exact_(&t, value);
    sal_out_put_(o, text);
}

/* U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows, also outside the name;
 * U+FEFF is no text; U+0080 to U+009F are control characters, some of them a terminal's. */
static const char *instead(const unsigned char *c, size_t n)
{
    if (!n) return "?";
    if (c[0] < ' ' || c[0] == 127) return " ";
    if (n == 2 && c[0] == 0xc2 && c[1] < 0xa0) return " ";
    if (n != 3) return NULL;
    if (c[0] == 0xe2 && c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) return "?";
    if (c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9) return "?";
    return c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf ? "?" : NULL;
}

void sal_out_text_(sal_out *o, sal_escape escape, const char *text)
{
    for (const char *at = text; *at;) {
        size_t n = sal_character_((const unsigned char *)at);
        const char *other = escape(at, at == text);
        if (!other) other = instead((const unsigned char *)at, n);
        if (other)
            sal_out_put_(o, other);
        else
            sal_out_bytes_(o, at, n);
        at += n ? n : 1;
    }
}
