/* cli/cmd_report.c - salcheck report: kept verdicts of one or more files as JUnit, Markdown, HTML ... */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct kept {
    const char *id;
    size_t file; /* of the arguments */
} kept;

typedef struct files {
    size_t n_files, n;
    sal_records **records;        /* [n_files] */
    const sal_verdict **verdicts; /* [n], borrowed from records */
} files;

static int by_id(const void *a, const void *b)
{
    const kept *left = a, *right = b;
    int order = strcmp(left->id, right->id);
    return order ? order : (left->file > right->file) - (left->file < right->file);
}

/* A file names an id once; two files must not name the same. */
static int complain_of_twins(const settings *s, const files *f)
{
    kept *all = calloc(f->n + 1, sizeof *all);
    size_t n = 0;
    int end = END_PASS;
    if (!all) return complain(s, "out of memory"), END_ERROR;
    for (size_t i = 0; i < f->n_files; i++)
        for (size_t k = 0; k < f->records[i]->n; k++)
            all[n++] = (kept){f->records[i]->verdicts[k]->id, i};
    qsort(all, n, sizeof *all, by_id);
    for (size_t i = 1; i < n && end == END_PASS; i++)
        if (!strcmp(all[i - 1].id, all[i].id)) {
            complain(s, "\"%s\" is both in %s and in %s", all[i].id, s->arguments[all[i - 1].file],
                     s->arguments[all[i].file]);
            end = END_ERROR;
        }
    free(all);
    return end;
}

/* The name of a picture becomes its path: a file of verdicts knows the name only. */
static void place_picture(const settings *s, const char *file, sal_verdict *v)
{
    char name[sizeof v->picture];
    const char *slash = strrchr(v->picture, '/'), *end = strrchr(file, '/');
    int folder = end ? (int)(end + 1 - file) : 0, n;
    if (s->pictures && !s->pictures[0]) v->picture[0] = '\0';
    if (!v->picture[0]) return;
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : v->picture);
    if (s->pictures)
        n = snprintf(v->picture, sizeof v->picture, "%s/%s", s->pictures, name);
    else
        n = snprintf(v->picture, sizeof v->picture, "%.*ssalcheck-out/%s", folder, file, name);
    if (n >= (int)sizeof v->picture) snprintf(v->picture, sizeof v->picture, "%s", name);
}

static int read_all(const settings *s, files *f)
{
    sal_error err = {0};
    f->records = calloc(s->n, sizeof(sal_records *));
    if (!f->records) return complain(s, "out of memory"), END_ERROR;
    for (; f->n_files < s->n; f->n_files++) {
        sal_records **r = &f->records[f->n_files];
        const char *file = s->arguments[f->n_files];
        if (sal_records_read(s->env, file, r, &err) != SAL_OK) return failed(s, &err);
        if ((*r)->loss[0]) complain(s, "%s", (*r)->loss);
        for (size_t i = 0; i < (*r)->n; i++) place_picture(s, file, (*r)->verdicts[i]);
        f->n += (*r)->n;
    }
    f->verdicts = calloc(f->n + 1, sizeof(const sal_verdict *));
    if (!f->verdicts) return complain(s, "out of memory"), END_ERROR;
    size_t n = 0;
    for (size_t i = 0; i < f->n_files; i++)
        for (size_t k = 0; k < f->records[i]->n; k++) f->verdicts[n++] = f->records[i]->verdicts[k];
    return complain_of_twins(s, f);
}

/* The past of the checks that are reported. */
static sal_status read_past(const settings *s, const files *f, sal_history_lines **past,
                            sal_error *err)
{
    sal_history_trends *t = NULL;
    if (!s->history) return SAL_OK;
    sal_status st = sal_history_read(s->env, s->history, NULL, &t, err);
    if (st == SAL_OK) st = sal_history_lines_of(t, f->verdicts, f->n, past, err);
    sal_history_trends_free(t);
    return st;
}

static int write_all(const settings *s, const files *f)
{
    sal_history_lines *past = NULL;
    sal_error err = {0};
    sal_status st = read_past(s, f, &past, &err);
    const sal_report_options options = {.title = s->title,
                                        .trends = past && past->n ? past->lines : NULL,
                                        .n_trends = past ? past->n : 0};
    for (size_t i = 0; st == SAL_OK && sal_report_format_get(i); i++)
        if (s->reports[i])
            st = sal_report_write(s->env, sal_report_format_get(i)->name, f->verdicts, f->n,
                                  &options, s->reports[i], &err);
    sal_history_lines_free(past);
    return st == SAL_OK ? END_PASS : failed(s, &err);
}

static bool wants_none(const settings *s)
{
    for (size_t i = 0; i < MOST_FORMATS; i++)
        if (s->reports[i]) return false;
    return true;
}

int run_report(const settings *s)
{
    files f = {0};
    if (wants_none(s)) return misused(s, "no report is asked for, such as --html FILE");
    int end = read_all(s, &f);
    if (end == END_PASS) end = write_all(s, &f);
    for (size_t i = 0; i < f.n_files; i++) sal_records_free(f.records[i]);
    free(f.records);
    free(f.verdicts);
    return end;
}
