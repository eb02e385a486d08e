/* Bad input of a check: a status, one line that names what, wanted and got, and no verdict. */
#include "checks.h"
#include "small_nets.h"
#include "support.h"
#include "toy_engine.h"

#include <math.h>
#include <string.h>

enum { N = WHOLE_INPUTS, PIXELS = WHOLE_SIDE * WHOLE_SIDE };

typedef struct {
    const char *name;
    sal_check_args args;
    sal_status status;
    const char *text;
} row;

static test_net net, twin;
static sal_tensor *inputs;

static int make(void **state)
{
    (void)state;
    net = whole_net(NULL, "net", 1);
    twin = whole_net(NULL, "twin", 2);
    inputs = whole_inputs(N);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_net(&net);
    free_net(&twin);
    sal_tensor_free(inputs);
    return 0;
}

/* What a row leaves out: model, inputs and method. */
static void refuse_all(size_t n, const row *rows)
{
    for (size_t i = 0; i < n; i++) {
        sal_check_args a = rows[i].args;
        if (!a.check) a.check = SAL_CHECK_PARAMS;
        if (!a.model) a.model = net.model;
        if (!a.inputs) a.inputs = inputs;
        if (!a.method && !a.own_method) a.method = SAL_GRADIENT;
        expect_refused(rows[i].name, &a, rows[i].status, rows[i].text);
    }
}

static void missing_parts(void **state)
{
    (void)state;
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    sal_check_args a = {
        .check = "params", .model = net.model, .inputs = inputs, .method = "gradient"};
    assert_int_equal(sal_check_run(NULL, &v, &err), SAL_E_ARG);
    assert_int_equal(sal_check_run(&a, NULL, &err), SAL_E_ARG);
    assert_string_equal(err.text, "args or verdict is NULL");
    assert_int_equal(sal_check_run(NULL, NULL, NULL), SAL_E_ARG);
    a.check = NULL;
    expect_refused("no check", &a, SAL_E_ARG, "no check given");
    a.check = "faithful";
    a.model = NULL;
    expect_refused("no model", &a, SAL_E_ARG, "check 'faithful' needs a model and inputs");
    a.model = net.model;
    a.inputs = NULL;
    expect_refused("no inputs", &a, SAL_E_ARG, "check 'faithful' needs a model and inputs");
    a.inputs = inputs;
    a.method = NULL;
    expect_refused("no method", &a, SAL_E_ARG, "check 'faithful' needs a method");
}

static void unknown_names(void **state)
{
    static const sal_own_method empty = {.name = "mine"};
    const row rows[] = {
        {"check", {.check = "parms"}, SAL_E_ARG, "unknown check 'parms'; did you mean 'params'?"},
        {"check, far from all", {.check = "zzzzzzzz"}, SAL_E_ARG, "unknown check 'zzzzzzzz'"},
        {"method",
         {.method = "gradiant"},
         SAL_E_ARG,
         "unknown method 'gradiant'; did you mean 'gradient'?"},
        {"method's option",
         {.method = "smoothgrad:sample=3"},
         SAL_E_ARG,
         "did you mean 'samples'?"},
        {"method's value", {.method = "smoothgrad:samples=0"}, SAL_E_ARG, "samples"},
        {"own without a function", {.method = "own"}, SAL_E_ARG, "method 'own' needs own_method"},
        {"own method without explain",
         {.own_method = &empty},
         SAL_E_ARG,
         "own method 'mine' has no explain function"},
        {"layer", {.method = "gradcam", .layer = "conv9"}, SAL_E_ARG, "conv9"},
        {"metric",
         {.metric = "pearson-foldet"},
         SAL_E_ARG,
         "unknown metric 'pearson-foldet'; did you mean 'pearson-folded'?"},
        {"metric's option", {.metric = "pearson:window=3"}, SAL_E_ARG, "'window'"},
        {"metric that is too large for the maps", {.metric = "ssim"}, SAL_E_SHAPE, "7"},
        {"mse",
         {.metric = "mse"},
         SAL_E_ARG,
         "metric 'mse' is unbounded, so a check cannot decide by it"},
        {"randomisation",
         {.randomisation = "casacde"},
         SAL_E_ARG,
         "unknown randomisation 'casacde'; did you mean 'cascade'?"},
        {"randomisation's option",
         {.randomisation = "cascade:drawz=same"},
         SAL_E_ARG,
         "did you mean 'draws'?"},
        {"initialiser",
         {.initialiser = "he-norml"},
         SAL_E_ARG,
         "unknown initialiser 'he-norml'; did you mean 'he-normal'?"},
        {"initialiser of sane",
         {.check = "sane", .initialiser = "glorot"},
         SAL_E_ARG,
         "unknown initialiser 'glorot'; did you mean 'glorot-"},
    };
    (void)state;
    refuse_all(sizeof rows / sizeof rows[0], rows);
}

