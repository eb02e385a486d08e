/* tests/adapters/contract.c - see contract.h. */
#include "contract.h"

#include "broken_ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <salcheck/check.h>

typedef struct {
    const contract *c;
    contract_engine e;
    sal_model_description d;
    size_t size, total; /* elements of one input; of all parameters */
    float *logits, *again, *maps, *maps_again, *params, *params_again, *x;
    int64_t *target;
} fixture;

static size_t elements(size_t rank, const int64_t *dims)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++) n *= (size_t)dims[i];
    return n;
}

static size_t param_size(const fixture *f, size_t i)
{
    return elements(f->d.params[i].rank, f->d.params[i].dims);
}

static bool has_params(const fixture *f)
{
    return f->d.n_params && f->e.ops->get_params && f->e.ops->set_params;
}

static void must(const fixture *f, const char *what, int code)
{
    if (code) fail_msg("%s: %s returned %d", f->c->name, what, code);
}

static float *numbers(size_t n) /* NaN: what is not written is seen */
{
    float *v = malloc((n + 1) * sizeof *v);
    for (size_t i = 0; v && i < n; i++) v[i] = NAN;
    return v;
}

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->c = *state;
    *state = f;
    if (f->c->make(&f->e) || f->e.n < 4 || f->e.ops->describe(f->e.self, &f->d)) return -1;
    f->size = elements(f->d.rank, f->d.dims);
    for (size_t i = 0; i < f->d.n_params; i++) f->total += param_size(f, i);
    f->logits = numbers(f->e.n * f->d.outputs);
    f->again = numbers(f->e.n * f->d.outputs);
    f->maps = numbers(f->e.n * f->size);
    f->maps_again = numbers(f->e.n * f->size);
    f->params = numbers(f->total);
    f->params_again = numbers(f->total);
    f->x = numbers(f->e.n * f->size);
    memcpy(f->x, f->e.x, f->e.n * f->size * sizeof *f->x);
    f->target = malloc(f->e.n * sizeof *f->target);
    for (size_t i = 0; i < f->e.n; i++) f->target[i] = (int64_t)(i % f->d.outputs);
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    float *all[] = {f->logits, f->again, f->maps, f->maps_again, f->params, f->params_again, f->x};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
    free(f->target);
    if (f->c->release) f->c->release(&f->e);
    free(f);
    return 0;
}

static void run_forward(const fixture *f, size_t first, size_t n, float *logits)
{
    must(f, "forward",
         f->e.ops->forward(f->e.self, n, f->x + first * f->size, logits + first * f->d.outputs));
}

static void read_params(const fixture *f, float *values)
{
    for (size_t i = 0, at = 0; i < f->d.n_params; at += param_size(f, i++))
        must(f, "get_params", f->e.ops->get_params(f->e.self, i, values + at));
}

static void same_bits(const fixture *f, const char *what, size_t n, const float *a, const float *b)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(a + i, b + i, sizeof *a) || !isfinite(a[i]))
            fail_msg("%s: %s: element %zu is %.9g and %.9g", f->c->name, what, i, (double)a[i],
                     (double)b[i]);
}

static void left_alone(const fixture *f,
                       const char *what) /* against params and logits read before */
{
    char text[96];
    snprintf(text, sizeof text, "parameters after %s", what);
    read_params(f, f->params_again);
    same_bits(f, text, f->total, f->params, f->params_again);
    snprintf(text, sizeof text, "logits after %s", what);
    run_forward(f, 0, f->e.n, f->again);
    same_bits(f, text, f->e.n * f->d.outputs, f->logits, f->again);
}

