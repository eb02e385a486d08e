/* tests/support/checks.h - running checks in tests. The first argument is the case's name. */
#ifndef SAL_TESTS_CHECKS_H
#define SAL_TESTS_CHECKS_H

#include <salcheck/check.h>

/* A check that must be answered. Release with sal_verdict_free(). */
sal_verdict *run_check(const char *name, const sal_check_args *args);

/* A check that must not be answered: this status, a message that holds this text, no verdict. */
void expect_refused(const char *name, const sal_check_args *args, sal_status status,
                    const char *text);

/* The outcome, and (NULL = any) a part of the reason of the step that decides. */
void expect_outcome(const char *name, const sal_verdict *v, sal_outcome outcome,
                    const char *reason);

/* The step that decides. */
const sal_step_verdict *decisive(const sal_verdict *v);

/* Both in one, for checks whose verdict is not looked at further. */
void expect_verdict(const char *name, const sal_check_args *args, sal_outcome outcome,
                    const char *reason);

/* INVALID, with this reason, and a claim that says that there is no verdict. */
void expect_invalid(const char *name, const sal_check_args *args, const char *reason);

/* The same draws with the same numbers, bit for bit: the first n of a and of b. */
void expect_same_draws(const char *name, const sal_step_verdict *a, const sal_step_verdict *b,
                       size_t n);

#endif
