/* Outcomes with known answers: methods whose statistic follows from their making, and the rule
 * applied once more, by stats.h, to the draws that a verdict keeps. */
#define _XOPEN_SOURCE 700
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/stats.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS = BARS_SIDE * BARS_SIDE };

static small_world world;
static test_net line; /* linear, of whole numbers */
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
    return (sal_check_args){.check = check,
                            .model = world.net.model,
                            .inputs = world.inputs,
                            .method = method,
                            .twin = world.twin.model};
}

/* Decides the kept draws again, as one of `steps` steps. */
static void expect_the_rule(const char *name, const sal_verdict *v, const sal_step_verdict *s,
                            const sal_rule *terms)
{
    sal_draw draws[256];
    sal_decision want;
    sal_rule rule = *terms;
    rule.limit = s->limit;
    rule.alpha = v->alpha;
    rule.mean = s->statistic_name != 'D';
    rule.fixed_r = !v->measured_r;
    for (size_t i = 0; i < s->n_records; i++) {
        const sal_draw_record *d = &s->records[i];
        draws[i] = (sal_draw){d->r, d->a, d->u, d->defined};
        if (d->draw != i || d->input == d->other)
            fail_msg("%s: draw %zu is number %zu", name, i, d->draw);
    }
    assert_int_equal(sal_decide(&rule, draws, s->n_records, 0, &want, NULL), SAL_OK);
    if (s->outcome != want.outcome || s->draws != want.stop || s->n_records != s->draws)
        fail_msg("%s: %s after %zu draws, by the rule %s after %zu", name,
                 sal_outcome_name(s->outcome), s->draws, sal_outcome_name(want.outcome), want.stop);
    assert_near(name, s->low, want.low, 0);
    assert_near(name, s->high, want.high, 0);
    assert_near(name, s->mean_a, want.mean_a, 1e-12);
    assert_near(name, s->statistic, want.statistic, 1e-12);
}

/* An outcome and its interval cannot disagree. */
static void expect_interval(const char *name, const sal_step_verdict *s)
{
    bool fits = s->outcome == SAL_PASS   ? s->low > s->limit && s->low <= s->high
                : s->outcome == SAL_FAIL ? s->high < s->limit && s->low <= s->high
                                         : s->low <= s->limit && s->limit <= s->high;
    if (!fits)
        fail_msg("%s: %s with [%g, %g] and limit %g", name, sal_outcome_name(s->outcome), s->low,
                 s->high, s->limit);
}

