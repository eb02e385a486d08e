/* method/rules.h - changed backward rules at rectifiers; the table's rows are operators. */
#ifndef SAL_METHOD_RULES_H
#define SAL_METHOD_RULES_H

#include "method/jobs.h"

extern const sal_backward_rules sal_guided_rules_;    /* guided_backprop.c */
extern const sal_backward_rules sal_deconvnet_rules_; /* deconvnet.c */

/* SAL_E_UNSUPPORTED where the model rectifies in a way that the rules are not defined for. */
sal_status sal_rules_setup_(sal_method *m, sal_spec *spec, sal_error *err);

#endif
