/* The adapter of Darknet: the contract on two networks with every kind of layer that classifiers have,
 * one of them trained here by Darknet itself. */
#include "bars.h"
#include "contract.h"
#include "scratch.h"

#include <darknet_adapter.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <darknet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <salcheck/check.h>

enum { INPUTS = 16, FIRST = 5000, TRAINING = 1600, ROUNDS = 6, TESTED = 400 };

#define NET                                                                                        \
    "[net]\nbatch=16\nsubdivisions=1\nwidth=16\nheight=16\nchannels=1\nlearning_rate=0.02\n"       \
    "momentum=0.9\ndecay=0.0001\nmax_batches=10000\npolicy=constant\n"

static const char plain[] =
    NET "[convolutional]\nbatch_normalize=1\nfilters=8\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
        "[maxpool]\nsize=2\nstride=2\n"
        "[convolutional]\nfilters=12\nsize=3\nstride=1\npad=1\nactivation=relu\n"
        "[maxpool]\nsize=2\nstride=2\n"
        "[dropout]\nprobability=.2\n"
        "[connected]\noutput=4\nactivation=linear\n"
        "[softmax]\ngroups=1\n";

/* Branches, convolutions of one pixel behind them, averages; random weights. */
static const char branched[] =
    NET "[convolutional]\nfilters=6\nsize=3\nstride=1\npad=1\nactivation=logistic\n"
        "[convolutional]\nbatch_normalize=1\nfilters=6\nsize=1\nstride=1\nactivation=tanh\n"
        "[convolutional]\nfilters=6\nsize=3\nstride=1\npad=1\nactivation=linear\n"
        "[shortcut]\nfrom=-3\nactivation=linear\n"
        "[route]\nlayers=-1,-3\n"
        "[convolutional]\nfilters=8\ngroups=2\nsize=3\nstride=2\npad=1\nactivation=elu\n"
        "[local]\nfilters=3\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
        "[activation]\nactivation=tanh\n"
        "[upsample]\nstride=2\n"
        "[convolutional]\nfilters=4\nsize=1\nstride=1\nactivation=linear\n"
        "[avgpool]\n"
        "[softmax]\ngroups=1\n"
        "[cost]\ntype=sse\n";

static scratch cfg, weights;
static sal_darknet *engine;
static float x[TRAINING][BARS_SIZE], truth[TRAINING][BARS_KINDS];

/* Statistics and scales that are not 1 and 0, so that a batch norm shows. */
static void disturb(network *net)
{
    for (int i = 0; i < net->n; i++) {
        layer *l = &net->layers[i];
        for (int c = 0; l->batch_normalize && c < l->out_c; c++) {
            l->scales[c] = 0.7f + 0.1f * (float)(c % 5);
            l->rolling_mean[c] = 0.1f * (float)(c % 3) - 0.1f;
            l->rolling_variance[c] = 0.5f + 0.2f * (float)(c % 4);
            l->biases[c] = 0.05f * (float)(c % 7);
        }
    }
}

static void train(network *net)
{
    static float *inputs[TRAINING], *outputs[TRAINING];
    for (int i = 0; i < TRAINING; i++) {
        inputs[i] = x[i];
        outputs[i] = truth[i];
        truth[i][i % BARS_KINDS] = 1;
    }
    bars_draw(0, TRAINING, x[0]);
    const data d = {.X = {TRAINING, BARS_SIZE, inputs}, .y = {TRAINING, BARS_KINDS, outputs}};
    for (int round = 0; round < ROUNDS; round++) train_network(net, d);
}

/* Writes both files. */
static void write_network(const char *text, bool trained)
{
    write_bytes(cfg.file, text, strlen(text));
    srand(1); /* Darknet draws its weights */
    network *net = load_network(cfg.file, NULL, 0);
    if (trained)
        train(net);
    else
        disturb(net);
    save_weights(net, weights.file);
    free_network(net);
}

static const char *make(contract_engine *out)
{
    static sal_error err;
    bars_draw(FIRST, INPUTS, x[0]);
    if (sal_darknet_create(cfg.file, weights.file, &engine, &err) != SAL_OK) return err.text;
    *out =
        (contract_engine){.ops = sal_darknet_ops(engine), .self = engine, .n = INPUTS, .x = x[0]};
    return NULL;
}

static void release(contract_engine *e)
{
    (void)e;
    sal_darknet_free(engine);
}

