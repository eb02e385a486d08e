/* cli/progress.c - see progress.h. */
#define _POSIX_C_SOURCE 200809L
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24 };

static volatile sig_atomic_t stopped; /* a signal handler has nothing else to write to */

static void on_interrupt(int number)
{
    (void)number;
    stopped = 1;
}

void watch_interrupt(void)
{
    struct sigaction a;
    memset(&a, 0, sizeof a);
    a.sa_handler = on_interrupt;
    a.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &a, NULL);
}

bool interrupted(void)
{
    return stopped != 0;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

progress progress_start(const settings *s, const char *what)
{
    const char *terminal = getenv("TERM");
    bool dumb = terminal && !strcmp(terminal, "dumb");
    return (progress){what, seconds(), !s->quiet && !dumb && isatty(STDERR_FILENO)};
}

void progress_move(const progress *p, size_t done, size_t of, const char *note)
{
    char cells[BAR + 1] = "";
    if (!p->shown || !of) return;
    double share = (double)done / (double)of, spent = seconds() - p->started;
    memset(cells, '.', BAR);
    memset(cells, '#', (size_t)(share * BAR));
    fprintf(stderr, "\r%s [%s] %3.0f %%  %.60s", p->what, cells, 100 * share, note);
    if (done) fprintf(stderr, "  %.0f s left", spent / share - spent);
    fprintf(stderr, "\033[K");
}

void progress_end(const progress *p)
{
    if (p->shown) fprintf(stderr, "\r\033[K");
}
