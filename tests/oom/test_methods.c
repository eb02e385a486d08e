/* Every method while memory runs out, at each request in turn, once and for good: reported, nothing
 * leaked, the next call is as good as the first. */
#include "nets.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/method.h>

#include <string.h>

enum { INPUTS = 3, WIDTH = 2 * 9 * 8 };

static int own_explain(void *self, const sal_model *model, const float *x, int64_t target,
                       uint64_t noise, float *map)
{
    (void)self, (void)model, (void)x, (void)target, (void)noise;
    memset(map, 0, WIDTH * sizeof *map);
    return 0;
}

static sal_status explain(const sal_model *m, const char *method, float *maps)
{
    static const sal_own_method own = {.name = "mine", .explain = own_explain};
    sal_explain_options o = {.own = &own};
    float x[INPUTS * WIDTH];
    sal_tensor *t = NULL;
    for (size_t i = 0; i < INPUTS * WIDTH; i++) x[i] = (float)(i % 19) / 9.0f - 1.0f;
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){INPUTS, 2, 9, 8}, &t, NULL),
                     SAL_OK);
    sal_status st = sal_explain(m, t, method, &o, maps, NULL);
    sal_tensor_free(t);
    return st;
}

static const char *short_form(const char *name)
{
    if (!strcmp(name, SAL_IG_SG)) return "ig-sg:samples=2,steps=3";
    return strcmp(name, SAL_VARGRAD) ? name : "vargrad:samples=3";
}

/* The network is made while memory is there; only the maps are refused it. */
static void at_each_request(void **state)
{
    (void)state;
    float want[INPUTS * WIDTH], got[INPUTS * WIDTH];
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    env.threads = 1;
    test_net net = small_cnn(&env, 1);
    size_t before = memory.alive;
    for (size_t i = 0; sal_method_get(i); i++) {
        const char *name = short_form(sal_method_get(i)->name);
        assert_int_equal(explain(net.model, name, want), SAL_OK);
        for (size_t k = 0; k < 2; k++)
            for (size_t n = 0;; n++) {
                memory.after = memory.asked + n;
                memory.once = k == 0;
                memory.refused = 0;
                sal_status st = explain(net.model, name, got);
                if (memory.alive != before)
                    fail_msg("%s, request %zu: %zu blocks leaked", name, n, memory.alive - before);
                if (st != (memory.refused ? SAL_E_NOMEM : SAL_OK))
                    fail_msg("%s, request %zu: status %d", name, n, st);
                if (memory.refused) continue;
                if (memcmp(want, got, sizeof want)) fail_msg("%s: other maps afterwards", name);
                break;
            }
        memory.after = SIZE_MAX;
    }
    free_net(&net);
    assert_int_equal(memory.alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(at_each_request)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
