/* report/safe.c - names come from anywhere (C sources in old encodings, files of models, cut by the
 * size of a field): what is printed of them must break neither XML, nor JSON, nor a terminal. */
#include "report/report.h"

/* Unicode 15, table 3-7. */
size_t sal_character_(const unsigned char *c)
{
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */
    size_t n = 0;
    if (c[0] < 0x80) return 1;
    if (c[0] >= 0xc2 && c[0] <= 0xdf) n = 2;
    if (c[0] >= 0xe0 && c[0] <= 0xef) n = 3;
    if (c[0] >= 0xf0 && c[0] <= 0xf4) n = 4;
    if (c[0] == 0xe0) low = 0xa0;
    if (c[0] == 0xed) high = 0x9f;
    if (c[0] == 0xf0) low = 0x90;
    if (c[0] == 0xf4) high = 0x8f;
    if (!n || c[1] < low || c[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if (c[i] < 0x80 || c[i] > 0xbf) return 0;
    return c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe ? 0 : n;
}

void sal_text_make_safe_(char *text, bool keep_lines)
{
    for (unsigned char *c = (unsigned char *)text; *c;) {
        size_t n = sal_character_(c);
        if (!n) *c = '?';
        if ((*c < ' ' && !(keep_lines && *c == '\n')) || *c == 127) *c = ' ';
        if (c[0] == ']' && c[1] == ']' && c[2] == '>') c[2] = ' ';
        c += n ? n : 1;
    }
}