static void numbers(void **state)
{
    const row rows[] = {
        {"alpha below 0", {.alpha = -0.01}, SAL_E_ARG, "alpha is -0.01, wanted a number in (0, 1)"},
        {"alpha 1", {.alpha = 1}, SAL_E_ARG, "alpha is 1, wanted a number in (0, 1)"},
        {"alpha NaN", {.alpha = (double)NAN}, SAL_E_ARG, "alpha is "},
        {"alpha infinite", {.alpha = (double)INFINITY}, SAL_E_ARG, "alpha is inf, wanted"},
        {"limit below 0", {.limit = -1}, SAL_E_ARG, "limit is -1, wanted a number in (0, 1)"},
        {"limit 1", {.limit = 1}, SAL_E_ARG, "limit is 1, wanted a number in (0, 1)"},
        {"limit NaN", {.limit = (double)NAN}, SAL_E_ARG, "limit is "},
        {"limit infinite", {.limit = -(double)INFINITY}, SAL_E_ARG, "limit is -inf, wanted"},
        {"limit of a composed check",
         {.check = "sane", .limit = 0.5},
         SAL_E_ARG,
         "check 'sane' has a limit for each part: set .limit on the part alone"},
        {"more draws at least than at most",
         {.min_draws = 9, .max_draws = 8},
         SAL_E_ARG,
         "min_draws is 9 and max_draws 8: wanted min <= max <= 1000000"},
        {"more draws at least than the default",
         {.min_draws = 300},
         SAL_E_ARG,
         "min_draws is 300 and max_draws 256: wanted min <= max <= 1000000"},
        {"too many draws", {.max_draws = 1000001}, SAL_E_ARG, "max_draws 1000001: wanted"},
        {"reserved", {.reserved_ = {0, 0, 0, 1}}, SAL_E_ARG, "a reserved field is not 0"},
        {"target rule", {.target_rule = (sal_target_rule)2}, SAL_E_ARG, "target_rule is 2"},
        {"inconclusive", {.inconclusive = (sal_on_inconclusive)5}, SAL_E_ARG, "inconclusive is 5"},
    };
    (void)state;
    refuse_all(sizeof rows / sizeof rows[0], rows);
}

static sal_tensor *view(float *data, size_t rank, const int64_t *dims)
{
    sal_tensor *t = NULL;
    assert_int_equal(sal_tensor_view_of(NULL, data, rank, dims, &t, NULL), SAL_OK);
    return t;
}