static void describes_itself(void **state)
{
    const fixture *f = *state;
    sal_model_description d;
    sal_model *m = NULL;
    sal_error err = {SAL_OK, ""};
    memset(&d, 0, sizeof d);
    if (!f->e.ops->adapter || !f->e.ops->adapter[0]) fail_msg("%s: no adapter name", f->c->name);
    must(f, "describe", f->e.ops->describe(f->e.self, &d));
    if (!d.name || !d.name[0]) fail_msg("%s: the network has no name", f->c->name);
    if (d.rank != f->d.rank || memcmp(d.dims, f->d.dims, d.rank * sizeof d.dims[0]) ||
        d.outputs != f->d.outputs || d.n_params != f->d.n_params || d.params != f->d.params)
        fail_msg("%s: describes itself otherwise the second time", f->c->name);
    if (!f->e.ops->get_params != !f->e.ops->set_params)
        fail_msg("%s: get_params and set_params come together", f->c->name);
    for (size_t i = 0; i < d.n_params; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(d.params[i].name, d.params[k].name))
                fail_msg("%s: two parameters are called '%s'", f->c->name, d.params[i].name);
    if (sal_model_wrap(NULL, f->e.ops, f->e.self, &m, &err) != SAL_OK)
        fail_msg("%s: %s", f->c->name, err.text);
    sal_model_free(m);
}

static void forward_repeats_itself(void **state)
{
    const fixture *f = *state;
    run_forward(f, 0, f->e.n, f->logits);
    run_forward(f, 0, f->e.n, f->again);
    same_bits(f, "logits, asked twice", f->e.n * f->d.outputs, f->logits, f->again);
    run_forward(f, 0, 1, f->again); /* with other inputs in between */
    same_bits(f, "logits of input 0, later", f->d.outputs, f->logits, f->again);
    if (memcmp(f->x, f->e.x, f->e.n * f->size * sizeof *f->x))
        fail_msg("%s: forward writes into its inputs", f->c->name);
}

static void batches_change_nothing(void **state)
{
    const fixture *f = *state;
    const sal_model_ops *ops = f->e.ops;
    run_forward(f, 0, f->e.n, f->logits);
    for (size_t i = 0; i < f->e.n; i++) run_forward(f, i, 1, f->again);
    same_bits(f, "logits, one by one", f->e.n * f->d.outputs, f->logits, f->again);
    int (*const makers[])(void *, size_t, const float *, const int64_t *,
                          float *) = {ops->input_gradient, ops->saliency};
    static const char *const what[] = {"input_gradient, one by one", "saliency, one by one"};
    for (size_t k = 0; k < 2; k++) {
        if (!makers[k]) continue;
        must(f, what[k], makers[k](f->e.self, f->e.n, f->x, f->target, f->maps));
        for (size_t i = 0; i < f->e.n; i++)
            must(f, what[k],
                 makers[k](f->e.self, 1, f->x + i * f->size, f->target + i,
                           f->maps_again + i * f->size));
        same_bits(f, what[k], f->e.n * f->size, f->maps, f->maps_again);
    }
}

/* Moved by one place, signs turned, a little smaller: numbers that the network did not hold. */
static void set_other(const fixture *f, size_t i, size_t at)
{
    size_t n = param_size(f, i);
    bool positive = f->d.params[i].role == SAL_NORM_VARIANCE;
    float *v = numbers(n);
    for (size_t k = 0; k < n; k++) {
        float from = 0.9f * f->params[at + (k + 1) % n];
        v[k] = positive ? from : -from;
    }
    int code = f->e.ops->set_params(f->e.self, i, v);
    if (!code) memcpy(f->params_again + at, v, n * sizeof *v);
    free(v);
    must(f, "set_params", code);
}

static void get_returns_what_was_set(void **state)
{
    const fixture *f = *state;
    if (!has_params(f)) skip();
    read_params(f, f->params);
    for (size_t i = 0, at = 0; i < f->d.n_params; at += param_size(f, i++)) set_other(f, i, at);
    for (size_t i = 0, at = 0; i < f->d.n_params; at += param_size(f, i++)) {
        float *got = numbers(param_size(f, i));
        int code = f->e.ops->get_params(f->e.self, i, got);
        if (!code) same_bits(f, f->d.params[i].name, param_size(f, i), f->params_again + at, got);
        free(got);
        must(f, "get_params", code);
    }
}

