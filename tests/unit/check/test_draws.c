/* Draws: which inputs and classes they take, and that each depends on its number alone: not on how
 * many are made at once, on the budget, on min_draws, or on what is drawn after it. */
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"

#include "model/model.h"

#include <stdio.h>
#include <string.h>

enum { PIXELS = BARS_SIDE * BARS_SIDE, N = BARS_INPUTS };

static small_world world;

static int make(void **state)
{
    (void)state;
    make_world(&world, NULL);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_world(&world);
    return 0;
}

static sal_check_args ask(const char *check, const char *method)
{
    return (sal_check_args){.check = check,
                            .model = world.net.model,
                            .inputs = world.inputs,
                            .method = method,
                            .twin = world.twin.model};
}

static const char *const checks[] = {"params", "labels", "edges", "reproducible", "faithful"};
enum { CHECKS = sizeof checks / sizeof checks[0] };

/* A budget of k draws ends a wave anywhere: what is drawn, and the outcome at the stop, stay. */
static void the_budget_cuts_waves(void **state)
{
    static const size_t budgets[] = {1,  2,  3,  7,  8,  9,  10, 11, 12,
                                     15, 16, 17, 20, 31, 32, 33, 64, 250};
    (void)state;
    for (size_t i = 0; i < CHECKS; i++) {
        sal_check_args a = ask(checks[i], "smoothgrad:samples=4");
        sal_verdict *whole = run_check(checks[i], &a);
        const sal_step_verdict *want = &whole->steps[0];
        for (size_t k = 0; k < sizeof budgets / sizeof budgets[0]; k++) {
            char name[64];
            snprintf(name, sizeof name, "%s, %zu draws", checks[i], budgets[k]);
            a.max_draws = budgets[k];
            sal_verdict *v = run_check(name, &a);
            const sal_step_verdict *s = &v->steps[0];
            size_t n = budgets[k] < want->draws ? budgets[k] : want->draws;
            if (s->n_records != n || s->draws != n) fail_msg("%s: %zu draws", name, s->n_records);
            expect_same_draws(name, s, want, n);
            if (s->outcome != (n < want->draws ? SAL_INCONCLUSIVE : want->outcome))
                fail_msg("%s: %s", name, sal_outcome_name(s->outcome));
            sal_verdict_free(v);
        }
        sal_verdict_free(whole);
    }
}

static void min_draws(void **state)
{
    static const struct {
        const char *check, *method;
        sal_outcome outcome;
    } rows[] = {{"params", "random-from-params", SAL_PASS},
                {"params", "sobel", SAL_FAIL},
                {"reproducible", "random", SAL_FAIL},
                {"faithful", "sobel", SAL_FAIL},
                {"labels", "input", SAL_FAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[64];
        sal_check_args a = ask(rows[i].check, rows[i].method);
        snprintf(name, sizeof name, "%s of %s", rows[i].check, rows[i].method);
        sal_verdict *first = run_check(name, &a);
        a.min_draws = 200;
        sal_verdict *more = run_check(name, &a);
        const sal_step_verdict *s = decisive(first), *t = decisive(more);
        expect_outcome(name, first, rows[i].outcome, "");
        expect_outcome(name, more, rows[i].outcome, "");
        assert_int_equal(t->draws, 200);
        expect_same_draws(name, s, t, s->draws);
        if (!(t->low >= s->low && t->high <= s->high &&
              t->high - t->low < 0.6 * (s->high - s->low)))
            fail_msg("%s: [%g, %g] after %zu, [%g, %g] after 200 draws", name, s->low, s->high,
                     s->draws, t->low, t->high);
        a.min_draws = s->draws - 1; /* below the stop it changes nothing */
        sal_verdict *same = run_check(name, &a);
        assert_int_equal(decisive(same)->draws, s->draws);
        sal_verdict_free(first);
        sal_verdict_free(more);
        sal_verdict_free(same);
    }
}

static void seeds(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKS; i++) {
        sal_check_args a = ask(checks[i], "smoothgrad:samples=4");
        sal_verdict *first = run_check(checks[i], &a), *again = run_check(checks[i], &a);
        expect_same_draws(checks[i], &first->steps[0], &again->steps[0], first->steps[0].n_records);
        a.seed = 0x5a11;
        sal_verdict *named = run_check(checks[i], &a);
        expect_same_draws(checks[i], &first->steps[0], &named->steps[0], first->steps[0].n_records);
        a.seed = UINT64_MAX;
        sal_verdict *other = run_check(checks[i], &a);
        assert_true(other->seed == UINT64_MAX);
        size_t differ = 0;
        for (size_t k = 0; k < 8; k++)
            differ += other->steps[0].records[k].input != first->steps[0].records[k].input;
        if (!differ) fail_msg("%s: another seed, the same inputs", checks[i]);
        sal_verdict_free(first);
        sal_verdict_free(again);
        sal_verdict_free(named);
        sal_verdict_free(other);
    }
}

