/* gate/baseline.c - the file of a baseline, and taking new entries over into it. */
#include "gate/entry.h"

#include "base/save.h"
#include "record/lines.h"

#include <string.h>

/* ---- read ------------------------------------------------------------------------------------- */

typedef struct {
    sal_baseline *b;
    size_t room;
} reading;

static sal_status take_line(void *self, sal_place at, const char *line, size_t size, bool ended,
                            sal_error *err)
{
    reading *r = self;
    sal_entry e;
    sal_status st = sal_entry_read_(r->b->env, at, line, size, &e, err);
    if (st == SAL_E_FORMAT && !ended)
        return sal_fail_(err, st, "%.100s: line %zu is cut short: the file is not whole", at.file,
                         at.line);
    if (st != SAL_OK) return st;
    sal_entry *to = sal_baseline_more_(r->b, &r->room);
    if (!to) {
        sal_free_(r->b->env, e.draws);
        return sal_no_memory_(err, "entries");
    }
    *to = e;
    return SAL_OK;
}

sal_status sal_baseline_read(const sal_env *env, const char *path, sal_baseline **out,
                             sal_error *err)
{
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_baseline *b = sal_alloc_zero_(env, 1, sizeof *b);
    if (!b) return sal_no_memory_(err, "a baseline");
    b->env = env;
    reading r = {b, 0};
    sal_status st = sal_lines_read_(env, path, take_line, &r, err);
    if (st == SAL_OK) sal_baseline_sort_(b);
    for (size_t i = 1; st == SAL_OK && i < b->n; i++)
        if (!sal_entry_order_(&b->entries[i - 1], &b->entries[i]))
            st = sal_fail_(err, SAL_E_FORMAT, "%.100s: \"%.80s\", step \"%.80s\", is there twice",
                           sal_save_shown_(path), b->entries[i].id, b->entries[i].step);
    if (st == SAL_OK)
        *out = b;
    else
        sal_baseline_free(b);
    return st;
}

/* ---- update ----------------------------------------------------------------------------------- */

/* Entries of both sides in order; at equal names the new one, unless it says nothing. */
typedef struct {
    const sal_baseline *old, *newer;
    size_t i, k;
    bool prune;
    sal_baseline_changes changes;
} merge;

static const sal_entry *at(const sal_baseline *b, size_t i)
{
    return i < b->n ? &b->entries[i] : NULL;
}

/* Which of two entries of the same name stays (old NULL: a new name). */
static const sal_entry *choose(merge *m, const sal_entry *old, const sal_entry *newer)
{
    if (newer->outcome == SAL_INVALID || !newer->has_statistic) {
        m->changes.invalid++;
        return old;
    }
    bool same = old && sal_entry_same_(old, newer);
    m->changes.added += !old;
    m->changes.same += same;
    m->changes.changed += old && !same;
    return newer;
}

/* The next entry to keep, or NULL at the end. */
static const sal_entry *next(merge *m)
{
    const sal_entry *kept = NULL;
    while (!kept && (m->i < m->old->n || m->k < m->newer->n)) {
        const sal_entry *old = at(m->old, m->i), *newer = at(m->newer, m->k);
        int order = !old ? 1 : !newer ? -1 : sal_entry_order_(old, newer);
        m->i += order <= 0;
        m->k += order >= 0;
        if (newer && order >= 0) {
            kept = choose(m, order ? NULL : old, newer);
            continue;
        }
        m->changes.kept += !m->prune;
        m->changes.removed += m->prune;
        kept = m->prune ? NULL : old;
    }
    return kept;
}

sal_status sal_baseline_update(sal_baseline *b, const sal_baseline *newer, bool prune,
                               sal_baseline_changes *changes, sal_error *err)
{
    if (!b || !newer) return sal_fail_(err, SAL_E_ARG, "a baseline is NULL");
    merge m = {.old = b, .newer = newer, .prune = prune};
    sal_baseline all = {.env = b->env};
    size_t room = 0;
    sal_status st = SAL_OK;
    for (const sal_entry *e; st == SAL_OK && (e = next(&m));) {
        sal_entry *to = sal_baseline_more_(&all, &room);
        st = to ? sal_entry_copy_(b->env, e, to, err) : sal_no_memory_(err, "entries");
    }
    sal_baseline *drop = st == SAL_OK ? b : &all;
    for (size_t i = 0; i < drop->n; i++) sal_free_(b->env, drop->entries[i].draws);
    sal_free_(b->env, drop->entries);
    if (st != SAL_OK) return st;
    *b = all;
    if (changes) *changes = m.changes;
    return SAL_OK;
}

/* ---- write ------------------------------------------------------------------------------------ */

sal_status sal_baseline_write(const sal_baseline *b, const char *path, sal_error *err)
{
    sal_save file;
    if (!b || !path) return sal_fail_(err, SAL_E_ARG, "baseline or path is NULL");
    sal_status st = sal_save_begin_(b->env, path, &file, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; st == SAL_OK && i < b->n; i++)
        st = sal_entry_write_(&b->entries[i], file.stream, err);
    if (st == SAL_OK) return sal_save_commit_(&file, err);
    sal_save_discard_(&file);
    return st;
}
