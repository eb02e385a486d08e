/* SGD and Adam, three steps, against the formulas in double (Adam: algorithm 1 of Kingma & Ba). */
#include "support.h"

#include "nn/nn.h"

#include <math.h>
#include <string.h>

enum { N = 5, STEPS = 3 };

static const float start[N] = {1, -2, 0.5f, 3, 0};
static const float gradient[STEPS][N] = {
    {0.5f, -1, 1e-3f, 40, 0}, {0.25f, -1, -2e-3f, -30, 1e-6f}, {-0.7f, -1, 1e-3f, 1, 2}};

static void sgd(const sal_fit_options *o, double w[N])
{
    double rate = o->learning_rate > 0 ? o->learning_rate : 0.01, speed[N] = {0};
    for (size_t s = 0; s < STEPS; s++)
        for (size_t i = 0; i < N; i++) {
            speed[i] = o->momentum * speed[i] + (double)gradient[s][i];
            w[i] -= rate * speed[i];
        }
}

static void adam(const sal_fit_options *o, double w[N])
{
    double rate = o->learning_rate > 0 ? o->learning_rate : 1e-3, mean[N] = {0}, square[N] = {0};
    double b1 = o->beta1 > 0 ? o->beta1 : 0.9, b2 = o->beta2 > 0 ? o->beta2 : 0.999;
    double epsilon = o->epsilon > 0 ? o->epsilon : 1e-8;
    for (size_t s = 0; s < STEPS; s++)
        for (size_t i = 0; i < N; i++) {
            double g = (double)gradient[s][i], t = (double)s + 1;
            mean[i] = b1 * mean[i] + (1 - b1) * g;
            square[i] = b2 * square[i] + (1 - b2) * g * g;
            w[i] -= rate * (mean[i] / (1 - pow(b1, t))) /
                    (sqrt(square[i] / (1 - pow(b2, t))) + epsilon);
        }
}

static const struct {
    const char *name;
    const sal_optimiser *how;
    void (*reference)(const sal_fit_options *o, double w[N]);
    sal_fit_options o;
} cases[] = {
    {"sgd", &sal_optimiser_sgd_, sgd, {.epochs = 0}},
    {"sgd, rate", &sal_optimiser_sgd_, sgd, {.learning_rate = 0.3}},
    {"sgd, momentum", &sal_optimiser_sgd_, sgd, {.learning_rate = 0.1, .momentum = 0.9}},
    {"adam", &sal_optimiser_adam_, adam, {.epochs = 0}},
    {"adam, rate", &sal_optimiser_adam_, adam, {.learning_rate = 0.2}},
    {"adam, all",
     &sal_optimiser_adam_,
     adam,
     {.learning_rate = 0.05, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 0.01}},
};

static void three_steps(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        float w[N], slot[2][N] = {{0}}, *slots[2] = {slot[0], slot[1]};
        double want[N];
        memcpy(w, start, sizeof w);
        for (size_t i = 0; i < N; i++) want[i] = (double)start[i];
        for (size_t s = 0; s < STEPS; s++)
            cases[c].how->update(&cases[c].o, s + 1, N, w, gradient[s], slots);
        cases[c].reference(&cases[c].o, want);
        for (size_t i = 0; i < N; i++) { /* the way gone, not the place, is what must agree */
            double way = want[i] - (double)start[i], got = (double)w[i] - (double)start[i];
            if (!(fabs(got - way) <= 2e-6 * fabs(way) + 2e-7 * fabs((double)start[i])))
                fail_msg("%s: weight %zu went %.9g, wanted %.9g", cases[c].name, i, got, way);
        }
    }
}

/* The first step of Adam is the learning rate, whatever the gradient's size. */
static void adams_first_step(void **state)
{
    (void)state;
    float w[3] = {0, 0, 0}, g[3] = {1e-4f, -1, 1e4f}, mean[3] = {0}, square[3] = {0};
    float *slots[2] = {mean, square};
    sal_fit_options o = {.learning_rate = 0.25};
    sal_optimiser_adam_.update(&o, 1, 3, w, g, slots);
    assert_near("small", (double)w[0], -0.25, 0.25 * (1e-4 + 1e-6)); /* epsilon / |g| */
    assert_near("one", (double)w[1], 0.25, 0.25 * 1e-6);
    assert_near("large", (double)w[2], -0.25, 0.25 * 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_steps),
        cmocka_unit_test(adams_first_step),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