/* Every tensor of weights alone moves a logit, and putting it back moves it back. */
static void weights_move_the_logits(void **state)
{
    const fixture *f = *state;
    size_t bytes = f->e.n * f->d.outputs * sizeof *f->logits;
    if (!has_params(f)) skip();
    read_params(f, f->params);
    run_forward(f, 0, f->e.n, f->logits);
    for (size_t i = 0, at = 0; i < f->d.n_params; at += param_size(f, i++)) {
        if (f->d.params[i].role != SAL_WEIGHT) continue;
        set_other(f, i, at);
        run_forward(f, 0, f->e.n, f->again);
        if (!memcmp(f->logits, f->again, bytes))
            fail_msg("%s: no logit moves with '%s'", f->c->name, f->d.params[i].name);
        must(f, "set_params", f->e.ops->set_params(f->e.self, i, f->params + at));
        left_alone(f, f->d.params[i].name);
    }
}

/* The slope of a logit along one element; in *slack how far up and down differ (a kink). */
static double slope(const fixture *f, size_t input, size_t target, size_t element, double *slack)
{
    float step = f->e.step > 0 ? f->e.step : 0.002f;
    float *x = f->x + input * f->size, keep = x[element],
          places[3] = {keep, keep + step, keep - step};
    double y[3];
    for (size_t i = 0; i < 3; i++) {
        x[element] = places[i];
        run_forward(f, input, 1, f->again);
        y[i] = (double)f->again[input * f->d.outputs + target];
    }
    x[element] = keep;
    double width = (double)places[1] - (double)places[2];
    *slack = 2 * fabs(y[1] - 2 * y[0] + y[2]) / width + 4e-6 * fabs(y[0]) / width;
    return (y[1] - y[2]) / width;
}

/* The largest element that is left, or one out of a spread. */
static size_t next_element(const fixture *f, const float *gradient, bool *seen, size_t turn)
{
    size_t at = turn % 2 ? (turn * 97 + 13) % f->size : 0;
    while (turn % 2 && seen[at]) at = (at + 1) % f->size;
    for (size_t i = 0; turn % 2 == 0 && i < f->size; i++)
        if (seen[at] || (!seen[i] && fabsf(gradient[i]) > fabsf(gradient[at]))) at = i;
    seen[at] = true;
    return at;
}

static void gradient_agrees_with_differences(void **state)
{
    enum { LOOKS = 12, INPUTS = 4 };
    const fixture *f = *state;
    size_t looks = f->size < LOOKS ? f->size : LOOKS;
    if (!f->e.ops->input_gradient) skip();
    must(f, "input_gradient",
         f->e.ops->input_gradient(f->e.self, f->e.n, f->x, f->target, f->maps));
    for (size_t input = 0; input < INPUTS; input++) {
        const float *gradient = f->maps + input * f->size;
        bool *seen = calloc(f->size, sizeof *seen);
        size_t wrong = 0, target = (size_t)f->target[input], worst = 0;
        for (size_t turn = 0; turn < looks; turn++) {
            size_t at = next_element(f, gradient, seen, turn);
            double slack, given = (double)gradient[at];
            double measured = slope(f, input, target, at, &slack);
            if (fabs(given - measured) <= slack + 0.02 * (fabs(given) + fabs(measured))) continue;
            wrong++;
            worst = at;
        }
        free(seen);
        if (4 * wrong > looks)
            fail_msg(
                "%s: gradient of logit %zu for input %zu: %zu of %zu elements are wrong, as %zu",
                f->c->name, target, input, wrong, looks, worst);
    }
}

static void saliency_is_finite_and_repeats_itself(void **state)
{
    const fixture *f = *state;
    if (!f->e.ops->saliency) skip();
    read_params(f, f->params);
    run_forward(f, 0, f->e.n, f->logits);
    must(f, "saliency", f->e.ops->saliency(f->e.self, f->e.n, f->x, f->target, f->maps));
    must(f, "saliency", f->e.ops->saliency(f->e.self, f->e.n, f->x, f->target, f->maps_again));
    same_bits(f, "saliency, asked twice", f->e.n * f->size, f->maps, f->maps_again);
    left_alone(f, "saliency");
}

