/* Randomised copies: which layers a step changes, which numbers it draws, what happens to batch
 * norms, what is refused. The network: conv1 (with a norm of its layer), conv2, bn2 (a norm that is a
 * layer of its own), fc1, fc2. */
#include "nets.h"
#include "support.h"
#include "toy_engine.h"

#include "randomise/randomise.h"

#include <salcheck/nn.h>

#include <string.h>

enum { LAYERS = 4, INPUTS = 6, SIDE = 6 };

static test_net make_net(const sal_env *env)
{
    test_net net;
    start_net(&net, env, "four");
    sal_conv_options c = {
        .filters = 3, .kernel = {3, 3}, .same = true, .bias_init = "normal:std=0.2"};
    sal_dense_options hidden = {.units = 7, .bias_init = "constant:value=0.1"}, last = {.units = 3};
    sal_value x = sal_graph_input(net.g, "x", 3, (const int64_t[]){2, SIDE, SIDE});
    sal_value y = sal_nn_batch_norm(net.g, "bn1", "conv1", sal_nn_conv(net.g, "conv1", x, &c));
    y = sal_nn_conv(net.g, "conv2", sal_nn_apply(net.g, "Relu", "relu1", y), &c);
    y = sal_nn_apply(net.g, "Relu", "relu2", sal_nn_batch_norm(net.g, "bn2", NULL, y));
    y = sal_nn_dense(net.g, "fc1", sal_nn_apply(net.g, "Flatten", "flat", y), &hidden);
    y = sal_nn_dense(net.g, "fc2", sal_nn_apply(net.g, "Relu", "relu3", y), &last);
    make_params(&net);
    assert_int_equal(sal_nn_initialise(net.g, net.params, 3, NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(net.params); i++) { /* as trained: nothing round */
        float *v;
        assert_int_equal(sal_params_edit_(net.params, i, &v, NULL), SAL_OK);
        for (size_t k = 0; k < sal_params_size(net.params, i); k++)
            v[k] += 0.37f + 0.01f * (float)k;
    }
    make_model(&net, x, y);
    return net;
}

/* The layer's number in the network: the norm bn2 follows conv2. */
static size_t layer_of(const char *name)
{
    static const char *const layers[LAYERS] = {"conv1", "conv2", "fc1", "fc2"};
    if (!strcmp(name, "bn2")) return 1;
    for (size_t i = 0; i < LAYERS; i++)
        if (!strcmp(name, layers[i])) return i;
    fail_msg("no layer '%s'", name);
    return 0;
}

static sal_params *randomised(const sal_model *m, const char *spec, size_t step,
                              const sal_randomise_options *o)
{
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    if (sal_randomise(m, spec, step, o, &p, &err) != SAL_OK)
        fail_msg("%s: %s", spec ? spec : "top", err.text);
    return p;
}

static bool is_norm(const sal_param_info *info)
{
    return info->role >= SAL_NORM_SCALE;
}

static bool same(const sal_params *a, const sal_params *b, size_t i)
{
    return !memcmp(sal_params_get(a, i), sal_params_get(b, i),
                   sal_params_size(a, i) * sizeof(float));
}

/* ---- layers of a step ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t steps;
    const char *changed[LAYERS]; /* per step: X = changed, of conv1 conv2 fc1 fc2 */
    const char *step_name[LAYERS], *description[LAYERS];
} modes[] = {
    {"top", 1, {"...X"}, {"fc2"}, {"output layer \"fc2\" re-initialised"}},
    {"cascade",
     4,
     {"...X", "..XX", ".XXX", "XXXX"},
     {"fc2", "fc1", "conv2", "conv1"},
     {"output layer \"fc2\" re-initialised", "layers \"fc1\" to \"fc2\" re-initialised",
      "layers \"conv2\" to \"fc2\" re-initialised", "all 4 layers re-initialised"}},
    {"bottom-up",
     4,
     {"X...", "XX..", "XXX.", "XXXX"},
     {"conv1", "conv2", "fc1", "fc2"},
     {"layer \"conv1\" re-initialised", "layers \"conv1\" to \"conv2\" re-initialised",
      "layers \"conv1\" to \"fc1\" re-initialised", "all 4 layers re-initialised"}},
    {"independent",
     4,
     {"...X", "..X.", ".X..", "X..."},
     {"fc2", "fc1", "conv2", "conv1"},
     {"output layer \"fc2\" re-initialised", "layer \"fc1\" re-initialised",
      "layer \"conv2\" re-initialised", "layer \"conv1\" re-initialised"}},
    {"full", 1, {"XXXX"}, {"all layers"}, {"all 4 layers re-initialised"}},
};
enum { MODES = sizeof modes / sizeof modes[0] };

