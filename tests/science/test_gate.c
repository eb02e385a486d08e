/* What a gate promises: 256 draws a check see a drop of .1 in D in nine of ten cases, histories
 * without a drop raise no alarm, and a drop of just the margin raises one with chance alpha at most.
 * SALCHECK_QUICK=1: fewer. */
#include "histories.h"
#include "support.h"

#include "stats/student.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 256, SEED = 51 };

static size_t times(size_t n)
{
    const char *quick = getenv("SALCHECK_QUICK");
    return quick && *quick && strcmp(quick, "0") ? n / 20 : n;
}

static sal_gate_result *gate(const sal_records *now, const sal_baseline *before,
                             const sal_gate_options *o)
{
    sal_gate_result *r = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_gate_run(now, before, NULL, o, &r, &err) != SAL_OK) fail_msg("%s", err.text);
    return r;
}

static sal_baseline *baseline_of(const sal_records *r)
{
    sal_baseline *b = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_baseline_of(NULL, r, &b, &err) != SAL_OK) fail_msg("%s", err.text);
    return b;
}

/* ---- histories -------------------------------------------------------------------------------- */

typedef struct {
    size_t gates, alarms, undecided;
} tally;

/* Ten commits; the baseline follows every one that is accepted. */
static void one_history(const quality *of, size_t n, bool retrained, const sal_gate_options *o,
                        size_t history, tally *t)
{
    sal_baseline *b = NULL;
    for (size_t commit = 0; commit < 10; commit++) {
        sal_records *now = made_records(n, of, DRAWS, SEED + history, commit);
        for (size_t i = 0; i < n && retrained; i++) now->verdicts[i]->model_hash = commit;
        if (b) {
            sal_gate_result *r = gate(now, b, o);
            t->gates++;
            t->alarms += r->outcome == SAL_FAIL;
            t->undecided += r->outcome == SAL_INCONCLUSIVE;
            bool accepted = r->outcome == SAL_PASS;
            assert_int_equal(r->n_compared, n);
            sal_gate_free(r);
            if (!accepted) {
                sal_records_free(now);
                continue;
            }
        }
        sal_baseline *newer = baseline_of(now);
        if (b) {
            assert_int_equal(sal_baseline_update(b, newer, false, NULL, NULL), SAL_OK);
            sal_baseline_free(newer);
        } else {
            b = newer;
        }
        sal_records_free(now);
    }
    sal_baseline_free(b);
}

static void quiet(const char *name, bool retrained, sal_gate_test test, size_t histories)
{
    static const quality of[] = {{.9, .1}, {.8, .15}, {.7, .2}, {.75, .3}};
    sal_gate_options o = {.test = test};
    tally t = {0, 0, 0};
    for (size_t h = 0; h < histories; h++) one_history(of, 4, retrained, &o, h, &t);
    print_message("%-22s %zu histories, %zu gates of 4 checks: %zu alarms, %zu undecided\n", name,
                  histories, t.gates, t.alarms, t.undecided);
    if (100 * t.alarms > t.gates) fail_msg("%s: more than 1 %% of gates alarm", name);
}

static void histories_without_a_drop_are_quiet(void **state)
{
    (void)state;
    quiet("pairs", false, SAL_GATE_T, times(200));
    quiet("two samples", true, SAL_GATE_T, times(200));
}

/* ---- power ------------------------------------------------------------------------------------ */

/* Share of gates of `n` checks that call the first one worse, whose D goes from .8 to .8 - drop. */
static double seen(size_t n, double drop, double spread, const sal_gate_options *o, size_t gates,
                   double *smallest)
{
    quality before[10], now[10];
    size_t alarms = 0;
    for (size_t i = 0; i < n; i++) before[i] = now[i] = (quality){.8, spread / sqrt(2)};
    now[0].d -= drop;
    *smallest = 0;
    for (size_t g = 0; g < gates; g++) {
        sal_records *old = made_records(n, before, DRAWS, SEED + g, 0);
        sal_records *new = made_records(n, now, DRAWS, SEED + g, 1);
        sal_baseline *b = baseline_of(old);
        sal_gate_result *r = gate(new, b, o);
        alarms += r->rows[0].worse;
        *smallest += r->rows[0].smallest / (double)gates;
        sal_gate_free(r);
        sal_baseline_free(b);
        sal_records_free(old);
        sal_records_free(new);
    }
    return (double)alarms / (double)gates;
}

static void a_drop_of_a_tenth_is_seen(void **state)
{
    static const struct {
        size_t n;
        double spread;
    } rows[] = {{1, .05}, {1, .1}, {1, .2}, {4, .2}, {10, .2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_gate_options o = {0};
        double smallest, share = seen(rows[i].n, .1, rows[i].spread, &o, times(2000), &smallest);
        print_message("%zu checks, paired spread %.2f: a drop of .1 is seen in %.1f %% (said to be "
                      "seen in 90 %%: %.3f)\n",
                      rows[i].n, rows[i].spread, 100 * share, smallest);
        if (share < .9) fail_msg("power %.3f", share);
    }
}

/* The drop that a gate says it would have seen in 90 % of cases is seen in 90 %. */
static void the_smallest_drop_is_honest(void **state)
{
    static const double spreads[] = {.1, .2, .4};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (int test = 0; test < 2; test++) {
            sal_gate_options o = {.test = test ? SAL_GATE_BETTING : SAL_GATE_T};
            double smallest, again;
            size_t gates = test ? times(100) : times(2000);
            seen(1, .1, spreads[i], &o, gates / 4 + 1, &smallest);
            double share = seen(1, smallest, spreads[i], &o, gates, &again);
            print_message("%s, paired spread %.1f: a drop of %.3f is seen in %.1f %%\n",
                          test ? "bets" : "t", spreads[i], smallest, 100 * share);
            if (fabs(share - .9) > (test ? .1 : .04) + .5 / sqrt((double)gates))
                fail_msg("%.3f of them are seen", share);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_without_a_drop_are_quiet),
        cmocka_unit_test(a_drop_of_a_tenth_is_seen),
        cmocka_unit_test(the_smallest_drop_is_honest),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
