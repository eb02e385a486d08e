/* formats/markdown.c - a comment for a merge request: GitHub's and GitLab's Markdown. The table first,
 * then the text of what did not pass. GitLab takes a million characters, so it ends before that and says
 * what is left out. */
#include "report/formats/format.h"

enum {
    LONG = 4096,
    NAME = 512,
    NUMBERS = 2048,
    MOST = 900000,        /* bytes of all */
    FOR_TEXTS = MOST / 3, /* of these, kept back from the table */
    /* a row or a text after its escapes (6 bytes for one at most), and the lines at the end */
    LARGEST = 40000
};

static void code(sal_out *o, const char *text)
{
    if (!text[0]) return;
    sal_out_put_(o, "<code>");
    sal_out_text_(o, sal_escape_markdown_, text);
    sal_out_put_(o, "</code>");
}

/* | **fail** | model | params | sobel | fc2 | D 0.00 [0.00, 0.47] | 0.50 | 21 | */
static void put_row(sal_out *o, const sal_verdict *v, size_t step)
{
    const sal_step_verdict *s = &v->steps[step];
    sal_outcome outcome = sal_step_outcome_(v, step);
    const char *strong = outcome == SAL_PASS ? "" : "**";
    char text[NUMBERS];
    sal_out_add_(o, "| %s%s%s | ", strong, sal_outcome_name(outcome), strong);
    code(o, v->model);
    sal_out_put_(o, " | ");
    code(o, v->check);
    sal_out_put_(o, " | ");
    code(o, v->method);
    sal_out_put_(o, " | ");
    code(o, s->step[0] ? s->step : s->check);
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_add_(&t, " | ");
    if (sal_step_measured_(s)) sal_text_add_(&t, "%c ", s->statistic_name);
    sal_step_value_(s, &t);
    sal_text_add_(&t, " | ");
    sal_step_interval_(s, &t);
    sal_text_add_(&t, " | ");
    sal_measured_(&t, s->limit);
    sal_text_add_(&t, " | ");
    sal_out_put_(o, text);
    sal_out_add_(o, "%zu |\n", s->draws);
}

static bool is_full(const sal_out *o, size_t most)
{
    return o->bytes + LARGEST > most;
}

/* Rows of all steps; how many had no room. */
static size_t put_rows(const sal_report *r, sal_out *o)
{
    size_t lost = 0;
    for (sal_turn t = {0}; sal_next_step_(r, &t);) {
        if (is_full(o, MOST - FOR_TEXTS))
            lost++;
        else
            put_row(o, t.verdict, t.step);
    }
    return lost;
}

static void put_text(sal_out *o, const sal_verdict *v)
{
    char text[LONG];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_verdict_text_(v, &t);
    sal_out_add_(o, "<details><summary><strong>%s</strong> ", sal_outcome_name(v->outcome));
    code(o, v->id);
    sal_out_put_(o, "</summary>\n\n<pre>\n");
    sal_out_text_(o, sal_escape_xml_, text);
    sal_out_put_(o, "</pre>\n\n</details>\n\n");
}

static size_t put_texts(const sal_report *r, sal_out *o)
{
    size_t lost = 0;
    for (sal_turn t = {0}; sal_next_(r, &t);) {
        if (t.verdict->outcome == SAL_PASS) break;
        if (is_full(o, MOST))
            lost++;
        else
            put_text(o, t.verdict);
    }
    return lost;
}

static void write(const sal_report *r, sal_out *o)
{
    sal_tally c = sal_count_verdicts_(r);
    char text[NAME];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_tally_text_(&c, &t);
    sal_out_put_(o, "### ");
    sal_out_text_(o, sal_escape_markdown_, r->title);
    sal_out_add_(o, "\n\n%zu check%s: %s\n\n", c.n, c.n == 1 ? "" : "s", text);
    if (!r->n) return;
    sal_out_put_(o,
                 "| outcome | model | check | method | step | value | interval | limit | draws |\n"
                 "|---|---|---|---|---|--:|---|--:|--:|\n");
    size_t rows = put_rows(r, o);
    sal_out_put_(o, "\n");
    if (rows)
        sal_out_add_(o, "%zu more rows are left out: the comment would be too long.\n\n", rows);
    size_t texts = put_texts(r, o);
    if (texts)
        sal_out_add_(o, "%zu more texts are left out: the comment would be too long.\n", texts);
}

const sal_format_def sal_format_markdown = {
    .info = {"markdown", "a comment for a merge request (Markdown, below 900 kB)"}, .write = write};
