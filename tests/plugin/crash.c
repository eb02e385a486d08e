/* An engine that crashes or ends the process in a callback: run by crash.cmake, as a child, and judged there
 * by what it says and how it ends. The second test asks the same model again.
 * usage: crash CALLBACK WAY [CALL] */
#include "faulty_engine.h"
#include "nets.h"
#include "support.h"

#include <salcheck/cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { INPUTS = 20 };

static faulty_engine engine;
static sal_model_ops inner, ops;
static sal_model *model;
static sal_tensor *inputs;
static const char *callback, *way;
static size_t left;

static void strike(const char *name)
{
    if (strcmp(name, callback) != 0 || !left || --left) return;
    if (!strcmp(way, "segfault")) raise(SIGSEGV);
    if (!strcmp(way, "abort")) abort();
    exit(0);
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    strike("forward");
    return inner.forward(self, n, x, logits);
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    strike("input_gradient");
    return inner.input_gradient(self, n, x, target, map);
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    strike("saliency");
    return inner.saliency(self, n, x, target, map);
}

static int get_params(void *self, size_t i, float *values)
{
    strike("get_params");
    return inner.get_params(self, i, values);
}

static int set_params(void *self, size_t i, const float *values)
{
    strike("set_params");
    return inner.set_params(self, i, values);
}

static void set_up(void)
{
    static float x[INPUTS * FAULTY_SIZE];
    const int64_t dims[] = {INPUTS, 1, FAULTY_SIDE, FAULTY_SIDE};
    make_faulty(&engine, NO_FAULT);
    inner = ops = engine.ops;
    ops.forward = forward;
    ops.input_gradient = input_gradient;
    ops.saliency = saliency;
    ops.get_params = get_params;
    ops.set_params = set_params;
    faulty_inputs(INPUTS, x);
    size_t when = left;
    left = 0; /* not while wrapping */
    assert_int_equal(sal_model_wrap(NULL, &ops, &engine, &model, NULL), SAL_OK);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, dims, &inputs, NULL), SAL_OK);
    left = when;
}

static void crashes(void **state)
{
    (void)state;
    const char *method = strcmp(callback, "saliency") ? SAL_GRADIENT : SAL_OWN;
    assert_saliency_depends_on_params(model, inputs, method);
}

/* What the crash left in the engine is ours to put back. */
static void afterwards(void **state)
{
    faulty_engine *fresh = malloc(sizeof *fresh);
    (void)state;
    left = 0;
    make_faulty(fresh, NO_FAULT);
    assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
    assert_memory_equal(&fresh->w, &engine.w, sizeof engine.w);
    assert_memory_equal(&fresh->seen, &engine.seen, sizeof engine.seen);
    free(fresh);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(crashes), cmocka_unit_test(afterwards)};
    callback = argc > 2 ? argv[1] : "none";
    way = argc > 2 ? argv[2] : "none";
    left = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    set_up();
    int bad = !!cmocka_run_group_tests(tests, NULL, NULL);
    sal_tensor_free(inputs);
    sal_model_free(model);
    return bad;
}
