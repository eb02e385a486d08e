/* INVALID: models, steps and engines that do not meet a precondition, with the number that shows
 * it; and what must not be called invalid. */
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"
#include "toy_engine.h"

#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIXELS = WHOLE_SIDE * WHOLE_SIDE, N = WHOLE_INPUTS };

static test_net net, twin;
static sal_tensor *inputs;

static int make(void **state)
{
    (void)state;
    net = whole_net(NULL, "net", 1);
    twin = whole_net(NULL, "twin", 2);
    inputs = whole_inputs(N);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_net(&net);
    free_net(&twin);
    sal_tensor_free(inputs);
    return 0;
}

static sal_check_args ask(const char *check, const char *method)
{
    return (sal_check_args){
        .check = check, .model = net.model, .inputs = inputs, .method = method, .twin = twin.model};
}

static const char *const checks[] = {"params",       "labels",   "edges",
                                     "reproducible", "faithful", "sane"};
enum { CHECKS = sizeof checks / sizeof checks[0] };

static const test_net *deep; /* of more than one layer */

/* A network of four layers, random, and bars to look at. */
typedef struct {
    test_net net;
    sal_tensor *inputs;
} rig;

static void set_up(rig *r)
{
    const int64_t dims[4] = {N, 1, BARS_SIDE, BARS_SIDE};
    r->net = bars_net(NULL, 5);
    assert_int_equal(sal_tensor_create(NULL, 4, dims, &r->inputs, NULL), SAL_OK);
    sal_rng rng = sal_rng_for(1, "rig", 0);
    for (size_t i = 0; i < sal_tensor_count(r->inputs); i++)
        sal_tensor_data(r->inputs)[i] = (float)sal_rng_normal_(&rng);
    deep = &r->net;
}

static void tear_down(rig *r)
{
    free_net(&r->net);
    sal_tensor_free(r->inputs);
    deep = NULL;
}

/* ---- models that have not learned ----------------------------------------------------------- */

static int64_t said(size_t input)
{
    float logits[3 * N];
    assert_int_equal(sal_model_predict(net.model, inputs, logits, NULL), SAL_OK);
    const float *y = logits + 3 * input;
    return y[1] > y[0] ? (y[2] > y[1] ? 2 : 1) : (y[2] > y[0] ? 2 : 0);
}

/* The first place from which on n inputs get two answers that differ, one after the other. */
static size_t where_answers_differ(size_t n)
{
    size_t at = 0;
    while (at + n < N && said(at) == said(at + 1)) at++;
    assert_true(said(at) != said(at + 1) || n == N);
    return at;
}

/* Labels of which the network gets the first `right` ones. */
static void label_inputs(size_t first, size_t n, size_t right, int64_t *labels)
{
    for (size_t i = 0; i < n; i++) {
        int64_t answer = said(first + i);
        labels[i] = i < right ? answer : (answer + 1 + (int64_t)(i % 2)) % 3;
    }
}

