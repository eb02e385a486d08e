/* Methods on a wrapped engine, and a user's own method: what is passed in, what comes out, and that
 * the engine is left as it was. */
#include "nets.h"
#include "support.h"
#include "toy_engine.h"

#include "method/method.h"

#include <stdio.h>
#include <string.h>

enum { INPUTS = 3 };

typedef struct {
    toy_engine toy;
    sal_model *model;
    float x[INPUTS * TOY_INPUTS], map[INPUTS * TOY_INPUTS];
    sal_tensor *inputs;
} rig;

static void set_up(rig *r)
{
    make_toy(&r->toy);
    r->model = wrap_toy(&r->toy);
    for (size_t i = 0; i < INPUTS * TOY_INPUTS; i++) r->x[i] = (float)(i % 4) - 1.0f;
    assert_int_equal(
        sal_tensor_view_of(NULL, r->x, 4, (const int64_t[]){INPUTS, 1, 2, 3}, &r->inputs, NULL),
        SAL_OK);
}

static void tear_down(rig *r)
{
    sal_tensor_free(r->inputs);
    sal_model_free(r->model);
}

static void gradient_methods(void **state)
{
    static const struct {
        const char *method;
        bool times_input, squared, zero;
    } rows[] = {{"gradient", false, false, false},
                {"smoothgrad:samples=5", false, false, false},
                {"smoothgrad-squared:samples=5", false, true, false},
                {"vargrad:samples=5", false, false, true},
                {"gradient-x-input", true, false, false},
                {"integrated-gradients:steps=4", true, false, false}};
    (void)state;
    rig r;
    set_up(&r);
    int64_t targets[INPUTS] = {1, 0, 1};
    sal_explain_options o = {.targets = targets};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_error err = {SAL_OK, ""};
        if (sal_explain(r.model, r.inputs, rows[i].method, &o, r.map, &err) != SAL_OK)
            fail_msg("%s: %s", rows[i].method, err.text);
        for (size_t k = 0; k < INPUTS * TOY_INPUTS; k++) {
            size_t target = (size_t)targets[k / TOY_INPUTS];
            double w = (double)r.toy.weight[target * TOY_INPUTS + k % TOY_INPUTS];
            double want = rows[i].zero ? 0 : rows[i].squared ? w * w : w;
            if (rows[i].times_input) want *= (double)r.x[k];
            assert_near(rows[i].method, (double)r.map[k], want, 1e-6);
        }
    }
    tear_down(&r);
}

/* L = max(mean(w) x, 0): the plane is the input itself, so nothing is enlarged. */
static void gradcam_through_the_activation_callback(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    sal_explain_options o = {.targets = (const int64_t[]){0, 0, 0}, .layer = "plane"};
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_GRADCAM, &o, r.map, NULL), SAL_OK);
    double mean = 0;
    for (size_t k = 0; k < TOY_INPUTS; k++) mean += (double)r.toy.weight[k] / TOY_INPUTS;
    for (size_t k = 0; k < INPUTS * TOY_INPUTS; k++) {
        double want = mean * (double)r.x[k];
        assert_near("gradcam", (double)r.map[k], want > 0 ? want : 0, 1e-6);
    }
    tear_down(&r);
}

static void engine_saliency_is_own(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    sal_explain_options o = {.targets = (const int64_t[]){0, 1, 1}};
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_OWN, &o, r.map, NULL), SAL_OK);
    assert_memory_equal(r.map, r.toy.weight + TOY_INPUTS, TOY_INPUTS * sizeof(float));
    assert_memory_equal(r.map + TOY_INPUTS, r.toy.weight, TOY_INPUTS * sizeof(float));
    tear_down(&r);
}

static void callback_errors_are_named(void **state)
{
    static const struct {
        const char *broken, *method;
    } rows[] = {{"forward", "gradient"},
                {"input_gradient", "smoothgrad"},
                {"activation", "gradcam"},
                {"saliency", "own"},
                {"get_params", "gradient"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        char wanted[80];
        sal_error err = {SAL_OK, ""};
        set_up(&r);
        r.toy.broken = rows[i].broken;
        snprintf(wanted, sizeof wanted, "adapter 'toy_adapter': %s", rows[i].broken);
        sal_explain_options o = {.layer = "plane"};
        sal_status st = sal_explain(r.model, r.inputs, rows[i].method, &o, r.map, &err);
        if (st != SAL_E_CALLBACK || strncmp(err.text, wanted, strlen(wanted)) ||
            !strstr(err.text, "returned 7"))
            fail_msg("%s: status %d, \"%s\"", rows[i].broken, st, err.text);
        tear_down(&r);
    }
}

/* Jobs with other parameters load them; the engine gets its own back at the end. */
static void parameters_are_put_back(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    sal_method m;
    sal_team *team = NULL;
    sal_params *other = NULL;
    float weight[TOY_OUTPUTS * TOY_INPUTS], before[TOY_OUTPUTS * TOY_INPUTS];
    memcpy(before, r.toy.weight, sizeof before);
    for (size_t i = 0; i < TOY_OUTPUTS * TOY_INPUTS; i++) weight[i] = 10 * before[i];
    assert_int_equal(sal_params_clone(r.model->params, &other, NULL), SAL_OK);
    assert_int_equal(sal_params_set(other, 0, weight, NULL), SAL_OK);
    sal_explain_job jobs[2] = {{.job = {NULL, r.x, 0}}, {.job = {other, r.x, 0}}};
    assert_int_equal(sal_method_open_(r.model, SAL_GRADIENT, NULL, NULL, &m, NULL), SAL_OK);
    assert_int_equal(sal_team_create_(r.model, 0, false, &team, NULL), SAL_OK);
    assert_int_equal(sal_team_explain_(team, &m, 2, jobs, r.map, NULL), SAL_OK);
    assert_memory_equal(r.map, before, TOY_INPUTS * sizeof *before);
    assert_memory_equal(r.map + TOY_INPUTS, weight, TOY_INPUTS * sizeof *weight);
    assert_memory_equal(r.toy.weight, weight, sizeof weight); /* still loaded */
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_GRADIENT, NULL, r.map, NULL), SAL_OK);
    assert_memory_equal(r.toy.weight, before, sizeof before);
    sal_team_free_(team);
    sal_params_free(other);
    tear_down(&r);
}

