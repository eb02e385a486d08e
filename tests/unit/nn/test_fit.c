/* Training: it learns, its steps are those of the formulas, any number of threads gives the same
 * bits, and it ends, reports and leaves alone what it should. Mistakes: test_fit_mistakes.c. */
#include "short_memory.h"
#include "support.h"
#include "toys.h"

#include "nn/nn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(sal_status st, const sal_error *err)
{
    if (st != SAL_OK) fail_msg("%s", err->text);
}

static void learns_classes(void **state)
{
    (void)state;
    static const char *const optimisers[] = {NULL, "adam", "sgd"};
    toy_classes c = make_classes(300, 1), fresh = make_classes(300, 2);
    for (size_t k = 0; k < 3; k++) {
        toy_mlp m = make_mlp(NULL, 16);
        sal_error err = {SAL_OK, ""};
        sal_fit_result r;
        sal_fit_options o = {.optimiser = optimisers[k],
                             .learning_rate = k == 2 ? 0.1 : 0.02,
                             .momentum = 0.9,
                             .epochs = 60};
        must(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &r, &err), &err);
        if (!(r.accuracy > 0.99 && r.loss < 0.1) || r.epochs != 60)
            fail_msg("optimiser %zu: accuracy %g, loss %g", k, r.accuracy, r.loss);
        o.epochs = 1; /* a look at others: no step of any size */
        o.learning_rate = 1e-30;
        must(sal_nn_fit(m.g, m.x, m.y, m.p, fresh.t, fresh.labels, NULL, &o, &r, &err), &err);
        if (!(r.accuracy > 0.97)) fail_msg("optimiser %zu: fresh inputs %g", k, r.accuracy);
        free_mlp(&m);
    }
    free_classes(&c);
    free_classes(&fresh);
}

/* y = sigmoid(3 x0 - 2 x1 + 1): a regression through a sigmoid output, [N, 1] targets. */
static void learns_a_regression(void **state)
{
    (void)state;
    enum { N = 200 };
    sal_graph *g = NULL;
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_graph_create(NULL, "regression", &g, NULL), SAL_OK);
    sal_value x = sal_graph_input(g, "x", 1, (const int64_t[]){2});
    sal_value y = sal_nn_dense(g, "fc", x, &(sal_dense_options){.units = 1});
    y = sal_nn_apply(g, "Sigmoid", "out", y);
    must(sal_params_create(g, &p, &err), &err);
    must(sal_nn_initialise(g, p, 1, &err), &err);
    toy_classes c = make_classes(N, 3);
    float target[N];
    sal_tensor *t = NULL;
    for (size_t i = 0; i < N; i++) {
        double z = 3 * (double)c.x[2 * i] - 2 * (double)c.x[2 * i + 1] + 1;
        target[i] = (float)(1 / (1 + exp(-z)));
    }
    must(sal_tensor_view_of(NULL, target, 2, (const int64_t[]){N, 1}, &t, &err), &err);
    sal_fit_options o = {.learning_rate = 0.05, .epochs = 300};
    sal_fit_result r;
    must(sal_nn_fit(g, x, y, p, c.t, NULL, t, &o, &r, &err), &err);
    assert_true(r.loss < 1e-6 && r.accuracy == 0);
    assert_near("weight", (double)sal_params_get(p, 0)[0], 3, 0.02);
    assert_near("weight", (double)sal_params_get(p, 0)[1], -2, 0.02);
    assert_near("bias", (double)sal_params_get(p, 1)[0], 1, 0.02);
    sal_tensor_free(t);
    free_classes(&c);
    sal_params_free(p);
    sal_graph_free(g);
}

/* ---- the steps of SGD on a linear regression, in double --------------------------------------- */

enum { WIDTH = 3, OUTS = 2 };

typedef struct {
    double w[OUTS * WIDTH + OUTS], speed[OUTS * WIDTH + OUTS];
} linear;

