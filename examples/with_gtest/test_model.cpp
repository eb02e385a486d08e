// test_model.cpp - saliency assertions in GoogleTest.
// usage: with_gtest [--gtest_filter=saliency.TEST]
#include <salcheck/gtest.h>
#include <salcheck/salcheck.h>

extern "C" {
#include "small_cnn.h"
}

class saliency : public ::testing::Test
{
  protected:
    static small_cnn *net;

    static void SetUpTestSuite()
    {
        ASSERT_EQ(small_cnn_load(&net), 0);
    }
    static void TearDownTestSuite()
    {
        small_cnn_release(net);
    }
};

small_cnn *saliency::net = nullptr;

TEST_F(saliency, gradient)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT);
}

TEST_F(saliency, guided_backprop)
{
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GUIDED_BACKPROP);
}

TEST_F(saliency, undecided)
{
    sal_check_args options = {};
    options.max_draws = 4;
    options.inconclusive = SAL_SKIP;
    assert_saliency_depends_on_params(net->model, net->inputs, SAL_GRADIENT, options);
}
