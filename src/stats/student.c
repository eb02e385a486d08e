/* stats/student.c - P(T < t) from the incomplete beta function, whose continued fraction is summed
 * from the front (Lentz 1976; Abramowitz & Stegun 26.5.8 and 26.7.1). */
#include "stats/student.h"

#include <math.h>

enum { MOST_TERMS = 1000, MOST_HALVINGS = 200 };

static double not_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* Term n of 1/(1 + d1/(1 + d2/(1 + ...))). */
static double term(double a, double b, double x, int n)
{
    int half = n / 2;
    double m = half;
    if (n % 2) return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

static double fraction(double a, double b, double x)
{
    double top = 1, below = 1 / not_zero(1 + term(a, b, x, 1)), value = below;
    for (int n = 2; n < MOST_TERMS; n++) {
        double d = term(a, b, x, n);
        below = 1 / not_zero(1 + d * below);
        top = not_zero(1 + d / top);
        value *= below * top;
        if (fabs(below * top - 1) < 1e-15) break;
    }
    return value;
}

/* x and 1 - x both, because either may be too small for the other to show it. */
static double beta_below(double a, double b, double x, double rest)
{
    if (x <= 0) return 0;
    if (rest <= 0) return 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest));
    if (x < (a + 1) / (a + b + 2)) return front * fraction(a, b, x) / a;
    return 1 - front * fraction(b, a, rest) / b;
}

double sal_beta_below_(double a, double b, double x)
{
    return beta_below(a, b, x, 1 - x);
}

double sal_student_below_(double t, double freedom)
{
    double square = t * t, whole = freedom + square;
    double tail =
        isfinite(square) ? beta_below(freedom / 2, .5, freedom / whole, square / whole) / 2 : 0;
    return t < 0 ? tail : 1 - tail;
}

double sal_student_exceeded_(double tail, double freedom)
{
    double low = 0, high = 1, beyond = tail > .5 ? 1 - tail : tail;
    while (sal_student_below_(-high, freedom) > beyond && high < 1e300) high *= 2;
    for (int i = 0; i < MOST_HALVINGS && high - low > 1e-15 * high; i++) {
        double middle = low + (high - low) / 2;
        if (sal_student_below_(-middle, freedom) > beyond)
            low = middle;
        else
            high = middle;
    }
    double t = low + (high - low) / 2;
    return tail > .5 ? -t : t;
}
