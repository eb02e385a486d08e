/* The activation callback is put to the test before Grad-CAM is believed; one that is as it should be is not
 * accused, even where a logit has ways around the layer. */
#include "support.h"

#include "model/model.h"

#include <salcheck/check.h>

#include <math.h>
#include <string.h>

enum {
    SIDE = 6,
    SIZE = SIDE * SIDE,
    CHANNELS = 3,
    HIDDEN = CHANNELS * SIZE,
    OUTPUTS = 3,
    INPUTS = 20
};

typedef enum {
    GOOD,
    NEGATED,
    HALVED,
    FIRST_CLASS,
    NOT_FINITE,
    GRADIENT_NOT_FINITE,
    WRITES_NOTHING,
    SAME_FOR_ALL,
    REMEMBERS,
    FOLLOWS_CLASS
} fault;

/* A filter of one pixel per channel, tanh, a dense layer; and a way around all that. */
typedef struct {
    float filter[CHANNELS], out[OUTPUTS * HIDDEN], around[OUTPUTS * SIZE];
    bool bypass;
    fault fault;
    float before;
    sal_param_info info;
} engine;

static int describe(void *self, sal_model_description *d)
{
    engine *e = self;
    e->info = (sal_param_info){
        .name = "out.weight", .layer = "out", .rank = 2, .dims = {OUTPUTS, HIDDEN}};
    *d = (sal_model_description){.name = "net",
                                 .rank = 3,
                                 .dims = {1, SIDE, SIDE},
                                 .outputs = OUTPUTS,
                                 .n_params = 1,
                                 .params = &e->info};
    return 0;
}

static void hidden(const engine *e, const float *x, float *h)
{
    for (size_t i = 0; i < HIDDEN; i++) h[i] = tanhf(e->filter[i / SIZE] * x[i % SIZE]);
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    const engine *e = self;
    float h[HIDDEN];
    for (size_t j = 0; j < n; j++) {
        hidden(e, x + j * SIZE, h);
        for (size_t k = 0; k < OUTPUTS; k++) {
            double sum = 0;
            for (size_t i = 0; i < HIDDEN; i++)
                sum += (double)e->out[k * HIDDEN + i] * (double)h[i];
            for (size_t i = 0; e->bypass && i < SIZE; i++)
                sum += (double)e->around[k * SIZE + i] * (double)x[j * SIZE + i];
            logits[j * OUTPUTS + k] = (float)sum;
        }
    }
    return 0;
}

static int shape(void *self, const char *layer, int64_t dims[3])
{
    (void)self;
    dims[0] = CHANNELS;
    dims[1] = dims[2] = SIDE;
    return strcmp(layer, "hidden") != 0;
}

static int activation(void *self, const char *layer, size_t n, const float *x,
                      const int64_t *target, float *value, float *gradient)
{
    engine *e = self;
    (void)layer;
    for (size_t j = 0; j < n && e->fault != WRITES_NOTHING; j++) {
        float *v = value + j * HIDDEN, *g = gradient + j * HIDDEN;
        size_t class = e->fault == FIRST_CLASS ? 0 : (size_t)target[j];
        hidden(e, x + j * SIZE, v);
        for (size_t i = 0; i < HIDDEN; i++) {
            g[i] = e->out[class * HIDDEN + i];
            if (e->fault == NEGATED) g[i] = -g[i];
            if (e->fault == HALVED) g[i] /= 2;
            if (e->fault == SAME_FOR_ALL) v[i] = (float)i;
            if (e->fault == REMEMBERS) v[i] += e->before;
            if (e->fault == FOLLOWS_CLASS) v[i] += (float)target[j];
        }
        if (e->fault == NOT_FINITE) v[7] = NAN;
        if (e->fault == GRADIENT_NOT_FINITE) g[9] = NAN;
        e->before = x[j * SIZE];
    }
    return 0;
}

