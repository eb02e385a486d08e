/* cli/trends.c - see trends.h. */
#include "cli/trends.h"

#include "cli/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE = 420, LABEL = 13 }; /* id and step; the start of a commit's name */

static bool is_wanted(const sal_history_series *of, const sal_verdict *const *verdicts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(of->id, verdicts[i]->id)) return true;
    return false;
}

static void fill(const sal_history_series *of, sal_trend *to, sal_trend_point *points, char *title,
                 char *labels)
{
    snprintf(title, TITLE, "%s %s", of->id, of->step);
    for (size_t i = 0; i < of->n; i++) {
        const sal_history_point *p = &of->points[i];
        char *label = labels + i * LABEL;
        snprintf(label, LABEL, "%.12s", p->commit);
        points[i] = (sal_trend_point){.label = label,
                                      .outcome = p->outcome,
                                      .has_value = p->has_value,
                                      .value = p->value,
                                      .low = p->low,
                                      .high = p->high};
    }
    *to = (sal_trend){.title = title,
                      .statistic_name = of->statistic_name,
                      .limit = of->points[of->n - 1].limit,
                      .n = of->n,
                      .points = points};
}

sal_status trends_read(const settings *s, const char *path, const sal_verdict *const *verdicts,
                       size_t n, trends *out, sal_error *err)
{
    trends t = {0};
    size_t points = 0, used = 0;
    sal_status st = sal_history_read(s->env, path, NULL, &t.read, err);
    if (st != SAL_OK) return st;
    size_t series = t.read->n;
    for (size_t i = 0; i < series; i++) points += t.read->series[i].n;
    t.all = calloc(series + 1, sizeof *t.all);
    t.points = calloc(points + 1, sizeof *t.points);
    t.texts = calloc(series * TITLE + points * LABEL + 1, 1);
    if (!t.all || !t.points || !t.texts) {
        trends_free(&t);
        return refuse(err, SAL_E_NOMEM, "out of memory for trends");
    }
    for (size_t i = 0; i < series; i++) {
        const sal_history_series *of = &t.read->series[i];
        if (!is_wanted(of, verdicts, n)) continue;
        fill(of, &t.all[t.n], t.points + used, t.texts + t.n * TITLE,
             t.texts + series * TITLE + used * LABEL);
        used += of->n;
        t.n++;
    }
    *out = t;
    return SAL_OK;
}

void trends_free(trends *t)
{
    sal_history_trends_free(t->read);
    free(t->all);
    free(t->points);
    free(t->texts);
    *t = (trends){0};
}
