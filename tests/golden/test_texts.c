/* What a failing assertion says, byte for byte: texts_program fails in a process of its own, on the
 * console and into CMocka's XML; texts/TEST.txt holds what it must say. With SALCHECK_REWRITE=1
 * in the environment the files are written instead: look at what has changed. */
#define _XOPEN_SOURCE 700
#include "child.h"
#include "support.h"
#include "verdicts.h"

#include <salcheck/core.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *test;
    bool fails;
} cases[] = {{"params", true},         {"params_of_few_inputs", true},
             {"labels", true},         {"edges", true},
             {"reproducible", true},   {"faithful", true},
             {"sane", true},           {"inconclusive", true},
             {"skipped", false},       {"not_skipped", true},
             {"invalid", true},        {"not_trained", true},
             {"no_such_method", true}, {"no_twin", true},
             {"odd_names", true},      {"long_names", true}};
enum { CASES = sizeof cases / sizeof cases[0] };

static char folder[64], xml[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/salcheck-texts-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    snprintf(xml, sizeof xml, "%s/out.xml", folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    unlink(xml);
    return rmdir(folder);
}

/* Exit status of the program running one of its tests. */
static int run(const char *test, const char *setting, const char *other, char *output)
{
    char program[] = TEXTS_PROGRAM, name[64];
    char *argv[] = {program, name, NULL};
    const char *settings[] = {setting, other, NULL};
    snprintf(name, sizeof name, "%s", test);
    if (!setting) settings[0] = NULL;
    return run_child(argv, folder, settings, output);
}

static void golden_path(const char *name, char *path, size_t size)
{
    snprintf(path, size, SAL_TESTS_DIR "/golden/texts/%s.txt", name);
}

static bool updating(void)
{
    const char *update = getenv("SALCHECK_REWRITE");
    return update && update[0] && strcmp(update, "0") != 0;
}

static void write_golden(const char *name, const char *text)
{
    char path[512];
    golden_path(name, path, sizeof path);
    FILE *f = fopen(path, "wb");
    if (!f || fputs(text, f) == EOF || fclose(f)) fail_msg("%s: cannot be written", path);
}

static void read_golden(const char *name, char *text, size_t size)
{
    char path[512];
    golden_path(name, path, sizeof path);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s: no such file; SALCHECK_REWRITE=1 writes it", path);
    text[fread(text, 1, size - 1, f)] = '\0';
    fclose(f);
}

/* The lines from "saliency check" to the one before the place of the assertion or the test's end.
 */
static void cut_text(const char *name, const char *output, char *text, size_t size)
{
    const char *start = strstr(output, "saliency check ");
    if (!start) fail_msg("%s: says nothing of a saliency check: %s", name, output);
    const char *end = start;
    while (*end && *end != '[' && strncmp(end, "test_model.c:", 13)) {
        end += strcspn(end, "\n");
        end += *end == '\n';
    }
    if ((size_t)(end - start) >= size) fail_msg("%s: too long a text", name);
    memcpy(text, start, (size_t)(end - start));
    text[end - start] = '\0';
}

static void expect_equal(const char *name, const char *got, const char *want)
{
    if (!strcmp(got, want)) return;
    fprintf(stderr, "%s: got\n%swanted\n%s", name, got, want);
    fail_msg("%s: another text; SALCHECK_REWRITE=1 rewrites it", name);
}

/* The place comes right after the text. */
static void expect_place(const char *name, const char *output, const char *text)
{
    const char *after = strstr(output, text);
    assert_non_null(after);
    after += strlen(text);
    const char *place = strstr(after, "test_model.c:42: error: Failure!");
    if (!place || place > after + 40 || memchr(after, '\n', (size_t)(place - after)))
        fail_msg("%s: no place follows: %s", name, after);
}

static void on_the_console(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        static char output[CHILD_OUTPUT], text[8192], want[8192];
        const char *name = cases[i].test;
        int code = run(name, NULL, NULL, output);
        if (code != (cases[i].fails ? 1 : 0))
            fail_msg("%s: exit status %d: %s", name, code, output);
        cut_text(name, output, text, sizeof text);
        if (updating()) write_golden(name, text);
        read_golden(name, want, sizeof want);
        expect_equal(name, text, want);
        expect_clean_text(name, text);
        if (cases[i].fails) expect_place(name, output, text);
    }
}

static void a_pass_says_nothing(void **state)
{
    (void)state;
    static char output[CHILD_OUTPUT];
    assert_int_equal(run("passes", NULL, NULL, output), 0);
    assert_null(strstr(output, "saliency"));
}

/* ---- XML ------------------------------------------------------------------------------------ */

