/* cli/today.h - what day it is: said by the user, or by the clock. */
#ifndef SAL_CLI_TODAY_H
#define SAL_CLI_TODAY_H

#include "cli/cli.h"

/* "2026-11-25" (UTC), --today or the clock's; 0, or an exit code after a complaint. */
int today_of(const settings *s, char day[11]);

#endif