/* ---- a user's own method ------------------------------------------------------------------- */

typedef struct {
    const float *x;
    int64_t targets[INPUTS];
    uint64_t noise[INPUTS];
    size_t calls;
    int result;
} seen;

static int explain(void *self, const sal_model *model, const float *x, int64_t target,
                   uint64_t noise, float *map)
{
    seen *s = self;
    s->targets[s->calls] = target;
    s->noise[s->calls] = noise;
    if (x != s->x + s->calls * TOY_INPUTS) return 3;
    s->calls++;
    float copy[TOY_INPUTS], logits[TOY_OUTPUTS];
    sal_tensor *t = NULL;
    memcpy(copy, x, sizeof copy);
    if (sal_tensor_view_of(NULL, copy, 4, (const int64_t[]){1, 1, 2, 3}, &t, NULL)) return 4;
    sal_status st = sal_model_predict(model, t, logits, NULL);
    if (st == SAL_OK) st = sal_model_input_gradient(model, t, &target, map, NULL);
    sal_tensor_free(t);
    map[0] = logits[target];
    return st == SAL_OK ? s->result : 5;
}

static void own_method(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    rig r;
    set_up(&r);
    seen s = {.x = r.x};
    sal_own_method own = {.name = "mine", .self = &s, .explain = explain};
    int64_t targets[INPUTS] = {1, 0, 1};
    float logits[INPUTS * TOY_OUTPUTS];
    sal_explain_options o = {.own = &own, .targets = targets};
    assert_int_equal(sal_model_predict(r.model, r.inputs, logits, NULL), SAL_OK);
    if (sal_explain(r.model, r.inputs, NULL, &o, r.map, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(s.calls, INPUTS);
    assert_memory_equal(s.targets, targets, sizeof targets);
    assert_true(s.noise[0] != s.noise[1] && s.noise[1] != s.noise[2]);
    for (size_t i = 0; i < INPUTS; i++) {
        const float *w = r.toy.weight + (size_t)targets[i] * TOY_INPUTS;
        assert_near("logit", (double)r.map[i * TOY_INPUTS],
                    (double)logits[i * TOY_OUTPUTS + (size_t)targets[i]], 0);
        assert_memory_equal(r.map + i * TOY_INPUTS + 1, w + 1, (TOY_INPUTS - 1) * sizeof *w);
    }
    s = (seen){.x = r.x, .result = 9};
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_OWN, &o, r.map, &err), SAL_E_CALLBACK);
    assert_string_equal(err.text, "own method 'mine' returned 9");
    own.explain = NULL;
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_OWN, &o, r.map, &err), SAL_E_ARG);
    assert_string_equal(err.text, "own method 'mine' has no explain function");
    tear_down(&r);
}

/* A name given wins over the own method that is there as well. */
static void own_method_is_not_used_unasked(void **state)
{
    (void)state;
    rig r;
    set_up(&r);
    seen s = {.x = r.x};
    sal_own_method own = {.name = "mine", .self = &s, .explain = explain};
    sal_explain_options o = {.own = &own};
    sal_method m;
    assert_int_equal(sal_explain(r.model, r.inputs, SAL_GRADIENT, &o, r.map, NULL), SAL_OK);
    assert_int_equal(s.calls, 0);
    assert_int_equal(sal_method_open_(r.model, SAL_GRADIENT, NULL, &own, &m, NULL), SAL_OK);
    assert_string_equal(sal_method_name_(&m), "gradient");
    assert_int_equal(sal_method_open_(r.model, NULL, NULL, &own, &m, NULL), SAL_OK);
    assert_string_equal(sal_method_name_(&m), "mine");
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient_methods),
        cmocka_unit_test(gradcam_through_the_activation_callback),
        cmocka_unit_test(engine_saliency_is_own),
        cmocka_unit_test(callback_errors_are_named),
        cmocka_unit_test(parameters_are_put_back),
        cmocka_unit_test(own_method),
        cmocka_unit_test(own_method_is_not_used_unasked),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
