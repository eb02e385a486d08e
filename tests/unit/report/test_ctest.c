/* CTest's measurements: their names and numbers, whatever the names and however small the buffer. */
#include "support.h"
#include "verdicts.h"

#include "report/report.h"

#include <stdio.h>
#include <string.h>

static const char *render(const made_verdict *m)
{
    static char text[16384];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_verdict_ctest_(&m->v, &t);
    return text;
}

#define NUMBER "<CTestMeasurement type=\"numeric/double\" name=\""

static void one_step(void **state)
{
    made_verdict m;
    (void)state;
    make_verdict(&m);
    assert_string_equal(
        render(&m),
        NUMBER "mnist_cnn: guided-backprop params fc2 D\">0.081081</CTestMeasurement>\n" NUMBER
               "mnist_cnn: guided-backprop params fc2 D low\">0.057100</CTestMeasurement>\n" NUMBER
               "mnist_cnn: guided-backprop params fc2 D high\">0.494900</CTestMeasurement>\n");
}

static void several_steps(void **state)
{
    made_verdict m;
    (void)state;
    make_verdict(&m);
    m.v.n_steps = 3;
    strcpy(m.steps[0].check, "reproducible");
    m.steps[0].step[0] = '\0';
    m.steps[0].statistic_name = 'R';
    m.steps[1].has_statistic = false; /* nothing was measured: no line */
    const char *text = render(&m);
    assert_non_null(strstr(text, "\"mnist_cnn: guided-backprop reproducible R\">0.081081<"));
    assert_non_null(strstr(text, "\"mnist_cnn: guided-backprop params fc2 D\">"));
    size_t lines = 0;
    for (const char *c = text; *c; c++) lines += *c == '\n';
    assert_int_equal(lines, 6);
}

static void a_picture(void **state)
{
    made_verdict m;
    (void)state;
    make_verdict(&m);
    strcpy(m.v.picture, "out/a.png"); /* CTest would look for it elsewhere */
    assert_null(strstr(render(&m), "File"));
    strcpy(m.v.picture, "/o<u>t/a.png");
    assert_non_null(strstr(render(&m), "<CTestMeasurementFile type=\"image/png\" "
                                       "name=\"mnist_cnn: guided-backprop params fc2\">"
                                       "/o&lt;u&gt;t/a.png</CTestMeasurementFile>\n"));
}

static void names_from_anywhere(void **state)
{
    made_verdict m;
    (void)state;
    make_verdict(&m);
    strcpy(m.v.model, "a<b>\"&\n\xff]]>");
    assert_non_null(strstr(render(&m), "name=\"a&lt;b&gt;&quot;&amp; ?]] : guided-backprop "));
    memset(m.v.model, '"', sizeof m.v.model - 1); /* the longest there are */
    memset(m.v.method, '&', sizeof m.v.method - 1);
    memset(m.steps[0].step, '<', sizeof m.steps[0].step - 1);
    memset(m.steps[0].check, '>', sizeof m.steps[0].check - 1);
    const char *text = render(&m);
    assert_non_null(strstr(text, " D high\">0.494900</CTestMeasurement>\n"));
}

/* Whole lines only: CTest would search for the end of an element in what a test says later. */
static void small_buffers(void **state)
{
    made_verdict m;
    char whole[1024];
    (void)state;
    make_verdict(&m);
    strcpy(whole, render(&m));
    for (size_t size = 0; size < sizeof whole; size++) {
        char text[sizeof whole + 1];
        memset(text, '#', sizeof text);
        sal_text t = sal_text_into_(text, size);
        sal_verdict_ctest_(&m.v, &t);
        assert_int_equal(text[size], '#');
        if (!size) continue;
        size_t n = strlen(text);
        if (n && text[n - 1] != '\n') fail_msg("%zu bytes: half a line: %s", size, text);
        if (size > strlen(whole)) assert_string_equal(text, whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step),      cmocka_unit_test(several_steps),
        cmocka_unit_test(a_picture),     cmocka_unit_test(names_from_anywhere),
        cmocka_unit_test(small_buffers),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
