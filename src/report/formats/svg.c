/* formats/svg.c - a picture of all intervals, one below the other, and of all trends. */
#include "report/formats/plot.h"

enum {
    NAME = 512,
    LONG = 2048,
    WIDE = 760,
    MARGIN = 16,
    HEAD = 56,
    ROW = 46,
    TREND = SAL_TREND_HIGH + 30
};

static size_t count_steps(const sal_report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) n += r->verdicts[i]->n_steps;
    return n;
}

static void put_line(sal_out *o, size_t y, const char *text)
{
    sal_out_add_(o, "<text x=\"%d\" y=\"%zu\">", MARGIN, y);
    sal_out_text_(o, sal_escape_attribute_, text);
    sal_out_put_(o, "</text>\n");
}

/* Words above, the plot in the whole width below. */
static void put_step(sal_out *o, const sal_axis *a, const sal_verdict *v, size_t step, size_t y)
{
    const sal_step_verdict *s = &v->steps[step];
    char text[LONG];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_text_add_(&t, "%s", v->id);
    if (v->n_steps > 1 || v->total_steps > 1) sal_text_add_(&t, " ");
    sal_step_label_(v, step, &t);
    sal_text_add_(&t, ": %s, ", sal_outcome_name(sal_step_outcome_(v, step)));
    if (sal_step_measured_(s)) {
        sal_text_add_(&t, "%c ", s->statistic_name);
        sal_step_value_(s, &t);
        sal_text_add_(&t, " ");
        sal_step_interval_(s, &t);
    } else {
        sal_text_add_(&t, "no value");
    }
    sal_text_add_(&t, ", limit ");
    sal_measured_(&t, s->limit);
    put_line(o, y + 12, text);
    sal_out_add_(o, "<g transform=\"translate(%d %zu)\">", MARGIN, y + 18);
    sal_plot_step_(o, a, v, step);
    sal_out_put_(o, "</g>\n");
}

static void put_trend(sal_out *o, const sal_axis *a, const sal_trend *trend, size_t y)
{
    put_line(o, y + 12, trend->title);
    sal_out_add_(o, "<g transform=\"translate(%d %zu)\">", MARGIN, y + 18);
    sal_plot_trend_(o, a, trend);
    sal_out_put_(o, "</g>\n");
}

static void write(const sal_report *r, sal_out *o)
{
    const sal_axis a = sal_axis_of_(r, WIDE - 2 * MARGIN);
    const size_t high = HEAD + ROW * count_steps(r) + TREND * r->options->n_trends + MARGIN;
    sal_tally c = sal_count_verdicts_(r);
    char text[NAME];
    sal_text line = sal_text_into_(text, sizeof text);
    sal_tally_text_(&c, &line);
    sal_out_add_(o,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %zu\" width=\"%d\" "
                 "height=\"%zu\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">",
                 WIDE, high, WIDE, high);
    sal_out_text_(o, sal_escape_attribute_, r->title);
    sal_out_add_(o, "</title>\n<desc>%zu checks: %s</desc>\n<style>\n", c.n, text);
    sal_plot_style_(o);
    sal_out_put_(o, ".ground{fill:#fff}\n"
                    "@media screen and (prefers-color-scheme:dark){.ground{fill:#15181c}}\n"
                    "</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
    put_line(o, 22, r->title);
    if (r->n) put_line(o, 42, text);
    size_t y = HEAD;
    for (sal_turn t = {0}; sal_next_step_(r, &t); y += ROW) put_step(o, &a, t.verdict, t.step, y);
    for (size_t i = 0; i < r->options->n_trends; i++, y += TREND)
        put_trend(o, &a, &r->options->trends[i], y);
    sal_out_put_(o, "</svg>\n");
}

const sal_format_def sal_format_svg = {.info = {"svg", "intervals and trends as a picture (SVG)"},
                                       .write = write};
