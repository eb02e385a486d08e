/* The adapter plain_c, around the toy engine of the example; and the ways in which it can be filled in
 * wrongly. */
#include "contract.h"

#include <plain_c.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../../examples/wrap_your_engine/wrap.h"

enum { INPUTS = 16, PIXELS = TOY_SIDE * TOY_SIDE };

static toy_net net;
static float x[INPUTS][PIXELS];

static void picture_of(const float *pixels, toy_picture *p)
{
    memset(p, 0, sizeof *p);
    for (int r = 0; r < TOY_SIDE; r++)
        memcpy(&p->pixel[r + 1][1], pixels + r * TOY_SIDE, TOY_SIDE * sizeof *pixels);
}

static int run(void *self, const float *pixels, float *logits)
{
    toy_picture p;
    picture_of(pixels, &p);
    toy_run(self, &p, logits);
    return 0;
}

static int gradient(void *self, const float *pixels, int64_t target, float *out)
{
    toy_picture p, g;
    picture_of(pixels, &p);
    toy_gradient(self, &p, (int)target, &g);
    wrap_picture(&g, out);
    return 0;
}

static int saliency(void *self, const float *pixels, int64_t target, float *out)
{
    toy_picture p, s;
    picture_of(pixels, &p);
    toy_saliency(self, &p, (int)target, &s);
    wrap_picture(&s, out);
    return 0;
}

static const plain_c_weight weights[] = {
    {"filter", "conv", SAL_WEIGHT, 2, {TOY_TAPS, TOY_FILTERS}, net.filter[0]},
    {"filter_bias", "conv", SAL_BIAS, 1, {TOY_FILTERS}, net.filter_bias},
    {"dense", "dense", SAL_WEIGHT, 2, {TOY_KINDS, TOY_FEATURES}, net.dense[0]},
    {"dense_bias", "dense", SAL_BIAS, 1, {TOY_KINDS}, net.dense_bias}};

static const plain_c whole = {.name = "bars",
                              .rank = 3,
                              .dims = {1, TOY_SIDE, TOY_SIDE},
                              .outputs = TOY_KINDS,
                              .self = &net,
                              .forward = run,
                              .gradient = gradient,
                              .saliency = saliency,
                              .n_weights = 4,
                              .weights = weights};
static plain_c engine;

static void train(void)
{
    toy_train(&net);
    for (unsigned i = 0; i < INPUTS; i++) {
        toy_picture p;
        toy_draw(1000 + i, &p);
        wrap_picture(&p, x[i]);
    }
}

static const char *make(contract_engine *out)
{
    engine = whole;
    *out = (contract_engine){.ops = plain_c_ops(&engine), .self = &engine, .n = INPUTS, .x = x[0]};
    return NULL;
}

static const char *make_table(contract_engine *out) /* the table of callbacks of the example */
{
    *out = (contract_engine){.ops = &wrapped_toy, .self = &net, .n = INPUTS, .x = x[0]};
    return NULL;
}

static void absent_parts_are_left_out(void **state)
{
    (void)state;
    plain_c e = {.name = "bars",
                 .rank = 1,
                 .dims = {PIXELS},
                 .outputs = TOY_KINDS,
                 .self = &net,
                 .forward = run};
    const sal_model_ops *ops = plain_c_ops(&e);
    assert_null(ops->input_gradient);
    assert_null(ops->saliency);
    assert_null(ops->get_params);
    assert_null(ops->set_params);
}

static size_t changes;

static int count_changes(void *self)
{
    (void)self;
    changes++;
    return 0;
}

static int refuse_changes(void *self)
{
    (void)self;
    return 5;
}

static void engine_hears_of_new_weights(void **state)
{
    (void)state;
    plain_c e = whole;
    e.weights_changed = count_changes;
    assert_int_equal(plain_c_ops(&e)->set_params(&e, 3, (const float[]){1, 2, 3, 4}), 0);
    assert_int_equal(changes, 1);
    assert_int_equal((int)net.dense_bias[2], 3);
    e.weights_changed = refuse_changes;
    assert_int_equal(plain_c_ops(&e)->set_params(&e, 3, (const float[]){1, 2, 3, 4}), 5);
}

static void bad_structs_are_refused(void **state)
{
    static const plain_c_weight loose[] = {{"dense", "dense", SAL_WEIGHT, 1, {4}, NULL}};
    static const struct {
        const char *name;
        size_t n_weights;
        int (*forward)(void *self, const float *x, float *logits);
        sal_status status;
        const char *text;
    } rows[] = {{"no forward", 0, NULL, SAL_E_UNSUPPORTED,
                 "a wrapped engine needs forward; adapter 'plain_c' has none"},
                {"too many weights", PLAIN_C_WEIGHTS + 1, run, SAL_E_CALLBACK,
                 "adapter 'plain_c': describe returned 1001"},
                {"no data", 1, run, SAL_E_CALLBACK, "adapter 'plain_c': describe returned 1002"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plain_c e = whole;
        sal_model *m = NULL;
        sal_error err = {SAL_OK, ""};
        e.n_weights = rows[i].n_weights;
        e.forward = rows[i].forward;
        e.weights = loose;
        sal_status st = plain_c_wrap(NULL, &e, &m, &err);
        if (st != rows[i].status || strcmp(err.text, rows[i].text) != 0 || m)
            fail_msg("%s: status %d \"%s\"", rows[i].name, (int)st, err.text);
    }
    assert_int_equal(plain_c_wrap(NULL, NULL, NULL, NULL), SAL_E_ARG);
}

int main(void)
{
    const contract adapter = {.name = "plain_c", .make = make};
    const contract table = {.name = "wrap_your_engine", .make = make_table};
    const struct CMUnitTest tests[] = {cmocka_unit_test(absent_parts_are_left_out),
                                       cmocka_unit_test(engine_hears_of_new_weights),
                                       cmocka_unit_test(bad_structs_are_refused)};
    train();
    int bad = contract_run(&adapter);
    train();
    bad |= contract_run(&table);
    train();
    return bad | !!cmocka_run_group_tests(tests, NULL, NULL);
}
