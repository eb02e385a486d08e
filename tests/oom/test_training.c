/* Building, training and randomising while memory runs out, at each request in turn, once and for
 * good: reported, nothing leaked, and when it lasts, the same numbers as ever. */
#include "short_memory.h"
#include "support.h"

#include "model/model.h"

#include <salcheck/nn.h>
#include <salcheck/randomise.h>

#include <string.h>

enum { N = 40, SIDE = 4 };

static void fill(sal_tensor *x, int64_t *labels)
{
    sal_rng rng = sal_rng_for(1, "oom", 0);
    for (size_t i = 0; i < sal_tensor_count(x); i++)
        sal_tensor_data(x)[i] = (float)sal_rng_normal_(&rng);
    for (size_t i = 0; i < N; i++) labels[i] = (int64_t)(i % 3);
}

static void build(sal_graph *g, sal_value *x, sal_value *y)
{
    sal_conv_options c = {.filters = 2, .kernel = {3, 3}, .same = true};
    *x = sal_graph_input(g, "x", 3, (const int64_t[]){1, SIDE, SIDE});
    *y = sal_nn_batch_norm(g, "bn", "conv", sal_nn_conv(g, "conv", *x, &c));
    *y = sal_nn_apply(g, "Relu", "relu", *y);
    *y = sal_nn_apply(g, "Flatten", "flat", sal_nn_max_pool(g, "pool", *y, 2));
    *y = sal_nn_dense(g, "fc", *y, &(sal_dense_options){.units = 3});
}

/* A digest of what comes out of it all. */
static sal_status scenario(const sal_env *env, uint64_t *digest, sal_error *err)
{
    sal_graph *g = NULL;
    sal_params *p = NULL, *changed = NULL;
    sal_model *m = NULL;
    sal_tensor *x = NULL, *slice = NULL;
    sal_value in, out;
    int64_t labels[N];
    sal_fit_options o = {.epochs = 1, .batch = 40};
    sal_status st = sal_tensor_create(env, 4, (const int64_t[]){N, 1, SIDE, SIDE}, &x, err);
    if (st != SAL_OK) return st;
    fill(x, labels);
    st = sal_tensor_slice(x, 0, 10, &slice, err);
    if (st == SAL_OK) st = sal_graph_create(env, "oom", &g, err);
    if (st == SAL_OK) {
        build(g, &in, &out);
        st = sal_params_create(g, &p, err);
        if (st == SAL_OK) st = sal_graph_check(g, err);
    }
    if (st == SAL_OK) st = sal_nn_initialise(g, p, 1, err);
    if (st == SAL_OK) st = sal_nn_fit(g, in, out, p, x, labels, NULL, &o, NULL, err);
    if (st == SAL_OK) st = sal_model_from_graph(g, in, out, p, &m, err);
    sal_randomise_options r = {.inputs = slice};
    if (st == SAL_OK) st = sal_randomise(m, "full:norm=re-estimate", 0, &r, &changed, err);
    if (st == SAL_OK) *digest = sal_params_digest_(p) ^ sal_params_digest_(changed);
    sal_params_free(changed);
    sal_model_free(m);
    sal_params_free(p);
    sal_graph_free(g);
    sal_tensor_free(slice);
    sal_tensor_free(x);
    return st;
}

static void at_each_request(void **state)
{
    (void)state;
    uint64_t want = 0;
    sal_error err = {SAL_OK, ""};
    if (scenario(NULL, &want, &err) != SAL_OK) fail_msg("%s", err.text);
    for (size_t once = 0; once < 2; once++)
        for (size_t n = 0;; n++) {
            short_memory memory = {.after = n, .once = once};
            sal_env env = short_memory_env(&memory);
            uint64_t got = 0;
            env.threads = 1;
            err = (sal_error){SAL_OK, ""};
            sal_status st = scenario(&env, &got, &err);
            if (memory.alive) fail_msg("request %zu: %zu blocks leaked", n, (size_t)memory.alive);
            if (st != (memory.refused ? SAL_E_NOMEM : SAL_OK) || err.status != st)
                fail_msg("request %zu: status %d, '%s'", n, st, err.text);
            if (memory.refused) continue;
            assert_true(got == want);
            if (once) print_message("%zu requests\n", n);
            break;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(at_each_request)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
