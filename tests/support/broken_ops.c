/* tests/support/broken_ops.c - see broken_ops.h. */
#include "broken_ops.h"

#include <string.h>

static int breaks(broken_ops *b, const char *callback)
{
    if (!b->left || strcmp(b->callback, callback) != 0 || --b->left) return 0;
    b->broke = true;
    if (b->for_good) b->left = 1;
    return b->number;
}

static int describe(void *self, sal_model_description *out)
{
    broken_ops *b = self;
    int code = breaks(b, "describe");
    return code ? code : b->inner->describe(b->self, out);
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    broken_ops *b = self;
    int code = breaks(b, "forward");
    return code ? code : b->inner->forward(b->self, n, x, logits);
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target, float *g)
{
    broken_ops *b = self;
    int code = breaks(b, "input_gradient");
    return code ? code : b->inner->input_gradient(b->self, n, x, target, g);
}

static int activation_shape(void *self, const char *layer, int64_t dims[3])
{
    broken_ops *b = self;
    int code = breaks(b, "activation_shape");
    return code ? code : b->inner->activation_shape(b->self, layer, dims);
}

static int activation(void *self, const char *layer, size_t n, const float *x,
                      const int64_t *target, float *value, float *gradient)
{
    broken_ops *b = self;
    int code = breaks(b, "activation");
    return code ? code : b->inner->activation(b->self, layer, n, x, target, value, gradient);
}

static int get_params(void *self, size_t i, float *values)
{
    broken_ops *b = self;
    int code = breaks(b, "get_params");
    return code ? code : b->inner->get_params(b->self, i, values);
}

static int set_params(void *self, size_t i, const float *values)
{
    broken_ops *b = self;
    int code = breaks(b, "set_params");
    return code ? code : b->inner->set_params(b->self, i, values);
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    broken_ops *b = self;
    int code = breaks(b, "saliency");
    return code ? code : b->inner->saliency(b->self, n, x, target, map);
}

broken_ops broken_ops_make(const sal_model_ops *inner, void *self)
{
    broken_ops b = {.inner = inner, .self = self};
    b.ops = (sal_model_ops){.adapter = inner->adapter,
                            .describe = describe,
                            .forward = forward,
                            .input_gradient = inner->input_gradient ? input_gradient : NULL,
                            .activation_shape = inner->activation_shape ? activation_shape : NULL,
                            .activation = inner->activation ? activation : NULL,
                            .get_params = inner->get_params ? get_params : NULL,
                            .set_params = inner->set_params ? set_params : NULL,
                            .saliency = inner->saliency ? saliency : NULL};
    return b;
}

void broken_ops_break(broken_ops *b, const char *callback, size_t nth, int number)
{
    b->callback = callback;
    b->left = nth;
    b->number = number;
    b->broke = false;
}
