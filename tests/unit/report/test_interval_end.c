#include "support.h"

#include "report/report.h"

#include <string.h>

static void ends_print_on_their_side_of_the_limit(void **state)
{
    static const struct {
        double end, limit;
        const char *want;
    } cases[] = {{.0563, .5, "0.06"},
                 {.4872, .5, "0.49"},
                 {.49921, .5, "0.499"},
                 {.5016, .5, "0.502"},
                 {.5004, .5, "0.5004"},
                 {.49996, .5, "0.49996"},
                 {.5 + 1e-9, .5, "0.500001"},
                 {.5 - 1e-9, .5, "0.499999"},
                 {.5, .5, "0.50"},
                 {1.2, .5, "1.00"},
                 {2, .5, "1.00"},
                 {.9999, .5, "1.00"},
                 {0, .5, "0.00"},
                 {.6533, .65, "0.653"},
                 {.1255, .126, "0.1255"},
                 {1.5, 1.2, "1.50"},
                 {-.25, .5, "-0.25"},
                 {.8014, .8, "0.801"}};
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char text[32];
        sal_text t = sal_text_into_(text, sizeof text);
        sal_interval_end_(&t, cases[k].end, cases[k].limit);
        if (strcmp(text, cases[k].want))
            fail_msg("%.12g at limit %g: '%s', wanted '%s'", cases[k].end, cases[k].limit, text,
                     cases[k].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_print_on_their_side_of_the_limit),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
