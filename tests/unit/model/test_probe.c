/* What an engine does wrong is found before anything it says is believed, and said in one sentence;
 * an engine that is as it should be is not accused. */
#include "faulty_engine.h"
#include "nets.h"
#include "support.h"

#include "model/model.h"

#include <salcheck/check.h>

#include <math.h>
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
    sal_check_args args = {
        .check = check, .model = r->model, .inputs = r->inputs, .method = method};
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
        {"get_params rounds", GET_ROUNDS, "params", "gradient",
         "adapter 'acme': get_params of 'hidden.weight' does not return what set_params was given"},
        {"set_params rounds", SET_ROUNDS, "params", "gradient",
         "adapter 'acme': the logits differ after the parameters were put back"},
        {"forward drifts", FORWARD_DRIFTS, "params", "gradient",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward remembers", FORWARD_REMEMBERS, "params", "gradient",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward drifts, own", FORWARD_DRIFTS, "params", "own",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward drifts, faithful", FORWARD_DRIFTS, "faithful", "gradient",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward drifts, edges", FORWARD_DRIFTS, "edges", "gradient",
         "adapter 'acme': two forward passes of one input differ"},
        {"forward mixes", FORWARD_MIXES, "params", "gradient",
         "adapter 'acme': the logits of an input follow the other inputs of the call: is it in "
         "training mode?"},
        {"logits are NaN", FORWARD_IS_NAN, "params", "gradient",
         "logit 0 of input 0 is not finite"},
        {"logits are NaN later", FORWARD_IS_NAN_LATER, "params", "own",
         "under a randomised model is not finite"},
        {"logits are NaN later, faithful", FORWARD_IS_NAN_LATER, "faithful", "own",
         "a logit is not finite after pixels were replaced"},
        {"saliency changes weights", SALIENCY_LEAVES_WEIGHTS_CHANGED, "params", "own",
         "adapter 'acme': its own code leaves parameters changed: forward, a gradient or saliency"},
        {"forward writes nothing", FORWARD_WRITES_NOTHING, "params", "gradient",
         "logit 0 of input 0 is not finite"},
        {"gradient is negated", GRADIENT_IS_NEGATED, "params", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient is halved", GRADIENT_IS_HALVED, "params", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient is zero", GRADIENT_IS_ZERO, "faithful", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient is turned", GRADIENT_IS_TURNED, "reproducible", "smoothgrad",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient of the first class", GRADIENT_OF_FIRST_CLASS, "params", "gradient",
         "adapter 'acme': input_gradient is wrong: "},
        {"gradient is NaN", GRADIENT_IS_NAN, "params", "gradient",
         "adapter 'acme': input_gradient is not finite at element 5"},
        {"gradient writes nothing", GRADIENT_WRITES_NOTHING, "edges", "gradient",
         "adapter 'acme': input_gradient is not finite at element 0"},
        {"saliency is NaN", SALIENCY_IS_NAN, "params", "own",
         "under the trained model is not finite at element 7"},
        {"saliency is added", SALIENCY_IS_ADDED, "params", "own", "is not finite at element 0"},
        {"saliency writes nothing", SALIENCY_WRITES_NOTHING, "reproducible", "own",
         "is not finite at element 0"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        set_up(&r, rows[i].fault);
        r.e.late = 9; /* after the targets and the probe */
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
    sal_check_args args = {.check = "params",
                           .model = r.model,
                           .inputs = r.inputs,
                           .method = "gradient",
                           .randomisation = "independent"};
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

/* ---- engines and inputs of other kinds are not accused ---------------------------------------- */

static void first_input_black(rig *r)
{
    memset(r->x, 0, FAULTY_SIZE * sizeof *r->x);
    memset(r->e.w.hidden_bias, 0, sizeof r->e.w.hidden_bias);
    memset(r->e.w.out_bias, 0, sizeof r->e.w.out_bias);
    r->e.seen = r->e.w;
}

/* The same network for inputs that are `scale` times as large. */
static void scaled(rig *r, float scale)
{
    for (size_t i = 0; i < INPUTS * FAULTY_SIZE; i++) r->x[i] *= scale;
    for (size_t i = 0; i < FAULTY_HIDDEN * FAULTY_SIZE; i++) r->e.w.hidden[i] /= scale;
    r->e.seen = r->e.w;
}

static void bytes(rig *r)
{
    scaled(r, 255);
}

static void small(rig *r)
{
    scaled(r, 1e-4f);
}

static void large_logits(rig *r)
{
    for (size_t i = 0; i < FAULTY_OUTPUTS * FAULTY_HIDDEN; i++) r->e.w.out[i] *= 1e4f;
    r->e.seen = r->e.w;
}

static void other_kinds_of_inputs(void **state)
{
    static const struct {
        const char *name;
        void (*change)(rig *r);
    } kinds[] = {{"first input black, no biases", first_input_black},
                 {"inputs to 255", bytes},
                 {"inputs to 1e-4", small},
                 {"logits to 1e4", large_logits}};
    static const fault faults[] = {NO_FAULT, GRADIENT_IS_HALVED, GRADIENT_IS_ZERO, SET_IS_IGNORED};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
            rig r;
            set_up(&r, faults[k]);
            kinds[i].change(&r);
            sal_model_free(r.model);
            r.model = wrap_faulty(&r.e);
            sal_verdict *v = judge(kinds[i].name, &r, "params", "gradient");
            if (v->outcome != (k ? SAL_INVALID : SAL_PASS))
                fail_msg("%s, fault %d: %s, \"%s\"", kinds[i].name, (int)faults[k],
                         sal_outcome_name(v->outcome), v->steps[v->decisive].reason);
            sal_verdict_free(v);
            tear_down(&r);
        }
}

