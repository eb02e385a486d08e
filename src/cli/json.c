/* cli/json.c - see json.h. */
#include "cli/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 300, DIGITS = 17 };

json_t *json_of(const char *text)
{
    if (!text) return json_null();
    json_t *j = json_string(text);
    if (j) return j;
    char plain[LONGEST];
    snprintf(plain, sizeof plain, "%s", text);
    for (char *c = plain; *c; c++)
        if ((unsigned char)*c > 126) *c = '?';
    return json_string(plain);
}

json_t *json_of_number(double value, bool defined)
{
    return defined && isfinite(value) ? json_real(value) : json_null();
}

int json_print(const settings *s, json_t *root)
{
    int bad = root ? json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) : -1;
    json_decref(root);
    if (!bad) bad = putchar('\n') == EOF;
    if (!bad) return END_PASS;
    if (!root) complain(s, "out of memory for JSON");
    return END_ERROR;
}