static void steps_change_their_layers(void **state)
{
    static const char *const norms[] = {"", ":norm=keep", ":norm=reset"};
    (void)state;
    test_net net = make_net(NULL);
    for (size_t i = 0; i < MODES * 3; i++) {
        const char *name = modes[i / 3].name, *norm = norms[i % 3];
        char spec[64];
        sal_text t = sal_text_into_(spec, sizeof spec);
        sal_text_add_(&t, "%s%s", name, norm);
        if (sal_randomise_steps(net.model, spec) != modes[i / 3].steps) fail_msg("%s: steps", spec);
        for (size_t step = 0; step < modes[i / 3].steps; step++) {
            sal_params *p = randomised(net.model, spec, step, NULL);
            for (size_t k = 0; k < sal_params_count(p); k++) {
                const sal_param_info *info = &net.model->infos[k];
                bool drawn = modes[i / 3].changed[step][layer_of(info->layer)] == 'X';
                bool want = drawn && (!is_norm(info) || i % 3 == 2);
                bool shared = sal_params_get(p, k) == sal_params_get(net.params, k);
                if (shared == want || same(p, net.params, k) == want)
                    fail_msg("%s, step %zu: %s is %s", spec, step, info->name,
                             want ? "as trained" : "changed");
                for (size_t e = 0; want && is_norm(info) && e < sal_params_size(p, k); e++)
                    if (sal_params_get(p, k)[e] !=
                        (info->role == SAL_NORM_SCALE || info->role == SAL_NORM_VARIANCE))
                        fail_msg("%s, step %zu: %s is not reset", spec, step, info->name);
            }
            sal_params_free(p);
        }
    }
    free_net(&net);
}

static void steps_have_names(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    for (size_t i = 0; i < MODES; i++) {
        sal_randomiser r;
        assert_int_equal(sal_randomiser_open_(net.model, modes[i].name, NULL, NULL, &r, NULL),
                         SAL_OK);
        for (size_t step = 0; step < modes[i].steps; step++) {
            char text[128];
            sal_text t = sal_text_into_(text, sizeof text);
            sal_randomiser_describe_(&r, step, &t);
            if (strcmp(text, modes[i].description[step]))
                fail_msg("%s, step %zu: %s", modes[i].name, step, text);
            if (strcmp(sal_randomiser_step_name_(&r, step), modes[i].step_name[step]))
                fail_msg("%s, step %zu: '%s'", modes[i].name, step,
                         sal_randomiser_step_name_(&r, step));
            if (sal_randomiser_is_full_(&r, step) != !strcmp(modes[i].changed[step], "XXXX"))
                fail_msg("%s, step %zu: full", modes[i].name, step);
        }
        const sal_randomisation_info *info = sal_randomisation_get(i);
        assert_string_equal(info->name, modes[i].name);
        assert_true(strlen(info->summary) > 5);
    }
    assert_null(sal_randomisation_get(MODES));
    free_net(&net);
}

static void one_layer_is_the_output_layer(void **state)
{
    (void)state;
    test_net net = linear_net(NULL, 1, (const int64_t[]){4}, 2);
    for (size_t i = 0; i < MODES; i++) {
        sal_randomiser r;
        char text[128];
        sal_text t = sal_text_into_(text, sizeof text);
        assert_int_equal(sal_randomiser_open_(net.model, modes[i].name, NULL, NULL, &r, NULL),
                         SAL_OK);
        assert_int_equal(r.n_steps, 1);
        assert_true(sal_randomiser_is_full_(&r, 0));
        assert_string_equal(sal_randomiser_step_name_(&r, 0), "fc");
        sal_randomiser_describe_(&r, 0, &t);
        assert_string_equal(text, "output layer \"fc\" re-initialised");
    }
    free_net(&net);
}

/* ---- numbers ---------------------------------------------------------------------------------- */

