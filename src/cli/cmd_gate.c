/* cli/cmd_gate.c - salcheck gate: new verdicts against a baseline, with waivers. */
#include "cli/json.h"
#include "cli/today.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct gated {
    sal_records *now;
    sal_baseline *before;
    sal_waivers *waivers;
    sal_gate_result *result;
    sal_gate_options options;
    char today[11];
} gated;

/* ---- for people ------------------------------------------------------------------------------- */

static const char row_format[] = "%-40s %-14s %6s %8s %6s %6s  %s\n";

static const char *word_of(const sal_gate_row *r)
{
    if (r->waiver) return "waived";
    if (!r->now) return "missing";
    if (r->worse) return r->now->outcome == SAL_FAIL ? "fail, worse" : "worse";
    if (r->now->outcome != SAL_PASS) return sal_outcome_name(r->now->outcome);
    if (r->outcome == SAL_INCONCLUSIVE) return r->before ? "not compared" : "unfinished";
    return r->before ? "pass" : "pass, new";
}

static const char *colour_of(const sal_gate_row *r)
{
    if (r->waiver) return "\033[36m";
    return r->outcome == SAL_PASS ? "\033[32m" : r->outcome == SAL_FAIL ? "\033[31m" : "\033[33m";
}

static void print_number(char *to, size_t size, double value, bool there)
{
    if (there)
        snprintf(to, size, "%.2f", fabs(value) < .005 ? 0 : value);
    else
        snprintf(to, size, "-");
}

static void print_row(const sal_gate_row *r)
{
    const sal_entry *e = r->now ? r->now : r->before;
    char now[24], value[32], before[24], drop[24], smallest[24], word[64];
    bool compared = r->how != SAL_COMPARED_NOT;
    print_number(now, sizeof now, compared ? r->value : e->statistic, r->now && e->has_statistic);
    snprintf(value, sizeof value, "%c %s", e->statistic_name, now);
    print_number(before, sizeof before,
                 compared || !r->before ? r->value_before : r->before->statistic,
                 r->before != NULL);
    print_number(drop, sizeof drop, r->drop, compared);
    print_number(smallest, sizeof smallest, r->smallest, compared && r->smallest > 0);
    snprintf(word, sizeof word, "%s%s%s", colours() ? colour_of(r) : "", word_of(r),
             colours() ? "\033[0m" : "");
    bool wide = strlen(e->id) > 40; /* the column */
    if (wide) printf("%s\n", e->id);
    printf(row_format, wide ? "" : e->id, e->step, value, before, drop, smallest, word);
    if (r->worse)
        printf("  worse: %c dropped by %.3f, the margin is exceeded with p %.2g (of all checks)\n",
               e->statistic_name, r->drop, r->p_adjusted);
    if (r->note[0] && r->before) printf("  %s\n", r->note);
    if (r->waiver)
        printf("  waived until %s by %s: %s\n", r->waiver->expires, r->waiver->owner,
               r->waiver->reason);
}

static void print_text(const gated *g)
{
    static const char *const heads[] = {"gate passes", "gate FAILS", "gate UNDECIDED", "gate"};
    const sal_gate_result *r = g->result;
    printf(row_format, "check", "step", "now", "baseline", "drop", "sees", "result");
    for (size_t i = 0; i < r->n; i++) print_row(&r->rows[i]);
    for (size_t i = 0; i < r->n_problems; i++) printf("%s\n", r->problems[i]);
    printf("%s: %zu steps, %zu compared (%s, margin %g, alpha %g), %zu failed, %zu worse, "
           "%zu undecided, %zu waived, %zu new",
           heads[r->outcome], r->n, r->n_compared, r->test == SAL_GATE_T ? "t test" : "bets",
           r->margin, r->alpha, r->n_failed, r->n_worse, r->n_undecided, r->n_waived, r->n_new);
    if (r->n_problems) printf(", %zu waivers wrong", r->n_problems);
    printf("\n");
}

/* ---- for programs ----------------------------------------------------------------------------- */

