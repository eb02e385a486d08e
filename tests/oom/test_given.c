/* Given maps judged while memory runs out. */
#include "memory_loop.h"
#include "support.h"

#include <salcheck/check.h>

#include <string.h>

enum { INPUTS = 3, SIDE = 5, COUNT = INPUTS * SIDE * SIDE, MODELS = 17 };

typedef struct {
    sal_maps_args args;
    const sal_env *env;
} question;

static float number(size_t model, size_t i)
{
    uint32_t h = (uint32_t)(model * COUNT + i + 1) * 2654435761u;
    return (float)(h >> 8) / 8388608.0f - 1.0f;
}

static sal_status hand_out(void *self, size_t k, sal_tensor **out, sal_error *err)
{
    const question *q = self;
    sal_status st = sal_tensor_create(q->env, 4, (int64_t[]){INPUTS, 1, SIDE, SIDE}, out, err);
    for (size_t i = 0; st == SAL_OK && i < COUNT; i++) sal_tensor_data(*out)[i] = number(k + 1, i);
    return st;
}

static sal_status ask(void *self, sal_error *err)
{
    const question *q = self;
    sal_verdict *v = NULL;
    sal_status st = sal_check_maps(q->env, &q->args, &v, err);
    if (st != SAL_OK && v) fail_msg("an answer as well as an error");
    sal_verdict_free(v);
    return st;
}

static void given_maps(void **state)
{
    static float x[COUNT];
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    sal_tensor *original = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT; i++) x[i] = number(0, i);
    assert_int_equal(
        sal_tensor_view_of(NULL, x, 4, (int64_t[]){INPUTS, 1, SIDE, SIDE}, &original, NULL),
        SAL_OK);
    question q = {.env = &env,
                  .args = {.original = original, .n_randomised = MODELS, .randomised = hand_out}};
    q.args.self = &q;
    const memory_loop l = {"given maps", &memory, ask, &q};
    print_message("%zu requests\n", refuse_each_request(&l));
    sal_tensor_free(original);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(given_maps)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
