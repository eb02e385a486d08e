/* Whole checks while memory runs out. The network is made while it is there. */
#define _XOPEN_SOURCE 700
#include "memory_loop.h"
#include "small_nets.h"
#include "support.h"

#include <salcheck/check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUTS = 5, DRAWS = 18 }; /* two waves */

typedef struct {
    sal_check_args args;
    bool as_text;
} question;

static sal_status ask(void *self, sal_error *err)
{
    const question *q = self;
    char text[SAL_TEXT_MAX];
    sal_verdict *v = NULL;
    sal_outcome outcome = (sal_outcome)99;
    sal_status st = q->as_text ? sal_check_text(&q->args, &outcome, text, sizeof text)
                               : sal_check_run(&q->args, &v, err);
    if (q->as_text && st != SAL_OK) { /* the text is the message */
        err->status = st;
        snprintf(err->text, sizeof err->text, "%.300s", text);
    }
    if (st != SAL_OK && (v || outcome != (sal_outcome)99))
        fail_msg("an answer as well as an error");
    if (v && v->picture[0]) unlink(v->picture);
    sal_verdict_free(v);
    return st;
}

/* A network that says class 1 whatever it sees: it fits labels of 1, permuted or not. */
static test_net net_of_one_class(const sal_env *env, uint64_t seed)
{
    static const float bias[3] = {0, 10000, 0};
    test_net net = whole_net(env, "one", seed);
    set_param(&net, "fc.bias", bias);
    sal_model_free(net.model);
    make_model(&net, sal_graph_find(net.g, "input"), sal_graph_find(net.g, "fc"));
    return net;
}

/* self: the twin of the last call, whose graph its model needs. */
static int fit(void *self, size_t n, const int64_t *labels, uint64_t seed, sal_model **twin)
{
    test_net *last = self;
    (void)n, (void)labels;
    free_net(last);
    *last = net_of_one_class(NULL, seed);
    *twin = last->model;
    last->model = NULL;
    return 0;
}

static void each_check(void **state)
{
    static char out[] = "/tmp/salcheck-oom-XXXXXX";
    static const struct {
        const char *name;
        sal_check_args args;
        bool as_text;
    } rows[] = {
        {"params of gradient", {.check = "params", .method = "gradient"}, false},
        {"params of smoothgrad", {.check = "params", .method = "smoothgrad:samples=3"}, false},
        {"cascade",
         {.check = "params",
          .method = "gradient",
          .randomisation = "cascade:draws=same",
          .max_draws = 3,
          .metric = "spearman"},
         false},
        {"labels", {.check = "labels", .method = "gradient"}, false},
        {"edges", {.check = "edges", .method = "gradient"}, false},
        {"reproducible", {.check = "reproducible", .method = "smoothgrad:samples=3"}, false},
        {"faithful", {.check = "faithful", .method = "gradient"}, false},
        {"sane", {.check = "sane", .method = "gradient"}, false},
        {"invalid", {.check = "params", .method = "constant"}, false},
        {"controls", {.check = "params", .method = "gradient", .controls = true}, false},
        {"current classes",
         {.check = "params",
          .method = "gradcam",
          .layer = "relu2",
          .target_rule = SAL_TARGET_CURRENT,
          .max_draws = 3},
         false},
        {"text of a fail", {.check = "params", .method = "sobel"}, true},
        {"text of one undecided", {.check = "params", .method = "gradient", .max_draws = 3}, true},
        {"picture", {.check = "reproducible", .method = "random", .out = out}, false},
    };
    (void)state;
    assert_non_null(mkdtemp(out));
    for (size_t threads = 1; threads <= 2; threads++) {
        short_memory memory = {.after = SIZE_MAX};
        sal_env env = short_memory_env(&memory);
        env.threads = threads;
        test_net net = bars_net(&env, 1), twin = bars_net(&env, 101);
        sal_tensor *inputs = bars(INPUTS);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            question q = {rows[i].args, rows[i].as_text};
            char name[64];
            snprintf(name, sizeof name, "%s, %zu threads", rows[i].name, threads);
            q.args.model = net.model;
            q.args.twin = twin.model;
            q.args.inputs = inputs;
            if (!q.args.max_draws) q.args.max_draws = DRAWS;
            memory_loop l = {name, &memory, ask, &q};
            assert_true(refuse_each_request(&l) > 20);
        }
        sal_tensor_free(inputs);
        free_net(&net);
        free_net(&twin);
        assert_int_equal(memory.alive, 0);
    }
    rmdir(out);
}

static void twins_from_a_callback(void **state)
{
    static const int64_t labels[INPUTS] = {1, 1, 1, 1, 1};
    (void)state;
    short_memory memory = {.after = SIZE_MAX};
    sal_env env = short_memory_env(&memory);
    env.threads = 1;
    test_net net = net_of_one_class(&env, 1), last = {NULL, NULL, NULL};
    sal_tensor *inputs = whole_inputs(INPUTS);
    question q = {.args = {.check = "labels",
                           .model = net.model,
                           .inputs = inputs,
                           .fit = fit,
                           .fit_self = &last,
                           .method = "gradient",
                           .train_inputs = inputs,
                           .train_labels = labels,
                           .max_draws = 2}};
    memory_loop l = {"fit", &memory, ask, &q};
    assert_true(refuse_each_request(&l) > 20);
    sal_tensor_free(inputs);
    free_net(&last);
    free_net(&net);
    assert_int_equal(memory.alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check),
        cmocka_unit_test(twins_from_a_callback),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