static int get_params(void *self, size_t i, float *values)
{
    const engine *e = self;
    (void)i;
    memcpy(values, e->out, sizeof e->out);
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    engine *e = self;
    (void)i;
    memcpy(e->out, values, sizeof e->out);
    return 0;
}

static const sal_model_ops ops = {.adapter = "acme",
                                  .describe = describe,
                                  .forward = forward,
                                  .activation_shape = shape,
                                  .activation = activation,
                                  .get_params = get_params,
                                  .set_params = set_params};

static void fill(float *v, size_t n, const char *stream, double size)
{
    sal_rng rng = sal_rng_for(4, stream, 0);
    for (size_t i = 0; i < n; i++) v[i] = (float)(size * sal_rng_normal_(&rng));
}

static sal_verdict *judge(engine *e)
{
    static float x[INPUTS * SIZE];
    sal_model *m = NULL;
    sal_tensor *t = NULL;
    sal_verdict *v = NULL;
    sal_error err = {SAL_OK, ""};
    fill(e->filter, CHANNELS, "filter", 1);
    fill(e->out, OUTPUTS * HIDDEN, "out", 0.1);
    fill(e->around, OUTPUTS * SIZE, "around", 0.3);
    fill(x, INPUTS * SIZE, "x", 1);
    assert_int_equal(sal_model_wrap(NULL, &ops, e, &m, NULL), SAL_OK);
    assert_int_equal(sal_tensor_view_of(NULL, x, 4, (int64_t[]){INPUTS, 1, SIDE, SIDE}, &t, NULL),
                     SAL_OK);
    const sal_check_args args = {.check = SAL_CHECK_PARAMS,
                                 .model = m,
                                 .inputs = t,
                                 .method = SAL_GRADCAM,
                                 .layer = "hidden"};
    if (sal_check_run(&args, &v, &err) != SAL_OK) fail_msg("%s", err.text);
    sal_tensor_free(t);
    sal_model_free(m);
    return v;
}

static void faults_are_found(void **state)
{
    static const struct {
        fault fault;
        const char *reason;
    } rows[] = {
        {NEGATED, "adapter 'acme': activation's gradient at 'hidden' is wrong: -1 times what "
                  "differences say"},
        {HALVED, "adapter 'acme': activation's gradient at 'hidden' is wrong: 0.5 times what "
                 "differences say"},
        {FIRST_CLASS,
         "adapter 'acme': activation's gradient at 'hidden' is the same for logits 0 and 2"},
        {NOT_FINITE, "adapter 'acme': activation of 'hidden' is not finite at element 7"},
        {GRADIENT_NOT_FINITE,
         "adapter 'acme': activation's gradient at 'hidden' is not finite at element 9"},
        {WRITES_NOTHING, "adapter 'acme': activation of 'hidden' is not finite at element 0"},
        {SAME_FOR_ALL, "adapter 'acme': activation of 'hidden' is the same for two inputs"},
        {REMEMBERS,
         "adapter 'acme': activation of 'hidden' differs when asked twice for one input"},
        {FOLLOWS_CLASS,
         "adapter 'acme': activation of 'hidden' follows the class that is asked for"}};
    static engine e;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        e = (engine){.fault = rows[i].fault};
        sal_verdict *v = judge(&e);
        if (v->outcome != SAL_INVALID ||
            strncmp(v->steps[0].reason, rows[i].reason, strlen(rows[i].reason)) != 0)
            fail_msg("row %zu: %s \"%s\"", i, sal_outcome_name(v->outcome), v->steps[0].reason);
        sal_verdict_free(v);
    }
}

static void good_ones_are_not_accused(void **state)
{
    static engine e;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        e = (engine){.bypass = i};
        sal_verdict *v = judge(&e);
        if (v->outcome == SAL_INVALID) fail_msg("bypass %zu: %s", i, v->steps[0].reason);
        sal_verdict_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults_are_found),
                                       cmocka_unit_test(good_ones_are_not_accused)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
