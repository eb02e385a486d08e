/**
 * cmocka.h - saliency assertions for CMocka 1.1.5 and 2.x; header-only, for test files.
 *
 *     assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
 *     assert_saliency_depends_on_params(model, inputs, "gradcam", .layer = "conv2", .alpha = 0.001);
 *
 * After the three fixed arguments come the options of sal_check_args (check.h) by name. A pass
 * returns. Everything else prints its text through CMocka's error channel, so that console, XML and
 * TAP carry it, and ends the test; nothing of salcheck is left allocated then. With the environment
 * variable SALCHECK_OUT set to a folder, a failing check also leaves its picture there.
 */
#ifndef SALCHECK_CMOCKA_H
#define SALCHECK_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <salcheck/check.h>

#ifdef cm_print_error /* CMocka 2: a deprecated macro, but it tells the versions apart */
#define sal_cmocka_print_ cmocka_print_error
#else
void cm_print_error(const char *const format, ...); /* 1.1.5 exports but does not declare it */
#define sal_cmocka_print_ cm_print_error
#endif

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

#define SAL_ASSERT_(name, ...)                                                                     \
    sal_assert_((sal_check_args){.check = name, .file = __FILE__, .line = __LINE__, __VA_ARGS__})

/* Line by line: one call loses what is beyond 1,023 characters. What CMocka is told as an error is
 * lost when the test is skipped; a message is not. */
static inline void sal_assert_print_(const char *text, int skips)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (skips)
            print_message("%.*s\n", (int)n, text);
        else
            sal_cmocka_print_("%.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

/* Does not return unless the check passes; by then nothing is owned here or below. */
static inline void sal_assert_(sal_check_args args)
{
    char text[SAL_TEXT_MAX];
    sal_outcome outcome = SAL_INVALID;
    if (!args.out) args.out = getenv("SALCHECK_OUT");
    sal_status status = sal_check_text(&args, &outcome, text, sizeof text);
    if (status == SAL_OK && outcome == SAL_PASS) return;
    int skips = status == SAL_OK && outcome == SAL_INCONCLUSIVE && args.inconclusive == SAL_SKIP;
    sal_assert_print_(text, skips);
    if (skips) _skip(args.file, args.line);
    _fail(args.file, args.line);
}

#endif
