/* base/base.h - status helpers, memory, checked sizes, random numbers, text, threads. */
#ifndef SAL_BASE_BASE_H
#define SAL_BASE_BASE_H

#include <salcheck/core.h>

#include <stdarg.h>

/* Compiles a function for several instruction sets and picks one at run time. Products are never
 * fused (-ffp-contract=off), so all of them give the same bits. Not under sanitizers, which do not
 * like to be called before they have started. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__)
#define SAL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SAL_CLONES
#endif

/* ---- errors: sal_fail_ is the only writer of a sal_error --------------------------------- */

/* Writes one line into err (may be NULL) and is status. A macro, so that compilers and analysers see
 * that what returns it has failed. */
#define sal_fail_(err, status, ...) (sal_error_set_(err, status, __VA_ARGS__), sal_same_(status))
void sal_error_set_(sal_error *err, sal_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline sal_status sal_same_(sal_status status)
{
    return status;
}

/* "unknown method 'gradiant'; did you mean 'gradient'?": names ends with NULL. */
sal_status sal_fail_name_(sal_error *err, const char *kind, const char *name,
                          const char *const *names);

/* The known name nearest to name, or NULL when none is near. */
const char *sal_nearest_name_(const char *name, const char *const *names);

/* ---- memory: 64-byte aligned, through the env's hooks ------------------------------------ */

void *sal_alloc_(const sal_env *env, size_t bytes);                    /* NULL on failure */
void *sal_alloc_array_(const sal_env *env, size_t count, size_t size); /* checked product */
void *sal_alloc_zero_(const sal_env *env, size_t count, size_t size);
void sal_free_(const sal_env *env, void *block); /* NULL is fine */
char *sal_copy_text_(const sal_env *env, const char *text);
static inline sal_status sal_no_memory_(sal_error *err, const char *what) /* SAL_E_NOMEM + text */
{
    return sal_fail_(err, SAL_E_NOMEM, "out of memory for %s", what);
}

/* ---- checked sizes ------------------------------------------------------------------------ */

bool sal_mul_size_(size_t a, size_t b, size_t *product); /* false: overflow */
bool sal_add_size_(size_t a, size_t b, size_t *sum);

/* ---- random numbers: Philox4x32-10, every number has an address --------------------------- */

#define SAL_SEED_DEFAULT UINT64_C(0x5a11)

typedef struct sal_rng {
    uint32_t key[2];
    uint32_t counter[4]; /* [0] block, [1] purpose, [2..3] index */
    uint32_t block[4];
    unsigned used; /* of the 4 words of block */
    bool has_spare;
    double spare;
} sal_rng;

void sal_philox_(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The stream of a purpose and an index: equal arguments, equal numbers, on any machine. */
sal_rng sal_rng_for(uint64_t seed, const char *purpose, uint64_t index);
uint32_t sal_rng_word_(sal_rng *rng);
double sal_rng_uniform_(sal_rng *rng);                        /* [0, 1), 53 bits */
double sal_rng_normal_(sal_rng *rng);                         /* Box-Muller, pairs */
double sal_rng_truncated_normal_(sal_rng *rng);               /* redrawn beyond 2 */
size_t sal_rng_below_(sal_rng *rng, size_t n);                /* unbiased, [0, n) */
void sal_rng_shuffle_(sal_rng *rng, size_t n, size_t *order); /* fills 0..n-1, permuted */

/* Many at once (fill.c), in single precision: numbers of their own, not those of the calls above.
 * The first m of a fill of n are those of a fill of m. */
void sal_rng_fill_normal_(sal_rng *rng, size_t n, float *out);
void sal_rng_fill_truncated_(sal_rng *rng, size_t n, float *out); /* |z| <= 2 */
void sal_rng_fill_uniform_(sal_rng *rng, size_t n, float *out);   /* [0, 1), 24 bits */
void sal_rng_permute_(sal_rng *rng, size_t n, float *values);

/* One number for a pair of indices, for use as a stream index. */
uint64_t sal_index_pair_(uint64_t high, uint64_t low);

/* ---- text that does not depend on the locale ----------------------------------------------- */

typedef struct sal_text { /* appends; remembers truncation */
    char *at;
    size_t size, length;
    bool truncated;
} sal_text;

sal_text sal_text_into_(char *buffer, size_t size);
void sal_text_add_(sal_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sal_text_number_(sal_text *t, double value, int decimals); /* fixed, '.' always */
void sal_text_exact_(sal_text *t, double value);                /* 17 significant digits */

/* For error texts, with %s: as %g would print it, but '.' always. The text lives as long as the
 * block it stands in. */
enum { SAL_SHORT_SIZE = 40 };
const char *sal_short_(double value, char text[SAL_SHORT_SIZE]);
#define SAL_SHORT(value) sal_short_((value), (char[SAL_SHORT_SIZE]){0})

/* [+-] digits [. digits] [e [+-] digits]; false when anything else is there. */
bool sal_number_of_(const char *text, double *value);

uint64_t sal_hash_(uint64_t start, const void *data, size_t bytes); /* FNV-1a; start 0 = basis */

/* ---- threads: live for one call, so nothing survives a fork -------------------------------- */

typedef sal_status (*sal_job_)(void *self, size_t job, size_t worker, sal_error *err);

/* Runs jobs 0..n-1 on up to `workers` threads (worker 0 is the caller). The status is that of the
 * failing job with the lowest index among those run; jobs after a failure may not be run. */
sal_status sal_parallel_(size_t workers, size_t n, sal_job_ job, void *self, sal_error *err);

/* env->threads, or the number of processors. */
size_t sal_threads_(const sal_env *env);

#endif
