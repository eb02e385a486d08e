/* tests/support/short_memory.h - an environment whose memory runs out at a chosen allocation. */
#ifndef SAL_TESTS_SHORT_MEMORY_H
#define SAL_TESTS_SHORT_MEMORY_H

#include <salcheck/core.h>

#include <stdatomic.h>

/* Gives out `after` blocks, then refuses: once, or from there on. Usable from several threads. */
typedef struct short_memory {
    size_t after;
    bool once;
    atomic_size_t asked;   /* blocks asked for */
    atomic_size_t refused; /* of these */
    atomic_size_t alive;   /* blocks not given back */
    atomic_size_t largest; /* bytes of one block */
} short_memory;

sal_env short_memory_env(short_memory *m); /* m outlives what the env makes */

#endif
