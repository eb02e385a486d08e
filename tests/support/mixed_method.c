/* tests/support/mixed_method.c - see mixed_method.h. */
#include "mixed_method.h"

#include "base/base.h"
#include "model/model.h"

#include <string.h>

whose whose_params(const sal_model *at_hand, const sal_model *trained, const sal_model *other)
{
    uint64_t digest = sal_params_digest_(at_hand->params);
    if (digest == sal_params_digest_(trained->params)) return TRAINED;
    if (other && digest == sal_params_digest_(other->params)) return TWIN;
    const float *first = sal_params_get(at_hand->params, 0);
    const float *as_trained = sal_params_get(trained->params, 0);
    size_t bytes = sal_params_size(trained->params, 0) * sizeof *first;
    return memcmp(first, as_trained, bytes) ? RANDOM_THROUGHOUT : RANDOM_TOP;
}

static void add(double weight, const char *purpose, uint64_t seed, size_t n, float *map)
{
    sal_rng rng = sal_rng_for(seed, purpose, 0);
    for (size_t i = 0; weight > 0 && i < n; i++) map[i] += (float)(weight * sal_rng_normal_(&rng));
}

static int explain(void *self, const sal_model *model, const float *x, int64_t target,
                   uint64_t noise, float *map)
{
    mixed_method *m = self;
    uint64_t of_input = sal_hash_(1, x, m->size * sizeof *x);
    uint64_t of_params = model->params ? sal_params_digest_(model->params) : 0;
    memset(map, 0, m->size * sizeof *map);
    add(m->params, "params", of_params ^ of_input, m->size, map);
    add(m->input, "input", of_input, m->size, map);
    add(m->noise, "own noise", noise ^ of_params, m->size, map);
    add(m->same, "same", 1, m->size, map);
    add(m->count, "count", m->calls++, m->size, map);
    return m->also ? m->also(m, model, x, target, map) : 0;
}

sal_own_method mixed(mixed_method *m, const char *name)
{
    return (sal_own_method){
        .name = name, .self = m, .explain = explain, .is_stochastic = m->noise > 0};
}