static void cascades_draw_anew_or_keep(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    static const char *const cascades[] = {"cascade", "bottom-up"};
    for (size_t c = 0; c < 4; c++) {
        char spec[64];
        sal_text t = sal_text_into_(spec, sizeof spec);
        sal_text_add_(&t, "%s:draws=%s", cascades[c / 2], c % 2 ? "same" : "fresh");
        for (size_t step = 1; step < LAYERS; step++) {
            sal_params *before = randomised(net.model, spec, step - 1, NULL);
            sal_params *p = randomised(net.model, spec, step, NULL);
            for (size_t k = 0; k < sal_params_count(p); k++) {
                const sal_param_info *info = &net.model->infos[k];
                bool twice = modes[1 + c / 2].changed[step - 1][layer_of(info->layer)] == 'X';
                if (is_norm(info) || !twice || !strcmp(info->init, "zeros") ||
                    !strncmp(info->init, "constant", 8))
                    continue;
                if (same(before, p, k) != (c % 2 == 1))
                    fail_msg("%s, step %zu: %s", spec, step, info->name);
            }
            sal_params_free(before);
            sal_params_free(p);
        }
    }
    free_net(&net);
}

static void numbers_follow_seed_draw_and_step(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    static const struct {
        const char *name;
        sal_randomise_options o;
        bool equal;
    } cases[] = {{"again", {.seed = 5, .draw = 2}, true},
                 {"seed", {.seed = 6, .draw = 2}, false},
                 {"draw", {.seed = 5, .draw = 3}, false}};
    sal_params *p =
        randomised(net.model, "full", 0, &(sal_randomise_options){.seed = 5, .draw = 2});
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sal_params *q = randomised(net.model, "full", 0, &cases[c].o);
        for (size_t k = 0; k < sal_params_count(p); k++)
            if (net.model->infos[k].role == SAL_WEIGHT && same(p, q, k) != cases[c].equal)
                fail_msg("%s: %s", cases[c].name, net.model->infos[k].name);
        sal_params_free(q);
    }
    sal_params *none = randomised(net.model, "full", 0, NULL);
    sal_params *named =
        randomised(net.model, "full", 0, &(sal_randomise_options){.seed = SAL_SEED_DEFAULT});
    for (size_t k = 0; k < sal_params_count(p); k++) assert_true(same(none, named, k));
    sal_params_free(none);
    sal_params_free(named);
    sal_params_free(p);
    /* the whole pool draws from a stream of its own, whatever the step */
    sal_randomiser r, whole;
    sal_params *pool = NULL, *again = NULL, *full = NULL;
    assert_int_equal(sal_randomiser_open_(net.model, "cascade", NULL, NULL, &r, NULL), SAL_OK);
    assert_int_equal(sal_randomiser_make_(&r, 0, true, 5, 0, &pool, NULL), SAL_OK);
    assert_int_equal(sal_randomiser_make_(&r, 2, true, 5, 0, &again, NULL), SAL_OK);
    assert_int_equal(sal_randomiser_open_(net.model, "full", NULL, NULL, &whole, NULL), SAL_OK);
    assert_int_equal(sal_randomiser_make_(&whole, 0, false, 5, 0, &full, NULL), SAL_OK);
    for (size_t k = 0; k < sal_params_count(pool); k++) {
        bool weight = net.model->infos[k].role == SAL_WEIGHT;
        if (!same(pool, again, k)) fail_msg("pool: %s", net.model->infos[k].name);
        if (weight && (same(pool, full, k) || same(pool, net.params, k)))
            fail_msg("pool: %s is no draw of its own", net.model->infos[k].name);
    }
    sal_params_free(pool);
    sal_params_free(again);
    sal_params_free(full);
    free_net(&net);
}

/* ---- mistakes --------------------------------------------------------------------------------- */

static const struct {
    const char *name, *spec, *initialiser;
    size_t step;
    sal_status status;
    const char *text;
} mistakes[] = {
    {"mode", "casade", NULL, 0, SAL_E_ARG,
     "unknown randomisation 'casade'; did you mean 'cascade'?"},
    {"empty", "", NULL, 0, SAL_E_ARG, "randomisation name '' is empty or too long"},
    {"option", "top:nrom=keep", NULL, 0, SAL_E_ARG, "'top' has no option 'nrom'"},
    {"draws", "cascade:draws=some", NULL, 0, SAL_E_ARG,
     "unknown value of draws: 'some'; did you mean 'same'?"},
    {"norm", "top:norm=keeps", NULL, 0, SAL_E_ARG,
     "unknown value of norm: 'keeps'; did you mean 'keep'?"},
    {"step", "cascade", NULL, 4, SAL_E_ARG, "step 4 of 'cascade', which has 4"},
    {"no inputs", "top:norm=re-estimate", NULL, 0, SAL_E_ARG, "norm=re-estimate needs inputs"},
    {"initialiser", "top", "he-norml", 0, SAL_E_ARG,
     "unknown initialiser 'he-norml'; did you mean 'he-normal'?"},
    {"own initialiser", "top", "gausian", 0, SAL_E_ARG,
     "unknown initialiser 'gausian'; did you mean 'gaussian'?"},
    {"initialiser's option", "top", "normal:std=x", 0, SAL_E_ARG,
     "'normal': std=x, wanted a number"},
};

