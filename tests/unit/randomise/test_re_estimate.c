/* Batch norm statistics measured again: what a changed network's norms then make has mean 0 and
 * variance 1 on those inputs, layer after layer; norms that see no change stay as trained. */
#include "nets.h"
#include "short_memory.h"
#include "support.h"

#include "graph/plan.h"
#include "randomise/randomise.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 5, CHANNELS = 4, IN = 2 * SIDE * SIDE };

/* x -> bn0 -> conv1 bn1 relu -> conv2 bn2 relu -> fc3 bn3 -> fc4 */
static test_net make_net(const sal_env *env)
{
    test_net net;
    start_net(&net, env, "norms");
    sal_conv_options c = {.filters = CHANNELS, .kernel = {3, 3}};
    sal_value x = sal_graph_input(net.g, "x", 3, (const int64_t[]){2, SIDE, SIDE});
    sal_value y = sal_nn_conv(net.g, "conv1", sal_nn_batch_norm(net.g, "bn0", NULL, x), &c);
    y = sal_nn_apply(net.g, "Relu", "relu1", sal_nn_batch_norm(net.g, "bn1", "conv1", y));
    y = sal_nn_conv(net.g, "conv2", y, &c);
    y = sal_nn_apply(net.g, "Relu", "relu2", sal_nn_batch_norm(net.g, "bn2", NULL, y));
    y = sal_nn_dense(net.g, "fc3", sal_nn_apply(net.g, "Flatten", "flat", y),
                     &(sal_dense_options){.units = CHANNELS});
    y = sal_nn_batch_norm(net.g, "bn3", "fc3", y);
    y = sal_nn_dense(net.g, "fc4", y, &(sal_dense_options){.units = 3});
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 3, NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(net.params); i++) {
        float *v;
        assert_int_equal(sal_params_edit_(net.params, i, &v, NULL), SAL_OK);
        for (size_t k = 0; k < sal_params_size(net.params, i); k++) v[k] += 0.3f + 0.1f * (float)k;
    }
    make_model(&net, x, y);
    return net;
}

static sal_tensor *make_inputs(int64_t n)
{
    sal_tensor *t = NULL;
    sal_rng rng = sal_rng_for(4, "inputs", 0);
    assert_int_equal(sal_tensor_create(NULL, 4, (const int64_t[]){n, 2, SIDE, SIDE}, &t, NULL),
                     SAL_OK);
    for (size_t i = 0; i < sal_tensor_count(t); i++)
        sal_tensor_data(t)[i] = (float)(1 + 2 * sal_rng_normal_(&rng));
    return t;
}

static sal_params *re_estimated(const sal_model *m, const char *mode, size_t step,
                                const sal_tensor *x)
{
    char spec[64];
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    sal_text t = sal_text_into_(spec, sizeof spec);
    sal_text_add_(&t, "%s:norm=re-estimate", mode);
    sal_randomise_options o = {.inputs = x};
    if (sal_randomise(m, spec, step, &o, &p, &err) != SAL_OK) fail_msg("%s: %s", spec, err.text);
    return p;
}

/* Mean and variance per channel of a value over the first n inputs. */
static void measure(const test_net *net, const char *name, const sal_params *p, const sal_tensor *x,
                    size_t n, double *mean, double *variance)
{
    sal_plan *plan = NULL;
    sal_value v = sal_graph_find(net->g, name);
    const sal_params **all = calloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++) all[i] = p;
    assert_int_equal(sal_plan_create_(net->g, &(sal_wish){.batch = n, .output = v}, &plan, NULL),
                     SAL_OK);
    sal_plan_forward_(plan, n, (const float *[]){sal_tensor_get_data(x)}, all);
    const float *y = sal_plan_value_(plan, v);
    const sal_shape *s = &net->g->values[v].shape;
    size_t channels = (size_t)s->dims[1], plane = sal_shape_count_from_(s, 2);
    for (size_t c = 0; c < channels; c++) {
        double sum = 0, square = 0, count = (double)(n * plane);
        for (size_t i = 0; i < n * plane; i++) {
            double d = (double)y[(i / plane * channels + c) * plane + i % plane];
            sum += d;
            square += d * d;
        }
        mean[c] = sum / count;
        variance[c] = square / count - mean[c] * mean[c];
    }
    free((void *)all);
    sal_plan_free_(plan);
}

static void norms_make_mean_0_and_variance_1(void **state)
{
    static const char *const norms[] = {"bn0", "bn1", "bn2", "bn3"};
    static const int64_t counts[] = {40, 300}; /* 300: the first 256 are looked at */
    (void)state;
    test_net net = make_net(NULL);
    for (size_t c = 0; c < 2; c++) {
        sal_tensor *x = make_inputs(counts[c]);
        sal_params *p = re_estimated(net.model, "full", 0, x);
        for (size_t k = 0; k < 4; k++) {
            double mean[CHANNELS], variance[CHANNELS];
            measure(&net, norms[k], p, x, counts[c] < 256 ? (size_t)counts[c] : 256, mean,
                    variance);
            for (size_t i = 0; i < (k ? CHANNELS : 2); i++) {
                assert_near(norms[k], mean[i], 0, 1e-5);
                assert_near(norms[k], variance[i], 1, 1e-3); /* epsilon, 1e-5 of the variance */
            }
        }
        sal_params_free(p);
        sal_tensor_free(x);
    }
    free_net(&net);
}