static void methods_of_the_library(void **state)
{
    static const struct {
        const char *net, *check, *method;
        sal_outcome outcome;
        double low, high; /* of the statistic */
    } rows[] = {
        {"bars", "params", "gradient", SAL_PASS, 0.65, 0.9},
        {"line", "params", "gradient", SAL_PASS, 0.8, 1.1},
        {"bars", "params", "guided-backprop", SAL_FAIL, 0.1, 0.25},
        {"bars", "params", "sobel", SAL_FAIL, 0, 0},
        {"bars", "params", "canny", SAL_FAIL, 0, 0},
        {"bars", "params", "input", SAL_FAIL, 0, 0},
        {"bars", "params", "random", SAL_FAIL, 0, 0}, /* its noise belongs to the input */
        {"bars", "params", "random-from-params", SAL_PASS, 0.9, 1.1},
        {"bars", "labels", "gradient", SAL_PASS, 0.9, 1.1},
        {"bars", "labels", "sobel", SAL_FAIL, 0, 0},
        {"bars", "labels", "input", SAL_FAIL, 0, 0},
        {"bars", "reproducible", "gradient", SAL_PASS, 1, 1},
        {"bars", "reproducible", "sobel", SAL_PASS, 1, 1},
        {"bars", "reproducible", "smoothgrad", SAL_PASS, 0.8, 0.99},
        {"bars", "reproducible", "random", SAL_FAIL, 0, 0.2},
        {"line", "faithful", "gradient", SAL_PASS, 0.8, 1},
        {"bars", "faithful", "random-from-params", SAL_FAIL, 0.3, 0.6},
        {"bars", "faithful", "sobel", SAL_FAIL, 0.1, 0.5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask(rows[i].check, rows[i].method);
        char name[64];
        snprintf(name, sizeof name, "%s of %s, %s", rows[i].check, rows[i].method, rows[i].net);
        if (!strcmp(rows[i].net, "line")) {
            a.model = line.model;
            a.inputs = numbers;
        }
        sal_verdict *v = run_check(name, &a);
        const sal_step_verdict *s = decisive(v);
        sal_rule rule = {.lowest = 0, .highest = 1, .steps = 1};
        expect_outcome(name, v, rows[i].outcome, "");
        double slack = 1e-12; /* a map is like itself to rounding */
        if (!(s->statistic >= rows[i].low - slack && s->statistic <= rows[i].high + slack))
            fail_msg("%s: %c is %g", name, s->statistic_name, s->statistic);
        expect_the_rule(name, v, s, &rule);
        expect_interval(name, s);
        sal_verdict_free(v);
    }
}

/* a is the share of the squared weights that the parameters do not touch. */
static void the_dial(void **state)
{
    static const struct {
        const char *name;
        double params, input;
        sal_outcome outcome;
    } rows[] = {{"follows the parameters", 1, 0, SAL_PASS},
                {"a tenth picture", 0.9, 0.1, SAL_PASS},
                {"a third picture", 0.7, 0.3, SAL_PASS},
                {"on the limit, floor counted", 0.48, 0.52, SAL_INCONCLUSIVE},
                {"a third parameters", 0.3, 0.7, SAL_FAIL},
                {"all picture", 0, 1, SAL_FAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double p = rows[i].params * rows[i].params, q = rows[i].input * rows[i].input;
        mixed_method mix = {.params = rows[i].params, .input = rows[i].input, .size = PIXELS};
        sal_own_method own = mixed(&mix, "dial");
        sal_check_args a = ask("params", NULL);
        sal_rule rule = {.lowest = 0, .highest = 1, .steps = 1};
        a.own_method = &own;
        a.min_draws = 64;
        sal_verdict *v = run_check(rows[i].name, &a);
        const sal_step_verdict *s = decisive(v);
        if (v->outcome != rows[i].outcome)
            fail_msg("%s: %s", rows[i].name, sal_outcome_name(v->outcome));
        assert_near(rows[i].name, s->mean_r, 1, 0);
        /* folding leaves the mean |r| of unrelated maps: sqrt(2 / (pi n)) = .08; the error is
         * .1 a pair, whose parts repeat: 24 inputs, so .06 is three standard errors */
        double floor = sqrt(2 / (3.14159265358979 * PIXELS));
        assert_near(rows[i].name, s->mean_u, floor, 0.06);
        assert_near(rows[i].name, s->mean_a, fmax(q / (p + q), floor), 0.06);
        assert_near(rows[i].name, s->statistic, (1 - s->mean_a) / (1 - s->mean_u), 1e-12);
        if (rows[i].outcome == SAL_INCONCLUSIVE) expect_the_rule(rows[i].name, v, s, &rule);
        expect_interval(rows[i].name, s);
        assert_string_equal(v->method, "dial");
        sal_verdict_free(v);
    }
}

static void noise_and_repeating(void **state)
{
    static const struct {
        const char *name;
        double noise;
        sal_outcome outcome;
    } rows[] = {{"no noise", 0, SAL_PASS},
                {"a third", 0.3, SAL_PASS},
                {"a half", 0.5, SAL_INCONCLUSIVE},
                {"two thirds", 0.7, SAL_FAIL},
                {"all", 1, SAL_FAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double n = rows[i].noise * rows[i].noise, p = (1 - rows[i].noise) * (1 - rows[i].noise);
        mixed_method mix = {.noise = rows[i].noise, .params = 1 - rows[i].noise, .size = PIXELS};
        sal_own_method own = mixed(&mix, "noisy");
        sal_check_args a = ask("reproducible", NULL);
        a.own_method = &own;
        a.min_draws = 64;
        a.max_draws = 128;
        sal_verdict *v = run_check(rows[i].name, &a);
        if (v->outcome != rows[i].outcome)
            fail_msg("%s: %s", rows[i].name, sal_outcome_name(v->outcome));
        assert_near(rows[i].name, decisive(v)->statistic, fmax(p / (p + n), 0.08), 0.06);
        if (decisive(v)->statistic_name != 'R') fail_msg("%s: not R", rows[i].name);
        sal_verdict_free(v);
    }
}

/* ---- faithful ----------------------------------------------------------------------------- */

/* A linear network looks at a fifth of the pixels, pictures are flat: so a set of pixels moves the
 * logit by how many of these are in it. */
enum { SIDE = 5, ALL = SIDE * SIDE, TOP = ALL / 5, FLAT = 8 };

static int rank_pixels(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                       float *map)
{
    (void)model, (void)x, (void)target;
    const float *weights = m->context;
    for (size_t i = 0; i < ALL; i++) map[i] = weights[i];
    return 0;
}

static void faithful_by_counting(void **state)
{
    (void)state;
    float w[2 * ALL] = {0}, last[ALL], x[FLAT * ALL];
    for (size_t i = 0; i < TOP; i++) w[3 * i] = 1;
    for (size_t i = 0; i < ALL; i++) last[i] = 1 - w[i];
    for (size_t i = 0; i < FLAT * ALL; i++) x[i] = (float)(i / ALL);
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, SIDE, SIDE}, 2);
    set_param(&net, "fc.weight", w);
    sal_model_free(net.model);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    sal_tensor *t = NULL;
    assert_int_equal(
        sal_tensor_view_of(NULL, x, 4, (const int64_t[]){FLAT, 1, SIDE, SIDE}, &t, NULL), SAL_OK);
    const struct {
        const char *name;
        const float *map;
        sal_outcome outcome;
        double low, high;
    } rows[] = {{"the pixels that count", w, SAL_PASS, 0.99, 1},
                {"the others", last, SAL_FAIL, 0, 0.3}};
    for (size_t i = 0; i < 2; i++) {
        mixed_method mix = {.size = ALL, .also = rank_pixels, .context = rows[i].map};
        sal_own_method own = mixed(&mix, "counter");
        int64_t targets[FLAT] = {0}; /* the other logit never moves */
        sal_check_args a = {.check = "faithful",
                            .model = net.model,
                            .inputs = t,
                            .own_method = &own,
                            .targets = targets};
        sal_verdict *v = run_check(rows[i].name, &a);
        const sal_step_verdict *s = decisive(v);
        expect_outcome(rows[i].name, v, rows[i].outcome, "");
        if (!(s->statistic >= rows[i].low && s->statistic <= rows[i].high))
            fail_msg("%s: F is %g", rows[i].name, s->statistic);
        sal_verdict_free(v);
    }
    sal_tensor_free(t);
    free_net(&net);
}

/* Ties count half: a logit that nothing moves gives every draw a half. */
static void faithful_with_ties(void **state)
{
    (void)state;
    mixed_method mix = {.input = 1, .size = PIXELS};
    sal_own_method own = mixed(&mix, "blind");
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, BARS_SIDE, BARS_SIDE}, 3);
    float zero[3 * PIXELS] = {0};
    set_param(&net, "fc.weight", zero);
    sal_model_free(net.model);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_slice(world.inputs, 0, 12, &t, NULL), SAL_OK);
    sal_check_args a = {.check = "faithful", .model = net.model, .inputs = t, .own_method = &own};
    sal_verdict *v = run_check("a logit that never moves", &a);
    for (size_t i = 0; i < v->steps[0].n_records; i++)
        assert_near("a tie", v->steps[0].records[i].a, 0.5, 0);
    expect_outcome("a logit that never moves", v, SAL_FAIL, "");
    sal_verdict_free(v);
    sal_tensor_free(t);
    free_net(&net);
}

