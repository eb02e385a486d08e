/* Checks of several steps: which steps there are, what each changes, how their outcomes make one,
 * and which of them decides. */
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"

#include "model/model.h"

#include <salcheck/stats.h>

#include <stdio.h>
#include <string.h>

enum { PIXELS = BARS_SIDE * BARS_SIDE };

static small_world world;
static test_net line; /* linear, of whole numbers: its gradient is sane */
static sal_tensor *numbers;

static int make(void **state)
{
    (void)state;
    make_world(&world, NULL);
    line = whole_net(NULL, "line", 1);
    numbers = whole_inputs(WHOLE_INPUTS);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_world(&world);
    free_net(&line);
    sal_tensor_free(numbers);
    return 0;
}

static sal_check_args ask(const char *check, const char *method)
{
    return (sal_check_args){
        .check = check, .model = world.net.model, .inputs = world.inputs, .method = method};
}

/* ---- which steps ---------------------------------------------------------------------------- */

static void steps_of_randomisations(void **state)
{
    static const struct {
        const char *randomisation;
        size_t n;
        const char *steps[4], *last_change;
    } rows[] = {
        {"top", 1, {"fc2"}, "output layer \"fc2\" re-initialised"},
        {"full", 1, {"all layers"}, "all 4 layers re-initialised"},
        {"cascade", 4, {"fc2", "fc1", "conv2", "conv1"}, "all 4 layers re-initialised"},
        {"cascade:draws=same", 4, {"fc2", "fc1", "conv2", "conv1"}, "all 4 layers re-initialised"},
        {"bottom-up", 4, {"conv1", "conv2", "fc1", "fc2"}, "all 4 layers re-initialised"},
        {"independent", 4, {"fc2", "fc1", "conv2", "conv1"}, "layer \"conv1\" re-initialised"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = rows[i].randomisation;
        sal_check_args a = ask("params", "random-from-params");
        a.randomisation = name;
        sal_verdict *v = run_check(name, &a);
        expect_outcome(name, v, SAL_PASS, "");
        if (v->n_steps != rows[i].n) fail_msg("%s: %zu steps", name, v->n_steps);
        for (size_t k = 0; k < v->n_steps; k++) {
            if (strcmp(v->steps[k].step, rows[i].steps[k]))
                fail_msg("%s: step %zu is %s", name, k, v->steps[k].step);
            assert_int_equal(v->steps[k].outcome, SAL_PASS);
            assert_string_equal(v->steps[k].check, "params");
        }
        if (strcmp(v->steps[v->n_steps - 1].change, rows[i].last_change))
            fail_msg("%s: %s", name, v->steps[v->n_steps - 1].change);
        assert_string_equal(v->randomisation, name);
        sal_verdict_free(v);
    }
}

/* What each step leaves as trained, seen by a method that is handed the model. */
static int look_at_layers(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                          float *map)
{
    (void)x, (void)target, (void)map;
    unsigned changed = 0;
    for (size_t i = 0; i < model->n_params; i += 2) /* weights */
        if (memcmp(sal_params_get(model->params, i), sal_params_get(world.net.params, i),
                   sal_params_size(model->params, i) * sizeof(float)))
            changed |= 1u << i / 2;
    unsigned *seen = (unsigned *)(uintptr_t)m->context;
    seen[changed]++;
    return 0;
}

static void layers_that_steps_change(void **state)
{
    enum { CONV1 = 1, CONV2 = 2, FC1 = 4, FC2 = 8, ALL = 15 };
    static const struct {
        const char *randomisation;
        unsigned sets[5]; /* of layers that are random; 0 ends */
    } rows[] = {{"top", {FC2, ALL}},
                {"full", {ALL}},
                {"cascade", {FC2, FC2 | FC1, FC2 | FC1 | CONV2, ALL}},
                {"bottom-up", {CONV1, CONV1 | CONV2, CONV1 | CONV2 | FC1, ALL}},
                {"independent", {FC2, FC1, CONV2, CONV1, ALL}}}; /* the last: the pool */
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned seen[16] = {0}, want = 1; /* the trained model is seen always */
        mixed_method mix = {.params = 1, .size = PIXELS, .also = look_at_layers, .context = seen};
        sal_own_method own = mixed(&mix, "looks");
        sal_check_args a = ask("params", NULL);
        a.own_method = &own;
        a.randomisation = rows[i].randomisation;
        expect_verdict(rows[i].randomisation, &a, SAL_PASS, "");
        for (size_t k = 0; k < 5 && rows[i].sets[k]; k++) want |= 1u << rows[i].sets[k];
        for (unsigned k = 0; k < 16; k++)
            if (!seen[k] != !(want >> k & 1))
                fail_msg("%s: layers %#x were random %u times", rows[i].randomisation, k, seen[k]);
    }
}

