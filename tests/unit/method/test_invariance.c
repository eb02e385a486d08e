/* No map's bits depend on the batch, the number of threads or what else is evaluated with it: for
 * every row of the registry. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <salcheck/nn.h>

#include <stdlib.h>
#include <string.h>

enum { INPUTS = 9, WIDTH = 2 * 9 * 8, LARGE = 28 * 28 };
static const size_t batches[] = {1, 2, 3, 7, 64};

/* The long ones with fewer points, so that blocks end inside of a sample all the same. */
static const char *spec_of(const char *name)
{
    return strcmp(name, SAL_IG_SG) ? name : "ig-sg:samples=3,steps=7";
}

static int own_explain(void *self, const sal_model *model, const float *x, int64_t target,
                       uint64_t noise, float *map)
{
    sal_tensor *t = NULL;
    (void)self;
    float *copy = malloc(WIDTH * sizeof *copy);
    memcpy(copy, x, WIDTH * sizeof *copy);
    int bad =
        sal_tensor_view_of(NULL, copy, 4, (const int64_t[]){1, 2, 9, 8}, &t, NULL) != SAL_OK ||
        sal_model_input_gradient(model, t, &target, map, NULL) != SAL_OK;
    map[0] += (float)(noise % 1024);
    sal_tensor_free(t);
    free(copy);
    return bad;
}

static const sal_own_method own = {.name = "mine", .explain = own_explain};

static float *random_inputs(void)
{
    float *x = malloc(INPUTS * WIDTH * sizeof *x);
    sal_rng rng = sal_rng_for(5, "inputs", 0);
    for (size_t i = 0; i < INPUTS * WIDTH; i++) x[i] = (float)sal_rng_normal_(&rng);
    for (size_t i = 0; i < WIDTH; i++) x[3 * WIDTH + i] = 0; /* a picture without anything */
    return x;
}

static void maps_of(const test_net *net, const char *name, const float *x, size_t batch,
                    uint64_t seed, float *maps)
{
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    float *copy = malloc(INPUTS * WIDTH * sizeof *copy);
    memcpy(copy, x, INPUTS * WIDTH * sizeof *copy);
    assert_int_equal(
        sal_tensor_view_of(NULL, copy, 4, (const int64_t[]){INPUTS, 2, 9, 8}, &t, &err), SAL_OK);
    sal_explain_options o = {.batch = batch, .own = &own, .seed = seed};
    if (sal_explain(net->model, t, spec_of(name), &o, maps, &err) != SAL_OK)
        fail_msg("%s: %s", name, err.text);
    sal_tensor_free(t);
    free(copy);
}

static void batch_and_threads(void **state)
{
    enum { SIZE = INPUTS * WIDTH * sizeof(float) };
    static const sal_env one = {.threads = 1}, two = {.threads = 2};
    (void)state;
    float *x = random_inputs(), *first = malloc(SIZE), *maps = malloc(SIZE);
    test_net nets[2] = {small_cnn(&one, 1), small_cnn(&two, 1)};
    for (size_t i = 0; sal_method_get(i); i++) {
        const char *name = sal_method_get(i)->name;
        maps_of(&nets[0], name, x, 0, 0, first);
        for (size_t k = 0; k < 2 * sizeof batches / sizeof batches[0]; k++) {
            maps_of(&nets[k % 2], name, x, batches[k / 2], 0, maps);
            if (memcmp(maps, first, SIZE))
                fail_msg("%s: batch %zu on %zu threads changes bits", name, batches[k / 2],
                         k % 2 + 1);
        }
    }
    free_net(&nets[0]);
    free_net(&nets[1]);
    free(x);
    free(first);
    free(maps);
}

/* Products of the size that real networks have, where BLAS picks other kernels. */
static void batch_on_a_large_network(void **state)
{
    enum { SIZE = INPUTS * LARGE * sizeof(float) };
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_tensor *t = NULL;
    float *x = malloc(SIZE), *first = malloc(SIZE), *maps = malloc(SIZE);
    test_net net = large_cnn(NULL, 1);
    sal_rng rng = sal_rng_for(6, "inputs", 0);
    for (size_t i = 0; i < INPUTS * LARGE; i++) x[i] = (float)sal_rng_uniform_(&rng);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (const int64_t[]){INPUTS, 1, 28, 28}, &t, &err),
                     SAL_OK);
    for (size_t k = 0; k < sizeof batches / sizeof batches[0]; k++) {
        sal_explain_options o = {.batch = batches[k]};
        if (sal_explain(net.model, t, SAL_GRADIENT, &o, k ? maps : first, &err) != SAL_OK)
            fail_msg("%s", err.text);
        if (k && memcmp(maps, first, SIZE)) fail_msg("batch %zu changes bits", batches[k]);
    }
    sal_tensor_free(t);
    free_net(&net);
    free(x);
    free(first);
    free(maps);
}

