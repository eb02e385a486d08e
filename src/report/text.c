/* report/text.c - what a failing assertion says: what was claimed, measured, needed, where, what it
 * means, how to see it again. */
#include "report/report.h"

#include <salcheck/report.h>

#include <ctype.h>
#include <math.h>
#include <string.h>

enum {
    FEW = 16,  /* inputs below which a verdict speaks for these only */
    LINE = 99, /* most bytes of a line */
    INDENT = 2,
    LABELS = 15, /* width of the left column */
    LONG = 512   /* more than a line takes of the longest fields */
};

static const char *const words[] = {"PASSED", "FAILED", "INCONCLUSIVE", "INVALID"};

/* Bytes of text that fit into `width`: up to a space, or as many as there are when no space helps,
 * but never a part of a character. */
static size_t piece(const char *text, size_t width)
{
    size_t n = strlen(text), cut = width;
    if (n <= width) return n;
    while (cut && text[cut] != ' ') cut--;
    while (cut && text[cut - 1] == ' ') cut--;
    if (cut) return cut;
    for (cut = width; cut && ((unsigned char)text[cut] & 0xc0) == 0x80;) cut--;
    return cut ? cut : width;
}

/* Adds text that starts in column `column`, and goes on in column `left` below. */
static void flow(sal_text *t, const char *text, size_t column, size_t left)
{
    for (bool first = true; *text; first = false, column = left) {
        size_t n = piece(text, LINE - column);
        if (!first) sal_text_add_(t, "\n%*s", (int)left, "");
        sal_text_add_(t, "%.*s", (int)n, text);
        text += n;
        while (*text == ' ') text++;
    }
}

void sal_text_flow_(sal_text *t, const char *text)
{
    flow(t, text, 0, INDENT);
    sal_text_add_(t, "\n");
}

/* A label of the left column, and what stands beside it. */
static void entry(sal_text *t, const char *name, const char *text)
{
    sal_text_add_(t, "\n  %-12s ", name);
    flow(t, text, LABELS, LABELS);
}

static double rounded(double value, int decimals)
{
    double unit = pow(10, decimals);
    return round(value * unit) / unit;
}

static bool strays(double shown, double end, double limit)
{
    return end > limit ? shown <= limit : end < limit && shown >= limit;
}

void sal_interval_end_(sal_text *t, double end, double limit)
{
    enum { FEWEST = 2, MOST = 6 };
    int decimals = FEWEST;
    if (end > 1 && limit < 1) end = 1;
    while (decimals < MOST && strays(rounded(end, decimals), end, limit)) decimals++;
    double shown = rounded(end, decimals);
    if (strays(shown, end, limit)) shown = limit + (end > limit ? 1e-6 : -1e-6);
    sal_text_number_(t, shown, decimals);
}

static void percent(sal_text *t, double share)
{
    double p = 100 * share;
    int decimals = 0;
    while (decimals < 4 && fabs(p * pow(10, decimals) - round(p * pow(10, decimals))) > 1e-6)
        decimals++;
    sal_text_number_(t, p, decimals);
    sal_text_add_(t, " %%");
}

/* D            0.10   [0.06, 0.49] at 99 %   0 = ..., 1 = ... */
static void statistic(sal_text *t, const sal_verdict *v, const sal_step_verdict *s)
{
    char name[2] = {s->statistic_name, '\0'}, line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (!s->has_statistic) {
        entry(t, name, "not defined");
        return;
    }
    sal_text_number_(&l, s->statistic, 2);
    sal_text_add_(&l, "   [");
    sal_interval_end_(&l, s->low, s->limit);
    sal_text_add_(&l, ", ");
    sal_interval_end_(&l, s->high, s->limit);
    sal_text_add_(&l, "] at ");
    percent(&l, 1 - v->alpha);
    sal_text_add_(&l, "   %s", s->scale);
    entry(t, name, line);
    l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "%s above ", name);
    sal_text_number_(&l, s->limit, 2);
    entry(t, "needed", line);
}

static void similarity(sal_text *t, const sal_verdict *v, const sal_step_verdict *s)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (s->statistic_name != 'D' || s->draws == s->undefined) return;
    sal_text_number_(&l, s->mean_a, 2);
    sal_text_add_(&l, " after the change, ");
    sal_text_number_(&l, s->mean_u, 2);
    sal_text_add_(&l, " when unrelated, ");
    sal_text_number_(&l, s->mean_r, 2);
    sal_text_add_(&l, " when repeated%s   (%s)", v->measured_r ? ", measured" : "", v->metric);
    entry(t, "similarity", line);
}

/* A text of several lines, each below the label's column. */
static void lines(sal_text *t, const char *name, const char *text)
{
    char line[LONG];
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, "\n");
        sal_text l = sal_text_into_(line, sizeof line);
        sal_text_add_(&l, "%.*s", (int)n, text);
        entry(t, first ? name : "", line);
        text += n + (text[n] == '\n');
    }
}

static void numbers(sal_text *t, const sal_verdict *v, const sal_step_verdict *s)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (!s->draws) return;
    statistic(t, v, s);
    similarity(t, v, s);
    sal_text_add_(&l, "%zu over %zu inputs, %zu undefined, seed 0x%llx", s->draws, v->distinct,
                  s->undefined, (unsigned long long)v->seed);
    entry(t, "draws", line);
}

void sal_verdict_text_(const sal_verdict *v, sal_text *t)
{
    const sal_step_verdict *s = &v->steps[v->decisive];
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (v->outcome == SAL_PASS) return;
    sal_text_add_(&l, "saliency check %s: %s %s", words[v->outcome], v->method, v->claim);
    flow(t, line, 0, INDENT);
    l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "%s%s%s", v->model, s->change[0] ? ", " : "", s->change);
    entry(t, "model", line);
    numbers(t, v, s);
    if (s->reason[0]) entry(t, "because", s->reason);
    if (v->outcome == SAL_FAIL) lines(t, "meaning", s->meaning);
    if (v->distinct < FEW) {
        l = sal_text_into_(line, sizeof line);
        sal_text_add_(&l, "this speaks for these %zu only", v->distinct);
        entry(t, "few inputs", line);
    }
    /* a path can be followed only whole */
    if (v->picture[0]) sal_text_add_(t, "\n  %-12s %s", "pictures", v->picture);
    sal_text_add_(t, "\n");
}

void sal_report_text(const sal_verdict *v, char *text, size_t size)
{
    sal_text t = sal_text_into_(text, size);
    if (v) sal_verdict_text_(v, &t);
}
