/* report/formats/plot.c - see plot.h. */
#include "report/formats/plot.h"

#include <math.h>
#include <string.h>

enum { MIDDLE = SAL_PLOT_HIGH / 2, LEFT = 40, RIGHT = 470, TOP = 8, BOTTOM = 122, LABEL = 24 };

static double lower(double low, double value, double end)
{
    return fmin(low, fmin(value, end));
}

/* A share lies between 0 and 1 but for chance; a correlation may lie below, but not below -1. */
sal_axis sal_axis_of_(const sal_report *r, double wide)
{
    static const double slack = 0.1;
    double low = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->verdicts[i]->n_steps; k++) {
            const sal_step_verdict *s = &r->verdicts[i]->steps[k];
            if (sal_step_measured_(s)) low = lower(low, s->statistic, s->low);
        }
    for (size_t i = 0; i < r->options->n_trends; i++)
        for (size_t k = 0; k < r->options->trends[i].n; k++) {
            const sal_trend_point *p = &r->options->trends[i].points[k];
            if (sal_point_drawn_(p)) low = lower(low, p->value, p->low);
        }
    return (sal_axis){fmax(low, -1) - slack, 1 + slack, wide};
}

void sal_plot_style_(sal_out *o)
{
    static const char *const rules[] = {
        "svg{color:#1f2328}",
        "svg text{fill:currentColor;font:12px system-ui,sans-serif}",
        ".big{font-size:14px}",
        ".axis{stroke:currentColor;opacity:.4}",
        ".limit{stroke:currentColor;stroke-width:1.5;stroke-dasharray:3 2}",
        ".bar{fill:currentColor;opacity:.28}",
        ".mark{fill:currentColor;stroke:currentColor;stroke-width:2}",
        ".hollow{fill:none}",
        ".line{fill:none;stroke:currentColor;opacity:.6}",
        ".pass{color:#1a6b34}",
        ".fail{color:#b3261e}",
        ".inconclusive{color:#7a5200}",
        ".invalid{color:#6a3fa0}",
        "@media screen and (prefers-color-scheme:dark){",
        "svg{color:#e6e9ec}",
        ".pass{color:#6cc58a}",
        ".fail{color:#ff8f86}",
        ".inconclusive{color:#e3b55c}",
        ".invalid{color:#c8abf5}",
        "}"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        sal_out_put_(o, rules[i]);
        sal_out_put_(o, "\n");
    }
}

static double place(const sal_axis *a, double value, double from, double to)
{
    double share = (value - a->low) / (a->high - a->low);
    return from + (to - from) * fmin(fmax(share, 0), 1);
}

static double across(const sal_axis *a, double value)
{
    return place(a, value, 0, a->wide);
}

/* name="12.3" */
static void at(sal_out *o, const char *name, double value)
{
    sal_out_add_(o, " %s=\"", name);
    sal_out_number_(o, value, 1);
    sal_out_put_(o, "\"");
}

static void line(sal_out *o, const char *class, double x1, double y1, double x2, double y2)
{
    sal_out_add_(o, "<line class=\"%s\"", class);
    at(o, "x1", x1);
    at(o, "y1", y1);
    at(o, "x2", x2);
    at(o, "y2", y2);
    sal_out_put_(o, "/>");
}

static void point(sal_out *o, double x, double y, const char *before)
{
    sal_out_put_(o, before);
    sal_out_number_(o, x, 1);
    sal_out_put_(o, " ");
    sal_out_number_(o, y, 1);
}

