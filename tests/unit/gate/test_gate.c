/* Rows of a gate: what is compared how, what is undecided, Holm's correction, the figures themselves. */
#include "histories.h"
#include "short_memory.h"
#include "support.h"

#include "stats/student.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DRAWS = 64, CHECKS = 3 };

static const quality good[CHECKS] = {{.9, .1}, {.8, .1}, {.7, .1}};

/* Two runs, and the gate on the second. */
typedef struct {
    sal_records *old, *now;
    sal_baseline *baseline;
    sal_gate_result *result;
} gated;

static gated two_runs(size_t n)
{
    gated g = {made_records(n, good, DRAWS, 5, 0), made_records(n, good, DRAWS, 5, 1), NULL, NULL};
    return g;
}

static const sal_gate_row *run(gated *g, const sal_gate_options *o)
{
    sal_error err = {SAL_OK, ""};
    if (sal_baseline_of(NULL, g->old, &g->baseline, &err) != SAL_OK ||
        sal_gate_run(g->now, g->baseline, NULL, o, &g->result, &err) != SAL_OK)
        fail_msg("%s", err.text);
    return g->result->rows;
}

static void drop(gated *g)
{
    sal_gate_free(g->result);
    sal_baseline_free(g->baseline);
    sal_records_free(g->old);
    sal_records_free(g->now);
}

static sal_step_verdict *step_of(sal_records *r, size_t i)
{
    return &r->verdicts[i]->steps[0];
}

/* All draws of a step moved alike. */
static void move(sal_step_verdict *s, double by)
{
    for (size_t i = 0; i < s->n_records; i++) s->records[i].a += by;
}

static void equal_runs_differ_by_nothing(void **state)
{
    (void)state;
    gated g = {made_records(3, good, DRAWS, 5, 0), made_records(3, good, DRAWS, 5, 0), NULL, NULL};
    const sal_gate_row *rows = run(&g, NULL);
    assert_int_equal(g.result->outcome, SAL_PASS);
    assert_int_equal(g.result->n_compared, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rows[i].how, SAL_COMPARED_PAIRS);
        assert_true(rows[i].drop == 0 && rows[i].p == 1 && rows[i].p_adjusted == 1);
        assert_near("sees the margin", rows[i].smallest, .05, 1e-12);
        assert_int_equal(rows[i].n, DRAWS);
    }
    drop(&g);
}

/* The t test by hand: r = 1 and u = .05 throughout, so a draw's share of D is (1 - a)/.95. */
static void figures_are_those_of_a_t_test(void **state)
{
    (void)state;
    gated g = two_runs(1);
    const sal_gate_options o = {.margin = .03};
    move(step_of(g.now, 0), .04);
    const sal_gate_row *row = run(&g, &o);
    const sal_entry *x = row->now, *y = row->before;
    double mean = 0, squares = 0;
    for (size_t i = 0; i < DRAWS; i++) mean += (x->draws[i].a - y->draws[i].a) / .95 / DRAWS;
    for (size_t i = 0; i < DRAWS; i++) {
        double one = (x->draws[i].a - y->draws[i].a) / .95 - mean;
        squares += one * one;
    }
    double error = sqrt(squares / (DRAWS - 1) / DRAWS), t = (mean - .03) / error;
    assert_near("drop", row->drop, mean, 1e-12);
    assert_near("p", row->p, sal_student_below_(-t, DRAWS - 1), 1e-12);
    assert_near("smallest", row->smallest,
                .03 + error * (sal_student_exceeded_(.05, DRAWS - 1) +
                               sal_student_exceeded_(.1, DRAWS - 1)),
                1e-9);
    assert_near("value", row->value_before - row->value, mean, 1e-12);
    drop(&g);
}

/* r and u that move leave D alone where a follows: Z at a fixed limit would cry. */
static void a_narrower_range_is_no_drop(void **state)
{
    (void)state;
    gated g = two_runs(1);
    sal_step_verdict *s = step_of(g.now, 0), *old = step_of(g.old, 0);
    for (size_t i = 0; i < DRAWS; i++) {
        double share = (1 - old->records[i].a) / .95;
        s->records[i].u = .4;
        s->records[i].a = 1 - share * .6;
    }
    judge_records(g.now);
    const sal_gate_row *row = run(&g, NULL);
    assert_near("drop", row->drop, 0, 1e-4);
    assert_false(row->worse);
    drop(&g);
}

