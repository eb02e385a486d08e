/* report/verdict.c - the life of a verdict. */
#include "report/report.h"

void sal_verdict_free(sal_verdict *v)
{
    if (!v) return;
    for (size_t i = 0; v->steps && i < v->n_steps; i++) sal_free_(v->env, v->steps[i].records);
    sal_free_(v->env, v->steps);
    sal_free_(v->env, v);
}
