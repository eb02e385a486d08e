/* Every format of reports, byte for byte: reports/all.FORMAT holds what the same verdicts must give, and
 * what other programs say of it. With SALCHECK_REWRITE=1 in the environment the files are written
 * instead: look at what has changed. */
#define _XOPEN_SOURCE 700
#include "child.h"
#include "report_set.h"
#include "scratch.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static report_set set;

static int enter(void **state)
{
    make_report_set(&set);
    return chdir(SAL_TESTS_DIR) || make_scratch(state);
}

static bool rewriting(void)
{
    const char *rewrite = getenv("SALCHECK_REWRITE");
    return rewrite && rewrite[0] && strcmp(rewrite, "0") != 0;
}

static void write_report(const char *format, const char *path)
{
    sal_error err = {SAL_OK, ""};
    if (sal_report_write(NULL, format, set.verdicts, SET_VERDICTS, &set.options, path, &err))
        fail_msg("%s: %s", format, err.text);
}

/* The line of the first byte that differs. */
static size_t line_of(const unsigned char *a, const unsigned char *b, size_t n)
{
    size_t line = 1;
    for (size_t i = 0; i < n && a[i] == b[i]; i++) line += a[i] == '\n';
    return line;
}

static void every_format(void **state)
{
    const scratch *s = *state;
    for (size_t i = 0; sal_report_format_get(i); i++) {
        const char *format = sal_report_format_get(i)->name;
        char path[64];
        size_t size, wanted;
        snprintf(path, sizeof path, "golden/reports/all.%s", format);
        write_report(format, s->file);
        if (rewriting()) write_report(format, path);
        if (access(path, R_OK)) fail_msg("%s: no such file; SALCHECK_REWRITE=1 writes it", path);
        unsigned char *got = read_bytes(s->file, &size), *want = read_bytes(path, &wanted);
        size_t least = size < wanted ? size : wanted;
        if (size != wanted || memcmp(got, want, size) != 0)
            fail_msg("%s: another text from line %zu on; SALCHECK_REWRITE=1 rewrites it", path,
                     line_of(got, want, least));
        free(got);
        free(want);
    }
}

/* "command" with the report as $0; its output in a failure. */
static void expect_agreed(const scratch *s, const char *format, const char *command)
{
    static char output[CHILD_OUTPUT];
    char sh[] = "/bin/sh", flag[] = "-c", text[256], file[sizeof s->file];
    char *argv[] = {sh, flag, text, file, NULL};
    const char *settings[] = {NULL};
    snprintf(text, sizeof text, "%s", command);
    snprintf(file, sizeof file, "%s", s->file);
    write_report(format, s->file);
    if (run_child(argv, NULL, settings, output)) fail_msg("%s: %s", format, output);
}

static bool has(const char *program)
{
    static char output[CHILD_OUTPUT];
    char sh[] = "/bin/sh", flag[] = "-c", text[64];
    char *argv[] = {sh, flag, text, NULL};
    const char *settings[] = {NULL};
    snprintf(text, sizeof text, "command -v %s", program);
    if (run_child(argv, NULL, settings, output) == 0) return true;
    print_message("no %s here\n", program);
    return false;
}

static void junit_keeps_to_the_schema(void **state)
{
    if (!has("xmllint")) skip();
    expect_agreed(*state, "junit", "xmllint --noout --schema golden/reports/junit.xsd \"$0\"");
}

static void svg_is_xml(void **state)
{
    if (!has("xmllint")) skip();
    expect_agreed(*state, "svg", "xmllint --noout \"$0\"");
}

static void html_is_html(void **state)
{
    if (!has("xmllint")) skip();
    /* libxml2 does not know the elements of HTML 5 and says so of each: of nothing else */
    expect_agreed(*state, "html",
                  "xmllint --html --noout \"$0\" 2>&1 | grep error | grep -vE "
                  "'Tag (article|details|figcaption|figure|footer|header|main|nav|section|summary|"
                  "svg|title|desc|path|line|rect|circle|text|g|wbr) invalid' && exit 1; exit 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format),
        cmocka_unit_test(junit_keeps_to_the_schema),
        cmocka_unit_test(svg_is_xml),
        cmocka_unit_test(html_is_html),
    };
    return !!cmocka_run_group_tests(tests, enter, drop_scratch);
}
