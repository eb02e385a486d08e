/* check/text.c - a check for a plugin: runs it, renders the outcome, keeps nothing. */
#include "check/check.h"

#include "report/report.h"

static void cannot_run(const sal_error *err, sal_text *t)
{
    char line[sizeof err->text + 40];
    sal_text l = sal_text_into_(line, sizeof line);
    sal_text_add_(&l, "saliency check could not run: %s", err->text);
    sal_text_flow_(t, line);
}

sal_status sal_check_measured(const sal_check_args *args, sal_outcome *outcome, char *text,
                              size_t size, char *measured, size_t measured_size)
{
    sal_error err = {SAL_OK, ""};
    sal_verdict *v = NULL;
    if (!text || !size || !outcome || (measured_size && !measured)) return SAL_E_ARG;
    sal_text t = sal_text_into_(text, size), m = sal_text_into_(measured, measured_size);
    sal_status st = args && args->shards ? sal_fail_(&err, SAL_E_ARG, "a shard has no outcome")
                                         : sal_check_run(args, &v, &err);
    if (st == SAL_OK) {
        *outcome = v->outcome;
        sal_verdict_text_(v, &t);
        sal_verdict_ctest_(v, &m);
    } else {
        cannot_run(&err, &t);
    }
    sal_verdict_free(v);
    sal_text_make_safe_(text, true);
    return st;
}

sal_status sal_check_text(const sal_check_args *args, sal_outcome *outcome, char *text, size_t size)
{
    return sal_check_measured(args, outcome, text, size, NULL, 0);
}
