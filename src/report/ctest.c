/* report/ctest.c - what CTest takes out of a test's output (cmake 3.21 and later) and sends to a
 * dashboard, which draws a line of each name over time. */
#include "report/report.h"

#include <string.h>

enum { ELEMENT = 2048, NAME = 384 };

/* Text inside an element or an attribute. */
static void add_escaped(sal_text *t, const char *text)
{
    for (const char *c = text; *c; c++) {
        const char *name = *c == '&'   ? "&amp;"
                           : *c == '<' ? "&lt;"
                           : *c == '>' ? "&gt;"
                           : *c == '"' ? "&quot;"
                                       : NULL;
        if (name)
            sal_text_add_(t, "%s", name);
        else
            sal_text_add_(t, "%c", *c);
    }
}

/* A whole line or nothing: CTest must not see the start of an element without its end. */
static void add_line(sal_text *t, const sal_text *line)
{
    if (line->truncated || t->length + line->length + 2 > t->size) return;
    sal_text_add_(t, "%s\n", line->at);
}

/* MODEL: METHOD CHECK STEP */
static void name_of(const sal_verdict *v, const sal_step_verdict *s, char *name, size_t size)
{
    sal_text t = sal_text_into_(name, size);
    sal_text_add_(&t, "%s: %s %s%s%s", v->model, v->method, s->check, s->step[0] ? " " : "",
                  s->step);
    sal_text_make_safe_(name, false);
}

static void number(sal_text *t, const char *name, char statistic, const char *end, double value)
{
    char text[ELEMENT];
    sal_text line = sal_text_into_(text, sizeof text);
    sal_text_add_(&line, "<CTestMeasurement type=\"numeric/double\" name=\"");
    add_escaped(&line, name);
    sal_text_add_(&line, " %c%s\">", statistic, end);
    sal_text_number_(&line, value, 6);
    sal_text_add_(&line, "</CTestMeasurement>");
    add_line(t, &line);
}

static void picture(sal_text *t, const char *name, const char *path)
{
    char text[ELEMENT];
    sal_text line = sal_text_into_(text, sizeof text);
    sal_text_add_(&line, "<CTestMeasurementFile type=\"image/png\" name=\"");
    add_escaped(&line, name);
    sal_text_add_(&line, "\">");
    add_escaped(&line, path);
    sal_text_add_(&line, "</CTestMeasurementFile>");
    add_line(t, &line);
}

void sal_verdict_ctest_(const sal_verdict *v, sal_text *t)
{
    char name[NAME];
    for (size_t i = 0; i < v->n_steps; i++) {
        const sal_step_verdict *s = &v->steps[i];
        if (!s->has_statistic) continue;
        name_of(v, s, name, sizeof name);
        number(t, name, s->statistic_name, "", s->statistic);
        number(t, name, s->statistic_name, " low", s->low);
        number(t, name, s->statistic_name, " high", s->high);
    }
    /* CTest looks for a relative path in its own folder, not in the test's */
    if (v->picture[0] != '/') return;
    name_of(v, &v->steps[v->decisive], name, sizeof name);
    picture(t, name, v->picture);
}
