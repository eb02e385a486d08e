/* gate/trend_svg.c - trends as a picture: a panel per series, from the oldest commit on the left. Shape
 * tells outcomes apart where colour does not. */
#include "base/base.h"
#include "base/save.h"

#include <salcheck/history.h>

#include <stdio.h>
#include <string.h>

enum { WIDTH = 760, PANEL = 190, LEFT = 50, RIGHT = 20, TOP = 40, PLOT = 110, HEAD = 40 };

static const char style[] = "<style>\n"
                            "svg{background:#fff;color:#1b1f24;font:13px system-ui,sans-serif}\n"
                            "text{fill:currentColor}\n"
                            ".id{font-weight:600}\n"
                            ".grid{stroke:#d5d9de}\n"
                            ".limit{stroke:#6b7280;stroke-dasharray:5 4}\n"
                            ".line{fill:none;stroke:#4a6fa5;stroke-width:1.5}\n"
                            ".bar{stroke:#4a6fa5;stroke-width:2;opacity:.45}\n"
                            ".pass{fill:#1a7f37;stroke:#1a7f37}\n"
                            ".fail{fill:none;stroke:#c5221f;stroke-width:2.5}\n"
                            ".inconclusive{fill:none;stroke:#8a5a00;stroke-width:2}\n"
                            ".invalid{fill:#7a3e9d;stroke:#7a3e9d}\n"
                            "@media(prefers-color-scheme:dark){\n"
                            "svg{background:#14171a;color:#e6e8eb}\n"
                            ".grid{stroke:#33393f}\n"
                            ".limit{stroke:#9aa3ad}\n"
                            ".line,.bar{stroke:#8db4ea}\n"
                            ".pass{fill:#56d364;stroke:#56d364}\n"
                            ".fail{stroke:#ff7b72}\n"
                            ".inconclusive{stroke:#e3b341}\n"
                            ".invalid{fill:#d2a8ff;stroke:#d2a8ff}\n"
                            "}\n"
                            "</style>\n";

/* One element at a time, then to the file. */
typedef struct {
    FILE *file;
    char buffer[4096];
    sal_text text;
} drawing;

static void put(drawing *d)
{
    (void)fwrite(d->buffer, 1, d->text.length, d->file); /* an error stays with the stream */
    d->text = sal_text_into_(d->buffer, sizeof d->buffer);
}

static void add(drawing *d, const char *text)
{
    sal_text_add_(&d->text, "%s", text);
}

/* Text that may come from a file that anybody changed. */
static void add_escaped(drawing *d, const char *text)
{
    for (; *text; text++) {
        const char *name = *text == '&'   ? "&amp;"
                           : *text == '<' ? "&lt;"
                           : *text == '>' ? "&gt;"
                           : *text == '"' ? "&quot;"
                                          : NULL;
        if (name)
            add(d, name);
        else if ((unsigned char)*text < ' ' || *text == 127)
            add(d, " ");
        else
            sal_text_add_(&d->text, "%c", *text);
    }
}

static void add_number(drawing *d, double value, int decimals)
{
    sal_text_number_(&d->text, value, decimals);
}

/* name="value" */
static void add_place(drawing *d, const char *name, double value)
{
    sal_text_add_(&d->text, " %s=\"", name);
    add_number(d, value, 1);
    add(d, "\"");
}

static void line(drawing *d, const char *kind, double x1, double y1, double x2, double y2)
{
    sal_text_add_(&d->text, "<line class=\"%s\"", kind);
    add_place(d, "x1", x1);
    add_place(d, "y1", y1);
    add_place(d, "x2", x2);
    add_place(d, "y2", y2);
    add(d, "/>\n");
    put(d);
}

static void label(drawing *d, const char *attributes, double x, double y, const char *text)
{
    sal_text_add_(&d->text, "<text%s", attributes);
    add_place(d, "x", x);
    add_place(d, "y", y);
    add(d, ">");
    add_escaped(d, text);
    add(d, "</text>\n");
    put(d);
}

/* ---- one panel -------------------------------------------------------------------------------- */

typedef struct {
    const sal_history_series *s;
    double top; /* of the plot */
} panel;

static double x_of(const panel *p, size_t i)
{
    double room = WIDTH - LEFT - RIGHT - 20;
    double share = p->s->n > 1 ? (double)i / (double)(p->s->n - 1) : .5;
    return LEFT + 10 + share * room;
}

static double y_of(const panel *p, double value)
{
    double inside = value < 0 ? 0 : value > 1 ? 1 : value;
    return p->top + (1 - inside) * PLOT;
}

