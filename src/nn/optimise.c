/* nn/optimise.c - SGD with momentum, and Adam (Kingma & Ba 2015). Weight decay is L2: it has been
 * added to the gradient already. */
#include "nn/nn.h"

#include <math.h>

static double or_default(double given, double otherwise)
{
    return given > 0 ? given : otherwise;
}

static void sgd(const sal_fit_options *o, size_t step, size_t n, float *w, const float *g,
                float *const *state)
{
    (void)step;
    float rate = (float)or_default(o->learning_rate, sal_optimiser_sgd_.learning_rate);
    float momentum = (float)o->momentum, *speed = state[0];
    for (size_t i = 0; i < n; i++) {
        speed[i] = momentum * speed[i] + g[i];
        w[i] -= rate * speed[i];
    }
}

static void adam(const sal_fit_options *o, size_t step, size_t n, float *w, const float *g,
                 float *const *state)
{
    double b1 = or_default(o->beta1, 0.9), b2 = or_default(o->beta2, 0.999);
    double rate = or_default(o->learning_rate, sal_optimiser_adam_.learning_rate);
    double correction1 = 1 - pow(b1, (double)step), correction2 = 1 - pow(b2, (double)step);
    float k1 = (float)b1, k2 = (float)b2, epsilon = (float)or_default(o->epsilon, 1e-8);
    float new1 = (float)(1 - b1), new2 = (float)(1 - b2); /* 1.0f - 0.999f is off by 5e-5 */
    float slope = (float)(rate / correction1), root = (float)(1 / sqrt(correction2));
    float *restrict mean = state[0], *restrict square = state[1];
    for (size_t i = 0; i < n; i++) {
        mean[i] = k1 * mean[i] + new1 * g[i];
        square[i] = k2 * square[i] + new2 * g[i] * g[i];
        w[i] -= slope * mean[i] / (sqrtf(square[i]) * root + epsilon);
    }
}

const sal_optimiser sal_optimiser_sgd_ = {"sgd", 1, 0.01, sgd};
const sal_optimiser sal_optimiser_adam_ = {"adam", 2, 0.001, adam};
