/* cli/past.h - trends of a report, out of a history. */
#ifndef SAL_CLI_PAST_H
#define SAL_CLI_PAST_H

#include "cli/cli.h"

/* Bytes of a label or a title: an id and a step. */
enum { TREND_TEXT = 416 };

/* Zeroes are none. */
typedef struct trends_of {
    sal_history_trends *read; /* what the others borrow from */
    sal_trend *trends;
    sal_trend_point *points;
    char (*texts)[TREND_TEXT]; /* labels, then titles */
    size_t n;
} trends_of;

/* Those of settings->history whose check is among the verdicts; none without a history. */
sal_status past_read(const settings *s, const sal_verdict *const *verdicts, size_t n,
                     trends_of *out, sal_error *err);
void past_free(trends_of *t);

#endif