static void read_xml(char *text, size_t size)
{
    FILE *f = fopen(xml, "rb");
    assert_non_null(f);
    text[fread(text, 1, size - 1, f)] = '\0';
    fclose(f);
}

static bool has_xmllint(void)
{
    static char output[CHILD_OUTPUT];
    char sh[] = "/bin/sh", flag[] = "-c", command[] = "command -v xmllint";
    char *argv[] = {sh, flag, command, NULL};
    const char *settings[] = {NULL};
    return run_child(argv, NULL, settings, output) == 0;
}

static void expect_well_formed(const char *name)
{
    static char output[CHILD_OUTPUT];
    char sh[] = "/bin/sh", flag[] = "-c", command[] = "xmllint --noout \"$0\"";
    char *argv[] = {sh, flag, command, xml, NULL};
    const char *settings[] = {NULL};
    if (run_child(argv, NULL, settings, output)) fail_msg("%s: no XML: %s", name, output);
}

static void in_the_xml(void **state)
{
    (void)state;
    bool lint = has_xmllint();
    char setting[128];
    snprintf(setting, sizeof setting, "CMOCKA_XML_FILE=%s", xml);
    if (!lint) print_message("no xmllint here: XML is searched, not parsed\n");
    for (size_t i = 0; i < CASES; i++) {
        static char output[CHILD_OUTPUT], text[CHILD_OUTPUT], want[8192];
        const char *name = cases[i].test;
        unlink(xml); /* CMocka does not write over a file */
        int code = run(name, "CMOCKA_MESSAGE_OUTPUT=XML", setting, output);
        if (code != (cases[i].fails ? 1 : 0)) fail_msg("%s: exit status %d", name, code);
        read_xml(text, sizeof text);
        read_golden(name, want, sizeof want);
        const char *data = strstr(text, "<failure><![CDATA["), *place = strstr(text, want);
        if (cases[i].fails) {
            const char *end = data ? strstr(data, "]]></failure>") : NULL;
            if (!data || !end || !place || place < data || place > end)
                fail_msg("%s: the text is not in the XML: %s", name, text);
            expect_place(name, text, want);
        } else if (!strstr(text, "<skipped/>") || !strstr(output, want)) {
            fail_msg("%s: not skipped, or nothing said: %s %s", name, text, output);
        }
        if (lint) expect_well_formed(name);
    }
}

/* TAP carries it line by line, behind a mark of its own. */
static void in_tap(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        static char output[CHILD_OUTPUT], want[8192];
        const char *name = cases[i].test, *at = output;
        if (!cases[i].fails) continue;
        int code = run(name, "CMOCKA_MESSAGE_OUTPUT=TAP", NULL, output);
        if (code != 1 || !strstr(output, "not ok")) fail_msg("%s: %d: %s", name, code, output);
        read_golden(name, want, sizeof want);
        for (char *line = strtok(want, "\n"); line; line = strtok(NULL, "\n")) {
            at = strstr(at, line);
            if (!at) fail_msg("%s: not in TAP: \"%s\": %s", name, line, output);
            at += strlen(line);
        }
    }
}

/* ---- pictures ------------------------------------------------------------------------------- */

/* SALCHECK_OUT asks for a picture, whose path is told. */
static void with_a_picture(void **state)
{
    static char output[CHILD_OUTPUT], text[8192], want[8192];
    char path[128], made[128];
    (void)state;
    assert_int_equal(run("params", "SALCHECK_OUT=pictures", NULL, output), 1);
    cut_text("picture", output, text, sizeof text);
    read_golden("params", want, sizeof want);
    strcat(want, "  pictures     pictures/test_model_42_params_sobel.png\n");
    expect_equal("picture", text, want);
    snprintf(path, sizeof path, "%s/pictures/test_model_42_params_sobel.png", folder);
    snprintf(made, sizeof made, "%s/pictures", folder);
    assert_int_equal(access(path, R_OK), 0);
    unlink(path);
    rmdir(made);
    assert_int_equal(run("params", "SALCHECK_OUT=", NULL, output), 1);
    assert_null(strstr(output, "pictures"));
    assert_int_equal(run("params", "SALCHECK_OUT=/nowhere/at/all", NULL, output), 1);
    assert_non_null(
        strstr(output, "saliency check could not run: /nowhere/at/all: cannot be made: "));
    assert_int_equal(run("passes", "SALCHECK_OUT=/nowhere/at/all", NULL, output), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_console), cmocka_unit_test(a_pass_says_nothing),
        cmocka_unit_test(in_the_xml),     cmocka_unit_test(in_tap),
        cmocka_unit_test(with_a_picture),
    };
    return !!cmocka_run_group_tests(tests, make_folder, drop_folder);
}
