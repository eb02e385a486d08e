/* plain_c.c - see plain_c.h. The adapter to copy: each callback of sal_model_ops is a few lines. */
#include "plain_c.h"

#include <string.h>

static size_t elements(size_t rank, const int64_t *dims)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++) n *= (size_t)dims[i];
    return n;
}

static int describe(void *self, sal_model_description *out)
{
    plain_c *e = self;
    if (e->n_weights > PLAIN_C_WEIGHTS) return PLAIN_C_TOO_MANY_WEIGHTS;
    for (size_t i = 0; i < e->n_weights; i++) {
        const plain_c_weight *w = &e->weights[i];
        if (!w->data) return PLAIN_C_NO_DATA;
        e->infos_[i] =
            (sal_param_info){.name = w->name, .layer = w->layer, .role = w->role, .rank = w->rank};
        memcpy(e->infos_[i].dims, w->dims, sizeof w->dims);
    }
    out->name = e->name;
    out->rank = e->rank;
    memcpy(out->dims, e->dims, sizeof e->dims);
    out->outputs = e->outputs;
    out->n_params = e->n_weights;
    out->params = e->infos_;
    return 0;
}

static int get_params(void *self, size_t i, float *values)
{
    const plain_c *e = self;
    memcpy(values, e->weights[i].data,
           elements(e->weights[i].rank, e->weights[i].dims) * sizeof *values);
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    const plain_c *e = self;
    memcpy(e->weights[i].data, values,
           elements(e->weights[i].rank, e->weights[i].dims) * sizeof *values);
    return e->weights_changed ? e->weights_changed(e->self) : 0;
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    const plain_c *e = self;
    size_t size = elements(e->rank, e->dims);
    int code = 0;
    for (size_t i = 0; !code && i < n; i++)
        code = e->forward(e->self, x + i * size, logits + i * e->outputs);
    return code;
}

typedef int map_maker(void *self, const float *x, int64_t target, float *map);

static int make_maps(const plain_c *e, map_maker *make, size_t n, const float *x,
                     const int64_t *target, float *map)
{
    size_t size = elements(e->rank, e->dims);
    int code = 0;
    for (size_t i = 0; !code && i < n; i++)
        code = make(e->self, x + i * size, target[i], map + i * size);
    return code;
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient)
{
    const plain_c *e = self;
    return make_maps(e, e->gradient, n, x, target, gradient);
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    const plain_c *e = self;
    return make_maps(e, e->saliency, n, x, target, map);
}

/* What the engine lacks is left out: a check that needs it says so. */
const sal_model_ops *plain_c_ops(plain_c *engine)
{
    engine->ops_ = (sal_model_ops){.adapter = "plain_c",
                                   .describe = describe,
                                   .forward = engine->forward ? forward : NULL,
                                   .input_gradient = engine->gradient ? input_gradient : NULL,
                                   .get_params = engine->n_weights ? get_params : NULL,
                                   .set_params = engine->n_weights ? set_params : NULL,
                                   .saliency = engine->saliency ? saliency : NULL};
    return &engine->ops_;
}

sal_status plain_c_wrap(const sal_env *env, plain_c *engine, sal_model **out, sal_error *err)
{
    return sal_model_wrap(env, engine ? plain_c_ops(engine) : NULL, engine, out, err);
}
