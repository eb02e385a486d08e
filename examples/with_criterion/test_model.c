/* test_model.c - saliency assertions in Criterion, which runs each test in a process of its own.
 * usage: with_criterion [--filter saliency/TEST] */
#include <salcheck/criterion.h>
#include <salcheck/salcheck.h>

#include "small_cnn.h"

static small_cnn *net;

static void load_model(void)
{
    if (small_cnn_load(&net)) criterion_abort_test();
}

static void release_model(void)
{
    small_cnn_release(net);
}

TestSuite(saliency, .init = load_model, .fini = release_model);

Test(saliency, gradient)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT);
}

Test(saliency, guided_backprop)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GUIDED_BACKPROP);
}

Test(saliency, undecided)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT, .max_draws = 4,
                                      .inconclusive = SAL_SKIP);
}