static const struct {
    const char *mode;
    size_t step;
    const char
        *want[4]; /* scale and shift, statistics of bn0 .. bn3: T trained, R reset, M measured */
} cases[] = {
    {"top", 0, {"TT", "TT", "TT", "TT"}},         /* fc4: nothing comes after it */
    {"independent", 0, {"TT", "TT", "TT", "TT"}}, /* the same */
    {"independent", 1, {"TT", "TT", "TT", "RM"}}, /* fc3 */
    {"independent", 2, {"TT", "TT", "RM", "TM"}}, /* conv2, and what comes after it */
    {"independent", 3, {"RM", "RM", "TM", "TM"}}, /* conv1, with the norm before it */
    {"cascade", 2, {"TT", "TT", "RM", "RM"}},     {"bottom-up", 1, {"RM", "RM", "RM", "TM"}},
    {"full", 0, {"RM", "RM", "RM", "RM"}},
};

static void what_sees_no_change_stays(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    sal_tensor *x = make_inputs(30);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_params *p = re_estimated(net.model, cases[c].mode, cases[c].step, x);
        for (size_t i = 0; i < sal_params_count(p); i++) {
            const sal_param_info *info = &net.model->infos[i];
            if (info->role < SAL_NORM_SCALE) continue;
            const float *got = sal_params_get(p, i), *trained = sal_params_get(net.params, i);
            bool stays = !memcmp(got, trained, sal_params_size(p, i) * sizeof *got);
            bool is_statistic = info->role >= SAL_NORM_MEAN;
            char want = cases[c].want[info->name[2] - '0'][is_statistic];
            if (stays != (want == 'T'))
                fail_msg("%s, step %zu: %s %s", cases[c].mode, cases[c].step, info->name,
                         stays ? "stays" : "changes");
            for (size_t k = 0; want == 'R' && k < sal_params_size(p, i); k++)
                if (got[k] != (info->role == SAL_NORM_SCALE))
                    fail_msg("%s is not reset", info->name);
        }
        sal_params_free(p);
    }
    sal_tensor_free(x);
    free_net(&net);
}

/* Large means do not swallow the variance, and a limit on memory changes no more than rounding. */
static void little_memory_and_large_means(void **state)
{
    (void)state;
    short_memory memory = {.after = SIZE_MAX};
    sal_env small = short_memory_env(&memory);
    small.memory_limit = 4096;
    test_net net = make_net(NULL), limited = make_net(&small);
    sal_tensor *x = make_inputs(100);
    for (size_t i = 0; i < sal_tensor_count(x); i++) sal_tensor_data(x)[i] += 1000;
    memory.largest = 0;
    sal_params *p = re_estimated(net.model, "full", 0, x),
               *q = re_estimated(limited.model, "full", 0, x);
    if (memory.largest > 8192) fail_msg("a block of %zu bytes, limit 4096", (size_t)memory.largest);
    for (size_t i = 0; i < sal_params_count(p); i++)
        for (size_t k = 0; k < sal_params_size(p, i); k++)
            assert_near(net.model->infos[i].name, (double)sal_params_get(q, i)[k],
                        (double)sal_params_get(p, i)[k],
                        1e-4 * fabs((double)sal_params_get(p, i)[k]) + 1e-4);
    double mean[CHANNELS], variance[CHANNELS];
    measure(&net, "bn0", p, x, 100, mean, variance);
    assert_near("variance", variance[0], 1, 1e-3);
    sal_params_free(p);
    sal_params_free(q);
    sal_tensor_free(x);
    free_net(&net);
    free_net(&limited);
}

static void inputs_are_checked(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    sal_error err = {SAL_OK, ""};
    sal_params *p = NULL;
    sal_tensor *x = make_inputs(3), *narrow = NULL;
    sal_tensor_data(x)[IN + 7] = NAN;
    sal_randomise_options o = {.inputs = x};
    assert_int_equal(sal_randomise(net.model, "full:norm=re-estimate", 0, &o, &p, &err),
                     SAL_E_VALUE);
    assert_string_equal(err.text, "model 'norms': input 1, element 7 is not finite");
    assert_int_equal(sal_tensor_create(NULL, 2, (const int64_t[]){3, IN}, &narrow, NULL), SAL_OK);
    o.inputs = narrow;
    assert_int_equal(sal_randomise(net.model, "full:norm=re-estimate", 0, &o, &p, &err),
                     SAL_E_SHAPE);
    assert_null(p);
    sal_tensor_free(narrow);
    sal_tensor_free(x);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_make_mean_0_and_variance_1),
        cmocka_unit_test(what_sees_no_change_stays),
        cmocka_unit_test(little_memory_and_large_means),
        cmocka_unit_test(inputs_are_checked),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
