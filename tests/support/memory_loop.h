/* tests/support/memory_loop.h - does something again and again while memory runs out, at each of
 * its requests in turn, once and for good: it must say so, leak nothing, and leave all as it was.
 */
#ifndef SAL_TESTS_MEMORY_LOOP_H
#define SAL_TESTS_MEMORY_LOOP_H

#include "short_memory.h"

typedef struct memory_loop {
    const char *name; /* of the case */
    short_memory *memory;
    sal_status (*run)(void *self, sal_error *err); /* leaves nothing of its own allocated */
    void *self;
} memory_loop;

/* Fails the test with the case and the request's number. SALCHECK_QUICK=1 in the environment leaves
 * out more and more of the later requests. Returns how many requests there are. */
size_t refuse_each_request(const memory_loop *l);

#endif
