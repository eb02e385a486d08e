/* check/text.c - a check for a plugin: runs it, renders the outcome, keeps nothing. */
#include "check/check.h"

#include "report/report.h"

/* Names come from anywhere; a test's XML must survive them. */
static void make_safe(char *text)
{
    for (char *c = text; *c; c++) {
        if (((unsigned char)*c < ' ' && *c != '\n') || *c == 127) *c = ' ';
        if (c[0] == ']' && c[1] == ']' && c[2] == '>') c[2] = ' ';
    }
}

sal_status sal_check_text(const sal_check_args *args, sal_outcome *outcome, char *text, size_t size)
{
    sal_error err = {SAL_OK, ""};
    sal_verdict *v;
    if (!text || !size || !outcome) return SAL_E_ARG;
    sal_text t = sal_text_into_(text, size);
    sal_status st = sal_check_run(args, &v, &err);
    if (st != SAL_OK) {
        sal_text_add_(&t, "saliency check could not run: %s\n", err.text);
        make_safe(text);
        return st;
    }
    *outcome = v->outcome;
    sal_verdict_text_(v, &t);
    sal_verdict_free(v);
    make_safe(text);
    return SAL_OK;
}
