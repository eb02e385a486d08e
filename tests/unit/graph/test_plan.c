/* Plans: a buffer is given away only when nobody will read it again. A plan that keeps every value
 * and every gradient is what plans that wish for little are compared with, bit for bit, on random
 * graphs whose workspace held NaN before. */
#include "random_graph.h"
#include "support.h"

#include "graph/plan_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRAPHS = 300, BATCH = 3, MOST_VALUES = 200 };

typedef struct {
    sal_plan *plan;
    float *param_gradient[MOST_VALUES];
} run;

static void poison(sal_plan *p)
{
    for (size_t i = 0; i < p->workspace_count + p->scratch_count; i++) p->workspace[i] = NAN;
}

static run make_run(const random_graph *r, const sal_wish *wish, size_t n, const float *seed)
{
    run out = {NULL, {NULL}};
    const sal_params *all[BATCH];
    const float *x[2] = {r->x[0], r->x[1]};
    assert_int_equal(sal_plan_create_(r->g, wish, &out.plan, NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(r->params); i++)
        out.param_gradient[i] = calloc(sal_params_size(r->params, i), sizeof(float));
    for (size_t i = 0; i < n; i++) all[i] = r->params;
    poison(out.plan);
    sal_plan_forward_(out.plan, n, x, all);
    if (seed) sal_plan_backward_(out.plan, seed, wish->params ? out.param_gradient : NULL);
    return out;
}

static void free_run(const random_graph *r, run *one)
{
    for (size_t i = 0; i < sal_params_count(r->params); i++) free(one->param_gradient[i]);
    sal_plan_free_(one->plan);
}

/* The values among those given that some seed picks; share in percent. */
static size_t pick(sal_rng *rng, const sal_graph *g, size_t share, bool params, sal_value *out)
{
    size_t n = 0;
    for (size_t v = 0; v < g->n_values; v++) {
        bool is_param = g->values[v].kind == SAL_IS_PARAM;
        if ((params || !is_param) && sal_rng_below_(rng, 100) < share) out[n++] = (sal_value)v;
    }
    return n;
}

static void equal(uint64_t graph, const char *what, const sal_graph *g, sal_value v, size_t n,
                  const float *got, const float *want)
{
    if (!got != !want)
        fail_msg("graph %zu: %s of '%s' is missing", (size_t)graph, what, g->values[v].name);
    if (got && memcmp(got, want, n * sizeof *got))
        fail_msg("graph %zu: %s of '%s' differs", (size_t)graph, what, g->values[v].name);
}

static void compare(uint64_t seed, const random_graph *r, const sal_wish *w, size_t n,
                    const run *little, const run *all)
{
    const sal_graph *g = r->g;
    equal(seed, "output", g, w->output, n * sal_value_count_(g, w->output),
          sal_plan_value_(little->plan, w->output), sal_plan_value_(all->plan, w->output));
    for (size_t i = 0; i < w->n_taps; i++)
        equal(seed, "tap", g, w->taps[i], n * sal_value_count_(g, w->taps[i]),
              sal_plan_value_(little->plan, w->taps[i]), sal_plan_value_(all->plan, w->taps[i]));
    for (size_t i = 0; i < w->n_gradients; i++)
        equal(seed, "gradient", g, w->gradients[i], n * sal_value_count_(g, w->gradients[i]),
              sal_plan_gradient_(little->plan, w->gradients[i]),
              sal_plan_gradient_(all->plan, w->gradients[i]));
    for (size_t i = 0; w->params && i < sal_params_count(r->params); i++)
        equal(seed, "gradient", g, g->params[i].value, sal_params_size(r->params, i),
              little->param_gradient[i], all->param_gradient[i]);
}

static sal_value random_node(sal_rng *rng, const sal_graph *g)
{
    return g->nodes[sal_rng_below_(rng, g->n_nodes)].out;
}

static void memory_is_reused_safely(void **state)
{
    (void)state;
    size_t small = 0, large = 0;
    for (uint64_t k = 0; k < GRAPHS; k++) {
        sal_rng rng = sal_rng_for(k, "wishes", 0);
        random_graph r = make_random_graph(k, 1 + sal_rng_below_(&rng, 25), BATCH);
        sal_value taps[MOST_VALUES], gradients[MOST_VALUES], every[MOST_VALUES];
        assert_true(r.g->n_values <= MOST_VALUES);
        size_t n_every = pick(&rng, r.g, 100, false, every), n = 1 + sal_rng_below_(&rng, BATCH);
        sal_wish w = {.batch = BATCH,
                      .output = random_node(&rng, r.g),
                      .taps = taps,
                      .gradients = gradients,
                      .params = sal_rng_below_(&rng, 2)};
        w.n_taps = pick(&rng, r.g, 10, false, taps);
        w.n_gradients = pick(&rng, r.g, 10, false, gradients);
        sal_wish most = {.batch = BATCH,
                         .output = w.output,
                         .n_taps = n_every,
                         .taps = every,
                         .n_gradients = n_every,
                         .gradients = every,
                         .params = true};
        float *seed = calloc(BATCH * sal_value_count_(r.g, w.output), sizeof *seed);
        for (size_t i = 0; i < n * sal_value_count_(r.g, w.output); i++)
            seed[i] = (float)sal_rng_normal_(&rng);
        run little = make_run(&r, &w, n, seed), all = make_run(&r, &most, n, seed);
        compare(k, &r, &w, n, &little, &all);
        small += sal_plan_bytes_(little.plan);
        large += sal_plan_bytes_(all.plan);
        free_run(&r, &little);
        free_run(&r, &all);
        free(seed);
        free_random_graph(&r);
    }
    print_message("workspaces: %.0f %% of those that keep everything\n",
                  100 * (double)small / (double)large);
    assert_true(small < large);
}

/* The same plan again, other numbers between: nothing is left over from run to run. */
static void running_again_gives_equal_bits(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 40; k++) {
        random_graph r = make_random_graph(k, 20, BATCH);
        sal_value in[2] = {sal_graph_find(r.g, "x"), sal_graph_find(r.g, "z")};
        sal_value out = r.g->nodes[r.g->n_nodes - 1].out;
        size_t size = BATCH * sal_value_count_(r.g, out);
        sal_wish w = {
            .batch = BATCH, .output = out, .n_gradients = 2, .gradients = in, .params = true};
        float *seed = calloc(size, sizeof *seed), *y = calloc(size, sizeof *y);
        const sal_params *all[BATCH] = {r.params, r.params, r.params};
        const float *x[2] = {r.x[0], r.x[1]}, *swapped[2] = {r.x[1], r.x[0]};
        for (size_t i = 0; i < size; i++) seed[i] = 1;
        run one = make_run(&r, &w, BATCH, seed), two = make_run(&r, &w, BATCH, seed);
        memcpy(y, sal_plan_value_(one.plan, out), size * sizeof *y);
        sal_plan_forward_(two.plan, 2, swapped, all);
        sal_plan_backward_(two.plan, seed, NULL);
        sal_plan_forward_(two.plan, BATCH, x, all);
        for (size_t i = 0; i < sal_params_count(r.params); i++)
            memset(two.param_gradient[i], 0, sal_params_size(r.params, i) * sizeof(float));
        sal_plan_backward_(two.plan, seed, two.param_gradient);
        if (memcmp(sal_plan_value_(two.plan, out), y, size * sizeof *y))
            fail_msg("graph %zu: another output", (size_t)k);
        compare(k, &r, &w, BATCH, &two, &one);
        free_run(&r, &one);
        free_run(&r, &two);
        free(seed);
        free(y);
        free_random_graph(&r);
    }
}

