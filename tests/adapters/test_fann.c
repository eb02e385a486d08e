/* The adapter of FANN: the contract on networks of every kind, gradients of every activation function,
 * and a trained network whose checks come out as they should. */
#include "bars.h"
#include "contract.h"

#include <fann_adapter.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fann.h>
#include <stdlib.h>
#include <string.h>

#include <salcheck/check.h>

enum { INPUTS = 16, FIRST = 5000, TRAINING = 2000, ROUNDS = 12, TESTED = 400, HIDDEN = 24 };

typedef enum { LAYERED, SHORTCUT, SPARSE } kind;

static struct fann *net;
static sal_fann *engine;
static float x[TESTED][BARS_SIZE];
static kind current;
static enum fann_activationfunc_enum hidden;

static struct fann *network(kind k, unsigned layers)
{
    unsigned sizes[4] = {BARS_SIZE, HIDDEN, layers > 3 ? 10 : BARS_KINDS, BARS_KINDS};
    struct fann *made = k == LAYERED    ? fann_create_standard_array(layers, sizes)
                        : k == SHORTCUT ? fann_create_shortcut_array(layers, sizes)
                                        : fann_create_sparse_array(0.4f, layers, sizes);
    srand(3); /* FANN draws the weights, and which connections are left out */
    fann_randomize_weights(made, -0.2f, 0.2f);
    return made;
}

static const char *make(contract_engine *out)
{
    net = network(current, current == LAYERED ? 4 : 3);
    fann_set_activation_function_hidden(net, hidden);
    fann_set_activation_function_output(net, FANN_LINEAR);
    bars_draw(FIRST, INPUTS, x[0]);
    if (sal_fann_create(net, 3, (int64_t[]){1, TOY_SIDE, TOY_SIDE}, &engine, NULL) != SAL_OK)
        return "out of memory";
    *out = (contract_engine){.ops = sal_fann_ops(engine), .self = engine, .n = INPUTS, .x = x[0]};
    return NULL;
}

static void release(contract_engine *e)
{
    (void)e;
    sal_fann_free(engine);
    fann_destroy(net);
}

/* The whole contract for each kind of network, and its gradient part alone matters for functions. */
static int all_contracts(void)
{
    static const struct {
        const char *name;
        kind kind;
        enum fann_activationfunc_enum hidden;
    } rows[] = {{"fann, layered", LAYERED, FANN_SIGMOID_SYMMETRIC},
                {"fann, shortcuts", SHORTCUT, FANN_ELLIOT},
                {"fann, sparse", SPARSE, FANN_SIGMOID},
                {"fann, elliot symmetric", LAYERED, FANN_ELLIOT_SYMMETRIC},
                {"fann, gaussian", LAYERED, FANN_GAUSSIAN},
                {"fann, gaussian symmetric", LAYERED, FANN_GAUSSIAN_SYMMETRIC},
                {"fann, linear", LAYERED, FANN_LINEAR},
                {"fann, linear pieces", LAYERED, FANN_LINEAR_PIECE},
                {"fann, linear pieces, symmetric", LAYERED, FANN_LINEAR_PIECE_SYMMETRIC},
                {"fann, sine", LAYERED, FANN_SIN},
                {"fann, cosine", LAYERED, FANN_COS},
                {"fann, sine, symmetric", LAYERED, FANN_SIN_SYMMETRIC},
                {"fann, cosine, symmetric", LAYERED, FANN_COS_SYMMETRIC}};
    int bad = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const contract c = {.name = rows[i].name, .make = make, .release = release};
        current = rows[i].kind;
        hidden = rows[i].hidden;
        bad |= contract_run(&c);
    }
    return bad;
}

static sal_model *wrap(void)
{
    sal_model *m = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_fann_create(net, 3, (int64_t[]){1, TOY_SIDE, TOY_SIDE}, &engine, &err) != SAL_OK ||
        sal_model_wrap(NULL, sal_fann_ops(engine), engine, &m, &err) != SAL_OK)
        fail_msg("%s", err.text);
    return m;
}

