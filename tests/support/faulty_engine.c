/* tests/support/faulty_engine.c - see faulty_engine.h. */
#include "faulty_engine.h"
#include "support.h"

#include <math.h>
#include <string.h>

enum { SIDE = FAULTY_SIDE, SIZE = FAULTY_SIZE, HIDDEN = FAULTY_HIDDEN, OUTPUTS = FAULTY_OUTPUTS };

static float noise(uint32_t h) /* [-1, 1) */
{
    for (int i = 0; i < 3; i++) {
        h = (h ^ h >> 16) * 0x45d9f3bu;
        h ^= h >> 15;
    }
    return (float)(h >> 8) / 8388608.0f - 1.0f;
}

static float *place(faulty_weights *w, size_t i, size_t *n)
{
    float *const places[] = {w->hidden, w->hidden_bias, w->out, w->out_bias};
    static const size_t counts[] = {HIDDEN * SIZE, HIDDEN, OUTPUTS * HIDDEN, OUTPUTS};
    *n = counts[i];
    return places[i];
}

static int describe(void *self, sal_model_description *d)
{
    faulty_engine *e = self;
    *d = e->description;
    return 0;
}

static int get_params(void *self, size_t i, float *values)
{
    faulty_engine *e = self;
    size_t n;
    const float *from = place(&e->w, i, &n);
    for (size_t k = 0; k < n; k++)
        values[k] = e->fault == GET_ROUNDS ? roundf(from[k] * 256) / 256 : from[k];
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    faulty_engine *e = self;
    size_t n;
    float *to = place(&e->w, i, &n), *runs = place(&e->seen, i, &n);
    e->sets++;
    if (e->fault == SET_IS_IGNORED) return 0;
    memcpy(to, values, n * sizeof *to);
    if (e->fault == SET_IS_UNUSED || (e->fault == HIDDEN_IS_UNUSED && i < 2)) return 0;
    for (size_t k = 0; k < n; k++)
        runs[k] = e->fault == SET_ROUNDS ? roundf(values[k] * 256) / 256 : values[k];
    return 0;
}

/* [HIDDEN], and the logits */
static void run(const faulty_weights *w, const float *x, float *hidden, float *logits)
{
    for (size_t h = 0; h < HIDDEN; h++) {
        float sum = w->hidden_bias[h];
        for (size_t i = 0; i < SIZE; i++) sum += w->hidden[h * SIZE + i] * x[i];
        hidden[h] = tanhf(sum);
    }
    for (size_t k = 0; k < OUTPUTS; k++) {
        logits[k] = w->out_bias[k];
        for (size_t h = 0; h < HIDDEN; h++) logits[k] += w->out[k * HIDDEN + h] * hidden[h];
    }
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    faulty_engine *e = self;
    float hidden[HIDDEN], input[SIZE], mean[SIZE] = {0};
    e->forwards++;
    if (e->fault == FORWARD_WRITES_NOTHING) return 0;
    for (size_t i = 0; i < n * SIZE; i++) mean[i % SIZE] += x[i] / (float)n;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < SIZE; i++) {
            input[i] = x[k * SIZE + i];
            if (e->fault == FORWARD_MIXES && n > 1) input[i] -= mean[i];
            if (e->fault == FORWARD_REMEMBERS) input[i] += 0.05f * e->before[i];
        }
        run(&e->seen, input, hidden, logits + k * OUTPUTS);
        memcpy(e->before, x + k * SIZE, sizeof e->before);
    }
    for (size_t i = 0; i < n * OUTPUTS; i++) {
        if (e->fault == FORWARD_DRIFTS) logits[i] += 1e-3f * (float)e->forwards;
        if (e->fault == FORWARD_IS_NAN ||
            (e->fault == FORWARD_IS_NAN_LATER && e->forwards >= e->late))
            logits[i] = NAN;
    }
    return 0;
}