static void wrong_shapes(void **state)
{
    static float x[4 * PIXELS];
    static const struct {
        const char *name;
        size_t rank;
        int64_t dims[5];
        const char *text;
    } rows[] = {
        {"no inputs",
         4,
         {0, 1, 6, 6},
         "model 'net': inputs are [0, 1, 6, 6], wanted N >= 1 times [1, 6, 6]"},
        {"width", 4, {2, 1, 6, 5}, "model 'net': inputs are [2, 1, 6, 5], wanted"},
        {"channels", 4, {2, 2, 6, 6}, "inputs are [2, 2, 6, 6], wanted"},
        {"flat", 2, {2, 36}, "inputs are [2, 36], wanted"},
        {"one picture without N", 3, {1, 6, 6}, "inputs are [1, 6, 6], wanted"},
        {"rank 5", 5, {1, 2, 1, 6, 6}, "inputs are [1, 2, 1, 6, 6], wanted"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_tensor *t = view(x, rows[i].rank, rows[i].dims);
        const row r = {rows[i].name, {.inputs = t}, SAL_E_SHAPE, rows[i].text};
        refuse_all(1, &r);
        sal_tensor_free(t);
    }
}

/* Fills x with n pictures; the k-th is like picture like[k] of the inputs. */
static void copy_pictures(size_t n, const size_t *like, float *x)
{
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * PIXELS, sal_tensor_get_data(inputs) + like[i] * PIXELS, PIXELS * sizeof *x);
}

static void too_few_inputs(void **state)
{
    static float x[4 * PIXELS];
    static const size_t like[4] = {3, 3, 3, 3};
    static const struct {
        const char *name;
        int64_t n;
        const char *text;
    } rows[] = {
        {"one", 1, "1 inputs, 1 of them different: a check compares at least two different"},
        {"twins", 2, "2 inputs, 1 of them different"},
        {"four of a kind", 4, "4 inputs, 1 of them different"}};
    (void)state;
    copy_pictures(4, like, x);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_tensor *t = view(x, 4, (const int64_t[]){rows[i].n, 1, WHOLE_SIDE, WHOLE_SIDE});
        const row r = {rows[i].name, {.inputs = t}, SAL_E_ARG, rows[i].text};
        refuse_all(1, &r);
        sal_tensor_free(t);
    }
}

static void inputs_that_are_not_finite(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        float value;
        const char *text;
    } rows[] = {{"NaN", 2 * PIXELS + 5, NAN, "input 2, element 5 is not finite"},
                {"infinity", 0, INFINITY, "input 0, element 0 is not finite"},
                {"-infinity", 4 * PIXELS - 1, -INFINITY, "input 3, element 35 is not finite"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        float x[4 * PIXELS];
        copy_pictures(4, (const size_t[]){0, 1, 2, 3}, x);
        x[rows[i].at] = rows[i].value;
        sal_tensor *t = view(x, 4, (const int64_t[]){4, 1, WHOLE_SIDE, WHOLE_SIDE});
        const row r = {rows[i].name, {.inputs = t}, SAL_E_VALUE, rows[i].text};
        refuse_all(1, &r);
        sal_tensor_free(t);
    }
}

static void classes_out_of_range(void **state)
{
    int64_t low[N] = {0}, high[N] = {0};
    low[4] = -1;
    high[7] = 3;
    const row rows[] = {
        {"target below 0", {.targets = low}, SAL_E_ARG, "target 4 is -1, wanted 0 to 2"},
        {"target above", {.targets = high}, SAL_E_ARG, "target 7 is 3, wanted 0 to 2"},
        {"label below 0", {.labels = low}, SAL_E_ARG, "label 4 is -1, wanted 0 to 2"},
        {"label above", {.labels = high}, SAL_E_ARG, "label 7 is 3, wanted 0 to 2"},
        {"training label",
         {.check = "labels", .twin = twin.model, .train_inputs = inputs, .train_labels = high},
         SAL_E_ARG,
         "training label 7 is 3, wanted 0 to 2"},
        {"permuted label",
         {.check = "labels", .twin = twin.model, .train_inputs = inputs, .permuted_labels = low},
         SAL_E_ARG,
         "training label 4 is -1, wanted 0 to 2"},
    };
    (void)state;
    refuse_all(sizeof rows / sizeof rows[0], rows);
}

static int never(void *self, size_t n, const int64_t *labels, uint64_t seed, sal_model **made)
{
    (void)self, (void)n, (void)labels, (void)seed, (void)made;
    fail_msg("fit was called");
    return 1;
}

