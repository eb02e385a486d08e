/* base/alloc.c - aligned memory through the environment's hooks, and checked sizes.
 * The hook's own pointer is kept just below the aligned block. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

bool sal_mul_size_(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

bool sal_add_size_(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

void *sal_alloc_(const sal_env *env, size_t bytes)
{
    size_t total;
    if (!sal_add_size_(bytes, ALIGNMENT + sizeof(void *), &total)) return NULL;
    char *raw = env && env->allocator.allocate ? env->allocator.allocate(env->allocator.self, total)
                                               : malloc(total);
    if (!raw) return NULL;
    uintptr_t at = (uintptr_t)raw + sizeof(void *);
    at = (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memcpy((char *)at - sizeof(void *), &raw, sizeof raw);
    return (void *)at;
}

void *sal_alloc_array_(const sal_env *env, size_t count, size_t size)
{
    size_t bytes;
    return sal_mul_size_(count, size, &bytes) ? sal_alloc_(env, bytes) : NULL;
}

void *sal_alloc_zero_(const sal_env *env, size_t count, size_t size)
{
    void *block = sal_alloc_array_(env, count, size);
    if (block) memset(block, 0, count * size);
    return block;
}

void sal_free_(const sal_env *env, void *block)
{
    if (!block) return;
    void *raw;
    memcpy(&raw, (char *)block - sizeof(void *), sizeof raw);
    if (env && env->allocator.allocate)
        env->allocator.release(env->allocator.self, raw);
    else
        free(raw);
}

char *sal_copy_text_(const sal_env *env, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = sal_alloc_(env, n);
    if (copy) memcpy(copy, text, n);
    return copy;
}
