/* report/picture/chart.c - charts of curves: title, legend, panels in rows, note. The panels of a chart have
 * the same points and the same curves. */
#include "report/picture/png.h"
#include "report/picture/stroke.h"

#include <salcheck/report.h>

#include <math.h>

enum {
    MARGIN = 14,
    GAP = 10,
    PLOT_HIGH = 300,
    STEP = 30, /* from point to point; within a panel's least and largest width */
    NARROWEST = 300,
    WIDEST = 900,
    VALUES_WIDE = 40, /* of the numbers left of a plot */
    TICK = 4,
    LABEL_MOST = 24, /* characters of a point's label */
    SWATCH = 34,
    MOST_POINTS = 4096,
    MOST_PANELS = 64
};

static const sal_rgb paper = {246, 246, 244}, plot = {255, 255, 255}, ink = {24, 24, 24},
                     faint = {110, 110, 110}, rule = {176, 176, 176}, grid = {226, 226, 224};

/* Apart for most eyes: after Okabe and Ito, with the three that follow darker or greyer. */
static const sal_rgb colours[SAL_CHART_MAX_CURVES] = {
    {0, 114, 178},  {213, 94, 0},  {0, 158, 115}, {204, 121, 167}, {230, 159, 0},
    {86, 180, 233}, {110, 64, 30}, {96, 60, 150}, {120, 120, 120}, {20, 20, 20}};

typedef struct layout {
    const sal_chart *chart;
    size_t columns, rows;
    size_t plot_wide, labels_high; /* labels: of the points, below each plot */
    size_t panel_wide, panel_high;
    size_t width, height, legend_y, panels_y, note_y;
} layout;

