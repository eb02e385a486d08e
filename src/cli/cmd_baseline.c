/* cli/cmd_baseline.c - salcheck baseline: the verdicts that later ones are compared with. */
#include "cli/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* An absent file is an empty baseline; *is_new says so. */
static sal_status read_or_start(const settings *s, const char *path, sal_baseline **out,
                                bool *is_new, sal_error *err)
{
    FILE *there = fopen(path, "rb");
    *is_new = !there && errno == ENOENT;
    if (there) (void)fclose(there);
    return *is_new ? sal_baseline_of(s->env, NULL, out, err)
                   : sal_baseline_read(s->env, path, out, err);
}

static void warn(const settings *s, const sal_records *now, const sal_baseline *newer)
{
    size_t loose = 0;
    for (size_t i = 0; i < newer->n; i++) loose += !newer->entries[i].n_draws;
    if (now->loss[0]) complain(s, "%s", now->loss);
    if (loose)
        complain(s,
                 "%zu of %zu steps have no fixed sample and cannot be compared later: run checks "
                 "with --min-draws 256",
                 loose, newer->n);
}

static int update(const settings *s)
{
    sal_records *now = NULL;
    sal_baseline *old = NULL, *newer = NULL;
    sal_baseline_changes c = {0};
    sal_error err = {0};
    bool is_new = false;
    if (s->n < 2) return misused(s, "update needs a file of verdicts");
    sal_status st = sal_records_read(s->env, s->arguments[1], &now, &err);
    if (st == SAL_OK) st = read_or_start(s, s->baseline, &old, &is_new, &err);
    if (st == SAL_OK) st = sal_baseline_of(s->env, now, &newer, &err);
    if (st == SAL_OK) st = sal_baseline_update(old, newer, s->prune, &c, &err);
    if (st == SAL_OK) st = sal_baseline_write(old, s->baseline, &err);
    int end = st == SAL_OK ? END_PASS : failed(s, &err);
    if (st == SAL_OK) {
        warn(s, now, newer);
        printf("%s%s: %zu added, %zu changed, %zu unchanged, %zu kept, %zu removed", s->baseline,
               is_new ? " (new)" : "", c.added, c.changed, c.same, c.kept, c.removed);
        if (c.invalid) printf(", %zu invalid left out", c.invalid);
        printf("\n");
    }
    sal_baseline_free(newer);
    sal_baseline_free(old);
    sal_records_free(now);
    return end;
}

static json_t *json_of_entry(const sal_entry *e)
{
    char name[2] = {e->statistic_name, '\0'};
    return json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:f, s:I}", "id", json_of(e->id), "step",
                     json_of(e->step), "outcome", sal_outcome_name(e->outcome), "statistic", name,
                     "value", json_of_number(e->statistic, e->has_statistic), "low",
                     json_of_number(e->low, e->has_statistic), "high",
                     json_of_number(e->high, e->has_statistic), "limit", e->limit, "draws",
                     (json_int_t)e->n_draws);
}

static int show(const settings *s)
{
    sal_baseline *b = NULL;
    sal_error err = {0};
    if (s->n > 1) return misused(s, "one argument too many: '%s'", s->arguments[1]);
    if (sal_baseline_read(s->env, s->baseline, &b, &err) != SAL_OK) return failed(s, &err);
    int end = END_PASS;
    json_t *all = s->json ? json_array() : NULL;
    if (!s->json)
        printf("%-44s %-14s %6s  %-14s %6s  %s\n", "check", "step", "value", "interval", "draws",
               "outcome");
    for (size_t i = 0; i < b->n; i++) {
        const sal_entry *e = &b->entries[i];
        if (s->json) {
            if (json_array_append_new(all, json_of_entry(e))) end = END_ERROR;
            continue;
        }
        printf("%-44s %-14s %c %.2f  [%.2f, %.2f]   %6zu  %s\n", e->id, e->step, e->statistic_name,
               e->statistic, e->low, e->high > 1 && e->limit < 1 ? 1 : e->high, e->n_draws,
               sal_outcome_name(e->outcome));
    }
    if (s->json && json_print(s, all) != END_PASS) end = END_ERROR;
    sal_baseline_free(b);
    return end;
}

int run_baseline(const settings *s)
{
    if (!s->baseline) return misused(s, "--baseline is missing: the file");
    if (!strcmp(s->arguments[0], "update")) return update(s);
    if (!strcmp(s->arguments[0], "show")) return show(s);
    return misused(s, "'%s' is neither update nor show", s->arguments[0]);
}
