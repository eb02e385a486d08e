/* tests/support/checks.c - see checks.h. */
#include "checks.h"
#include "support.h"

#include <string.h>

sal_verdict *run_check(const char *name, const sal_check_args *args)
{
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    sal_status st = sal_check_run(args, &v, &err);
    if (st != SAL_OK) fail_msg("%s: %s: %s", name, sal_status_name(st), err.text);
    return v;
}

void expect_refused(const char *name, const sal_check_args *args, sal_status status,
                    const char *text)
{
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    sal_status st = sal_check_run(args, &v, &err);
    if (v) fail_msg("%s: a verdict: %s", name, sal_outcome_name(v->outcome));
    if (st != status || err.status != status || !strstr(err.text, text))
        fail_msg("%s: %s (%s): \"%s\"; wanted %s: \"%s\"", name, sal_status_name(st),
                 sal_status_name(err.status), err.text, sal_status_name(status), text);
}

const sal_step_verdict *decisive(const sal_verdict *v)
{
    return &v->steps[v->decisive];
}

void expect_outcome(const char *name, const sal_verdict *v, sal_outcome outcome, const char *reason)
{
    const sal_step_verdict *s = decisive(v);
    if (v->outcome != outcome)
        fail_msg("%s: %s, wanted %s; statistic %.4f [%.4f, %.4f], %zu draws, %zu undefined; \"%s\"",
                 name, sal_outcome_name(v->outcome), sal_outcome_name(outcome), s->statistic,
                 s->low, s->high, s->draws, s->undefined, s->reason);
    if (reason && !strstr(s->reason, reason))
        fail_msg("%s: the reason is \"%s\", wanted \"%s\"", name, s->reason, reason);
}

void expect_verdict(const char *name, const sal_check_args *args, sal_outcome outcome,
                    const char *reason)
{
    sal_verdict *v = run_check(name, args);
    expect_outcome(name, v, outcome, reason);
    sal_verdict_free(v);
}

void expect_invalid(const char *name, const sal_check_args *args, const char *reason)
{
    sal_verdict *v = run_check(name, args);
    expect_outcome(name, v, SAL_INVALID, reason);
    if (!strstr(v->claim, "does not get a verdict on")) fail_msg("%s: \"%s\"", name, v->claim);
    if (decisive(v)->outcome != SAL_INVALID) fail_msg("%s: another step decides", name);
    sal_verdict_free(v);
}

static bool same_number(double a, double b) /* bits: a NaN is like itself */
{
    return !memcmp(&a, &b, sizeof a);
}

void expect_same_draws(const char *name, const sal_step_verdict *a, const sal_step_verdict *b,
                       size_t n)
{
    if (a->n_records < n || b->n_records < n)
        fail_msg("%s: %zu and %zu draws, wanted %zu", name, a->n_records, b->n_records, n);
    for (size_t i = 0; i < n; i++) {
        const sal_draw_record *p = &a->records[i], *q = &b->records[i];
        if (p->draw != q->draw || p->input != q->input || p->other != q->other ||
            p->defined != q->defined || !same_number(p->r, q->r) || !same_number(p->a, q->a) ||
            !same_number(p->u, q->u))
            fail_msg("%s: draw %zu differs: inputs %zu and %zu, a %.17g and %.17g", name, i,
                     p->input, q->input, p->a, q->a);
    }
}
