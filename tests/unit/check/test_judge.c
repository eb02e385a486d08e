/* A step judged from its draws alone, made by hand: where it stops, what is invalid, what is advised. */
#include "support.h"

#include "check/judge.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 512 };

typedef struct {
    sal_verdict v;
    sal_step_verdict s;
    sal_draw_record records[MOST];
} step;

/* D of every draw; a mean's value where the letter is not D. */
static void make(step *t, char letter, double limit, size_t n)
{
    memset(t, 0, sizeof *t);
    t->v = (sal_verdict){.alpha = 0.01, .max_draws = n, .total_steps = 1, .n_steps = 1};
    t->s = (sal_step_verdict){.statistic_name = letter,
                              .limit = limit,
                              .lowest = 0,
                              .highest = 1,
                              .wave = 16,
                              .records = t->records};
    t->v.steps = &t->s;
}

static void set(step *t, size_t i, double r, double a, double u, bool defined)
{
    t->records[i] = (sal_draw_record){.draw = i, .r = r, .a = a, .u = u, .defined = defined};
}

static void judge(step *t, size_t n)
{
    sal_judge j;
    sal_error err = {SAL_OK, ""};
    bool over = false;
    sal_judge_start_(&j, &t->v, &t->s);
    for (t->s.n_records = 0; t->s.n_records < n && !over; t->s.n_records++)
        over = sal_judge_take_(&j, &t->records[t->s.n_records]);
    if (sal_judge_end_(&j, NULL, false, &t->s, &err) != SAL_OK) fail_msg("%s", err.text);
    sal_judge_whole_(&t->v);
}

static void expect(const step *t, sal_outcome outcome, size_t draws, const char *reason)
{
    if (t->s.outcome != outcome || t->s.draws != draws || !strstr(t->s.reason, reason))
        fail_msg("%s after %zu draws: \"%s\"; wanted %s after %zu: \"%s\"",
                 sal_outcome_name(t->s.outcome), t->s.draws, t->s.reason, sal_outcome_name(outcome),
                 draws, reason);
    assert_int_equal(t->v.outcome, outcome);
}

/* Every draw the same: the bets add up to the threshold at a draw that can be counted by hand. */
static void stops_at_the_first_crossing(void **state)
{
    static step t;
    (void)state;
    make(&t, 'R', 0.5, 64);
    for (size_t i = 0; i < 64; i++) set(&t, i, 0, 1, 0, true);
    judge(&t, 64); /* 1/2 1.95^n + 1/4 1.4^n + ... >= 200 at n = 9, and not at 8 */
    expect(&t, SAL_PASS, 9, "");
    assert_true(t.s.low > 0.5 && t.s.statistic == 1);
    make(&t, 'R', 0.5, 64);
    for (size_t i = 0; i < 64; i++) set(&t, i, 0, 0, 0, true);
    judge(&t, 64);
    expect(&t, SAL_FAIL, 9, "");
    make(&t, 'R', 0.5, 64);
    t.v.total_steps = 100; /* share the risk of a fail, not of a pass */
    for (size_t i = 0; i < 64; i++) set(&t, i, 0, 0, 0, true);
    judge(&t, 64); /* >= 20000 */
    expect(&t, SAL_FAIL, 16, "");
    make(&t, 'R', 0.5, 64);
    t.v.min_draws = 30;
    for (size_t i = 0; i < 64; i++)
        set(&t, i, 0, i < 9, 0, true); /* what comes later counts, not */
    judge(&t, 64);                     /* for the outcome */
    expect(&t, SAL_PASS, 30, "");
    assert_near("mean", t.s.mean_a, 9.0 / 30, 1e-15);
}