static void gradient_of(const faulty_weights *w, const float *x, size_t target, float *g)
{
    float hidden[HIDDEN], logits[OUTPUTS];
    run(w, x, hidden, logits);
    memset(g, 0, SIZE * sizeof *g);
    for (size_t h = 0; h < HIDDEN; h++)
        for (size_t i = 0; i < SIZE; i++)
            g[i] +=
                w->out[target * HIDDEN + h] * (1 - hidden[h] * hidden[h]) * w->hidden[h * SIZE + i];
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target, float *g)
{
    faulty_engine *e = self;
    float honest[SIZE];
    if (e->fault == GRADIENT_WRITES_NOTHING) return 0;
    for (size_t k = 0; k < n; k++) {
        gradient_of(&e->seen, x + k * SIZE,
                    e->fault == GRADIENT_OF_FIRST_CLASS ? 0 : (size_t)target[k], honest);
        for (size_t i = 0; i < SIZE; i++) {
            float given = honest[i];
            if (e->fault == GRADIENT_IS_NEGATED) given = -given;
            if (e->fault == GRADIENT_IS_HALVED) given /= 2;
            if (e->fault == GRADIENT_IS_ZERO) given = 0;
            if (e->fault == GRADIENT_IS_TURNED) given = honest[i % SIDE * SIDE + i / SIDE];
            if (e->fault == GRADIENT_IS_NAN && i == 5) given = NAN;
            g[k * SIZE + i] = given;
        }
    }
    return 0;
}

static float edge(const float *x, size_t i)
{
    size_t row = i / SIDE, column = i % SIDE;
    float right = column + 1 < SIDE ? x[i + 1] - x[i] : 0,
          down = row + 1 < SIDE ? x[i + SIDE] - x[i] : 0;
    return sqrtf(right * right + down * down);
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    faulty_engine *e = self;
    float honest[SIZE];
    e->saliencies++;
    if (e->fault == SALIENCY_WRITES_NOTHING) return 0;
    for (size_t k = 0; k < n; k++) {
        gradient_of(&e->seen, x + k * SIZE, (size_t)target[k], honest);
        for (size_t i = 0; i < SIZE; i++) {
            float *to = &map[k * SIZE + i], before = *to;
            bool late = e->saliencies >= e->late;
            *to = honest[i];
            if (e->fault == SALIENCY_IS_EDGES) *to = edge(x + k * SIZE, i);
            if (e->fault == SALIENCY_IS_NOISY || (e->fault == SALIENCY_CHANGES_LATER && late))
                *to += 0.1f * noise((uint32_t)(e->saliencies * SIZE + i));
            if (e->fault == SALIENCY_IS_NAN && i == 7) *to = NAN;
            if (e->fault == SALIENCY_IS_ADDED) *to += before;
        }
    }
    if (e->fault == SALIENCY_LEAVES_WEIGHTS_CHANGED) e->w.out[0] = e->seen.out[0] *= 1.5f;
    return 0;
}

void make_faulty(faulty_engine *e, fault f)
{
    static const sal_param_info infos[FAULTY_PARAMS] = {
        {.name = "hidden.weight", .layer = "hidden", .rank = 2, .dims = {HIDDEN, SIZE}},
        {.name = "hidden.bias", .layer = "hidden", .role = SAL_BIAS, .rank = 1, .dims = {HIDDEN}},
        {.name = "out.weight", .layer = "out", .rank = 2, .dims = {OUTPUTS, HIDDEN}},
        {.name = "out.bias", .layer = "out", .role = SAL_BIAS, .rank = 1, .dims = {OUTPUTS}}};
    memset(e, 0, sizeof *e);
    e->ops = (sal_model_ops){.adapter = "acme",
                             .describe = describe,
                             .forward = forward,
                             .input_gradient = input_gradient,
                             .get_params = get_params,
                             .set_params = set_params,
                             .saliency = saliency};
    memcpy(e->infos, infos, sizeof infos);
    e->description = (sal_model_description){.name = "net",
                                             .rank = 3,
                                             .dims = {1, SIDE, SIDE},
                                             .outputs = OUTPUTS,
                                             .n_params = FAULTY_PARAMS,
                                             .params = e->infos};
    e->fault = f;
    for (size_t i = 0, seed = 1; i < FAULTY_PARAMS; i++) {
        size_t n;
        float *values = place(&e->w, i, &n), size = i == 0 ? 0.3f : 1.0f;
        for (size_t k = 0; k < n; k++) values[k] = size * noise((uint32_t)seed++);
    }
    e->seen = e->w;
}

void faulty_inputs(size_t n, float *x)
{
    for (size_t i = 0; i < n * SIZE; i++) x[i] = noise((uint32_t)(i + 100000));
}

sal_model *wrap_faulty(faulty_engine *e)
{
    sal_error err = {SAL_OK, ""};
    sal_model *m = NULL;
    if (sal_model_wrap(NULL, &e->ops, e, &m, &err) != SAL_OK) fail_msg("acme: %s", err.text);
    return m;
}
