/* Quadrature rules on [0, 1]: how far each is exact, and the published variants to the digit. */
#include "nets.h"
#include "support.h"

#include "method/path.h"

#include <math.h>
#include <stdio.h>

static sal_path make(const test_net *net, const char *rule, size_t steps, sal_method *m)
{
    char spec[80];
    sal_error err = {SAL_OK, ""};
    sal_path p;
    snprintf(spec, sizeof spec, "integrated-gradients:rule=%s,steps=%zu", rule, steps);
    if (sal_method_open_(net->model, spec, NULL, NULL, m, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(sal_path_make_(m, &p, &err), SAL_OK);
    assert_int_equal(p.steps, steps);
    return p;
}

/* Integral of t^power. */
static double integral(const sal_path *p, double power)
{
    double sum = 0;
    for (size_t k = 0; k < p->steps; k++) sum += p->weight[k] * pow(p->share[k], power);
    return sum;
}

static void exact_powers(void **state)
{
    static const struct {
        const char *rule;
        size_t steps, powers; /* exact below this power */
    } rows[] = {{"midpoint", 1, 2}, {"midpoint", 50, 2}, {"trapezoid", 2, 2},  {"trapezoid", 50, 2},
                {"gauss", 1, 2},    {"gauss", 2, 4},     {"gauss", 3, 6},      {"gauss", 8, 16},
                {"gauss", 50, 100}, {"gauss", 51, 102},  {"gauss", 1000, 200}, {"paper", 2, 2},
                {"paper", 50, 2}};
    (void)state;
    test_net net = linear_net(NULL, 1, (const int64_t[]){3}, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_method m;
        char name[64];
        sal_path p = make(&net, rows[i].rule, rows[i].steps, &m);
        for (size_t power = 0; power < rows[i].powers; power++) {
            snprintf(name, sizeof name, "%s, %zu steps, t^%zu", rows[i].rule, rows[i].steps, power);
            assert_near(name, integral(&p, (double)power), 1 / ((double)power + 1), 2e-14);
        }
        for (size_t k = 1; k < p.steps; k++)
            if (!(p.share[k] > p.share[k - 1])) fail_msg("%s: share %zu does not rise", name, k);
        assert_true(p.share[0] >= 0 && p.share[p.steps - 1] <= 1);
        sal_path_free_(&m, &p);
    }
    free_net(&net);
}

static void to_the_digit(void **state)
{
    static const struct {
        const char *rule;
        double share[3], weight[3];
    } rows[] = {
        {"midpoint", {1 / 6., .5, 5 / 6.}, {1 / 3., 1 / 3., 1 / 3.}},
        {"paper", {0, .5, 1}, {1 / 3., 1 / 3., 1 / 3.}},
        {"trapezoid", {0, .5, 1}, {.25, .5, .25}},
        {"captum-trapezoid", {0, .5, 1}, {1 / 6., 1 / 3., 1 / 6.}}, /* adds up to 2/3 */
        {"gauss", {.1127016653792583, .5, .8872983346207417}, {5 / 18., 8 / 18., 5 / 18.}},
    };
    (void)state;
    test_net net = linear_net(NULL, 1, (const int64_t[]){3}, 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_method m;
        sal_path p = make(&net, rows[i].rule, 3, &m);
        for (size_t k = 0; k < 3; k++) {
            assert_near(rows[i].rule, p.share[k], rows[i].share[k], 1e-15);
            assert_near(rows[i].rule, p.weight[k], rows[i].weight[k], 1e-15);
        }
        sal_path_free_(&m, &p);
    }
    free_net(&net);
}

static void points_lie_between(void **state)
{
    (void)state;
    test_net net = linear_net(NULL, 1, (const int64_t[]){3}, 2);
    sal_method m = {.model = net.model, .baseline = 2};
    const float x[3] = {2, 4, -6};
    float out[3];
    sal_path_point_(&m, 0.25, x, out);
    assert_near("at the baseline", (double)out[0], 2, 0);
    assert_near("up", (double)out[1], 2.5, 0);
    assert_near("down", (double)out[2], 0, 0);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_powers),
        cmocka_unit_test(to_the_digit),
        cmocka_unit_test(points_lie_between),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