/* ---- what a verdict says -------------------------------------------------------------------- */

static void what_a_verdict_says(void **state)
{
    static const struct {
        const char *check, *method;
        size_t max_draws;
        sal_outcome outcome;
        const char *claim, *metric, *randomisation, *change;
        char statistic;
        double limit;
    } rows[] = {
        {"params", "gradient", 0, SAL_PASS, "depends on params", "pearson-folded", "top",
         "output layer \"fc2\" re-initialised", 'D', 0.5},
        {"params", "sobel", 0, SAL_FAIL, "does not depend on params", "pearson-folded", "top",
         "output layer \"fc2\" re-initialised", 'D', 0.5},
        {"params", "sobel", 5, SAL_INCONCLUSIVE, "does not clearly depend on params or not",
         "pearson-folded", "top", "output layer \"fc2\" re-initialised", 'D', 0.5},
        {"params", "constant", 0, SAL_INVALID, "does not get a verdict on params", "pearson-folded",
         "top", "output layer \"fc2\" re-initialised", 'D', 0.5},
        {"labels", "sobel", 0, SAL_FAIL, "does not depend on labels", "pearson-folded", "",
         "against a twin trained on permuted labels", 'D', 0.5},
        {"edges", "sobel", 0, SAL_FAIL, "does not differ from a picture of its input",
         "pearson-abs", "", "compared with Sobel edges of the input, made without any model", 'D',
         0.5},
        {"reproducible", "random", 0, SAL_FAIL, "does not repeat itself", "pearson-folded", "",
         "the map made again with fresh noise", 'R', 0.5},
        {"faithful", "sobel", 0, SAL_FAIL, "does not point at what moves the logit", "", "",
         "the top 20 % of the pixels replaced by another input's", 'F', 0.65},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask(rows[i].check, rows[i].method);
        char name[64];
        a.max_draws = rows[i].max_draws;
        snprintf(name, sizeof name, "%s of %s", rows[i].check, rows[i].method);
        sal_verdict *v = run_check(name, &a);
        const sal_step_verdict *s = decisive(v);
        if (v->outcome != rows[i].outcome || strcmp(v->claim, rows[i].claim) ||
            strcmp(v->check, rows[i].check) || strcmp(v->method, rows[i].method) ||
            strcmp(v->metric, rows[i].metric) || strcmp(v->randomisation, rows[i].randomisation) ||
            strcmp(s->change, rows[i].change) || s->statistic_name != rows[i].statistic)
            fail_msg("%s: %s, \"%s\", metric \"%s\", randomisation \"%s\", change \"%s\"", name,
                     sal_outcome_name(v->outcome), v->claim, v->metric, v->randomisation,
                     s->change);
        assert_near(name, s->limit, rows[i].limit, 0);
        assert_near(name, v->alpha, 0.01, 0);
        assert_int_equal(v->seed, 0x5a11);
        assert_int_equal(v->inputs, BARS_INPUTS);
        assert_int_equal(v->distinct, BARS_INPUTS);
        assert_string_equal(v->model, "bars");
        assert_string_equal(v->picture, "");
        sal_verdict_free(v);
    }
}

