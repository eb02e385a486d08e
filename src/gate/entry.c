/* gate/entry.c - what is kept of a step: what it was asked, what came out, and its draws in
 * ten-thousandths. Rounding moves D by less than 1e-4, the margin is 5e-2; new verdicts are rounded
 * too, so that the same run differs from itself by nothing. */
#include "gate/entry.h"

#include "report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double sal_entry_round_(double value)
{
    double rounded = round(value * SAL_ENTRY_UNIT) / SAL_ENTRY_UNIT;
    return rounded == 0 ? 0 : rounded; /* no -0 */
}

int sal_entry_order_(const sal_entry *a, const sal_entry *b)
{
    int by_id = strcmp(a->id, b->id);
    return by_id ? by_id : strcmp(a->step, b->step);
}

static bool same_draws(const sal_entry *a, const sal_entry *b)
{
    for (size_t i = 0; i < a->n_draws; i++) {
        const sal_draw_record *x = &a->draws[i], *y = &b->draws[i];
        if (x->input != y->input || x->defined != y->defined || x->r != y->r || x->a != y->a ||
            x->u != y->u)
            return false;
    }
    return true;
}

bool sal_entry_same_(const sal_entry *a, const sal_entry *b)
{
    return !sal_entry_order_(a, b) && !strcmp(a->method, b->method) &&
           !strcmp(a->metric, b->metric) && !strcmp(a->randomisation, b->randomisation) &&
           !strcmp(a->options, b->options) && a->model_hash == b->model_hash &&
           a->inputs_hash == b->inputs_hash && a->seed == b->seed && a->outcome == b->outcome &&
           a->statistic_name == b->statistic_name && a->has_statistic == b->has_statistic &&
           a->statistic == b->statistic && a->low == b->low && a->high == b->high &&
           a->limit == b->limit && a->n_draws == b->n_draws && same_draws(a, b);
}

const sal_entry *sal_entry_find_(const sal_baseline *b, const char *id, const char *step)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const sal_entry *e = &b->entries[middle];
        int order = strcmp(id, e->id);
        if (!order) order = strcmp(step, e->step);
        if (!order) return e;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

sal_status sal_entry_copy_(const sal_env *env, const sal_entry *from, sal_entry *out,
                           sal_error *err)
{
    sal_draw_record *draws = sal_alloc_array_(env, from->n_draws + 1, sizeof *draws);
    if (!draws) return sal_no_memory_(err, "draws");
    if (from->n_draws) memcpy(draws, from->draws, from->n_draws * sizeof *draws);
    *out = *from;
    out->draws = draws;
    return SAL_OK;
}

size_t sal_entry_fixed_(const sal_verdict *v, const sal_step_verdict *s)
{
    size_t n = v->min_draws < v->max_draws ? v->min_draws : v->max_draws;
    return s->n_records >= n ? n : 0;
}

sal_entry *sal_baseline_more_(sal_baseline *b, size_t *room)
{
    if (b->n == *room) {
        size_t more = *room ? 2 * *room : 8;
        sal_entry *bigger = sal_alloc_array_(b->env, more, sizeof *bigger);
        if (!bigger) return NULL;
        if (b->n) memcpy(bigger, b->entries, b->n * sizeof *bigger);
        sal_free_(b->env, b->entries);
        b->entries = bigger;
        *room = more;
    }
    sal_entry *e = &b->entries[b->n++];
    memset(e, 0, sizeof *e);
    return e;
}

static int in_order(const void *a, const void *b)
{
    return sal_entry_order_(a, b);
}

void sal_baseline_sort_(sal_baseline *b)
{
    if (b->n) qsort(b->entries, b->n, sizeof *b->entries, in_order);
}

/* ---- from verdicts ---------------------------------------------------------------------------- */

static void take_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
    sal_text_make_safe_(to, false);
}

/* Steps are told apart by their layer, picture or part; long names that were cut may be equal. */
static void name_step(const sal_verdict *v, size_t k, sal_entry *e)
{
    const sal_step_verdict *s = &v->steps[k];
    const char *name = s->step[0] ? s->step : s->check;
    size_t before = 0;
    for (size_t i = 0; i < k; i++) {
        const sal_step_verdict *other = &v->steps[i];
        before += !strcmp(name, other->step[0] ? other->step : other->check);
    }
    take_text(e->step, sizeof e->step, name);
    size_t n = strlen(e->step);
    if (before) snprintf(e->step + n, sizeof e->step - n, "#%zu", before + 1);
}