static void what_makes_a_step_invalid(void **state)
{
    static step t;
    (void)state;
    make(&t, 'D', 0.5, 64);
    for (size_t i = 0; i < 64; i++) set(&t, i, 1, 0.7, 0.4, i % 2);
    set(&t, 1, 1, 0, 0, false);
    judge(&t, 64);
    expect(&t, SAL_INVALID, 16, "9 of 16 draws are undefined");
    make(&t, 'D', 0.5, 400);
    for (size_t i = 0; i < 400; i++) set(&t, i, 1, 0.99, 0.98, true);
    judge(&t, 400);
    assert_int_equal(t.s.outcome, SAL_INVALID);
    assert_non_null(strstr(t.s.reason, "nothing to compare"));
    /* measured elsewhere as invalid: draws before it are kept */
    sal_judge j;
    make(&t, 'D', 0.5, 64);
    for (size_t i = 0; i < 3; i++) set(&t, i, 1, 0.5, 0, true);
    sal_judge_start_(&j, &t.v, &t.s);
    for (; t.s.n_records < 3; t.s.n_records++)
        assert_false(sal_judge_take_(&j, &t.records[t.s.n_records]));
    sal_judge_invalid_(&j, "the first reason");
    sal_judge_invalid_(&j, "another");
    assert_int_equal(sal_judge_end_(&j, NULL, false, &t.s, NULL), SAL_OK);
    sal_judge_whole_(&t.v);
    expect(&t, SAL_INVALID, 3, "the first reason");
}

static void what_is_advised(void **state)
{
    static step t;
    (void)state;
    make(&t, 'D', 0.5, 20);
    for (size_t i = 0; i < 20; i++) set(&t, i, 1, i % 2 ? 0.2 : 0.6, 0, true);
    judge(&t, 20);
    expect(&t, SAL_INCONCLUSIVE, 20, "undecided after 20 draws; about ");
    make(&t, 'D', 0.5, 0);
    judge(&t, 0);
    expect(&t, SAL_INCONCLUSIVE, 0, "undecided after 0 draws");
}

/* The gravest step decides, the first of equals. */
static void outcomes_of_steps(void **state)
{
    static const struct {
        sal_outcome steps[3], whole;
        size_t decisive;
    } rows[] = {{{SAL_PASS, SAL_PASS, SAL_PASS}, SAL_PASS, 0},
                {{SAL_PASS, SAL_INCONCLUSIVE, SAL_INVALID}, SAL_INVALID, 2},
                {{SAL_INVALID, SAL_INCONCLUSIVE, SAL_INVALID}, SAL_INVALID, 0},
                {{SAL_INCONCLUSIVE, SAL_INVALID, SAL_FAIL}, SAL_FAIL, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_step_verdict steps[3];
        sal_verdict v = {.steps = steps};
        memset(steps, 0, sizeof steps);
        for (size_t k = 0; k < 3; k++) {
            steps[k].outcome = rows[i].steps[k];
            v.n_steps = k + 1;
            sal_judge_whole_(&v);
        }
        assert_int_equal(v.outcome, rows[i].whole);
        assert_int_equal(v.decisive, rows[i].decisive);
    }
}

/* Every wave of every step has one shard, and no shard has two waves more than another. */
static void waves_are_dealt_out_evenly(void **state)
{
    static const size_t counts[] = {1, 2, 7, 40};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sal_verdict v = {.id = "net/params/gradient", .shard = 1, .shards = counts[i]};
        size_t got[41] = {0}, least = SIZE_MAX, most = 0;
        for (size_t k = 0; k < 3; k++)
            for (size_t w = 0; w < 16; w++) got[sal_shard_of_(&v, k, w, 16)]++;
        assert_int_equal(got[0], 0);
        for (size_t k = 1; k <= counts[i]; k++) {
            least = got[k] < least ? got[k] : least;
            most = got[k] > most ? got[k] : most;
        }
        if (most > least + 1) fail_msg("%zu shards: %zu to %zu waves", counts[i], least, most);
    }
    sal_verdict whole = {.id = "x"};
    assert_int_equal(sal_shard_of_(&whole, 3, 5, 16), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_at_the_first_crossing),
        cmocka_unit_test(what_makes_a_step_invalid),
        cmocka_unit_test(what_is_advised),
        cmocka_unit_test(outcomes_of_steps),
        cmocka_unit_test(waves_are_dealt_out_evenly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
