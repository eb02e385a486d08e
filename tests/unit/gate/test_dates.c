#include "support.h"

#include "gate/dates.h"

static void days_are_counted(void **state)
{
    static const struct {
        const char *text;
        int64_t day;
    } rows[] = {{"1970-01-01", 0},     {"1970-12-31", 364},   {"1972-03-01", 790},
                {"2000-02-29", 11016}, {"2000-03-01", 11017}, {"2024-02-29", 19782},
                {"2026-11-25", 20782}, {"2100-03-01", 47541}, {"9999-12-31", 2932896}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t day = -1;
        if (!sal_day_parse_(rows[i].text, &day) || day != rows[i].day)
            fail_msg("%s: %lld", rows[i].text, (long long)day);
        assert_true(sal_moment_is_valid_(rows[i].text));
    }
}

static void other_texts_are_no_days(void **state)
{
    static const char *const rows[] = {
        "",           "2026-11-5",  "2026-1-25",   "26-11-25",    "2026/11/25",
        "2026-11-31", "2026-02-29", "2100-02-29",  "2026-00-10",  "2026-13-01",
        "2026-11-00", "1969-12-31", "2026-11-25 ", " 2026-11-25", "+026-11-25",
        "2026-11-2x"};
    int64_t day;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sal_day_parse_(rows[i], &day)) fail_msg("'%s' is taken", rows[i]);
    assert_false(sal_day_parse_(NULL, &day));
}

static void moments(void **state)
{
    static const char *const wrong[] = {"2026-11-25T14:03:59",  "2026-11-25 14:03:59Z",
                                        "2026-11-25T24:00:00Z", "2026-11-25T14:60:00Z",
                                        "2026-11-25T14:03:5xZ", "2026-11-31T14:03:59Z"};
    (void)state;
    assert_true(sal_moment_is_valid_("2026-11-25T14:03:59Z"));
    assert_true(sal_moment_is_valid_("2026-12-31T23:59:60Z"));
    assert_false(sal_moment_is_valid_(NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (sal_moment_is_valid_(wrong[i])) fail_msg("'%s' is taken", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_counted),
        cmocka_unit_test(other_texts_are_no_days),
        cmocka_unit_test(moments),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
