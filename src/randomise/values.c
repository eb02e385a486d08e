/* randomise/values.c - new numbers for one tensor: its initialiser, its own entries permuted (which
 * keeps their distribution), or a Gaussian with their mean and deviation. */
#include "randomise/randomise.h"

#include "nn/nn.h"

#include <math.h>
#include <string.h>

static void permute(size_t n, const float *from, sal_rng *rng, float *out)
{
    memcpy(out, from, n * sizeof *out);
    for (size_t i = n; i > 1; i--) {
        size_t j = sal_rng_below_(rng, i);
        float keep = out[i - 1];
        out[i - 1] = out[j];
        out[j] = keep;
    }
}

static void gaussian(size_t n, const float *from, sal_rng *rng, float *out)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++) mean += (double)from[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) square += ((double)from[i] - mean) * ((double)from[i] - mean);
    double deviation = sqrt(square / (double)n);
    for (size_t i = 0; i < n; i++) out[i] = (float)(mean + deviation * sal_rng_normal_(rng));
}

sal_status sal_randomise_values_(const sal_randomiser *r, size_t param, sal_rng *rng,
                                 const float *trained, float *out, sal_error *err)
{
    const sal_param_info *info = &r->m->infos[param];
    size_t n = sal_params_size(r->m->params, param);
    const char *how = r->initialiser ? r->initialiser : info->init;
    if (!how || !strcmp(how, "permute"))
        permute(n, trained, rng, out);
    else if (!strcmp(how, "gaussian"))
        gaussian(n, trained, rng, out);
    else
        return sal_init_fill_(how, info, rng, out, err);
    return SAL_OK;
}
