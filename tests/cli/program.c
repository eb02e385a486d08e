/* tests/cli/program.c - see program.h. */
#define _POSIX_C_SOURCE 200809L
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void slurp(const char *path, char *to, size_t room)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(to, 1, room - 1, f);
    fclose(f);
    unlink(path);
    to[n] = '\0';
    if (n == room - 1) fail_msg("the program says more than the test can hold");
}

const answer *salcheck(const scratch *s, const char *format, ...)
{
    static answer a;
    char arguments[3000], line[4000], out[128], err[128];
    va_list args;
    va_start(args, format);
    vsnprintf(arguments, sizeof arguments, format, args);
    va_end(args);
    snprintf(out, sizeof out, "%s/stdout", s->folder);
    snprintf(err, sizeof err, "%s/stderr", s->folder);
    snprintf(line, sizeof line, "cd '%s' && { '%s' %s; } >stdout 2>stderr", s->folder, SAL_PROGRAM,
             arguments);
    int code = system(line);
    a.code = WIFEXITED(code) ? WEXITSTATUS(code) : -1;
    slurp(out, a.out, sizeof a.out);
    slurp(err, a.err, sizeof a.err);
    return &a;
}

void expect(const answer *a, const char *name, int code, const char *part)
{
    if (a->code != code) fail_msg("%s: ended with %d, wanted %d: %s", name, a->code, code, a->err);
    if (!strstr(a->err, part)) fail_msg("%s: stderr lacks '%s': %s", name, part, a->err);
}

json_t *json_of_answer(const answer *a, const char *name)
{
    json_error_t error;
    json_t *j = json_loads(a->out, 0, &error);
    if (!j) fail_msg("%s: no JSON: %s: %s", name, error.text, a->out);
    return j;
}
