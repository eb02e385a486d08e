/* Controls: edges on lines, noise that follows what it says it follows. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void explain(const test_net *net, const char *method, float *x, uint64_t seed, float *maps)
{
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    int64_t dims[SAL_MAX_RANK + 1] = {1};
    size_t rank = sal_model_input_shape(net->model, dims + 1) + 1;
    sal_explain_options o = {.seed = seed};
    assert_int_equal(sal_tensor_view_of(NULL, x, rank, dims, &t, NULL), SAL_OK);
    if (sal_explain(net->model, t, method, &o, maps, &err) != SAL_OK)
        fail_msg("%s: %s", method, err.text);
    sal_tensor_free(t);
}

/* 4 |x[i+1] - x[i-1]| of the channel mean, ends repeated, in every channel. */
static void sobel_on_lines(void **state)
{
    (void)state;
    float flat[6] = {0, 1, 3, 3, 2, 2}, two[6] = {0, 4, 2, 2, 0, 0}, map[6];
    const double want_flat[6] = {4, 12, 8, 4, 4, 0}, want_two[6] = {4, 0, 4, 4, 0, 4};
    test_net net = linear_net(NULL, 1, (const int64_t[]){6}, 2);
    explain(&net, "sobel", flat, 0, map);
    for (int i = 0; i < 6; i++) assert_near("[6]", (double)map[i], want_flat[i], 1e-6);
    free_net(&net);
    net = linear_net(NULL, 2, (const int64_t[]){2, 3}, 2); /* mean: 1, 2, 1 */
    explain(&net, "sobel", two, 0, map);
    for (int i = 0; i < 6; i++) assert_near("[2, 3]", (double)map[i], want_two[i], 1e-6);
    free_net(&net);
}

enum { LONG = 60, TALL = 40 };

/* A line's edges are those of a picture whose rows all are that line. */
static void canny_on_lines(void **state)
{
    (void)state;
    float line[LONG], picture[TALL * LONG], edges[LONG], rows[TALL * LONG];
    size_t found = 0;
    for (size_t i = 0; i < LONG; i++)
        line[i] = (i > 15 ? 1.0f : 0.0f) + (i > 40 ? 0.2f : 0.0f) + (float)(i % 7) / 50.0f;
    for (size_t i = 0; i < TALL * LONG; i++) picture[i] = line[i % LONG];
    test_net one = linear_net(NULL, 2, (const int64_t[]){1, LONG}, 2);
    test_net many = linear_net(NULL, 3, (const int64_t[]){1, TALL, LONG}, 2);
    explain(&one, "canny", line, 0, edges);
    explain(&many, "canny", picture, 0, rows);
    assert_memory_equal(edges, rows + TALL / 2 * LONG, sizeof edges);
    for (size_t i = 0; i < LONG; i++) found += edges[i] > 0;
    assert_true(found >= 1 && found < 10);
    assert_true(edges[15] > 0 || edges[16] > 0);
    explain(&one, "canny:high=100", line, 0, edges);
    for (size_t i = 0; i < LONG; i++) assert_near("nothing strong", (double)edges[i], 0, 0);
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < LONG; i++) line[i] = k ? 3 : 0;
        explain(&one, k ? "canny" : "canny:low=0,high=0", line, 0, edges);
        for (size_t i = 0; i < LONG; i++) assert_near("flat", (double)edges[i], 0, 0);
    }
    free_net(&one);
    free_net(&many);
}

/* A weak edge counts where it touches a strong one, through any number of weak pixels. */
static void canny_links_weak_edges(void **state)
{
    (void)state;
    static float x[TALL * LONG], map[TALL * LONG];
    size_t strong = 0, linked = 0;
    for (size_t i = 0; i < TALL * LONG; i++) { /* a step that fades from 1 to .1 down the rows */
        double height = 1 - 0.9 * (double)(i / LONG) / TALL;
        x[i] = i % LONG > 30 ? (float)height : 0;
    }
    test_net net = linear_net(NULL, 3, (const int64_t[]){1, TALL, LONG}, 2);
    explain(&net, "canny:low=1,high=1", x, 0, map);
    for (size_t i = 0; i < TALL * LONG; i++) strong += map[i] > 0;
    explain(&net, "canny:low=0.1,high=1", x, 0, map);
    for (size_t i = 0; i < TALL * LONG; i++) linked += map[i] > 0;
    assert_true(strong > 0 && linked > strong + 20);
    explain(&net, "canny:low=0.1,high=10", x, 0, map); /* weak all the same, but nothing to touch */
    for (size_t i = 0; i < TALL * LONG; i++) assert_near("alone", (double)map[i], 0, 0);
    free_net(&net);
}

