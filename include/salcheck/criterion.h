/**
 * criterion.h - saliency assertions for Criterion (2.4) in C; header-only, for test files.
 *
 *     assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
 *     assert_saliency_depends_on_params(model, inputs, "gradcam", .layer = "conv2", .alpha = 0.001);
 *
 * After the three fixed arguments come the options of sal_check_args (check.h) by name; plugin.h lists
 * the assertions. A pass returns, everything else ends the test with its text: failed, or skipped when
 * it is inconclusive and .inconclusive = SAL_SKIP.
 */
#ifndef SALCHECK_CRITERION_H
#define SALCHECK_CRITERION_H

#include <criterion/criterion.h>

#include <salcheck/plugin.h>

#define SAL_ASSERT_(name, ...)                                                                     \
    do {                                                                                           \
        char sal_text_[SAL_TEXT_MAX];                                                              \
        sal_assert_end_ sal_end_ =                                                                 \
            sal_assert_run_(SAL_ASSERT_ARGS_(name, __VA_ARGS__), sal_text_);                       \
        if (sal_end_ == SAL_ASSERT_SKIPS) cr_skip_test("%s", sal_text_);                           \
        if (sal_end_ == SAL_ASSERT_FAILS) cr_assert_fail("%s", sal_text_);                         \
    } while (0)

#endif
