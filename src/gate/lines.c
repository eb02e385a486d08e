/* gate/lines.c - trends of a history as reports draw them. */
#include "base/base.h"

#include <salcheck/history.h>

#include <stdio.h>
#include <string.h>

enum { TITLE = sizeof((sal_history_series *)0)->id + sizeof((sal_history_series *)0)->step };
enum { LABEL = 24 }; /* the start of a commit's name, its day */

static bool is_wanted(const sal_history_series *of, const sal_verdict *const *verdicts, size_t n)
{
    for (size_t i = 0; verdicts && i < n; i++)
        if (!strcmp(of->id, verdicts[i]->id)) return true;
    return !verdicts;
}

static void fill(const sal_history_series *of, sal_trend *to, sal_trend_point *points, char *title,
                 char *labels)
{
    snprintf(title, TITLE, "%s %s", of->id, of->step);
    for (size_t i = 0; i < of->n; i++) {
        const sal_history_point *p = &of->points[i];
        char *label = labels + i * LABEL;
        snprintf(label, LABEL, "%.12s %.10s", p->commit, p->date);
        points[i] = (sal_trend_point){.label = label,
                                      .outcome = p->outcome,
                                      .has_value = p->has_value,
                                      .value = p->value,
                                      .low = p->low,
                                      .high = p->high};
    }
    *to = (sal_trend){.title = title,
                      .statistic_name = of->statistic_name,
                      .limit = of->n ? of->points[of->n - 1].limit : 0,
                      .n = of->n,
                      .points = points};
}

sal_status sal_history_lines_of(const sal_history_trends *t, const sal_verdict *const *verdicts,
                                size_t n, sal_history_lines **out, sal_error *err)
{
    size_t points = 0, used = 0;
    if (!t || !out) return sal_fail_(err, SAL_E_ARG, "trends or out is NULL");
    for (size_t i = 0; i < t->n; i++) points += t->series[i].n;
    sal_history_lines *l = sal_alloc_zero_(t->env, 1, sizeof *l);
    if (!l) return sal_no_memory_(err, "trends");
    l->env = t->env;
    l->lines = sal_alloc_zero_(t->env, t->n + 1, sizeof *l->lines);
    l->points = sal_alloc_zero_(t->env, points + 1, sizeof *l->points);
    l->texts = sal_alloc_zero_(t->env, t->n * TITLE + points * LABEL + 1, 1);
    if (!l->lines || !l->points || !l->texts) {
        sal_history_lines_free(l);
        return sal_no_memory_(err, "trends");
    }
    for (size_t i = 0; i < t->n; i++) {
        const sal_history_series *of = &t->series[i];
        if (!is_wanted(of, verdicts, n)) continue;
        fill(of, &l->lines[l->n], l->points + used, l->texts + l->n * TITLE,
             l->texts + t->n * TITLE + used * LABEL);
        used += of->n;
        l->n++;
    }
    *out = l;
    return SAL_OK;
}

void sal_history_lines_free(sal_history_lines *l)
{
    if (!l) return;
    sal_free_(l->env, l->lines);
    sal_free_(l->env, l->points);
    sal_free_(l->env, l->texts);
    sal_free_(l->env, l);
}

sal_status sal_history_plot(const sal_history_trends *trends, const char *path, sal_error *err)
{
    sal_history_lines *l = NULL;
    if (!trends || !path) return sal_fail_(err, SAL_E_ARG, "trends or path is NULL");
    sal_status st = sal_history_lines_of(trends, NULL, 0, &l, err);
    if (st != SAL_OK) return st;
    const sal_report_options o = {.title = l->n ? "Saliency checks, commit by commit"
                                                : "Saliency checks: nothing in this history",
                                  .trends = l->lines,
                                  .n_trends = l->n};
    st = sal_report_write(trends->env, "svg", NULL, 0, &o, path, err);
    sal_history_lines_free(l);
    return st;
}
