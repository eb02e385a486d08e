/* What an engine does wrong is found before anything it says is believed, and said in one sentence;
 * an engine that is as it should be is not accused. */
#include "faulty_engine.h"
#include "support.h"

#include <salcheck/check.h>

#include <string.h>

enum { INPUTS = 20 };

typedef struct {
    faulty_engine e;
    sal_model *model;
    float x[INPUTS * FAULTY_SIZE];
    sal_tensor *inputs;
} rig;

static void set_up(rig *r, fault f)
{
    const int64_t dims[] = {INPUTS, 1, FAULTY_SIDE, FAULTY_SIDE};
    make_faulty(&r->e, f);
    faulty_inputs(INPUTS, r->x);
    r->model = wrap_faulty(&r->e);
    assert_int_equal(sal_tensor_view_of(NULL, r->x, 4, dims, &r->inputs, NULL), SAL_OK);
}

static void tear_down(rig *r)
{
    sal_tensor_free(r->inputs);
    sal_model_free(r->model);
}

static sal_verdict *judge(const char *name, rig *r, const char *check, const char *method)
{
    sal_check_args args = {.check = check, .model = r->model, .inputs = r->inputs, .method = method};
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s: %s", name, err.text);
    return v;
}

static void faults_make_a_check_invalid(void **state)
{
    static const struct {
        const char *name;
        fault fault;
        const char *check, *method, *reason;
    } rows[] = {
        {"set_params is ignored", SET_IS_IGNORED, "params", "gradient",
         "adapter 'acme': set_params does not change the logits: the engine ignores it"},
        {"set_params is ignored, edges", SET_IS_IGNORED, "params", "sobel",
         "adapter 'acme': set_params does not change the logits: the engine ignores it"},
        {"set_params is ignored, sane", SET_IS_IGNORED, "sane", "own",
         "adapter 'acme': set_params does not change the logits: the engine ignores it"},
        {"set_params is unused", SET_IS_UNUSED, "params", "own",
         "adapter 'acme': set_params does not change the logits: the engine ignores it"},
        {"set_params rounds", SET_ROUNDS, "params", "gradient",
         "adapter 'acme': the logits differ after the parameters were put back"},
        {"forward drifts", FORWARD_DRIFTS, "params", "gradient",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward drifts, own", FORWARD_DRIFTS, "params", "own",
         "adapter 'acme': two forward passes of one input differ"},
        {"logits are NaN", FORWARD_IS_NAN, "params", "gradient", "logit 0 of input 0 is not finite"},
        {"logits are NaN later", FORWARD_IS_NAN_LATER, "params", "own",
         "under a randomised model is not finite"},
        {"logits are NaN later, faithful", FORWARD_IS_NAN_LATER, "faithful", "own",
         "a logit is not finite after pixels were replaced"},
        {"forward writes nothing", FORWARD_WRITES_NOTHING, "params", "gradient",
         "logit 0 of input 0 is not finite"},
        {"gradient is negated", GRADIENT_IS_NEGATED, "params", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient is halved", GRADIENT_IS_HALVED, "params", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"saliency is NaN", SALIENCY_IS_NAN, "params", "own",
         "under the trained model is not finite at element 7"},
        {"saliency is added", SALIENCY_IS_ADDED, "params", "own", "is not finite at element 0"},
        {"saliency writes nothing", SALIENCY_WRITES_NOTHING, "reproducible", "own",
         "is not finite at element 0"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        set_up(&r, rows[i].fault);
        r.e.late = 6; /* after the targets and the probe */
        sal_verdict *v = judge(rows[i].name, &r, rows[i].check, rows[i].method);
        const char *reason = v->steps[v->decisive].reason;
        if (v->outcome != SAL_INVALID || !strstr(reason, rows[i].reason))
            fail_msg("%s: %s, \"%s\"", rows[i].name, sal_outcome_name(v->outcome), reason);
        sal_verdict_free(v);
        tear_down(&r);
    }
}

/* A fault that a check has no use for does not matter to it. */
static void faults_that_do_not_matter(void **state)
{
    static const struct {
        const char *name;
        fault fault;
        const char *check, *method;
        sal_outcome outcome;
    } rows[] = {{"no fault", NO_FAULT, "params", "gradient", SAL_PASS},
                {"no fault, own", NO_FAULT, "params", "own", SAL_PASS},
                {"no fault, edges", SALIENCY_IS_EDGES, "params", "own", SAL_FAIL},
                {"set_params, reproducible", SET_IS_IGNORED, "reproducible", "own", SAL_PASS},
                {"set_params, edges", SET_IS_UNUSED, "edges", "gradient", SAL_PASS},
                {"gradient, own", GRADIENT_IS_NEGATED, "params", "own", SAL_PASS},
                {"saliency, gradient", SALIENCY_IS_NAN, "params", "gradient", SAL_PASS}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        set_up(&r, rows[i].fault);
        sal_verdict *v = judge(rows[i].name, &r, rows[i].check, rows[i].method);
        if (v->outcome != rows[i].outcome)
            fail_msg("%s: %s, \"%s\"", rows[i].name, sal_outcome_name(v->outcome),
                     v->steps[v->decisive].reason);
        sal_verdict_free(v);
        tear_down(&r);
    }
}

/* A layer that the engine does not let go of: only the step that changes it can tell. */
static void a_layer_that_is_unused(void **state)
{
    (void)state;
    rig r;
    set_up(&r, HIDDEN_IS_UNUSED);
    sal_check_args args = {.check = "params", .model = r.model, .inputs = r.inputs,
                           .method = "gradient", .randomisation = "independent"};
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_int_equal(v->outcome, SAL_INVALID);
    assert_int_equal(v->n_steps, 2);
    assert_int_equal(v->steps[0].outcome, SAL_PASS);
    assert_string_equal(v->steps[1].step, "hidden");
    assert_string_equal(v->steps[1].reason,
                        "the randomised parameters did not change a single logit");
    sal_verdict_free(v);
    tear_down(&r);
}

/* ---- maps that do not come out again ---------------------------------------------------------- */

static void noise_is_measured(void **state)
{
    (void)state;
    rig r;
    set_up(&r, SALIENCY_IS_NOISY);
    sal_verdict *v = judge("noisy", &r, "params", "own");
    const sal_step_verdict *s = &v->steps[v->decisive];
    assert_true(v->measured_r);
    if (!(s->mean_r > 0.8 && s->mean_r < 0.999)) fail_msg("mean r is %g", s->mean_r);
    for (size_t i = 0; i < s->n_records; i++)
        if (!(s->records[i].r < 1)) fail_msg("draw %zu: r is not measured", i);
    assert_int_equal(v->outcome, SAL_PASS);
    sal_verdict_free(v);
    tear_down(&r);
}

static void repeating_is_not_measured(void **state)
{
    (void)state;
    rig r;
    set_up(&r, NO_FAULT);
    sal_verdict *v = judge("steady", &r, "params", "own");
    const sal_step_verdict *s = &v->steps[v->decisive];
    assert_false(v->measured_r);
    for (size_t i = 0; i < s->n_records; i++)
        if (s->records[i].r < 1 || s->records[i].r > 1) fail_msg("draw %zu: r is not 1", i);
    sal_verdict_free(v);
    tear_down(&r);
}

/* Asked twice it repeats itself, asked again in a later draw it does not. */
static void a_later_difference_is_invalid(void **state)
{
    static const char *const checks[] = {"params", "edges"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        rig r;
        set_up(&r, SALIENCY_CHANGES_LATER);
        r.e.late = 10;
        sal_verdict *v = judge(checks[i], &r, checks[i], "own");
        const char *reason = v->steps[v->decisive].reason;
        if (v->outcome != SAL_INVALID ||
            !strstr(reason, "came out otherwise when asked for again"))
            fail_msg("%s: %s, \"%s\"", checks[i], sal_outcome_name(v->outcome), reason);
        sal_verdict_free(v);
        tear_down(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults_make_a_check_invalid),
                                       cmocka_unit_test(faults_that_do_not_matter),
                                       cmocka_unit_test(a_layer_that_is_unused),
                                       cmocka_unit_test(noise_is_measured),
                                       cmocka_unit_test(repeating_is_not_measured),
                                       cmocka_unit_test(a_later_difference_is_invalid)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
