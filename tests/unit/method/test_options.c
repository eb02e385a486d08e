/* Methods by name: what is read from "name:key=value,..." and what is said of a mistake. */
#include "nets.h"
#include "support.h"

#include "method/method.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char long_name[] =
    "gradcam:layer=a-layer-name-of-more-than-sixty-three-characters-that-no-value-holds-xxxxxxx";

static void mistakes(void **state)
{
    static const struct {
        const char *spec, *text;
        sal_status status;
    } rows[] = {
        {NULL, "no method given", SAL_E_ARG},
        {"", "method name '' is empty or too long", SAL_E_ARG},
        {"gradiant", "unknown method 'gradiant'; did you mean 'gradient'?", SAL_E_ARG},
        {"lime", "unknown method 'lime'", SAL_E_ARG},
        {"smoothgrad:samples", "method 'smoothgrad': 'samples' is not key=value", SAL_E_ARG},
        {"smoothgrad:samples=", "method 'smoothgrad': 'samples=' is not key=value", SAL_E_ARG},
        {"smoothgrad:samples=0", "'smoothgrad': samples=0, wanted a whole number from 1 to 100000",
         SAL_E_ARG},
        {"smoothgrad:samples=2.5", "wanted a whole number from 1 to 100000", SAL_E_ARG},
        {"smoothgrad:spread=-1", "'smoothgrad': spread=-1, wanted a number from 0 to 100",
         SAL_E_ARG},
        {"vargrad:spread=nan", "'vargrad': spread=nan, wanted a number", SAL_E_ARG},
        {"smoothgrad:sampels=5", "'smoothgrad' has no option 'sampels'; did you mean 'samples'?",
         SAL_E_ARG},
        {"smoothgrad:steps=5", "'smoothgrad' has no option 'steps', only samples, spread",
         SAL_E_ARG},
        {"gradient:samples=5", "'gradient' has no option 'samples'", SAL_E_ARG},
        {"integrated-gradients:steps=10001", "wanted a whole number from 1 to 10000", SAL_E_ARG},
        {"integrated-gradients:rule=mid", "unknown value of rule: 'mid'; did you mean 'midpoint'?",
         SAL_E_ARG},
        {"integrated-gradients:steps=1,rule=paper",
         "'integrated-gradients': rule=paper takes both ends, so steps=1 is too few", SAL_E_ARG},
        {"integrated-gradients:baseline=black", "baseline=black, wanted a number", SAL_E_ARG},
        {"gradcam:resize=nearest", "unknown value of resize: 'nearest'", SAL_E_ARG},
        {"gradcam:layer=conv9", "unknown layer 'conv9'; did you mean 'conv1'?", SAL_E_ARG},
        {"gradcam:layer=fc1", "model 'small_cnn': 'fc1' has no plane", SAL_E_UNSUPPORTED},
        {long_name, "is not key=value", SAL_E_ARG},
        {"canny:low=0.3", "'canny': low is above high", SAL_E_ARG},
        {"canny:sigma=101", "'canny': sigma=101, wanted a number from 0 to 100", SAL_E_ARG},
        {"occlusion:window=-1", "'occlusion': window=-1, wanted a whole number from 0 to 65536",
         SAL_E_ARG},
        {"occlusion:fill=grey", "'occlusion': fill=grey, wanted a number", SAL_E_ARG},
        {"finite-differences:step=0", "step=0, wanted a number from 1e-06 to 1", SAL_E_ARG},
        {"own", "method 'own' needs own_method", SAL_E_ARG},
    };
    (void)state;
    test_net net = small_cnn(NULL, 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sal_error err = {SAL_OK, ""};
        sal_method m;
        sal_status st = sal_method_open_(net.model, rows[i].spec, NULL, NULL, &m, &err);
        if (st != rows[i].status || !strstr(err.text, rows[i].text))
            fail_msg("%s: status %d, \"%s\"; wanted %d, \"%s\"", rows[i].spec, st, err.text,
                     rows[i].status, rows[i].text);
    }
    free_net(&net);
}

static sal_method open_method(const test_net *net, const char *spec, const char *layer)
{
    sal_error err = {SAL_OK, ""};
    sal_method m;
    if (sal_method_open_(net->model, spec, layer, NULL, &m, &err) != SAL_OK)
        fail_msg("%s: %s", spec, err.text);
    return m;
}