static void twins(void **state)
{
    test_net other = linear_net(NULL, 3, (const int64_t[]){1, 6, 6}, 4);
    test_net wide = linear_net(NULL, 3, (const int64_t[]){1, 6, 7}, 3);
    const int64_t labels[N] = {0};
    sal_tensor *bad = NULL;
    assert_int_equal(sal_tensor_create(NULL, 2, (const int64_t[]){N, 36}, &bad, NULL), SAL_OK);
    const row rows[] = {
        {"none",
         {.check = "labels"},
         SAL_E_ARG,
         "check 'labels' needs .twin, a model trained on permuted labels, or .fit, which trains "
         "one"},
        {"the model itself",
         {.check = "labels", .twin = net.model},
         SAL_E_ARG,
         "the twin is the model itself"},
        {"other outputs",
         {.check = "labels", .twin = other.model},
         SAL_E_SHAPE,
         "the twin 'linear' does not have the input and the 3 outputs of 'net'"},
        {"other input",
         {.check = "labels", .twin = wide.model},
         SAL_E_SHAPE,
         "does not have the input"},
        {"fit without data",
         {.check = "labels", .fit = never},
         SAL_E_ARG,
         ".fit needs .train_inputs and .train_labels"},
        {"fit without labels",
         {.check = "labels", .fit = never, .train_inputs = inputs},
         SAL_E_ARG,
         ".fit needs .train_inputs and .train_labels"},
        {"training inputs of another shape",
         {.check = "labels", .fit = never, .train_inputs = bad, .train_labels = labels},
         SAL_E_SHAPE,
         "inputs are [20, 36], wanted N >= 1 times [1, 6, 6]"},
    };
    (void)state;
    refuse_all(sizeof rows / sizeof rows[0], rows);
    sal_tensor_free(bad);
    free_net(&other);
    free_net(&wide);
}

static void what_a_check_cannot_do(void **state)
{
    float x[4][4] = {{1, 2, 3, 4}, {4, 3, 2, 1}, {1, 1, 2, 2}, {0, 1, 0, 1}};
    test_net four = linear_net(NULL, 1, (const int64_t[]){4}, 3);
    test_net deep = linear_net(NULL, 4, (const int64_t[]){1, 1, 6, 6}, 3);
    sal_tensor *few = view(x[0], 2, (const int64_t[]){4, 4});
    sal_tensor *five = view(sal_tensor_data(inputs), 5, (const int64_t[]){N, 1, 1, 6, 6});
    const row rows[] = {
        {"controls of faithful",
         {.check = "faithful", .controls = true},
         SAL_E_ARG,
         "check 'faithful' has no controls"},
        {"controls of reproducible",
         {.check = "reproducible", .controls = true},
         SAL_E_ARG,
         "check 'reproducible' has no controls"},
        {"faithful with four pixels",
         {.check = "faithful", .model = four.model, .inputs = few},
         SAL_E_SHAPE,
         "check 'faithful' needs at least 5 pixels, the input has 4"},
        {"maps of rank 5", {.model = deep.model, .inputs = five}, SAL_E_SHAPE, "maps of rank 5"},
    };
    (void)state;
    refuse_all(sizeof rows / sizeof rows[0], rows);
    sal_tensor_free(few);
    sal_tensor_free(five);
    free_net(&four);
    free_net(&deep);
}

/* ---- a foreign engine ----------------------------------------------------------------------- */

static float toy_x[4][TOY_INPUTS] = {
    {1, 2, 3, 4, 5, 6}, {6, 1, 5, 2, 4, 3}, {0, 1, 0, 2, 0, 3}, {3, 0, 2, 0, 1, 0}};

