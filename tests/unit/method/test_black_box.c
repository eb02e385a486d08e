/* Methods that need forward passes only: windows against sums worked out here, differences against
 * gradients. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 2, HEIGHT = 9, WIDTH = 8, PLANE = HEIGHT * WIDTH, SIZE = CHANNELS * PLANE };

static void fill(float *x, uint64_t stream)
{
    sal_rng rng = sal_rng_for(8, "inputs", stream);
    for (size_t i = 0; i < SIZE; i++) x[i] = (float)sal_rng_normal_(&rng);
}

static void explain(const test_net *net, const char *method, float *x, float *maps)
{
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    int64_t dims[SAL_MAX_RANK + 1] = {1}, target = 1;
    size_t rank = sal_model_input_shape(net->model, dims + 1) + 1;
    sal_explain_options o = {.targets = &target};
    assert_int_equal(sal_tensor_view_of(NULL, x, rank, dims, &t, NULL), SAL_OK);
    if (sal_explain(net->model, t, method, &o, maps, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
}

/* To a linear network covering a window costs the sum of w (x - fill) over it: with the gradient known
 * the mean over the windows that hold a pixel can be summed up window by window. */
static void covered(size_t window, size_t stride, double filling, const float *w, const float *x,
                    double *want)
{
    double sum[PLANE] = {0}, held[PLANE] = {0};
    for (size_t top = 0;; top += stride) {
        for (size_t left = 0;; left += stride) {
            double fall = 0;
            for (size_t i = 0; i < SIZE; i++) {
                size_t r = i % PLANE / WIDTH, c = i % WIDTH;
                if (r >= top && r < top + window && c >= left && c < left + window)
                    fall += (double)w[i] * ((double)x[i] - filling);
            }
            for (size_t i = 0; i < PLANE; i++) {
                size_t r = i / WIDTH, c = i % WIDTH;
                if (r < top || r >= top + window || c < left || c >= left + window) continue;
                sum[i] += fall;
                held[i]++;
            }
            if (left + window >= WIDTH) break;
        }
        if (top + window >= HEIGHT) break;
    }
    for (size_t i = 0; i < SIZE; i++)
        want[i] = held[i % PLANE] > 0 ? sum[i % PLANE] / held[i % PLANE] : 0;
}

static void occlusion_of_a_linear_network(void **state)
{
    static const struct {
        const char *method;
        size_t window, stride;
        double fill;
    } rows[] = {{"occlusion", 2, 1, 0}, /* an eighth of 9, rounded up */
                {"occlusion:window=3", 3, 2, 0},
                {"occlusion:window=4,stride=3", 4, 3, 0}, /* the last windows are cut */
                {"occlusion:window=1,stride=1,fill=0.5", 1, 1, 0.5},
                {"occlusion:window=1,stride=3", 1, 3, 0}, /* gaps are 0 */
                {"occlusion:window=99", 99, 50, 0},
                {"occlusion:fill=-2", 2, 1, -2}};
    float x[SIZE], gradient[SIZE], map[SIZE];
    double want[SIZE];
    (void)state;
    test_net net = linear_net(NULL, 3, (const int64_t[]){CHANNELS, HEIGHT, WIDTH}, 3);
    fill(x, 0);
    explain(&net, "gradient", x, gradient);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        explain(&net, rows[i].method, x, map);
        covered(rows[i].window, rows[i].stride, rows[i].fill, gradient, x, want);
        double rms = relative_rms(SIZE, map, want);
        print_message("%-40s %.1e\n", rows[i].method, rms);
        if (!(rms < 1e-5)) fail_msg("%s: off by %g", rows[i].method, rms);
    }
    free_net(&net);
}

static void occlusion_of_a_line(void **state)
{
    float x[6] = {1, 2, 3, 4, 5, 6}, gradient[6], map[6];
    (void)state;
    test_net net = linear_net(NULL, 1, (const int64_t[]){6}, 2);
    explain(&net, "gradient", x, gradient);
    explain(&net, "occlusion", x, map); /* windows of one */
    for (size_t i = 0; i < 6; i++)
        assert_near("[6]", (double)map[i], (double)(gradient[i] * x[i]), 2e-6);
    free_net(&net);
}

static void differences_are_the_gradient(void **state)
{
    float x[SIZE], gradient[SIZE], map[SIZE];
    double want[SIZE];
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        test_net net = k ? small_cnn(NULL, 1)
                         : linear_net(NULL, 3, (const int64_t[]){CHANNELS, HEIGHT, WIDTH}, 3);
        fill(x, 1);
        explain(&net, "gradient", x, gradient);
        for (size_t i = 0; i < SIZE; i++) want[i] = (double)gradient[i];
        explain(&net, k ? "finite-differences:step=1e-4" : "finite-differences", x, map);
        double rms = relative_rms(SIZE, map, want);
        print_message("%s %.1e\n", k ? "small_cnn" : "linear", rms);
        if (!(rms < (k ? 0.05 : 1e-4))) fail_msg("off by %g", rms); /* kinks; rounding */
        free_net(&net);
    }
}

/* A flat input has no range; its own size is the scale. */
static void differences_of_flat_inputs(void **state)
{
    float x[SIZE], gradient[SIZE], map[SIZE];
    double want[SIZE];
    (void)state;
    test_net net = linear_net(NULL, 3, (const int64_t[]){CHANNELS, HEIGHT, WIDTH}, 3);
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < SIZE; i++) x[i] = k ? -50 : 0;
        explain(&net, "gradient", x, gradient);
        for (size_t i = 0; i < SIZE; i++) want[i] = (double)gradient[i];
        explain(&net, "finite-differences", x, map);
        assert_true(relative_rms(SIZE, map, want) < 1e-3);
    }
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(occlusion_of_a_linear_network),
                                       cmocka_unit_test(occlusion_of_a_line),
                                       cmocka_unit_test(differences_are_the_gradient),
                                       cmocka_unit_test(differences_of_flat_inputs)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
