/* Maps and logits without a value: constant ones are dropped, counted and, when they are most,
 * make a check invalid; those that are not finite do so at once, and are named. */
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"

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

static void constant_maps(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHECKS; i++) {
        sal_check_args a = ask(checks[i], "constant");
        expect_invalid(checks[i], &a,
                       "16 of 16 draws are undefined: a map is constant or has no value");
    }
}

/* ---- maps without a value, some of the time ------------------------------------------------- */

static size_t place_of(const float *x)
{
    const float *all = sal_tensor_get_data(inputs);
    for (size_t i = 0; i < N; i++)
        if (!memcmp(all + i * PIXELS, x, PIXELS * sizeof *x)) return i;
    return N;
}

/* Flat maps for the first inputs, as many as context says. */
static int flat_for_some(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                         float *map)
{
    (void)model, (void)target;
    if (place_of(x) < *(const size_t *)m->context)
        for (size_t i = 0; i < PIXELS; i++) map[i] = 2;
    return 0;
}

static void some_constant_maps(void **state)
{
    static const struct {
        const char *name;
        size_t flat;
        sal_outcome outcome;
    } rows[] = {{"none", 0, SAL_PASS},
                {"a quarter", N / 4, SAL_PASS},
                {"three quarters", 3 * N / 4, SAL_INVALID},
                {"all", N, SAL_INVALID}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mixed_method mix = {
            .params = 1, .size = PIXELS, .also = flat_for_some, .context = &rows[i].flat};
        sal_own_method own = mixed(&mix, "flat");
        sal_check_args a = ask("reproducible", NULL);
        a.own_method = &own;
        a.min_draws = 48;
        sal_verdict *v = run_check(rows[i].name, &a);
        const sal_step_verdict *s = decisive(v);
        size_t undefined = 0;
        expect_outcome(rows[i].name, v, rows[i].outcome, NULL);
        for (size_t k = 0; k < s->n_records; k++) {
            bool want = s->records[k].input >= rows[i].flat;
            if (s->records[k].defined != want) fail_msg("%s: draw %zu", rows[i].name, k);
            undefined += !want;
        }
        if (s->undefined != undefined || s->draws != s->n_records)
            fail_msg("%s: %zu of %zu undefined", rows[i].name, s->undefined, s->draws);
        if (rows[i].outcome == SAL_PASS)
            assert_int_equal(s->draws, 48);
        else
            assert_in_range(s->draws, 16, 20);
        sal_verdict_free(v);
    }
}

/* A method on the limit is never decided: from 16 draws on, the first draw at which more than half
 * are undefined ends the check, and nothing else does. */
static void more_than_half_undefined(void **state)
{
    enum { DRAWS = 96, FROM = 16 };
    (void)state;
    size_t halves = 0; /* cases with exactly half at some draw, which is not more */
    for (size_t i = 0; i < 66; i++) {
        size_t flat = i % 11 * N / 10;
        char name[48];
        mixed_method mix = {
            .params = 0.48, .noise = 0.52, .size = PIXELS, .also = flat_for_some, .context = &flat};
        sal_own_method own = mixed(&mix, "flat");
        sal_check_args a = ask("reproducible", NULL);
        a.own_method = &own;
        a.limit = 0.48;
        a.alpha = 1e-6;
        a.max_draws = DRAWS;
        a.seed = 1 + i / 11;
        snprintf(name, sizeof name, "%zu of %d flat, seed %zu", flat, N, (size_t)a.seed);
        sal_verdict *v = run_check(name, &a);
        const sal_step_verdict *s = decisive(v);
        size_t undefined = 0, n = 0;
        while (n < s->n_records && !(n >= FROM && 2 * undefined > n)) {
            undefined += !s->records[n++].defined;
            halves += n >= FROM && 2 * undefined == n;
        }
        bool over = n >= FROM && 2 * undefined > n;
        if (n != s->n_records || s->outcome != (over ? SAL_INVALID : SAL_INCONCLUSIVE))
            fail_msg("%s: %s after %zu draws, wanted after %zu", name, sal_outcome_name(s->outcome),
                     s->n_records, n);
        sal_verdict_free(v);
    }
    assert_true(halves > 0);
}

/* Undefined draws count against the budget; below 16 draws they only leave it undecided. */
static void few_undefined_draws(void **state)
{
    (void)state;
    sal_check_args a = ask("params", "constant");
    a.max_draws = 15;
    sal_verdict *v = run_check("15 draws", &a);
    expect_outcome("15 draws", v, SAL_INCONCLUSIVE, "undecided after 15 draws");
    assert_int_equal(decisive(v)->undefined, 15);
    assert_false(decisive(v)->has_statistic);
    sal_verdict_free(v);
}

/* ---- maps and logits that are not finite ---------------------------------------------------- */

