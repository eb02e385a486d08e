/* report/text.c - what a failing assertion says: what was claimed, measured, needed, where, what it
 * means, how to see it again. */
#include "report/report.h"

#include <salcheck/report.h>

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { FEW = 16 }; /* inputs below which a verdict speaks for these only */

static const char *const words[] = {"PASSED", "FAILED", "INCONCLUSIVE", "INVALID"};

static void label(sal_text *t, const char *name)
{
    sal_text_add_(t, "\n  %-12s ", name);
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

/* D            0.10   [0.06, 0.49] at 99 %      0 = ..., 1 = ... */
static void statistic(sal_text *t, const sal_verdict *v, const sal_step_verdict *s)
{
    char name[2] = {s->statistic_name, '\0'};
    label(t, name);
    if (!s->has_statistic) {
        sal_text_add_(t, "not defined");
        return;
    }
    sal_text_number_(t, s->statistic, 2);
    sal_text_add_(t, "   [");
    sal_interval_end_(t, s->low, s->limit);
    sal_text_add_(t, ", ");
    sal_interval_end_(t, s->high, s->limit);
    sal_text_add_(t, "] at ");
    percent(t, 1 - v->alpha);
    sal_text_add_(t, "   %s", s->scale);
    label(t, "needed");
    sal_text_add_(t, "%s above ", name);
    sal_text_number_(t, s->limit, 2);
}

static void similarity(sal_text *t, const sal_verdict *v, const sal_step_verdict *s)
{
    if (s->statistic_name != 'D' || s->draws == s->undefined) return;
    label(t, "similarity");
    sal_text_number_(t, s->mean_a, 2);
    sal_text_add_(t, " after the change, ");
    sal_text_number_(t, s->mean_u, 2);
    sal_text_add_(t, " when unrelated, ");
    sal_text_number_(t, s->mean_r, 2);
    sal_text_add_(t, " when repeated%s   (%s)", v->measured_r ? ", measured" : "", v->metric);
}

/* A text of several lines, each below the label's column. */
static void lines(sal_text *t, const char *name, const char *text)
{
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, "\n");
        label(t, first ? name : "");
        sal_text_add_(t, "%.*s", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

/* A long sentence, broken between words. */
static void wrapped(sal_text *t, const char *name, const char *text)
{
    enum { WIDTH = 78 };
    for (bool first = true; *text; first = false) {
        size_t n = strlen(text);
        if (n > WIDTH)
            for (n = WIDTH; n && text[n] != ' ';) n--;
        if (!n) n = strcspn(text, " ");
        label(t, first ? name : "");
        sal_text_add_(t, "%.*s", (int)n, text);
        text += n;
        while (*text == ' ') text++;
    }
}

void sal_verdict_text_(const sal_verdict *v, sal_text *t)
{
    const sal_step_verdict *s = &v->steps[v->decisive];
    if (v->outcome == SAL_PASS) return;
    sal_text_add_(t, "saliency check %s: %s %s", words[v->outcome], v->method, v->claim);
    label(t, "model");
    sal_text_add_(t, "%s%s%s", v->model, s->change[0] ? ", " : "", s->change);
    if (s->draws) {
        statistic(t, v, s);
        similarity(t, v, s);
        label(t, "draws");
        sal_text_add_(t, "%zu over %zu inputs, %zu undefined, seed 0x%llx", s->draws, v->distinct,
                      s->undefined, (unsigned long long)v->seed);
    }
    if (s->reason[0]) wrapped(t, v->outcome == SAL_INVALID ? "because" : "undecided", s->reason);
    if (v->outcome == SAL_FAIL) lines(t, "meaning", s->meaning);
    if (v->distinct < FEW) {
        label(t, "few inputs");
        sal_text_add_(t, "this speaks for these %zu only", v->distinct);
    }
    if (v->picture[0]) {
        label(t, "pictures");
        sal_text_add_(t, "%s", v->picture);
    }
    sal_text_add_(t, "\n");
}

void sal_report_text(const sal_verdict *v, char *text, size_t size)
{
    sal_text t = sal_text_into_(text, size);
    if (v) sal_verdict_text_(v, &t);
}
