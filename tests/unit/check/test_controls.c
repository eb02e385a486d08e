/* The option .controls: in the same run sobel must fail and random-from-params must not, else the
 * check is invalid. */
#include "checks.h"
#include "small_nets.h"
#include "support.h"

#include <string.h>

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
                            .twin = world.twin.model,
                            .controls = true};
}

static void controls_that_behave(void **state)
{
    static const struct {
        const char *check, *method;
        sal_outcome outcome;
    } rows[] = {{"params", "gradient", SAL_PASS},    {"params", "sobel", SAL_FAIL},
                {"params", "constant", SAL_INVALID}, {"labels", "gradient", SAL_PASS},
                {"labels", "input", SAL_FAIL},       {"edges", "gradient", SAL_PASS},
                {"edges", "input", SAL_FAIL},        {"sane", "sobel", SAL_FAIL}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask(rows[i].check, rows[i].method);
        sal_verdict *with = run_check(rows[i].check, &a);
        expect_outcome(rows[i].check, with, rows[i].outcome, NULL);
        if (strstr(decisive(with)->reason, "control"))
            fail_msg("%s: %s", rows[i].check, decisive(with)->reason);
        a.controls = false;
        sal_verdict *without = run_check(rows[i].check, &a); /* and they change nothing */
        assert_int_equal(with->n_steps, without->n_steps);
        expect_same_draws(rows[i].check, decisive(with), decisive(without),
                          decisive(without)->n_records);
        sal_verdict_free(with);
        sal_verdict_free(without);
    }
}

/* The user's own method, layer and min_draws are not the controls'. */
static void controls_are_asked_plainly(void **state)
{
    (void)state;
    sal_check_args a = ask("params", "gradcam");
    a.layer = "relu2";
    a.min_draws = 100;
    sal_verdict *v = run_check("gradcam", &a);
    if (strstr(decisive(v)->reason, "control")) fail_msg("gradcam: %s", decisive(v)->reason);
    assert_true(decisive(v)->draws >= 100);
    sal_verdict_free(v);
}

static void controls_that_misbehave(void **state)
{
    (void)state;
    test_net copy = bars_net(NULL, 1); /* of the model, to the bit */
    const struct {
        const char *name, *check;
        const sal_model *twin;
        size_t max_draws;
        const char *reason;
    } rows[] = {
        {"too few draws for sobel", "params", NULL, 12,
         "the control 'sobel' should fail here and came out as inconclusive"},
        {"a twin that is no twin", "labels", copy.model, 0,
         "the control 'random-from-params' should not fail here and did"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_check_args a = ask(rows[i].check, "gradient");
        a.max_draws = rows[i].max_draws;
        if (rows[i].twin) a.twin = rows[i].twin;
        expect_verdict(rows[i].name, &a, SAL_INVALID, rows[i].reason);
    }
    free_net(&copy);
}

/* Pictures whose edges are all alike: sobel is invalid there, and so is everything. */
static void inputs_with_the_same_edges(void **state)
{
    enum { PIXELS = BARS_SIDE * BARS_SIDE, N = 18 };
    (void)state;
    float x[N * PIXELS];
    int64_t labels[N] = {0};
    for (size_t i = 0; i < N * PIXELS; i++) {
        size_t p = i % PIXELS, k = i / PIXELS;
        x[i] = (p % BARS_SIDE == 4 ? 1 : 0) + (p == k ? 0.01f : 0);
    }
    sal_tensor *t = NULL;
    assert_int_equal(
        sal_tensor_view_of(NULL, x, 4, (const int64_t[]){N, 1, BARS_SIDE, BARS_SIDE}, &t, NULL),
        SAL_OK);
    sal_check_args a = ask("params", "gradient");
    a.inputs = t;
    a.labels = labels;
    expect_verdict("same edges", &a, SAL_INVALID,
                   "the control 'sobel' should fail here and came out as invalid");
    sal_tensor_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(controls_that_behave),
        cmocka_unit_test(controls_are_asked_plainly),
        cmocka_unit_test(controls_that_misbehave),
        cmocka_unit_test(inputs_with_the_same_edges),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
