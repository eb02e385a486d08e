/* Labels: a twin given, or trained by a callback: a fresh permutation and seed for each, one bet
 * for each, and what becomes of callbacks that do not do what they should. */
#include "checks.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/nn.h>

#include <stdio.h>
#include <string.h>

/* A set so small that one dense layer learns any labels of it. */
enum { N = 18, CLASSES = 3, PIXELS = WHOLE_SIDE * WHOLE_SIDE, MOST_TWINS = 64 };

typedef struct {
    test_net net;
    sal_tensor *inputs;
    int64_t labels[N];
} task;

static task shared;

static test_net learn(const task *t, const int64_t *labels, uint64_t seed)
{
    sal_error err = {SAL_OK, ""};
    sal_fit_options o = {.epochs = 400, .learning_rate = 0.05, .stop_accuracy = 1};
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, WHOLE_SIDE, WHOLE_SIDE}, CLASSES);
    sal_value x = sal_graph_find(net.g, "input"), y = sal_graph_find(net.g, "fc");
    sal_status st = sal_nn_initialise(net.g, net.params, seed, &err);
    if (st == SAL_OK)
        st = sal_nn_fit(net.g, x, y, net.params, t->inputs, labels, NULL, &o, NULL, &err);
    if (st != SAL_OK) fail_msg("a twin: %s", err.text);
    sal_model_free(net.model);
    make_model(&net, x, y);
    return net;
}

static int make(void **state)
{
    (void)state;
    shared.inputs = whole_inputs(N);
    for (size_t i = 0; i < N; i++) shared.labels[i] = (int64_t)(i % CLASSES);
    shared.net = learn(&shared, shared.labels, 1);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_net(&shared.net);
    sal_tensor_free(shared.inputs);
    return 0;
}

/* ---- the callback --------------------------------------------------------------------------- */

typedef struct {
    const task *t;
    size_t calls;
    int64_t labels[MOST_TWINS][N];
    uint64_t seeds[MOST_TWINS];
    sal_graph *graphs[MOST_TWINS]; /* a model's graph must outlive it */
    /* what to do wrong */
    int code; /* returned by call number `at` */
    size_t at;
    bool no_model, forgets; /* gives none; has learned the true labels */
    bool other_shape, gives_the_model;
} trainer;

static int fit(void *self, size_t n, const int64_t *permuted, uint64_t seed, sal_model **twin)
{
    trainer *t = self;
    size_t call = t->calls++;
    assert_int_equal(n, N);
    assert_true(call < MOST_TWINS);
    memcpy(t->labels[call], permuted, sizeof t->labels[call]);
    t->seeds[call] = seed;
    bool wrong = call == t->at;
    if (wrong && t->no_model) return t->code;
    if (wrong && t->gives_the_model) {
        *twin = t->t->net.model;
        return 0;
    }
    test_net net = wrong && t->other_shape
                       ? linear_net(NULL, 3, (const int64_t[]){1, WHOLE_SIDE, WHOLE_SIDE}, 5)
                       : learn(t->t, wrong && t->forgets ? t->t->labels : permuted, seed);
    *twin = net.model;
    t->graphs[call] = net.g;
    sal_params_free(net.params);
    return wrong ? t->code : 0;
}

static void free_graphs(trainer *t)
{
    for (size_t i = 0; i < MOST_TWINS; i++) sal_graph_free(t->graphs[i]);
}

static sal_check_args ask(const char *method, trainer *t)
{
    return (sal_check_args){.check = "labels",
                            .model = shared.net.model,
                            .inputs = shared.inputs,
                            .method = method,
                            .fit = fit,
                            .fit_self = t,
                            .train_inputs = shared.inputs,
                            .train_labels = shared.labels};
}

static void expect_permutation(const char *name, const int64_t *labels)
{
    size_t count[CLASSES] = {0};
    for (size_t i = 0; i < N; i++) {
        assert_in_range(labels[i], 0, CLASSES - 1);
        count[labels[i]]++;
    }
    for (size_t k = 0; k < CLASSES; k++)
        if (count[k] != N / CLASSES) fail_msg("%s: %zu labels of class %zu", name, count[k], k);
    if (!memcmp(labels, shared.labels, N * sizeof *labels)) fail_msg("%s: the true labels", name);
}

