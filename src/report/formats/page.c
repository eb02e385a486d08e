/* report/formats/page.c - see page.h. One column of text, quiet colours; contrasts are 4.5 to 1 or more in
 * both schemes. */
#include "report/formats/page.h"

#include "report/formats/plot.h"

enum { NUMBERS = 256 };

static void put_all(sal_out *o, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sal_out_put_(o, lines[i]);
        sal_out_put_(o, "\n");
    }
}

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): a rule may go over two lines */
static const char *const rules[] = {
    ":root{color-scheme:light dark;--ink:#1f2328;--quiet:#59636e;--ground:#fff;--panel:#f6f8fa;"
    "--line:#d1d9e0;--link:#0a58ad}",
    "*{box-sizing:border-box}",
    "body{margin:0;background:var(--ground);color:var(--ink);"
    "font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}",
    "header,nav,main,footer{max-width:66rem;margin:0 auto;padding:0 1rem}",
    "header{padding-top:1.5rem}",
    "h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}",
    "h2{font-size:1.25rem;margin:2.5rem 0 .75rem}",
    "h3{font-size:1rem;margin:0 0 .5rem}",
    "h1,h2,h3,td,th,dd,li,p,figcaption{overflow-wrap:anywhere}",
    "a{color:var(--link)}",
    "a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}",
    ".skip{position:absolute;left:-100vw;padding:.5rem 1rem;background:var(--ground)}",
    ".skip:focus{left:0;top:0;z-index:1}",
    ".tally{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:0;padding:0}",
    ".tally li{background:var(--panel);border:1px solid var(--line);border-radius:6px;"
    "padding:.25rem .75rem}",
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;"
    "margin:1rem 0 0}",
    "table{border-collapse:collapse;width:100%}",
    "th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;"
    "border-bottom:1px solid var(--line)}",
    "thead th,dt,.quiet,figcaption{color:var(--quiet);font-weight:normal;font-size:.875rem}",
    "tbody th{width:25%;font-weight:600}",
    "tbody th .quiet{display:block}",
    "td:last-child,th:last-child{padding-right:0;text-align:right;width:1%;"
    "white-space:nowrap}",
    ".measured{display:flex;flex-wrap:wrap;gap:.125rem 1rem;align-items:center;"
    "justify-content:space-between}",
    ".number,.numbers td{font-variant-numeric:tabular-nums}",
    ".measured span span{display:inline-block}",
    ".plot{width:15rem;max-width:100%;height:auto;flex:none}",
    ".trend{width:32rem;max-width:100%;height:auto}",
    "b{font-weight:600}",
    "article{border:1px solid var(--line);border-left-width:4px;border-radius:6px;"
    "padding:1rem;margin:0 0 1rem;break-inside:avoid}",
    "article:target{outline:2px solid var(--link)}",
    "dl{display:grid;grid-template-columns:7rem 1fr;gap:.25rem .75rem;margin:0}",
    "dd{margin:0;white-space:pre-wrap}",
    "dt{padding-top:.1rem}",
    "figure{margin:1rem 0 0}",
    "img{display:block;max-width:100%;height:auto;background:#fff;border:1px solid "
    "var(--line)}",
    "@media (min-width:64rem){",
    "article:has(img){display:grid;grid-template-columns:minmax(20rem,1fr) fit-content(62%);"
    "column-gap:1.5rem;align-items:start}",
    "article:has(img) h3{grid-column:1/-1}",
    "article:has(img) figure{margin:0}",
    "}",
    "footer{padding-top:1rem;padding-bottom:2rem}",
    "@media (max-width:40rem){",
    "tbody th{width:34%}",
    "dl{grid-template-columns:1fr;gap:0}",
    "dd+dt{margin-top:.4rem}",
    "th,td{padding-right:.5rem}",
    "table{font-size:.9rem}",
    "}",
    "@media screen and (prefers-color-scheme:dark){",
    ":root{--ink:#e6e9ec;--quiet:#a5afb9;--ground:#15181c;--panel:#1d2126;--line:#3a424b;"
    "--link:#82b5f2}",
    "}",
    "@media print{",
    ":root{color-scheme:light}",
    "nav,.skip{display:none}",
    "tr{break-inside:avoid}",
    "h2,h3{break-after:avoid}",
    "}"};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

void sal_page_style_(sal_out *o)
{
    sal_out_put_(o, "<style>\n");
    put_all(o, rules, sizeof rules / sizeof rules[0]);
    sal_plot_style_(o);
    sal_out_put_(o, "</style>\n");
}

