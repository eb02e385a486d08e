/**
 * cmocka.h - saliency assertions for CMocka 1.1.5 and 2.x; header-only, for test files.
 *
 *     assert_saliency_depends_on_params(model, inputs, SAL_GRADIENT);
 *     assert_saliency_depends_on_params(model, inputs, "gradcam", .layer = "conv2", .alpha = 0.001);
 *
 * After the three fixed arguments come the options of sal_check_args (check.h) by name; plugin.h lists
 * the assertions. A pass returns. Everything else prints its text through CMocka's error channel, so
 * that console, XML and TAP carry it, and ends the test; nothing of salcheck is left allocated then.
 */
#ifndef SALCHECK_CMOCKA_H
#define SALCHECK_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <salcheck/plugin.h>

#ifdef cm_print_error /* CMocka 2: a deprecated macro, but it tells the versions apart */
#define sal_cmocka_print_ cmocka_print_error
#else
void cm_print_error(const char *const format, ...); /* 1.1.5 exports but does not declare it */
#define sal_cmocka_print_ cm_print_error
#endif

#define SAL_ASSERT_(name, ...) sal_assert_(SAL_ASSERT_ARGS_(name, __VA_ARGS__))

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

/* Does not return unless the check passes. */
static inline void sal_assert_(sal_check_args args)
{
    char text[SAL_TEXT_MAX];
    sal_assert_end_ end = sal_assert_run_(args, text);
    if (end == SAL_ASSERT_PASSES) return;
    sal_assert_print_(text, end == SAL_ASSERT_SKIPS);
    if (end == SAL_ASSERT_SKIPS) _skip(args.file, args.line);
    _fail(args.file, args.line);
}

#endif
