/* tests/support/toy_engine.c - see toy_engine.h. */
#include "toy_engine.h"
#include "support.h"

#include <string.h>

static int code(const toy_engine *t, const char *callback)
{
    return t->broken && !strcmp(t->broken, callback) ? 7 : 0;
}

static int describe(void *self, sal_model_description *d)
{
    static const sal_param_info params[2] = {
        {.name = "fc.weight", .layer = "fc", .rank = 2, .dims = {TOY_OUTPUTS, TOY_INPUTS}},
        {.name = "fc.bias", .layer = "fc", .role = SAL_BIAS, .rank = 1, .dims = {TOY_OUTPUTS}}};
    *d = (sal_model_description){.name = "toy",
                                 .rank = 3,
                                 .dims = {1, 2, 3},
                                 .outputs = TOY_OUTPUTS,
                                 .n_params = 2,
                                 .params = params};
    return code(self, "describe");
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    toy_engine *t = self;
    t->forwards++;
    for (size_t i = 0; i < n * TOY_OUTPUTS; i++) {
        const float *w = t->weight + i % TOY_OUTPUTS * TOY_INPUTS;
        logits[i] = t->bias[i % TOY_OUTPUTS];
        for (size_t k = 0; k < TOY_INPUTS; k++)
            logits[i] += w[k] * x[i / TOY_OUTPUTS * TOY_INPUTS + k];
    }
    return code(t, "forward");
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target, float *g)
{
    toy_engine *t = self;
    (void)x;
    for (size_t i = 0; i < n; i++)
        memcpy(g + i * TOY_INPUTS, t->weight + (size_t)target[i] * TOY_INPUTS,
               TOY_INPUTS * sizeof *g);
    return code(t, "input_gradient");
}

static int activation_shape(void *self, const char *layer, int64_t dims[3])
{
    if (strcmp(layer, "plane")) return 1;
    memcpy(dims, (const int64_t[3]){1, 2, 3}, 3 * sizeof *dims);
    return code(self, "activation_shape");
}

static int activation(void *self, const char *layer, size_t n, const float *x,
                      const int64_t *target, float *value, float *gradient)
{
    if (strcmp(layer, "plane")) return 1;
    memcpy(value, x, n * TOY_INPUTS * sizeof *value);
    input_gradient(self, n, x, target, gradient);
    return code(self, "activation");
}

static int get_params(void *self, size_t i, float *values)
{
    toy_engine *t = self;
    memcpy(values, i ? t->bias : t->weight, i ? sizeof t->bias : sizeof t->weight);
    return code(t, "get_params");
}

static int set_params(void *self, size_t i, const float *values)
{
    toy_engine *t = self;
    t->sets++;
    memcpy(i ? t->bias : t->weight, values, i ? sizeof t->bias : sizeof t->weight);
    return code(t, "set_params");
}

/* Not the gradient: the weights of the other class. */
static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    (void)x;
    for (size_t i = 0; i < n; i++) {
        int64_t other = 1 - target[i];
        input_gradient(self, 1, x, &other, map + i * TOY_INPUTS);
    }
    return code(self, "saliency");
}

void make_toy(toy_engine *t)
{
    memset(t, 0, sizeof *t);
    t->ops = (sal_model_ops){.adapter = "toy_adapter",
                             .describe = describe,
                             .forward = forward,
                             .input_gradient = input_gradient,
                             .activation_shape = activation_shape,
                             .activation = activation,
                             .get_params = get_params,
                             .set_params = set_params,
                             .saliency = saliency};
    for (size_t i = 0; i < TOY_OUTPUTS * TOY_INPUTS; i++)
        t->weight[i] = (float)((5 * i + 2) % 7) - 3.0f;
    t->bias[1] = 0.5f;
}

sal_model *wrap_toy(toy_engine *t)
{
    sal_error err = {SAL_OK, ""};
    sal_model *m = NULL;
    if (sal_model_wrap(NULL, &t->ops, t, &m, &err) != SAL_OK) fail_msg("toy: %s", err.text);
    return m;
}
