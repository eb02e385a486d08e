/* formats/openmetrics.c - OpenMetrics text, as Prometheus and others read it: a family at a time, a
 * sample per step. What has no value has no sample. */
#include "report/formats/format.h"

static double value_of(const sal_step_verdict *s)
{
    return s->statistic;
}

static double low_of(const sal_step_verdict *s)
{
    return s->low;
}

static double high_of(const sal_step_verdict *s)
{
    return s->high;
}

static double limit_of(const sal_step_verdict *s)
{
    return s->limit;
}

static double draws_of(const sal_step_verdict *s)
{
    return (double)s->draws;
}

static double undefined_of(const sal_step_verdict *s)
{
    return (double)s->undefined;
}

static const struct {
    const char *name, *help, *unit; /* unit: the end of the name, or NULL */
    bool measured;                  /* only where there is a value */
    double (*of)(const sal_step_verdict *s);
} gauges[] = {
    {"salcheck_value_ratio", "D, R or F as measured.", "ratio", true, value_of},
    {"salcheck_low_ratio", "Lower end of its interval.", "ratio", true, low_of},
    {"salcheck_high_ratio", "Upper end of its interval.", "ratio", true, high_of},
    {"salcheck_limit_ratio", "What it has to lie above.", "ratio", false, limit_of},
    {"salcheck_draws", "Draws looked at.", NULL, false, draws_of},
    {"salcheck_undefined_draws", "Draws without a value.", NULL, false, undefined_of},
};

static void label(sal_out *o, const char *name, const char *value)
{
    sal_out_add_(o, "%s=\"", name);
    sal_out_text_(o, sal_escape_quoted_, value);
    sal_out_put_(o, "\"");
}

static void put_labels(sal_out *o, const sal_verdict *v, size_t step)
{
    const sal_step_verdict *s = &v->steps[step];
    const char statistic[2] = {s->statistic_name, '\0'};
    const struct {
        const char *name, *value;
    } labels[] = {{"id", v->id},           {"model", v->model}, {"check", v->check},
                  {"method", v->method},   {"part", s->check},  {"step", s->step},
                  {"statistic", statistic}};
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        label(o, labels[i].name, labels[i].value);
        sal_out_put_(o, ",");
    }
    sal_out_add_(o, "index=\"%zu\"", step);
}

static void put_outcomes(const sal_report *r, sal_out *o)
{
    static const char name[] = "salcheck_outcome";
    sal_out_add_(o, "# TYPE %s stateset\n# HELP %s What came out; one of four is 1.\n", name, name);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->verdicts[i]->n_steps; k++)
            for (int state = SAL_PASS; state <= SAL_INVALID; state++) {
                sal_out_add_(o, "%s{", name);
                put_labels(o, r->verdicts[i], k);
                sal_out_add_(o, ",%s=\"%s\"} %d\n", name, sal_outcome_name((sal_outcome)state),
                             (int)sal_step_outcome_(r->verdicts[i], k) == state);
            }
}

static void put_gauge(const sal_report *r, sal_out *o, size_t gauge)
{
    const char *name = gauges[gauge].name, *unit = gauges[gauge].unit;
    sal_out_add_(o, "# TYPE %s gauge\n", name);
    if (unit) sal_out_add_(o, "# UNIT %s %s\n", name, unit);
    sal_out_add_(o, "# HELP %s %s\n", name, gauges[gauge].help);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->verdicts[i]->n_steps; k++) {
            const sal_step_verdict *s = &r->verdicts[i]->steps[k];
            if (gauges[gauge].measured && !sal_step_measured_(s)) continue;
            sal_out_add_(o, "%s{", name);
            put_labels(o, r->verdicts[i], k);
            sal_out_put_(o, "} ");
            sal_out_exact_(o, gauges[gauge].of(s));
            sal_out_put_(o, "\n");
        }
}

static void write(const sal_report *r, sal_out *o)
{
    put_outcomes(r, o);
    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++) put_gauge(r, o, i);
    sal_out_put_(o, "# EOF\n");
}

const sal_format_def sal_format_openmetrics = {
    .info = {"openmetrics", "samples for Prometheus (OpenMetrics text)"}, .write = write};