static bool take_draw(const sal_draw_record *from, bool three, sal_draw_record *to)
{
    const double values[] = {from->r, from->a, from->u};
    for (size_t i = 0; from->defined && i < 3; i++)
        if ((three || i == 1) && !(values[i] >= -1 && values[i] <= 1)) return false;
    *to = (sal_draw_record){.draw = to->draw, .input = from->input, .defined = from->defined};
    if (!from->defined) return true;
    to->a = sal_entry_round_(from->a);
    if (!three) return true;
    to->r = sal_entry_round_(from->r);
    to->u = sal_entry_round_(from->u);
    return true;
}

static sal_status take_step(const sal_env *env, const sal_verdict *v, size_t k, sal_entry *e,
                            sal_error *err)
{
    const sal_step_verdict *s = &v->steps[k];
    take_text(e->id, sizeof e->id, v->id);
    take_text(e->method, sizeof e->method, v->method);
    take_text(e->metric, sizeof e->metric, v->metric);
    take_text(e->randomisation, sizeof e->randomisation, v->randomisation);
    take_text(e->options, sizeof e->options, v->options);
    name_step(v, k, e);
    e->model_hash = v->model_hash;
    e->inputs_hash = v->inputs_hash;
    e->seed = v->seed;
    e->outcome = s->outcome;
    e->statistic_name = s->statistic_name;
    e->has_statistic = s->has_statistic && isfinite(s->statistic);
    e->statistic = e->has_statistic ? sal_entry_round_(s->statistic) : 0;
    e->low = sal_entry_round_(s->low);
    e->high = sal_entry_round_(s->high);
    e->limit = sal_entry_round_(s->limit);
    size_t n = sal_entry_fixed_(v, s);
    e->draws = sal_alloc_zero_(env, n + 1, sizeof *e->draws);
    if (!e->draws) return sal_no_memory_(err, "draws");
    for (size_t i = 0; i < n; i++) {
        e->draws[i].draw = i;
        if (!take_draw(&s->records[i], s->statistic_name == 'D', &e->draws[i]))
            return sal_fail_(err, SAL_E_VALUE, "\"%.80s\": draw %zu is not within -1 and 1", e->id,
                             i);
    }
    e->n_draws = n;
    return SAL_OK;
}

sal_status sal_baseline_of(const sal_env *env, const sal_records *records, sal_baseline **out,
                           sal_error *err)
{
    size_t room = 0;
    sal_status st = SAL_OK;
    if (!out) return sal_fail_(err, SAL_E_ARG, "out is NULL");
    sal_baseline *b = sal_alloc_zero_(env, 1, sizeof *b);
    if (!b) return sal_no_memory_(err, "a baseline");
    b->env = env;
    for (size_t i = 0; records && i < records->n; i++)
        for (size_t k = 0; st == SAL_OK && k < records->verdicts[i]->n_steps; k++) {
            sal_entry *e = sal_baseline_more_(b, &room);
            st = e ? take_step(env, records->verdicts[i], k, e, err)
                   : sal_no_memory_(err, "entries");
        }
    if (st == SAL_OK) sal_baseline_sort_(b);
    for (size_t i = 1; st == SAL_OK && i < b->n; i++)
        if (!sal_entry_order_(&b->entries[i - 1], &b->entries[i]))
            st = sal_fail_(err, SAL_E_VALUE, "\"%.80s\", step \"%.80s\", is there twice",
                           b->entries[i].id, b->entries[i].step);
    if (st == SAL_OK)
        *out = b;
    else
        sal_baseline_free(b);
    return st;
}

void sal_baseline_free(sal_baseline *b)
{
    if (!b) return;
    for (size_t i = 0; i < b->n; i++) sal_free_(b->env, b->entries[i].draws);
    sal_free_(b->env, b->entries);
    sal_free_(b->env, b);
}
