/* stats/beta.c - a beta variable is a share of two gamma variables (Marsaglia & Tsang 2000). */
#include "stats/beta.h"

#include <math.h>

/* Logarithm of a gamma variable: those of small shapes are too small for a double. */
static double log_gamma_variable(sal_rng *rng, double shape)
{
    double boost = shape < 1 ? log1p(-sal_rng_uniform_(rng)) / shape : 0;
    double d = (shape < 1 ? shape + 1 : shape) - 1. / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = sal_rng_normal_(rng), t = 1 + c * x;
        if (t <= 0) continue;
        double v = t * t * t, u = sal_rng_uniform_(rng);
        if (log1p(-u) < x * x / 2 + d - d * v + d * log(v)) return log(d) + log(v) + boost;
    }
}

double sal_beta_variable_(sal_rng *rng, double p, double q)
{
    double x = log_gamma_variable(rng, p), y = log_gamma_variable(rng, q);
    return 1 / (1 + exp(y - x));
}