static const char *method_of(const fixture *f)
{
    return f->e.ops->input_gradient ? SAL_GRADIENT : f->e.ops->saliency ? SAL_OWN : SAL_INPUT;
}

static sal_status run_check(const fixture *f, const sal_model *m, sal_error *err)
{
    int64_t dims[SAL_MAX_RANK] = {(int64_t)f->e.n};
    sal_tensor *inputs = NULL;
    sal_verdict *v = NULL;
    memcpy(dims + 1, f->d.dims, f->d.rank * sizeof dims[0]);
    sal_status st = sal_tensor_view_of(NULL, f->x, f->d.rank + 1, dims, &inputs, err);
    sal_check_args args = {.check = SAL_CHECK_PARAMS,
                           .model = m,
                           .inputs = inputs,
                           .method = method_of(f),
                           .max_draws = 16};
    if (st == SAL_OK) st = sal_check_run(&args, &v, err);
    sal_verdict_free(v);
    sal_tensor_free(inputs);
    return st;
}

static void checks_put_parameters_back(void **state)
{
    const fixture *f = *state;
    sal_model *m = NULL;
    sal_error err = {SAL_OK, ""};
    if (!has_params(f)) skip();
    read_params(f, f->params);
    run_forward(f, 0, f->e.n, f->logits);
    sal_status st = sal_model_wrap(NULL, f->e.ops, f->e.self, &m, &err);
    if (st == SAL_OK) st = run_check(f, m, &err);
    sal_model_free(m);
    if (st != SAL_OK) fail_msg("%s: %s", f->c->name, err.text);
    left_alone(f, "a check");
}

/* The n-th call of a callback returns an error: n grows until the check no longer gets there. */
static void errors_put_parameters_back(void **state)
{
    enum { NUMBER = 31 };
    static const char *const callbacks[] = {"forward", "input_gradient", "saliency", "set_params",
                                            "get_params"};
    const fixture *f = *state;
    if (!has_params(f)) skip();
    read_params(f, f->params);
    run_forward(f, 0, f->e.n, f->logits);
    for (size_t k = 0; k < sizeof callbacks / sizeof callbacks[0]; k++)
        for (size_t nth = 1, over = 0; !over; nth = nth + nth / 2 + 1) {
            char what[96], wanted[96];
            sal_model *m = NULL;
            sal_error err = {SAL_OK, ""};
            broken_ops b = broken_ops_make(f->e.ops, f->e.self);
            snprintf(what, sizeof what, "an error of call %zu of %s", nth, callbacks[k]);
            snprintf(wanted, sizeof wanted, "%s returned %d", callbacks[k], NUMBER);
            sal_status st = sal_model_wrap(NULL, &b.ops, &b, &m, &err);
            broken_ops_break(&b, callbacks[k], nth, NUMBER);
            if (st == SAL_OK) st = run_check(f, m, &err);
            sal_model_free(m);
            over = !b.broke;
            if (!over && (st != SAL_E_CALLBACK || !strstr(err.text, wanted)))
                fail_msg("%s: %s: status %d \"%s\"", f->c->name, what, (int)st, err.text);
            left_alone(f, what);
        }
}

int contract_run(const contract *c)
{
    contract_engine trial;
    memset(&trial, 0, sizeof trial);
    const char *absent = c->make(&trial);
    if (absent) {
        print_message("%s is left out: %s\n", c->name, absent);
        return CONTRACT_ABSENT;
    }
    if (c->release) c->release(&trial);
    struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(describes_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(forward_repeats_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(batches_change_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(get_returns_what_was_set, setup, teardown),
        cmocka_unit_test_setup_teardown(weights_move_the_logits, setup, teardown),
        cmocka_unit_test_setup_teardown(gradient_agrees_with_differences, setup, teardown),
        cmocka_unit_test_setup_teardown(saliency_is_finite_and_repeats_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(checks_put_parameters_back, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_put_parameters_back, setup, teardown)};
    contract own = *c;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) tests[i].initial_state = &own;
    return !!cmocka_run_group_tests_name(c->name, tests, NULL, NULL);
}
