/* cli/table.h - verdicts for people: a row per step, and what a check that does not pass says. */
#ifndef SAL_CLI_TABLE_H
#define SAL_CLI_TABLE_H

#include "cli/cli.h"

void table_head(void);
void table_rows(const sal_verdict *v);

#endif
