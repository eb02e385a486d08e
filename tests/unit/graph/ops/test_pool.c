/* MaxPool and AveragePool against plain loops over random geometries: ties go to the first place in
 * row-major order, padding never wins, and is counted only when asked for. */
#include "op_rig.h"
#include "support.h"
#include "windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 400 };

typedef enum { MAX, MEAN, COUNTED } kind;
static const char *const names[] = {"maximum", "mean", "mean with padding"};

/* Places of window p's taps that lie in the data. */
static size_t taps_of(const geometry *g, int64_t p, int64_t place[16])
{
    size_t n = 0;
    for (int64_t k = 0; k < g->attrs.kernel[0] * g->attrs.kernel[1]; k++) {
        int64_t at = tap_place(g, p, k);
        if (at >= 0) place[n++] = at;
    }
    return n;
}

/* True when every window has a tap in the data. */
static bool all_windows_see(const geometry *g)
{
    int64_t place[16];
    for (int64_t p = 0; p < g->out[0] * g->out[1]; p++)
        if (!taps_of(g, p, place)) return false;
    return true;
}

static void naive(const geometry *g, kind how, const float *x, const float *gy, double *y,
                  double *gx)
{
    int64_t plane = g->size[0] * g->size[1], pixels = g->out[0] * g->out[1], place[16];
    for (int64_t c = 0; c < g->n * g->channels; c++, x += plane, gx += plane)
        for (int64_t p = 0; p < pixels; p++, y++, gy++) {
            size_t n = taps_of(g, p, place), best = 0;
            double divisor =
                how == MEAN ? (double)n : (double)(g->attrs.kernel[0] * g->attrs.kernel[1]);
            for (size_t k = 1; k < n; k++)
                if (x[place[k]] > x[place[best]]) best = k;
            if (how == MAX) {
                *y = (double)x[place[best]];
                gx[place[best]] += (double)*gy;
                continue;
            }
            for (size_t k = 0; k < n; k++) {
                *y += (double)x[place[k]] / divisor;
                gx[place[k]] += (double)*gy / divisor;
            }
        }
}

static void compare(const geometry *g, kind how, const char *what, size_t n, const float *got,
                    const double *want)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - want[i]) <= (how == MAX ? 0 : 1e-5) + 1e-5 * fabs(want[i])))
            fail_msg("%s, %s: %s %zu is %.8g, wanted %.8g", names[how], g->text, what, i,
                     (double)got[i], want[i]);
}

/* levels: values are whole numbers below it, so that ties are common; 0 = no ties */
static void check(geometry *g, kind how, size_t levels, uint64_t seed)
{
    g->attrs.count_padding = how == COUNTED;
    sal_shape in = data_shape(g, g->channels);
    op_rig r = op_rig_make(how == MAX ? "MaxPool" : "AveragePool", &g->attrs, 1, &in, seed);
    float *gy = calloc(r.n_out, sizeof *gy), *got = calloc(r.n_out, sizeof *got);
    double *y = calloc(r.n_out, sizeof *y), *gx = calloc(r.count[0], sizeof *gx);
    sal_rng rng = sal_rng_for(seed, "gy", 0);
    for (size_t i = 0; i < r.n_out; i++) gy[i] = (float)(1 + sal_rng_below_(&rng, 9));
    for (size_t i = 0; i < r.count[0]; i++) {
        if (levels) r.data[0][i] = (float)sal_rng_below_(&rng, levels);
        r.data[0][i] -= 5.0f; /* below 0: padding that counted as 0 would win */
    }
    memcpy(got, op_rig_forward(&r), r.n_out * sizeof *got);
    op_rig_backward(&r, gy);
    naive(g, how, r.data[0], gy, y, gx);
    compare(g, how, "output", r.n_out, got, y);
    compare(g, how, "gradient", r.count[0], r.gradient[0], gx);
    free(gy);
    free(got);
    free(y);
    free(gx);
    op_rig_free(&r);
}

static void random_geometries(void **state)
{
    (void)state;
    sal_rng rng = sal_rng_for(3, "pool", 0);
    for (uint64_t i = 0; i < CASES;) {
        geometry g = random_geometry(&rng, 3);
        if (!all_windows_see(&g)) continue;
        check(&g, MAX, 0, i);
        check(&g, MAX, 3, i);
        check(&g, MEAN, 0, i);
        check(&g, COUNTED, 0, i);
        i++;
    }
}

/* A window whose taps all fall beside the data has no maximum and no mean. */
static void windows_without_data_are_refused(void **state)
{
    (void)state;
    sal_rng rng = sal_rng_for(4, "pool", 0);
    size_t refused = 0, lengthy = 0;
    for (uint64_t i = 0; i < 4 * CASES; i++) {
        geometry g = random_geometry(&rng, 6);
        sal_shape in = data_shape(&g, g.channels);
        bool sees = all_windows_see(&g);
        refused += !sees;
        lengthy += !sees && g.attrs.dilation[1] > 1 && g.attrs.kernel[1] > 1;
        for (int max = 0; max < 2; max++) {
            sal_error err = op_rig_mistake(max ? "MaxPool" : "AveragePool", &g.attrs, 1, &in);
            if (err.status != (sees ? SAL_OK : SAL_E_SHAPE) ||
                (!sees && !strstr(err.text, "a window lies beside the data altogether")))
                fail_msg("%s, %s: status %d, '%s'", names[!max], g.text, err.status, err.text);
        }
        if (sees) continue;
        check(&g, COUNTED, 0, i); /* the padding's zeros count: a mean of zeros */
    }
    assert_true(refused > CASES && lengthy > CASES / 10);
}

static void ties_go_to_the_first(void **state)
{
    (void)state;
    sal_shape in = {4, {1, 1, 4, 4}};
    op_rig r =
        op_rig_make("MaxPool", &(sal_op_attrs){.kernel = {2, 2}, .stride = {2, 2}}, 1, &in, 1);
    static const float x[16] = {0, 0, -1, 7, 0, 0, 7, 7, -2, -3, 1, 2, -2, -2, 2, 1};
    static const float want[16] = {1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0};
    memcpy(r.data[0], x, sizeof x);
    op_rig_forward(&r);
    op_rig_backward(&r, (const float[]){1, 1, 1, 1});
    assert_memory_equal(r.gradient[0], want, sizeof want);
    op_rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_geometries),
        cmocka_unit_test(windows_without_data_are_refused),
        cmocka_unit_test(ties_go_to_the_first),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
