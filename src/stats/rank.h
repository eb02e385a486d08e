/* stats/rank.h - mid-ranks. */
#ifndef SAL_STATS_RANK_H
#define SAL_STATS_RANK_H

#include <stddef.h>

/* Mid-ranks (1-based; ties share the mean) of n finite values; -0 ties with 0.
 * scratch: 2 n doubles; the three arrays do not overlap. */
void sal_rank_(size_t n, const double *values, double *ranks, double *scratch);

#endif
