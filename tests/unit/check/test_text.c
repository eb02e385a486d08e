/* A check for a plugin: its outcome and its text, whatever the names and however small the buffer.
 */
#include "checks.h"
#include "mixed_method.h"
#include "small_nets.h"
#include "support.h"
#include "verdicts.h"

#include <stdio.h>
#include <string.h>

enum { PIXELS = WHOLE_SIDE * WHOLE_SIDE };

static test_net net;
static sal_tensor *inputs;

static int make(void **state)
{
    (void)state;
    net = whole_net(NULL, "net", 1);
    inputs = whole_inputs(WHOLE_INPUTS);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    free_net(&net);
    sal_tensor_free(inputs);
    return 0;
}

static sal_check_args ask(const char *check, const char *method)
{
    return (sal_check_args){.check = check, .model = net.model, .inputs = inputs, .method = method};
}

static void outcomes(void **state)
{
    static const struct {
        const char *check, *method;
        size_t max_draws;
        sal_outcome outcome;
        const char *start; /* of the text */
    } rows[] = {
        {"params", "random-from-params", 0, SAL_PASS, ""},
        {"params", "sobel", 0, SAL_FAIL,
         "saliency check FAILED: sobel does not depend on params\n  model  "},
        {"edges", "input", 0, SAL_FAIL,
         "saliency check FAILED: input does not differ from a picture of its "
         "input\n  model  "},
        {"sane", "random-from-params", 0, SAL_FAIL,
         "saliency check FAILED: random-from-params does not point at what moves the logit\n  "
         "model  "},
        {"faithful", "random", 2, SAL_INCONCLUSIVE,
         "saliency check INCONCLUSIVE: random does not clearly point at what moves the logit or "
         "not\n"},
        {"reproducible", "constant", 0, SAL_INVALID,
         "saliency check INVALID: constant does not get a verdict on repeating itself\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[SAL_TEXT_MAX], name[64];
        sal_outcome outcome = (sal_outcome)99;
        sal_check_args a = ask(rows[i].check, rows[i].method);
        snprintf(name, sizeof name, "%s of %s", rows[i].check, rows[i].method);
        a.max_draws = rows[i].max_draws;
        sal_status st = sal_check_text(&a, &outcome, text, sizeof text);
        if (st != SAL_OK || outcome != rows[i].outcome)
            fail_msg("%s: %s, outcome %d", name, sal_status_name(st), (int)outcome);
        if (rows[i].outcome == SAL_PASS)
            assert_string_equal(text, "");
        else
            expect_clean_text(name, text);
        if (strncmp(text, rows[i].start, strlen(rows[i].start))) fail_msg("%s: %s", name, text);
    }
}

static void refusals(void **state)
{
    char text[SAL_TEXT_MAX] = "as it was", method[200];
    sal_outcome outcome = (sal_outcome)99;
    (void)state;
    sal_check_args a = ask("params", "gradiant");
    assert_int_equal(sal_check_text(&a, &outcome, text, sizeof text), SAL_E_ARG);
    assert_string_equal(text,
                        "saliency check could not run: unknown method 'gradiant'; did you mean "
                        "'gradient'?\n");
    assert_int_equal(outcome, 99);
    assert_int_equal(sal_check_text(NULL, &outcome, text, sizeof text), SAL_E_ARG);
    assert_string_equal(text, "saliency check could not run: args or verdict is NULL\n");
    assert_int_equal(sal_check_text(&a, NULL, text, sizeof text), SAL_E_ARG);
    assert_int_equal(sal_check_text(&a, &outcome, NULL, sizeof text), SAL_E_ARG);
    assert_int_equal(sal_check_text(&a, &outcome, text, 0), SAL_E_ARG);
    memset(method, 'm', sizeof method - 1); /* a long line wraps */
    method[sizeof method - 1] = '\0';
    a.method = method;
    assert_int_equal(sal_check_text(&a, &outcome, text, sizeof text), SAL_E_ARG);
    expect_clean_text("long method", text);
    a = ask("labels", "gradient");
    assert_int_equal(sal_check_text(&a, &outcome, text, sizeof text), SAL_E_ARG);
    assert_string_equal(
        text, "saliency check could not run: check 'labels' needs .twin, a model trained on "
              "permuted labels, or\n  .fit, which trains one\n");
    expect_clean_text("two lines", text);
}

static void names_from_anywhere(void **state)
{
    static const char *const names[] = {
        "a]]>b",
        "\x1b[31mred\x1b[0m",
        "line\nbreak",
        "Latin-1 gr\xf6\xdf"
        "e",
        "tab\tulator",
        "<b>&amp;\"'</b>",
        "%s%n%d",
        "0123456789 123456789 123456789 123456789 123456789 123456789 "
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
        "gr\xc3\xb6\xc3\x9f"
        "er als 63 Bytes \xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6"
        "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6"
        "\xc3\xb6",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t check = 0; check < 2; check++) {
            char text[SAL_TEXT_MAX];
            sal_outcome outcome = SAL_PASS;
            mixed_method mix = {.same = check ? 0 : 1, .input = check ? 1 : 0, .size = PIXELS};
            test_net odd = whole_net(NULL, names[i], 1);
            sal_own_method own = mixed(&mix, names[i]);
            sal_check_args a = ask(check ? "params" : "faithful", NULL);
            a.model = odd.model;
            a.own_method = &own;
            assert_int_equal(sal_check_text(&a, &outcome, text, sizeof text), SAL_OK);
            assert_int_equal(outcome, SAL_FAIL);
            expect_clean_text(names[i], text);
            if (strncmp(text, "saliency check FAILED: ", 23)) fail_msg("%s: %s", names[i], text);
            a.own_method = NULL;
            a.layer = names[i]; /* and in the message of an error */
            a.method = "gradcam";
            assert_int_not_equal(sal_check_text(&a, &outcome, text, sizeof text), SAL_OK);
            expect_clean_text(names[i], text);
            free_net(&odd);
        }
}

/* The verdict keeps clean names as well: JSON and pictures are made of it. */
static void clean_verdicts(void **state)
{
    (void)state;
    mixed_method mix = {.input = 1, .size = PIXELS};
    test_net odd = whole_net(NULL, "new\nline \xff", 1);
    sal_own_method own = mixed(&mix, "]]>\x01");
    sal_check_args a = ask("params", NULL);
    a.model = odd.model;
    a.own_method = &own;
    sal_verdict *v = run_check("odd", &a);
    assert_string_equal(v->model, "new line ?");
    assert_string_equal(v->method, "]]  ");
    sal_verdict_free(v);
    free_net(&odd);
}

static void small_buffers(void **state)
{
    (void)state;
    char whole[SAL_TEXT_MAX];
    sal_outcome outcome;
    sal_check_args a = ask("reproducible", "constant");
    assert_int_equal(sal_check_text(&a, &outcome, whole, sizeof whole), SAL_OK);
    for (size_t size = 1; size < 200; size++) {
        char text[256];
        memset(text, '#', sizeof text);
        assert_int_equal(sal_check_text(&a, &outcome, text, size), SAL_OK);
        assert_int_equal(outcome, SAL_INVALID);
        if (strlen(text) != size - 1 || strncmp(text, whole, size - 1) || text[size] != '#')
            fail_msg("%zu bytes: %s", size, text);
    }
}

/* The text is the same; a pass is measured as well. */
static void measured(void **state)
{
    char text[SAL_TEXT_MAX], numbers[SAL_MEASURED_MAX] = "as it was";
    sal_outcome outcome = SAL_INVALID;
    (void)state;
    sal_check_args a = ask("params", "random-from-params");
    assert_int_equal(sal_check_measured(&a, &outcome, text, sizeof text, numbers, sizeof numbers),
                     SAL_OK);
    assert_int_equal(outcome, SAL_PASS);
    assert_string_equal(text, "");
    assert_non_null(strstr(numbers, "name=\"net: random-from-params params fc D low\">0."));
    a.method = "gradiant";
    assert_int_equal(sal_check_measured(&a, &outcome, text, sizeof text, numbers, sizeof numbers),
                     SAL_E_ARG);
    assert_string_equal(numbers, "");
    assert_int_equal(sal_check_measured(&a, &outcome, text, sizeof text, NULL, 1), SAL_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(names_from_anywhere),
        cmocka_unit_test(clean_verdicts),
        cmocka_unit_test(small_buffers),
        cmocka_unit_test(measured),
    };
    return !!cmocka_run_group_tests(tests, make, drop);
}
