/* show.c - see show.h. */
#define _POSIX_C_SOURCE 200809L
#include "show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24 };

double show_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

show_bar show_bar_start(const char *what)
{
    return (show_bar){what, show_seconds()};
}

void show_bar_move(const show_bar *bar, double share, const char *note)
{
    if (!isatty(STDERR_FILENO)) return;
    char cells[BAR + 1];
    int full = (int)(share * BAR);
    memset(cells, '.', BAR);
    memset(cells, '#', (size_t)(full < BAR ? full : BAR));
    cells[BAR] = '\0';
    double spent = show_seconds() - bar->started;
    double left = share > 0.02 ? spent / share - spent : 0;
    fprintf(stderr, "\r%-24s [%s] %3.0f %%  %s  %3.0f s left\033[K", bar->what, cells, 100 * share,
            note, left);
}

void show_bar_end(void)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
}

void show_training(void *bar, const sal_fit_progress *p)
{
    char note[64];
    double done = (double)((p->epoch - 1) * p->steps + p->step);
    snprintf(note, sizeof note, "epoch %zu, loss %.3f, accuracy %.1f %%", p->epoch, p->loss,
             100 * p->accuracy);
    show_bar_move(bar, done / (double)(p->epochs * p->steps), note);
}

static bool colours(void)
{
    return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

void show_table_head(void)
{
    printf("%-21s %-13s %-10s %6s  %-16s %5s %6s %6s  %s\n", "method", "check", "step", "value",
           "interval", "limit", "draws", "undef.", "outcome");
}

/* As many decimals, two at least, as show on which side of the limit it lies. */
static int end_text(char text[16], double end, double limit)
{
    double shown = end > 1 ? 1 : end, unit = 100;
    int decimals = 2;
    while (decimals < 6 && fabs(round(unit * shown) / unit - limit) < 1e-9 &&
           fabs(shown - limit) > 0) {
        decimals++;
        unit *= 10;
    }
    return snprintf(text, 16, "%.*f", decimals, shown);
}

static void print_interval(const sal_step_verdict *s)
{
    char low[16], high[16], name[2] = {s->statistic_name, '\0'};
    if (s->draws == s->undefined || !s->has_statistic) {
        printf("%8s  %-16s", "-", "-");
        return;
    }
    int used = end_text(low, s->low, s->limit) + end_text(high, s->high, s->limit);
    printf(" %s %5.2f  [%s, %s]%*s", name, s->statistic, low, high, used < 12 ? 12 - used : 0, "");
}

void show_table_row(const sal_verdict *v)
{
    static const char *const colour[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};
    for (size_t i = 0; i < v->n_steps; i++) {
        const sal_step_verdict *s = &v->steps[i];
        printf("%-21s %-13s %-10s", i ? "" : v->method, i ? "" : v->check, s->step);
        print_interval(s);
        printf(" %5.2f %6zu %6zu  %s%s%s\n", s->limit, s->draws, s->undefined,
               colours() ? colour[s->outcome] : "", sal_outcome_name(s->outcome),
               colours() ? "\033[0m" : "");
        if (s->outcome == SAL_INVALID) printf("%-21s   %s\n", "", s->reason);
    }
    fflush(stdout);
}