static void reference_step(linear *m, const sal_fit_options *o, size_t n, const size_t *pick,
                           const float *x, const float *t)
{
    double g[OUTS * WIDTH + OUTS] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < OUTS; k++) {
            const float *in = x + pick[i] * WIDTH;
            double y = m->w[OUTS * WIDTH + k];
            for (size_t e = 0; e < WIDTH; e++) y += m->w[k * WIDTH + e] * (double)in[e];
            double slope = 2 * (y - (double)t[pick[i] * OUTS + k]) / OUTS / (double)n;
            for (size_t e = 0; e < WIDTH; e++) g[k * WIDTH + e] += slope * (double)in[e];
            g[OUTS * WIDTH + k] += slope;
        }
    for (size_t i = 0; i < OUTS * WIDTH + OUTS; i++) {
        if (i < OUTS * WIDTH) g[i] += o->weight_decay * m->w[i]; /* weights, not biases */
        m->speed[i] = o->momentum * m->speed[i] + g[i];
        m->w[i] -= o->learning_rate * m->speed[i];
    }
}

static void reference_fit(linear *m, const sal_fit_options *o, size_t n, const float *x,
                          const float *t)
{
    size_t *order = calloc(n, sizeof *order);
    for (size_t epoch = 1; epoch <= o->epochs; epoch++) {
        sal_rng rng = sal_rng_for(o->seed, "order of inputs", epoch);
        sal_rng_shuffle_(&rng, n, order);
        for (size_t first = 0; first < n; first += o->batch)
            reference_step(m, o, n - first < o->batch ? n - first : o->batch, order + first, x, t);
    }
    free(order);
}

static const struct {
    const char *name;
    size_t n;
    sal_fit_options o;
} steps[] = {
    {"one input", 1, {.batch = 4}},
    {"batch above n", 20, {.batch = 1000}},
    {"one shard", 32, {.batch = 32}},
    {"a shard and one", 33, {.batch = 33}},
    {"three shards", 70, {.batch = 70}},
    {"many batches, the last short", 100, {.batch = 7}},
    {"batches of shards, the last short", 150, {.batch = 64, .momentum = 0.9}},
    {"decay", 50, {.batch = 25, .weight_decay = 0.5}},
    {"decay and momentum", 50, {.batch = 20, .weight_decay = 0.1, .momentum = 0.5}},
};

static void steps_are_those_of_the_formulas(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof steps / sizeof steps[0]; c++) {
        size_t n = steps[c].n;
        float *x = calloc(n * WIDTH, sizeof *x), *t = calloc(n * OUTS, sizeof *t);
        sal_rng rng = sal_rng_for(c, "steps", 0);
        for (size_t i = 0; i < n * WIDTH; i++) x[i] = (float)sal_rng_normal_(&rng);
        for (size_t i = 0; i < n * OUTS; i++) t[i] = (float)sal_rng_normal_(&rng);
        sal_graph *g = NULL;
        sal_params *p = NULL;
        sal_tensor *in = NULL, *targets = NULL;
        sal_error err = {SAL_OK, ""};
        must(sal_graph_create(NULL, "linear", &g, &err), &err);
        sal_value a = sal_graph_input(g, "x", 1, (const int64_t[]){WIDTH});
        sal_value y =
            sal_nn_dense(g, "fc", a, &(sal_dense_options){.units = OUTS, .bias_init = "ones"});
        must(sal_params_create(g, &p, &err), &err);
        must(sal_nn_initialise(g, p, 1, &err), &err);
        must(sal_tensor_view_of(NULL, x, 2, (const int64_t[]){(int64_t)n, WIDTH}, &in, &err), &err);
        must(sal_tensor_view_of(NULL, t, 2, (const int64_t[]){(int64_t)n, OUTS}, &targets, &err),
             &err);
        sal_fit_options o = steps[c].o;
        o.optimiser = "sgd";
        o.learning_rate = 0.05;
        o.epochs = 3;
        o.seed = 11;
        linear m = {{0}, {0}};
        for (size_t i = 0; i < OUTS * WIDTH; i++) m.w[i] = (double)sal_params_get(p, 0)[i];
        for (size_t i = 0; i < OUTS; i++) m.w[OUTS * WIDTH + i] = 1;
        reference_fit(&m, &o, n, x, t);
        must(sal_nn_fit(g, a, y, p, in, NULL, targets, &o, NULL, &err), &err);
        for (size_t i = 0; i < OUTS * WIDTH + OUTS; i++) {
            float got =
                i < OUTS * WIDTH ? sal_params_get(p, 0)[i] : sal_params_get(p, 1)[i - OUTS * WIDTH];
            if (!(fabs((double)got - m.w[i]) <= 3e-6))
                fail_msg("%s: parameter %zu is %.8g, wanted %.8g", steps[c].name, i, (double)got,
                         m.w[i]);
        }
        sal_tensor_free(in);
        sal_tensor_free(targets);
        sal_params_free(p);
        sal_graph_free(g);
        free(x);
        free(t);
    }
}

