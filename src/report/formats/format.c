/* report/formats/format.c - the table of formats from formats.def, and what they share: see format.h. */
#include "report/formats/format.h"

#include "base/save.h"
#include "report/formats/formats.def"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SAL_DECLARE(id) extern const sal_format_def sal_format_##id;
SAL_FORMATS(SAL_DECLARE)

#define SAL_ROW(id) &sal_format_##id,
static const sal_format_def *const formats[] = {SAL_FORMATS(SAL_ROW) NULL};

enum { ROWS = sizeof formats / sizeof formats[0] - 1 };

const sal_report_format *sal_report_format_get(size_t i)
{
    return i < ROWS ? &formats[i]->info : NULL;
}

static const sal_outcome order[] = {SAL_FAIL, SAL_INVALID, SAL_INCONCLUSIVE, SAL_PASS};

bool sal_next_(const sal_report *r, sal_turn *t)
{
    for (; t->gravity < 4; t->gravity++, t->next = 0)
        while (t->next < r->n) {
            t->index = t->next;
            t->verdict = r->verdicts[t->next++];
            if (t->verdict->outcome == order[t->gravity]) return true;
        }
    return false;
}

bool sal_next_step_(const sal_report *r, sal_turn *t)
{
    for (; t->gravity < 4; t->gravity++, t->next = 0)
        for (; t->next < r->n; t->next++, t->next_step = 0) {
            t->index = t->next;
            t->verdict = r->verdicts[t->next];
            while (t->next_step < t->verdict->n_steps) {
                t->step = t->next_step++;
                if (sal_step_outcome_(t->verdict, t->step) == order[t->gravity]) return true;
            }
        }
    return false;
}

bool sal_same_model_(const sal_report *r, size_t a, size_t b)
{
    return !strcmp(r->verdicts[a]->model, r->verdicts[b]->model);
}

bool sal_first_of_model_(const sal_report *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (sal_same_model_(r, k, i)) return false;
    return true;
}

sal_tally sal_count_verdicts_(const sal_report *r)
{
    sal_tally c = {.n = r->n};
    for (size_t i = 0; i < r->n; i++) c.of[r->verdicts[i]->outcome]++;
    return c;
}

void sal_tally_text_(const sal_tally *c, sal_text *t)
{
    sal_text_add_(t, "%zu fail, %zu invalid, %zu inconclusive, %zu pass", c->of[SAL_FAIL],
                  c->of[SAL_INVALID], c->of[SAL_INCONCLUSIVE], c->of[SAL_PASS]);
}

bool sal_step_measured_(const sal_step_verdict *s)
{
    return s->has_statistic && s->draws > s->undefined && isfinite(s->statistic) &&
           isfinite(s->low) && isfinite(s->high);
}

void sal_step_value_(const sal_step_verdict *s, sal_text *t)
{
    if (sal_step_measured_(s))
        sal_measured_(t, s->statistic);
    else
        sal_text_add_(t, "-");
}

void sal_step_interval_(const sal_step_verdict *s, sal_text *t)
{
    if (!sal_step_measured_(s)) {
        sal_text_add_(t, "-");
        return;
    }
    sal_text_add_(t, "[");
    sal_interval_end_(t, s->low, s->limit);
    sal_text_add_(t, ", ");
    sal_interval_end_(t, s->high, s->limit);
    sal_text_add_(t, "]");
}

void sal_step_label_(const sal_verdict *v, size_t step, sal_text *t)
{
    const sal_step_verdict *s = &v->steps[step];
    bool part = strcmp(s->check, v->check) != 0;
    if (v->total_steps < 2 && v->n_steps < 2) return;
    if (part) sal_text_add_(t, "%s", s->check);
    if (s->step[0]) sal_text_add_(t, "%s%s", part ? " " : "", s->step);
    if (!part && !s->step[0]) sal_text_add_(t, "step %zu", step + 1);
}

