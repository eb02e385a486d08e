#include "support.h"

#include "base/base.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    size_t live, taken;
    bool refuses;
} counter;

static void *count_allocate(void *self, size_t bytes)
{
    counter *c = self;
    if (c->refuses) return NULL;
    c->live++;
    c->taken += bytes;
    return malloc(bytes);
}

static void count_release(void *self, void *block)
{
    counter *c = self;
    if (block) c->live--;
    free(block);
}

static void blocks_are_aligned_and_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 64, 65, 4096, 1000003};
    void *blocks[7];
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        blocks[i] = sal_alloc_(NULL, sizes[i]);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        memset(blocks[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < 7; i++) {
        for (size_t k = 0; k < sizes[i]; k++)
            if (((unsigned char *)blocks[i])[k] != i) fail_msg("block %zu, byte %zu", i, k);
        sal_free_(NULL, blocks[i]);
    }
    sal_free_(NULL, NULL);
}

static void hooks_are_used_and_balanced(void **state)
{
    counter c = {0};
    sal_env env = {.allocator = {&c, count_allocate, count_release}};
    (void)state;
    void *a = sal_alloc_(&env, 100), *b = sal_alloc_zero_(&env, 10, 8);
    char *text = sal_copy_text_(&env, "twelve bytes");
    assert_int_equal(c.live, 3);
    assert_true(c.taken >= 100 + 80 + 13);
    assert_string_equal(text, "twelve bytes");
    for (size_t i = 0; i < 80; i++) assert_int_equal(((char *)b)[i], 0);
    sal_free_(&env, a);
    sal_free_(&env, b);
    sal_free_(&env, text);
    sal_free_(&env, NULL);
    assert_int_equal(c.live, 0);
}

static void refusal_is_null(void **state)
{
    counter c = {.refuses = true};
    sal_env env = {.allocator = {&c, count_allocate, count_release}};
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_null(sal_alloc_(&env, 1));
    assert_null(sal_alloc_array_(&env, 2, 2));
    assert_null(sal_alloc_zero_(&env, 2, 2));
    assert_null(sal_copy_text_(&env, "x"));
    assert_int_equal(sal_no_memory_(&err, "a test"), SAL_E_NOMEM);
    assert_string_equal(err.text, "out of memory for a test");
}

static void sizes_that_overflow_are_refused(void **state)
{
    size_t got = 77;
    (void)state;
    assert_null(sal_alloc_(NULL, SIZE_MAX));
    assert_null(sal_alloc_(NULL, SIZE_MAX - 32));
    assert_null(sal_alloc_array_(NULL, SIZE_MAX / 8 + 2, 8));
    assert_null(sal_alloc_zero_(NULL, (size_t)1 << 33, (size_t)1 << 33));
    assert_false(sal_mul_size_(SIZE_MAX / 2 + 1, 2, &got));
    assert_false(sal_add_size_(SIZE_MAX, 1, &got));
    assert_true(sal_mul_size_(SIZE_MAX, 1, &got) && got == SIZE_MAX);
    assert_true(sal_add_size_(SIZE_MAX - 1, 1, &got) && got == SIZE_MAX);
    assert_true(sal_mul_size_(0, SIZE_MAX, &got) && got == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_and_whole),
        cmocka_unit_test(hooks_are_used_and_balanced),
        cmocka_unit_test(refusal_is_null),
        cmocka_unit_test(sizes_that_overflow_are_refused),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
