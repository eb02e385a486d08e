#include "support.h"

#include "base/spec.h"

#include <string.h>

static void texts_are_split(void **state)
{
    static const struct {
        const char *text, *name;
        size_t n;
        const char *key, *value; /* of the last pair */
    } cases[] = {
        {"ssim", "ssim", 0, NULL, NULL},
        {"ssim:window=gaussian", "ssim", 1, "window", "gaussian"},
        {"ig:steps=50,baseline=zero", "ig", 2, "baseline", "zero"},
        {"smoothgrad:sigma=1.5e-1", "smoothgrad", 1, "sigma", "1.5e-1"},
        {"file:path=a=b", "file", 1, "path", "a=b"},
        {"x:layer=a:b", "x", 1, "layer", "a:b"},
        {"x:k=", NULL, 0, NULL, NULL},
        {"x:k=1,", NULL, 0, NULL, NULL},
        {"x:", NULL, 0, NULL, NULL},
        {"x:k", NULL, 0, NULL, NULL},
        {"x:=v", NULL, 0, NULL, NULL},
        {"x:a,k=v", NULL, 0, NULL, NULL},
        {"", NULL, 0, NULL, NULL},
        {":k=v", NULL, 0, NULL, NULL},
        {"a-name-of-more-than-forty-seven-characters-is-no-name", NULL, 0, NULL, NULL},
        {"x:a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1", NULL, 0, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_spec s;
        sal_error err = {SAL_OK, ""};
        sal_status st = sal_spec_parse_("method", cases[i].text, &s, &err);
        if (!cases[i].name) {
            if (st != SAL_E_ARG || !strstr(err.text, "method"))
                fail_msg("'%s': status %d, '%s'", cases[i].text, st, err.text);
            continue;
        }
        if (st != SAL_OK) fail_msg("'%s': %s", cases[i].text, err.text);
        if (strcmp(s.name, cases[i].name) || s.n != cases[i].n)
            fail_msg("'%s': name '%s', %zu pairs", cases[i].text, s.name, s.n);
        if (s.n &&
            (strcmp(s.key[s.n - 1], cases[i].key) || strcmp(s.value[s.n - 1], cases[i].value)))
            fail_msg("'%s': %s = %s", cases[i].text, s.key[s.n - 1], s.value[s.n - 1]);
    }
}

static void a_missing_text_is_an_error(void **state)
{
    sal_spec s;
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_spec_parse_("metric", NULL, &s, &err), SAL_E_ARG);
    assert_string_equal(err.text, "no metric given");
}

static void numbers_are_read(void **state)
{
    static const struct {
        const char *value;
        bool good;
        double want;
    } cases[] = {{"0.5", true, .5},   {"+2", true, 2},     {"-.25", true, -.25},
                 {"3.", true, 3},     {"1e-2", true, .01}, {"12.5E+1", true, 125},
                 {"1,5", false, 0},   {"", false, 0},      {".", false, 0},
                 {"1e", false, 0},    {"0x10", false, 0},  {"1 ", false, 0},
                 {" 1", false, 0},    {"nan", false, 0},   {"inf", false, 0},
                 {"1e999", false, 0}, {"--1", false, 0},   {"201", false, 0},
                 {"-201", false, 0},  {"200", true, 200},  {"0.15", true, .15}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_spec s = {.name = "x", .n = 1};
        strcpy(s.key[0], "k");
        strcpy(s.value[0], cases[i].value);
        sal_error err = {SAL_OK, ""};
        double got = 77;
        sal_status st = sal_spec_number_(&s, "k", -200, 200, &got, &err);
        if (cases[i].good) {
            if (st != SAL_OK) fail_msg("'%s': %s", cases[i].value, err.text);
            assert_near(cases[i].value, got, cases[i].want, 1e-15 * 200);
        } else if (st != SAL_E_ARG || got != 77 || !strstr(err.text, "k=")) {
            fail_msg("'%s': status %d, %g, '%s'", cases[i].value, st, got, err.text);
        }
    }
}

static void counts_are_whole_and_in_range(void **state)
{
    static const struct {
        const char *value;
        bool good;
        size_t want;
    } cases[] = {{"1", true, 1},   {"64", true, 64}, {"2e1", true, 20}, {"0", false, 0},
                 {"65", false, 0}, {"-3", false, 0}, {"2.5", false, 0}, {"many", false, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sal_spec s = {.name = "x", .n = 1};
        strcpy(s.key[0], "n");
        strcpy(s.value[0], cases[i].value);
        sal_error err = {SAL_OK, ""};
        size_t got = 77;
        sal_status st = sal_spec_count_(&s, "n", 1, 64, &got, &err);
        size_t want = cases[i].good ? cases[i].want : 77;
        if (st != (cases[i].good ? SAL_OK : SAL_E_ARG) || got != want)
            fail_msg("'%s': status %d, %zu, '%s'", cases[i].value, st, got, err.text);
    }
}

static void choices_name_the_nearest(void **state)
{
    static const char *const words[] = {"uniform", "gaussian", NULL};
    sal_spec s;
    sal_error err = {SAL_OK, ""};
    size_t got = 77;
    (void)state;
    assert_int_equal(sal_spec_parse_("metric", "ssim:window=gaussian", &s, &err), SAL_OK);
    assert_int_equal(sal_spec_choice_(&s, "window", words, &got, &err), SAL_OK);
    assert_int_equal(got, 1);
    assert_int_equal(sal_spec_parse_("metric", "ssim:window=gausian", &s, &err), SAL_OK);
    assert_int_equal(sal_spec_choice_(&s, "window", words, &got, &err), SAL_E_ARG);
    assert_non_null(strstr(err.text, "did you mean 'gaussian'"));
    assert_int_equal(got, 1);
}

static void absent_keys_change_nothing(void **state)
{
    static const char *const words[] = {"a", NULL};
    sal_spec s;
    sal_error err = {SAL_OK, ""};
    double x = 1.5;
    size_t n = 3, choice = 4;
    (void)state;
    assert_int_equal(sal_spec_parse_("method", "gradient", &s, &err), SAL_OK);
    assert_int_equal(sal_spec_number_(&s, "x", 0, 1, &x, &err), SAL_OK);
    assert_int_equal(sal_spec_count_(&s, "n", 0, 1, &n, &err), SAL_OK);
    assert_int_equal(sal_spec_choice_(&s, "w", words, &choice, &err), SAL_OK);
    assert_null(sal_spec_text_(&s, "t"));
    assert_true(x == 1.5 && n == 3 && choice == 4);
    assert_int_equal(sal_spec_finish_(&s, &err), SAL_OK);
}

static void unused_keys_are_named(void **state)
{
    sal_spec s;
    sal_error err = {SAL_OK, ""};
    (void)state;
    assert_int_equal(sal_spec_parse_("method", "smoothgrad:sigma=.1,smaples=3", &s, &err), SAL_OK);
    assert_string_equal(sal_spec_text_(&s, "sigma"), ".1");
    assert_int_equal(sal_spec_finish_(&s, &err), SAL_E_ARG);
    assert_string_equal(err.text, "'smoothgrad' has no option 'smaples', only sigma");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_split),          cmocka_unit_test(a_missing_text_is_an_error),
        cmocka_unit_test(numbers_are_read),         cmocka_unit_test(counts_are_whole_and_in_range),
        cmocka_unit_test(choices_name_the_nearest), cmocka_unit_test(absent_keys_change_nothing),
        cmocka_unit_test(unused_keys_are_named),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