static void welch_by_hand(void **state)
{
    (void)state;
    gated g = two_runs(1);
    g.now->verdicts[0]->model_hash++;
    const sal_gate_row *row = run(&g, NULL);
    double mean[2] = {0, 0}, v[2] = {0, 0};
    const sal_entry *sides[2] = {row->now, row->before};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < DRAWS; i++) mean[k] += (1 - sides[k]->draws[i].a) / .95 / DRAWS;
        for (size_t i = 0; i < DRAWS; i++)
            v[k] += pow((1 - sides[k]->draws[i].a) / .95 - mean[k], 2) / (DRAWS - 1) / DRAWS;
    }
    double sum = v[0] + v[1], freedom = sum * sum * (DRAWS - 1) / (v[0] * v[0] + v[1] * v[1]);
    double t = (mean[1] - mean[0] - .05) / sqrt(sum);
    assert_int_equal(row->how, SAL_COMPARED_TWO_SAMPLE);
    assert_string_equal(row->note, "model changed: two samples");
    assert_near("p", row->p, sal_student_below_(-t, freedom), 1e-9);
    assert_int_equal(g.result->outcome, SAL_PASS);
    drop(&g);
}

static void what_changed_is_said(void **state)
{
    (void)state;
    for (int what = 0; what < 6; what++) {
        static const char *const notes[] = {
            "inputs changed: two samples",  "options changed: two samples",
            "options changed: two samples", "metric changed: two samples",
            "seed changed: two samples",    "draws changed: two samples"};
        gated g = two_runs(1);
        sal_verdict *v = g.now->verdicts[0];
        if (what == 0) v->inputs_hash++;
        if (what == 1) strcpy(v->options, "layer=conv2");
        if (what == 2) strcpy(v->randomisation, "full");
        if (what == 3) strcpy(v->metric, "ssim");
        if (what == 4) v->seed++;
        if (what == 5) v->steps[0].records[9].input++;
        const sal_gate_row *row = run(&g, NULL);
        if (row->how != SAL_COMPARED_TWO_SAMPLE || strcmp(row->note, notes[what]) != 0)
            fail_msg("%d: %s", what, row->note);
        drop(&g);
    }
    gated g = two_runs(1);
    g.now->verdicts[0]->model_hash++;
    g.now->verdicts[0]->seed++;
    assert_string_equal(run(&g, NULL)->note, "model, seed changed: two samples");
    drop(&g);
}

static void only_common_defined_draws_are_pairs(void **state)
{
    (void)state;
    gated g = two_runs(1);
    step_of(g.now, 0)->records[3].defined = false;
    step_of(g.old, 0)->records[5].defined = false;
    g.now->verdicts[0]->min_draws = 50; /* shorter than the baseline's */
    const sal_gate_row *row = run(&g, NULL);
    assert_int_equal(row->how, SAL_COMPARED_PAIRS);
    assert_int_equal(row->n, 48);
    assert_int_equal(row->n_before, 48);
    drop(&g);
}

static void what_cannot_be_compared_is_undecided(void **state)
{
    static const char *const notes[] = {
        "no fixed sample: the run stopped when it was decided; set min_draws",
        "no fixed sample in the baseline",
        "another statistic",
        "fewer than 32 draws are defined (31)",
        "unrelated maps are as alike as repeated ones",
    };
    (void)state;
    for (size_t what = 0; what < sizeof notes / sizeof notes[0]; what++) {
        gated g = two_runs(1);
        if (what == 0) g.now->verdicts[0]->min_draws = 0;
        if (what == 1) g.old->verdicts[0]->min_draws = 0;
        if (what == 2) step_of(g.now, 0)->statistic_name = 'R';
        if (what == 3) g.now->verdicts[0]->min_draws = 31;
        for (size_t i = 0; what == 4 && i < DRAWS; i++) step_of(g.old, 0)->records[i].u = .95;
        const sal_gate_row *row = run(&g, NULL);
        if (row->how != SAL_COMPARED_NOT || !strstr(row->note, notes[what]))
            fail_msg("%zu: %s", what, row->note);
        assert_int_equal(row->outcome, SAL_INCONCLUSIVE);
        assert_int_equal(g.result->outcome, SAL_INCONCLUSIVE);
        drop(&g);
    }
}