static sal_status check_chart(const sal_chart *c, sal_error *err)
{
    for (size_t i = 0; i < sizeof c->reserved_ / sizeof c->reserved_[0]; i++)
        if (c->reserved_[i]) return sal_fail_(err, SAL_E_ARG, "reserved_ of the chart is not 0");
    if (!c->points || c->points > MOST_POINTS || !c->curves || c->curves > SAL_CHART_MAX_CURVES)
        return sal_fail_(err, SAL_E_ARG,
                         "a chart of %zu curves of %zu points, wanted 1 to %d and 1 to %d",
                         c->curves, c->points, SAL_CHART_MAX_CURVES, MOST_POINTS);
    if (!c->panels || !c->n_panels || c->n_panels > MOST_PANELS)
        return sal_fail_(err, SAL_E_ARG, "a chart of %zu panels, wanted 1 to %d", c->n_panels,
                         MOST_PANELS);
    for (size_t i = 0; i < c->n_panels; i++)
        if (!c->panels[i].values || !isfinite(c->panels[i].low) || !isfinite(c->panels[i].high) ||
            !(c->panels[i].low < c->panels[i].high))
            return sal_fail_(err, SAL_E_ARG, "panel %zu: no values, or its axis has no length", i);
    return SAL_OK;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Lines of text from x, y on; c NULL: only measures. The height is returned. */
static size_t paragraph(size_t x, size_t y, size_t wide, size_t scale, sal_rgb colour,
                        const char *text, sal_canvas *c)
{
    size_t columns = wide / (SAL_FONT_ADVANCE * scale), high = 0;
    for (sal_line line; sal_next_line_(&text, columns, &line); high += SAL_FONT_LINE * scale)
        if (c) sal_canvas_text_(c, x, y + high, scale, colour, line.start, line.bytes);
    return high;
}

/* Swatches with the curves' names, in rows; as paragraph(). */
static size_t legend(const layout *l, size_t y, sal_canvas *c)
{
    const sal_chart *chart = l->chart;
    size_t x = MARGIN, start = y;
    if (!chart->curve_labels) return 0;
    for (size_t i = 0; i < chart->curves; i++) {
        size_t characters;
        const char *label = chart->curve_labels[i];
        sal_line line = {0};
        sal_count_lines_(label, SIZE_MAX, &characters);
        size_t wide = SWATCH + characters * SAL_FONT_ADVANCE + 2 * GAP;
        if (x > MARGIN && x + wide > l->width - MARGIN) {
            x = MARGIN;
            y += SAL_FONT_LINE + 4;
        }
        if (c) {
            sal_point from = {(double)x, (double)y + 4.5}, to = {from.x + SWATCH - 8, from.y};
            sal_stroke_(c, from, to, 2, colours[i]);
            sal_mark_(c, (sal_point){(from.x + to.x) / 2, from.y}, 4.5, (sal_mark)(i % SAL_MARKS),
                      colours[i]);
            if (sal_next_line_(&label, SIZE_MAX, &line))
                sal_canvas_text_(c, x + SWATCH, y, 1, ink, line.start, line.bytes);
        }
        x += wide;
    }
    return y + SAL_FONT_LINE - start;
}

/* ---- layout ---------------------------------------------------------------------------------- */

static size_t longest_label(const sal_chart *c)
{
    size_t longest = 0, n;
    for (size_t i = 0; c->point_labels && i < c->points; i++) {
        sal_count_lines_(c->point_labels[i], LABEL_MOST, &n);
        if (n > longest) longest = n;
    }
    return longest;
}

static layout lay_out(const sal_chart *c)
{
    layout l = {.chart = c, .columns = c->columns ? c->columns : 2};
    if (l.columns > c->n_panels) l.columns = c->n_panels;
    l.rows = (c->n_panels + l.columns - 1) / l.columns;
    l.plot_wide = c->points > WIDEST / STEP ? WIDEST : c->points * STEP;
    if (l.plot_wide < NARROWEST) l.plot_wide = NARROWEST;
    l.labels_high = longest_label(c) * SAL_FONT_ADVANCE;
    l.panel_wide = VALUES_WIDE + l.plot_wide;
    l.panel_high = SAL_FONT_LINE + GAP / 2 + PLOT_HIGH + TICK + 4 + l.labels_high;
    l.width = 2 * MARGIN + l.columns * l.panel_wide + (l.columns - 1) * 2 * GAP;
    size_t wide = l.width - 2 * MARGIN;
    l.legend_y = MARGIN + paragraph(0, 0, wide, 2, ink, c->title, NULL);
    if (l.legend_y > MARGIN) l.legend_y += GAP / 2;
    size_t high = legend(&l, l.legend_y, NULL);
    l.panels_y = l.legend_y + (high ? high + GAP : 0);
    l.note_y = l.panels_y + l.rows * (l.panel_high + 2 * GAP);
    l.height = l.note_y + paragraph(0, 0, wide, 1, faint, c->note, NULL) + MARGIN;
    return l;
}

/* ---- panels ---------------------------------------------------------------------------------- */

typedef struct frame {
    sal_canvas *canvas;
    const sal_panel *panel;
    size_t x, y, wide, points; /* of the plot */
} frame;

static double x_of(const frame *f, size_t point)
{
    return (double)f->x + ((double)point + 0.5) * (double)f->wide / (double)f->points;
}

/* A value beyond the axis is drawn at its end. */
static double y_of(const frame *f, double value)
{
    double t = (value - f->panel->low) / (f->panel->high - f->panel->low);
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return (double)f->y + PLOT_HIGH - t * PLOT_HIGH;
}

/* 1, 2 or 5 times a power of ten, for four to eight lines. */
static double step_of(const sal_panel *p, int *decimals)
{
    double rough = (p->high - p->low) / 8, power = pow(10, floor(log10(rough))),
           times = rough / power;
    double step = (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power;
    double digits = -floor(log10(step) + 1e-9);
    *decimals = digits < 0 ? 0 : digits > 6 ? 6 : (int)digits;
    return step;
}

static void draw_axis(const frame *f)
{
    int decimals;
    double step = step_of(f->panel, &decimals);
    double first = ceil(f->panel->low / step - 1e-9), last = floor(f->panel->high / step + 1e-9);
    for (int i = 0; first + i <= last; i++) {
        double k = first + i;
        char text[32];
        sal_text t = sal_text_into_(text, sizeof text);
        double value = fabs(k) < 0.5 ? 0 : k * step;
        size_t y = (size_t)(y_of(f, value) + 0.5);
        sal_text_number_(&t, value, decimals);
        sal_canvas_fill_(f->canvas, f->x, y, f->wide, 1, fabs(k) < 0.5 ? rule : grid);
        sal_canvas_fill_(f->canvas, f->x - TICK, y, TICK, 1, rule);
        size_t wide = t.length * SAL_FONT_ADVANCE;
        if (wide > VALUES_WIDE - TICK - 2) wide = VALUES_WIDE - TICK - 2;
        sal_canvas_text_(f->canvas, f->x - TICK - 2 - wide, y > 4 ? y - 4 : 0, 1, faint, text,
                         t.length);
    }
    sal_canvas_fill_(f->canvas, f->x, f->y, 1, PLOT_HIGH, rule);
    sal_canvas_fill_(f->canvas, f->x, f->y + PLOT_HIGH, f->wide, 1, rule);
}

/* A label reads upwards and ends below its tick; where points are closer than letters are high, some
 * are left out. */
static void draw_points(const frame *f, const char *const *labels)
{
    size_t every = 1 + f->points * (SAL_FONT_LINE - 1) / f->wide;
    for (size_t i = 0; i < f->points; i += every) {
        size_t x = (size_t)x_of(f, i), below = f->y + PLOT_HIGH + 1;
        const char *label = labels ? labels[i] : NULL;
        sal_line line;
        sal_canvas_fill_(f->canvas, x, below, 1, TICK, rule);
        if (sal_next_line_(&label, LABEL_MOST, &line))
            sal_canvas_text_up_(f->canvas, x - 3,
                                below + TICK + 2 + line.characters * SAL_FONT_ADVANCE, faint,
                                line.start, line.bytes);
    }
}

static void draw_curve(const frame *f, size_t curve)
{
    const double *v = f->panel->values + curve * f->points;
    double radius = f->wide >= 12 * f->points ? 4.5 : 0;
    for (size_t i = 0; i + 1 < f->points; i++) {
        if (!isfinite(v[i]) || !isfinite(v[i + 1])) continue;
        sal_stroke_(f->canvas, (sal_point){x_of(f, i), y_of(f, v[i])},
                    (sal_point){x_of(f, i + 1), y_of(f, v[i + 1])}, 2, colours[curve]);
    }
    for (size_t i = 0; i < f->points; i++)
        if (isfinite(v[i]) && radius > 0)
            sal_mark_(f->canvas, (sal_point){x_of(f, i), y_of(f, v[i])}, radius,
                      (sal_mark)(curve % SAL_MARKS), colours[curve]);
}

static void draw_panel(const layout *l, size_t i, sal_canvas *c)
{
    const sal_panel *p = &l->chart->panels[i];
    size_t left = MARGIN + i % l->columns * (l->panel_wide + 2 * GAP),
           top = l->panels_y + i / l->columns * (l->panel_high + 2 * GAP);
    frame f = {.canvas = c,
               .panel = p,
               .x = left + VALUES_WIDE,
               .y = top + SAL_FONT_LINE + GAP / 2,
               .wide = l->plot_wide,
               .points = l->chart->points};
    const char *title = p->title;
    sal_line line;
    if (sal_next_line_(&title, f.wide / SAL_FONT_ADVANCE, &line))
        sal_canvas_text_(c, f.x, top, 1, ink, line.start, line.bytes);
    sal_canvas_fill_(c, f.x, f.y, f.wide, PLOT_HIGH, plot);
    draw_axis(&f);
    draw_points(&f, l->chart->point_labels);
    for (size_t k = l->chart->curves; k-- > 0;) draw_curve(&f, k); /* the first on top */
}

sal_status sal_chart_write(const sal_env *env, const sal_chart *chart, const char *path,
                           sal_error *err)
{
    sal_canvas c;
    if (!chart || !path) return sal_fail_(err, SAL_E_ARG, "chart or path is NULL");
    sal_status st = check_chart(chart, err);
    if (st != SAL_OK) return st;
    layout l = lay_out(chart);
    if (l.width > SAL_SHEET_MAX_SIDE || l.height > SAL_SHEET_MAX_SIDE)
        return sal_fail_(err, SAL_E_NOMEM, "a chart of %zu x %zu pixels, at most %d a side",
                         l.width, l.height, SAL_SHEET_MAX_SIDE);
    st = sal_canvas_make_(env, l.width, l.height, paper, &c, err);
    if (st != SAL_OK) return st;
    paragraph(MARGIN, MARGIN, l.width - 2 * MARGIN, 2, ink, chart->title, &c);
    legend(&l, l.legend_y, &c);
    for (size_t i = 0; i < chart->n_panels; i++) draw_panel(&l, i, &c);
    paragraph(MARGIN, l.note_y, l.width - 2 * MARGIN, 1, faint, chart->note, &c);
    st = sal_png_write_(env, &c, path, err);
    sal_canvas_release_(&c);
    return st;
}
