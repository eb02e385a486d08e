/* Maps made elsewhere: outcomes of maps with a known share that stays, of a real method's maps, and what is
 * refused. */
#include "checks.h"
#include "small_nets.h"
#include "support.h"

#include "base/base.h"

#include <salcheck/randomise.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 12, SIDE = 12, PIXELS = SIDE * SIDE, COUNT = INPUTS * PIXELS };

/* What model k's maps are: keep^2 of the energy is the original's, `common` is in all maps. */
typedef struct {
    float original[COUNT];
    double keep, common, flip; /* flip: chance that a model changes nothing at all */
    uint64_t seed;
    size_t bad; /* model whose maps are NaN, of another shape, or not there */
    int how;
} world;

enum { GOOD, NOT_FINITE, OTHER_SHAPE, NONE, FAILS, CONSTANT };

static float noise(uint64_t seed, uint64_t stream, size_t i)
{
    sal_rng rng = sal_rng_for(seed, "given", stream * COUNT + i);
    return (float)sal_rng_normal_(&rng);
}

static float shared(size_t i) /* by all maps */
{
    return noise(1, 0, i % PIXELS);
}

static void fill_original(world *w)
{
    for (size_t i = 0; i < COUNT; i++)
        w->original[i] = noise(w->seed, 0, i) + (float)w->common * shared(i);
}

static sal_status hand_out(void *self, size_t k, sal_tensor **out, sal_error *err)
{
    const world *w = self;
    bool odd = w->how == OTHER_SHAPE && k == w->bad, unchanged;
    sal_rng rng = sal_rng_for(w->seed, "flip", k);
    if (w->how == NONE && k == w->bad) return SAL_OK;
    if (w->how == FAILS && k == w->bad) return sal_fail_(err, SAL_E_IO, "model %zu is lost", k);
    sal_status st =
        sal_tensor_create(NULL, 4, (int64_t[]){INPUTS, odd ? 2 : 1, SIDE, SIDE}, out, err);
    if (st != SAL_OK) return st;
    unchanged = sal_rng_uniform_(&rng) < w->flip;
    double keep = unchanged ? 1 : w->keep;
    float *to = sal_tensor_data(*out);
    for (size_t i = 0; !odd && i < COUNT; i++) {
        double own = (double)noise(w->seed, k + 1, i);
        to[i] = (float)(keep * (double)w->original[i] + sqrt(1 - keep * keep) * own +
                        w->common * (double)shared(i));
    }
    if (w->how == NOT_FINITE && k == w->bad) to[3 * PIXELS + 5] = NAN;
    for (size_t i = 0; w->how == CONSTANT && i < COUNT; i++) to[i] = 2;
    return SAL_OK;
}

static sal_tensor *view(world *w)
{
    sal_tensor *t = NULL;
    assert_int_equal(
        sal_tensor_view_of(NULL, w->original, 4, (int64_t[]){INPUTS, 1, SIDE, SIDE}, &t, NULL),
        SAL_OK);
    return t;
}

static sal_status judge(world *w, size_t n, double alpha, sal_verdict **v, sal_error *err)
{
    fill_original(w);
    sal_tensor *t = view(w);
    const sal_maps_args a = {
        .original = t, .n_randomised = n, .randomised = hand_out, .self = w, .alpha = alpha};
    sal_status st = sal_check_maps(NULL, &a, v, err);
    sal_tensor_free(t);
    return st;
}