static void models_at_chance(void **state)
{
    static const struct {
        const char *name;
        size_t n, right;
        const char *reason; /* NULL: not invalid */
    } rows[] = {
        {"none right", N, 0, "model not trained: it is right on 0 of 20 inputs of 3 classes"},
        {"a third right", N, 7,
         "model not trained: it is right on 7 of 20 inputs of 3 classes, "
         "which chance explains"},
        {"half right", N, 10, "model not trained: it is right on 10 of 20 inputs"},
        {"most right", N, 16, NULL},
        {"all right", N, N, NULL},
        {"all of four right", 4, 4, NULL}, /* chance explains it, but nothing speaks against it */
        {"three of four right", 4, 3, NULL},
        {"none of four right", 4, 0, "model not trained: it is right on 0 of 4 inputs"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t labels[N];
        sal_tensor *t = NULL;
        size_t n = rows[i].n, first = where_answers_differ(n);
        assert_int_equal(sal_tensor_slice(inputs, (int64_t)first, (int64_t)n, &t, NULL), SAL_OK);
        label_inputs(first, n, rows[i].right, labels);
        for (size_t k = 0; k < CHECKS; k++) {
            sal_check_args a = ask(checks[k], "random-from-params");
            a.labels = labels;
            a.inputs = t;
            if (rows[i].reason) {
                expect_invalid(rows[i].name, &a, rows[i].reason);
                continue;
            }
            sal_verdict *v = run_check(rows[i].name, &a);
            if (strstr(decisive(v)->reason, "not trained"))
                fail_msg("%s, %s: %s", rows[i].name, checks[k], decisive(v)->reason);
            sal_verdict_free(v);
        }
        sal_tensor_free(t);
    }
}

static void always_one_class(void **state)
{
    (void)state;
    const float bias[3] = {0, 10000, 0};
    int64_t all_one[N], mixed_labels[N];
    test_net one = whole_net(NULL, "one", 1);
    sal_tensor *few = NULL;
    assert_int_equal(sal_tensor_slice(inputs, 0, 15, &few, NULL), SAL_OK);
    set_param(&one, "fc.bias", bias);
    sal_model_free(one.model);
    make_model(&one, sal_graph_find(one.g, "input"), sal_graph_find(one.g, "fc"));
    for (size_t i = 0; i < N; i++) {
        all_one[i] = 1;
        mixed_labels[i] = (int64_t)(i % 2);
    }
    const struct {
        const char *name;
        const sal_tensor *inputs;
        const int64_t *labels;
        const char *reason;
    } rows[] = {
        {"no labels", inputs, NULL,
         "model not trained: it says class 1 for all 20 inputs (if they are "
         "all of one class, say so with .labels)"},
        {"labels of two classes", inputs, mixed_labels,
         "model not trained: it says class 1 for all 20 inputs"},
        {"labels of that class", inputs, all_one, NULL},
        {"few inputs", few, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("reproducible", "gradient-x-input");
        a.model = one.model;
        a.inputs = rows[i].inputs;
        a.labels = rows[i].labels;
        if (rows[i].reason)
            expect_invalid(rows[i].name, &a, rows[i].reason);
        else
            expect_verdict(rows[i].name, &a, SAL_PASS, "");
    }
    sal_tensor_free(few);
    free_net(&one);
}

/* A regression has no classes to be at chance on. */
static void regressions(void **state)
{
    (void)state;
    test_net line = linear_net(NULL, 3, (const int64_t[]){1, WHOLE_SIDE, WHOLE_SIDE}, 1);
    for (size_t k = 0; k < CHECKS; k++) {
        sal_check_args a = ask(checks[k], "random-from-params");
        a.model = line.model;
        a.twin = NULL;
        if (!strcmp(checks[k], "labels")) continue;
        sal_verdict *v = run_check(checks[k], &a);
        if (v->outcome == SAL_INVALID) fail_msg("%s: %s", checks[k], decisive(v)->reason);
        sal_verdict_free(v);
    }
    free_net(&line);
}

/* ---- nothing to compare --------------------------------------------------------------------- */

/* One picture for every input and every model: repeated maps are no more alike than unrelated
 * ones. */
static void one_picture_for_all(void **state)
{
    static const char *const compare[] = {"params", "labels"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        mixed_method mix = {.same = 1, .size = PIXELS};
        sal_own_method own = mixed(&mix, "poster");
        sal_check_args a = ask(compare[i], NULL);
        a.own_method = &own;
        expect_invalid(compare[i], &a, "nothing to compare: ");
    }
}

/* Trained and wholly random models draw the same picture, those with a random output layer do not:
 * the bets pass before the one on "nothing" is won, and the means say it at the end. */
static int poster_but_for_top(mixed_method *m, const sal_model *model, const float *x,
                              int64_t target, float *map)
{
    (void)target;
    bool top = whose_params(model, deep->model, NULL) == RANDOM_TOP;
    uint64_t seed = sal_hash_(0, x, m->size * sizeof *x);
    sal_rng rng = sal_rng_for(top ? ~seed : seed, "poster", 0);
    for (size_t i = 0; i < m->size; i++)
        map[i] = (top ? 0 : (float)(i % 7)) + 0.3f * (float)sal_rng_normal_(&rng);
    return 0;
}

static void nothing_at_the_stop(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    mixed_method mix = {.size = BARS_SIDE * BARS_SIDE, .also = poster_but_for_top};
    sal_own_method own = mixed(&mix, "poster but for top");
    sal_check_args a = {
        .check = "params", .model = r.net.model, .inputs = r.inputs, .own_method = &own};
    expect_invalid("at the stop", &a,
                   "nothing to compare: repeated maps are alike by 1, unrelated ones "
                   "by 0.9");
    tear_down(&r);
}

/* ---- parameters that change nothing --------------------------------------------------------- */

static void parameters_that_change_nothing(void **state)
{
    (void)state;
    float flat[3 * PIXELS], zero[3] = {0};
    for (size_t i = 0; i < 3 * PIXELS; i++) flat[i] = 1;
    test_net same = whole_net(NULL, "same", 1);
    set_param(&same, "fc.weight", flat);
    set_param(&same, "fc.bias", zero);
    sal_model_free(same.model);
    make_model(&same, sal_graph_find(same.g, "input"), sal_graph_find(same.g, "fc"));
    sal_tensor *few = NULL;
    assert_int_equal(sal_tensor_slice(inputs, 0, 8, &few, NULL), SAL_OK);
    sal_check_args a = ask("params", "input");
    a.model = same.model;
    a.inputs = few;
    a.initialiser = "permute";
    expect_invalid("equal weights", &a, "the randomised parameters did not change a single logit");
    a.check = "sane";
    expect_invalid("sane", &a, "the randomised parameters did not change a single logit");
    a.check = "params";
    a.initialiser = NULL; /* he-normal changes them */
    expect_verdict("its own initialiser", &a, SAL_FAIL, "");
    sal_tensor_free(few);
    free_net(&same);
}

/* Each step by itself: a layer that cannot change is no reason to fail a method. */
static void a_step_that_changes_nothing(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    float flat[4 * 9], zero[4] = {0};
    for (size_t i = 0; i < 4 * 9; i++) flat[i] = 0.1f;
    set_param(&r.net, "conv1.weight", flat);
    set_param(&r.net, "conv1.bias", zero);
    sal_model_free(r.net.model);
    make_model(&r.net, sal_graph_find(r.net.g, "input"), sal_graph_find(r.net.g, "fc2"));
    sal_check_args a = {.check = "params",
                        .model = r.net.model,
                        .inputs = r.inputs,
                        .method = "random-from-params",
                        .randomisation = "independent",
                        .initialiser = "permute"};
    sal_verdict *v = run_check("independent", &a);
    expect_outcome("independent", v, SAL_INVALID,
                   "the randomised parameters did not change a single logit");
    assert_int_equal(v->decisive, 3);
    assert_string_equal(decisive(v)->step, "conv1");
    for (size_t i = 0; i < 3; i++) assert_int_equal(v->steps[i].outcome, SAL_PASS);
    sal_verdict_free(v);
    tear_down(&r);
}

/* ---- engines -------------------------------------------------------------------------------- */

static float toy_x[6][TOY_INPUTS] = {{1, 2, 3, 4, 5, 6}, {6, 1, 5, 2, 4, 3}, {0, 1, 0, 2, 0, 3},
                                     {3, 0, 2, 0, 1, 0}, {2, 2, 0, 0, 2, 2}, {5, 4, 3, 2, 1, 0}};

static int ignore_params(void *self, size_t i, const float *values)
{
    (void)self, (void)i, (void)values;
    return 0;
}

static int wrong_gradient(void *self, size_t n, const float *x, const int64_t *target, float *g)
{
    (void)self, (void)target;
    for (size_t i = 0; i < n * TOY_INPUTS; i++) g[i] = x[i];
    return 0;
}

static void engines_that_do_not_do(void **state)
{
    static const struct {
        const char *name;
        bool ignores, wrong;
        const char *method, *reason;
    } rows[] = {
        {"set_params is ignored", true, false, "own",
         "adapter 'toy_adapter': set_params does not change the logits: the engine ignores it"},
        {"input_gradient is wrong", false, true, "gradient",
         "adapter 'toy_adapter': input_gradient is wrong: "}};
    (void)state;
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, toy_x[0], 4, (const int64_t[]){6, 1, 2, 3}, &t, NULL),
                     SAL_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        toy_engine toy;
        make_toy(&toy);
        if (rows[i].ignores) toy.ops.set_params = ignore_params;
        if (rows[i].wrong) toy.ops.input_gradient = wrong_gradient;
        sal_model *m = wrap_toy(&toy);
        sal_check_args a = {.check = "params", .model = m, .inputs = t, .method = rows[i].method};
        expect_invalid(rows[i].name, &a, rows[i].reason);
        sal_model_free(m);
    }
    sal_tensor_free(t);
}