/* One bet a twin: as many draws as twins, and no twin trained after the decision. */
static void each_twin_is_one_draw(void **state)
{
    static const struct {
        const char *method;
        sal_outcome outcome;
    } rows[] = {{"gradient", SAL_PASS}, {"random-from-params", SAL_PASS}, {"input", SAL_FAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = rows[i].method;
        trainer t = {.t = &shared, .at = SIZE_MAX};
        sal_check_args a = ask(name, &t);
        sal_verdict *v = run_check(name, &a);
        const sal_step_verdict *s = decisive(v);
        expect_outcome(name, v, rows[i].outcome, "");
        if (s->draws != t.calls || s->n_records != t.calls)
            fail_msg("%s: %zu draws of %zu twins", name, s->draws, t.calls);
        assert_string_equal(s->change, "against twins trained on permuted labels");
        for (size_t k = 0; k < t.calls; k++) {
            char call[64];
            snprintf(call, sizeof call, "%s, twin %zu", name, k);
            expect_permutation(call, t.labels[k]);
            for (size_t j = 0; j < k; j++) {
                if (!memcmp(t.labels[j], t.labels[k], sizeof t.labels[k]))
                    fail_msg("%s: the labels of twin %zu", call, j);
                if (t.seeds[j] == t.seeds[k]) fail_msg("%s: the seed of twin %zu", call, j);
            }
        }
        sal_verdict_free(v);
        free_graphs(&t);
    }
}

/* The draw of a twin is the mean of eight that the same twin, given, would make at these places. */
static void a_bet_is_a_mean(void **state)
{
    enum { EACH = 8, TWINS = 3 };
    (void)state;
    trainer t = {.t = &shared, .at = SIZE_MAX};
    sal_check_args a = ask("gradient", &t);
    a.max_draws = a.min_draws = TWINS;
    sal_verdict *twins = run_check("twins", &a);
    a.fit = NULL;
    a.max_draws = a.min_draws = EACH * TWINS;
    for (size_t k = 0; k < TWINS; k++) {
        test_net one = learn(&shared, t.labels[k], t.seeds[k]);
        a.twin = one.model;
        sal_verdict *single = run_check("one twin", &a);
        const sal_draw_record *draws = single->steps[0].records + EACH * k;
        double mean_a = 0, mean_u = 0;
        for (size_t i = 0; i < EACH; i++) {
            mean_a += draws[i].a / EACH;
            mean_u += draws[i].u / EACH;
        }
        assert_near("a", twins->steps[0].records[k].a, mean_a, 1e-15);
        assert_near("u", twins->steps[0].records[k].u, mean_u, 1e-15);
        assert_string_equal(single->steps[0].change, "against a twin trained on permuted labels");
        sal_verdict_free(single);
        free_net(&one);
    }
    sal_verdict_free(twins);
    free_graphs(&t);
}

static void the_budget_is_of_twins(void **state)
{
    (void)state;
    trainer t = {.t = &shared, .at = SIZE_MAX};
    sal_check_args a = ask("input", &t);
    a.max_draws = 3;
    sal_verdict *v = run_check("three", &a);
    expect_outcome("three", v, SAL_INCONCLUSIVE, "undecided after 3 draws");
    assert_int_equal(t.calls, 3);
    sal_verdict_free(v);
    free_graphs(&t);
}

static void the_same_seed_trains_the_same_twins(void **state)
{
    (void)state;
    trainer t[3] = {{.t = &shared, .at = SIZE_MAX},
                    {.t = &shared, .at = SIZE_MAX},
                    {.t = &shared, .at = SIZE_MAX}};
    sal_verdict *v[3];
    for (size_t i = 0; i < 3; i++) {
        sal_check_args a = ask("gradient", &t[i]);
        if (i == 2) a.seed = 99;
        v[i] = run_check("seeds", &a);
    }
    assert_int_equal(t[0].calls, t[1].calls);
    assert_memory_equal(t[0].seeds, t[1].seeds, sizeof t[0].seeds);
    assert_memory_equal(t[0].labels, t[1].labels, sizeof t[0].labels);
    expect_same_draws("again", &v[0]->steps[0], &v[1]->steps[0], v[0]->steps[0].n_records);
    assert_true(t[2].seeds[0] != t[0].seeds[0]);
    assert_memory_not_equal(t[2].labels[0], t[0].labels[0], sizeof t[0].labels[0]);
    for (size_t i = 0; i < 3; i++) {
        sal_verdict_free(v[i]);
        free_graphs(&t[i]);
    }
}

/* ---- callbacks that do not do what they should ---------------------------------------------- */

static void callbacks_that_fail(void **state)
{
    const struct {
        const char *name;
        trainer t;
        sal_status status;
        const char *text;
    } rows[] = {
        {"an error at once",
         {.code = 5, .no_model = true},
         SAL_E_CALLBACK,
         "fit returned 5 and no model"},
        {"an error of the third",
         {.code = -1, .no_model = true, .at = 2},
         SAL_E_CALLBACK,
         "fit returned -1 and no model"},
        {"an error, but a model", {.code = 3}, SAL_E_CALLBACK, "fit returned 3 and a model"},
        {"no model", {.no_model = true}, SAL_E_CALLBACK, "fit returned 0 and no model"},
        {"other outputs",
         {.other_shape = true},
         SAL_E_SHAPE,
         "the twin 'linear' does not have the input and the 3 outputs of 'linear'"},
        {"the model itself",
         {.gives_the_model = true},
         SAL_E_CALLBACK,
         "fit returned the model under test, not a twin of its own"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        trainer t = rows[i].t;
        t.t = &shared;
        sal_check_args a = ask("gradient", &t);
        expect_refused(rows[i].name, &a, rows[i].status, rows[i].text);
        assert_int_equal(t.calls, t.at + 1);
        free_graphs(&t);
    }
}

static void a_twin_that_has_not_learned(void **state)
{
    (void)state;
    for (size_t at = 0; at < 3; at++) {
        trainer t = {.t = &shared, .at = at, .forgets = true};
        sal_check_args a = ask("gradient", &t);
        sal_verdict *v = run_check("forgets", &a);
        expect_outcome("forgets", v, SAL_INVALID, "a twin fits ");
        expect_outcome("forgets", v, SAL_INVALID,
                       "% of its training labels, wanted 95 %: it has not learned them");
        assert_int_equal(t.calls, at + 1);
        sal_verdict_free(v);
        free_graphs(&t);
    }
}

/* ---- a twin given --------------------------------------------------------------------------- */

static void models_that_have_not_learned(void **state)
{
    (void)state;
    int64_t permuted[N], others[N];
    sal_permute_labels(N, shared.labels, 3, permuted);
    sal_permute_labels(N, shared.labels, 4, others);
    test_net twin = learn(&shared, permuted, 2);
    const struct {
        const char *name;
        const int64_t *train, *permuted;
        const char *reason; /* NULL: the models fit, or are not asked */
    } rows[] = {
        {"both fit", shared.labels, permuted, NULL},
        {"no labels to ask about", NULL, NULL, NULL},
        {"the model's only", shared.labels, NULL, NULL},
        {"the twin's only", NULL, permuted, NULL},
        {"the model does not fit", others, permuted, "the model fits "},
        {"the twin does not fit", shared.labels, others, "the twin fits "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask("gradient", NULL);
        a.fit = NULL;
        a.twin = twin.model;
        a.train_labels = rows[i].train;
        a.permuted_labels = rows[i].permuted;
        expect_verdict(rows[i].name, &a, rows[i].reason ? SAL_INVALID : SAL_PASS,
                       rows[i].reason ? rows[i].reason : "");
    }
    free_net(&twin);
}

/* 95 % is enough: 19 of 20; 18 of 20 is not. */
static void fitting_is_95_percent(void **state)
{
    enum { MANY = 20 };
    (void)state;
    float logits[MANY * CLASSES];
    int64_t labels[MANY];
    test_net net = whole_net(NULL, "net", 1), twin = whole_net(NULL, "twin", 2);
    sal_tensor *inputs = whole_inputs(MANY);
    assert_int_equal(sal_model_predict(net.model, inputs, logits, NULL), SAL_OK);
    for (size_t i = 0; i < MANY; i++) {
        const float *y = logits + i * CLASSES;
        labels[i] = y[1] > y[0] ? (y[2] > y[1] ? 2 : 1) : (y[2] > y[0] ? 2 : 0);
    }
    sal_check_args a = {.check = "labels",
                        .model = net.model,
                        .twin = twin.model,
                        .inputs = inputs,
                        .method = "random-from-params",
                        .train_inputs = inputs,
                        .train_labels = labels};
    labels[0] = (labels[0] + 1) % CLASSES;
    expect_verdict("19 of 20", &a, SAL_PASS, "");
    labels[1] = (labels[1] + 1) % CLASSES;
    expect_verdict(
        "18 of 20", &a, SAL_INVALID,
        "the model fits 90 % of its training labels, wanted 95 %: it has not learned them");
    sal_tensor_free(inputs);
    free_net(&net);
    free_net(&twin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_twin_is_one_draw),
        cmocka_unit_test(a_bet_is_a_mean),
        cmocka_unit_test(the_budget_is_of_twins),
        cmocka_unit_test(the_same_seed_trains_the_same_twins),
        cmocka_unit_test(callbacks_that_fail),
        cmocka_unit_test(a_twin_that_has_not_learned),
        cmocka_unit_test(models_that_have_not_learned),
        cmocka_unit_test(fitting_is_95_percent),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