static void new_missing_and_failed_checks(void **state)
{
    (void)state;
    gated g = two_runs(3);
    strcpy(g.now->verdicts[0]->id, "net/params/another"); /* new; method-0 is missing */
    step_of(g.now, 1)->outcome = g.now->verdicts[1]->outcome = SAL_FAIL;
    step_of(g.now, 2)->outcome = g.now->verdicts[2]->outcome = SAL_INVALID;
    const sal_gate_row *rows = run(&g, NULL);
    assert_int_equal(g.result->n, 4);
    assert_null(rows[0].before);
    assert_int_equal(rows[0].outcome, SAL_PASS);
    assert_string_equal(rows[0].note, "new: not in the baseline");
    assert_null(rows[1].now);
    assert_int_equal(rows[1].outcome, SAL_INCONCLUSIVE);
    assert_non_null(strstr(rows[1].note, "missing: the baseline has this check"));
    assert_int_equal(rows[2].outcome, SAL_FAIL);
    assert_int_equal(rows[3].outcome, SAL_INCONCLUSIVE);
    assert_int_equal(g.result->outcome, SAL_FAIL);
    assert_true(g.result->n_failed == 1 && g.result->n_undecided == 2 && g.result->n_new == 1);
    drop(&g);
}

/* A failure ends a check, so that later steps are not missing; any other early end is told. */
static void checks_that_ended_early(void **state)
{
    (void)state;
    for (int failing = 0; failing < 2; failing++) {
        gated g = two_runs(1);
        sal_verdict *v = g.now->verdicts[0];
        v->total_steps = 2;
        if (failing) v->outcome = v->steps[0].outcome = SAL_FAIL;
        sal_records *more = made_records(1, good, DRAWS, 5, 0);
        strcpy(more->verdicts[0]->steps[0].step, "fc9");
        sal_baseline *second = NULL;
        sal_gate_result *r = NULL;
        assert_int_equal(sal_baseline_of(NULL, g.old, &g.baseline, NULL), SAL_OK);
        assert_int_equal(sal_baseline_of(NULL, more, &second, NULL), SAL_OK);
        assert_int_equal(sal_baseline_update(g.baseline, second, false, NULL, NULL), SAL_OK);
        assert_int_equal(sal_gate_run(g.now, g.baseline, NULL, NULL, &r, NULL), SAL_OK);
        assert_int_equal(r->n, failing ? 1 : 2);
        assert_int_equal(r->outcome, failing ? SAL_FAIL : SAL_INCONCLUSIVE);
        if (!failing) {
            assert_string_equal(r->rows[0].note, "ended after 1 of 2 steps");
            assert_non_null(strstr(r->rows[1].note, "the baseline has this step"));
        }
        sal_gate_free(r);
        sal_baseline_free(second);
        sal_records_free(more);
        drop(&g);
    }
}

/* p1 <= p2 <= p3 become 3 p1, max(3 p1, 2 p2), max(those, p3). */
static void holm_counts_checks(void **state)
{
    (void)state;
    gated g = two_runs(3);
    for (size_t i = 0; i < 3; i++) move(step_of(g.now, i), .07 + .004 * (double)i);
    const sal_gate_row *rows = run(&g, NULL);
    double p[3], most = 0;
    size_t order[3] = {0, 1, 2};
    for (size_t i = 0; i < 3; i++) p[i] = rows[i].p;
    for (size_t i = 0; i < 3; i++)
        for (size_t k = i + 1; k < 3; k++)
            if (p[order[k]] < p[order[i]]) {
                size_t one = order[i];
                order[i] = order[k];
                order[k] = one;
            }
    for (size_t i = 0; i < 3; i++) {
        most = fmax(most, fmin(1, (double)(3 - i) * p[order[i]]));
        assert_near("adjusted", rows[order[i]].p_adjusted, most, 1e-15);
        assert_int_equal(rows[order[i]].worse, most <= .05);
    }
    drop(&g);
}

static void every_draw_moved_alike(void **state)
{
    static const struct {
        double by;
        bool worse;
    } cases[] = {{0, false}, {.04, false}, {.0475, false}, {.06, true}};
    static const quality fixed = {.8, 0};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        gated g = {made_records(1, &fixed, DRAWS, 5, 0), made_records(1, &fixed, DRAWS, 5, 1), NULL,
                   NULL};
        move(step_of(g.now, 0), cases[i].by);
        judge_records(g.now);
        const sal_gate_row *row = run(&g, NULL);
        if (row->worse != cases[i].worse || row->p != (cases[i].worse ? 0 : 1))
            fail_msg("by %g: p %g", cases[i].by, row->p);
        drop(&g);
    }
}

