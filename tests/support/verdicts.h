/* tests/support/verdicts.h - verdicts made by hand, and what every text must keep to. */
#ifndef SAL_TESTS_VERDICTS_H
#define SAL_TESTS_VERDICTS_H

#include <salcheck/verdict.h>

enum { MADE_STEPS = 3, MADE_DRAWS = 4 };

/* A verdict and what it points to; nothing in it needs releasing. */
typedef struct made_verdict {
    sal_verdict v;
    sal_step_verdict steps[MADE_STEPS];
    sal_draw_record records[MADE_STEPS][MADE_DRAWS];
} made_verdict;

/* params of guided-backprop on 32 inputs: one step of four draws, FAIL. Change what a case needs.
 */
void make_verdict(made_verdict *m);

/* Every line below 100 characters, ended by '\n'; no control bytes, no "]]>", all of it UTF-8. */
void expect_clean_text(const char *name, const char *text);

#endif
