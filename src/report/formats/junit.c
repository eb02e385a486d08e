/* formats/junit.c - JUnit's XML as GitLab and Jenkins read it. A suite is a model, a class a check, a
 * test a method, or a step of it. A test that is inconclusive fails, as the assertion does; one that is
 * invalid is an error. No time is told, because none was kept. */
#include "report/formats/format.h"

#include <string.h>

enum { LONG = 4096, NAME = 512, MOST_STEPS = 4096 };

static void attribute(sal_out *o, const char *name, const char *value)
{
    sal_out_add_(o, " %s=\"", name);
    sal_out_text_(o, sal_escape_attribute_, value);
    sal_out_put_(o, "\"");
}

typedef struct {
    size_t tests, failures, errors;
} counts;

static void count(const sal_verdict *v, counts *c)
{
    for (size_t k = 0; k < v->n_steps; k++) {
        sal_outcome outcome = sal_step_outcome_(v, k);
        c->tests++;
        c->failures += outcome == SAL_FAIL || outcome == SAL_INCONCLUSIVE;
        c->errors += outcome == SAL_INVALID;
    }
}

static void put_counts(sal_out *o, const counts *c)
{
    sal_out_add_(o, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\"", c->tests,
                 c->failures, c->errors);
}

static bool is_id(const sal_verdict *v, const char *separator, const char *randomisation)
{
    char id[NAME];
    sal_text t = sal_text_into_(id, sizeof id);
    sal_text_add_(&t, "%s/%s%s%s/%s", v->model, v->check, separator, randomisation, v->method);
    return !strcmp(id, v->id);
}

/* Has the verdict another step of that name? Layers may; then a number tells them apart. */
static bool has_twin(const sal_verdict *v, size_t step)
{
    const sal_step_verdict *s = &v->steps[step];
    bool found = v->n_steps > MOST_STEPS; /* no check has as many, a file may */
    for (size_t k = 0; k < v->n_steps && !found; k++)
        found =
            k != step && !strcmp(v->steps[k].check, s->check) && !strcmp(v->steps[k].step, s->step);
    return found;
}

/* Class and name tell a test from all others, and stay the same when others come and go: they are
 * the parts of a usual id, or hold an unusual one. */
static void put_names(sal_out *o, const sal_verdict *v, size_t step)
{
    char name[2 * NAME];
    bool other = is_id(v, ":", v->randomisation);
    sal_text t = sal_text_into_(name, sizeof name);
    sal_text_add_(&t, "%s%s%s", v->check, other ? ":" : "", other ? v->randomisation : "");
    attribute(o, "classname", name);
    t = sal_text_into_(name, sizeof name);
    sal_text_add_(&t, "%s", v->method);
    if (!other && !is_id(v, "", "")) sal_text_add_(&t, " (%s)", v->id);
    if (v->n_steps > 1 || v->total_steps > 1) sal_text_add_(&t, " ");
    sal_step_label_(v, step, &t);
    if (has_twin(v, step)) sal_text_add_(&t, " #%zu", step);
    attribute(o, "name", name);
}

static void put_trouble(const sal_report *r, sal_out *o, const sal_verdict *v, size_t step)
{
    char text[LONG], path[NAME * 3];
    sal_outcome outcome = sal_step_outcome_(v, step);
    const char *element = outcome == SAL_INVALID ? "error" : "failure";
    sal_text t = sal_text_into_(text, sizeof text);
    sal_step_message_(v, step, &t);
    sal_out_add_(o, "      <%s type=\"%s\"", element, sal_outcome_name(outcome));
    attribute(o, "message", text);
    sal_out_put_(o, ">");
    t = sal_text_into_(text, sizeof text);
    sal_step_text_(v, step, &t);
    sal_out_text_(o, sal_escape_xml_, text);
    sal_out_add_(o, "</%s>\n", element);
    t = sal_text_into_(path, sizeof path);
    sal_picture_path_(r, v, &t);
    if (!path[0] || t.truncated || step != v->decisive) return;
    sal_out_put_(o, "      <system-out>[[ATTACHMENT|");
    sal_out_text_(o, sal_escape_attribute_, path);
    sal_out_put_(o, "]]</system-out>\n");
}

static void put_tests(const sal_report *r, sal_out *o, const sal_verdict *v)
{
    for (size_t k = 0; k < v->n_steps; k++) {
        bool passes = sal_step_outcome_(v, k) == SAL_PASS;
        sal_out_put_(o, "    <testcase");
        put_names(o, v, k);
        sal_out_put_(o, passes ? "/>\n" : ">\n");
        if (passes) continue;
        put_trouble(r, o, v, k);
        sal_out_put_(o, "    </testcase>\n");
    }
}

static void put_suite(const sal_report *r, sal_out *o, size_t first)
{
    counts c = {0};
    for (size_t i = first; i < r->n; i++)
        if (sal_same_model_(r, first, i)) count(r->verdicts[i], &c);
    sal_out_put_(o, "  <testsuite");
    attribute(o, "name", r->verdicts[first]->model);
    put_counts(o, &c);
    sal_out_put_(o, ">\n");
    for (size_t i = first; i < r->n; i++)
        if (sal_same_model_(r, first, i)) put_tests(r, o, r->verdicts[i]);
    sal_out_put_(o, "  </testsuite>\n");
}

static void write(const sal_report *r, sal_out *o)
{
    counts all = {0};
    for (size_t i = 0; i < r->n; i++) count(r->verdicts[i], &all);
    sal_out_put_(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute(o, "name", r->title);
    put_counts(o, &all);
    sal_out_put_(o, ">\n");
    for (size_t i = 0; i < r->n; i++)
        if (sal_first_of_model_(r, i)) put_suite(r, o, i);
    sal_out_put_(o, "</testsuites>\n");
}

const sal_format_def sal_format_junit = {.info = {"junit", "tests for GitLab and Jenkins (XML)"},
                                         .write = write};
