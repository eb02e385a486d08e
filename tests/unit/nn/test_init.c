/* Initialisers by name: moments and bounds of many draws within 5 sigma, unknown names, missing
 * fans; every parameter has a stream of its own. */
#include "support.h"

#include "nn/nn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 200000, FAN_IN = 50, FAN_OUT = 30 };

typedef enum { FIXED, NORMAL, TRUNCATED, UNIFORM } law;

static const struct {
    const char *spec;
    law law;
    double size; /* value, deviation, or bound */
} cases[] = {
    {"zeros", FIXED, 0},
    {"ones", FIXED, 1},
    {"constant", FIXED, 0},
    {"constant:value=-2.5", FIXED, -2.5},
    {"normal", NORMAL, 1},
    {"normal:std=0.3", NORMAL, 0.3},
    {"uniform", UNIFORM, 1},
    {"uniform:bound=0.25", UNIFORM, 0.25},
    {"truncated-normal", TRUNCATED, 0.1},
    {"truncated-normal:std=0.02", TRUNCATED, 0.02},
    {"truncated-normal-fan-in", TRUNCATED, 0.28284271247461901},        /* 2 / sqrt(50) */
    {"truncated-normal-fan-in:gain=1", TRUNCATED, 0.14142135623730951}, /* 1 / sqrt(50) */
    {"fan-in-uniform", UNIFORM, 0.14142135623730951},                   /* 1 / sqrt(50) */
    {"glorot-uniform", UNIFORM, 0.27386127875258306},                   /* sqrt(6 / 80) */
    {"glorot-normal", NORMAL, 0.15811388300841897},                     /* sqrt(2 / 80) */
    {"he-uniform", UNIFORM, 0.34641016151377546},                       /* sqrt(6 / 50) */
    {"he-normal", NORMAL, 0.2},                                         /* sqrt(2 / 50) */
};

static sal_param_info info_of(size_t n)
{
    return (sal_param_info){.name = "w",
                            .layer = "fc",
                            .rank = 1,
                            .dims = {(int64_t)n},
                            .fan_in = FAN_IN,
                            .fan_out = FAN_OUT};
}

/* Deviation and fourth moment of the law, in units of its size. */
static void moments(law how, double *deviation, double *fourth)
{
    const double z2 = 0.7737413035, z4 = 1.4161891248; /* E z^2, E z^4 of a normal cut at 2 */
    *deviation = how == NORMAL ? 1 : how == UNIFORM ? 1 / sqrt(3.0) : sqrt(z2);
    *fourth = how == NORMAL ? 3 : how == UNIFORM ? 0.2 : z4;
}

static void check_law(const char *spec, law how, double size, const float *x)
{
    double sum = 0, square = 0, largest = 0, deviation, fourth;
    for (size_t i = 0; i < N; i++) {
        double z = (double)x[i] / size;
        sum += z;
        square += z * z;
        largest = fmax(largest, fabs(z));
    }
    moments(how, &deviation, &fourth);
    double variance = deviation * deviation;
    assert_near(spec, sum / N, 0, 5 * deviation / sqrt(N));
    assert_near(spec, square / N, variance, 5 * sqrt((fourth - variance * variance) / N));
    double bound = how == UNIFORM ? 1 : how == TRUNCATED ? 2 : 6.5;
    if (!(largest <= bound * (1 + 1e-6))) fail_msg("%s: a draw of %g", spec, largest * size);
    if (!(largest > (how == NORMAL ? 4 : 0.999 * bound)))
        fail_msg("%s: at most %g", spec, largest * size);
}

static void laws(void **state)
{
    (void)state;
    float *x = calloc(N, sizeof *x);
    sal_param_info info = info_of(N);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_error err = {SAL_OK, ""};
        sal_rng rng = sal_rng_for(1, "init", c);
        if (sal_init_fill_(cases[c].spec, &info, &rng, x, &err) != SAL_OK)
            fail_msg("%s: %s", cases[c].spec, err.text);
        if (cases[c].law != FIXED) {
            check_law(cases[c].spec, cases[c].law, cases[c].size, x);
            continue;
        }
        for (size_t i = 0; i < N; i++)
            if (x[i] != (float)cases[c].size) fail_msg("%s: element %zu", cases[c].spec, i);
    }
    free(x);
}