static void bets_see_large_drops(void **state)
{
    (void)state;
    const sal_gate_options o = {.test = SAL_GATE_BETTING};
    static const double by[] = {0, .03, .25};
    for (size_t i = 0; i < 3; i++) {
        gated g = {made_records(1, &good[1], 256, 5, 0), made_records(1, &good[1], 256, 5, 1), NULL,
                   NULL};
        move(step_of(g.now, 0), by[i]);
        for (size_t k = 0; k < 256; k++)
            if (step_of(g.now, 0)->records[k].a > 1) step_of(g.now, 0)->records[k].a = 1;
        judge_records(g.now);
        const sal_gate_row *row = run(&g, &o);
        assert_int_equal(row->worse, i == 2);
        assert_true(row->smallest > .05 && row->smallest < .15);
        drop(&g);
    }
    gated g = two_runs(1); /* means, and two samples */
    for (int k = 0; k < 2; k++) step_of(k ? g.now : g.old, 0)->statistic_name = 'R';
    g.now->verdicts[0]->seed++;
    assert_int_equal(run(&g, &o)->how, SAL_COMPARED_TWO_SAMPLE);
    drop(&g);
}

static void wrong_options(void **state)
{
    const sal_gate_options rows[] = {{.margin = -.1},         {.margin = 1},
                                     {.margin = (double)NAN}, {.alpha = .6},
                                     {.alpha = -1},           {.test = (sal_gate_test)7},
                                     {.reserved_ = {0, 1}}};
    (void)state;
    gated g = two_runs(1);
    sal_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sal_gate_run(g.now, NULL, NULL, &rows[i], &g.result, &err), SAL_E_ARG);
    assert_int_equal(sal_gate_run(NULL, NULL, NULL, NULL, &g.result, &err), SAL_E_ARG);
    assert_int_equal(sal_gate_run(g.now, NULL, NULL, NULL, NULL, &err), SAL_E_ARG);
    drop(&g);
}

/* Nothing to judge is no pass, nor is a file that lost its end. */
static void empty_and_cut_files(void **state)
{
    (void)state;
    sal_records none = {.n = 0};
    sal_gate_result *r = NULL;
    assert_int_equal(sal_gate_run(&none, NULL, NULL, NULL, &r, NULL), SAL_OK);
    assert_int_equal(r->outcome, SAL_INCONCLUSIVE);
    sal_gate_free(r);
    gated g = two_runs(1);
    strcpy(g.now->loss, "line 2 is cut short and left out");
    run(&g, NULL);
    assert_int_equal(g.result->outcome, SAL_INCONCLUSIVE);
    drop(&g);
    sal_gate_free(NULL);
}

static void memory_runs_out(void **state)
{
    (void)state;
    gated g = two_runs(3);
    assert_int_equal(sal_baseline_of(NULL, g.old, &g.baseline, NULL), SAL_OK);
    for (int test = 0; test < 2; test++) {
        const sal_gate_options o = {.test = test ? SAL_GATE_BETTING : SAL_GATE_T};
        sal_status st = SAL_E_NOMEM;
        for (size_t n = 0; st == SAL_E_NOMEM; n++) {
            short_memory memory = {.after = n};
            sal_env env = short_memory_env(&memory);
            sal_gate_result *r = NULL;
            g.now->env = &env;
            st = sal_gate_run(g.now, g.baseline, NULL, &o, &r, NULL);
            assert_true((st == SAL_OK) == (r != NULL));
            sal_gate_free(r);
            assert_int_equal(memory.alive, 0);
        }
        g.now->env = NULL;
        assert_int_equal(st, SAL_OK);
    }
    drop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_differ_by_nothing),
        cmocka_unit_test(figures_are_those_of_a_t_test),
        cmocka_unit_test(a_narrower_range_is_no_drop),
        cmocka_unit_test(welch_by_hand),
        cmocka_unit_test(what_changed_is_said),
        cmocka_unit_test(only_common_defined_draws_are_pairs),
        cmocka_unit_test(what_cannot_be_compared_is_undecided),
        cmocka_unit_test(new_missing_and_failed_checks),
        cmocka_unit_test(checks_that_ended_early),
        cmocka_unit_test(holm_counts_checks),
        cmocka_unit_test(every_draw_moved_alike),
        cmocka_unit_test(bets_see_large_drops),
        cmocka_unit_test(wrong_options),
        cmocka_unit_test(empty_and_cut_files),
        cmocka_unit_test(memory_runs_out),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
