/* Grad-CAM against its formula, and the two ways of enlarging a plane. */
#include "nets.h"
#include "support.h"

#include "method/cam.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 2 * 9 * 8 };

static void enlarging(void **state)
{
    static const struct {
        const char *name;
        size_t rule, from, to;
        double low[4], high[6];
    } rows[] = {
        {"half-pixel 2 to 4", SAL_HALF_PIXEL, 2, 4, {0, 4}, {0, 1, 3, 4}},
        {"half-pixel 3 to 6", SAL_HALF_PIXEL, 3, 6, {0, 4, 0}, {0, 1, 3, 3, 1, 0}},
        {"half-pixel 2 to 3", SAL_HALF_PIXEL, 2, 3, {0, 6}, {0, 3, 6}},
        {"half-pixel 4 to 2", SAL_HALF_PIXEL, 4, 2, {0, 2, 4, 10}, {1, 7}},
        {"half-pixel same", SAL_HALF_PIXEL, 3, 3, {5, 0, 7}, {5, 0, 7}},
        {"half-pixel 1 to 3", SAL_HALF_PIXEL, 1, 3, {5}, {5, 5, 5}},
        {"paper 2 to 4", SAL_PAPER, 2, 4, {0, 4}, {0, 2, 4, 4}},
        {"paper 3 to 6", SAL_PAPER, 3, 6, {0, 4, 0}, {0, 2, 4, 2, 0, 0}},
        {"paper same", SAL_PAPER, 3, 3, {5, 0, 7}, {5, 0, 7}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        float along[6], across[6];
        sal_cam_enlarge_(rows[i].rule, 1, rows[i].from, rows[i].low, 1, rows[i].to, along);
        sal_cam_enlarge_(rows[i].rule, rows[i].from, 1, rows[i].low, rows[i].to, 1, across);
        for (size_t k = 0; k < rows[i].to; k++) {
            assert_near(rows[i].name, (double)along[k], rows[i].high[k], 1e-6);
            assert_near(rows[i].name, (double)across[k], rows[i].high[k], 1e-6);
        }
    }
}

/* relu2 of small_cnn is [5, 4, 4]; the map is [2, 9, 8]. */
static void formula(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    float x[WIDTH], map[WIDTH], want[9 * 8], activation[80], gradient[80];
    double low[16] = {0};
    sal_tensor *t = NULL;
    sal_worker *w = NULL;
    sal_tap tap;
    test_net net = small_cnn(NULL, 1);
    for (size_t i = 0; i < WIDTH; i++) x[i] = (float)((5 * i + 1) % 13) / 6.0f - 1.0f;
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){1, 2, 9, 8}, &t, NULL),
                     SAL_OK);
    assert_int_equal(sal_model_find_tap_(net.model, NULL, &tap, &err), SAL_OK);
    assert_int_equal(tap.channels * 100 + tap.height * 10 + tap.width, 544);
    assert_int_equal(sal_worker_create_(net.model, 1, &w, NULL), SAL_OK);
    sal_job job = {NULL, x, 2};
    assert_int_equal(sal_worker_tap_(w, 1, &job, &tap, activation, gradient, NULL), SAL_OK);
    for (size_t k = 0; k < 5; k++) {
        double a = 0;
        for (size_t i = 0; i < 16; i++) a += (double)gradient[16 * k + i] / 16;
        for (size_t i = 0; i < 16; i++) low[i] += a * (double)activation[16 * k + i];
    }
    bool cut = false;
    for (size_t i = 0; i < 16; i++) {
        cut = cut || low[i] < 0;
        if (low[i] < 0) low[i] = 0;
    }
    assert_true(cut); /* or the positive part is not tested */
    for (size_t rule = 0; rule < 2; rule++) {
        sal_explain_options o = {.targets = (const int64_t[]){2}};
        const char *method = rule == SAL_PAPER ? "gradcam:resize=paper" : "gradcam";
        sal_cam_enlarge_(rule, 4, 4, low, 9, 8, want);
        if (sal_explain(net.model, t, method, &o, map, &err) != SAL_OK) fail_msg("%s", err.text);
        for (size_t i = 0; i < WIDTH; i++) /* one plane, in both channels */
            assert_near(method, (double)map[i], (double)want[i % 72], 1e-6);
    }
    sal_worker_free_(w);
    sal_tensor_free(t);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(enlarging), cmocka_unit_test(formula)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
