/* report/formats/format.h - what a format of reports is, and what they share. */
#ifndef SAL_REPORT_FORMAT_H
#define SAL_REPORT_FORMAT_H

#include "report/formats/out.h"
#include "report/report.h"

#include <salcheck/report.h>

typedef struct sal_report { /* borrowed; every verdict has a step or more */
    const sal_verdict *const *verdicts;
    size_t n;
    const char *title;
    const sal_report_options *options; /* never NULL */
} sal_report;

typedef struct sal_format_def {
    sal_report_format info;
    void (*write)(const sal_report *r, sal_out *o); /* errors stay in o */
} sal_format_def;

/* Verdicts, or steps, by gravity: what fails first, else in their order.
 * for (sal_turn t = {0}; sal_next_(r, &t);) ... t.verdict ... */
typedef struct sal_turn {
    size_t gravity, next, next_step; /* where it goes on */
    const sal_verdict *verdict;
    size_t index, step; /* of the verdict; of its step */
} sal_turn;
bool sal_next_(const sal_report *r, sal_turn *t);
bool sal_next_step_(const sal_report *r, sal_turn *t);

/* Verdicts a and b. */
bool sal_same_model_(const sal_report *r, size_t a, size_t b);
/* Is there none of its model before verdict i? */
bool sal_first_of_model_(const sal_report *r, size_t i);

typedef struct sal_tally {
    size_t n, of[4]; /* by outcome */
} sal_tally;
sal_tally sal_count_verdicts_(const sal_report *r);
/* "2 fail, 1 invalid, 0 inconclusive, 40 pass" */
void sal_tally_text_(const sal_tally *c, sal_text *t);

/* Has the step a value and an interval? */
bool sal_step_measured_(const sal_step_verdict *s);
/* "0.09" and "[0.06, 0.49]"; "-" when there is none. */
void sal_step_value_(const sal_step_verdict *s, sal_text *t);
void sal_step_interval_(const sal_step_verdict *s, sal_text *t);
/* What tells a step of a verdict with several from the others, such as "conv2" or "reproducible";
 * "" when there is one. */
void sal_step_label_(const sal_verdict *v, size_t step, sal_text *t);
/* One line: claim, value, interval and limit, or the reason. */
void sal_step_message_(const sal_verdict *v, size_t step, sal_text *t);
/* Where the picture is: in options->pictures when given, else where the verdict says. "" = none. */
void sal_picture_path_(const sal_report *r, const sal_verdict *v, sal_text *t);

#endif
