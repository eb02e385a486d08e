/* wrap.c - all it takes to put an engine under test: say what it is, run it, hand out its
 * parameters and take others, and call its own explanation. */
#include "wrap.h"

#include <string.h>

enum { SIDE = TOY_SIDE, PIXELS = TOY_SIDE * TOY_SIDE };

/* In the order of layers, first to last; tensors of one layer are made random together. */
static const sal_param_info params[] = {
    {.name = "filter", .layer = "conv", .rank = 2, .dims = {TOY_TAPS, TOY_FILTERS}},
    {.name = "filter_bias", .layer = "conv", .role = SAL_BIAS, .rank = 1, .dims = {TOY_FILTERS}},
    {.name = "dense", .layer = "dense", .rank = 2, .dims = {TOY_KINDS, TOY_FEATURES}},
    {.name = "dense_bias", .layer = "dense", .role = SAL_BIAS, .rank = 1, .dims = {TOY_KINDS}}};

static int describe(void *self, sal_model_description *out)
{
    (void)self;
    *out = (sal_model_description){.name = "toy",
                                   .rank = 3,
                                   .dims = {1, SIDE, SIDE},
                                   .outputs = TOY_KINDS,
                                   .n_params = 4,
                                   .params = params};
    return 0;
}

/* Where the engine keeps tensor i. */
static float *place(toy_net *net, size_t i, size_t *bytes)
{
    switch (i) {
    case 0:
        *bytes = sizeof net->filter;
        return net->filter[0];
    case 1:
        *bytes = sizeof net->filter_bias;
        return net->filter_bias;
    case 2:
        *bytes = sizeof net->dense;
        return net->dense[0];
    default:
        *bytes = sizeof net->dense_bias;
        return net->dense_bias;
    }
}

static int get_params(void *self, size_t i, float *values)
{
    size_t bytes;
    const float *from = place(self, i, &bytes);
    memcpy(values, from, bytes);
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    size_t bytes;
    float *to = place(self, i, &bytes);
    memcpy(to, values, bytes);
    return 0;
}

void wrap_picture(const toy_picture *p, float x[PIXELS])
{
    for (int r = 0; r < SIDE; r++) memcpy(x + r * SIDE, &p->pixel[r + 1][1], SIDE * sizeof *x);
}

static void unwrap_picture(const float *x, toy_picture *p)
{
    memset(p, 0, sizeof *p);
    for (int r = 0; r < SIDE; r++) memcpy(&p->pixel[r + 1][1], x + r * SIDE, SIDE * sizeof *x);
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    toy_picture p;
    for (size_t i = 0; i < n; i++) {
        unwrap_picture(x + i * PIXELS, &p);
        toy_run(self, &p, logits + i * TOY_KINDS);
    }
    return 0;
}

typedef void map_maker(const toy_net *net, const toy_picture *p, int kind, toy_picture *out);

static int make_maps(map_maker *make, toy_net *net, size_t n, const float *x, const int64_t *target,
                     float *map)
{
    toy_picture p, made;
    for (size_t i = 0; i < n; i++) {
        unwrap_picture(x + i * PIXELS, &p);
        make(net, &p, (int)target[i], &made);
        wrap_picture(&made, map + i * PIXELS);
    }
    return 0;
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient)
{
    return make_maps(toy_gradient, self, n, x, target, gradient);
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    return make_maps(toy_saliency, self, n, x, target, map);
}

const sal_model_ops wrapped_toy = {.adapter = "toy",
                                   .describe = describe,
                                   .forward = forward,
                                   .input_gradient = input_gradient,
                                   .get_params = get_params,
                                   .set_params = set_params,
                                   .saliency = saliency};