/* Over many draws every input comes up as x and as o, each about as often. */
static void inputs_are_drawn_evenly(void **state)
{
    (void)state;
    size_t as_x[N] = {0}, as_o[N] = {0};
    sal_check_args a = ask("reproducible", "input");
    a.min_draws = a.max_draws = 100 * N;
    sal_verdict *v = run_check("even", &a);
    for (size_t i = 0; i < 100 * N; i++) {
        as_x[v->steps[0].records[i].input]++;
        as_o[v->steps[0].records[i].other]++;
    }
    for (size_t i = 0; i < N; i++) { /* five standard deviations of 10 */
        assert_in_range(as_x[i], 50, 150);
        assert_in_range(as_o[i], 50, 150);
    }
    sal_verdict_free(v);
}

/* Every picture twice: the same draws, places among the inputs given. */
static void identical_inputs_count_once(void **state)
{
    (void)state;
    float x[2 * N * PIXELS];
    for (size_t i = 0; i < 2 * N; i++)
        memcpy(x + i * PIXELS, sal_tensor_get_data(world.inputs) + i / 2 * PIXELS,
               PIXELS * sizeof *x);
    sal_tensor *twice = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, x, 4,
                                        (const int64_t[]){2 * N, 1, BARS_SIDE, BARS_SIDE}, &twice,
                                        NULL),
                     SAL_OK);
    int64_t targets[2 * N], once[N];
    for (size_t i = 0; i < N; i++) { /* those of the copies are not looked at */
        once[i] = targets[2 * i] = (int64_t)(i % 3);
        targets[2 * i + 1] = (int64_t)((i + 1) % 3);
    }
    for (size_t i = 0; i < CHECKS; i++) {
        sal_check_args a = ask(checks[i], "gradient");
        a.targets = once;
        sal_verdict *want = run_check(checks[i], &a);
        a.inputs = twice;
        a.targets = targets;
        sal_verdict *v = run_check(checks[i], &a);
        assert_int_equal(v->inputs, 2 * N);
        assert_int_equal(v->distinct, N);
        assert_int_equal(v->steps[0].n_records, want->steps[0].n_records);
        for (size_t k = 0; k < v->steps[0].n_records; k++) {
            sal_draw_record *d = &v->steps[0].records[k];
            if (d->input % 2 || d->other % 2) fail_msg("%s: draw %zu takes a copy", checks[i], k);
            d->input /= 2;
            d->other /= 2;
        }
        expect_same_draws(checks[i], &v->steps[0], &want->steps[0], v->steps[0].n_records);
        sal_verdict_free(v);
        sal_verdict_free(want);
    }
    sal_tensor_free(twice);
}

static void few_inputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKS; i++) {
        sal_tensor *two = NULL;
        assert_int_equal(sal_tensor_slice(world.inputs, 4, 2, &two, NULL), SAL_OK);
        sal_check_args a = ask(checks[i], "gradient");
        a.inputs = two;
        sal_verdict *v = run_check("two inputs", &a);
        for (size_t k = 0; k < v->steps[0].n_records; k++)
            assert_int_equal(v->steps[0].records[k].input + v->steps[0].records[k].other, 1);
        sal_verdict_free(v);
        sal_tensor_free(two);
    }
}

/* ---- models and noise ----------------------------------------------------------------------- */

typedef struct {
    uint64_t digests[64];
    size_t n;
} album;

static int collect_random_models(mixed_method *m, const sal_model *model, const float *x,
                                 int64_t target, float *map)
{
    (void)x, (void)target, (void)map;
    album *a = (album *)(uintptr_t)m->context;
    uint64_t digest = sal_params_digest_(model->params);
    if (whose_params(model, world.net.model, NULL) != RANDOM_THROUGHOUT) return 0;
    for (size_t i = 0; i < a->n; i++)
        if (a->digests[i] == digest) return 0;
    assert_true(a->n < 64);
    a->digests[a->n++] = digest;
    return 0;
}

/* Unrelated maps come from four models, or, where the step leaves no layer, from the draw's own. */
static void unrelated_models(void **state)
{
    static const struct {
        const char *randomisation;
        size_t models;
    } rows[] = {{"top", 4}, {"full", 48}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        album seen = {.n = 0};
        mixed_method mix = {
            .params = 1, .size = PIXELS, .also = collect_random_models, .context = &seen};
        sal_own_method own = mixed(&mix, "collects");
        sal_check_args a = ask("params", NULL);
        a.own_method = &own;
        a.randomisation = rows[i].randomisation;
        a.min_draws = a.max_draws = 48;
        expect_verdict(rows[i].randomisation, &a, SAL_PASS, "");
        if (seen.n != rows[i].models)
            fail_msg("%s: %zu models in 48 draws", rows[i].randomisation, seen.n);
    }
}

/* An input that comes up again is explained with other noise. */
static void noise_is_fresh(void **state)
{
    (void)state;
    mixed_method mix = {.params = 0.7, .noise = 0.3, .size = PIXELS};
    sal_own_method own = mixed(&mix, "noisy");
    sal_check_args a = ask("reproducible", NULL);
    a.own_method = &own;
    a.min_draws = a.max_draws = 64;
    sal_verdict *v = run_check("noisy", &a);
    const sal_draw_record *d = v->steps[0].records;
    size_t again = 0;
    for (size_t i = 0; i < 64; i++)
        for (size_t k = 0; k < i; k++) {
            if (d[i].input != d[k].input) continue;
            again++;
            if (!(d[i].a < d[k].a || d[i].a > d[k].a)) fail_msg("draws %zu and %zu are one", k, i);
        }
    assert_true(again > 20);
    sal_verdict_free(v);
}

