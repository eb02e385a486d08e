/* cli/table.c - see table.h. */
#include "cli/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char row_format[] = "%-22s %-13s %-12s %6s  %-16s %5s %6s %6s  %s\n";

void table_head(void)
{
    printf(row_format, "method", "check", "step", "value", "interval", "limit", "draws", "undef.",
           "outcome");
}

/* Two decimals; more where they would hide on which side of the limit it lies. */
static int print_end(char *to, size_t size, double end, double limit)
{
    if (end > 1 && limit < 1) end = 1;
    int decimals = 2;
    for (; decimals < 6; decimals++) {
        double unit = pow(10, decimals), shown = round(end * unit) / unit;
        if (end > limit ? shown > limit : end < limit ? shown < limit : true) break;
    }
    return snprintf(to, size, "%.*f", decimals, end);
}

static void interval(const sal_step_verdict *s, char *text, size_t size)
{
    char low[24], high[24];
    print_end(low, sizeof low, s->low, s->limit);
    print_end(high, sizeof high, s->high, s->limit);
    snprintf(text, size, "[%s, %s]", low, high);
}

void table_rows(const sal_verdict *v)
{
    static const char *const colour[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};
    char text[SAL_TEXT_MAX], outcome[48];
    for (size_t i = 0; i < v->n_steps; i++) {
        const sal_step_verdict *s = &v->steps[i];
        char value[24] = "-", ends[64] = "-", limit[24], draws[24], undefined[24];
        if (s->has_statistic && s->draws > s->undefined) {
            snprintf(value, sizeof value, "%c %.2f", s->statistic_name, s->statistic);
            interval(s, ends, sizeof ends);
        }
        snprintf(limit, sizeof limit, "%.2f", s->limit);
        snprintf(draws, sizeof draws, "%zu", s->draws);
        snprintf(undefined, sizeof undefined, "%zu", s->undefined);
        snprintf(outcome, sizeof outcome, "%s%s%s", colours() ? colour[s->outcome] : "",
                 sal_outcome_name(s->outcome), colours() ? "\033[0m" : "");
        bool wide = strlen(v->method) > 22; /* the column */
        if (wide && !i) printf("%s\n", v->method);
        printf(row_format, i || wide ? "" : v->method, i ? "" : v->check,
               s->step[0] ? s->step : s->check, value, ends, limit, draws, undefined, outcome);
    }
    sal_report_text(v, text, sizeof text);
    printf("%s", text);
    fflush(stdout);
}
