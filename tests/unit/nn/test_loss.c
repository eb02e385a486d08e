/* Losses and their gradients against their formulas in double. */
#include "support.h"

#include "nn/nn.h"

#include <math.h>
#include <string.h>

enum { N = 3, C = 4 };

static const float y[N * C] = {1, 2, 3, 4, -1000, 1000, 0, 0, 0.5f, 0.5f, 0.5f, 0.5f};

static void cross_entropy(void **state)
{
    (void)state;
    static const int64_t labels[N] = {2, 1, 0};
    sal_shape shape = {2, {1, C}};
    float seed[N * C], work[2 * N * C + N];
    memset(seed, 77, sizeof seed); /* is written, not added to */
    double got = sal_loss_(&shape, N, y, labels, NULL, 0.5f, seed, work), want = 0;
    for (size_t i = 0; i < N; i++) {
        double top = (double)-INFINITY, sum = 0;
        for (size_t k = 0; k < C; k++) top = fmax(top, (double)y[i * C + k]);
        for (size_t k = 0; k < C; k++) sum += exp((double)y[i * C + k] - top);
        want += top + log(sum) - (double)y[i * C + (size_t)labels[i]];
        for (size_t k = 0; k < C; k++) {
            double share = exp((double)y[i * C + k] - top) / sum;
            assert_near("gradient", (double)seed[i * C + k],
                        0.5 * (share - (k == (size_t)labels[i])), 1e-7);
        }
    }
    assert_near("cross-entropy", got, want, 1e-6);
}

static void squared_error(void **state)
{
    (void)state;
    static const float t[N * C] = {1, 1, 1, 1, -1001, 999, 1, 0.5f, 0, 1, 0, 1};
    sal_shape shape = {3, {1, 2, 2}}; /* any shape: the mean is over an output's elements */
    float seed[N * C], work[2 * N * C + N];
    double got = sal_loss_(&shape, N, y, NULL, t, 2.0f, seed, work), want = 0;
    for (size_t i = 0; i < N * C; i++) {
        double d = (double)y[i] - (double)t[i];
        want += d * d / C;
        assert_near("gradient", (double)seed[i], 2 * 2 * d / C, 1e-6);
    }
    assert_near("squared error", got, want, 1e-5);
}

/* A loss that is right to the last bit for a share of 1 does not become NaN for a share of 0. */
static void hopeless_outputs(void **state)
{
    (void)state;
    static const int64_t labels[1] = {0};
    const float far[2] = {-3e38f, 3e38f};
    sal_shape shape = {2, {1, 2}};
    float seed[2], work[5];
    double got = sal_loss_(&shape, 1, far, labels, NULL, 1.0f, seed, work);
    assert_true(isfinite(seed[0]) && isfinite(seed[1]));
    assert_true(isinf(got) || got > 3e38); /* beyond float: told as not finite, not as a number */
    assert_near("gradient", (double)seed[0], -1, 0);
    assert_near("gradient", (double)seed[1], 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cross_entropy),
        cmocka_unit_test(squared_error),
        cmocka_unit_test(hopeless_outputs),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
