/* The adapter of liblinear: the contract on a classifier trained here, and what is known of linear
 * ones: the gradient of a logit is a row of weights, whatever the input. */
#include "bars.h"
#include "contract.h"

#include <liblinear_adapter.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linear.h>
#include <stdlib.h>
#include <string.h>

#include <salcheck/check.h>

enum { TRAINING = 1000, INPUTS = 16, FIRST = 5000, TESTED = 400 };

static float x[TRAINING][BARS_SIZE];
static struct feature_node nodes[TRAINING][BARS_SIZE + 2], *rows[TRAINING];
static double kinds[TRAINING];

static void silent(const char *text)
{
    (void)text;
}

/* Of the first `classes` kinds; the bias is a feature of this value, or none below 0. */
static struct model *train_bars(int solver, int classes, double bias)
{
    struct problem p = {.n = BARS_SIZE + (bias >= 0), .y = kinds, .x = rows, .bias = bias};
    struct parameter how = {.solver_type = solver, .eps = 0.01, .C = 1, .p = 0.1};
    bars_draw(0, TRAINING, x[0]);
    for (int i = 0; i < TRAINING; i++) {
        if (i % BARS_KINDS >= classes) continue;
        struct feature_node *to = nodes[p.l];
        for (int k = 0; k < BARS_SIZE; k++, to++)
            *to = (struct feature_node){k + 1, (double)x[i][k]};
        if (bias >= 0) *to++ = (struct feature_node){BARS_SIZE + 1, bias};
        to->index = -1;
        rows[p.l] = nodes[p.l];
        kinds[p.l++] = i % BARS_KINDS;
    }
    set_print_string_function(silent);
    srand(1); /* the solver's order */
    return train(&p, &how);
}

static struct model *net;
static sal_liblinear *engine;

static const char *make(contract_engine *out)
{
    static const int64_t dims[] = {1, TOY_SIDE, TOY_SIDE};
    net = train_bars(L2R_LR, BARS_KINDS, 1);
    bars_draw(FIRST, INPUTS, x[0]);
    if (sal_liblinear_create(net, 3, dims, &engine, NULL) != SAL_OK) return "out of memory";
    *out = (contract_engine){.ops = sal_liblinear_ops(), .self = engine, .n = INPUTS, .x = x[0]};
    return NULL;
}

static void release(contract_engine *e)
{
    (void)e;
    sal_liblinear_free(engine);
    free_and_destroy_model(&net);
}

static sal_model *wrap(struct model *m)
{
    sal_model *out = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_liblinear_create(m, 1, (int64_t[]){get_nr_feature(m)}, &engine, &err) != SAL_OK ||
        sal_model_wrap(NULL, sal_liblinear_ops(), engine, &out, &err) != SAL_OK)
        fail_msg("%s", err.text);
    return out;
}

static sal_tensor *view(size_t n)
{
    sal_tensor *t = NULL;
    sal_error err;
    if (sal_tensor_view_of(NULL, x[0], 2, (int64_t[]){(int64_t)n, BARS_SIZE}, &t, &err) != SAL_OK)
        fail_msg("%s", err.text);
    return t;
}

