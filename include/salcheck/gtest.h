/**
 * gtest.h - saliency assertions for GoogleTest (1.10 and later) in C++11; header-only, for test files.
 *
 *     assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
 *
 *     sal_check_args options = {};
 *     options.layer = "conv2";
 *     options.alpha = 0.001;
 *     assert_saliency_depends_on_params(model, inputs, "gradcam", options);
 *
 * The options of sal_check_args (check.h) follow the three fixed arguments; from C++20 on also as
 * {.alpha = 0.001, .layer = "conv2"}, in the order of their declaration. plugin.h lists the assertions.
 * Like ASSERT_*, they return from the function they stand in, which must be void: failed, or skipped
 * when the outcome is inconclusive and options.inconclusive = SAL_SKIP.
 */
#ifndef SALCHECK_GTEST_H
#define SALCHECK_GTEST_H

#include <gtest/gtest.h>

#include <salcheck/plugin.h>

#define SAL_ASSERT_(name, ...)                                                                     \
    do {                                                                                           \
        char sal_text_[SAL_TEXT_MAX];                                                              \
        sal_assert_end_ sal_end_ = sal_assert_(sal_text_, name, __FILE__, __LINE__, __VA_ARGS__);  \
        if (sal_end_ == SAL_ASSERT_SKIPS) GTEST_SKIP() << sal_text_;                               \
        if (sal_end_ == SAL_ASSERT_FAILS) GTEST_FAIL_AT(__FILE__, __LINE__) << sal_text_;          \
    } while (0)

inline sal_assert_end_ sal_assert_(char *text, const char *check, const char *file, int line,
                                   const sal_model *model, const sal_tensor *inputs,
                                   const char *method, sal_check_args options = sal_check_args())
{
    options.check = check;
    options.file = file;
    options.line = line;
    options.model = model;
    options.inputs = inputs;
    options.method = method;
    return sal_assert_run_(options, text);
}

#endif