/* ---- threads ---------------------------------------------------------------------------------- */

static void threads_change_no_bit(void **state)
{
    (void)state;
    toy_classes c = make_classes(333, 4);
    sal_params *first = NULL;
    sal_fit_result result[4];
    for (size_t threads = 1; threads <= 4; threads++) {
        sal_env env = {.threads = threads};
        toy_mlp m = make_mlp(&env, 40);
        sal_error err = {SAL_OK, ""};
        sal_fit_options o = {.epochs = 5, .batch = 130};
        must(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &result[threads - 1], &err),
             &err);
        if (threads == 1) must(sal_params_clone(m.p, &first, &err), &err);
        for (size_t i = 0; i < sal_params_count(m.p); i++)
            if (memcmp(sal_params_get(first, i), sal_params_get(m.p, i),
                       sal_params_size(first, i) * sizeof(float)))
                fail_msg("%zu threads: parameter %zu", threads, i);
        if (memcmp(&result[0], &result[threads - 1], sizeof result[0]))
            fail_msg("%zu threads: another result", threads);
        if (threads == 1) { /* its environment outlives what it made */
            toy_mlp kept = make_mlp(NULL, 40);
            for (size_t i = 0; i < sal_params_count(m.p); i++)
                must(sal_params_set(kept.p, i, sal_params_get(first, i), &err), &err);
            sal_params_free(first);
            first = kept.p;
            sal_graph_free(kept.g);
        }
        free_mlp(&m);
    }
    sal_params_free(first);
    free_classes(&c);
}

/* Threads beyond the shards of a batch cost no plan. */
static void idle_threads_take_no_memory(void **state)
{
    (void)state;
    toy_classes c = make_classes(40, 4);
    size_t asked[2];
    for (size_t k = 0; k < 2; k++) {
        short_memory memory = {.after = SIZE_MAX};
        sal_env env = short_memory_env(&memory);
        env.threads = k ? 50 : 2;
        toy_mlp m = make_mlp(&env, 8);
        sal_fit_options o = {.epochs = 1, .batch = 40};
        asked[k] = memory.asked;
        assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, NULL, NULL),
                         SAL_OK);
        asked[k] = memory.asked - asked[k];
        free_mlp(&m);
        assert_int_equal(memory.alive, 0);
    }
    assert_int_equal(asked[0], asked[1]);
    free_classes(&c);
}

/* ---- progress, ends ---------------------------------------------------------------------------- */

typedef struct {
    size_t calls, epoch, step;
    sal_fit_progress last;
    const sal_params *p;
    sal_params *kept;
    float then[2];
} watch;

static void look(void *self, const sal_fit_progress *at)
{
    watch *w = self;
    w->calls++;
    if (at->step == 1) w->epoch++;
    w->step = at->step == 1 ? 1 : w->step + 1;
    if (at->epoch != w->epoch || at->step != w->step || at->epochs != 3 || at->steps != 5)
        fail_msg("call %zu: epoch %zu of %zu, step %zu of %zu", w->calls, at->epoch, at->epochs,
                 at->step, at->steps);
    if (!(at->loss > 0) || !(at->accuracy >= 0 && at->accuracy <= 1))
        fail_msg("call %zu", w->calls);
    w->last = *at;
}

static void progress_in_order(void **state)
{
    (void)state;
    toy_classes c = make_classes(33, 5);
    toy_mlp m = make_mlp(NULL, 4);
    watch w = {0};
    sal_fit_result r;
    sal_fit_options o = {.epochs = 3, .batch = 8, .progress = look, .self = &w};
    assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &r, NULL), SAL_OK);
    assert_int_equal(w.calls, 15);
    assert_int_equal(w.last.epoch, 3);
    assert_int_equal(w.last.step, 5);
    assert_true(r.loss != w.last.loss); /* measured again at the end, on the final parameters */
    free_mlp(&m);
    free_classes(&c);
}