/* Kinds of models: rows of weights and the sign with which an output uses them. */
static void gradient_is_the_row_of_weights(void **state)
{
    static const struct {
        const char *name;
        int solver, classes;
        double bias;
        size_t outputs, rows;
    } cases[] = {{"logistic, 4 classes", L2R_LR, 4, 1, 4, 4},
                 {"no bias", L2R_LR, 3, -1, 3, 3},
                 {"2 classes", L2R_LR, 2, 1, 2, 1},
                 {"2 classes, a row each", MCSVM_CS, 2, 1, 2, 2},
                 {"regression", L2R_L2LOSS_SVR, 4, 1, 1, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct model *m = train_bars(cases[i].solver, cases[i].classes, cases[i].bias);
        sal_model *model = wrap(m);
        sal_tensor *inputs = view(4);
        float gradient[4 * BARS_SIZE];
        if (sal_model_outputs(model) != cases[i].outputs) fail_msg("%s: outputs", cases[i].name);
        for (size_t k = 0; k < cases[i].outputs; k++) {
            int64_t t = (int64_t)k;
            size_t row = k < cases[i].rows ? k : 0;
            double sign = k < cases[i].rows ? 1 : -1;
            assert_int_equal(
                sal_model_input_gradient(model, inputs, (int64_t[]){t, t, t, t}, gradient, NULL),
                SAL_OK);
            for (size_t e = 0; e < 4 * BARS_SIZE; e++)
                if (gradient[e] != (float)(sign * m->w[e % BARS_SIZE * cases[i].rows + row]))
                    fail_msg("%s: logit %zu, element %zu", cases[i].name, k, e);
        }
        sal_tensor_free(inputs);
        sal_model_free(model);
        sal_liblinear_free(engine);
        free_and_destroy_model(&m);
    }
}

/* Logits are liblinear's own, and what it predicts is the class of the largest. */
static void logits_are_decision_values(void **state)
{
    struct model *m = train_bars(L2R_LR, BARS_KINDS, 1);
    sal_model *model = wrap(m);
    sal_tensor *inputs = view(TESTED);
    static float logits[TESTED][BARS_KINDS];
    int labels[BARS_KINDS];
    size_t right = 0;
    (void)state;
    bars_draw(FIRST, TESTED, x[0]);
    get_labels(m, labels);
    assert_int_equal(sal_model_predict(model, inputs, logits[0], NULL), SAL_OK);
    for (size_t i = 0; i < TESTED; i++) {
        size_t best = 0;
        for (size_t k = 1; k < BARS_KINDS; k++)
            if (logits[i][k] > logits[i][best]) best = k;
        for (int k = 0; k < BARS_SIZE; k++)
            nodes[0][k] = (struct feature_node){k + 1, (double)x[i][k]};
        nodes[0][BARS_SIZE] = (struct feature_node){BARS_SIZE + 1, 1}; /* the bias */
        nodes[0][BARS_SIZE + 1].index = -1;
        assert_int_equal(labels[best], (int)predict(m, nodes[0]));
        right += labels[best] == (int)((FIRST + i) % BARS_KINDS);
    }
    print_message("%zu of %d bars are right\n", right, TESTED);
    assert_true(4 * right > 2 * TESTED); /* chance: a quarter */
    sal_tensor_free(inputs);
    sal_model_free(model);
    sal_liblinear_free(engine);
    free_and_destroy_model(&m);
}

/* The map is the weights, so random weights leave nothing of it: known. The input's own picture does
 * not depend on them: known too. The weights, in double precision, are as before. */
static void outcomes_are_the_known_ones(void **state)
{
    static const struct {
        const char *method;
        sal_outcome outcome;
    } cases[] = {{SAL_GRADIENT, SAL_PASS}, {SAL_INPUT, SAL_FAIL}, {SAL_SOBEL, SAL_FAIL}};
    struct model *m = train_bars(L2R_LR, BARS_KINDS, 1);
    size_t bytes = (BARS_SIZE + 1) * BARS_KINDS * sizeof *m->w;
    sal_liblinear *image = NULL;
    sal_model *model = NULL;
    sal_tensor *inputs = NULL;
    double *before = malloc(bytes);
    (void)state;
    memcpy(before, m->w, bytes);
    bars_draw(FIRST, INPUTS, x[0]);
    assert_int_equal(sal_liblinear_create(m, 3, (int64_t[]){1, TOY_SIDE, TOY_SIDE}, &image, NULL),
                     SAL_OK);
    assert_int_equal(sal_model_wrap(NULL, sal_liblinear_ops(), image, &model, NULL), SAL_OK);
    assert_int_equal(sal_tensor_view_of(NULL, x[0], 4, (int64_t[]){INPUTS, 1, TOY_SIDE, TOY_SIDE},
                                        &inputs, NULL),
                     SAL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_verdict *v = NULL;
        sal_error err = {SAL_OK, ""};
        const sal_check_args args = {
            .check = SAL_CHECK_PARAMS, .model = model, .inputs = inputs, .method = cases[i].method};
        if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
        print_message("params of %s: %s, D = %.3f\n", cases[i].method, sal_outcome_name(v->outcome),
                      v->steps[0].statistic);
        if (v->outcome != cases[i].outcome) fail_msg("%s: %s", cases[i].method, v->steps[0].reason);
        sal_verdict_free(v);
    }
    assert_memory_equal(before, m->w, bytes);
    free(before);
    sal_tensor_free(inputs);
    sal_model_free(model);
    sal_liblinear_free(image);
    free_and_destroy_model(&m);
}

static void bad_arguments_are_refused(void **state)
{
    struct model *m = train_bars(L2R_LR, 2, 1);
    sal_liblinear *e = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_liblinear_create(m, 1, (int64_t[]){9}, &e, &err), SAL_E_SHAPE);
    assert_string_equal(err.text, "liblinear: the model has 256 features, dims have 9");
    assert_int_equal(sal_liblinear_create(NULL, 1, (int64_t[]){9}, &e, &err), SAL_E_ARG);
    assert_int_equal(sal_liblinear_create(m, 0, (int64_t[]){9}, &e, &err), SAL_E_ARG);
    assert_null(e);
    sal_liblinear_free(NULL);
    free_and_destroy_model(&m);
}

int main(void)
{
    const contract adapter = {.name = "liblinear", .make = make, .release = release};
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_is_the_row_of_weights),
                                       cmocka_unit_test(logits_are_decision_values),
                                       cmocka_unit_test(outcomes_are_the_known_ones),
                                       cmocka_unit_test(bad_arguments_are_refused)};
    int bad = contract_run(&adapter);
    return bad | !!cmocka_run_group_tests(tests, NULL, NULL);
}
