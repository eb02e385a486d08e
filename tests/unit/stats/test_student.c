#include "support.h"

#include "stats/student.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* One to four degrees of freedom have closed forms. */
static double closed(double t, int freedom)
{
    double s = sqrt(2 + t * t), angle = atan(t / sqrt(3)), q = t / sqrt(4 + t * t);
    switch (freedom) {
    case 1:
        return .5 + atan(t) / pi;
    case 2:
        return .5 + t / (2 * s);
    case 3:
        return .5 + (angle + t / sqrt(3) / (1 + t * t / 3)) / pi;
    default:
        return .5 + .75 * (q - q * q * q / 3);
    }
}

static void closed_forms_agree(void **state)
{
    (void)state;
    for (int freedom = 1; freedom <= 4; freedom++)
        for (double t = -30; t <= 30; t += .37)
            assert_near("closed form", sal_student_below_(t, freedom), closed(t, freedom), 2e-14);
}

/* Printed tables of quantiles, six digits. */
static void tables_agree(void **state)
{
    static const struct {
        double tail, freedom, t;
    } rows[] = {{.025, 1, 12.7062}, {.05, 5, 2.01505},   {.025, 10, 2.22814}, {.005, 30, 2.75000},
                {.01, 60, 2.39012}, {.01, 120, 2.35782}, {.001, 8, 4.50079},  {.0005, 20, 3.84952},
                {.1, 15, 1.34061},  {.25, 2, .816497}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_near("table", sal_student_exceeded_(rows[i].tail, rows[i].freedom) / rows[i].t, 1,
                    5e-6);
        assert_near("table, other side",
                    sal_student_exceeded_(1 - rows[i].tail, rows[i].freedom) / -rows[i].t, 1, 5e-6);
    }
    assert_near("many", sal_student_exceeded_(.025, 1e9), 1.9599639845, 1e-6);
}

static void quantile_is_the_inverse(void **state)
{
    static const double freedoms[] = {.7, 1, 2.5, 17.3, 255, 511.8, 1e5};
    (void)state;
    for (size_t k = 0; k < sizeof freedoms / sizeof freedoms[0]; k++)
        for (double tail = 1e-12; tail < .5; tail *= 3.1) {
            double t = sal_student_exceeded_(tail, freedoms[k]);
            assert_near("inverse", sal_student_below_(-t, freedoms[k]) / tail, 1, 1e-10);
        }
    assert_near("middle", sal_student_exceeded_(.5, 9), 0, 1e-12);
}

static void far_tails_keep_their_precision(void **state)
{
    (void)state;
    /* 2 degrees: 1 - 1/sqrt(1 + 2/t^2) over 2, about 1/(2 t^2) far out */
    for (double t = 1e3; t < 1e7; t *= 10)
        assert_near("tail", sal_student_below_(-t, 2) * 2 * t * t, 1, 2 / (t * t) + 1e-12);
    assert_true(sal_student_below_((double)-INFINITY, 9) == 0);
    assert_true(sal_student_below_((double)INFINITY, 9) == 1);
    assert_true(sal_student_below_(-1e200, 9) == 0);
    assert_true(sal_student_below_(-40, 255) > 0 && sal_student_below_(-40, 255) < 1e-100);
}

/* Integers: a sum of binomial terms. */
static void incomplete_beta_is_a_binomial_tail(void **state)
{
    (void)state;
    for (int a = 1; a < 9; a++)
        for (int b = 1; b < 9; b++)
            for (double x = 0; x <= 1; x += 1. / 16) {
                double sum = 0, n = a + b - 1;
                for (double k = a; k <= n; k++)
                    sum += tgamma(n + 1) / (tgamma(k + 1) * tgamma(n - k + 1)) * pow(x, k) *
                           pow(1 - x, n - k);
                assert_near("binomial", sal_beta_below_(a, b, x), sum, 1e-13);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms_agree),
        cmocka_unit_test(tables_agree),
        cmocka_unit_test(quantile_is_the_inverse),
        cmocka_unit_test(far_tails_keep_their_precision),
        cmocka_unit_test(incomplete_beta_is_a_binomial_tail),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