static void plain_controls(void **state)
{
    (void)state;
    float x[6] = {1, -2, 3, 0, 5, 6}, map[6];
    test_net net = linear_net(NULL, 1, (const int64_t[]){6}, 2);
    explain(&net, "input", x, 0, map);
    assert_memory_equal(map, x, sizeof x);
    explain(&net, "constant", x, 0, map);
    for (int i = 0; i < 6; i++) assert_near("constant", (double)map[i], 1, 0);
    free_net(&net);
}

/* ---- noise ----------------------------------------------------------------------------------- */

enum { MANY = 4000 };

static double correlation(const float *a, const float *b)
{
    double ab = 0, aa = 0, bb = 0, ma = 0, mb = 0;
    for (int i = 0; i < MANY; i++) {
        ma += (double)a[i] / MANY;
        mb += (double)b[i] / MANY;
    }
    for (int i = 0; i < MANY; i++) {
        ab += ((double)a[i] - ma) * ((double)b[i] - mb);
        aa += ((double)a[i] - ma) * ((double)a[i] - ma);
        bb += ((double)b[i] - mb) * ((double)b[i] - mb);
    }
    return ab / sqrt(aa * bb);
}

static void expect_normal(const char *name, const float *v)
{
    double mean = 0, square = 0;
    for (int i = 0; i < MANY; i++) mean += (double)v[i] / MANY;
    for (int i = 0; i < MANY; i++) square += (double)v[i] * (double)v[i] / MANY;
    assert_near(name, mean, 0, 5 / sqrt(MANY));
    assert_near(name, square, 1, 5 * sqrt(2.0 / MANY));
}

static void random_is_new_each_time(void **state)
{
    (void)state;
    static float x[MANY], y[MANY], a[MANY], b[MANY];
    y[0] = 1;
    test_net net = linear_net(NULL, 1, (const int64_t[]){MANY}, 2);
    explain(&net, "random", x, 1, a);
    expect_normal("random", a);
    explain(&net, "random", y, 1, b);
    assert_memory_equal(a, b, sizeof a); /* whatever the input */
    explain(&net, "random", x, 2, b);
    assert_near("unrelated", correlation(a, b), 0, 5 / sqrt(MANY));
    free_net(&net);
}

static void random_from_params_follows_bits(void **state)
{
    (void)state;
    static float x[MANY], y[MANY], a[MANY], b[MANY];
    test_net net = linear_net(NULL, 1, (const int64_t[]){MANY}, 2);
    test_net same =
        linear_net(NULL, 1, (const int64_t[]){MANY}, 2); /* equal values, other memory */
    explain(&net, "random-from-params", x, 1, a);
    expect_normal("random-from-params", a);
    explain(&same, "random-from-params", x, 2, b);
    assert_memory_equal(a, b, sizeof a);
    float bias[2] = {0, 1e-30f};
    set_param(&same, "fc.bias", bias);
    sal_model_free(same.model);
    make_model(&same, sal_graph_find(same.g, "input"), sal_graph_find(same.g, "fc"));
    explain(&same, "random-from-params", x, 1, b);
    assert_near("other parameters", correlation(a, b), 0, 5 / sqrt(MANY));
    y[7] = 1;
    explain(&net, "random-from-params", y, 1, b);
    assert_near("other input", correlation(a, b), 0, 5 / sqrt(MANY));
    free_net(&net);
    free_net(&same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sobel_on_lines),
        cmocka_unit_test(canny_on_lines),
        cmocka_unit_test(canny_links_weak_edges),
        cmocka_unit_test(plain_controls),
        cmocka_unit_test(random_is_new_each_time),
        cmocka_unit_test(random_from_params_follows_bits),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