/* x -> a = Relu -> b = Add(a, a) -> c = Tanh(b); d = Mul(b, c) */
static sal_graph *diamond(sal_value v[5])
{
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    v[0] = sal_graph_input(g, "x", 1, (const int64_t[]){4});
    v[1] = sal_graph_node(g, "Relu", "a", NULL, 1, &v[0]);
    v[2] = sal_graph_node(g, "Add", "b", NULL, 2, (const sal_value[]){v[1], v[1]});
    v[3] = sal_graph_node(g, "Tanh", "c", NULL, 1, &v[2]);
    v[4] = sal_graph_node(g, "Mul", "d", NULL, 2, (const sal_value[]){v[2], v[3]});
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    return g;
}

static void outputs_anywhere(void **state)
{
    static const float x[4] = {-1, 0.25f, 0.5f, 1};
    static const double want[5][4] = {
        {-1, .25, .5, 1},
        {0, .25, .5, 1},
        {0, .5, 1, 2},
        {0, 0.46211715726000973, 0.7615941559557649, 0.9640275800758169},
        {0, 0.23105857863000487, 0.7615941559557649, 1.9280551601516338}};
    (void)state;
    sal_value v[5];
    sal_graph *g = diamond(v);
    sal_params *p = NULL;
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    const sal_params *all[1] = {p};
    for (size_t out = 0; out < 5; out++)
        for (size_t tap = 0; tap < 5; tap++) { /* before, at and behind the output */
            sal_plan *plan = NULL;
            sal_wish w = {.output = v[out],
                          .n_taps = 1,
                          .taps = &v[tap],
                          .n_gradients = 1,
                          .gradients = &v[out]};
            float seed[4] = {1, 2, 3, 4};
            assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
            sal_plan_forward_(plan, 1, (const float *[]){x}, all);
            sal_plan_backward_(plan, seed, NULL);
            for (size_t i = 0; i < 4; i++) {
                assert_near(g->values[v[out]].name, (double)sal_plan_value_(plan, v[out])[i],
                            want[out][i], 1e-6);
                assert_near(g->values[v[tap]].name, (double)sal_plan_value_(plan, v[tap])[i],
                            want[tap][i], 1e-6);
            }
            /* the gradient of the output is what was given */
            assert_memory_equal(sal_plan_gradient_(plan, v[out]), seed, sizeof seed);
            sal_plan_free_(plan);
        }
    sal_params_free(p);
    sal_graph_free(g);
}

