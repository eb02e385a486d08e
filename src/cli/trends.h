/* cli/trends.h - trends of a history, for a report. */
#ifndef SAL_CLI_TRENDS_H
#define SAL_CLI_TRENDS_H

#include "cli/cli.h"

typedef struct trends {
    sal_history_trends *read;
    size_t n;
    sal_trend *all;
    sal_trend_point *points; /* of all */
    char *texts;             /* titles and labels */
} trends;

/* Those of the checks among the verdicts. */
sal_status trends_read(const settings *s, const char *path, const sal_verdict *const *verdicts,
                       size_t n, trends *out, sal_error *err);
void trends_free(trends *t); /* an empty one is fine */

#endif
