/* Memory runs out while an engine is wrapped and checked, at every allocation in turn: it is said,
 * nothing leaks, and the engine holds its parameters. */
#include "faulty_engine.h"
#include "short_memory.h"
#include "support.h"

#include <salcheck/check.h>

#include <stdio.h>
#include <string.h>

enum { INPUTS = 6 };

typedef struct {
    const char *name, *check, *method;
    fault fault; /* of the engine */
} scenario;

static sal_status run(const scenario *s, faulty_engine *e, const sal_env *env, sal_tensor *inputs,
                      sal_error *err)
{
    sal_model *m = NULL;
    sal_verdict *v = NULL;
    sal_status st = sal_model_wrap(env, &e->ops, e, &m, err);
    sal_check_args args = {
        .check = s->check, .model = m, .inputs = inputs, .method = s->method, .max_draws = 4};
    if (st == SAL_OK) st = sal_check_run(&args, &v, err);
    sal_verdict_free(v);
    sal_model_free(m);
    return st;
}

static void one_round(const scenario *s, bool once, sal_tensor *inputs)
{
    for (size_t n = 0, over = 0; !over; n++) {
        char name[96];
        faulty_engine e;
        sal_error err = {SAL_OK, ""};
        short_memory memory = {.after = n, .once = once};
        sal_env env = short_memory_env(&memory);
        env.threads = 1;
        make_faulty(&e, s->fault);
        faulty_weights before = e.w;
        sal_status st = run(s, &e, &env, inputs, &err);
        over = memory.refused == 0;
        snprintf(name, sizeof name, "%s, allocation %zu%s", s->name, n, once ? "" : " and on");
        if (st != (over ? SAL_OK : SAL_E_NOMEM))
            fail_msg("%s: status %d \"%s\"", name, (int)st, err.text);
        if (memory.alive) fail_msg("%s: %zu blocks are left", name, (size_t)memory.alive);
        if (memcmp(&e.w, &before, sizeof before) || memcmp(&e.seen, &before, sizeof before))
            fail_msg("%s: the engine does not hold its parameters", name);
    }
}

static void memory_runs_out(void **state)
{
    static const scenario scenarios[] = {
        {"gradient", "params", "gradient", NO_FAULT},
        {"own", "sane", "own", NO_FAULT},
        {"invalid", "params", "gradient", GRADIENT_IS_HALVED},
    };
    const int64_t dims[] = {INPUTS, 1, FAULTY_SIDE, FAULTY_SIDE};
    float x[INPUTS * FAULTY_SIZE];
    sal_tensor *inputs = NULL;
    (void)state;
    faulty_inputs(INPUTS, x);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, dims, &inputs, NULL), SAL_OK);
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        one_round(&scenarios[i], true, inputs);
        one_round(&scenarios[i], false, inputs);
    }
    sal_tensor_free(inputs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_runs_out)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