static void a_gradient_that_does_not_reach(void **state)
{
    (void)state;
    sal_value v[5];
    sal_graph *g = diamond(v);
    sal_params *p = NULL;
    sal_plan *plan = NULL;
    float x[4] = {1, 1, 1, 1}, seed[4] = {1, 1, 1, 1};
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    sal_wish w = {.output = v[1], .n_gradients = 2, .gradients = (const sal_value[]){v[0], v[3]}};
    assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
    sal_plan_forward_(plan, 1, (const float *[]){x}, (const sal_params *[]){p});
    sal_plan_backward_(plan, seed, NULL);
    assert_memory_equal(sal_plan_gradient_(plan, v[0]), seed, sizeof seed);
    assert_null(sal_plan_gradient_(plan, v[3])); /* the output does not depend on it */
    sal_plan_free_(plan);
    w = (sal_wish){.output = v[4]};
    assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
    sal_plan_forward_(plan, 1, (const float *[]){x}, (const sal_params *[]){p});
    sal_plan_backward_(plan, seed, NULL); /* nothing is wished for: nothing is done */
    assert_null(sal_plan_gradient_(plan, v[0]));
    sal_plan_free_(plan);
    sal_params_free(p);
    sal_graph_free(g);
}

static void work_that_nobody_wants_is_left_out(void **state)
{
    (void)state;
    sal_value v[5];
    sal_graph *g = diamond(v);
    sal_plan *plan = NULL;
    sal_wish w = {.output = v[3], .n_gradients = 1, .gradients = &v[2]};
    assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
    assert_true(plan->runs[0] && plan->runs[1] && plan->runs[2] && !plan->runs[3]);
    assert_true(!plan->returns[0] && !plan->returns[1] && plan->returns[2] && !plan->returns[3]);
    sal_plan_free_(plan);
    sal_graph_free(g);
}

/* Forward alone a chain needs two buffers, however long it is. */
static void a_chain_takes_turns(void **state)
{
    (void)state;
    sal_graph *g = NULL;
    sal_plan *plan = NULL;
    char name[32];
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    sal_value y = sal_graph_input(g, "x", 1, (const int64_t[]){16});
    for (size_t i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "relu%zu", i);
        y = sal_graph_node(g, "Relu", name, NULL, 1, &y);
    }
    sal_wish w = {.batch = 4, .output = y};
    assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
    assert_int_equal(sal_plan_bytes_(plan), 2 * 4 * 16 * sizeof(float));
    assert_int_equal(sal_plan_batch_(plan), 4);
    sal_plan_free_(plan);
    sal_graph_free(g);
}

static void limits_cut_the_batch(void **state)
{
    static const struct {
        size_t batch, limit, want;
    } cases[] = {{4, 0, 4},   {4, 512, 4}, {4, 511, 2}, {4, 255, 1}, {4, 1, 1},
                 {7, 512, 4}, {7, 256, 2}, {1, 1, 1},   {0, 0, 1},   {1 << 20, 1 << 20, 8192}};
    (void)state;
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    sal_value y = sal_graph_input(g, "x", 1, (const int64_t[]){16});
    y = sal_graph_node(g, "Relu", "a", NULL, 1, &y);
    y = sal_graph_node(g, "Relu", "b", NULL, 1, &y);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_plan *plan = NULL;
        sal_wish w = {.batch = cases[i].batch, .limit = cases[i].limit, .output = y};
        assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
        if (sal_plan_batch_(plan) != cases[i].want)
            fail_msg("batch %zu, limit %zu: %zu images", cases[i].batch, cases[i].limit,
                     sal_plan_batch_(plan));
        sal_plan_free_(plan);
    }
    sal_graph_free(g);
}

static void more_than_memory(void **state)
{
    static const size_t limits[] = {0, 1 << 20};
    (void)state;
    sal_graph *g = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    sal_value y = sal_graph_input(g, "x", 1, (const int64_t[]){INT64_C(1) << 59});
    y = sal_graph_node(g, "Relu", "a", NULL, 1, &y);
    assert_int_equal(sal_graph_check(g, NULL), SAL_OK);
    for (size_t i = 0; i < 2; i++) {
        sal_plan *plan = NULL;
        sal_error err = {SAL_OK, ""};
        sal_wish w = {.batch = 4, .limit = limits[i], .output = y};
        assert_int_equal(sal_plan_create_(g, &w, &plan, &err), SAL_E_NOMEM);
        assert_null(plan);
        assert_non_null(strstr(err.text, "needs more than memory"));
    }
    sal_plan_free_(NULL);
    sal_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_reused_safely),
        cmocka_unit_test(running_again_gives_equal_bits),
        cmocka_unit_test(outputs_anywhere),
        cmocka_unit_test(a_gradient_that_does_not_reach),
        cmocka_unit_test(work_that_nobody_wants_is_left_out),
        cmocka_unit_test(a_chain_takes_turns),
        cmocka_unit_test(limits_cut_the_batch),
        cmocka_unit_test(more_than_memory),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
