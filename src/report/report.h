/* report/report.h - renderings of verdicts as text. */
#ifndef SAL_REPORT_REPORT_H
#define SAL_REPORT_REPORT_H

#include "base/base.h"

#include <salcheck/verdict.h>

/* The text of an outcome, several lines below 100 characters (but for the picture's path); "" for a
 * pass. */
void sal_verdict_text_(const sal_verdict *v, sal_text *text);

/* CTest's measurements of a verdict, a line each; those that have no room are left out. */
void sal_verdict_ctest_(const sal_verdict *v, sal_text *text);

/* A sentence on lines of the same length, those after the first indented. */
void sal_text_flow_(sal_text *t, const char *text);

/* Makes text fit for a test's XML, for JSON and for a terminal: control bytes become spaces, bytes
 * that are no UTF-8 question marks, and "]]>" loses its end. Lines are kept when asked for. */
void sal_text_make_safe_(char *text, bool keep_lines);

/* An end of an interval: two decimals, more (up to six) while they would show it on the limit or
 * beyond it; 1 at most. */
void sal_interval_end_(sal_text *t, double end, double limit);

#endif
