/* tests/support/report_set.h - what the tests of reports write: every outcome, several steps, names that
 * look like markup, pictures that are there and that are not, trends. */
#ifndef SAL_TESTS_REPORT_SET_H
#define SAL_TESTS_REPORT_SET_H

#include "verdicts.h"

#include <salcheck/report.h>

enum { SET_VERDICTS = 7, SET_TRENDS = 2 };

typedef struct report_set {
    made_verdict made[SET_VERDICTS];
    const sal_verdict *verdicts[SET_VERDICTS];
    sal_trend trends[SET_TRENDS];
    sal_report_options options;
} report_set;

/* Pictures are looked for in fuzz/corpus/picture: the tests' folder has to be the working folder. */
void make_report_set(report_set *set);

/* Everything that any of the formats reads as markup. */
extern const char set_hostile[];

#endif