/* By outcome: disc, cross, ring, square; from their middle. */
static const char *const shapes[] = {"m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "m-5-5l10 10m0-10l-10 10",
                                     "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "m-4-4h8v8h-8z"};

static void legend(drawing *d)
{
    static const double at[] = {LEFT + 5, LEFT + 75, LEFT + 140, LEFT + 260};
    for (int i = SAL_PASS; i <= SAL_INVALID; i++) {
        const char *outcome = sal_outcome_name((sal_outcome)i);
        sal_text_add_(&d->text, "<path class=\"%s\" d=\"M", outcome);
        add_number(d, at[i], 0);
        sal_text_add_(&d->text, " 20%s\"/>\n", shapes[i]);
        put(d);
        label(d, "", at[i] + 11, 24, outcome);
    }
    label(d, "", LEFT + 335, 24, "bars: intervals; dashes: the limit");
}

static void marker(drawing *d, const panel *p, size_t i)
{
    const sal_history_point *one = &p->s->points[i];
    const char *outcome = sal_outcome_name(one->outcome);
    double x = x_of(p, i), y = y_of(p, one->has_value ? one->value : 0);
    sal_text_add_(&d->text, "<g class=\"%s\"><title>", outcome);
    add_escaped(d, one->commit);
    add(d, ", ");
    add_escaped(d, one->date);
    sal_text_add_(&d->text, ": %s", outcome);
    if (one->has_value) {
        sal_text_add_(&d->text, ", %c ", p->s->statistic_name);
        add_number(d, one->value, 2);
        add(d, " [");
        add_number(d, one->low, 2);
        add(d, ", ");
        add_number(d, one->high, 2);
        add(d, "]");
    }
    add(d, "</title><path d=\"M");
    add_number(d, x, 1);
    add(d, " ");
    add_number(d, y, 1);
    sal_text_add_(&d->text, "%s\"/></g>\n", shapes[one->outcome]);
    put(d);
}

static void curve(drawing *d, const panel *p)
{
    bool pen = false;
    add(d, "<path class=\"line\" d=\"");
    for (size_t i = 0; i < p->s->n; i++) {
        const sal_history_point *one = &p->s->points[i];
        if (one->has_value) {
            add(d, pen ? "L" : "M");
            add_number(d, x_of(p, i), 1);
            add(d, " ");
            add_number(d, y_of(p, one->value), 1);
            if (d->text.length > sizeof d->buffer / 2) put(d);
        }
        pen = one->has_value;
    }
    add(d, "\"/>\n");
    put(d);
}

static void draw_panel(drawing *d, const panel *p)
{
    const sal_history_series *s = p->s;
    char title[480], start[100], end[100];
    const sal_history_point *last = &s->points[s->n - 1];
    snprintf(title, sizeof title, "%.320s  %.88s", s->id, s->step);
    snprintf(start, sizeof start, "%.12s  %.10s", s->points[0].commit, s->points[0].date);
    snprintf(end, sizeof end, "%.12s  %.10s", last->commit, last->date);
    label(d, " class=\"id\"", LEFT, p->top - 14, title);
    static const char *const ticks[] = {"0", "0.5", "1"};
    for (int i = 0; i < 3; i++) {
        double y = y_of(p, .5 * i);
        line(d, "grid", LEFT, y, WIDTH - RIGHT, y);
        label(d, " text-anchor=\"end\"", LEFT - 8, y + 4, ticks[i]);
    }
    const char name[2] = {s->statistic_name, '\0'};
    label(d, "", 8, y_of(p, .5) + 4, name);
    line(d, "limit", LEFT, y_of(p, last->limit), WIDTH - RIGHT, y_of(p, last->limit));
    for (size_t i = 0; i < s->n; i++)
        if (s->points[i].has_value)
            line(d, "bar", x_of(p, i), y_of(p, s->points[i].low), x_of(p, i),
                 y_of(p, s->points[i].high));
    curve(d, p);
    for (size_t i = 0; i < s->n; i++) marker(d, p, i);
    if (s->n > 1) label(d, "", LEFT, p->top + PLOT + 22, start);
    label(d, " text-anchor=\"end\"", WIDTH - RIGHT, p->top + PLOT + 22, end);
}

sal_status sal_history_plot(const sal_history_trends *trends, const char *path, sal_error *err)
{
    sal_save file;
    drawing d;
    if (!trends || !path) return sal_fail_(err, SAL_E_ARG, "trends or path is NULL");
    sal_status st = sal_save_begin_(trends->env, path, &file, err);
    if (st != SAL_OK) return st;
    d.file = file.stream;
    d.text = sal_text_into_(d.buffer, sizeof d.buffer);
    size_t height = HEAD + PANEL * (trends->n ? trends->n : 1);
    sal_text_add_(&d.text,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" width=\"%d\" "
                  "height=\"%zu\" role=\"img\" aria-labelledby=\"t\">\n"
                  "<title id=\"t\">Saliency checks, commit by commit: %zu trends</title>\n",
                  WIDTH, height, WIDTH, height, trends->n);
    put(&d);
    (void)fwrite(style, 1, sizeof style - 1, d.file);
    if (trends->n) legend(&d);
    for (size_t i = 0; i < trends->n; i++) {
        panel p = {&trends->series[i], HEAD + TOP + (double)i * PANEL};
        draw_panel(&d, &p);
    }
    if (!trends->n) label(&d, "", LEFT, HEAD + TOP, "nothing in this history");
    add(&d, "</svg>\n");
    put(&d);
    return sal_save_commit_(&file, err);
}
