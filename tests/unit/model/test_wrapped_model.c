/* Checks of wrapped engines: which callback is named when it is missing or breaks, and that parameters
 * are put back bit for bit whatever happened. */
#include "broken_ops.h"
#include "faulty_engine.h"
#include "support.h"

#include <salcheck/check.h>

#include <stdio.h>
#include <string.h>

enum { INPUTS = 20 };

typedef struct {
    faulty_engine e;
    faulty_weights before;
    sal_model *model;
    float x[INPUTS * FAULTY_SIZE];
    sal_tensor *inputs;
} rig;

static void make_inputs(rig *r)
{
    const int64_t dims[] = {INPUTS, 1, FAULTY_SIDE, FAULTY_SIDE};
    faulty_inputs(INPUTS, r->x);
    assert_int_equal(sal_tensor_view_of(NULL, r->x, 4, dims, &r->inputs, NULL), SAL_OK);
}

static void set_up(rig *r, fault f)
{
    make_faulty(&r->e, f);
    make_inputs(r);
    r->before = r->e.w;
    r->model = wrap_faulty(&r->e);
}

static void tear_down(rig *r)
{
    sal_tensor_free(r->inputs);
    sal_model_free(r->model);
}

static void assert_put_back(const char *name, const rig *r)
{
    if (memcmp(&r->e.w, &r->before, sizeof r->before) ||
        memcmp(&r->e.seen, &r->before, sizeof r->before))
        fail_msg("%s: the engine does not hold its parameters", name);
}

/* ---- callbacks that are missing, or that break ------------------------------------------------ */

static void leave_out(sal_model_ops *ops, const char *callback)
{
    if (strstr(callback, "input_gradient")) ops->input_gradient = NULL;
    if (strstr(callback, "get_params")) ops->get_params = NULL;
    if (strstr(callback, "set_params")) ops->set_params = NULL;
    if (strstr(callback, "saliency")) ops->saliency = NULL;
}

static sal_status run_check(const sal_model *m, const sal_tensor *inputs, const char *check,
                            const char *method, sal_outcome *outcome, sal_error *err)
{
    sal_check_args args = {.check = check, .model = m, .inputs = inputs, .method = method};
    sal_verdict *v = NULL;
    sal_status st = sal_check_run(&args, &v, err);
    if (st == SAL_OK) *outcome = v->outcome;
    sal_verdict_free(v);
    return st;
}

static void missing_callbacks_are_named(void **state)
{
    static const struct {
        const char *missing, *check, *method;
        sal_status status;
        const char *text;
    } rows[] = {
        {"get_params set_params", "params", "gradient", SAL_E_UNSUPPORTED,
         "check 'params' needs get_params/set_params; adapter 'acme' has none"},
        {"get_params", "params", "own", SAL_E_UNSUPPORTED,
         "check 'params' needs get_params; adapter 'acme' has none"},
        {"set_params", "sane", "own", SAL_E_UNSUPPORTED,
         "check 'params' needs set_params; adapter 'acme' has none"},
        {"input_gradient", "edges", "gradient", SAL_E_UNSUPPORTED,
         "method 'gradient' needs input_gradient; adapter 'acme' has none"},
        {"input_gradient", "params", "smoothgrad", SAL_E_UNSUPPORTED,
         "method 'smoothgrad' needs input_gradient; adapter 'acme' has none"},
        {"saliency", "params", "own", SAL_E_UNSUPPORTED,
         "method 'own' needs saliency; adapter 'acme' has none"},
        {"", "params", "gradcam", SAL_E_UNSUPPORTED,
         "Grad-CAM needs activation or activation_shape; adapter 'acme' has none"},
        {"", "params", "guided-backprop", SAL_E_UNSUPPORTED,
         "changes backward rules, which needs a graph; adapter 'acme' wraps an engine"},
        {"get_params set_params", "faithful", "random-from-params", SAL_E_UNSUPPORTED,
         "method 'random-from-params' needs get_params/set_params; adapter 'acme' has none"},
        /* and what is not needed is not asked for */
        {"get_params set_params", "edges", "gradient", SAL_OK, ""},
        {"get_params set_params saliency", "reproducible", "gradient", SAL_OK, ""},
        {"input_gradient", "params", "own", SAL_OK, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        sal_outcome outcome = SAL_INVALID;
        sal_error err = {SAL_OK, ""};
        make_faulty(&r.e, NO_FAULT);
        make_inputs(&r);
        leave_out(&r.e.ops, rows[i].missing);
        r.model = wrap_faulty(&r.e);
        sal_status st = run_check(r.model, r.inputs, rows[i].check, rows[i].method, &outcome, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text) ||
            (st == SAL_OK && outcome == SAL_INVALID))
            fail_msg("%s without '%s': status %d \"%s\"", rows[i].method, rows[i].missing, (int)st,
                     err.text);
        tear_down(&r);
    }
}

/* Each callback breaks at its n-th call, n growing until the check no longer gets there: the error
 * names it and its number, and the parameters are back. */
