#include "support.h"

#include "base/base.h"

#include <string.h>

static const char *const methods[] = {"gradient",
                                      "gradient-x-input",
                                      "integrated-gradients",
                                      "smoothgrad",
                                      "guided-backprop",
                                      "gradcam",
                                      "sobel",
                                      NULL};

static void nearest_names(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {{"gradiant", "gradient"},
                 {"smooth-grad", "smoothgrad"},
                 {"grad-cam", "gradcam"},
                 {"GRADCAM", NULL}, /* no letter in common */
                 {"sobol", "sobel"},
                 {"guided", "guided-backprop"},
                 {"integrated", "integrated-gradients"},
                 {"gradient", "gradient"},
                 {"lime", NULL},
                 {"", NULL}, /* a part of every name */
                 {"zzzzzzzzzzzz", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = sal_nearest_name_(cases[i].name, methods);
        if (!got != !cases[i].want || (got && strcmp(got, cases[i].want)))
            fail_msg("'%s': '%s', wanted '%s'", cases[i].name, got ? got : "none",
                     cases[i].want ? cases[i].want : "none");
    }
}

static void an_unknown_name_is_told_with_the_nearest(void **state)
{
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_fail_name_(&err, "method", "gradiant", methods), SAL_E_ARG);
    assert_string_equal(err.text, "unknown method 'gradiant'; did you mean 'gradient'?");
    assert_int_equal(err.status, SAL_E_ARG);
    assert_int_equal(sal_fail_name_(&err, "method", "zzzzzzzzzzzz", methods), SAL_E_ARG);
    assert_string_equal(err.text, "unknown method 'zzzzzzzzzzzz'");
}

static void long_names_are_harmless(void **state)
{
    char name[500];
    sal_error err = {SAL_OK, ""};
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(sal_fail_name_(&err, "method", name, methods), SAL_E_ARG);
    assert_int_equal(strlen(err.text), SAL_ERROR_TEXT - 1);
}

static void an_error_is_one_printable_line(void **state)
{
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_fail_(&err, SAL_E_IO, "a\nb\tc\x1b[%d\x7f", 7), SAL_E_IO);
    assert_string_equal(err.text, "a b c [7 ");
}

static void an_error_needs_no_place(void **state)
{
    (void)state;
    assert_int_equal(sal_fail_(NULL, SAL_E_SHAPE, "x"), SAL_E_SHAPE);
    assert_int_equal(sal_no_memory_(NULL, "x"), SAL_E_NOMEM);
    assert_int_equal(sal_fail_name_(NULL, "method", "x", methods), SAL_E_ARG);
}

static void codes_have_names(void **state)
{
    (void)state;
    for (int i = SAL_OK; i <= SAL_E_CALLBACK; i++)
        for (int j = SAL_OK; j < i; j++)
            if (!strcmp(sal_status_name((sal_status)i), sal_status_name((sal_status)j)))
                fail_msg("statuses %d and %d share a name", i, j);
    assert_string_equal(sal_status_name(SAL_E_NOMEM), "out of memory");
    assert_string_equal(sal_status_name(SAL_E_CALLBACK), "callback failed");
    assert_string_equal(sal_status_name((sal_status)99), "unknown status");
    assert_string_equal(sal_outcome_name(SAL_PASS), "pass");
    assert_string_equal(sal_outcome_name(SAL_FAIL), "fail");
    assert_string_equal(sal_outcome_name(SAL_INCONCLUSIVE), "inconclusive");
    assert_string_equal(sal_outcome_name(SAL_INVALID), "invalid");
    assert_string_equal(sal_outcome_name((sal_outcome)99), "unknown outcome");
    assert_string_equal(sal_version(), SAL_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_names),
        cmocka_unit_test(an_unknown_name_is_told_with_the_nearest),
        cmocka_unit_test(long_names_are_harmless),
        cmocka_unit_test(an_error_is_one_printable_line),
        cmocka_unit_test(an_error_needs_no_place),
        cmocka_unit_test(codes_have_names),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
