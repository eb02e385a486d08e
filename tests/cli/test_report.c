/* tests/cli/test_report.c - salcheck report: every format from kept verdicts, several files, pictures
 * beside them, what is cut, there twice or misused. */
#define _POSIX_C_SOURCE 200809L
#include "program.h"

#include <salcheck/report.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT SAL_TESTS_DIR "/fuzz/corpus/verdicts/"
#define PICTURE SAL_TESTS_DIR "/fuzz/corpus/picture/picture.png"

/* A file of the working folder as text, which is removed; release with free(). */
static char *taken(const scratch *s, const char *name)
{
    char path[160];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    unsigned char *bytes = read_bytes(path, &size);
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    free(bytes);
    unlink(path);
    return text;
}

static void all_formats_at_once(void **state)
{
    const scratch *s = *state;
    char options[512] = "";
    for (size_t i = 0; sal_report_format_get(i); i++) {
        const char *name = sal_report_format_get(i)->name;
        size_t n = strlen(options);
        snprintf(options + n, sizeof options - n, " --%s all.%s", name, name);
    }
    const answer *a = salcheck(s, "report " KEPT "two%s --title 'Nightly <1>'", options);
    expect(a, "all", 0, "");
    assert_string_equal(a->out, "");
    assert_string_equal(a->err, "");
    for (size_t i = 0; sal_report_format_get(i); i++) {
        char name[64];
        const char *format = sal_report_format_get(i)->name;
        snprintf(name, sizeof name, "all.%s", format);
        char *text = taken(s, name);
        if (!strstr(text, "sobel")) fail_msg("%s: no sobel in %s", format, text);
        if (strchr("jhms", format[0]) && !strstr(text, "Nightly &lt;1&gt;"))
            fail_msg("%s: no title", format);
        free(text);
    }
}

/* A file of verdicts that names a picture. */
static void keep_with_picture(const scratch *s)
{
    expect(salcheck(s, "--version; mkdir -p runs/salcheck-out other && "
                       "cp " PICTURE " runs/salcheck-out/some.png && sed -e "
                       "'s,\"picture\":\"[^\"]*\",\"picture\":\"some.png\",' " KEPT
                       "two >runs/kept.jsonl"),
           "fixture", 0, "");
}

static void pictures_are_beside_the_file(void **state)
{
    static const struct {
        const char *name, *options, *want;
        bool inlined;
    } cases[] = {
        {"beside", "", "<figcaption>some.png</figcaption>", true},
        {"given", "--pictures runs/salcheck-out", "<figcaption>some.png</figcaption>", true},
        {"elsewhere", "--pictures other", "other/some.png: no picture here, not found", false},
    };
    const scratch *s = *state;
    keep_with_picture(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect(
            salcheck(s, "report runs/kept.jsonl --html r.html --junit r.xml %s", cases[i].options),
            cases[i].name, 0, "");
        char *html = taken(s, "r.html"), *xml = taken(s, "r.xml");
        if (!strstr(html, cases[i].want)) fail_msg("%s: %s", cases[i].name, html);
        if (!strstr(html, "src=\"data:image/png;base64,iVBOR") == cases[i].inlined)
            fail_msg("%s: inlined or not", cases[i].name);
        if (!strstr(xml, "some.png]]</system-out>")) fail_msg("%s: %s", cases[i].name, xml);
        free(html);
        free(xml);
    }
    expect(salcheck(s, "report runs/kept.jsonl --html r.html --pictures ''"), "none", 0, "");
    char *html = taken(s, "r.html");
    assert_null(strstr(html, "<figure>"));
    free(html);
    expect(salcheck(s, "--version; rm -r runs other"), "clean", 0, "");
}