/* Noise of its own from the `after`-th call on, whatever it is given. */
static int restless(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                    float *map)
{
    (void)model, (void)x, (void)target;
    size_t after = *(const size_t *)m->context;
    if (m->calls >= after) map[0] += (float)(m->calls - after + 1);
    m->calls++;
    return 0;
}

static void engines_that_keep_state(void **state)
{
    static const size_t late = 25;
    static const char *const compare[] = {"params", "labels", "edges"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        mixed_method mix = {.params = 1, .size = PIXELS, .also = restless, .context = &late};
        sal_own_method own = mixed(&mix, "restless");
        sal_check_args a = ask(compare[i], NULL);
        a.own_method = &own;
        a.min_draws = 64;
        expect_invalid(compare[i], &a,
                       "came out otherwise when asked for again: the engine keeps state "
                       "between calls");
    }
}

/* A method that is known not to repeat itself is measured: r is no longer 1. */
static void methods_that_do_not_repeat_themselves(void **state)
{
    (void)state;
    mixed_method mix = {.params = 1, .count = 0.5, .size = PIXELS};
    sal_own_method own = mixed(&mix, "shaky");
    sal_check_args a = ask("params", NULL);
    a.own_method = &own;
    sal_verdict *v = run_check("shaky", &a);
    expect_outcome("shaky", v, SAL_PASS, "");
    assert_true(v->measured_r);
    assert_near("r", decisive(v)->mean_r, 0.8, 0.06);
    sal_verdict_free(v);
    a.own_method = NULL;
    a.method = "gradient";
    v = run_check("gradient", &a);
    assert_false(v->measured_r);
    sal_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_at_chance),
        cmocka_unit_test(always_one_class),
        cmocka_unit_test(regressions),
        cmocka_unit_test(one_picture_for_all),
        cmocka_unit_test(nothing_at_the_stop),
        cmocka_unit_test(parameters_that_change_nothing),
        cmocka_unit_test(a_step_that_changes_nothing),
        cmocka_unit_test(engines_that_do_not_do),
        cmocka_unit_test(engines_that_keep_state),
        cmocka_unit_test(methods_that_do_not_repeat_themselves),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
