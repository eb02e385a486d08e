/* cli/cmd_history.c - salcheck history: trends of checks over commits. */
#define _POSIX_C_SOURCE 200809L
#include "cli/git.h"
#include "cli/inputs.h"
#include "cli/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- add, rebuild ------------------------------------------------------------------------------ */

static int add(const settings *s)
{
    sal_records *r = NULL;
    sal_history *h = NULL;
    sal_error err = {0};
    if (s->n != 3) return misused(s, "wanted: history add DATABASE VERDICTS.jsonl");
    if (!s->commit || !s->date)
        return misused(s, "--commit and --date are needed: --commit $(git rev-parse HEAD) --date "
                          "$(git show -s --format=%%cs)");
    sal_status st = sal_records_read(s->env, s->arguments[2], &r, &err);
    if (st == SAL_OK) st = sal_history_open(s->env, s->arguments[1], SAL_HISTORY_ADD, &h, &err);
    if (st == SAL_OK) st = sal_history_add(h, r, s->commit, s->date, &err);
    if (st == SAL_OK) st = sal_history_commit(h, &err);
    int end = st == SAL_OK ? END_PASS : failed(s, &err);
    if (st == SAL_OK && r->loss[0]) complain(s, "%s", r->loss);
    sal_history_close(h);
    sal_records_free(r);
    return end;
}

typedef struct rebuilt {
    sal_history *history;
    size_t added, skipped;
    char file[64]; /* what git shows, for the reader */
} rebuilt;

/* What cannot be read is said and left out: a file of an older salcheck must not end the history. */
static sal_status add_commit(const settings *s, const past *p, rebuilt *b, sal_error *err)
{
    sal_records *r = NULL;
    sal_error why = {0};
    bool there = false;
    FILE *f = fopen(b->file, "wb");
    if (!f) return refuse(err, SAL_E_IO, "%s cannot be written", b->file);
    sal_status st = git_file(s->from_git, s->arguments[2], p->commit, f, &there, err);
    bool bad = fclose(f) != 0;
    if (st != SAL_OK || !there) return st;
    if (bad || sal_records_read(s->env, b->file, &r, &why) != SAL_OK) {
        complain(s, "commit %.12s is left out: %s", p->commit, bad ? "write error" : why.text);
        b->skipped++;
        return SAL_OK;
    }
    if (r->loss[0]) complain(s, "commit %.12s: %s", p->commit, r->loss);
    st = sal_history_add(b->history, r, p->commit, p->date, err);
    b->added += st == SAL_OK;
    sal_records_free(r);
    return st;
}

static int rebuild(const settings *s)
{
    rebuilt b = {.file = "/tmp/salcheck-XXXXXX"};
    past *all = NULL;
    size_t n = 0;
    sal_error err = {0};
    if (s->n != 3 || !s->from_git)
        return misused(s, "wanted: history rebuild DATABASE PATH --from-git FOLDER");
    int fd = mkstemp(b.file);
    if (fd < 0) {
        complain(s, "no temporary file can be made");
        return END_ERROR;
    }
    close(fd);
    sal_status st = git_commits(s->from_git, s->arguments[2], &all, &n, &err);
    if (st == SAL_OK)
        st = sal_history_open(s->env, s->arguments[1], SAL_HISTORY_NEW, &b.history, &err);
    for (size_t i = 0; st == SAL_OK && i < n; i++) st = add_commit(s, &all[i], &b, &err);
    if (st == SAL_OK) st = sal_history_commit(b.history, &err);
    int end = st == SAL_OK ? END_PASS : failed(s, &err);
    if (st == SAL_OK)
        printf("%s: %zu commits, %zu left out\n", s->arguments[1], b.added, b.skipped);
    sal_history_close(b.history);
    unlink(b.file);
    free(all);
    return end;
}

/* ---- show, plot ------------------------------------------------------------------------------- */

static void print_series(const sal_history_series *of)
{
    printf("%s  %s\n", of->id, of->step);
    for (size_t i = 0; i < of->n; i++) {
        const sal_history_point *p = &of->points[i];
        printf("  %-12.12s  %-20s  ", p->commit, p->date);
        if (p->has_value)
            printf("%c %5.2f  [%.2f, %.2f]", of->statistic_name, p->value, p->low,
                   p->high > 1 ? 1 : p->high);
        else
            printf("%c     -  %-12s", of->statistic_name, "-");
        printf("  limit %.2f  %s\n", p->limit, sal_outcome_name(p->outcome));
    }
}

static json_t *json_of_series(const sal_history_series *of)
{
    char name[2] = {of->statistic_name, '\0'};
    json_t *points = json_array();
    for (size_t i = 0; points && i < of->n; i++) {
        const sal_history_point *p = &of->points[i];
        json_t *one = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:f}", "commit", json_of(p->commit),
                                "date", p->date, "outcome", sal_outcome_name(p->outcome), "value",
                                json_of_number(p->value, p->has_value), "low",
                                json_of_number(p->low, p->has_value), "high",
                                json_of_number(p->high, p->has_value), "limit", p->limit);
        if (!json_array_append_new(points, one)) continue;
        json_decref(points);
        points = NULL;
    }
    return json_pack("{s:o, s:o, s:s, s:o}", "id", json_of(of->id), "step", json_of(of->step),
                     "statistic", name, "points", points);
}

static int show(const settings *s, const sal_history_trends *t)
{
    json_t *all = s->json ? json_array() : NULL;
    for (size_t i = 0; i < t->n; i++) {
        if (!s->json) print_series(&t->series[i]);
        if (!s->json || !json_array_append_new(all, json_of_series(&t->series[i]))) continue;
        json_decref(all);
        return json_print(s, NULL);
    }
    return s->json ? json_print(s, all) : END_PASS;
}

static int read_and(const settings *s, bool plot)
{
    sal_history_trends *t = NULL;
    sal_error err = {0};
    if (s->n != 2) return misused(s, "wanted: history %s DATABASE", s->arguments[0]);
    if (plot && !s->out) return misused(s, "--out is missing: the SVG file");
    if (sal_history_read(s->env, s->arguments[1], s->only, &t, &err) != SAL_OK)
        return failed(s, &err);
    int end = END_PASS;
    if (plot && sal_history_plot(t, s->out, &err) != SAL_OK) end = failed(s, &err);
    if (!plot) end = show(s, t);
    sal_history_trends_free(t);
    return end;
}

int run_history(const settings *s)
{
    const char *what = s->arguments[0];
    if (!strcmp(what, "add")) return add(s);
    if (!strcmp(what, "rebuild")) return rebuild(s);
    if (!strcmp(what, "show")) return read_and(s, false);
    if (!strcmp(what, "plot")) return read_and(s, true);
    return misused(s, "'%s' is none of add, rebuild, show, plot", what);
}