static void several_files(void **state)
{
    const scratch *s = *state;
    expect(salcheck(s, "--version; sed 's/mnist_cnn/resnet/g' " KEPT "two >more.jsonl"), "copy", 0,
           "");
    expect(salcheck(s, "report " KEPT "two more.jsonl --junit r.xml"), "two files", 0, "");
    char *xml = taken(s, "r.xml");
    assert_non_null(strstr(xml, "tests=\"4\""));
    assert_non_null(strstr(xml, "<testsuite name=\"mnist_cnn.onnx\" tests=\"2\""));
    assert_non_null(strstr(xml, "<testsuite name=\"resnet.onnx\" tests=\"2\""));
    free(xml);
    expect(salcheck(s, "report more.jsonl " KEPT "two more.jsonl --junit r.xml"), "twice", 4,
           "\"resnet.onnx/params/gradient\" is both in more.jsonl and in more.jsonl");
    expect(salcheck(s, "report " KEPT "two ./more.jsonl more.jsonl --junit r.xml"), "two names", 4,
           "more.jsonl and in ");
    free(taken(s, "more.jsonl"));
    char path[160];
    snprintf(path, sizeof path, "%s/r.xml", s->folder);
    assert_int_equal(access(path, F_OK), -1);
}

static void the_past_is_added(void **state)
{
    const scratch *s = *state;
    static const char *const commits[] = {"one", "two", "three"};
    for (size_t i = 0; i < 3; i++)
        expect(salcheck(s, "history add h.db " KEPT "two --commit %s --date 2026-01-0%zu",
                        commits[i], i + 1),
               commits[i], 0, "");
    expect(salcheck(s, "--version; sed 's/mnist_cnn/resnet/g' " KEPT "two >more.jsonl"), "copy", 0,
           "");
    expect(salcheck(s, "report " KEPT "two --html r.html --history h.db"), "history", 0, "");
    char *html = taken(s, "r.html");
    assert_non_null(strstr(html, "<h3>mnist_cnn.onnx/params/sobel fc2</h3>"));
    assert_non_null(strstr(html, "<th scope=\"row\">three 2026-01-03</th>"));
    assert_non_null(strstr(html, "<h2 id=\"trends-head\">Over time</h2>"));
    free(html);
    expect(salcheck(s, "report more.jsonl --html r.html --history h.db"), "others", 0, "");
    html = taken(s, "r.html");
    assert_null(strstr(html, "Over time"));
    free(html);
    expect(salcheck(s, "report more.jsonl --html r.html --history absent.db"), "absent", 4,
           "absent.db");
    free(taken(s, "more.jsonl"));
    free(taken(s, "h.db"));
}

static void a_lost_end_is_told(void **state)
{
    const scratch *s = *state;
    expect(salcheck(s, "--version; head -c -20 " KEPT "two >lost.jsonl"), "fixture", 0, "");
    expect(salcheck(s, "report lost.jsonl --tap r.tap"), "cut", 0,
           "salcheck report: lost.jsonl: line 2 is cut short and left out");
    free(taken(s, "lost.jsonl"));
    char *tap = taken(s, "r.tap");
    if (!strstr(tap, "\n1..1\n")) fail_msg("%s", tap);
    free(tap);
}

static void misuse_and_errors(void **state)
{
    static const struct {
        const char *name, *arguments, *part;
        int code;
    } cases[] = {
        {"no format", KEPT "two", "no report is asked for, such as --html FILE", 2},
        {"no file", "--html r.html", "an argument is missing", 2},
        {"near", KEPT "two --htm r", "unknown option '--htm'; did you mean '--html'?", 2},
        {"no value", KEPT "two --junit", "--junit needs a value: FILE", 2},
        {"absent", "absent.jsonl --tap r", "absent.jsonl", 4},
        {"schema", KEPT "other_schema --tap r", "schema", 4},
        {"conflict", KEPT "conflict --tap r", "merge conflict", 4},
        {"folder", KEPT "two --tap none/r.tap", "none/r.tap: cannot be written", 4},
    };
    const scratch *s = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(salcheck(s, "report %s", cases[i].arguments), cases[i].name, cases[i].code,
               cases[i].part);
    /* an option of a report is none elsewhere */
    expect(salcheck(s, "check params a b --html r.html"), "check", 2, "unknown option '--html'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_formats_at_once), cmocka_unit_test(pictures_are_beside_the_file),
        cmocka_unit_test(several_files),       cmocka_unit_test(a_lost_end_is_told),
        cmocka_unit_test(misuse_and_errors),   cmocka_unit_test(the_past_is_added),
    };
    return !!cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