static void errors_are_named_and_parameters_put_back(void **state)
{
    static const struct {
        const char *callback, *check, *method;
        bool wrapping; /* breaks when the engine is wrapped, not in the check */
    } rows[] = {{"describe", "params", "gradient", true},
                {"get_params", "params", "gradient", true},
                {"forward", "params", "gradient", false},
                {"forward", "faithful", "own", false},
                {"input_gradient", "params", "gradient", false},
                {"input_gradient", "reproducible", "smoothgrad", false},
                {"saliency", "params", "own", false},
                {"saliency", "sane", "own", false},
                {"get_params", "params", "own", false},
                {"set_params", "params", "gradient", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t nth = 1, over = 0; !over; nth += nth < 16 ? 1 : nth / 3) {
            rig r;
            char name[96], wanted[96];
            sal_outcome outcome = SAL_INVALID;
            sal_error err = {SAL_OK, ""};
            set_up(&r, NO_FAULT);
            broken_ops b = broken_ops_make(&r.e.ops, &r.e);
            sal_model *m = NULL;
            if (rows[i].wrapping) broken_ops_break(&b, rows[i].callback, nth, 41);
            sal_status st = sal_model_wrap(NULL, &b.ops, &b, &m, &err);
            if (!rows[i].wrapping) broken_ops_break(&b, rows[i].callback, nth, 41);
            if (st == SAL_OK && !rows[i].wrapping)
                st = run_check(m, r.inputs, rows[i].check, rows[i].method, &outcome, &err);
            over = !b.broke;
            snprintf(name, sizeof name, "%s, call %zu, %s", rows[i].callback, nth, rows[i].check);
            snprintf(wanted, sizeof wanted, "adapter 'acme': %s returned 41", rows[i].callback);
            if (over ? st != SAL_OK
                     : st != SAL_E_CALLBACK || strncmp(err.text, wanted, strlen(wanted)))
                fail_msg("%s: status %d \"%s\"", name, (int)st, err.text);
            assert_put_back(name, &r);
            sal_model_free(m);
            tear_down(&r);
        }
}

/* ---- parameters come back --------------------------------------------------------------------- */

static void every_outcome_puts_parameters_back(void **state)
{
    static const struct {
        const char *name;
        fault fault;
        const char *check, *method;
        size_t max_draws;
        const char *randomisation;
        sal_outcome outcome;
    } rows[] = {
        {"pass", NO_FAULT, "params", "gradient", 0, NULL, SAL_PASS},
        {"pass, cascade", NO_FAULT, "params", "own", 0, "cascade", SAL_PASS},
        {"pass, full", NO_FAULT, "params", "gradient", 0, "full", SAL_PASS},
        {"fail", SALIENCY_IS_EDGES, "params", "own", 0, NULL, SAL_FAIL},
        {"fail, independent", SALIENCY_IS_EDGES, "params", "own", 0, "independent", SAL_FAIL},
        {"inconclusive", NO_FAULT, "params", "gradient", 2, NULL, SAL_INCONCLUSIVE},
        {"invalid, probe", GRADIENT_IS_NEGATED, "params", "gradient", 0, NULL, SAL_INVALID},
        {"invalid, map", SALIENCY_IS_NAN, "params", "own", 0, NULL, SAL_INVALID},
        {"invalid, changed by saliency", SALIENCY_LEAVES_WEIGHTS_CHANGED, "params", "own", 0, NULL,
         SAL_INVALID},
        {"changed by saliency, edges", SALIENCY_LEAVES_WEIGHTS_CHANGED, "edges", "own", 0, NULL,
         SAL_INVALID}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig r;
        set_up(&r, rows[i].fault);
        sal_check_args args = {.check = rows[i].check,
                               .model = r.model,
                               .inputs = r.inputs,
                               .method = rows[i].method,
                               .max_draws = rows[i].max_draws,
                               .randomisation = rows[i].randomisation};
        sal_error err = {SAL_OK, ""};
        sal_verdict *v = NULL;
        if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s: %s", rows[i].name, err.text);
        if (v->outcome != rows[i].outcome)
            fail_msg("%s: %s", rows[i].name, sal_outcome_name(v->outcome));
        assert_put_back(rows[i].name, &r);
        sal_verdict_free(v);
        tear_down(&r);
    }
}

static void bad_arguments_do_not_touch_the_engine(void **state)
{
    (void)state;
    rig r;
    set_up(&r, NO_FAULT);
    const sal_check_args good = {
        .check = "params", .model = r.model, .inputs = r.inputs, .method = "gradient"};
    sal_check_args bad[6] = {good, good, good, good, good, good};
    sal_verdict *v = NULL;
    bad[0].alpha = 2;
    bad[1].method = "gradiant";
    bad[2].metric = "pierson";
    bad[3].randomisation = "bottom";
    bad[4].inputs = NULL;
    bad[5].batch = SIZE_MAX; /* more than memory can hold */
    for (size_t i = 0; i < 6; i++) {
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_check_run(&bad[i], &v, &err);
        if (st != (i == 5 ? SAL_E_NOMEM : SAL_E_ARG) || v)
            fail_msg("case %zu: status %d \"%s\"", i, (int)st, err.text);
    }
    assert_int_equal(r.e.sets, 0);
    tear_down(&r);
}

/* An own method that is handed the randomised model, asks it, and then gives up. */
static int ask_and_give_up(void *self, const sal_model *model, const float *x, int64_t target,
                           uint64_t noise, float *map)
{
    size_t *left = self;
    float copy[FAULTY_SIZE];
    sal_tensor *t = NULL;
    (void)noise;
    memcpy(copy, x, sizeof copy);
    const int64_t dims[] = {1, 1, FAULTY_SIDE, FAULTY_SIDE};
    if (sal_tensor_view_of(NULL, copy, 4, dims, &t, NULL) != SAL_OK) return 1;
    sal_status st = sal_model_input_gradient(model, t, &target, map, NULL);
    sal_tensor_free(t);
    return st != SAL_OK ? 2 : --*left ? 0 : 9;
}

static void an_own_method_that_gives_up(void **state)
{
    (void)state;
    for (size_t calls = 1; calls < 200; calls += calls < 8 ? 1 : 16) {
        rig r;
        char name[64];
        size_t left = calls;
        sal_error err = {SAL_OK, ""};
        sal_verdict *v = NULL;
        set_up(&r, NO_FAULT);
        snprintf(name, sizeof name, "own method, call %zu", calls);
        sal_own_method own = {.name = "mine", .self = &left, .explain = ask_and_give_up};
        sal_check_args args = {
            .check = "params", .model = r.model, .inputs = r.inputs, .own_method = &own};
        sal_status st = sal_check_run(&args, &v, &err);
        bool gave_up = left == 0;
        if (gave_up ? st != SAL_E_CALLBACK || !strstr(err.text, "own method 'mine' returned 9")
                    : st != SAL_OK)
            fail_msg("%s: status %d \"%s\"", name, (int)st, err.text);
        assert_put_back(name, &r);
        sal_verdict_free(v);
        tear_down(&r);
    }
}

/* ---- an engine that cannot be put back; one that was trained on ------------------------------- */

static void an_engine_that_cannot_be_put_back_is_told(void **state)
{
    (void)state;
    rig r;
    float before[INPUTS * FAULTY_OUTPUTS], after[INPUTS * FAULTY_OUTPUTS];
    sal_outcome outcome;
    sal_error err = {SAL_OK, ""};
    set_up(&r, NO_FAULT);
    broken_ops b = broken_ops_make(&r.e.ops, &r.e);
    sal_model *m = NULL;
    assert_int_equal(sal_model_wrap(NULL, &b.ops, &b, &m, NULL), SAL_OK);
    assert_int_equal(sal_model_predict(m, r.inputs, before, NULL), SAL_OK);
    b.for_good = true;
    broken_ops_break(&b, "set_params", 20, 41); /* from the first draws on */
    b.for_good = true;
    assert_int_equal(run_check(m, r.inputs, "params", "gradient", &outcome, &err), SAL_E_CALLBACK);
    if (strcmp(err.text,
               "adapter 'acme': set_params returned 41; adapter 'acme': set_params returned "
               "41 when 'out.bias' was put back: the engine does not hold its parameters"))
        fail_msg("\"%s\"", err.text);
    b.left = 0; /* it recovers, and is not believed to hold what it was last given */
    assert_int_equal(sal_model_predict(m, r.inputs, after, NULL), SAL_OK);
    assert_memory_equal(before, after, sizeof before);
    assert_put_back("after it recovered", &r);
    sal_model_free(m);
    tear_down(&r);
}

static void an_engine_that_was_trained_on_is_left_alone(void **state)
{
    (void)state;
    rig r;
    sal_outcome outcome;
    sal_error err = {SAL_OK, ""};
    float maps[INPUTS * FAULTY_SIZE];
    set_up(&r, NO_FAULT);
    r.e.w.out[4] += 1; /* its owner trains it */
    r.e.seen = r.before = r.e.w;
    static const char wanted[] =
        "adapter 'acme': parameter 'out.weight' has changed since the engine "
        "was wrapped: wrap it again";
    assert_int_equal(run_check(r.model, r.inputs, "params", "gradient", &outcome, &err), SAL_E_ARG);
    assert_string_equal(err.text, wanted);
    err.text[0] = '\0';
    assert_int_equal(sal_explain(r.model, r.inputs, "gradient", NULL, maps, &err), SAL_E_ARG);
    assert_string_equal(err.text, wanted);
    assert_put_back("trained on", &r);
    assert_int_equal(r.e.sets, 0);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_callbacks_are_named),
        cmocka_unit_test(errors_are_named_and_parameters_put_back),
        cmocka_unit_test(every_outcome_puts_parameters_back),
        cmocka_unit_test(bad_arguments_do_not_touch_the_engine),
        cmocka_unit_test(an_own_method_that_gives_up),
        cmocka_unit_test(an_engine_that_cannot_be_put_back_is_told),
        cmocka_unit_test(an_engine_that_was_trained_on_is_left_alone)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
