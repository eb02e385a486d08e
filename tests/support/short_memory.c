/* tests/support/short_memory.c - see short_memory.h. */
#include "short_memory.h"

#include <stdlib.h>

static void *allocate(void *self, size_t bytes)
{
    short_memory *m = self;
    size_t number = atomic_fetch_add(&m->asked, 1), largest = atomic_load(&m->largest);
    if (m->once ? number == m->after : number >= m->after) {
        atomic_fetch_add(&m->refused, 1);
        return NULL;
    }
    while (bytes > largest && !atomic_compare_exchange_weak(&m->largest, &largest, bytes)) continue;
    void *block = malloc(bytes);
    if (block) atomic_fetch_add(&m->alive, 1);
    return block;
}

static void release(void *self, void *block)
{
    short_memory *m = self;
    if (block) atomic_fetch_sub(&m->alive, 1);
    free(block);
}

sal_env short_memory_env(short_memory *m)
{
    return (sal_env){.allocator = {.self = m, .allocate = allocate, .release = release}};
}
