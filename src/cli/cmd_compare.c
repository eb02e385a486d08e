/* cli/cmd_compare.c - salcheck compare: similarities of maps, pair by pair. */
#include "cli/inputs.h"
#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>

enum { DIGITS = 10 };

typedef struct pairs {
    sal_tensor *read[2], *maps[2];
    sal_similarity *values;
    size_t n, undefined;
    double mean; /* of the defined ones */
} pairs;

static sal_status read_pairs(const settings *s, pairs *p, sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < 2; i++) {
        st = array_read(s, s->arguments[i], NULL, &p->read[i], err);
        if (st == SAL_OK) st = maps_view(s, p->read[i], &p->maps[i], err);
    }
    if (st != SAL_OK) return st;
    p->n = (size_t)sal_tensor_dim(p->maps[0], 0);
    p->values = calloc(p->n, sizeof *p->values);
    if (!p->values) return refuse(err, SAL_E_NOMEM, "out of memory");
    st = sal_metric_compare(s->env, s->metric, p->maps[0], p->maps[1], p->values, err);
    for (size_t i = 0; st == SAL_OK && i < p->n; i++) {
        p->undefined += !p->values[i].defined;
        if (p->values[i].defined) p->mean += p->values[i].value;
    }
    if (p->n > p->undefined) p->mean /= (double)(p->n - p->undefined);
    return st;
}

static int as_json(const settings *s, const pairs *p)
{
    json_t *values = json_array();
    for (size_t i = 0; i < p->n; i++)
        json_array_append_new(values, json_of_number(p->values[i].value, p->values[i].defined));
    return json_print(s, json_pack("{s:o, s:o, s:I, s:o}", "metric", json_of(s->metric), "values",
                                   values, "undefined", (json_int_t)p->undefined, "mean",
                                   json_of_number(p->mean, p->n > p->undefined)));
}

static void print_value(double value, bool defined)
{
    if (defined)
        printf("%.*g\n", DIGITS, value);
    else
        printf("undefined\n");
}

static int print_pairs(const settings *s, const pairs *p)
{
    for (size_t i = 0; i < p->n; i++) print_value(p->values[i].value, p->values[i].defined);
    print_value(p->mean, p->n > p->undefined);
    for (size_t i = 0; i < p->n; i++)
        if (!p->values[i].defined) {
            complain(s, "%zu of %zu pairs are undefined and not in the mean; pair %zu: %s",
                     p->undefined, p->n, i, p->values[i].undefined);
            break;
        }
    return END_PASS;
}

int run_compare(const settings *s)
{
    pairs p = {0};
    sal_error err = {0};
    if (!s->metric) return misused(s, "--metric is missing: 'salcheck metrics' lists them");
    sal_status st = read_pairs(s, &p, &err);
    int end = st != SAL_OK ? failed(s, &err) : s->json ? as_json(s, &p) : print_pairs(s, &p);
    if (end == END_PASS && p.n == p.undefined) end = END_UNDECIDED;
    for (size_t i = 0; i < 2; i++) {
        sal_tensor_free(p.maps[i]);
        sal_tensor_free(p.read[i]);
    }
    free(p.values);
    return end;
}