static void pictures_of_edges(void **state)
{
    static const char *const pictures[] = {"sobel", "canny", "input"};
    (void)state;
    sal_check_args a = ask("edges", "random");
    sal_verdict *v = run_check("random", &a);
    expect_outcome("random", v, SAL_PASS, "");
    assert_int_equal(v->n_steps, 3);
    for (size_t i = 0; i < 3; i++) assert_string_equal(v->steps[i].step, pictures[i]);
    sal_verdict_free(v);
    for (size_t i = 0; i < 3;
         i++) { /* each picture is caught as itself; what comes after is not asked */
        a.method = pictures[i];
        v = run_check(pictures[i], &a);
        expect_outcome(pictures[i], v, SAL_FAIL, "");
        assert_near(pictures[i], decisive(v)->mean_a, 1, 1e-12);
        if (v->decisive != i || v->n_steps != i + 1)
            fail_msg("%s: caught at step %zu of %zu", pictures[i], v->decisive, v->n_steps);
        sal_verdict_free(v);
    }
}

/* ---- how they make one ---------------------------------------------------------------------- */

/* Each step is the rule with its number of steps: a fail needs more of them, a pass does not. */
static void steps_follow_the_rule(void **state)
{
    static const struct {
        const char *check, *method, *randomisation;
        double lowest;
        size_t steps;
    } rows[] = {{"params", "gradient", "cascade", 0, 4},
                {"params", "sobel", "cascade", 0, 4},
                {"params", "guided-backprop", "independent", 0, 4},
                {"params", "sobel", "full", 0, 1},
                {"edges", "input", NULL, 0, 3},
                {"edges", "gradient", NULL, 0, 3},
                {"sane", "sobel", NULL, 0, 3},
                {"sane", "random-from-params", NULL, 0, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask(rows[i].check, rows[i].method);
        char name[96];
        a.randomisation = rows[i].randomisation;
        snprintf(name, sizeof name, "%s of %s", rows[i].check, rows[i].method);
        sal_verdict *v = run_check(name, &a);
        for (size_t k = 0; k < v->n_steps; k++) {
            const sal_step_verdict *s = &v->steps[k];
            sal_draw draws[256];
            sal_decision want;
            sal_rule rule = {.limit = s->limit,
                             .alpha = v->alpha,
                             .highest = 1,
                             .fixed_r = true,
                             .steps = rows[i].steps,
                             .mean = s->statistic_name != 'D'};
            for (size_t j = 0; j < s->n_records; j++)
                draws[j] = (sal_draw){s->records[j].r, s->records[j].a, s->records[j].u,
                                      s->records[j].defined};
            assert_int_equal(sal_decide(&rule, draws, s->n_records, 0, &want, NULL), SAL_OK);
            if (s->outcome != want.outcome || s->draws != want.stop)
                fail_msg("%s: step %zu: %s after %zu draws, by the rule %s after %zu", name, k,
                         sal_outcome_name(s->outcome), s->draws, sal_outcome_name(want.outcome),
                         want.stop);
            assert_near(name, s->low, want.low, 0);
            assert_near(name, s->high, want.high, 0);
        }
        sal_verdict_free(v);
    }
}

/* A step is the same draws whatever steps come with it, and so needs no fewer to fail. */
static void a_fail_needs_more_among_steps(void **state)
{
    (void)state;
    sal_check_args a = ask("params", "sobel");
    sal_verdict *alone = run_check("top", &a);
    a.randomisation = "cascade";
    sal_verdict *first = run_check("cascade", &a);
    assert_int_equal(first->n_steps, 1); /* a fail ends it */
    assert_true(first->steps[0].draws > alone->steps[0].draws);
    expect_same_draws("top and first of cascade", &alone->steps[0], &first->steps[0],
                      alone->steps[0].draws);
    sal_verdict_free(alone);
    sal_verdict_free(first);
}

/* What is made of a set of outcomes: fail over invalid over inconclusive over pass; the first of
 * the worst decides. */
static void expect_combined(const char *name, const sal_verdict *v)
{
    static const int severity[] = {
        [SAL_PASS] = 0, [SAL_INCONCLUSIVE] = 1, [SAL_INVALID] = 2, [SAL_FAIL] = 3};
    size_t worst = 0;
    for (size_t i = 0; i < v->n_steps; i++)
        if (severity[v->steps[i].outcome] > severity[v->steps[worst].outcome]) worst = i;
    if (v->outcome != v->steps[worst].outcome || v->decisive != worst)
        fail_msg("%s: %s by step %zu, wanted step %zu", name, sal_outcome_name(v->outcome),
                 v->decisive, worst);
}

/* With so few draws that one step is decided and another not. */
static void passes_and_undecided_steps(void **state)
{
    (void)state;
    sal_check_args a = ask("edges", "gradient");
    sal_verdict *whole = run_check("whole", &a);
    size_t least = 256, most = 0;
    for (size_t i = 0; i < 3; i++) {
        least = whole->steps[i].draws < least ? whole->steps[i].draws : least;
        most = whole->steps[i].draws > most ? whole->steps[i].draws : most;
    }
    expect_outcome("whole", whole, SAL_PASS, "");
    assert_true(least < most);
    a.max_draws = most - 1;
    sal_verdict *v = run_check("cut", &a);
    expect_outcome("cut", v, SAL_INCONCLUSIVE, "undecided after ");
    assert_int_equal(v->n_steps, 3);
    expect_combined("cut", v);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(v->steps[i].outcome,
                         whole->steps[i].draws < most ? SAL_PASS : SAL_INCONCLUSIVE);
    sal_verdict_free(v);
    sal_verdict_free(whole);
}

/* Slopes have a Sobel picture but no Canny edge: that step is invalid. */
static void invalid_among_others(void **state)
{
    (void)state;
    float x[20 * PIXELS];
    for (size_t i = 0; i < 20 * PIXELS; i++) {
        size_t p = i % PIXELS, k = i / PIXELS;
        double slope = 1 + (double)k / 7, row = (double)(p / BARS_SIDE),
               column = (double)(p % BARS_SIDE);
        x[i] = (float)(1e-3 * (row * slope + column * (2 - slope)));
    }
    sal_tensor *slopes = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){20, 1, BARS_SIDE, BARS_SIDE},
                                        &slopes, NULL),
                     SAL_OK);
    const struct {
        const char *name, *method;
        double alpha;
        size_t max_draws;
        sal_outcome outcome, steps[3];
    } rows[] = {
        {"with passes", "random", 0.01, 64, SAL_INVALID, {SAL_PASS, SAL_INVALID, SAL_PASS}},
        {"with undecided ones",
         "random",
         1e-9,
         18,
         SAL_INVALID,
         {SAL_INCONCLUSIVE, SAL_INVALID, SAL_INCONCLUSIVE}},
        {"with a fail after it", "input", 0.01, 256, SAL_FAIL, {SAL_PASS, SAL_INVALID, SAL_FAIL}},
    };
    const int64_t one_class[20] = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("edges", rows[i].method);
        a.inputs = slopes;
        a.labels = one_class; /* the network has never seen a slope */
        a.alpha = rows[i].alpha;
        a.max_draws = rows[i].max_draws;
        sal_verdict *v = run_check(rows[i].name, &a);
        for (size_t k = 0; k < 3; k++)
            if (v->n_steps != 3 || v->steps[k].outcome != rows[i].steps[k])
                fail_msg("%s: step %zu of %zu is %s", rows[i].name, k, v->n_steps,
                         sal_outcome_name(v->steps[k].outcome));
        expect_outcome(rows[i].name, v, rows[i].outcome, NULL);
        expect_combined(rows[i].name, v);
        sal_verdict_free(v);
    }
    sal_tensor_free(slopes);
}

