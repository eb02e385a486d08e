/* check/registry.c - the table of checks from checks.def. */
#include "check/check.h"
#include "check/checks.def"

#include <stdio.h>
#include <string.h>

#define SAL_DECLARE(id) extern const sal_check_def sal_check_##id##_;
SAL_CHECKS(SAL_DECLARE)

#define SAL_ROW(id) &sal_check_##id##_,
const sal_check_def *const sal_checks_[] = {SAL_CHECKS(SAL_ROW) NULL};

enum { ROWS = sizeof sal_checks_ / sizeof sal_checks_[0] - 1 };

const sal_check_info *sal_check_get(size_t i)
{
    return i < ROWS ? &sal_checks_[i]->info : NULL;
}

const sal_check_def *sal_check_find_(const char *name, sal_error *err)
{
    const char *names[ROWS + 1] = {NULL};
    for (size_t i = 0; i < ROWS; i++) {
        names[i] = sal_checks_[i]->info.name;
        if (name && !strcmp(names[i], name)) return sal_checks_[i];
    }
    if (!name)
        sal_fail_(err, SAL_E_ARG, "no check given");
    else
        sal_fail_name_(err, "check", name, names);
    return NULL;
}

void sal_check_claim_(sal_verdict *v)
{
    sal_error ignored;
    const sal_check_def *whole = sal_check_find_(v->check, &ignored);
    const sal_check_def *part = sal_check_find_(v->steps[v->decisive].check, &ignored);
    const sal_check_def *def = v->outcome == SAL_PASS || !part ? whole : part;
    snprintf(v->claim, sizeof v->claim, "%s", def ? def->claims[v->outcome] : "");
}
