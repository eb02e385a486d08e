/* test_model.c - saliency assertions in the framework Check.
 * usage: with_check [CASE]    gradient passes, guided-backprop does not, undecided has too few draws */
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

static void add(Suite *suite, const char *name, const TTest *test)
{
    TCase *c = tcase_create(name);
    tcase_add_unchecked_fixture(c, load_model, release_model); /* once, not for each test */
    tcase_set_timeout(c, 60);
    tcase_add_test(c, test);
    suite_add_tcase(suite, c);
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("saliency");
    add(suite, "gradient", gradient_depends_on_the_model);
    add(suite, "guided-backprop", guided_backprop_depends_on_the_model);
    add(suite, "undecided", four_draws_decide_nothing);
    SRunner *runner = srunner_create(suite);
    srunner_run(runner, NULL, argc > 1 ? argv[1] : NULL, CK_NORMAL);
    int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed || !run ? EXIT_FAILURE : EXIT_SUCCESS;
}
