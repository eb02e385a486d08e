/**
 * check_h.h - saliency assertions for the framework Check (0.15; its header is check.h); header-only,
 * for test files.
 *
 *     assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
 *     assert_saliency_depends_on_params(model, inputs, "gradcam", .layer = "conv2", .alpha = 0.001);
 *
 * After the three fixed arguments come the options of sal_check_args (check.h) by name; plugin.h lists
 * the assertions. A pass returns, everything else ends the test with its text. Check knows no skipped
 * tests: with .inconclusive = SAL_SKIP the text of that outcome goes to stderr and the test goes on.
 */
#ifndef SALCHECK_CHECK_H_H
#define SALCHECK_CHECK_H_H

#include <check.h>

#include <salcheck/plugin.h>

#define SAL_ASSERT_(name, ...)                                                                     \
    do {                                                                                           \
        char sal_text_[SAL_TEXT_MAX];                                                              \
        sal_assert_end_ sal_end_ =                                                                 \
            sal_assert_run_(SAL_ASSERT_ARGS_(name, __VA_ARGS__), sal_text_);                       \
        if (sal_end_ == SAL_ASSERT_SKIPS) fputs(sal_text_, stderr);                                \
        if (sal_end_ == SAL_ASSERT_FAILS) ck_abort_msg("%s", sal_text_);                           \
    } while (0)

#endif