/* A gradient leaves nothing behind that training would find. */
static void gradients_leave_training_alone(void **state)
{
    float gradient[BARS_SIZE];
    const int64_t target = 1;
    (void)state;
    assert_null(make(&(contract_engine){0}));
    const network *net = sal_darknet_get(engine);
    assert_int_equal(sal_darknet_ops(engine)->input_gradient(engine, 1, x[0], &target, gradient),
                     0);
    for (int i = 0; i < net->n; i++) {
        const layer *l = &net->layers[i];
        if (l->type != CONVOLUTIONAL && l->type != CONNECTED) continue;
        for (int k = 0; k < l->n; k++)
            if (fabsf(l->weight_updates[k]) + fabsf(l->bias_updates[k]) > 0)
                fail_msg("layer %d: an update of %g", i, (double)l->weight_updates[k]);
    }
    assert_null(net->delta);
    sal_darknet_free(engine);
}

static void outcomes_are_the_known_ones(void **state)
{
    static const struct {
        const char *method;
        sal_outcome outcome;
    } cases[] = {{SAL_GRADIENT, SAL_PASS}, {SAL_INPUT, SAL_FAIL}, {SAL_SOBEL, SAL_FAIL}};
    static float logits[TESTED][BARS_KINDS];
    sal_tensor *tested = NULL, *inputs = NULL;
    sal_model *m = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_null(make(&(contract_engine){0}));
    bars_draw(FIRST, TESTED, x[0]);
    if (sal_model_wrap(NULL, sal_darknet_ops(engine), engine, &m, &err) != SAL_OK)
        fail_msg("%s", err.text);
    sal_tensor_view_of(NULL, x[0], 4, (int64_t[]){TESTED, 1, TOY_SIDE, TOY_SIDE}, &tested, NULL);
    sal_tensor_view_of(NULL, x[0], 4, (int64_t[]){INPUTS, 1, TOY_SIDE, TOY_SIDE}, &inputs, NULL);
    assert_int_equal(sal_model_predict(m, tested, logits[0], NULL), SAL_OK);
    size_t right = bars_right(FIRST, TESTED, logits[0]);
    print_message("%zu of %d bars are right\n", right, TESTED);
    assert_true(right > TESTED * 3 / 4); /* chance: a quarter */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_verdict *v = NULL;
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
    sal_darknet_free(engine);
}

/* Layers that are not a classifier's, and a layer without an exact way back. */
static void other_layers_are_named(void **state)
{
    static const char recurrent[] = NET "[rnn]\noutput=8\nhidden=8\nactivation=tanh\n"
                                        "[connected]\noutput=4\nactivation=linear\n[softmax]\n";
    static const char normalised[] =
        NET "[convolutional]\nfilters=8\nsize=3\nstride=1\npad=1\nactivation=leaky\n"
            "[normalization]\nsize=5\nalpha=0.1\nbeta=0.75\nkappa=1\n"
            "[connected]\noutput=4\nactivation=linear\n[softmax]\n";
    sal_darknet *e = NULL;
    sal_error err = {SAL_OK, ""};
    (void)state;
    write_network(recurrent, false);
    assert_int_equal(sal_darknet_create(cfg.file, weights.file, &e, &err), SAL_E_UNSUPPORTED);
    assert_string_equal(err.text, "darknet: layer 0 (other, type 15) is not one of a classifier");
    write_network(normalised, false);
    assert_int_equal(sal_darknet_create(cfg.file, weights.file, &e, &err), SAL_OK);
    assert_null(sal_darknet_ops(e)->input_gradient);
    sal_darknet_free(e);
    e = NULL;
    assert_int_equal(sal_darknet_create("/no/such.cfg", weights.file, &e, &err), SAL_E_IO);
    assert_string_equal(err.text, "'/no/such.cfg' cannot be opened");
    assert_int_equal(sal_darknet_create(NULL, weights.file, &e, &err), SAL_E_ARG);
    assert_null(e);
    sal_darknet_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradients_leave_training_alone),
                                       cmocka_unit_test(outcomes_are_the_known_ones),
                                       cmocka_unit_test(other_layers_are_named)};
    const contract one = {.name = "darknet, trained", .make = make, .release = release},
                   two = {.name = "darknet, branched", .make = make, .release = release};
    void *folders[2] = {NULL, NULL};
    if (make_scratch(&folders[0]) || make_scratch(&folders[1])) return 1;
    cfg = *(scratch *)folders[0];
    weights = *(scratch *)folders[1];
    write_network(branched, false);
    int bad = contract_run(&two);
    write_network(plain, true);
    bad |= contract_run(&one);
    bad |= !!cmocka_run_group_tests(tests, NULL, NULL);
    drop_scratch(&folders[0]);
    drop_scratch(&folders[1]);
    return bad;
}