/* Names with options are kept whole; an own method's name stands for itself only. */
static void names_in_a_verdict(void **state)
{
    mixed_method mix = {.params = 1, .size = PIXELS};
    const sal_own_method own = mixed(&mix, "mine"), nameless = mixed(&mix, NULL);
    const struct {
        const char *name, *method;
        const sal_own_method *own;
        const char *want;
    } rows[] = {
        {"options", "smoothgrad:samples=3,spread=0.1", NULL, "smoothgrad:samples=3,spread=0.1"},
        {"own without a method", NULL, &own, "mine"},
        {"own by its word", "own", &own, "mine"},
        {"own without a name", NULL, &nameless, "own"},
        {"own that is not asked for", "smoothgrad:samples=3", &own, "smoothgrad:samples=3"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("reproducible", rows[i].method);
        a.own_method = rows[i].own;
        sal_verdict *v = run_check(rows[i].name, &a);
        if (strcmp(v->method, rows[i].want)) fail_msg("%s: \"%s\"", rows[i].name, v->method);
        sal_verdict_free(v);
    }
}

static void hashes(void **state)
{
    (void)state;
    sal_check_args a = ask("reproducible", "sobel");
    sal_verdict *first = run_check("model", &a);
    a.model = world.twin.model;
    sal_verdict *other_model = run_check("twin", &a);
    a.model = world.net.model;
    sal_tensor *fewer = NULL;
    assert_int_equal(sal_tensor_slice(world.inputs, 1, 20, &fewer, NULL), SAL_OK);
    a.inputs = fewer;
    sal_verdict *other_inputs = run_check("fewer", &a);
    assert_true(first->model_hash != other_model->model_hash);
    assert_true(first->inputs_hash == other_model->inputs_hash);
    assert_true(first->inputs_hash != other_inputs->inputs_hash);
    assert_true(first->model_hash == other_inputs->model_hash);
    sal_verdict_free(first);
    sal_verdict_free(other_model);
    sal_verdict_free(other_inputs);
    sal_tensor_free(fewer);
}

static char *options_of(const char *name, const sal_check_args *a)
{
    sal_verdict *v = run_check(name, a);
    char *text = strdup(v->options);
    sal_verdict_free(v);
    return text;
}

/* What changes the question stands in the verdict, and two questions never look alike. */
static void options_in_a_verdict(void **state)
{
    static const char *const one[] = {"low=conv*", "top=fc*"}, *const other[] = {"all=conv*,fc*"};
    (void)state;
    sal_model *two = NULL, *whole = NULL;
    sal_check_args a = ask("params", "sobel");
    char *text[6];
    a.twin = NULL;
    assert_int_equal(sal_model_with_blocks(a.model, 2, one, &two, NULL), SAL_OK);
    assert_int_equal(sal_model_with_blocks(a.model, 1, other, &whole, NULL), SAL_OK);
    text[0] = options_of("none", &a);
    a.model = two;
    text[1] = options_of("two blocks", &a);
    a.model = whole;
    text[2] = options_of("one block", &a);
    a.model = world.net.model;
    a.initialiser = "gaussian";
    a.layer = "relu1";
    text[3] = options_of("names", &a);
    a = ask("labels", "sobel");
    text[4] = options_of("twin", &a);
    test_net third = bars_net(NULL, 77);
    a.twin = third.model;
    text[5] = options_of("another twin", &a);
    assert_string_equal(text[0], "");
    assert_string_equal(text[3], "layer=relu1 initialiser=gaussian");
    assert_int_equal(strncmp(text[1], "blocks=", 7), 0);
    assert_non_null(strstr(text[4], "twin_hash="));
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(text[i], text[k]);
    for (size_t i = 0; i < 6; i++) free(text[i]);
    free_net(&third);
    sal_model_free(two);
    sal_model_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_of_the_library), cmocka_unit_test(the_dial),
        cmocka_unit_test(noise_and_repeating),    cmocka_unit_test(faithful_by_counting),
        cmocka_unit_test(faithful_with_ties),     cmocka_unit_test(what_a_verdict_says),
        cmocka_unit_test(names_in_a_verdict),     cmocka_unit_test(hashes),
        cmocka_unit_test(options_in_a_verdict),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
