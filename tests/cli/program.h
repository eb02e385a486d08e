/* tests/cli/program.h - runs the program through a shell and keeps what it says. */
#ifndef SAL_TESTS_CLI_PROGRAM_H
#define SAL_TESTS_CLI_PROGRAM_H

#include "scratch.h"
#include "support.h"

#include <jansson.h>

typedef struct answer {
    int code; /* exit code, or -1 when it ended by a signal */
    char out[1 << 16], err[1 << 13];
} answer;

/* "salcheck ARGUMENTS", as a shell reads it; the answer lives until the next call. The folder of
 * the test is the working folder. */
const answer *salcheck(const scratch *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fails with the answer's text unless the program ended with `code` and stderr holds `part`. */
void expect(const answer *a, const char *name, int code, const char *part);

/* stdout as JSON; release with json_decref(). */
json_t *json_of_answer(const answer *a, const char *name);

#endif
