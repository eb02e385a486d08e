/* base/fill.c - many random numbers at once. The loops are written for the compiler to vectorise, and
 * use no libm, so that a fill has the same bits wherever the compiler rounds as IEEE 754 says.
 * Normals: Box-Muller in single precision; ln by the atanh series on [1/sqrt 2, sqrt 2), sine and
 * cosine on an eighth of the circle, the quarter by two random signs. */
#include "base/base.h"

#include <math.h>
#include <string.h>

enum { BLOCKS = 256, WORDS = 4 * BLOCKS };

/* The next BLOCKS counters of the stream at once, word k of block i at [k * BLOCKS + i]. */
SAL_CLONES static void next_words(sal_rng *rng, uint32_t *restrict words)
{
    uint32_t *c0 = words, *c1 = c0 + BLOCKS, *c2 = c1 + BLOCKS, *c3 = c2 + BLOCKS;
    uint32_t k0 = rng->key[0], k1 = rng->key[1];
    for (uint32_t i = 0; i < BLOCKS; i++) {
        c0[i] = rng->counter[0] + i;
        c1[i] = rng->counter[1] + (c0[i] < i); /* the carry of a stream beyond 2^34 numbers */
        c2[i] = rng->counter[2];
        c3[i] = rng->counter[3];
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            uint64_t p0 = UINT64_C(0xD2511F53) * c0[i], p1 = UINT64_C(0xCD9E8D57) * c2[i];
            c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)p1;
            c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)p0;
        }
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    uint32_t before = rng->counter[0];
    rng->counter[0] += BLOCKS;
    rng->counter[1] += rng->counter[0] < before;
    rng->used = 4;
}

static inline float log_of(float x) /* x > 0, normal */
{
    int32_t bits, exponent;
    memcpy(&bits, &x, sizeof bits);
    exponent = (bits - 0x3f3504f3) >> 23; /* so that the rest lies in [1/sqrt 2, sqrt 2) */
    bits -= exponent * (1 << 23);
    float m;
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1.0f) / (m + 1.0f), q = s * s;
    float series = 1.0f + q * (1.0f / 3 + q * (1.0f / 5 + q * (1.0f / 7 + q * (1.0f / 9))));
    return (float)exponent * 0.69314718f + 2.0f * s * series;
}

/* WORDS normals from WORDS words. */
SAL_CLONES static void to_normals(const uint32_t *restrict words, float *restrict out)
{
    enum { HALF = WORDS / 2 };
    for (int i = 0; i < HALF; i++) {
        uint32_t a = words[i], b = words[HALF + i];
        float u = ((float)(int32_t)(a >> 1) + 0.5f) * 0x1p-31f;
        float r = sqrtf(-2.0f * log_of(u < 1.0f ? u : 1.0f));
        float t = ((float)(int32_t)(b >> 2) - 0x1p29f) * (float)(0x1p-30 * 1.5707963267948966);
        float q = t * t; /* t in [-pi/4, pi/4] */
        float sine = t * (1.0f + q * (-1.0f / 6 + q * (1.0f / 120 - q * (1.0f / 5040))));
        float cosine =
            1.0f + q * (-0.5f + q * (1.0f / 24 + q * (-1.0f / 720 + q * (1.0f / 40320))));
        float x = r * 0.70710678f * (cosine - sine), y = r * 0.70710678f * (cosine + sine);
        out[i] = x * (float)(1 - (int32_t)(b & 2));
        out[HALF + i] = y * (float)(1 - 2 * (int32_t)(b & 1));
    }
}

void sal_rng_fill_normal_(sal_rng *rng, size_t n, float *out)
{
    uint32_t words[WORDS];
    float some[WORDS];
    for (size_t at = 0; at < n; at += WORDS) {
        next_words(rng, words);
        to_normals(words, some);
        memcpy(out + at, some, (n - at < WORDS ? n - at : WORDS) * sizeof *out);
    }
}

void sal_rng_fill_truncated_(sal_rng *rng, size_t n, float *out)
{
    uint32_t words[WORDS];
    float some[WORDS];
    for (size_t at = 0; at < n;) {
        next_words(rng, words);
        to_normals(words, some);
        for (int i = 0; i < WORDS && at < n; i++)
            if (fabsf(some[i]) <= 2.0f) out[at++] = some[i];
    }
}

void sal_rng_fill_uniform_(sal_rng *rng, size_t n, float *out)
{
    uint32_t words[WORDS];
    for (size_t at = 0; at < n; at += WORDS) {
        next_words(rng, words);
        size_t count = n - at < WORDS ? n - at : WORDS;
        for (size_t i = 0; i < count; i++) out[at + i] = (float)(int32_t)(words[i] >> 8) * 0x1p-24f;
    }
}

/* Fisher-Yates; places by multiplication, redrawn where that would favour some (Lemire 2019). */
void sal_rng_permute_(sal_rng *rng, size_t n, float *values)
{
    uint32_t words[WORDS];
    size_t used = WORDS;
    for (size_t i = n; i > 1; i--) {
        if (i > UINT32_MAX) { /* beyond one word: the slow way */
            size_t j = sal_rng_below_(rng, i);
            float keep = values[i - 1];
            values[i - 1] = values[j];
            values[j] = keep;
            continue;
        }
        uint32_t bound = (uint32_t)i;
        uint64_t product;
        do {
            if (used == WORDS) {
                next_words(rng, words);
                used = 0;
            }
            product = (uint64_t)words[used++] * bound;
        } while ((uint32_t)product < bound && (uint32_t)product < (uint32_t)(-bound) % bound);
        size_t j = (size_t)(product >> 32);
        float keep = values[i - 1];
        values[i - 1] = values[j];
        values[j] = keep;
    }
}
