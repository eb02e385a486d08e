/* Names that come from anywhere, made fit to be printed. */
#include "support.h"
#include "verdicts.h"

#include "report/report.h"

#include <stdio.h>
#include <string.h>

static void each_kind(void **state)
{
    static const struct {
        const char *name, *text, *want;
        bool lines;
    } rows[] = {
        {"nothing", "", "", false},
        {"plain", "conv2d_1/weight:0", "conv2d_1/weight:0", false},
        {"two bytes",
         "gr\xc3\xb6\xc3\x9f"
         "e",
         "gr\xc3\xb6\xc3\x9f"
         "e",
         false},
        {"three and four bytes", "\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80",
         false},
        {"Latin-1",
         "gr\xf6\xdf"
         "e",
         "gr??e", false},
        {"cut after one byte of two", "ab\xc3", "ab?", false},
        {"cut after two bytes of three", "ab\xe2\x82", "ab??", false},
        {"cut after three bytes of four", "ab\xf0\x9f\x98", "ab???", false},
        {"a byte that follows none", "\x80 \xbf", "? ?", false},
        {"too long a form", "\xc0\x80 \xc1\xbf \xe0\x9f\xbf \xf0\x8f\xbf\xbf", "?? ?? ??? ????",
         false},
        {"surrogate", "\xed\xa0\x80", "???", false},
        {"last before the surrogates", "\xed\x9f\xbf", "\xed\x9f\xbf", false},
        {"beyond Unicode", "\xf4\x90\x80\x80 \xf5\x80\x80\x80 \xff", "???? ???? ?", false},
        {"the last character", "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd", false},
        {"not XML's", "\xef\xbf\xbe \xef\xbf\xbf \xef\xbf\xbd", "??? ??? \xef\xbf\xbd", false},
        {"control bytes", "a\x01\x1b[31m\tb\x7f", "a  [31m b ", false},
        {"lines not kept", "a\nb\r\n", "a b  ", false},
        {"lines kept", "a\nb\r\n", "a\nb \n", true},
        {"end of a CDATA section", "a]]>b", "a]] b", false},
        {"two of them", "]]]>]]>", "]]] ]] ", false},
        {"beginnings of one", "]] > ]>", "]] > ]>", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", rows[i].text);
        sal_text_make_safe_(text, rows[i].lines);
        if (strcmp(text, rows[i].want)) fail_msg("%s: \"%s\"", rows[i].name, text);
    }
}

/* All strings of four bytes out of those that matter: what comes out is clean, and stays as it is.
 */
static void any_bytes(void **state)
{
    static const unsigned char bytes[] = {'a',  ' ',  ']',  '>',  '\n', 1,    0x7f, 0x80,
                                          0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf,
                                          0xe0, 0xed, 0xef, 0xbe, 0xf0, 0xf4, 0xff};
    enum { N = sizeof bytes };
    (void)state;
    for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
        char text[8] = {(char)bytes[i % N], (char)bytes[i / N % N], (char)bytes[i / N / N % N],
                        (char)bytes[i / N / N / N], '\n'};
        char again[8];
        sal_text_make_safe_(text, true);
        expect_clean_text("any bytes", text);
        memcpy(again, text, sizeof again);
        sal_text_make_safe_(again, true);
        assert_string_equal(again, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_kind), cmocka_unit_test(any_bytes)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
