/* cli/message.c - what the program says beside its answers. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 700, LONGEST = 63 };

__attribute__((format(printf, 2, 0))) static void say(const settings *s, const char *format,
                                                      va_list args)
{
    char text[LINE];
    vsnprintf(text, sizeof text, format, args);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
    fprintf(stderr, "salcheck%s%s: %s\n", s->command ? " " : "", s->command ? s->command : "",
            text);
}

void complain(const settings *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(s, format, args);
    va_end(args);
}

int misused(const settings *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(s, format, args);
    va_end(args);
    fprintf(stderr, "'salcheck%s%s --help' says how it is used\n", s->command ? " " : "",
            s->command ? s->command : "");
    return END_USAGE;
}

int failed(const settings *s, const sal_error *err)
{
    complain(s, "%s", err->text);
    return err->status == SAL_E_ARG ? END_USAGE : END_ERROR;
}

/* Levenshtein distance of names up to LONGEST characters. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return LONGEST;
    for (size_t k = 0; k <= m; k++) row[k] = k;
    for (size_t i = 0; i < n; i++) {
        size_t corner = row[0]++;
        for (size_t k = 0; k < m; k++) {
            size_t least = corner + (a[i] != b[k]);
            corner = row[k + 1];
            if (corner + 1 < least) least = corner + 1;
            if (row[k] + 1 < least) least = row[k] + 1;
            row[k + 1] = least;
        }
    }
    return row[m];
}

const char *nearest(const char *name, const char *const *names)
{
    const char *best = NULL;
    size_t least = strlen(name) / 3 + 1;
    for (; *names; names++) {
        size_t d = distance(name, *names);
        if (name[0] && !strncmp(name, *names, strlen(name))) d = 1; /* a beginning counts as near */
        if (d < least || (d == least && !best)) {
            best = *names;
            least = d;
        }
    }
    return best;
}

bool colours(void)
{
    const char *no = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no && no[0]);
}
