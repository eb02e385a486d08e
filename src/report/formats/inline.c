/* report/formats/inline.c - see inline.h. Base 64: RFC 4648, section 4. */
#include "report/formats/inline.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 24, PIECE = 3072 /* of threes */, LONGEST = 16 << 20 };

/* Signature, then the chunk IHDR: length, name, width, height. */
static bool is_png(const unsigned char *head)
{
    static const unsigned char start[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    return !memcmp(head, start, sizeof start - 1);
}

static unsigned long big_endian(const unsigned char *c)
{
    return (unsigned long)c[0] << 24 | (unsigned long)c[1] << 16 | (unsigned long)c[2] << 8 | c[3];
}

static void encode(sal_out *o, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned long three = 0;
        char four[4];
        for (size_t k = 0; k < 3; k++) three = three << 8 | (i + k < n ? bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            four[k] = (char)(i + k > n ? '=' : digits[three >> (18 - 6 * k) & 63]);
        sal_out_bytes_(o, four, 4);
    }
}

static void put_image(sal_out *o, FILE *f, const unsigned char *head, const char *description)
{
    unsigned char bytes[PIECE];
    sal_out_put_(o, "<img alt=\"");
    sal_out_text_(o, sal_escape_attribute_, description);
    sal_out_add_(o, "\" width=\"%lu\" height=\"%lu\" src=\"data:image/png;base64,",
                 big_endian(head + 16), big_endian(head + 20));
    memcpy(bytes, head, HEAD);
    for (size_t n = HEAD;; n = 0) {
        n += fread(bytes + n, 1, sizeof bytes - n, f);
        encode(o, bytes, n);
        if (n < sizeof bytes) break;
    }
    sal_out_put_(o, "\">");
}

const char *sal_inline_png_(sal_out *o, const char *path, const char *description)
{
    unsigned char head[HEAD];
    const char *why = NULL;
    FILE *f = fopen(path, "rb");
    if (!f) return "not found";
    if (fread(head, 1, HEAD, f) != HEAD || !is_png(head))
        why = "no PNG file";
    else if (fseek(f, 0, SEEK_END) || ftell(f) > LONGEST || fseek(f, HEAD, SEEK_SET))
        why = "too large";
    else
        put_image(o, f, head, description);
    (void)fclose(f); /* only read from: nothing can be lost */
    return why;
}
