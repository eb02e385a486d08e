/* randomise/labels.c - permuted labels. */
#include "randomise/randomise.h"

void sal_permute_labels(size_t n, const int64_t *labels, uint64_t seed, int64_t *permuted)
{
    sal_rng rng = sal_rng_for(seed ? seed : SAL_SEED_DEFAULT, "permuted labels", 0);
    for (size_t i = 0; i < n; i++) permuted[i] = labels[i];
    for (size_t i = n; i > 1; i--) {
        size_t j = sal_rng_below_(&rng, i);
        int64_t keep = permuted[i - 1];
        permuted[i - 1] = permuted[j];
        permuted[j] = keep;
    }
}
