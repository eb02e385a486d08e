/* show.h - what the demo prints: a progress bar on a terminal, and the table of verdicts. */
#ifndef MNIST_SHOW_H
#define MNIST_SHOW_H

#include <salcheck/salcheck.h>

/* A bar that is redrawn in place; nothing is printed when stderr is not a terminal. */
typedef struct show_bar {
    const char *what;
    double started; /* seconds */
} show_bar;

show_bar show_bar_start(const char *what);
void show_bar_move(const show_bar *bar, double share, const char *note);
void show_bar_end(void);
void show_training(void *bar, const sal_fit_progress *p); /* for sal_fit_options.progress */

void show_table_head(void);
void show_table_row(const sal_verdict *v);
double show_seconds(void);

#endif