static void ends_when_accurate(void **state)
{
    (void)state;
    toy_classes c = make_classes(300, 1);
    toy_mlp m = make_mlp(NULL, 16);
    sal_fit_result r, again;
    sal_fit_options o = {.learning_rate = 0.02, .epochs = 500, .stop_accuracy = 0.9};
    assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &r, NULL), SAL_OK);
    assert_true(r.accuracy >= 0.9 && r.epochs < 100);
    o = (sal_fit_options){.learning_rate = 1e-30, .epochs = 1};
    assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &again, NULL), SAL_OK);
    assert_true(again.accuracy == r.accuracy); /* of the whole set, on the parameters left */
    assert_near("loss", again.loss, r.loss, 1e-6);
    memcpy(c.x, c.x + 2, 2 * sizeof *c.x); /* one input with two labels: never all of them */
    o = (sal_fit_options){.learning_rate = 1e-30, .epochs = 3, .stop_accuracy = 1};
    assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, &again, NULL), SAL_OK);
    assert_int_equal(again.epochs, 3);
    free_mlp(&m);
    free_classes(&c);
}

/* A copy that the caller takes while training goes on holds what was there then. */
static void keep_a_copy(void *self, const sal_fit_progress *at)
{
    watch *w = self;
    if (at->epoch != 2 || at->step != 1) return;
    assert_int_equal(sal_params_clone(w->p, &w->kept, NULL), SAL_OK);
    memcpy(w->then, sal_params_get(w->kept, 0), sizeof w->then);
}

static void copies_are_left_alone(void **state)
{
    (void)state;
    toy_classes c = make_classes(60, 5);
    toy_mlp m = make_mlp(NULL, 4);
    sal_params *before = NULL;
    float first[2];
    watch w = {.p = m.p};
    sal_fit_options o = {.epochs = 4, .batch = 20, .progress = keep_a_copy, .self = &w};
    assert_int_equal(sal_params_clone(m.p, &before, NULL), SAL_OK);
    memcpy(first, sal_params_get(before, 0), sizeof first);
    assert_int_equal(sal_nn_fit(m.g, m.x, m.y, m.p, c.t, c.labels, NULL, &o, NULL, NULL), SAL_OK);
    assert_memory_equal(sal_params_get(before, 0), first, sizeof first);
    assert_non_null(w.kept);
    assert_memory_equal(sal_params_get(w.kept, 0), w.then, sizeof w.then);
    assert_true(memcmp(sal_params_get(m.p, 0), w.then, sizeof w.then) != 0); /* went on */
    sal_params_free(w.kept);
    sal_params_free(before);
    free_mlp(&m);
    free_classes(&c);
}

/* Scale and shift of a batch norm are trained, its stored statistics are not. */
static void stored_statistics_stay(void **state)
{
    (void)state;
    toy_classes c = make_classes(100, 6);
    sal_graph *g = NULL;
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    must(sal_graph_create(NULL, "norm", &g, &err), &err);
    sal_value x = sal_graph_input(g, "x", 1, (const int64_t[]){2});
    sal_value y = sal_nn_dense(g, "fc", x, &(sal_dense_options){.units = 3});
    y = sal_nn_batch_norm(g, "bn", "fc", y);
    must(sal_params_create(g, &p, &err), &err);
    must(sal_nn_initialise(g, p, 1, &err), &err);
    sal_fit_options o = {.learning_rate = 0.1, .epochs = 20};
    must(sal_nn_fit(g, x, y, p, c.t, c.labels, NULL, &o, NULL, &err), &err);
    for (size_t i = 0; i < sal_params_count(p); i++) {
        sal_param_info info;
        must(sal_graph_param_info(g, i, &info, &err), &err);
        bool moved = false;
        for (size_t k = 0; k < sal_params_size(p, i); k++) {
            float v = sal_params_get(p, i)[k];
            moved = moved || v != (info.role == SAL_NORM_VARIANCE || info.role == SAL_NORM_SCALE);
        }
        if (moved != (info.role < SAL_NORM_MEAN))
            fail_msg("%s %s", info.name, moved ? "moved" : "stayed");
    }
    sal_params_free(p);
    sal_graph_free(g);
    free_classes(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learns_classes),
        cmocka_unit_test(learns_a_regression),
        cmocka_unit_test(steps_are_those_of_the_formulas),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(idle_threads_take_no_memory),
        cmocka_unit_test(progress_in_order),
        cmocka_unit_test(ends_when_accurate),
        cmocka_unit_test(copies_are_left_alone),
        cmocka_unit_test(stored_statistics_stay),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