static const struct {
    const char *spec;
    size_t fan_in, fan_out;
    const char *text;
} mistakes[] = {
    {"he-norml", 5, 5, "unknown initialiser 'he-norml'; did you mean 'he-normal'?"},
    {"xavier", 5, 5, "unknown initialiser 'xavier'"},
    {"", 5, 5, "initialiser name '' is empty or too long"},
    {"zeros:value=1", 5, 5, "'zeros' has no option 'value'"},
    {"normal:sdt=1", 5, 5, "'normal' has no option 'sdt', only std"},
    {"normal:std", 5, 5, "initialiser 'normal': 'std' is not key=value"},
    {"normal:std=wide", 5, 5, "'normal': std=wide, wanted a number from 0 to 1e+06"},
    {"normal:std=-1", 5, 5, "'normal': std=-1, wanted a number from 0 to 1e+06"},
    {"uniform:bound=-1", 5, 5, "'uniform': bound=-1, wanted a number from 0 to 1e+06"},
    {"constant:value=1e7", 5, 5, "'constant': value=1e7, wanted a number from -1e+06 to 1e+06"},
    {"he-normal", 0, 5, "parameter 'w': 'he-normal' needs its fan in, which is unknown"},
    {"fan-in-uniform", 0, 5, "parameter 'w': 'fan-in-uniform' needs its fan in, which is unknown"},
    {"truncated-normal-fan-in", 0, 5,
     "parameter 'w': 'truncated-normal-fan-in' needs its fan in, which is unknown"},
    {"glorot-uniform", 0, 5, "parameter 'w': 'glorot-uniform' needs its fan in, which is unknown"},
    {"glorot-normal", 5, 0, "parameter 'w': 'glorot-normal' needs its fan out, which is unknown"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_error err = {SAL_OK, ""};
        sal_rng rng = sal_rng_for(1, "init", 0);
        sal_param_info info = info_of(1);
        float x[1] = {42};
        info.fan_in = mistakes[i].fan_in;
        info.fan_out = mistakes[i].fan_out;
        if (sal_init_fill_(mistakes[i].spec, &info, &rng, x, &err) != SAL_E_ARG ||
            strcmp(err.text, mistakes[i].text))
            fail_msg("'%s': status %d, '%s'", mistakes[i].spec, err.status, err.text);
        assert_true(x[0] == 42);
    }
}

/* ---- a whole graph -------------------------------------------------------------------------- */

static sal_graph *graph(const char *init_a, const char *init_b)
{
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    sal_graph_param(g, &(sal_param_info){.name = "a", .init = init_a, .rank = 1, .dims = {1000}});
    sal_graph_param(g, &(sal_param_info){.name = "b", .init = init_b, .rank = 1, .dims = {1000}});
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    return g;
}

static void every_parameter_has_its_stream(void **state)
{
    (void)state;
    sal_graph *g = graph("normal", "normal"), *other = graph("zeros", "normal");
    sal_params *p[4];
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(sal_params_create(g, &p[k], NULL), SAL_OK);
        assert_int_equal(sal_nn_initialise(k == 2 ? other : g, p[k], k == 3 ? 6 : 5, NULL), SAL_OK);
    }
    const float *a = sal_params_get(p[0], 0), *b = sal_params_get(p[0], 1);
    double product = 0;
    for (size_t i = 0; i < 1000; i++) product += (double)a[i] * (double)b[i];
    assert_near("two parameters", product / 1000, 0, 5 / sqrt(1000));
    assert_memory_equal(sal_params_get(p[1], 0), a, 1000 * sizeof *a);
    assert_memory_equal(sal_params_get(p[1], 1), b, 1000 * sizeof *b);
    assert_memory_equal(sal_params_get(p[2], 1), b,
                        1000 * sizeof *b); /* whatever the first takes */
    assert_true(memcmp(sal_params_get(p[3], 0), a, 1000 * sizeof *a) != 0); /* another seed */
    sal_params *none = NULL;
    assert_int_equal(sal_params_create(g, &none, NULL),
                     SAL_OK); /* seed 0: the default, not zeros */
    assert_int_equal(sal_nn_initialise(g, none, 0, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(g, p[3], SAL_SEED_DEFAULT, NULL), SAL_OK);
    assert_memory_equal(sal_params_get(none, 0), sal_params_get(p[3], 0), 1000 * sizeof *a);
    sal_params_free(none);
    for (size_t k = 0; k < 4; k++) sal_params_free(p[k]);
    sal_graph_free(g);
    sal_graph_free(other);
}

static void clones_keep_their_numbers(void **state)
{
    (void)state;
    sal_graph *g = graph("normal", "ones");
    sal_params *p = NULL, *copy = NULL;
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    assert_int_equal(sal_params_clone(p, &copy, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(g, p, 1, NULL), SAL_OK);
    for (size_t i = 0; i < 1000; i++) assert_true(sal_params_get(copy, 0)[i] == 0);
    sal_params_free(copy);
    sal_params_free(p);
    sal_graph_free(g);
}

static void parameters_that_do_not_belong(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_graph *g = graph("normal", NULL), *small = NULL;
    sal_params *p = NULL, *narrow = NULL;
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(g, p, 1, &err), SAL_E_ARG);
    assert_string_equal(err.text, "parameter 'b' has no initialiser");
    assert_int_equal(sal_nn_initialise(NULL, p, 1, &err), SAL_E_ARG);
    assert_int_equal(sal_nn_initialise(g, NULL, 1, &err), SAL_E_ARG);
    assert_int_equal(sal_graph_create(NULL, "small", &small, NULL), SAL_OK);
    sal_graph_param(small, &(sal_param_info){.name = "a", .rank = 1, .dims = {3}});
    assert_int_equal(sal_params_create(small, &narrow, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(g, narrow, 1, &err), SAL_E_ARG);
    assert_string_equal(err.text, "parameters of another graph: 1 tensors, wanted 2");
    sal_params_free(narrow);
    sal_graph_param(small, &(sal_param_info){.name = "b", .rank = 1, .dims = {1000}});
    assert_int_equal(sal_params_create(small, &narrow, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(g, narrow, 1, &err), SAL_E_SHAPE);
    assert_string_equal(err.text, "parameter 'a' has 3 elements, wanted 1000");
    sal_params_free(narrow);
    sal_params_free(p);
    sal_graph_free(small);
    sal_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(every_parameter_has_its_stream),
        cmocka_unit_test(clones_keep_their_numbers),
        cmocka_unit_test(parameters_that_do_not_belong),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
