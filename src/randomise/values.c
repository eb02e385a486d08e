/* randomise/values.c - new numbers for one tensor: its initialiser, its own entries permuted (which
 * keeps their distribution), or a Gaussian with their mean and deviation. */
#include "randomise/randomise.h"

#include "nn/nn.h"

#include <math.h>
#include <string.h>

static void gaussian(size_t n, const float *from, sal_rng *rng, float *out)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += (double)from[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) square += ((double)from[i] - mean) * ((double)from[i] - mean);
    double deviation = sqrt(square / (double)n);
    sal_rng_fill_normal_(rng, n, out);
    for (size_t i = 0; i < n; i++) out[i] = (float)(mean + deviation * (double)out[i]);
}

sal_status sal_randomise_values_(const sal_randomiser *r, size_t param, sal_rng *rng,
                                 const float *trained, float *out, sal_error *err)
{
    const sal_param_info *info = &r->m->infos[param];
    size_t n = sal_params_size(r->m->params, param);
    static const char *const own[] = {"permute", "gaussian", NULL};
    const char *how = r->initialiser ? r->initialiser : info->init;
    if (!how || !strcmp(how, "permute"))
        sal_rng_permute_(rng, n, out); /* out holds the trained values */
    else if (!strcmp(how, "gaussian"))
        gaussian(n, trained, rng, out);
    else if (sal_nearest_name_(how, own))
        return sal_fail_name_(err, "initialiser", how, own);
    else
        return sal_init_fill_(how, info, rng, out, err);
    return SAL_OK;
}
