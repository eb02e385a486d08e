// Compiled only: in C++20 the options may be named.
#include <salcheck/gtest.h>

void named_options(const sal_model *model, const sal_tensor *inputs);

void named_options(const sal_model *model, const sal_tensor *inputs)
{
    assert_saliency_is_sane(model, inputs, "gradcam", {.alpha = 0.001, .layer = "conv2"});
}
