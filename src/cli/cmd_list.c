/* cli/cmd_list.c - salcheck methods, metrics, checks, randomisations: the library's tables. */
#include "cli/json.h"

#include <stdio.h>

/* One row of any of the tables; NULL = has none. */
typedef struct row {
    const char *name, *summary, *options, *source, *note;
    json_t *more; /* keys of this table alone */
} row;

typedef bool (*reader)(size_t i, row *out);

static bool method_row(size_t i, row *out)
{
    const sal_method_info *m = sal_method_get(i);
    if (!m) return false;
    *out = (row){m->name,
                 m->summary,
                 m->options,
                 m->source,
                 m->is_control ? "control" : NULL,
                 json_pack("{s:b, s:b, s:b}", "control", m->is_control, "stochastic",
                           m->is_stochastic, "ignores_model", m->ignores_model)};
    return true;
}

static bool metric_row(size_t i, row *out)
{
    const sal_metric_info *m = sal_metric_get(i);
    if (!m) return false;
    *out =
        (row){m->name, m->summary, m->options, m->source, m->for_checks ? NULL : "for compare only",
              NULL};
    out->more = m->for_checks ? json_pack("{s:b, s:f, s:f}", "for_checks", 1, "lowest", m->lowest,
                                          "highest", m->highest)
                              : json_pack("{s:b}", "for_checks", 0);
    return true;
}

static bool check_row(size_t i, row *out)
{
    const sal_check_info *c = sal_check_get(i);
    if (!c) return false;
    *out = (row){c->name, c->summary,
                 NULL,    c->source,
                 NULL,    json_pack("{s:s?, s:f}", "metric", c->metric, "limit", c->limit)};
    return true;
}

static bool randomisation_row(size_t i, row *out)
{
    const sal_randomisation_info *r = sal_randomisation_get(i);
    if (!r) return false;
    *out = (row){r->name, r->summary, NULL, NULL, NULL, json_object()};
    return true;
}

static int as_json(const settings *s, reader read)
{
    json_t *all = json_array();
    row r;
    for (size_t i = 0; read(i, &r); i++) {
        json_t *o = json_pack("{s:o, s:o, s:o, s:o}", "name", json_of(r.name), "summary",
                              json_of(r.summary), "options", json_of(r.options), "source",
                              json_of(r.source));
        if (!r.more || json_object_update(o, r.more) || json_array_append_new(all, o)) {
            json_decref(all);
            all = NULL;
        }
        json_decref(r.more);
    }
    return json_print(s, all);
}

static int list(const settings *s, reader read)
{
    row r;
    if (s->json) return as_json(s, read);
    for (size_t i = 0; read(i, &r); i++) {
        printf("%-22s %s%s%s%s\n", r.name, r.summary, r.note ? " (" : "", r.note ? r.note : "",
               r.note ? ")" : "");
        if (r.options) printf("%-22s   :%s\n", "", r.options);
        json_decref(r.more);
    }
    return END_PASS;
}

int run_methods(const settings *s)
{
    return list(s, method_row);
}

int run_metrics(const settings *s)
{
    return list(s, metric_row);
}

int run_checks(const settings *s)
{
    return list(s, check_row);
}

int run_randomisations(const settings *s)
{
    return list(s, randomisation_row);
}
