/* gate/waivers.c - excuses with an owner and an end. What is wrong with one in itself refuses the file;
 * what time or the verdicts make of it fails the gate. */
#include "gate/waivers.h"

#include "base/save.h"
#include "gate/dates.h"
#include "record/lines.h"
#include "record/take.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- read ------------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    bool needed;
    size_t offset, size;
} fields[] = {
    {"check", true, offsetof(sal_waiver, check), sizeof(((sal_waiver *)0)->check)},
    {"step", false, offsetof(sal_waiver, step), sizeof(((sal_waiver *)0)->step)},
    {"reason", true, offsetof(sal_waiver, reason), sizeof(((sal_waiver *)0)->reason)},
    {"owner", true, offsetof(sal_waiver, owner), sizeof(((sal_waiver *)0)->owner)},
    {"expires", true, offsetof(sal_waiver, expires), sizeof(((sal_waiver *)0)->expires)},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static sal_status check_keys(sal_place at, const json_t *o, sal_error *err)
{
    const char *names[FIELDS + 1] = {NULL};
    for (size_t i = 0; i < FIELDS; i++) names[i] = fields[i].key;
    /* jansson's iterators are not const, though they change nothing */
    for (void *it = json_object_iter((json_t *)(uintptr_t)o); it;
         it = json_object_iter_next((json_t *)(uintptr_t)o, it)) {
        const char *key = json_object_iter_key(it);
        size_t i = 0;
        while (i < FIELDS && strcmp(key, names[i]) != 0) i++;
        if (i < FIELDS) continue;
        const char *near = sal_nearest_name_(key, names);
        return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: unknown key \"%.40s\"%s%s%s",
                         at.file, at.line, key, near ? "; did you mean \"" : "", near ? near : "",
                         near ? "\"?" : "");
    }
    return SAL_OK;
}

static sal_status take_fields(sal_place at, const json_t *o, sal_waiver *w, sal_error *err)
{
    sal_status st = check_keys(at, o, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < FIELDS; i++) {
        const json_t *value = json_object_get(o, fields[i].key);
        char *to = (char *)w + fields[i].offset;
        if (!value && !fields[i].needed) continue;
        if (!value)
            return sal_fail_(err, SAL_E_FORMAT, "%.100s: line %zu: \"%s\" is missing", at.file,
                             at.line, fields[i].key);
        bool good = sal_field_take_(value, SAL_IS_TEXT, to, fields[i].size) && to[0];
        if (i == FIELDS - 1) good = good && sal_day_parse_(w->expires, &w->last_day);
        if (good) continue;
        if (i == FIELDS - 1)
            return sal_fail_(err, SAL_E_FORMAT,
                             "%.100s: line %zu: \"expires\" is no day, wanted one such as "
                             "\"2026-12-31\"",
                             at.file, at.line);
        return sal_fail_(err, SAL_E_FORMAT,
                         "%.100s: line %zu: \"%s\" is wrong, wanted a text of 1 to %zu bytes",
                         at.file, at.line, fields[i].key, fields[i].size - 1);
    }
    return SAL_OK;
}

typedef struct {
    sal_waivers *all;
    size_t room;
} reading;

static sal_status add(reading *r, const sal_waiver *w, sal_place at, sal_error *err)
{
    sal_waivers *all = r->all;
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->items[i].check, w->check) && !strcmp(all->items[i].step, w->step))
            return sal_fail_(err, SAL_E_FORMAT,
                             "%.100s: line %zu: \"%.80s\" is waived twice, on line %zu too",
                             at.file, at.line, w->check, all->items[i].line);
    if (all->n == r->room) {
        size_t more = r->room ? 2 * r->room : 8;
        sal_waiver *bigger = sal_alloc_array_(all->env, more, sizeof *bigger);
        if (!bigger) return sal_no_memory_(err, "waivers");
        if (all->n) memcpy(bigger, all->items, all->n * sizeof *bigger);
        sal_free_(all->env, all->items);
        all->items = bigger;
        r->room = more;
    }
    all->items[all->n++] = *w;
    return SAL_OK;
}

static sal_status take_line(void *self, sal_place at, const char *line, size_t size, bool ended,
                            sal_error *err)
{
    json_t *o;
    (void)ended; /* people forget the last end of line; a cut object is no JSON */
    sal_waiver w = {.line = at.line};
    sal_status st = sal_object_read_(at, line, size, &o, err);
    if (st != SAL_OK) return st;
    st = take_fields(at, o, &w, err);
    json_decref(o);
    return st == SAL_OK ? add(self, &w, at, err) : st;
}

sal_status sal_waivers_read(const sal_env *env, const char *path, sal_waivers **out, sal_error *err)
{
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_waivers *all = sal_alloc_zero_(env, 1, sizeof *all);
    if (!all) return sal_no_memory_(err, "waivers");
    all->env = env;
    snprintf(all->file, sizeof all->file, "%s", sal_save_shown_(path));
    reading r = {all, 0};
    sal_status st = sal_lines_read_(env, path, take_line, &r, err);
    if (st == SAL_OK)
        *out = all;
    else
        sal_waivers_free(all);
    return st;
}

void sal_waivers_free(sal_waivers *w)
{
    if (!w) return;
    sal_free_(w->env, w->items);
    sal_free_(w->env, w);
}

/* ---- apply ------------------------------------------------------------------------------------ */

static bool covers(const sal_waiver *w, const sal_gate_row *row)
{
    const sal_entry *e = row->now ? row->now : row->before;
    return !strcmp(w->check, e->id) && (!w->step[0] || !strcmp(w->step, e->step));
}

/* What is wrong with it, or NULL. */
static const char *judge(const sal_waiver *w, int64_t today, sal_gate_result *r)
{
    size_t known = 0, needed = 0;
    bool valid = today <= w->last_day && w->last_day - today <= SAL_WAIVER_DAYS;
    for (size_t i = 0; i < r->n; i++) {
        if (!covers(w, &r->rows[i])) continue;
        known++;
        if (r->rows[i].outcome == SAL_PASS && !r->rows[i].waiver) continue;
        needed++;
        if (!valid) continue;
        r->rows[i].waiver = w;
        r->rows[i].outcome = SAL_PASS;
    }
    if (today > w->last_day) return "expired";
    if (!valid) return "reaches too far: at most 90 days ahead";
    if (!known) return "names no check or step of this gate";
    return needed ? NULL : "is stale: the check passes";
}

void sal_waivers_apply_(const sal_waivers *w, int64_t today, sal_gate_result *r)
{
    for (size_t i = 0; i < w->n; i++) {
        const sal_waiver *one = &w->items[i];
        const char *wrong = judge(one, today, r);
        if (!wrong) continue;
        char *to = r->problems[r->n_problems++];
        sal_text t = sal_text_into_(to, sizeof r->problems[0]);
        sal_text_add_(&t, "%s: line %zu: the waiver of \"%.60s\" (%.30s, until %s) %s", w->file,
                      one->line, one->check, one->owner, one->expires, wrong);
    }
}
