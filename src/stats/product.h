/* stats/product.h - the bets of betting.h as plain products: no logarithm, for scans over limits
 * and simulations, where a sequence ends at its first crossing and so cannot overflow. */
#ifndef SAL_STATS_PRODUCT_H
#define SAL_STATS_PRODUCT_H

#include "stats/betting.h"

#include <string.h>

/* Weighted wealth of each bet on one side. */
typedef struct sal_product {
    double bet[SAL_BETS];
} sal_product;

static inline sal_product sal_product_start_(void)
{
    sal_product p;
    memcpy(p.bet, sal_bet_weights_, sizeof p.bet);
    return p;
}

/* One draw; x is Z/|low| for the bets up, -Z/high for those down. Returns the wealth. A bet below
 * 1e-290 is lost for good (and spares denormals): log wealth is concave in the bet, so before it
 * could come back the smaller bets have crossed, in anything below ten thousand draws. */
static inline double sal_product_add_(sal_product *p, double x)
{
    double sum = 0;
    for (size_t i = 0; i < SAL_BETS; i++) {
        double b = p->bet[i] * (1 + sal_bet_sizes_[i] * x);
        p->bet[i] = b < 1e-290 ? 0 : b;
        sum += p->bet[i];
    }
    return sum;
}

#endif