/* ---- classes -------------------------------------------------------------------------------- */

typedef struct {
    const int64_t *fixed; /* class per input, or NULL: the largest logit of the model at hand */
    size_t wrong,
        changed; /* asked for otherwise; the model at hand says otherwise than the trained */
} watch;

static size_t place_of(const float *x)
{
    const float *all = sal_tensor_get_data(world.inputs);
    size_t i = 0;
    while (i < N && memcmp(all + i * PIXELS, x, PIXELS * sizeof *x)) i++;
    return i;
}

static int64_t said_by(const sal_model *m, const float *x)
{
    float copy[PIXELS], y[BARS_CLASSES];
    sal_tensor *t = NULL;
    memcpy(copy, x, sizeof copy);
    assert_int_equal(
        sal_tensor_view_of(NULL, copy, 4, (const int64_t[]){1, 1, BARS_SIDE, BARS_SIDE}, &t, NULL),
        SAL_OK);
    assert_int_equal(sal_model_predict(m, t, y, NULL), SAL_OK);
    sal_tensor_free(t);
    return y[1] > y[0] ? (y[2] > y[1] ? 2 : 1) : (y[2] > y[0] ? 2 : 0);
}

static int watch_targets(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                         float *map)
{
    (void)map;
    watch *w = (watch *)(uintptr_t)m->context;
    int64_t now = said_by(model, x);
    w->wrong += target != (w->fixed ? w->fixed[place_of(x)] : now);
    w->changed += now != said_by(world.net.model, x);
    return 0;
}

static void classes_that_maps_explain(void **state)
{
    int64_t predicted[N], given[N];
    for (size_t i = 0; i < N; i++) {
        predicted[i] = said_by(world.net.model, sal_tensor_get_data(world.inputs) + i * PIXELS);
        given[i] = (predicted[i] + 1) % BARS_CLASSES;
    }
    const struct {
        const char *name;
        const int64_t *targets;
        sal_target_rule rule;
        const int64_t *want;
    } rows[] = {{"the model's prediction", NULL, SAL_TARGET_FIXED, predicted},
                {"given ones", given, SAL_TARGET_FIXED, given},
                {"of the model at hand", NULL, SAL_TARGET_CURRENT, NULL},
                {"of the model at hand, not those given", given, SAL_TARGET_CURRENT, NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < 4; k++) { /* faithful asks for no map of another model */
            watch w = {.fixed = rows[i].want};
            char name[96];
            mixed_method mix = {.params = 1, .size = PIXELS, .also = watch_targets, .context = &w};
            sal_own_method own = mixed(&mix, "watch");
            sal_check_args a = ask(checks[k], NULL);
            a.own_method = &own;
            a.targets = rows[i].targets;
            a.target_rule = rows[i].rule;
            snprintf(name, sizeof name, "%s, %s", checks[k], rows[i].name);
            expect_verdict(name, &a, SAL_PASS, "");
            if (w.wrong)
                fail_msg("%s: %zu of %zu maps explain another class", name, w.wrong, mix.calls);
            if (k < 2 && !w.changed)
                fail_msg("%s: no prediction changed, so nothing is shown", name);
        }
}

/* The move of faithful is that of the class explained. */
static void faithful_by_class(void **state)
{
    (void)state;
    int64_t targets[N];
    sal_check_args a = ask("faithful", "gradient");
    sal_verdict *predicted = run_check("predicted", &a);
    for (size_t i = 0; i < N; i++)
        targets[i] = said_by(world.net.model, sal_tensor_get_data(world.inputs) + i * PIXELS);
    a.targets = targets;
    sal_verdict *same = run_check("same", &a);
    size_t n = predicted->steps[0].n_records;
    expect_same_draws("the same classes", &predicted->steps[0], &same->steps[0], n);
    for (size_t i = 0; i < N; i++) targets[i] = (targets[i] + 1) % BARS_CLASSES;
    sal_verdict *other = run_check("other", &a);
    size_t differ = 0;
    for (size_t i = 0; i < n && i < other->steps[0].n_records; i++) {
        double p = predicted->steps[0].records[i].a, q = other->steps[0].records[i].a;
        differ += p < q || p > q;
    }
    assert_true(differ > 0);
    sal_verdict_free(predicted);
    sal_verdict_free(same);
    sal_verdict_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_budget_cuts_waves),
        cmocka_unit_test(min_draws),
        cmocka_unit_test(seeds),
        cmocka_unit_test(inputs_are_drawn_evenly),
        cmocka_unit_test(identical_inputs_count_once),
        cmocka_unit_test(few_inputs),
        cmocka_unit_test(unrelated_models),
        cmocka_unit_test(noise_is_fresh),
        cmocka_unit_test(classes_that_maps_explain),
        cmocka_unit_test(faithful_by_class),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