/* ---- kinks ------------------------------------------------------------------------------------ */

enum { CNN_SIZE = 2 * 9 * 8, CNN_INPUTS = 12 };

/* A rectified and pooled network behind callbacks; its gradient is multiplied. */
typedef struct {
    test_net net;
    float factor;
} foreign_cnn;

static int describe_cnn(void *self, sal_model_description *d)
{
    (void)self;
    *d = (sal_model_description){.name = "cnn", .rank = 3, .dims = {2, 9, 8}, .outputs = 4};
    return 0;
}

static sal_tensor *view(size_t n, const float *x)
{
    const int64_t dims[] = {(int64_t)n, 2, 9, 8};
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_create(NULL, 4, dims, &t, NULL), SAL_OK);
    memcpy(sal_tensor_data(t), x, n * CNN_SIZE * sizeof *x);
    return t;
}

static int forward_cnn(void *self, size_t n, const float *x, float *logits)
{
    foreign_cnn *f = self;
    sal_tensor *t = view(n, x);
    sal_status st = sal_model_predict(f->net.model, t, logits, NULL);
    sal_tensor_free(t);
    return (int)st;
}

static int gradient_cnn(void *self, size_t n, const float *x, const int64_t *target,
                        float *gradient)
{
    foreign_cnn *f = self;
    sal_tensor *t = view(n, x);
    sal_status st = sal_model_input_gradient(f->net.model, t, target, gradient, NULL);
    sal_tensor_free(t);
    for (size_t i = 0; i < n * CNN_SIZE; i++) gradient[i] *= f->factor;
    return (int)st;
}

/* A block that wanders over black: flat areas, where pools tie and rectifiers stand on their kinks. */
static void blocks(float *x)
{
    for (size_t k = 0; k < CNN_INPUTS; k++)
        for (size_t i = 0; i < CNN_SIZE; i++) {
            size_t row = i % 72 / 8, column = i % 8;
            bool in =
                row + 2 > k % 9 && row < k % 9 + 2 && column + 2 > k / 2 && column < k / 2 + 2;
            x[k * CNN_SIZE + i] = in ? 1 : 0;
        }
}

static void kinks_are_allowed_for(void **state)
{
    static const float factors[] = {1, 0.5f, -1};
    static const sal_model_ops ops = {.adapter = "cnn",
                                      .describe = describe_cnn,
                                      .forward = forward_cnn,
                                      .input_gradient = gradient_cnn};
    (void)state;
    float x[CNN_INPUTS * CNN_SIZE];
    const float *inputs[CNN_INPUTS];
    blocks(x);
    for (size_t k = 0; k < CNN_INPUTS; k++) inputs[k] = x + k * CNN_SIZE;
    for (uint64_t seed = 0; seed < 12; seed++) {
        foreign_cnn f = {.net = small_cnn(NULL, seed)};
        sal_model *m = NULL;
        assert_int_equal(sal_model_wrap(NULL, &ops, &f, &m, NULL), SAL_OK);
        for (size_t k = 0; k < 3; k++) {
            char reason[256];
            f.factor = factors[k];
            assert_int_equal(
                sal_model_probe_(m, CNN_INPUTS, inputs, false, true, reason, sizeof reason, NULL),
                SAL_OK);
            if (!reason[0] != !k)
                fail_msg("seed %d, gradient times %g: \"%s\"", (int)seed, (double)factors[k],
                         reason);
        }
        sal_model_free(m);
        free_net(&f.net);
    }
}

/* ---- a twin ----------------------------------------------------------------------------------- */

static void a_twin_is_probed_as_well(void **state)
{
    static const struct {
        const char *name;
        fault fault;
        sal_outcome outcome;
        const char *reason;
    } rows[] = {{"no fault", NO_FAULT, SAL_PASS, ""},
                {"drifts", FORWARD_DRIFTS, SAL_INVALID, "two forward passes of one input differ"},
                {"gradient", GRADIENT_IS_HALVED, SAL_INVALID, "input_gradient is wrong: "},
                {"nothing is set in it", SET_IS_IGNORED, SAL_PASS, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        faulty_engine other;
        set_up(&r, NO_FAULT);
        make_faulty(&other, rows[i].fault);
        for (size_t k = 0; k < FAULTY_HIDDEN * FAULTY_SIZE; k++)
            other.w.hidden[k] = 5 * r.e.w.hidden[(7 * k + 3) % (FAULTY_HIDDEN * FAULTY_SIZE)] / 4;
        other.seen = other.w;
        sal_model *twin = wrap_faulty(&other);
        sal_check_args args = {.check = "labels",
                               .model = r.model,
                               .inputs = r.inputs,
                               .method = "gradient",
                               .twin = twin};
        sal_error err = {SAL_OK, ""};
        sal_verdict *v = NULL;
        if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s: %s", rows[i].name, err.text);
        const char *reason = v->steps[v->decisive].reason;
        if (v->outcome != rows[i].outcome || !strstr(reason, rows[i].reason))
            fail_msg("%s: %s, \"%s\"", rows[i].name, sal_outcome_name(v->outcome), reason);
        sal_verdict_free(v);
        sal_model_free(twin);
        tear_down(&r);
    }
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
        if (v->outcome != SAL_INVALID || !strstr(reason, "came out otherwise when asked for again"))
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
                                       cmocka_unit_test(other_kinds_of_inputs),
                                       cmocka_unit_test(kinks_are_allowed_for),
                                       cmocka_unit_test(a_twin_is_probed_as_well),
                                       cmocka_unit_test(noise_is_measured),
                                       cmocka_unit_test(repeating_is_not_measured),
                                       cmocka_unit_test(a_later_difference_is_invalid)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
