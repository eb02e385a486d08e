/* Models made, trained, asked, explained and randomised while memory runs out. */
#include "memory_loop.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/method.h>
#include <salcheck/metric.h>
#include <salcheck/nn.h>
#include <salcheck/randomise.h>

#include <stdio.h>
#include <string.h>

enum { INPUTS = 5, PIXELS = BARS_SIDE * BARS_SIDE };

typedef struct {
    const sal_env *env;
    const test_net *net, *with_norm;
    sal_tensor *inputs;
    const char *what; /* randomisation or method */
    size_t step;
} task;

/* ---- a graph, its parameters, a model ------------------------------------------------------- */

static sal_value build(sal_graph *g, sal_value *input)
{
    sal_conv_options conv = {.filters = 3, .kernel = {3, 3}, .same = true, .no_bias = true};
    sal_value x = sal_graph_input(g, "input", 3, (const int64_t[]){1, BARS_SIDE, BARS_SIDE});
    sal_value y = sal_nn_batch_norm(g, "norm", "conv", sal_nn_conv(g, "conv", x, &conv));
    y = sal_nn_max_pool(g, "pool", sal_nn_apply(g, "Relu", "relu", y), 2);
    y = sal_nn_dense(g, "fc", sal_nn_apply(g, "Flatten", "flatten", y),
                     &(sal_dense_options){.units = 3});
    *input = x;
    return y;
}

static sal_status make_and_ask(void *self, sal_error *err)
{
    const task *t = self;
    sal_graph *g = NULL;
    sal_params *p = NULL, *copy = NULL;
    sal_model *m = NULL;
    float logits[INPUTS * 3];
    sal_value input = SAL_NO_VALUE, output = SAL_NO_VALUE;
    sal_status st = sal_graph_create(t->env, "made", &g, err);
    if (st == SAL_OK) {
        output = build(g, &input);
        st = sal_graph_check(g, err);
    }
    if (st == SAL_OK) st = sal_params_create(g, &p, err);
    if (st == SAL_OK) st = sal_nn_initialise(g, p, 1, err);
    if (st == SAL_OK) st = sal_params_clone(p, &copy, err);
    if (st == SAL_OK) st = sal_nn_initialise(g, copy, 2, err); /* on memory of its own */
    if (st == SAL_OK) st = sal_model_from_graph(g, input, output, copy, &m, err);
    if (st == SAL_OK) st = sal_model_predict(m, t->inputs, logits, err);
    sal_model_free(m);
    sal_params_free(copy);
    sal_params_free(p);
    sal_graph_free(g);
    return st;
}

/* ---- training, on a copy -------------------------------------------------------------------- */

static sal_status fit(void *self, sal_error *err)
{
    static const int64_t labels[INPUTS] = {0, 1, 2, 0, 1};
    const task *t = self;
    sal_fit_options o = {.epochs = 1, .batch = 3, .optimiser = t->what};
    sal_params *p = NULL;
    sal_value x = sal_graph_find(t->net->g, "input"), y = sal_graph_find(t->net->g, "fc2");
    sal_status st = sal_params_clone(t->net->params, &p, err);
    if (st == SAL_OK) st = sal_nn_fit(t->net->g, x, y, p, t->inputs, labels, NULL, &o, NULL, err);
    sal_params_free(p);
    return st;
}

static sal_status randomise(void *self, sal_error *err)
{
    const task *t = self;
    sal_randomise_options o = {.inputs = t->inputs};
    sal_params *p = NULL;
    sal_status st = sal_randomise(t->with_norm->model, t->what, t->step, &o, &p, err);
    if (st != SAL_OK && p) fail_msg("%s: parameters as well as an error", t->what);
    sal_params_free(p);
    return st;
}

static sal_status group(void *self, sal_error *err)
{
    static const char *const blocks[] = {"body=conv", "head=fc"};
    const task *t = self;
    sal_model *m = NULL;
    sal_status st = sal_model_with_blocks(t->with_norm->model, 2, blocks, &m, err);
    if (st != SAL_OK && m) fail_msg("a model as well as an error");
    sal_model_free(m);
    return st;
}

static sal_status explain(void *self, sal_error *err)
{
    const task *t = self;
    float maps[INPUTS * PIXELS];
    sal_explain_options o = {.batch = 2};
    return sal_explain(t->net->model, t->inputs, t->what, &o, maps, err);
}

static sal_status gradient(void *self, sal_error *err)
{
    static const int64_t target[INPUTS] = {0, 1, 2, 0, 1};
    const task *t = self;
    float maps[INPUTS * PIXELS];
    return sal_model_input_gradient(t->net->model, t->inputs, target, maps, err);
}

static sal_status compare(void *self, sal_error *err)
{
    const task *t = self;
    sal_similarity out[INPUTS];
    return sal_metric_compare(t->env, t->what, t->inputs, t->inputs, out, err);
}

static test_net net_with_norm(const sal_env *env)
{
    test_net net;
    sal_value x, y;
    start_net(&net, env, "with norm");
    y = build(net.g, &x);
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 1, NULL), SAL_OK);
    make_model(&net, x, y);
    return net;
}

static void each_call(void **state)
{
    static const struct {
        const char *name;
        sal_status (*run)(void *self, sal_error *err);
        const char *what;
        size_t step;
    } rows[] = {
        {"a model made", make_and_ask, NULL, 0},
        {"Adam", fit, "adam", 0},
        {"SGD", fit, "sgd", 0},
        {"top", randomise, "top", 0},
        {"full", randomise, "full", 0},
        {"cascade", randomise, "cascade:draws=same", 1},
        {"independent", randomise, "independent", 1},
        {"statistics reset", randomise, "full:norm=reset", 0},
        {"statistics measured", randomise, "full:norm=re-estimate", 0},
        {"blocks", group, NULL, 0},
        {"a gradient", gradient, NULL, 0},
        {"gradient", explain, "gradient", 0},
        {"smoothgrad", explain, "smoothgrad:samples=3", 0},
        {"integrated-gradients", explain, "integrated-gradients:steps=3", 0},
        {"guided-gradcam", explain, "guided-gradcam", 0},
        {"pearson", compare, "pearson", 0},
        {"hog", compare, "hog:cell=2", 0},
        {"ssim", compare, "ssim", 0},
    };
    (void)state;
    for (size_t threads = 1; threads <= 2; threads++) {
        short_memory memory = {.after = SIZE_MAX};
        sal_env env = short_memory_env(&memory);
        env.threads = threads;
        test_net net = bars_net(&env, 1), with_norm = net_with_norm(&env);
        sal_tensor *inputs = bars(INPUTS);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            task t = {&env, &net, &with_norm, inputs, rows[i].what, rows[i].step};
            char name[64];
            snprintf(name, sizeof name, "%s, %zu threads", rows[i].name, threads);
            memory_loop l = {name, &memory, rows[i].run, &t};
            assert_true(refuse_each_request(&l) > 0);
        }
        sal_tensor_free(inputs);
        free_net(&net);
        free_net(&with_norm);
        assert_int_equal(memory.alive, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
