/* formats/html.c - one page that needs nothing else: no script, no other file, no network. A table for
 * each model, an article for each check that does not pass, trends, and how to read it. */
#include "report/formats/inline.h"
#include "report/formats/page.h"
#include "report/formats/plot.h"

#include <string.h>

enum { NAME = 512, NUMBERS = 2048, LONG = 1024, PLOT = 200 };
enum { MOST_PICTURES = 64 << 20 }; /* bytes of the page before pictures are left out */

static void put_text(sal_out *o, const char *text)
{
    sal_out_text_(o, sal_escape_attribute_, text);
}

/* "smoothgrad:samples=8,spread=0.1" may go on below after a ':' or a ','. */
static const char *escape_long(const char *at, bool first)
{
    return *at == ':' ? ":<wbr>" : *at == ',' ? ",<wbr>" : sal_escape_attribute_(at, first);
}

static void put_head(const sal_report *r, sal_out *o)
{
    sal_out_put_(o, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "img-src data:; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                    "<link rel=\"icon\" href=\"data:,\">\n<title>");
    put_text(o, r->title);
    sal_out_put_(o, "</title>\n");
    sal_page_style_(o);
    sal_out_put_(o, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n");
}

static bool all_pass(const sal_tally *c)
{
    return c->of[SAL_PASS] == c->n;
}

static void put_header(const sal_report *r, sal_out *o)
{
    static const sal_outcome order[] = {SAL_FAIL, SAL_INVALID, SAL_INCONCLUSIVE, SAL_PASS};
    sal_tally c = sal_count_verdicts_(r);
    sal_out_put_(o, "<header>\n<h1>");
    put_text(o, r->title);
    sal_out_put_(o, "</h1>\n<ul class=\"tally\">\n");
    sal_out_add_(o, "<li>%zu check%s</li>\n", c.n, c.n == 1 ? "" : "s");
    for (size_t i = 0; i < 4; i++) {
        if (!c.of[order[i]]) continue;
        sal_out_add_(o, "<li>%zu ", c.of[order[i]]);
        sal_page_outcome_(o, order[i]);
        sal_out_put_(o, "</li>\n");
    }
    sal_out_put_(o, "</ul>\n</header>\n<nav aria-label=\"Sections\"><ul>\n");
    for (size_t i = 0; i < r->n; i++) {
        if (!sal_first_of_model_(r, i)) continue;
        sal_out_add_(o, "<li><a href=\"#m%zu\">", i);
        put_text(o, r->verdicts[i]->model);
        sal_out_put_(o, "</a></li>\n");
    }
    if (!all_pass(&c)) sal_out_put_(o, "<li><a href=\"#details\">What does not pass</a></li>\n");
    if (r->options->n_trends) sal_out_put_(o, "<li><a href=\"#trends\">Over time</a></li>\n");
    sal_out_put_(o, "<li><a href=\"#guide\">How to read this</a></li>\n</ul></nav>\n"
                    "<main id=\"main\" tabindex=\"-1\">\n");
}

/* For those who do not see it: the numbers beside it say the rest. */
static void put_plot(sal_out *o, const sal_axis *a, const sal_turn *t)
{
    const sal_step_verdict *s = &t->verdict->steps[t->step];
    char numbers[NUMBERS];
    sal_text text = sal_text_into_(numbers, sizeof numbers);
    if (sal_step_measured_(s)) {
        sal_text_add_(&text, "interval ");
        sal_step_interval_(s, &text);
    } else {
        sal_text_add_(&text, "no value");
    }
    sal_text_add_(&text, ", limit ");
    sal_measured_(&text, s->limit);
    sal_out_add_(o,
                 "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"p%zu-%zu"
                 "\"><title id=\"p%zu-%zu\">",
                 PLOT, SAL_PLOT_HIGH, t->index, t->step, t->index, t->step);
    sal_out_put_(o, numbers);
    sal_out_put_(o, "</title>");
    sal_plot_step_(o, a, t->verdict, t->step);
    sal_out_put_(o, "</svg>");
}

static void put_numbers(sal_out *o, const sal_step_verdict *s)
{
    char text[NUMBERS];
    sal_text t = sal_text_into_(text, sizeof text);
    sal_out_put_(o, "<span><span class=\"number\">");
    if (sal_step_measured_(s)) {
        sal_text_add_(&t, "%c ", s->statistic_name);
        sal_step_value_(s, &t);
        sal_text_add_(&t, "</span> <span class=\"number\">");
        sal_step_interval_(s, &t);
    } else {
        sal_text_add_(&t, "no value");
    }
    sal_text_add_(&t, "</span> <span class=\"quiet\">limit ");
    sal_measured_(&t, s->limit);
    sal_out_put_(o, text);
    sal_out_add_(o, ", %zu draw%s</span></span>", s->draws, s->draws == 1 ? "" : "s");
}

static void put_row(sal_out *o, const sal_axis *a, const sal_turn *t)
{
    const sal_verdict *v = t->verdict;
    const sal_step_verdict *s = &v->steps[t->step];
    bool linked = v->outcome != SAL_PASS, other = strcmp(s->check, v->check) != 0;
    sal_out_put_(o, "<tr><th scope=\"row\">");
    if (linked) sal_out_add_(o, "<a href=\"#v%zu\">", t->index);
    sal_out_text_(o, escape_long, v->method);
    sal_out_put_(o, linked ? "</a> <span class=\"quiet\">" : " <span class=\"quiet\">");
    put_text(o, v->check);
    sal_out_put_(o, other ? ", " : "");
    put_text(o, other ? s->check : "");
    sal_out_put_(o, s->step[0] ? ", " : "");
    put_text(o, s->step);
    sal_out_put_(o, "</span></th><td><div class=\"measured\">");
    put_numbers(o, s);
    put_plot(o, a, t);
    sal_out_put_(o, "</div></td><td>");
    sal_page_outcome_(o, sal_step_outcome_(v, t->step));
    sal_out_put_(o, "</td></tr>\n");
}

static void put_model(const sal_report *r, sal_out *o, const sal_axis *a, size_t first)
{
    sal_out_add_(o, "<section id=\"m%zu\" aria-labelledby=\"m%zu-head\">\n<h2 id=\"m%zu-head\">",
                 first, first, first);
    put_text(o, r->verdicts[first]->model);
    sal_out_put_(o, "</h2>\n<table><thead><tr><th scope=\"col\">method, check</th>"
                    "<th scope=\"col\"><div class=\"measured\">measured, interval");
    sal_out_add_(o, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">", PLOT,
                 SAL_PLOT_HIGH);
    sal_plot_scale_(o, a);
    sal_out_put_(o, "</svg></div></th><th scope=\"col\">outcome</th></tr></thead><tbody>\n");
    for (sal_turn t = {0}; sal_next_step_(r, &t);)
        if (sal_same_model_(r, first, t.index)) put_row(o, a, &t);
    sal_out_put_(o, "</tbody></table>\n</section>\n");
}

typedef struct {
    sal_out *o;
    bool open;
} definitions;

static void put_entry(void *self, const char *name, const char *text)
{
    definitions *d = self;
    if (name[0]) {
        sal_out_put_(d->o, d->open ? "</dd>\n<dt>" : "<dt>");
        put_text(d->o, name);
        sal_out_put_(d->o, "</dt><dd>");
    } else {
        sal_out_put_(d->o, "<br>");
    }
    put_text(d->o, text);
    d->open = true;
}

static void put_picture(const sal_report *r, sal_out *o, const sal_verdict *v)
{
    char path[LONG + NAME], description[NAME];
    const char *why = "the page would be too large";
    sal_text t = sal_text_into_(path, sizeof path);
    sal_picture_path_(r, v, &t);
    if (!path[0]) return;
    const char *slash = strrchr(path, '/');
    t = sal_text_into_(description, sizeof description);
    sal_text_add_(&t, "Inputs, their edges, maps of %s and what became of them", v->method);
    sal_out_put_(o, "<figure>");
    if (o->bytes < MOST_PICTURES) why = sal_inline_png_(o, path, description);
    sal_out_put_(o, "<figcaption>");
    put_text(o, why || !slash ? path : slash + 1);
    if (why) sal_out_add_(o, ": no picture here, %s", why);
    sal_out_put_(o, "</figcaption></figure>\n");
}

static void put_details(const sal_report *r, sal_out *o, const sal_turn *t)
{
    const sal_verdict *v = t->verdict;
    char claim[NAME];
    sal_text text = sal_text_into_(claim, sizeof claim);
    definitions d = {o, false};
    sal_step_claim_(v, v->decisive, &text);
    sal_out_add_(o, "<article id=\"v%zu\" aria-labelledby=\"v%zu-head\">\n<h3 id=\"v%zu-head\">",
                 t->index, t->index, t->index);
    sal_page_outcome_(o, v->outcome);
    sal_out_put_(o, " ");
    put_text(o, claim);
    sal_out_put_(o, "</h3>\n<dl>\n");
    sal_step_entries_(v, v->decisive, put_entry, &d);
    put_entry(&d, "id", v->id);
    sal_out_put_(o, "</dd>\n</dl>\n");
    put_picture(r, o, v);
    sal_out_put_(o, "</article>\n");
}

static void put_all_details(const sal_report *r, sal_out *o)
{
    sal_tally c = sal_count_verdicts_(r);
    if (all_pass(&c)) return;
    sal_out_put_(o, "<section id=\"details\" aria-labelledby=\"details-head\">\n"
                    "<h2 id=\"details-head\">What does not pass</h2>\n");
    for (sal_turn t = {0}; sal_next_(r, &t);)
        if (t.verdict->outcome != SAL_PASS) put_details(r, o, &t);
    sal_out_put_(o, "</section>\n");
}

static void write(const sal_report *r, sal_out *o)
{
    const sal_axis a = sal_axis_of_(r, PLOT);
    put_head(r, o);
    put_header(r, o);
    for (size_t i = 0; i < r->n; i++)
        if (sal_first_of_model_(r, i)) put_model(r, o, &a, i);
    if (!r->n) sal_out_put_(o, "<p>There are no verdicts.</p>\n");
    put_all_details(r, o);
    sal_page_trends_(o, r);
    sal_page_guide_(o);
    sal_out_put_(o, "</main>\n<footer class=\"quiet\">Made by salcheck from kept verdicts; nothing "
                    "was measured again.</footer>\n</body>\n</html>\n");
}

const sal_format_def sal_format_html = {.info = {"html", "a page that needs nothing else (HTML)"},
                                        .write = write};
