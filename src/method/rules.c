/* method/rules.c - see rules.h. Sigmoid and tanh pass their plain gradient, as the authors' code
 * has it; a leaky ReLU lets negative values pass, for which the rules say nothing. */
#include "method/rules.h"

#include <string.h>

sal_status sal_rules_setup_(sal_method *m, sal_spec *spec, sal_error *err)
{
    const sal_graph *g = m->model->g;
    (void)spec;
    for (size_t i = 0; i < g->n_nodes; i++)
        if (!strcmp(g->nodes[i].op->name, "LeakyRelu"))
            return sal_fail_(err, SAL_E_UNSUPPORTED,
                             "method '%s' is defined for Relu; model '%s' has LeakyRelu '%s'",
                             m->def->info.name, m->model->name, g->nodes[i].name);
    return SAL_OK;
}