typedef struct {
    whose under; /* whose maps are spoilt */
    float value;
} spoiler;

static const test_net *deep; /* of more than one layer */

/* Spoils element 4 of the map of input 2. */
static int spoil(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                 float *map)
{
    (void)target;
    const spoiler *s = m->context;
    if (whose_params(model, net.model, twin.model) == s->under && place_of(x) == 2)
        map[4] = s->value;
    return 0;
}

static void maps_that_are_not_finite(void **state)
{
    static const struct {
        const char *name, *check;
        spoiler s;
        const char *reason;
    } rows[] = {
        {"params",
         "params",
         {TRAINED, NAN},
         "the map of input 2 under the trained model is not finite at element 4"},
        {"edges",
         "edges",
         {TRAINED, INFINITY},
         "the map of input 2 under the trained model is not finite at element 4"},
        {"reproducible",
         "reproducible",
         {TRAINED, -INFINITY},
         "the map of input 2 under the trained model is not finite at element 4"},
        {"faithful",
         "faithful",
         {TRAINED, NAN},
         "the map of input 2 under the trained model is not finite at element 4"},
        {"randomised",
         "params",
         {RANDOM_THROUGHOUT, NAN}, /* one layer: top is all */
         "the map of input 2 under a randomised model is not finite at element 4"},
        {"twin",
         "labels",
         {TWIN, NAN},
         "the map of input 2 under the twin is not finite at element 4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mixed_method mix = {.params = 1, .size = PIXELS, .also = spoil, .context = &rows[i].s};
        sal_own_method own = mixed(&mix, "spoilt");
        sal_check_args a = ask(rows[i].check, NULL);
        a.own_method = &own;
        a.min_draws = 64; /* until the input comes up */
        expect_invalid(rows[i].name, &a, rows[i].reason);
    }
}

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

static int spoil_all(mixed_method *m, const sal_model *model, const float *x, int64_t target,
                     float *map)
{
    (void)x, (void)target;
    const spoiler *s = m->context;
    if (whose_params(model, deep->model, NULL) == s->under) map[4] = s->value;
    return 0;
}

static void maps_of_the_pool_that_are_not_finite(void **state)
{
    static const spoiler s = {RANDOM_THROUGHOUT, NAN};
    (void)state;
    rig r;
    set_up(&r);
    mixed_method mix = {
        .params = 1, .size = BARS_SIDE * BARS_SIDE, .also = spoil_all, .context = &s};
    sal_own_method own = mixed(&mix, "spoilt");
    sal_check_args a = {
        .check = "params", .model = r.net.model, .inputs = r.inputs, .own_method = &own};
    expect_invalid("pool", &a, "under a model random in every layer is not finite at element 4");
    tear_down(&r);
}

/* Logits of the inputs, or of inputs mixed of two. */
static void logits_that_are_not_finite(void **state)
{
    (void)state;
    float w[3 * PIXELS] = {0}, x[4 * PIXELS] = {0};
    test_net bad = whole_net(NULL, "bad", 3);
    sal_tensor *t = NULL;
    assert_int_equal(
        sal_tensor_view_of(NULL, x, 4, (const int64_t[]){4, 1, WHOLE_SIDE, WHOLE_SIDE}, &t, NULL),
        SAL_OK);
    w[PIXELS] = w[PIXELS + 1] = 3e38f; /* class 1 adds up two pixels */
    for (size_t i = 0; i < 4; i++) x[i * PIXELS + 7] = (float)i;
    set_param(&bad, "fc.weight", w);
    sal_model_free(bad.model);
    make_model(&bad, sal_graph_find(bad.g, "input"), sal_graph_find(bad.g, "fc"));
    sal_check_args a = {.model = bad.model, .inputs = t, .method = "input", .twin = twin.model};
    x[2 * PIXELS] = x[2 * PIXELS + 1] = 1;
    for (size_t i = 0; i < CHECKS; i++) {
        a.check = checks[i];
        expect_invalid(checks[i], &a, "logit 1 of input 2 is not finite");
    }
    x[2 * PIXELS] = 0; /* each half by itself is finite */
    x[3 * PIXELS] = 1;
    int64_t targets[4] = {1, 1, 1, 1};
    a.targets = targets;
    a.check = "faithful";
    a.min_draws = 200;
    a.limit = 0.01;
    expect_invalid("mixed", &a, "a logit is not finite after pixels were replaced");
    sal_tensor_free(t);
    free_net(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_maps),
        cmocka_unit_test(some_constant_maps),
        cmocka_unit_test(more_than_half_undefined),
        cmocka_unit_test(few_undefined_draws),
        cmocka_unit_test(maps_that_are_not_finite),
        cmocka_unit_test(maps_of_the_pool_that_are_not_finite),
        cmocka_unit_test(logits_that_are_not_finite),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
