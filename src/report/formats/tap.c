/* formats/tap.c - Test Anything Protocol, version 14: a line per step, what is known of it as YAML. */
#include "report/formats/format.h"

enum { LONG = 4096, NAME = 512 };

static void quoted(sal_out *o, const char *key, const char *text)
{
    sal_out_add_(o, "  %s: \"", key);
    sal_out_text_(o, sal_escape_quoted_, text);
    sal_out_put_(o, "\"\n");
}

static void number(sal_out *o, const char *key, double value)
{
    sal_out_add_(o, "  %s: ", key);
    sal_out_exact_(o, value);
    sal_out_put_(o, "\n");
}

static void put_test(const sal_report *r, sal_out *o, const sal_verdict *v, size_t step, size_t n)
{
    const sal_step_verdict *s = &v->steps[step];
    sal_outcome outcome = sal_step_outcome_(v, step);
    char label[NAME], text[LONG], statistic[2] = {s->statistic_name, '\0'};
    sal_text t = sal_text_into_(label, sizeof label);
    sal_step_label_(v, step, &t);
    sal_out_add_(o, "%s %zu - ", outcome == SAL_PASS ? "ok" : "not ok", n);
    sal_out_text_(o, sal_escape_tap_, v->id);
    sal_out_put_(o, label[0] ? " " : "");
    sal_out_text_(o, sal_escape_tap_, label);
    sal_out_put_(o, "\n  ---\n");
    t = sal_text_into_(text, sizeof text);
    sal_step_message_(v, step, &t);
    quoted(o, "message", text);
    quoted(o, "outcome", sal_outcome_name(outcome));
    quoted(o, "statistic", statistic);
    if (sal_step_measured_(s)) {
        number(o, "value", s->statistic);
        number(o, "low", s->low);
        number(o, "high", s->high);
    }
    number(o, "limit", s->limit);
    sal_out_add_(o, "  draws: %zu\n  undefined: %zu\n", s->draws, s->undefined);
    t = sal_text_into_(text, sizeof text);
    if (outcome != SAL_PASS && step == v->decisive) sal_picture_path_(r, v, &t);
    if (text[0]) quoted(o, "picture", text);
    sal_out_put_(o, "  ...\n");
}

static void write(const sal_report *r, sal_out *o)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) n += r->verdicts[i]->n_steps;
    sal_out_add_(o, "TAP version 14\n1..%zu%s\n", n, n ? "" : " # SKIP no verdicts");
    n = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->verdicts[i]->n_steps; k++) put_test(r, o, r->verdicts[i], k, ++n);
}

const sal_format_def sal_format_tap = {.info = {"tap", "Test Anything Protocol, version 14"},
                                       .write = write};