static json_t *json_of_row(const sal_gate_row *r)
{
    static const char *const how[] = {"not", "pairs", "two-sample"};
    const sal_entry *e = r->now ? r->now : r->before;
    bool compared = r->how != SAL_COMPARED_NOT;
    char name[2] = {e->statistic_name, '\0'};
    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:b, s:o, s:o}",
                     "id", json_of(e->id), "step", json_of(e->step), "statistic", name, "result",
                     word_of(r), "compared", how[r->how], "value",
                     compared ? json_of_number(r->value, true)
                              : json_of_number(e->statistic, r->now && e->has_statistic),
                     "baseline",
                     compared
                         ? json_of_number(r->value_before, true)
                         : json_of_number(r->before ? r->before->statistic : 0, r->before != NULL),
                     "drop", json_of_number(r->drop, compared), "p", json_of_number(r->p, compared),
                     "p_adjusted", json_of_number(r->p_adjusted, compared), "smallest_seen",
                     json_of_number(r->smallest, compared && r->smallest > 0), "draws",
                     (json_int_t)r->n, "worse", (int)r->worse, "waived_until",
                     json_of(r->waiver ? r->waiver->expires : NULL), "note", json_of(r->note));
}

static int print_json(const settings *s, const gated *g)
{
    const sal_gate_result *r = g->result;
    json_t *rows = json_array(), *problems = json_array();
    bool bad = !rows || !problems;
    for (size_t i = 0; !bad && i < r->n; i++)
        bad = json_array_append_new(rows, json_of_row(&r->rows[i])) != 0;
    for (size_t i = 0; !bad && i < r->n_problems; i++)
        bad = json_array_append_new(problems, json_of(r->problems[i])) != 0;
    if (bad) {
        json_decref(rows);
        json_decref(problems);
        return json_print(s, NULL);
    }
    return json_print(
        s, json_pack("{s:s, s:f, s:f, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "outcome",
                     sal_outcome_name(r->outcome), "margin", r->margin, "alpha", r->alpha, "test",
                     r->test == SAL_GATE_T ? "t" : "betting", "failed", (json_int_t)r->n_failed,
                     "worse", (json_int_t)r->n_worse, "undecided", (json_int_t)r->n_undecided,
                     "waived", (json_int_t)r->n_waived, "new", (json_int_t)r->n_new, "problems",
                     problems, "checks", rows));
}

/* ---- the command ------------------------------------------------------------------------------ */

static int set_options(const settings *s, gated *g)
{
    g->options = (sal_gate_options){.margin = s->margin, .alpha = s->alpha};
    if (s->test && !strcmp(s->test, "betting"))
        g->options.test = SAL_GATE_BETTING;
    else if (s->test && strcmp(s->test, "t") != 0)
        return misused(s, "--test is '%s', wanted t or betting", s->test);
    if (!s->waivers && !s->today) return 0; /* a machine without a clock need not say */
    int end = today_of(s, g->today);
    g->options.today = g->today;
    return end;
}

int run_gate(const settings *s)
{
    gated g = {0};
    sal_error err = {0};
    if (!s->baseline)
        return misused(s, "--baseline is missing: 'salcheck baseline update' makes one");
    int end = set_options(s, &g);
    if (end) return end;
    sal_status st = sal_records_read(s->env, s->arguments[0], &g.now, &err);
    if (st == SAL_OK) st = sal_baseline_read(s->env, s->baseline, &g.before, &err);
    if (st == SAL_OK && s->waivers) st = sal_waivers_read(s->env, s->waivers, &g.waivers, &err);
    if (st == SAL_OK) st = sal_gate_run(g.now, g.before, g.waivers, &g.options, &g.result, &err);
    if (st == SAL_OK) {
        static const int ends[] = {END_PASS, END_FAIL, END_UNDECIDED, END_UNDECIDED};
        end = ends[g.result->outcome];
        if (g.now->loss[0]) complain(s, "%s", g.now->loss);
        if (!g.now->n) complain(s, "%s holds no verdicts", s->arguments[0]);
        if (s->json && print_json(s, &g) != END_PASS) end = END_ERROR;
        if (!s->json) print_text(&g);
    } else {
        end = failed(s, &err);
    }
    sal_gate_free(g.result);
    sal_waivers_free(g.waivers);
    sal_baseline_free(g.before);
    sal_records_free(g.now);
    return end;
}
