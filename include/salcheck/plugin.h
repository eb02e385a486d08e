/**
 * plugin.h - what the plugins of test frameworks share: the assertions and one run of a check. Include
 * the header of your framework instead: cmocka.h, check_h.h (Check), criterion.h or gtest.h.
 *
 * A plugin gives SAL_ASSERT_(check, model, inputs, method, options...), which ends the test in the
 * framework's way. Environment variables: with SALCHECK_OUT set to a folder, a failing check leaves
 * its picture there; with SALCHECK_CTEST set, the statistic, its interval and that picture (when
 * SALCHECK_OUT is an absolute path) go to stderr as CTest's measurements, for a dashboard.
 *
 * An engine that calls exit() inside of a check does not end the tests with its own exit code: the
 * process says which check was running, and ends with 1.
 */
#ifndef SALCHECK_PLUGIN_H
#define SALCHECK_PLUGIN_H

#include <stdio.h>
#include <stdlib.h>

#include <salcheck/check.h>

/** The map depends on the parameters (check "params"). */
#define assert_saliency_depends_on_params(...) SAL_ASSERT_("params", __VA_ARGS__)
/** The map depends on the labels (check "labels"): give .twin or .fit. */
#define assert_saliency_depends_on_labels(...) SAL_ASSERT_("labels", __VA_ARGS__)
/** The map is more than a picture of its input (check "edges"). */
#define assert_saliency_is_not_an_edge_detector(...) SAL_ASSERT_("edges", __VA_ARGS__)
/** The map comes out again with fresh noise (check "reproducible"). */
#define assert_saliency_is_reproducible(...) SAL_ASSERT_("reproducible", __VA_ARGS__)
/** The pixels it points at move the logit (check "faithful"). */
#define assert_saliency_is_faithful(...) SAL_ASSERT_("faithful", __VA_ARGS__)
/** params, reproducible and faithful (check "sane"). */
#define assert_saliency_is_sane(...) SAL_ASSERT_("sane", __VA_ARGS__)

/* The arguments of an assertion in C: three by position, the rest by name. */
#define SAL_ASSERT_ARGS_(name, ...)                                                                \
    ((sal_check_args){.check = name, .file = __FILE__, .line = __LINE__, __VA_ARGS__})

/* How a test ends. */
typedef enum sal_assert_end_ {
    SAL_ASSERT_PASSES,
    SAL_ASSERT_SKIPS,
    SAL_ASSERT_FAILS
} sal_assert_end_;

/* The check that is running. */
static inline const char **sal_assert_running_(void)
{
    static const char *check = NULL;
    return &check;
}

/* A callback that calls exit() takes the tests with it, perhaps with 0: a pass that nobody has seen. */
static inline void sal_assert_at_exit_(void)
{
    const char *check = *sal_assert_running_();
    if (!check) return;
    fprintf(stderr,
            "saliency check could not run: check '%s' did not come to its end: a callback of the "
            "engine\n  crashed or ended the process\n",
            check);
    fflush(NULL);
    _Exit(EXIT_FAILURE);
}

static inline void sal_assert_begin_(const char *check)
{
    static int watched = 0;
    if (!watched) watched = !atexit(sal_assert_at_exit_);
    *sal_assert_running_() = check;
}

/* Runs the check; text is for people, "" when it passes. Nothing is owned here or below then, so that
 * a framework may jump. */
static inline sal_assert_end_ sal_assert_run_(sal_check_args args, char text[SAL_TEXT_MAX])
{
    char measured[SAL_MEASURED_MAX];
    sal_outcome outcome = SAL_INVALID;
    if (!args.out) args.out = getenv("SALCHECK_OUT");
    sal_assert_begin_(args.check);
    sal_status status =
        sal_check_measured(&args, &outcome, text, SAL_TEXT_MAX, measured, sizeof measured);
    *sal_assert_running_() = NULL;
    if (getenv("SALCHECK_CTEST")) fputs(measured, stderr);
    if (status == SAL_OK && outcome == SAL_PASS) return SAL_ASSERT_PASSES;
    return status == SAL_OK && outcome == SAL_INCONCLUSIVE && args.inconclusive == SAL_SKIP
               ? SAL_ASSERT_SKIPS
               : SAL_ASSERT_FAILS;
}

#endif
