/* cli/cmd_randomise.c - salcheck randomise: one step of a randomisation as a network of its own. */
#include "cli/network.h"

#include <stdio.h>

int run_randomise(const settings *s)
{
    network n;
    sal_params *random = NULL;
    sal_error err = {0};
    if (!s->mode) return misused(s, "--mode is missing: 'salcheck randomisations' lists them");
    if (!s->out) return misused(s, "--out NEW.onnx is missing");
    sal_status st = network_open(s, s->arguments[0], &n, &err);
    if (st != SAL_OK) return failed(s, &err);
    sal_randomise_options o = {.initialiser = s->initialiser, .seed = s->seed};
    st = network_group(s, &n, &err);
    if (st == SAL_OK) st = sal_randomise(n.model, s->mode, s->step, &o, &random, &err);
    if (st == SAL_OK) st = network_save(&n, random, s->out, &err);
    if (st == SAL_OK && !s->quiet)
        complain(s, "%s: step %zu of %zu, counted from 0", s->out, s->step,
                 sal_randomise_steps(n.model, s->mode));
    sal_params_free(random);
    network_close(&n);
    return st == SAL_OK ? END_PASS : failed(s, &err);
}