static void missing_callbacks(void **state)
{
    enum { GRADIENT = 1, GET = 2, SET = 4, SALIENCY = 8 };
    static const struct {
        const char *name, *check, *method;
        int without;
        sal_status status;
        const char *text;
    } rows[] = {
        {"gradient", "edges", "gradient", GRADIENT, SAL_E_UNSUPPORTED,
         "method 'gradient' needs input_gradient; adapter 'toy_adapter' has none"},
        {"get_params", "params", "gradient", GET, SAL_E_UNSUPPORTED,
         "check 'params' needs get_params; adapter 'toy_adapter' has none"},
        {"set_params", "params", "gradient", SET, SAL_E_UNSUPPORTED,
         "check 'params' needs set_params; adapter 'toy_adapter' has none"},
        {"set_params of sane", "sane", "own", SET, SAL_E_UNSUPPORTED,
         "check 'params' needs set_params"},
        {"saliency", "reproducible", "own", SALIENCY, SAL_E_UNSUPPORTED,
         "method 'own' needs saliency; adapter 'toy_adapter' has none"},
        {"a graph", "params", "guided-backprop", 0, SAL_E_UNSUPPORTED,
         "method 'guided-backprop' changes backward rules, which needs a graph"},
    };
    (void)state;
    sal_tensor *t = view(toy_x[0], 4, (const int64_t[]){4, 1, 2, 3});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        toy_engine toy;
        make_toy(&toy);
        if (rows[i].without & GRADIENT) toy.ops.input_gradient = NULL;
        if (rows[i].without & GET) toy.ops.get_params = NULL;
        if (rows[i].without & SET) toy.ops.set_params = NULL;
        if (rows[i].without & SALIENCY) toy.ops.saliency = NULL;
        sal_model *m = wrap_toy(&toy);
        const row r = {rows[i].name,
                       {.check = rows[i].check, .model = m, .inputs = t, .method = rows[i].method},
                       rows[i].status,
                       rows[i].text};
        refuse_all(1, &r);
        sal_model_free(m);
    }
    sal_tensor_free(t);
}

/* An error of a callback ends the check; the engine has its parameters back. */
static void errors_of_callbacks(void **state)
{
    static const struct {
        const char *broken, *check, *method, *text;
    } rows[] = {
        {"forward", "edges", "gradient", "adapter 'toy_adapter': forward returned 7"},
        {"input_gradient", "edges", "gradient", "adapter 'toy_adapter': input_gradient returned 7"},
        {"saliency", "params", "own", "adapter 'toy_adapter': saliency returned 7"},
        {"set_params", "params", "gradient", "adapter 'toy_adapter': set_params returned 7"},
        {"get_params", "params", "own", "adapter 'toy_adapter': get_params returned 7"},
    };
    (void)state;
    sal_tensor *t = view(toy_x[0], 4, (const int64_t[]){4, 1, 2, 3});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        toy_engine toy, before;
        make_toy(&toy);
        sal_model *m = wrap_toy(&toy);
        before = toy;
        toy.broken = rows[i].broken;
        const row r = {rows[i].broken,
                       {.check = rows[i].check, .model = m, .inputs = t, .method = rows[i].method},
                       SAL_E_CALLBACK,
                       rows[i].text};
        refuse_all(1, &r);
        if (memcmp(toy.weight, before.weight, sizeof toy.weight) ||
            memcmp(toy.bias, before.bias, sizeof toy.bias))
            fail_msg("%s: the parameters were not put back", rows[i].broken);
        sal_model_free(m);
    }
    sal_tensor_free(t);
}

static void registry(void **state)
{
    static const char *const names[] = {"params",       "labels",   "edges",
                                        "reproducible", "faithful", "sane"};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        const sal_check_info *info = sal_check_get(i);
        if (!info || strcmp(info->name, names[i])) fail_msg("row %zu is not %s", i, names[i]);
        if (!info->summary || !info->source) fail_msg("%s: no summary or source", names[i]);
        if (!(info->limit > 0 && info->limit < 1)) fail_msg("%s: limit %g", names[i], info->limit);
    }
    assert_null(sal_check_get(6));
    assert_null(sal_check_get(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_parts),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(wrong_shapes),
        cmocka_unit_test(too_few_inputs),
        cmocka_unit_test(inputs_that_are_not_finite),
        cmocka_unit_test(classes_out_of_range),
        cmocka_unit_test(twins),
        cmocka_unit_test(what_a_check_cannot_do),
        cmocka_unit_test(missing_callbacks),
        cmocka_unit_test(errors_of_callbacks),
        cmocka_unit_test(registry),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
