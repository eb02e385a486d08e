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

/* The same of any step, whatever its outcome; cut short it has lost its end. */
void sal_step_text_(const sal_verdict *v, size_t step, sal_text *text);

/* What is said of a step, in order: "D", "needed", ... each with its text; the name "" goes on with
 * the one before it. The texts live as long as the call of emit. */
typedef void (*sal_emit_)(void *self, const char *name, const char *text);
void sal_step_entries_(const sal_verdict *v, size_t step, sal_emit_ emit, void *self);

/* The step's own, but for the decisive one: that of a verdict which has lost its last steps is the
 * verdict's. */
sal_outcome sal_step_outcome_(const sal_verdict *v, size_t step);

/* "guided-backprop does not depend on params". */
void sal_step_claim_(const sal_verdict *v, size_t step, sal_text *text);

/* A sentence on lines of the same length, those after the first indented. */
void sal_text_flow_(sal_text *t, const char *text);

/* Bytes of the character at c that XML allows (UTF-8 without surrogates and the two
 * non-characters), or 0. */
size_t sal_character_(const unsigned char *c);

/* Makes text fit for a test's XML, for JSON and for a terminal: control bytes become spaces, bytes
 * that are no UTF-8 question marks, and "]]>" loses its end. Lines are kept when asked for. */
void sal_text_make_safe_(char *text, bool keep_lines);

/* Two decimals, or a power of ten where that would not end. */
void sal_measured_(sal_text *t, double value);

/* An end of an interval: two decimals, more (up to six) while they would show it on the limit or
 * beyond it; 1 at most. */
void sal_interval_end_(sal_text *t, double end, double limit);

#endif
