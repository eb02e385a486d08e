/* record/read.c - files of verdicts, line by line; steps that belong together become one verdict. */
#include "base/base.h"
#include "record/fields.h"
#include "record/lines.h"

#include <stdio.h>
#include <string.h>

enum { MOST_VERDICTS = 1 << 16 };

/* A file that is being read. */
typedef struct {
    sal_records *all;
    sal_place at;
    size_t room;  /* verdicts */
    size_t steps; /* room of the last verdict */
    bool parts;   /* of shards */
} reading;

/* An array with room for one more: doubled when it is full. */
static void *grown(const sal_env *env, void *old, size_t n, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : 4;
    if (n < *room) return old;
    void *bigger = sal_alloc_zero_(env, more, size);
    if (!bigger) return NULL;
    if (n) memcpy(bigger, old, n * size);
    sal_free_(env, old);
    *room = more;
    return bigger;
}

/* Of the steps read so far: the gravest decides, as in a check. */
static void settle(sal_verdict *v)
{
    static const int gravity[] = {
        [SAL_PASS] = 0, [SAL_FAIL] = 3, [SAL_INCONCLUSIVE] = 1, [SAL_INVALID] = 2};
    v->outcome = SAL_PASS;
    v->decisive = 0;
    for (size_t i = 0; i < v->n_steps; i++)
        if (gravity[v->steps[i].outcome] > gravity[v->outcome]) {
            v->outcome = v->steps[i].outcome;
            v->decisive = i;
        }
    if (v->outcome != SAL_PASS || v->n_steps == v->total_steps) return;
    v->outcome = SAL_INCONCLUSIVE; /* ended before its last step */
    v->decisive = v->n_steps - 1;
}

static sal_status start_verdict(reading *r, const sal_verdict *head, sal_error *err)
{
    sal_records *all = r->all;
    sal_verdict **more = grown(all->env, all->verdicts, all->n, &r->room, sizeof(sal_verdict *));
    if (!more) return sal_no_memory_(err, "verdicts");
    all->verdicts = more;
    sal_verdict *v = sal_alloc_zero_(all->env, 1, sizeof *v);
    if (!v) return sal_no_memory_(err, "a verdict");
    *v = *head;
    v->env = all->env;
    all->verdicts[all->n++] = v;
    r->steps = 0;
    return SAL_OK;
}

static sal_status add_step(reading *r, const sal_step_verdict *s, sal_error *err)
{
    sal_verdict *v = r->all->verdicts[r->all->n - 1];
    sal_step_verdict *more = grown(v->env, v->steps, v->n_steps, &r->steps, sizeof *more);
    if (!more) return sal_no_memory_(err, "a verdict's steps");
    v->steps = more;
    v->steps[v->n_steps++] = *s;
    settle(v);
    return SAL_OK;
}

static bool belongs(const reading *r, const sal_verdict *head, size_t index)
{
    const sal_verdict *last = r->all->n ? r->all->verdicts[r->all->n - 1] : NULL;
    return last && !strcmp(last->id, head->id) && last->n_steps == index &&
           last->total_steps == head->total_steps;
}

static sal_status add_line(reading *r, const char *line, size_t size, sal_error *err)
{
    sal_verdict head;
    sal_step_verdict step;
    size_t index;
    const sal_env *env = r->all->env;
    sal_status st = sal_line_read_(env, line, size, r->at, r->parts, &head, &step, &index, err);
    if (st != SAL_OK) return st;
    if (head.total_steps <= index)
        st = sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: step %zu of %zu", r->at.file,
                       r->at.line, index, head.total_steps);
    else if (index && !belongs(r, &head, index))
        st = sal_fail_(err, SAL_E_FORMAT,
                       "%.100s: line %zu: step %zu of \"%.80s\" without the one before it",
                       r->at.file, r->at.line, index, head.id);
    for (size_t i = 0; st == SAL_OK && !index && i < r->all->n; i++)
        if (!strcmp(r->all->verdicts[i]->id, head.id))
            st = sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%.80s\" is there twice",
                           r->at.file, r->at.line, head.id);
    if (st == SAL_OK && !index && r->all->n == MOST_VERDICTS)
        st = sal_fail_(err, SAL_E_FORMAT, "%.100s: more than %d verdicts", r->at.file,
                       MOST_VERDICTS);
    if (st == SAL_OK && !index) st = start_verdict(r, &head, err);
    if (st == SAL_OK) st = add_step(r, &step, err);
    if (st != SAL_OK) sal_free_(env, step.records);
    return st;
}

static sal_status take_line(void *self, sal_place at, const char *line, size_t size, bool ended,
                            sal_error *err)
{
    reading *r = self;
    r->at = at;
    sal_status st = add_line(r, line, size, err);
    if (st != SAL_E_FORMAT || ended) return st;
    snprintf(r->all->loss, sizeof r->all->loss, "%.100s: line %zu is cut short and left out",
             at.file, at.line);
    return SAL_OK;
}

static sal_status read_records(const sal_env *env, const char *path, bool parts, sal_records **out,
                               sal_error *err)
{
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_records *all = sal_alloc_zero_(env, 1, sizeof *all);
    if (!all) return sal_no_memory_(err, "verdicts");
    reading r = {.all = all, .parts = parts};
    all->env = env;
    sal_status st = sal_lines_read_(env, path, take_line, &r, err);
    if (st == SAL_OK)
        *out = all;
    else
        sal_records_free(all);
    return st;
}

sal_status sal_records_read(const sal_env *env, const char *path, sal_records **out, sal_error *err)
{
    return read_records(env, path, false, out, err);
}

sal_status sal_records_read_parts(const sal_env *env, const char *path, sal_records **out,
                                  sal_error *err)
{
    return read_records(env, path, true, out, err);
}

void sal_records_free(sal_records *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->n; i++) sal_verdict_free(r->verdicts[i]);
    sal_free_(r->env, r->verdicts);
    sal_free_(r->env, r);
}