static void shares_that_stay(void **state)
{
    static const struct {
        const char *name;
        double keep, common;
        size_t n;
        int how;
        sal_outcome outcome;
        double low, high; /* of D */
        const char *reason;
    } rows[] = {{"nothing stays", 0, 0, 32, GOOD, SAL_PASS, 0.97, 1.03, ""},
                {"as few files as can pass", 0, 0, 10, GOOD, SAL_PASS, 0.9, 1.1, ""},
                {"a little stays", 0.3, 0, 32, GOOD, SAL_PASS, 0.7, 0.85, ""},
                {"nearly half stays", 0.5, 0, 32, GOOD, SAL_INCONCLUSIVE, 0.5, 0.6,
                 "undecided after 32 randomised models"},
                {"most stays", 0.8, 0, 32, GOOD, SAL_FAIL, 0.1, 0.3, ""},
                {"all stays", 1, 0, 32, GOOD, SAL_FAIL, -0.01, 0.01, ""},
                {"all stays, as few files as can fail", 1, 0, 18, GOOD, SAL_FAIL, -0.01, 0.01, ""},
                {"all maps are alike", 0, 5, 32, GOOD, SAL_INVALID, -5, 5,
                 "nothing to compare: unrelated maps are alike by 0.9"},
                {"constant maps", 0, 0, 32, CONSTANT, SAL_INVALID, -1, 1,
                 "384 of 384 similarities are undefined"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = calloc(1, sizeof *w);
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        *w = (world){.keep = rows[i].keep, .common = rows[i].common, .seed = 7, .how = rows[i].how};
        if (judge(w, rows[i].n, 0, &v, &err) != SAL_OK) fail_msg("%s: %s", rows[i].name, err.text);
        const sal_step_verdict *s = &v->steps[0];
        print_message("%-36s %-12s D = %.3f [%.3f, %.3f] %s\n", rows[i].name,
                      sal_outcome_name(v->outcome), s->statistic, s->low, s->high, s->reason);
        expect_outcome(rows[i].name, v, rows[i].outcome, rows[i].reason);
        if (!(s->statistic >= rows[i].low && s->statistic <= rows[i].high))
            fail_msg("%s: D = %g", rows[i].name, s->statistic);
        assert_int_equal(s->n_records, rows[i].n);
        sal_verdict_free(v);
        free(w);
    }
}

/* Within a set all inputs may go together: half of the models change nothing, half everything, so D is
 * the limit itself, and a pass or a fail is wrong. Pairs of maps would decide at once; sets do not. */
static void sets_are_the_draws(void **state)
{
    enum { GATES = 150, MODELS = 40, MOST = 4 }; /* .005 of them, each way */
    size_t wrong[4] = {0};
    (void)state;
    for (size_t i = 0; i < GATES; i++) {
        world *w = calloc(1, sizeof *w);
        sal_verdict *v = NULL;
        *w = (world){.flip = 0.5, .seed = 100 + i};
        assert_int_equal(judge(w, MODELS, 0, &v, NULL), SAL_OK);
        wrong[v->outcome]++;
        sal_verdict_free(v);
        free(w);
    }
    print_message("%d gates at the limit: %zu pass, %zu fail\n", GATES, wrong[SAL_PASS],
                  wrong[SAL_FAIL]);
    assert_true(wrong[SAL_PASS] <= MOST && wrong[SAL_FAIL] <= MOST);
}

static void what_is_refused(void **state)
{
    static const struct {
        size_t n;
        double alpha;
        int how;
        sal_status status;
        const char *text;
    } rows[] = {
        {8, 0, GOOD, SAL_E_ARG,
         "maps of 8 randomised models cannot decide at alpha 0.01: at the least 9 can pass and 16 "
         "can fail; 32 are a good start"},
        {5, 0.1, GOOD, SAL_E_ARG, "cannot decide at alpha 0.1: at the least 6 can pass and 10"},
        {0, 0, GOOD, SAL_E_ARG, "maps of 0 randomised models cannot decide"},
        {32, 1, GOOD, SAL_E_ARG, "alpha is 1"},
        {32, 0, NOT_FINITE, SAL_E_VALUE,
         "maps of randomised model 20: map 3 is not finite at element 5"},
        {32, 0, OTHER_SHAPE, SAL_E_SHAPE,
         "maps of randomised model 20 are [12, 2, 12, 12], wanted [12, 1, 12, 12]"},
        {32, 0, NONE, SAL_E_CALLBACK, "randomised handed out no maps of model 20"},
        {32, 0, FAILS, SAL_E_IO, "model 20 is lost"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world *w = calloc(1, sizeof *w);
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        *w = (world){.seed = 3, .bad = 20, .how = rows[i].how};
        sal_status st = judge(w, rows[i].n, rows[i].alpha, &v, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text) || v)
            fail_msg("row %zu: status %d \"%s\"", i, (int)st, err.text);
        free(w);
    }
}

static void bad_originals_are_refused(void **state)
{
    static world w = {.seed = 3};
    sal_verdict *v = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    fill_original(&w);
    for (size_t i = PIXELS; i < COUNT; i++) w.original[i] = w.original[i % PIXELS];
    sal_tensor *t = view(&w);
    sal_maps_args a = {.original = t, .n_randomised = 32, .randomised = hand_out, .self = &w};
    assert_int_equal(sal_check_maps(NULL, &a, &v, &err), SAL_E_ARG);
    assert_string_equal(err.text,
                        "12 maps of the original, 1 of them different: wanted at least two");
    w.original[7] = (float)INFINITY;
    assert_int_equal(sal_check_maps(NULL, &a, &v, &err), SAL_E_VALUE);
    assert_string_equal(err.text, "maps of the original: map 0 is not finite at element 7");
    a.metric = "mse";
    assert_int_equal(sal_check_maps(NULL, &a, &v, &err), SAL_E_ARG);
    a.metric = NULL;
    a.reserved_[2] = 1;
    assert_int_equal(sal_check_maps(NULL, &a, &v, &err), SAL_E_ARG);
    a.reserved_[2] = 0;
    a.original = NULL;
    assert_int_equal(sal_check_maps(NULL, &a, &v, &err), SAL_E_ARG);
    assert_int_equal(sal_check_maps(NULL, NULL, &v, &err), SAL_E_ARG);
    assert_null(v);
    sal_tensor_free(t);
}

/* A draw is its set's alone: what comes behind changes none. */
static void draws_stay(void **state)
{
    static world w = {.keep = 0.5, .seed = 5};
    sal_verdict *few = NULL, *many = NULL;
    (void)state;
    assert_int_equal(judge(&w, 12, 0, &few, NULL), SAL_OK);
    assert_int_equal(judge(&w, 30, 0, &many, NULL), SAL_OK);
    expect_same_draws("12 of 30", &few->steps[0], &many->steps[0], 12);
    sal_verdict_free(few);
    sal_verdict_free(many);
}

/* ---- a real method's maps, as another program would write them ------------------------------------ */

typedef struct {
    const small_world *w;
    const char *method;
} program;

static sal_status maps_of(const sal_model *m, const program *p, sal_tensor **out, sal_error *err)
{
    const sal_tensor *x = p->w->inputs;
    int64_t targets[BARS_INPUTS] = {0}; /* one class, whatever the model says */
    int64_t dims[4];
    for (size_t i = 0; i < 4; i++) dims[i] = sal_tensor_dim(x, i);
    sal_status st = sal_tensor_create(NULL, 4, dims, out, err);
    if (st != SAL_OK) return st;
    const sal_explain_options o = {.targets = targets};
    return sal_explain(m, x, p->method, &o, sal_tensor_data(*out), err);
}

static sal_status random_model(void *self, size_t k, sal_tensor **out, sal_error *err)
{
    const program *p = self;
    const test_net *net = &p->w->net;
    const sal_randomise_options o = {.draw = k};
    sal_params *random = NULL;
    sal_model *m = NULL;
    sal_status st = sal_randomise(net->model, SAL_TOP, 0, &o, &random, err);
    if (st == SAL_OK)
        st = sal_model_from_graph(net->g, sal_graph_find(net->g, "input"),
                                  sal_graph_find(net->g, "fc2"), random, &m, err);
    if (st == SAL_OK) st = maps_of(m, p, out, err);
    sal_model_free(m);
    sal_params_free(random);
    return st;
}

static void real_maps(void **state)
{
    static const struct {
        const char *method;
        sal_outcome outcome;
    } rows[] = {{"gradient", SAL_PASS}, {"guided-backprop", SAL_FAIL}, {"sobel", SAL_FAIL}};
    small_world w;
    (void)state;
    make_world(&w, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        program p = {&w, rows[i].method};
        sal_tensor *original = NULL;
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        assert_int_equal(maps_of(w.net.model, &p, &original, &err), SAL_OK);
        const sal_maps_args a = {.method = rows[i].method,
                                 .original = original,
                                 .n_randomised = 48,
                                 .randomised = random_model,
                                 .self = &p};
        if (sal_check_maps(NULL, &a, &v, &err) != SAL_OK) fail_msg("%s", err.text);
        print_message("%-16s %-12s D = %.3f\n", rows[i].method, sal_outcome_name(v->outcome),
                      v->steps[0].statistic);
        expect_outcome(rows[i].method, v, rows[i].outcome, NULL);
        assert_string_equal(v->method, rows[i].method);
        assert_string_equal(v->check, "maps");
        sal_verdict_free(v);
        sal_tensor_free(original);
    }
    free_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_that_stay), cmocka_unit_test(sets_are_the_draws),
        cmocka_unit_test(what_is_refused),  cmocka_unit_test(bad_originals_are_refused),
        cmocka_unit_test(draws_stay),       cmocka_unit_test(real_maps)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