/* Pass: a disc; fail: a cross; inconclusive: a ring; invalid: a square. */
static void mark(sal_out *o, sal_outcome outcome, double x, double y)
{
    static const double r = 4;
    if (outcome == SAL_FAIL) {
        point(o, x - r, y - r, "<path class=\"mark fail hollow\" d=\"M");
        point(o, x + r, y + r, "L");
        point(o, x - r, y + r, "M");
        point(o, x + r, y - r, "L");
        sal_out_put_(o, "\"/>");
        return;
    }
    bool square = outcome == SAL_INVALID;
    sal_out_add_(o, "<%s class=\"mark %s%s\"", square ? "rect" : "circle",
                 sal_outcome_name(outcome), outcome == SAL_INCONCLUSIVE ? " hollow" : "");
    at(o, square ? "x" : "cx", square ? x - r + 1 : x);
    at(o, square ? "y" : "cy", square ? y - r + 1 : y);
    if (square) at(o, "width", 2 * r - 2);
    at(o, square ? "height" : "r", square ? 2 * r - 2 : r - 1);
    sal_out_put_(o, "/>");
}

static int first_tick(const sal_axis *a)
{
    return a->low < -1 ? -1 : 0;
}

/* A small arrow where an interval goes on beyond the axis. */
static void arrow(sal_out *o, const char *outcome, double x, double way)
{
    sal_out_add_(o, "<path class=\"mark %s\" d=\"", outcome);
    point(o, x - way, MIDDLE - 3, "M");
    point(o, x, MIDDLE, "L");
    point(o, x - way, MIDDLE + 3, "L");
    sal_out_put_(o, "z\"/>");
}

void sal_plot_scale_(sal_out *o, const sal_axis *a)
{
    for (int i = first_tick(a); i <= 1; i++) {
        sal_out_put_(o, "<text class=\"big\" text-anchor=\"middle\"");
        at(o, "x", across(a, i));
        at(o, "y", SAL_PLOT_HIGH - 5);
        sal_out_add_(o, ">%d</text>", i);
    }
}

void sal_plot_step_(sal_out *o, const sal_axis *a, const sal_verdict *v, size_t step)
{
    const sal_step_verdict *s = &v->steps[step];
    sal_outcome outcome = sal_step_outcome_(v, step);
    const char *name = sal_outcome_name(outcome);
    line(o, "axis", across(a, first_tick(a)), MIDDLE, across(a, 1), MIDDLE);
    for (int i = first_tick(a); i <= 1; i++)
        line(o, "axis", across(a, i), MIDDLE - 4, across(a, i), MIDDLE + 4);
    if (isfinite(s->limit)) line(o, "limit", across(a, s->limit), 1, across(a, s->limit), 19);
    if (!sal_step_measured_(s)) return;
    double high = s->high > 1 && s->limit < 1 ? 1 : s->high;
    double from = across(a, s->low), to = across(a, high);
    sal_out_add_(o, "<rect class=\"bar %s\"", name);
    at(o, "x", from);
    at(o, "y", MIDDLE - 4);
    at(o, "width", fmax(to - from, 1));
    sal_out_put_(o, " height=\"8\"/>");
    if (s->low < a->low) arrow(o, name, 1, -5);
    if (high > a->high) arrow(o, name, a->wide - 1, 5);
    mark(o, outcome, fmin(fmax(across(a, s->statistic), from), to), MIDDLE);
}

bool sal_point_drawn_(const sal_trend_point *p)
{
    return p->has_value && isfinite(p->value) && isfinite(p->low) && isfinite(p->high);
}

static double x_of(const sal_trend *t, size_t i)
{
    return t->n < 2 ? (LEFT + RIGHT) / 2.0
                    : LEFT + 6 + (RIGHT - LEFT - 12) * (double)i / (double)(t->n - 1);
}

static double up(const sal_axis *a, double value)
{
    return place(a, value, BOTTOM, TOP);
}

/* A share ends at 1, whatever its interval's rule could exclude. */
static double high_of(const sal_trend *t, size_t i)
{
    double high = t->points[i].high;
    return high > 1 && t->limit < 1 ? 1 : high;
}

