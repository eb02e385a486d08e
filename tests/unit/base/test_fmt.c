#include "support.h"

#include "base/base.h"
#include "base/spec.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *number(double value, int decimals)
{
    static char text[400];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_number_(&t, value, decimals);
    assert_int_equal(t.length, strlen(text));
    return text;
}

static const char *exact(double value)
{
    static char text[64];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_exact_(&t, value);
    return text;
}

static void numbers_have_a_point(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *want;
    } cases[] = {{1.5, 2, "1.50"},   {-0.25, 1, "-0.2"},     {-0.004, 2, "0.00"},
                 {-0.0, 2, "0.00"},  {-0.5, 0, "0"},         {-0.006, 2, "-0.01"},
                 {0.999, 2, "1.00"}, {1e9, 0, "1000000000"}, {-12.125, 3, "-12.125"},
                 {1e300, 3, NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *got = number(cases[i].value, cases[i].decimals);
        if (cases[i].want ? strcmp(got, cases[i].want) : strlen(got) != 305)
            fail_msg("%g to %d: '%s', wanted '%s'", cases[i].value, cases[i].decimals, got,
                     cases[i].want ? cases[i].want : "305 characters");
    }
}

static void exact_numbers_read_back(void **state)
{
    static const double values[] = {0, 1, -1.0 / 3, 0.1, 1e300, 5e-324, 123456789.123456789};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strtod(exact(values[i]), NULL) != values[i])
            fail_msg("%.17g: '%s'", values[i], exact(values[i]));
    assert_string_equal(exact((double)NAN), "null");
    assert_string_equal(exact((double)INFINITY), "null");
}

static void short_numbers_are_short(void **state)
{
    (void)state;
    assert_string_equal(SAL_SHORT(.5), "0.5");
    assert_string_equal(SAL_SHORT(-1e300), "-1e+300");
    assert_string_equal(SAL_SHORT(256), "256");
}

static void truncation_is_remembered(void **state)
{
    char text[8];
    (void)state;
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_add_(&t, "%s", "1234");
    assert_false(t.truncated);
    sal_text_number_(&t, 1.25, 2);
    assert_string_equal(text, "12341.2");
    assert_true(t.truncated);
    sal_text_add_(&t, "more");
    assert_string_equal(text, "12341.2");
    assert_int_equal(t.length, 7);
    t = sal_text_into_(text, sizeof text);
    sal_text_add_(&t, "%d-%s", 12, "345678");
    assert_string_equal(text, "12-3456");
    assert_true(t.truncated);
}

static void no_buffer_is_only_truncation(void **state)
{
    (void)state;
    sal_text t = sal_text_into_(NULL, 0);
    sal_text_add_(&t, "x");
    sal_text_number_(&t, 1, 1);
    sal_text_exact_(&t, 1);
    assert_true(t.truncated);
    assert_int_equal(t.length, 0);
}

/* printf writes 1,5 there; nothing of ours may. */
static void a_german_locale_changes_nothing(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", NULL};
    char before[64], error[SAL_ERROR_TEXT];
    size_t i = 0;
    (void)state;
    strncpy(before, setlocale(LC_ALL, NULL), sizeof before - 1);
    before[sizeof before - 1] = '\0';
    while (names[i] && !setlocale(LC_ALL, names[i])) i++;
    if (!names[i]) {
        print_message("locale de_DE is not installed: left out\n");
        skip();
    }
    char native[16], ours[16], full[64];
    sal_spec s = {.name = "x", .n = 1, .key = {"k"}, .value = {"2.5"}};
    double value = 0;
    sal_error err = {SAL_OK, ""};
    snprintf(native, sizeof native, "%.1f", 1.5);
    strcpy(ours, number(1.5, 1));
    strcpy(full, exact(0.1));
    sal_spec_number_(&s, "k", 0, 3, &value, &err);
    sal_spec_number_(&s, "k", .5, 1.5, &value, &err);
    strcpy(error, err.text);
    setlocale(LC_ALL, before);
    assert_string_equal(native, "1,5"); /* or the test shows nothing */
    assert_string_equal(ours, "1.5");
    assert_string_equal(full, "0.10000000000000001");
    assert_near("spec", value, 2.5, 0);
    assert_string_equal(error, "'x': k=2.5, wanted a number from 0.5 to 1.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_a_point),
        cmocka_unit_test(exact_numbers_read_back),
        cmocka_unit_test(short_numbers_are_short),
        cmocka_unit_test(truncation_is_remembered),
        cmocka_unit_test(no_buffer_is_only_truncation),
        cmocka_unit_test(a_german_locale_changes_nothing),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