/* ---- sane ----------------------------------------------------------------------------------- */

static void parts_of_sane(void **state)
{
    static const char *const parts[] = {"params", "reproducible", "faithful"};
    mixed_method noisy = {.params = 0.3, .noise = 0.7, .size = PIXELS};
    const sal_own_method own = mixed(&noisy, "noisy");
    const struct {
        const char *name, *method;
        const sal_own_method *own;
        sal_outcome outcome;
        size_t decisive; /* part */
        const char *claim;
    } rows[] = {
        {"sound", "gradient", NULL, SAL_PASS, 0, "is sane"},
        {"edges", "sobel", NULL, SAL_FAIL, 0, "does not depend on params"},
        {"own noise", NULL, &own, SAL_FAIL, 1, "does not repeat itself"},
        {"noise of the parameters", "random-from-params", NULL, SAL_FAIL, 2,
         "does not point at what moves the logit"},
        {"no map", "constant", NULL, SAL_INVALID, 0, "does not get a verdict on params"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("sane", rows[i].method);
        a.own_method = rows[i].own;
        if (rows[i].outcome == SAL_PASS) {
            a.model = line.model;
            a.inputs = numbers;
        }
        sal_verdict *v = run_check(rows[i].name, &a);
        expect_outcome(rows[i].name, v, rows[i].outcome, NULL);
        expect_combined(rows[i].name, v);
        if (v->decisive != rows[i].decisive || strcmp(v->claim, rows[i].claim))
            fail_msg("%s: part %zu: \"%s\"", rows[i].name, v->decisive, v->claim);
        for (size_t k = 0; k < v->n_steps; k++) assert_string_equal(v->steps[k].check, parts[k]);
        assert_int_equal(v->n_steps, rows[i].outcome == SAL_FAIL ? rows[i].decisive + 1 : 3);
        assert_string_equal(v->check, "sane");
        sal_verdict_free(v);
    }
}

/* Parts take their own limits and the cascade its steps: the parts of a composed check are steps.
 */
static void sane_with_a_cascade(void **state)
{
    (void)state;
    sal_check_args a = ask("sane", "random-from-params");
    a.randomisation = "cascade";
    sal_verdict *v = run_check("cascade", &a);
    expect_outcome("cascade", v, SAL_FAIL, "");
    assert_int_equal(v->n_steps, 6);
    assert_int_equal(v->decisive, 5);
    assert_near("limit of params", v->steps[0].limit, 0.5, 0);
    assert_near("limit of faithful", v->steps[5].limit, 0.65, 0);
    assert_string_equal(v->steps[3].step, "conv1");
    assert_string_equal(v->steps[4].step, "");
    sal_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_randomisations),
        cmocka_unit_test(layers_that_steps_change),
        cmocka_unit_test(pictures_of_edges),
        cmocka_unit_test(steps_follow_the_rule),
        cmocka_unit_test(a_fail_needs_more_among_steps),
        cmocka_unit_test(passes_and_undecided_steps),
        cmocka_unit_test(invalid_among_others),
        cmocka_unit_test(parts_of_sane),
        cmocka_unit_test(sane_with_a_cascade),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