static void train(void)
{
    net = network(LAYERED, 3);
    fann_set_activation_function_hidden(net, FANN_SIGMOID_SYMMETRIC);
    fann_set_activation_function_output(net, FANN_LINEAR);
    fann_set_activation_steepness_hidden(net, 0.7f);
    fann_set_learning_rate(net, 0.02f);
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < TRAINING; i++) {
            float pixels[BARS_SIZE], wanted[BARS_KINDS] = {-1, -1, -1, -1};
            bars_draw(i, 1, pixels);
            wanted[i % BARS_KINDS] = 1;
            fann_train(net, pixels, wanted);
        }
}

static void outcomes_are_the_known_ones(void **state)
{
    static const struct {
        const char *method;
        sal_outcome outcome;
    } cases[] = {{SAL_GRADIENT, SAL_PASS}, {SAL_INPUT, SAL_FAIL}, {SAL_SOBEL, SAL_FAIL}};
    static float logits[TESTED][BARS_KINDS];
    sal_tensor *tested = NULL, *inputs = NULL;
    (void)state;
    train();
    sal_model *m = wrap();
    bars_draw(FIRST, TESTED, x[0]);
    sal_tensor_view_of(NULL, x[0], 4, (int64_t[]){TESTED, 1, TOY_SIDE, TOY_SIDE}, &tested, NULL);
    sal_tensor_view_of(NULL, x[0], 4, (int64_t[]){INPUTS, 1, TOY_SIDE, TOY_SIDE}, &inputs, NULL);
    assert_int_equal(sal_model_predict(m, tested, logits[0], NULL), SAL_OK);
    size_t right = bars_right(FIRST, TESTED, logits[0]);
    print_message("%zu of %d bars are right\n", right, TESTED);
    assert_true(right > TESTED / 2); /* chance: a quarter */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        const sal_check_args args = {
            .check = SAL_CHECK_PARAMS, .model = m, .inputs = inputs, .method = cases[i].method};
        if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
        print_message("params of %s: %s, D = %.3f\n", cases[i].method, sal_outcome_name(v->outcome),
                      v->steps[0].statistic);
        if (v->outcome != cases[i].outcome) fail_msg("%s: %s", cases[i].method, v->steps[0].reason);
        sal_verdict_free(v);
    }
    sal_tensor_free(tested);
    sal_tensor_free(inputs);
    sal_model_free(m);
    sal_fann_free(engine);
    fann_destroy(net);
}

/* Without a slope there is no gradient, and a check that needs one says so. */
static void steps_have_no_gradient(void **state)
{
    static const enum fann_activationfunc_enum steps[] = {FANN_THRESHOLD, FANN_THRESHOLD_SYMMETRIC,
                                                          FANN_SIGMOID_STEPWISE,
                                                          FANN_SIGMOID_SYMMETRIC_STEPWISE};
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        net = network(LAYERED, 3);
        fann_set_activation_function(net, steps[i], 1, 5);
        sal_model *m = wrap();
        assert_null(sal_fann_ops(engine)->input_gradient);
        sal_model_free(m);
        sal_fann_free(engine);
        fann_destroy(net);
    }
}

static void bad_arguments_are_refused(void **state)
{
    sal_fann *e = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    net = network(LAYERED, 3);
    assert_int_equal(sal_fann_create(net, 1, (int64_t[]){9}, &e, &err), SAL_E_SHAPE);
    assert_string_equal(err.text, "fann: the network has 256 inputs, dims have 9");
    assert_int_equal(sal_fann_create(NULL, 1, (int64_t[]){9}, &e, &err), SAL_E_ARG);
    assert_int_equal(sal_fann_create(net, 0, (int64_t[]){9}, &e, &err), SAL_E_ARG);
    assert_null(e);
    sal_fann_free(NULL);
    fann_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(outcomes_are_the_known_ones),
                                       cmocka_unit_test(steps_have_no_gradient),
                                       cmocka_unit_test(bad_arguments_are_refused)};
    int bad = all_contracts();
    return bad | !!cmocka_run_group_tests(tests, NULL, NULL);
}
