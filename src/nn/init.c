/* nn/init.c - initialisers by name; a row of the table is one. */
#include "nn/nn.h"

#include "base/spec.h"

#include <math.h>
#include <string.h>

typedef enum { CONSTANT, NORMAL, TRUNCATED, UNIFORM } law;

typedef struct {
    const char *name;
    law law;
    const char *key;                                             /* of its constant; NULL = none */
    double value;                                                /* the constant's default */
    bool needs_in, needs_out;                                    /* fans */
    double (*size)(double value, double fan_in, double fan_out); /* deviation or bound */
} initialiser;

static double as_given(double v, double in, double out)
{
    (void)in;
    (void)out;
    return v;
}

static double over_root_fan_in(double v, double in, double out)
{
    (void)out;
    return v / sqrt(in);
}

static double over_root_fan_mean(double v, double in, double out)
{
    return v / sqrt((in + out) / 2);
}

static const initialiser table[] = {
    {"zeros", CONSTANT, NULL, 0, false, false, as_given},
    {"ones", CONSTANT, NULL, 1, false, false, as_given},
    {"constant", CONSTANT, "value", 0, false, false, as_given},
    {"normal", NORMAL, "std", 1, false, false, as_given},
    {"uniform", UNIFORM, "bound", 1, false, false, as_given},
    {"truncated-normal", TRUNCATED, "std", 0.1, false, false, as_given},
    {"truncated-normal-fan-in", TRUNCATED, "gain", 2, true, false, over_root_fan_in},
    {"fan-in-uniform", UNIFORM, NULL, 1, true, false, over_root_fan_in},
    {"glorot-uniform", UNIFORM, NULL, 1.7320508075688772, true, true, over_root_fan_mean},
    {"glorot-normal", NORMAL, NULL, 1, true, true, over_root_fan_mean},
    {"he-uniform", UNIFORM, NULL, 2.4494897427831779, true, false, over_root_fan_in},
    {"he-normal", NORMAL, NULL, 1.4142135623730951, true, false, over_root_fan_in},
};
enum { ROWS = sizeof table / sizeof table[0] };

static const initialiser *find(const char *name, sal_error *err)
{
    const char *names[ROWS + 1] = {NULL};
    for (size_t i = 0; i < ROWS; i++) {
        if (!strcmp(table[i].name, name)) return &table[i];
        names[i] = table[i].name;
    }
    sal_fail_name_(err, "initialiser", name, names);
    return NULL;
}

sal_status sal_init_fill_(const char *text, const sal_param_info *info, sal_rng *rng, float *out,
                          sal_error *err)
{
    sal_spec spec;
    sal_status st = sal_spec_parse_("initialiser", text, &spec, err);
    if (st != SAL_OK) return st;
    const initialiser *how = find(spec.name, err);
    if (!how) return SAL_E_ARG;
    double value = how->value;
    double least = how->law == CONSTANT ? -1e6 : 0;
    if (how->key) st = sal_spec_number_(&spec, how->key, least, 1e6, &value, err);
    if (st == SAL_OK) st = sal_spec_finish_(&spec, err);
    if (st != SAL_OK) return st;
    if ((how->needs_in && !info->fan_in) || (how->needs_out && !info->fan_out))
        return sal_fail_(err, SAL_E_ARG, "parameter '%s': '%s' needs its fan %s, which is unknown",
                         info->name, how->name, info->fan_in ? "out" : "in");
    double size = how->size(value, (double)info->fan_in, (double)info->fan_out);
    size_t n = 1;
    for (size_t i = 0; i < info->rank; i++) n *= (size_t)info->dims[i];
    float scale = (float)size;
    if (how->law == NORMAL) sal_rng_fill_normal_(rng, n, out);
    if (how->law == TRUNCATED) sal_rng_fill_truncated_(rng, n, out);
    if (how->law == UNIFORM) sal_rng_fill_uniform_(rng, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = how->law == CONSTANT  ? scale
                 : how->law == UNIFORM ? scale * (2.0f * out[i] - 1.0f)
                                       : scale * out[i];
    return SAL_OK;
}

sal_status sal_nn_initialise(const sal_graph *g, sal_params *p, uint64_t seed, sal_error *err)
{
    if (!g || !p) return sal_fail_(err, SAL_E_ARG, "graph or parameters is NULL");
    sal_status st = sal_params_belong_(g, p, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < g->n_params; i++) {
        const sal_param_info *info = &g->params[i].info;
        float *values;
        if (!info->init)
            return sal_fail_(err, SAL_E_ARG, "parameter '%s' has no initialiser", info->name);
        st = sal_params_edit_(p, i, &values, err);
        sal_rng rng = sal_rng_for(seed ? seed : SAL_SEED_DEFAULT, "initialise", i);
        if (st == SAL_OK) st = sal_init_fill_(info->init, info, &rng, values, err);
        if (st != SAL_OK) return st;
    }
    return SAL_OK;
}
