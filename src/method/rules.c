/* method/rules.c - see rules.h. Sigmoid and tanh pass their plain gradient, as the authors' code
 * has it; a leaky ReLU lets negative values pass, for which the rules say nothing. */
#include "method/rules.h"

#include <string.h>

sal_status sal_rules_setup_(sal_method *m, sal_spec *spec, sal_error *err)
{
    const sal_graph *g = m->model->g;
    sal_status st = SAL_OK;
    (void)spec;
    bool *leads = sal_method_scratch_(m, g->n_values, sizeof *leads);
    if (!leads) return sal_no_memory_(err, m->def->info.name);
    sal_graph_leads_to_(g, m->model->logits, leads);
    for (size_t i = 0; st == SAL_OK && i < g->n_nodes; i++)
        if (leads[g->nodes[i].out] && !strcmp(g->nodes[i].op->name, "LeakyRelu"))
            st = sal_fail_(err, SAL_E_UNSUPPORTED,
                           "method '%s' is defined for Relu; model '%s' has LeakyRelu '%s'",
                           m->def->info.name, m->model->name, g->nodes[i].name);
    sal_method_release_(m, leads);
    return st;
}
