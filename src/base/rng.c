/* base/rng.c - Philox4x32-10 (Salmon et al. 2011): counter-based, so that any number of any draw
 * can be computed anywhere, in any order. The key mixes seed and purpose; the counter is
 * (block, part of the purpose's hash, index). */
#include "base/base.h"

#include <math.h>
#include <string.h>

void sal_philox_(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c0, p1 = UINT64_C(0xCD9E8D57) * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static uint64_t mix(uint64_t z) /* finaliser of splitmix64 */
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t sal_hash_(uint64_t start, const void *data, size_t bytes)
{
    uint64_t h = start ? start : UINT64_C(0xCBF29CE484222325);
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i++) h = (h ^ at[i]) * UINT64_C(0x100000001B3);
    return h;
}

uint64_t sal_index_pair_(uint64_t high, uint64_t low)
{
    return mix(high + UINT64_C(0x9E3779B97F4A7C15)) + low;
}

sal_rng sal_rng_for(uint64_t seed, const char *purpose, uint64_t index)
{
    uint64_t name = sal_hash_(0, purpose, strlen(purpose));
    uint64_t key = mix(seed + UINT64_C(0x9E3779B97F4A7C15)) ^ name;
    sal_rng r;
    memset(&r, 0, sizeof r);
    r.key[0] = (uint32_t)key;
    r.key[1] = (uint32_t)(key >> 32);
    r.counter[1] = (uint32_t)(mix(name) >> 32);
    r.counter[2] = (uint32_t)index;
    r.counter[3] = (uint32_t)(index >> 32);
    r.used = 4;
    return r;
}

uint32_t sal_rng_word_(sal_rng *rng)
{
    if (rng->used == 4) {
        sal_philox_(rng->counter, rng->key, rng->block);
        if (++rng->counter[0] == 0) rng->counter[1]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

double sal_rng_uniform_(sal_rng *rng)
{
    uint64_t high = sal_rng_word_(rng), low = sal_rng_word_(rng);
    return (double)((high << 32 | low) >> 11) * 0x1p-53;
}

double sal_rng_normal_(sal_rng *rng)
{
    if (rng->has_spare) {
        rng->has_spare = false;
        return rng->spare;
    }
    double u = sal_rng_uniform_(rng), v = sal_rng_uniform_(rng);
    double r = sqrt(-2.0 * log1p(-u)), angle = 6.283185307179586476925 * v;
    rng->spare = r * sin(angle);
    rng->has_spare = true;
    return r * cos(angle);
}

double sal_rng_truncated_normal_(sal_rng *rng)
{
    double x;
    do x = sal_rng_normal_(rng);
    while (fabs(x) > 2.0);
    return x;
}

size_t sal_rng_below_(sal_rng *rng, size_t n)
{
    uint64_t bound = n, limit = UINT64_MAX - UINT64_MAX % bound, word;
    do {
        word = (uint64_t)sal_rng_word_(rng) << 32;
        word |= sal_rng_word_(rng);
    } while (word >= limit);
    return (size_t)(word % bound);
}

void sal_rng_shuffle_(sal_rng *rng, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = sal_rng_below_(rng, i), keep = order[i - 1];
        order[i - 1] = order[j];
        order[j] = keep;
    }
}
