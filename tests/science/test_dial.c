/* The dial: maps (1-l) gradient + l sobel, each at unit rms, on the trained network. Under
 * pearson-folded the similarity after randomising is the fixed picture's share of the energy,
 * l^2/(l^2 + (1-l)^2), so that D falls from 1 to 0 and crosses a half where sobel holds half. */
#include "digits.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>

enum { PIXELS = 28 * 28, MARKS = 11 };

static void unit_rms(float *map)
{
    double square = 0;
    for (int i = 0; i < PIXELS; i++) square += (double)map[i] * (double)map[i];
    float scale = square > 0 ? (float)(1 / sqrt(square / PIXELS)) : 0.0f;
    for (int i = 0; i < PIXELS; i++) map[i] *= scale;
}

static int mixed(void *self, const sal_model *model, const float *x, int64_t target, uint64_t noise,
                 float *map)
{
    const double *share = self;
    float gradient[PIXELS], edges[PIXELS], copy[PIXELS];
    sal_tensor *view;
    (void)noise;
    for (int i = 0; i < PIXELS; i++) copy[i] = x[i];
    if (sal_tensor_view_of(NULL, copy, 4, (const int64_t[]){1, 1, 28, 28}, &view, NULL)) return 1;
    sal_status st = sal_model_input_gradient(model, view, &target, gradient, NULL);
    if (st == SAL_OK) st = sal_explain(model, view, SAL_SOBEL, NULL, edges, NULL);
    sal_tensor_free(view);
    if (st != SAL_OK) return 2;
    unit_rms(gradient);
    unit_rms(edges);
    for (int i = 0; i < PIXELS; i++)
        map[i] = (float)(1 - *share) * gradient[i] + (float)*share * edges[i];
    return 0;
}

static void d_is_the_share_that_follows_the_parameters(void **state)
{
    static const double marks[MARKS] = {0, .2, .4, .5, .55, .6, .65, .7, .8, .9, 1};
    (void)state;
    if (getenv("SALCHECK_QUICK")) skip();
    digits d = load_digits(NULL);
    double before = 2, crossing = -1;
    for (int i = 0; i < MARKS; i++) {
        double share = marks[i];
        sal_own_method own = {.name = "dial", .self = &share, .explain = mixed};
        sal_verdict *v;
        sal_error err = {SAL_OK, ""};
        sal_check_args a = {.check = SAL_CHECK_PARAMS,
                            .model = d.model,
                            .inputs = d.inputs,
                            .own_method = &own,
                            .min_draws = 96};
        if (sal_check_run(&a, &v, &err) != SAL_OK) fail_msg("%s", err.text);
        const sal_step_verdict *s = &v->steps[0];
        double want = share * share / (share * share + (1 - share) * (1 - share));
        print_message("lambda %.2f: a %.3f, formula %.3f, u %.3f, D %.3f, %s\n", share, s->mean_a,
                      want, s->mean_u, s->statistic, sal_outcome_name(v->outcome));
        assert_near("mean a", s->mean_a, want, share >= .4 ? 0.06 : 0.12);
        if (!(s->statistic < before)) fail_msg("D does not fall at lambda %g", share);
        if (before > 0.5 && s->statistic <= 0.5)
            crossing =
                marks[i - 1] + (marks[i] - marks[i - 1]) * (before - 0.5) / (before - s->statistic);
        before = s->statistic;
        sal_verdict_free(v);
    }
    print_message("D crosses .5 at lambda %.3f\n", crossing);
    assert_true(crossing >= 0.5 && crossing <= 0.65);
    free_digits(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d_is_the_share_that_follows_the_parameters)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