static void values_are_read(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    sal_method m = open_method(&net, "smoothgrad:samples=7,spread=2.5e-1", NULL);
    assert_int_equal(m.samples, 7);
    assert_near("spread", m.spread, 0.25, 1e-15);
    m = open_method(&net, "integrated-gradients:baseline=-0.5,steps=3,rule=gauss", NULL);
    assert_int_equal(m.steps, 3);
    assert_near("baseline", m.baseline, -0.5, 0);
    m = open_method(&net, "canny:sigma=1,high=3,low=.5", NULL);
    assert_near("sigma", m.sigma, 1, 0);
    assert_near("low", m.low, 0.5, 0);
    assert_near("high", m.high, 3, 0);
    free_net(&net);
}

/* The layer of the options is for Grad-CAM; a layer in the name counts more; others ignore it. */
static void layers(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    sal_value conv1 = sal_graph_find(net.g, "conv1"), relu2 = sal_graph_find(net.g, "relu2");
    assert_int_equal(open_method(&net, "gradcam", NULL).tap.value, relu2);
    assert_int_equal(open_method(&net, "gradcam", "conv1").tap.value, conv1);
    assert_int_equal(open_method(&net, "guided-gradcam", "conv1").tap.value, conv1);
    assert_int_equal(open_method(&net, "gradcam:layer=relu2", "conv1").tap.value, relu2);
    open_method(&net, "gradient", "no such layer");
    free_net(&net);
}

/* What a row says of its options is what it does without them. */
static void stated_defaults(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 1);
    for (size_t i = 0; sal_method_get(i); i++) {
        const sal_method_info *info = sal_method_get(i);
        char spec[256], key[64];
        int room = snprintf(spec, sizeof spec, "%s", info->name);
        for (const char *at = info->options; at && *at;) {
            size_t whole = strcspn(at, ","), value = strcspn(at, "|,");
            snprintf(key, sizeof key, "%.*s", (int)value, at);
            if (strncmp(key, "layer=", 6))
                room += snprintf(spec + room, sizeof spec - (size_t)room, "%c%s",
                                 strchr(spec, ':') ? ',' : ':', key);
            at += whole + strspn(at + whole, ", ");
        }
        if (!info->options) continue;
        sal_method plain = open_method(&net, info->name, NULL),
                   told = open_method(&net, spec, NULL);
        if (plain.samples != told.samples || plain.steps != told.steps || plain.rule != told.rule)
            fail_msg("%s is not %s", info->name, spec);
        assert_near(spec, told.spread, plain.spread, 0);
        assert_near(spec, told.baseline, plain.baseline, 0);
        assert_near(spec, told.sigma + told.low + told.high, plain.sigma + plain.low + plain.high,
                    0);
        assert_near(spec, told.step, plain.step, 0);
        if (plain.window != told.window || plain.stride != told.stride)
            fail_msg("%s is not %s", info->name, spec);
    }
    free_net(&net);
}

static void registry(void **state)
{
    static const char *const names[] = {SAL_GRADIENT,
                                        SAL_GRADIENT_X_INPUT,
                                        SAL_INTEGRATED_GRADIENTS,
                                        SAL_SMOOTHGRAD,
                                        SAL_SMOOTHGRAD_SQUARED,
                                        SAL_VARGRAD,
                                        SAL_IG_SG,
                                        SAL_GUIDED_BACKPROP,
                                        SAL_DECONVNET,
                                        SAL_GRADCAM,
                                        SAL_GUIDED_GRADCAM,
                                        SAL_OCCLUSION,
                                        SAL_FINITE_DIFFERENCES,
                                        SAL_OWN,
                                        SAL_SOBEL,
                                        SAL_CANNY,
                                        SAL_INPUT,
                                        SAL_CONSTANT,
                                        SAL_RANDOM,
                                        SAL_RANDOM_FROM_PARAMS};
    (void)state;
    size_t n = 0;
    for (; sal_method_get(n); n++) {
        const sal_method_info *info = sal_method_get(n);
        if (strcmp(info->name, names[n]))
            fail_msg("row %zu is %s, wanted %s", n, info->name, names[n]);
        if (!info->summary || !info->source) fail_msg("%s has no summary or source", info->name);
    }
    assert_int_equal(n, sizeof names / sizeof names[0]);
    assert_null(sal_method_get(n + 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes), cmocka_unit_test(values_are_read),
        cmocka_unit_test(layers),   cmocka_unit_test(stated_defaults),
        cmocka_unit_test(registry),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
