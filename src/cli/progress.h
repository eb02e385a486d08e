/* cli/progress.h - a bar with the time left, on a terminal only; and Ctrl-C, which ends a command at
 * the next point where what is known can be printed. A second Ctrl-C ends it at once. */
#ifndef SAL_CLI_PROGRESS_H
#define SAL_CLI_PROGRESS_H

#include "cli/cli.h"

typedef struct progress {
    const char *what;
    double started;
    bool shown;
} progress;

progress progress_start(const settings *s, const char *what);
void progress_move(const progress *p, size_t done, size_t of, const char *note);
void progress_end(const progress *p); /* clears the line */

void watch_interrupt(void);
bool interrupted(void);

#endif
