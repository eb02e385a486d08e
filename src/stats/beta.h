/* stats/beta.h - beta variables, for simulations. */
#ifndef SAL_STATS_BETA_H
#define SAL_STATS_BETA_H

#include "base/base.h"

/* Beta(p, q), in [0, 1]; p and q from 1e-9 up. */
double sal_beta_variable_(sal_rng *rng, double p, double q);

#endif