static void mistakes_are_named(void **state)
{
    (void)state;
    test_net net = make_net(NULL);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        sal_params *p = NULL;
        sal_error err = {SAL_OK, ""};
        sal_randomise_options o = {.initialiser = mistakes[i].initialiser};
        sal_status st = sal_randomise(net.model, mistakes[i].spec, mistakes[i].step, &o, &p, &err);
        if (st != mistakes[i].status ||
            strncmp(err.text, mistakes[i].text, strlen(mistakes[i].text)))
            fail_msg("%s: status %d, '%s'", mistakes[i].name, st, err.text);
        if (p) fail_msg("%s: parameters were made", mistakes[i].name);
    }
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_randomise(NULL, "top", 0, NULL, &p, &err), SAL_E_ARG);
    assert_int_equal(sal_randomise(net.model, "top", 0, NULL, NULL, &err), SAL_E_ARG);
    sal_randomise_options o = {.reserved_ = {0, 0, 0, 1}};
    assert_int_equal(sal_randomise(net.model, "top", 0, &o, &p, &err), SAL_E_ARG);
    assert_string_equal(err.text, "randomise: a reserved field is not 0");
    assert_int_equal(sal_randomise_steps(net.model, "casade"), 0);
    assert_int_equal(sal_randomise_steps(NULL, "top"), 0);
    assert_int_equal(sal_randomise_steps(net.model, NULL), 1); /* NULL: top, as in sal_randomise */
    p = randomised(net.model, NULL, 0, NULL);
    sal_params_free(p);
    free_net(&net);
}

static void models_without_weights(void **state)
{
    (void)state;
    test_net net;
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    start_net(&net, NULL, "plain");
    sal_value x = sal_graph_input(net.g, "x", 1, (const int64_t[]){3});
    sal_value y = sal_nn_apply(net.g, "Relu", "y", sal_nn_batch_norm(net.g, "bn", NULL, x));
    make_params(&net);
    make_model(&net, x, y);
    assert_int_equal(sal_randomise(net.model, "top", 0, NULL, &p, &err), SAL_E_UNSUPPORTED);
    assert_string_equal(err.text, "model 'plain' has no weights to randomise");
    assert_int_equal(sal_randomise_steps(net.model, "cascade"), 0);
    free_net(&net);
}

static void wrapped_engines(void **state)
{
    (void)state;
    toy_engine toy;
    sal_params *p = NULL;
    sal_error err = {SAL_OK, ""};
    make_toy(&toy);
    sal_model *m = wrap_toy(&toy);
    p = randomised(m, "top", 0, NULL); /* no initialiser is known: entries permuted */
    assert_true(!same(p, m->params, 0));
    sal_params_free(p);
    p = NULL;
    assert_int_equal(sal_randomise(m, "top:norm=re-estimate", 0, NULL, &p, &err),
                     SAL_E_UNSUPPORTED);
    assert_string_equal(err.text,
                        "norm=re-estimate needs a graph; adapter 'toy_adapter' wraps an engine");
    assert_int_equal(
        sal_randomise(m, "top", 0, &(sal_randomise_options){.initialiser = "he-normal"}, &p, &err),
        SAL_E_ARG);
    assert_string_equal(err.text,
                        "parameter 'fc.weight': 'he-normal' needs its fan in, which is unknown");
    sal_model_free(m);
    toy.ops.set_params = NULL;
    toy.ops.get_params = NULL;
    m = wrap_toy(&toy);
    assert_int_equal(sal_randomise(m, "top", 0, NULL, &p, &err), SAL_E_UNSUPPORTED);
    assert_non_null(strstr(err.text, "set_params"));
    assert_int_equal(sal_randomise_steps(m, "top"), 0);
    sal_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_change_their_layers),
        cmocka_unit_test(steps_have_names),
        cmocka_unit_test(one_layer_is_the_output_layer),
        cmocka_unit_test(cascades_draw_anew_or_keep),
        cmocka_unit_test(numbers_follow_seed_draw_and_step),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(models_without_weights),
        cmocka_unit_test(wrapped_engines),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
