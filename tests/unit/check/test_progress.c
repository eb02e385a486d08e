/* tests/unit/check/test_progress.c - a check reports how far it is, and ends when it is told to. */
#include "nets.h"
#include "support.h"

#include <salcheck/check.h>

#include <string.h>

enum { INPUTS = 6, SIZE = 2 * 9 * 8 };

typedef struct watcher {
    size_t calls, ends_at, last;
    bool backwards, beyond;
} watcher;

static bool watch(void *self, size_t draws, size_t most)
{
    watcher *w = self;
    w->backwards = w->backwards || draws < w->last;
    w->beyond = w->beyond || draws >= most;
    w->last = draws;
    return ++w->calls < w->ends_at;
}

static sal_verdict *run(const char *check, const char *method, sal_check_args a, watcher *w)
{
    static float values[INPUTS * SIZE];
    const int64_t dims[] = {INPUTS, 2, 9, 8};
    test_net net = small_cnn(NULL, 3);
    sal_tensor *x = NULL;
    sal_verdict *v = NULL;
    sal_error err = {0};
    for (size_t i = 0; i < INPUTS * SIZE; i++)
        values[i] = (float)(i * 2654435761u % 1000u) / 1000.0f - 0.5f;
    assert_int_equal(sal_tensor_view_of(NULL, values, 4, dims, &x, NULL), SAL_OK);
    a.check = check;
    a.method = method;
    a.model = net.model;
    a.inputs = x;
    a.progress = w ? watch : NULL;
    a.progress_self = w;
    if (sal_check_run(&a, &v, &err) != SAL_OK) fail_msg("%s: %s", check, err.text);
    sal_tensor_free(x);
    free_net(&net);
    return v;
}

static void reports_and_changes_nothing(void **state)
{
    (void)state;
    watcher w = {.ends_at = SIZE_MAX};
    sal_check_args a = {.min_draws = 60, .max_draws = 64};
    sal_verdict *with = run("params", "gradient", a, &w),
                *without = run("params", "gradient", a, NULL);
    if (w.calls < 2 || w.backwards || w.beyond)
        fail_msg("%zu calls, backwards %d, beyond %d", w.calls, w.backwards, w.beyond);
    assert_int_equal(with->outcome, without->outcome);
    assert_int_equal(with->steps[0].draws, without->steps[0].draws);
    assert_near("low", with->steps[0].low, without->steps[0].low, 0);
    sal_verdict_free(with);
    sal_verdict_free(without);
}

static void ends_at_once(void **state)
{
    (void)state;
    watcher w = {.ends_at = 1};
    sal_verdict *v = run("params", "gradient", (sal_check_args){0}, &w);
    assert_int_equal(v->outcome, SAL_INCONCLUSIVE);
    assert_int_equal(v->n_steps, 1);
    assert_int_equal(v->steps[0].draws, 0);
    assert_string_equal(v->steps[0].reason, "ended by the caller after 0 draws");
    sal_verdict_free(v);
}

static void an_undecided_step_is_inconclusive(void **state)
{
    (void)state;
    watcher w = {.ends_at = 2};
    sal_check_args a = {.alpha = 1e-12}; /* takes far more than one wave */
    sal_verdict *v = run("params", "gradient", a, &w);
    assert_int_equal(v->outcome, SAL_INCONCLUSIVE);
    assert_in_range(v->steps[0].draws, 1, 64);
    assert_non_null(strstr(v->steps[0].reason, "ended by the caller after"));
    sal_verdict_free(v);
}

/* The first step passes, the others are never run: that is no pass of the whole. */
static void missing_steps_are_no_pass(void **state)
{
    (void)state;
    watcher all = {.ends_at = SIZE_MAX};
    sal_check_args a = {.randomisation = "cascade"};
    sal_verdict *v = run("params", "random-from-params", a, &all);
    assert_int_equal(v->outcome, SAL_PASS);
    assert_in_range(v->n_steps, 2, 99);
    sal_verdict_free(v);
    for (size_t n = 1; n < all.calls; n++) {
        watcher w = {.ends_at = n};
        v = run("params", "random-from-params", a, &w);
        if (v->outcome != SAL_INCONCLUSIVE)
            fail_msg("ended at call %zu: %s", n, sal_outcome_name(v->outcome));
        if (!strstr(v->steps[v->decisive].reason, "ended by the caller"))
            fail_msg("ended at call %zu: %s", n, v->steps[v->decisive].reason);
        sal_verdict_free(v);
    }
}

/* As before, but the step that is ended had passed and went on for a tighter interval. */
static void a_step_that_went_on_is_no_pass_of_the_whole(void **state)
{
    (void)state;
    watcher w = {.ends_at = 6};
    sal_check_args a = {.randomisation = "cascade", .min_draws = 200};
    sal_verdict *v = run("params", "random-from-params", a, &w);
    assert_int_equal(v->n_steps, 1);
    assert_int_equal(v->steps[0].outcome, SAL_PASS);
    assert_int_equal(v->outcome, SAL_INCONCLUSIVE);
    assert_string_equal(v->steps[0].reason, "ended by the caller before the other steps");
    sal_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_and_changes_nothing),
        cmocka_unit_test(ends_at_once),
        cmocka_unit_test(an_undecided_step_is_inconclusive),
        cmocka_unit_test(missing_steps_are_no_pass),
        cmocka_unit_test(a_step_that_went_on_is_no_pass_of_the_whole),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
