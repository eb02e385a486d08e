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

/* Where the entries of a step go. */
typedef struct {
    sal_emit_ emit;
    void *self;
} entries;

static void entry(const entries *e, const char *name, const char *text)
{
    e->emit(e->self, name, text);
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

/* A file may hold any number. */
static bool is_vast(double value)
{
    return !(fabs(value) < 1e6);
}

void sal_measured_(sal_text *t, double value)
{
    if (is_vast(value))
        sal_text_add_(t, "%s", SAL_SHORT(value));
    else
        sal_text_number_(t, value, 2);
}

void sal_interval_end_(sal_text *t, double end, double limit)
{
    enum { FEWEST = 2, MOST = 6 };
    int decimals = FEWEST;
    if (end > 1 && limit < 1) end = 1;
    if (is_vast(end)) {
        sal_measured_(t, end);
        return;
    }
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
static void statistic(const entries *e, const sal_verdict *v, const sal_step_verdict *s)
{
    char name[2] = {s->statistic_name, '\0'}, line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (!s->has_statistic) {
        entry(e, name, "not defined");
        return;
    }
    sal_measured_(&l, s->statistic);
    sal_text_add_(&l, "   [");
    sal_interval_end_(&l, s->low, s->limit);
    sal_text_add_(&l, ", ");
    sal_interval_end_(&l, s->high, s->limit);
    sal_text_add_(&l, "] at ");
    percent(&l, 1 - v->alpha);
    sal_text_add_(&l, "   %s", s->scale);
    entry(e, name, line);
    l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "%s above ", name);
    sal_measured_(&l, s->limit);
    entry(e, "needed", line);
}

static void similarity(const entries *e, const sal_verdict *v, const sal_step_verdict *s)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (s->statistic_name != 'D' || s->draws == s->undefined) return;
    sal_measured_(&l, s->mean_a);
    sal_text_add_(&l, " after the change, ");
    sal_measured_(&l, s->mean_u);
    sal_text_add_(&l, " when unrelated, ");
    sal_measured_(&l, s->mean_r);
    sal_text_add_(&l, " when repeated%s   (%s)", v->measured_r ? ", measured" : "", v->metric);
    entry(e, "similarity", line);
}

/* A text of several lines, each below the label's column. */
static void lines(const entries *e, const char *name, const char *text)
{
    char line[LONG];
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, "\n");
        sal_text l = sal_text_into_(line, sizeof line);
        sal_text_add_(&l, "%.*s", (int)n, text);
        entry(e, first ? name : "", line);
        text += n + (text[n] == '\n');
    }
}

static void numbers(const entries *e, const sal_verdict *v, const sal_step_verdict *s)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    if (!s->draws) return;
    statistic(e, v, s);
    similarity(e, v, s);
    sal_text_add_(&l, "%zu over %zu inputs, %zu undefined, seed 0x%llx", s->draws, v->distinct,
                  s->undefined, (unsigned long long)v->seed);
    entry(e, "draws", line);
}

/* A verdict that was read back may lack its last steps; then none of those there says why. */
static bool ends_early(const sal_verdict *v, const sal_step_verdict *s)
{
    return v->outcome == SAL_INCONCLUSIVE && s->outcome == SAL_PASS && v->n_steps < v->total_steps;
}

static void unfinished(const entries *e, const sal_verdict *v)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "it ended after step %zu of %zu", v->n_steps, v->total_steps);
    entry(e, "because", line);
}

void sal_step_entries_(const sal_verdict *v, size_t step, sal_emit_ emit, void *self)
{
    const entries e = {emit, self};
    const sal_step_verdict *s = &v->steps[step];
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "%s%s%s", v->model, s->change[0] ? ", " : "", s->change);
    entry(&e, "model", line);
    numbers(&e, v, s);
    if (s->reason[0]) entry(&e, "because", s->reason);
    if (!s->reason[0] && ends_early(v, s)) unfinished(&e, v);
    if (s->outcome == SAL_FAIL) lines(&e, "meaning", s->meaning);
    if (v->distinct >= FEW) return;
    l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "this speaks for these %zu only", v->distinct);
    entry(&e, "few inputs", line);
}

sal_outcome sal_step_outcome_(const sal_verdict *v, size_t step)
{
    return step == v->decisive ? v->outcome : v->steps[step].outcome;
}

/* The claim is the verdict's: a step that came out otherwise is only named. */
void sal_step_claim_(const sal_verdict *v, size_t step, sal_text *text)
{
    const sal_step_verdict *s = &v->steps[step];
    if (sal_step_outcome_(v, step) == v->outcome)
        sal_text_add_(text, "%s %s", v->method, v->claim);
    else
        sal_text_add_(text, "%s, %s%s%s", v->method, s->check, s->step[0] ? " " : "", s->step);
}

/* A label of the left column, and what stands beside it. */
static void add_entry(void *self, const char *name, const char *text)
{
    sal_text *t = self;
    sal_text_add_(t, "\n  %-12s ", name);
    flow(t, text, LABELS, LABELS);
}

void sal_step_text_(const sal_verdict *v, size_t step, sal_text *t)
{
    char line[LONG];
    sal_text l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "saliency check %s: ", words[sal_step_outcome_(v, step)]);
    sal_step_claim_(v, step, &l);
    flow(t, line, 0, INDENT);
    sal_step_entries_(v, step, add_entry, t);
    /* a path can be followed only whole */
    if (v->picture[0]) sal_text_add_(t, "\n  %-12s %s", "pictures", v->picture);
    sal_text_add_(t, "\n");
}

void sal_verdict_text_(const sal_verdict *v, sal_text *t)
{
    if (v->outcome != SAL_PASS) sal_step_text_(v, v->decisive, t);
}

void sal_report_text(const sal_verdict *v, char *text, size_t size)
{
    sal_text t = sal_text_into_(text, size);
    if (v) sal_verdict_text_(v, &t);
}
