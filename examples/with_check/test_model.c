/* test_model.c - saliency assertions in the framework Check.
 * usage: with_check    gradient passes, guided-backprop does not, four draws decide nothing */
#include <salcheck/check_h.h>
#include <salcheck/salcheck.h>

#include "small_cnn.h"

#include <stdlib.h>

static small_cnn *net;

static void load_model(void)
{
    ck_assert_int_eq(small_cnn_load(&net), 0);
}

static void release_model(void)
{
    small_cnn_release(net);
}

START_TEST(gradient_depends_on_the_model)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT);
}
END_TEST

START_TEST(guided_backprop_depends_on_the_model)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GUIDED_BACKPROP);
}
END_TEST

START_TEST(four_draws_decide_nothing)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT, .max_draws = 4,
                                      .inconclusive = SAL_SKIP);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("saliency");
    TCase *tests = tcase_create("params");
    tcase_add_unchecked_fixture(tests, load_model, release_model); /* once, not for each test */
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, gradient_depends_on_the_model);
    tcase_add_test(tests, guided_backprop_depends_on_the_model);
    tcase_add_test(tests, four_draws_decide_nothing);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
