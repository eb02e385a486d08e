/* report/report.h - renderings of verdicts as text and as JSON Lines. */
#ifndef SAL_REPORT_REPORT_H
#define SAL_REPORT_REPORT_H

#include "base/base.h"

#include <salcheck/verdict.h>

/* The text of an outcome, several lines below 100 characters; "" for a pass. */
void sal_verdict_text_(const sal_verdict *v, sal_text *text);

/* An end of an interval: two decimals, more (up to six) while they would show it on the limit or
 * beyond it; 1 at most. */
void sal_interval_end_(sal_text *t, double end, double limit);

#endif