/* Points from i on that follow each other without a gap: as a band of their intervals and a line. */
static size_t run_of_points(sal_out *o, const sal_axis *a, const sal_trend *t, size_t i)
{
    size_t end = i;
    while (end < t->n && sal_point_drawn_(&t->points[end])) end++;
    if (end == i) return i + 1;
    if (end == i + 1)
        line(o, "line", x_of(t, i), up(a, t->points[i].low), x_of(t, i), up(a, high_of(t, i)));
    sal_out_put_(o, "<path class=\"bar\" d=\"");
    for (size_t k = i; k < end; k++) point(o, x_of(t, k), up(a, high_of(t, k)), k == i ? "M" : "L");
    for (size_t k = end; k-- > i;) point(o, x_of(t, k), up(a, t->points[k].low), "L");
    sal_out_put_(o, "z\"/><path class=\"line\" d=\"");
    for (size_t k = i; k < end; k++)
        point(o, x_of(t, k), up(a, t->points[k].value), k == i ? "M" : "L");
    sal_out_put_(o, "\"/>");
    return end;
}

/* A label below the axis, its beginning when it is long. */
static void x_label(sal_out *o, const char *label, const char *anchor, double x)
{
    char text[LABEL + 1];
    size_t n = label ? strlen(label) : 0;
    if (!n) return;
    if (n > LABEL)
        for (n = LABEL; n && ((unsigned char)label[n] & 0xc0) == 0x80;) n--;
    memcpy(text, label, n);
    text[n] = '\0';
    sal_out_add_(o, "<text class=\"big\" text-anchor=\"%s\"", anchor);
    at(o, "x", x);
    at(o, "y", SAL_TREND_HIGH - 8);
    sal_out_put_(o, ">");
    sal_out_text_(o, sal_escape_attribute_, text);
    sal_out_put_(o, "</text>");
}

static void y_label(sal_out *o, const sal_axis *a, double value, int decimals)
{
    sal_out_put_(o, "<text class=\"big\" text-anchor=\"end\"");
    at(o, "x", LEFT - 5);
    at(o, "y", up(a, value) + 4);
    sal_out_put_(o, ">");
    sal_out_number_(o, value, decimals);
    sal_out_put_(o, "</text>");
}

/* A point without a value has its mark on the axis' lower end, so that no time is missed. */
static void put_point(sal_out *o, const sal_axis *a, const sal_trend *t, size_t i)
{
    const sal_trend_point *p = &t->points[i];
    char text[64];
    sal_text words = sal_text_into_(text, sizeof text);
    bool drawn = sal_point_drawn_(p);
    sal_text_add_(&words, "%s", sal_outcome_name(p->outcome));
    if (drawn) {
        sal_text_add_(&words, ", %c ", t->statistic_name);
        sal_measured_(&words, p->value);
    }
    sal_out_put_(o, "<g><title>");
    sal_out_text_(o, sal_escape_attribute_, p->label ? p->label : "-");
    sal_out_add_(o, ": %s</title>", text);
    mark(o, p->outcome, x_of(t, i), drawn ? up(a, p->value) : BOTTOM);
    sal_out_put_(o, "</g>");
}

void sal_plot_trend_(sal_out *o, const sal_axis *a, const sal_trend *t)
{
    for (int i = first_tick(a); i <= 1; i++) {
        line(o, "axis", LEFT, up(a, i), RIGHT, up(a, i));
        y_label(o, a, i, 0);
    }
    if (isfinite(t->limit)) {
        line(o, "limit", LEFT, up(a, t->limit), RIGHT, up(a, t->limit));
        if (fabs(t->limit - round(t->limit)) > 0.15 && t->limit < 1) y_label(o, a, t->limit, 2);
    }
    for (size_t i = 0; i < t->n;) i = run_of_points(o, a, t, i);
    for (size_t i = 0; i < t->n; i++) put_point(o, a, t, i);
    if (t->n > 1) x_label(o, t->points[0].label, "start", LEFT);
    if (t->n)
        x_label(o, t->points[t->n - 1].label, t->n > 1 ? "end" : "middle",
                t->n > 1 ? RIGHT : x_of(t, 0));
}