void sal_page_guide_(sal_out *o)
{
    static const char *const lines[] = {
        "<section id=\"guide\" aria-labelledby=\"guide-head\">",
        "<h2 id=\"guide-head\">How to read this</h2>",
        "<dl>",
        "<dt><b class=\"pass\">pass</b></dt><dd>The whole interval lies above the limit.</dd>",
        "<dt><b class=\"fail\">fail</b></dt><dd>The whole interval lies below the limit.</dd>",
        "<dt><b class=\"inconclusive\">inconclusive</b></dt><dd>The draws were used up with the "
        "limit inside the interval. This does not count as a pass.</dd>",
        "<dt><b class=\"invalid\">invalid</b></dt><dd>The question could not be asked; the reason "
        "is given. This does not count as a pass.</dd>",
        "<dt>D</dt><dd>How much of a map changes: 0, nothing; 1, nothing of it is left but what "
        "unrelated maps have in common.</dd>",
        "<dt>R</dt><dd>How well a map repeats itself: 0, another map every time; 1, the same "
        "map.</dd>",
        "<dt>F</dt><dd>How often what the map points at moves the logit more than random pixels "
        "do: "
        "0.5, no better; 1, always.</dd>",
        "<dt>plots</dt><dd>The bar is the interval, the mark on it the value: a disc passes, a "
        "cross fails, a ring is inconclusive, a square invalid. The dashed line is the limit. The "
        "thin line runs from 0 to 1.</dd>",
        "</dl>",
        "</section>"};
    put_all(o, lines, sizeof lines / sizeof lines[0]);
}

void sal_page_outcome_(sal_out *o, sal_outcome outcome)
{
    const char *name = sal_outcome_name(outcome);
    sal_out_add_(o, "<b class=\"%s\">%s</b>", name, name);
}

static void put_point(sal_out *o, const sal_trend *trend, const sal_trend_point *p)
{
    sal_out_put_(o, "<tr><th scope=\"row\">");
    sal_out_text_(o, sal_escape_attribute_, p->label ? p->label : "-");
    sal_out_put_(o, "</th><td>");
    if (sal_point_drawn_(p)) {
        char text[NUMBERS];
        sal_text t = sal_text_into_(text, sizeof text);
        sal_measured_(&t, p->value);
        sal_text_add_(&t, " [");
        sal_interval_end_(&t, p->low, trend->limit);
        sal_text_add_(&t, ", ");
        sal_interval_end_(&t, p->high, trend->limit);
        sal_text_add_(&t, "]");
        sal_out_put_(o, text);
    } else {
        sal_out_put_(o, "no value");
    }
    sal_out_put_(o, "</td><td>");
    sal_page_outcome_(o, p->outcome);
    sal_out_put_(o, "</td></tr>\n");
}

static void put_trend(sal_out *o, const sal_axis *a, const sal_trend *t, size_t i)
{
    sal_out_put_(o, "<article><h3>");
    sal_out_text_(o, sal_escape_attribute_, t->title);
    sal_out_add_(o,
                 "</h3>\n<svg class=\"trend\" viewBox=\"0 0 %d %d\" role=\"img\" "
                 "aria-labelledby=\"t%zu-title t%zu-desc\"><title id=\"t%zu-title\">%c of ",
                 SAL_TREND_WIDE, SAL_TREND_HIGH, i, i, i, t->statistic_name);
    sal_out_text_(o, sal_escape_attribute_, t->title);
    sal_out_add_(o,
                 " over time</title><desc id=\"t%zu-desc\">%zu points with intervals; the table "
                 "below has the numbers</desc>",
                 i, t->n);
    sal_plot_trend_(o, a, t);
    sal_out_add_(o,
                 "</svg>\n<details><summary>Numbers</summary>\n<table class=\"numbers\"><thead>"
                 "<tr><th scope=\"col\">when</th><th scope=\"col\">%c</th>"
                 "<th scope=\"col\">outcome</th></tr></thead><tbody>\n",
                 t->statistic_name);
    for (size_t k = 0; k < t->n; k++) put_point(o, t, &t->points[k]);
    sal_out_put_(o, "</tbody></table></details></article>\n");
}

void sal_page_trends_(sal_out *o, const sal_report *r)
{
    const sal_axis a = sal_axis_of_(r, SAL_TREND_WIDE);
    if (!r->options->n_trends) return;
    sal_out_put_(o, "<section id=\"trends\" aria-labelledby=\"trends-head\">\n"
                    "<h2 id=\"trends-head\">Over time</h2>\n");
    for (size_t i = 0; i < r->options->n_trends; i++) put_trend(o, &a, &r->options->trends[i], i);
    sal_out_put_(o, "</section>\n");
}
