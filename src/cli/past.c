/* cli/past.c - see past.h. */
#include "cli/past.h"

#include "cli/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "3f1c09a2bb 2026-11-25" */
static void set_point(const sal_history_point *from, sal_trend_point *to, char *label)
{
    snprintf(label, TREND_TEXT, "%.10s %.10s", from->commit, from->date);
    *to = (sal_trend_point){.label = label,
                            .outcome = from->outcome,
                            .has_value = from->has_value,
                            .value = from->value,
                            .low = from->low,
                            .high = from->high};
}

static void add_series(trends_of *t, const sal_history_series *of, size_t *points, size_t *texts)
{
    char *title = t->texts[(*texts)++];
    sal_trend *trend = &t->trends[t->n++];
    snprintf(title, TREND_TEXT, "%s%s%s", of->id, of->step[0] ? " " : "", of->step);
    *trend = (sal_trend){.title = title,
                         .statistic_name = of->statistic_name,
                         .limit = of->n ? of->points[of->n - 1].limit : 0,
                         .n = of->n,
                         .points = t->points + *points};
    for (size_t i = 0; i < of->n; i++)
        set_point(&of->points[i], &t->points[(*points)++], t->texts[(*texts)++]);
}

static sal_status choose(trends_of *t, const char **ids, size_t n, sal_error *err)
{
    size_t points = 0, texts = 0;
    for (size_t i = 0; i < t->read->n; i++) points += t->read->series[i].n;
    t->trends = calloc(t->read->n + 1, sizeof *t->trends);
    t->points = calloc(points + 1, sizeof *t->points);
    t->texts = calloc(points + t->read->n + 1, sizeof *t->texts);
    if (!t->trends || !t->points || !t->texts) return refuse(err, SAL_E_NOMEM, "out of memory");
    points = 0;
    for (size_t i = 0; i < t->read->n; i++) {
        const char *id = t->read->series[i].id;
        if (bsearch(&id, ids, n, sizeof *ids, by_text))
            add_series(t, &t->read->series[i], &points, &texts);
    }
    return SAL_OK;
}

sal_status past_read(const settings *s, const sal_verdict *const *verdicts, size_t n,
                     trends_of *out, sal_error *err)
{
    if (!s->history) return SAL_OK;
    const char **ids = calloc(n + 1, sizeof *ids);
    if (!ids) return refuse(err, SAL_E_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) ids[i] = verdicts[i]->id;
    qsort(ids, n, sizeof *ids, by_text);
    sal_status st = sal_history_read(s->env, s->history, NULL, &out->read, err);
    if (st == SAL_OK) st = choose(out, ids, n, err);
    free(ids);
    return st;
}

void past_free(trends_of *t)
{
    free(t->trends);
    free(t->points);
    free(t->texts);
    sal_history_trends_free(t->read);
}
