/* Workers: evaluations with parameters of their own, and the memory limit, which cuts batches and
 * never results. */
#include "nets.h"
#include "support.h"

#include "model/model.h"

#include <stdlib.h>
#include <string.h>

enum { N = 40, WIDTH = 2 * 9 * 8, TAP = 5 * 4 * 4 };

typedef struct {
    float logits[N * 4], gradient[N * WIDTH], activation[N * TAP], at_tap[N * TAP];
} answers;

static float *inputs(void)
{
    float *x = malloc(N * WIDTH * sizeof *x);
    for (size_t i = 0; i < N * WIDTH; i++) x[i] = (float)((11 * i + i / WIDTH) % 23) / 11.0f - 1.0f;
    return x;
}

static answers *ask(const test_net *net, const sal_params *other, size_t batch, size_t *left)
{
    sal_error err = {SAL_OK, ""};
    sal_worker *w = NULL;
    sal_tap tap;
    sal_job jobs[N];
    answers *a = calloc(1, sizeof *a);
    float *x = inputs();
    for (size_t i = 0; i < N; i++)
        jobs[i] = (sal_job){i % 4 == 2 ? other : NULL, x + i * WIDTH, (int64_t)(i % 4)};
    assert_int_equal(sal_model_find_tap_(net->model, "relu2", &tap, &err), SAL_OK);
    assert_int_equal(sal_worker_create_(net->model, batch, &w, &err), SAL_OK);
    sal_status st = sal_worker_logits_(w, N, jobs, a->logits, &err);
    if (st == SAL_OK) st = sal_worker_gradient_(w, N, jobs, NULL, a->gradient, NULL, &err);
    if (st == SAL_OK) st = sal_worker_tap_(w, N, jobs, &tap, a->activation, a->at_tap, &err);
    if (st != SAL_OK) fail_msg("batch %zu: %s", batch, err.text);
    if (left) *left = sal_worker_batch_(w);
    sal_worker_free_(w);
    free(x);
    return a;
}

static void memory_limit(void **state)
{
    static const size_t limits[] = {0, 1 << 20, 100000, 20000, 1};
    (void)state;
    test_net plain = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    answers *want = ask(&plain, other.params, 64, NULL);
    size_t before = 64, left;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        sal_env env = {.memory_limit = limits[i]};
        test_net net = small_cnn(&env, 1);
        answers *got = ask(&net, other.params, 64, &left);
        print_message("limit %8zu bytes: batch %zu\n", limits[i], left);
        if (left > before) fail_msg("limit %zu: batch %zu", limits[i], left);
        if (memcmp(got, want, sizeof *got)) fail_msg("limit %zu changes a result", limits[i]);
        before = left;
        free(got);
        free_net(&net);
    }
    assert_int_equal(before, 1); /* one evaluation is made whatever it takes */
    free(want);
    free_net(&plain);
    free_net(&other);
}

static void *refuse_large(void *self, size_t bytes)
{
    return bytes > *(size_t *)self ? NULL : malloc(bytes);
}

static void release(void *self, void *block)
{
    (void)self;
    free(block);
}

/* A workspace above the limit is not even asked for. */
static void limit_is_kept_before_allocating(void **state)
{
    (void)state;
    size_t most = 120000, left;
    sal_env env = {.memory_limit = 100000, .allocator = {&most, refuse_large, release}};
    test_net plain = small_cnn(NULL, 1), other = small_cnn(NULL, 2), net = small_cnn(&env, 1);
    answers *want = ask(&plain, other.params, 64, NULL), *got = ask(&net, other.params, 64, &left);
    assert_int_equal(left, 16);
    assert_memory_equal(got, want, sizeof *got);
    free(want);
    free(got);
    free_net(&plain);
    free_net(&other);
    free_net(&net);
}

static void batches(void **state)
{
    static const size_t sizes[] = {0, 1, 3, 16, 39, 40, 100};
    (void)state;
    test_net net = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    answers *want = ask(&net, other.params, 7, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        answers *got = ask(&net, other.params, sizes[i], NULL);
        if (memcmp(got, want, sizeof *got)) fail_msg("batch %zu changes a result", sizes[i]);
        free(got);
    }
    free(want);
    free_net(&net);
    free_net(&other);
}

/* Evaluations with other parameters are those of a model with these parameters. */
static void parameters_of_a_job(void **state)
{
    (void)state;
    float *x = inputs(), logits[N * 4], own[N * 4];
    sal_tensor *t = NULL;
    test_net net = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    answers *mixed = ask(&net, other.params, 16, NULL);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){N, 2, 9, 8}, &t, NULL),
                     SAL_OK);
    assert_int_equal(sal_model_predict(net.model, t, own, NULL), SAL_OK);
    assert_int_equal(sal_model_predict(other.model, t, logits, NULL), SAL_OK);
    for (size_t i = 0; i < N; i++) {
        const float *want = i % 4 == 2 ? logits : own;
        if (memcmp(mixed->logits + 4 * i, want + 4 * i, 4 * sizeof *want))
            fail_msg("evaluation %zu differs", i);
    }
    assert_memory_not_equal(logits, own, sizeof own);
    sal_tensor_free(t);
    free(mixed);
    free(x);
    free_net(&net);
    free_net(&other);
}

/* More questions than a worker keeps plans for: the answers stay the same. */
static void many_questions(void **state)
{
    static const char *const layers[] = {"conv1", "relu1", "pool1", "conv2", "relu2"};
    enum { MOST = 5 * 9 * 8 };
    (void)state;
    float *x = inputs(), value[MOST], gradient[MOST], first[5][MOST], map[WIDTH], again[WIDTH];
    sal_worker *w = NULL;
    test_net net = small_cnn(NULL, 1);
    sal_job job = {NULL, x, 1};
    assert_int_equal(sal_worker_create_(net.model, 4, &w, NULL), SAL_OK);
    assert_int_equal(sal_worker_gradient_(w, 1, &job, NULL, map, NULL, NULL), SAL_OK);
    for (int round = 0; round < 3; round++)
        for (size_t k = 0; k < 5; k++) {
            sal_tap tap;
            static const sal_backward_rules rules[3] = {{0, NULL}, {0, NULL}, {0, NULL}};
            assert_int_equal(sal_model_find_tap_(net.model, layers[k], &tap, NULL), SAL_OK);
            assert_int_equal(sal_worker_tap_(w, 1, &job, &tap, value, gradient, NULL), SAL_OK);
            size_t n = tap.channels * tap.height * tap.width;
            if (round == 0) memcpy(first[k], gradient, n * sizeof *gradient);
            if (memcmp(first[k], gradient, n * sizeof *gradient)) fail_msg("%s differs", layers[k]);
            assert_int_equal(
                sal_worker_gradient_(w, 1, &job, k % 2 ? NULL : &rules[round], again, NULL, NULL),
                SAL_OK);
            assert_memory_equal(again, map, sizeof map);
        }
    sal_worker_free_(w);
    free(x);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_limit),   cmocka_unit_test(limit_is_kept_before_allocating),
        cmocka_unit_test(batches),        cmocka_unit_test(parameters_of_a_job),
        cmocka_unit_test(many_questions),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
