/* cli/tally.h - the verdicts of a command that gives many: printed one by one, counted, kept in a
 * file. */
#ifndef SAL_CLI_TALLY_H
#define SAL_CLI_TALLY_H

#include "cli/cli.h"

typedef struct tally {
    const sal_verdict **verdicts;
    size_t n, room;
    size_t count[4]; /* by outcome */
    char model[96];  /* of the last one printed */
} tally;

/* Prints a verdict and keeps the pointer; false when there is no memory. */
bool tally_add(const settings *s, tally *t, const sal_verdict *v);

/* "12 checks: 8 pass, 3 fail, 1 inconclusive", unless --json is given. */
void tally_print(const settings *s, const tally *t);

/* Writes --out, if it is given; 0 or the command's end. */
int tally_write(const settings *s, const tally *t);

/* How the command ends, if nothing was broken: END_PASS, END_FAIL or END_UNDECIDED. */
int tally_end(const tally *t);

void tally_free(tally *t); /* the verdicts are the caller's */

#endif