/* The same seed gives the same maps; another seed changes those of stochastic methods only. */
static void seeds(void **state)
{
    enum { SIZE = INPUTS * WIDTH * sizeof(float) };
    (void)state;
    float *x = random_inputs(), *a = malloc(SIZE), *b = malloc(SIZE);
    test_net net = small_cnn(NULL, 1);
    for (size_t i = 0; sal_method_get(i); i++) {
        const sal_method_info *info = sal_method_get(i);
        if (!strcmp(info->name, SAL_OWN)) continue; /* the test's own uses its noise */
        maps_of(&net, info->name, x, 0, 1, a);
        maps_of(&net, info->name, x, 0, 1, b);
        if (memcmp(a, b, SIZE)) fail_msg("%s: the same seed, other bits", info->name);
        maps_of(&net, info->name, x, 0, 2, b);
        if (!memcmp(a, b, SIZE) == info->is_stochastic)
            fail_msg("%s: another seed %s", info->name,
                     info->is_stochastic ? "changes nothing" : "changes the map");
    }
    free_net(&net);
    free(x);
    free(a);
    free(b);
}

static void explain_jobs(const test_net *net, const sal_method *m, size_t n,
                         const sal_explain_job *jobs, float *maps)
{
    sal_error err = {SAL_OK, ""};
    sal_team *team = NULL;
    assert_int_equal(sal_team_create_(net->model, 4, m->def->one_thread, &team, &err), SAL_OK);
    if (sal_team_explain_(team, m, n, jobs, maps, &err) != SAL_OK)
        fail_msg("%s: %s", sal_method_name_(m), err.text);
    sal_team_free_(team);
}

/* Jobs with other parameters side by side give what each gives alone. */
static void neighbours_with_other_parameters(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    float *x = random_inputs(), *together = malloc(INPUTS * WIDTH * sizeof *x);
    float *alone = malloc(WIDTH * sizeof *x);
    test_net net = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    for (size_t i = 0; sal_method_get(i); i++) {
        const char *name = sal_method_get(i)->name;
        sal_method m;
        sal_explain_job jobs[INPUTS] = {{{0}, 0, NULL}};
        for (size_t k = 0; k < INPUTS; k++)
            jobs[k] = (sal_explain_job){.job = {k % 3 == 1   ? other.params
                                                : k % 3 == 2 ? net.params
                                                             : NULL,
                                                x + k * WIDTH, (int64_t)(k % 4)},
                                        .noise = k};
        if (sal_method_open_(net.model, spec_of(name), NULL, &own, &m, &err) != SAL_OK)
            fail_msg("%s: %s", name, err.text);
        explain_jobs(&net, &m, INPUTS, jobs, together);
        for (size_t k = 0; k < INPUTS; k++) {
            explain_jobs(&net, &m, 1, &jobs[k], alone);
            if (memcmp(alone, together + k * WIDTH, WIDTH * sizeof *alone))
                fail_msg("%s: job %zu differs with neighbours", name, k);
        }
    }
    free_net(&net);
    free_net(&other);
    free(x);
    free(together);
    free(alone);
}

/* A model-free control must not move with the parameters; what reads the model must. */
static void parameters_matter_where_said(void **state)
{
    enum { SIZE = INPUTS * WIDTH * sizeof(float) };
    (void)state;
    float *x = random_inputs(), *a = malloc(SIZE), *b = malloc(SIZE);
    test_net net = small_cnn(NULL, 1), other = small_cnn(NULL, 2);
    for (size_t i = 0; sal_method_get(i); i++) {
        const sal_method_info *info = sal_method_get(i);
        maps_of(&net, info->name, x, 0, 0, a);
        maps_of(&other, info->name, x, 0, 0, b);
        if (!memcmp(a, b, SIZE) != info->ignores_model)
            fail_msg("%s: other parameters %s", info->name,
                     info->ignores_model ? "change the map" : "change nothing");
    }
    free_net(&net);
    free_net(&other);
    free(x);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_and_threads),
        cmocka_unit_test(batch_on_a_large_network),
        cmocka_unit_test(seeds),
        cmocka_unit_test(neighbours_with_other_parameters),
        cmocka_unit_test(parameters_matter_where_said),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