void sal_step_message_(const sal_verdict *v, size_t step, sal_text *t)
{
    const sal_step_verdict *s = &v->steps[step];
    sal_step_claim_(v, step, t);
    if (sal_step_measured_(s)) {
        sal_text_add_(t, ": %c ", s->statistic_name);
        sal_step_value_(s, t);
        sal_text_add_(t, " ");
        sal_step_interval_(s, t);
        sal_text_add_(t, ", needed above ");
        sal_measured_(t, s->limit);
    }
    if (s->reason[0]) sal_text_add_(t, ": %s", s->reason);
}

void sal_picture_path_(const sal_report *r, const sal_verdict *v, sal_text *t)
{
    const char *folder = r->options->pictures, *slash = strrchr(v->picture, '/');
    if (!v->picture[0]) return;
    if (!folder)
        sal_text_add_(t, "%s", v->picture);
    else
        sal_text_add_(t, "%s%s%s", folder,
                      folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/",
                      slash ? slash + 1 : v->picture);
}

static sal_status find(const char *name, const sal_format_def **out, sal_error *err)
{
    const char *names[ROWS + 1] = {NULL};
    for (size_t i = 0; i < ROWS; i++) {
        names[i] = formats[i]->info.name;
        if (!strcmp(names[i], name)) {
            *out = formats[i];
            return SAL_OK;
        }
    }
    return sal_fail_name_(err, "format", name, names);
}

static sal_status check(const sal_report *r, sal_error *err)
{
    if (r->n && !r->verdicts) return sal_fail_(err, SAL_E_ARG, "verdicts is NULL");
    for (size_t i = 0; i < r->n; i++)
        if (!r->verdicts[i] || !r->verdicts[i]->n_steps)
            return sal_fail_(err, SAL_E_ARG, "verdict %zu is NULL or has no step", i);
    if (r->options->n_trends && !r->options->trends)
        return sal_fail_(err, SAL_E_ARG, "trends is NULL");
    return SAL_OK;
}

sal_status sal_report_render(const sal_env *env, const char *format,
                             const sal_verdict *const *verdicts, size_t n,
                             const sal_report_options *options,
                             int (*write)(const char *bytes, size_t size, void *self), void *self,
                             sal_error *err)
{
    static const sal_report_options defaults = {.title = NULL};
    const sal_format_def *f = NULL;
    sal_report r = {.verdicts = verdicts, .n = n, .options = options ? options : &defaults};
    r.title = r.options->title ? r.options->title : "Saliency checks";
    if (!format || !write) return sal_fail_(err, SAL_E_ARG, "format or write is NULL");
    sal_status st = check(&r, err);
    if (st == SAL_OK) st = find(format, &f, err);
    if (st != SAL_OK) return st;
    sal_out *o = sal_alloc_zero_(env, 1, sizeof *o);
    if (!o) return sal_no_memory_(err, "a report");
    *o = (sal_out){.env = env, .write = write, .self = self, .err = err};
    f->write(&r, o);
    st = sal_out_end_(o);
    sal_free_(env, o);
    return st;
}

static int to_file(const char *bytes, size_t size, void *file)
{
    return fwrite(bytes, 1, size, file) == size ? 0 : -1;
}

sal_status sal_report_write(const sal_env *env, const char *format,
                            const sal_verdict *const *verdicts, size_t n,
                            const sal_report_options *options, const char *path, sal_error *err)
{
    sal_save file;
    if (!path) return sal_fail_(err, SAL_E_ARG, "path is NULL");
    sal_status st = sal_save_begin_(env, path, &file, err);
    if (st != SAL_OK) return st;
    st = sal_report_render(env, format, verdicts, n, options, to_file, file.stream, err);
    if (st == SAL_OK) return sal_save_commit_(&file, err);
    sal_save_discard_(&file);
    return st == SAL_E_CALLBACK ? sal_save_refused_(path, "write error", err) : st;
}
