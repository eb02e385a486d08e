/* liblinear_adapter.c - see liblinear_adapter.h. liblinear keeps w[feature][row], a row per decision
 * value, and behind the features one more line of them for the bias. */
#include "liblinear_adapter.h"

#include "../adapter.h"

#include <linear.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS = 2, NO_MEMORY = 1001 };

struct sal_liblinear {
    struct model *net;
    double *own; /* the weights as they were given */
    size_t rank, features, rows;
    int64_t dims[SAL_MAX_RANK];
    sal_param_info infos[PARAMS];
    struct feature_node *nodes; /* one input, the bias, the end */
};

/* Two classes share one row, that of the first. */
static size_t outputs_of(const sal_liblinear *e)
{
    return check_regression_model(e->net) ? 1 : (size_t)e->net->nr_class;
}

static bool has_bias(const sal_liblinear *e)
{
    return e->net->bias >= 0;
}

static int describe(void *self, sal_model_description *out)
{
    sal_liblinear *e = self;
    out->name = "linear";
    out->rank = e->rank;
    memcpy(out->dims, e->dims, sizeof e->dims);
    out->outputs = outputs_of(e);
    out->n_params = has_bias(e) ? 2 : 1;
    out->params = e->infos;
    return 0;
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    sal_liblinear *e = self;
    size_t outputs = outputs_of(e);
    double *values = malloc((e->rows + 1) * sizeof *values);
    if (!values) return NO_MEMORY;
    for (size_t k = 0; k < n; k++, x += e->features, logits += outputs) {
        for (size_t i = 0; i < e->features; i++) e->nodes[i].value = (double)x[i];
        predict_values(e->net, e->nodes, values);
        for (size_t c = 0; c < outputs; c++)
            logits[c] = (float)(c < e->rows ? values[c] : -values[0]);
    }
    free(values);
    return 0;
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient)
{
    const sal_liblinear *e = self;
    (void)x; /* the same everywhere */
    for (size_t k = 0; k < n; k++, gradient += e->features) {
        size_t row = (size_t)target[k];
        double sign = row < e->rows ? 1 : -1;
        if (row >= e->rows) row = 0;
        for (size_t i = 0; i < e->features; i++)
            gradient[i] = (float)(sign * e->net->w[i * e->rows + row]);
    }
    return 0;
}

/* Element k of tensor i: weights are [row][feature], biases [row]. */
static size_t place(const sal_liblinear *e, size_t i, size_t k)
{
    return i == 0 ? k % e->features * e->rows + k / e->features : e->features * e->rows + k;
}

static size_t count(const sal_liblinear *e, size_t i)
{
    return i == 0 ? e->rows * e->features : e->rows;
}

static int get_params(void *self, size_t i, float *values)
{
    const sal_liblinear *e = self;
    for (size_t k = 0; k < count(e, i); k++) values[k] = (float)e->net->w[place(e, i, k)];
    return 0;
}

static uint32_t bits(float value) /* -0 is another weight than 0 */
{
    uint32_t b;
    memcpy(&b, &value, sizeof b);
    return b;
}

/* What rounds to the weight as it was given is that weight. */
static int set_params(void *self, size_t i, const float *values)
{
    const sal_liblinear *e = self;
    for (size_t k = 0; k < count(e, i); k++) {
        size_t at = place(e, i, k);
        bool kept = bits((float)e->own[at]) == bits(values[k]);
        e->net->w[at] = kept ? e->own[at] : (double)values[k];
    }
    return 0;
}

static void fill_infos(sal_liblinear *e)
{
    e->infos[0] = (sal_param_info){.name = "linear.weight",
                                   .layer = "linear",
                                   .role = SAL_WEIGHT,
                                   .rank = 2,
                                   .dims = {(int64_t)e->rows, (int64_t)e->features},
                                   .fan_in = e->features,
                                   .fan_out = e->rows};
    e->infos[1] = (sal_param_info){.name = "linear.bias",
                                   .layer = "linear",
                                   .role = SAL_BIAS,
                                   .rank = 1,
                                   .dims = {(int64_t)e->rows}};
}

static sal_status allocate(sal_liblinear *e, sal_error *err)
{
    size_t lines = e->features + (has_bias(e) ? 1 : 0), bytes = lines * e->rows * sizeof *e->own;
    e->nodes = calloc(e->features + 2, sizeof *e->nodes);
    e->own = malloc(bytes);
    if (!e->nodes || !e->own) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: liblinear");
    memcpy(e->own, e->net->w, bytes);
    for (size_t i = 0; i <= e->features; i++) e->nodes[i].index = (int)i + 1;
    e->nodes[e->features].value = e->net->bias;
    e->nodes[e->features + (has_bias(e) ? 1 : 0)].index = -1;
    return SAL_OK;
}

sal_status sal_liblinear_create(struct model *net, size_t rank, const int64_t *dims,
                                sal_liblinear **out, sal_error *err)
{
    if (!net || !dims || !out || !rank || rank >= SAL_MAX_RANK)
        return adapter_refuse(err, SAL_E_ARG, "net, dims or out is NULL, or rank is not 1 to %d",
                              SAL_MAX_RANK - 1);
    if (adapter_elements(rank, dims) != (size_t)get_nr_feature(net))
        return adapter_refuse(err, SAL_E_SHAPE,
                              "liblinear: the model has %d features, dims have %zu",
                              get_nr_feature(net), adapter_elements(rank, dims));
    if (!check_regression_model(net) && get_nr_class(net) < 2)
        return adapter_refuse(err, SAL_E_ARG, "liblinear: the model has %d class, wanted 2 or more",
                              get_nr_class(net));
    sal_liblinear *e = calloc(1, sizeof *e);
    if (!e) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: liblinear");
    e->net = net;
    e->rank = rank;
    memcpy(e->dims, dims, rank * sizeof *dims);
    e->features = (size_t)get_nr_feature(net);
    bool shared = get_nr_class(net) == 2 && net->param.solver_type != MCSVM_CS;
    e->rows = check_regression_model(net) || shared ? 1 : (size_t)get_nr_class(net);
    fill_infos(e);
    sal_status st = allocate(e, err);
    if (st == SAL_OK)
        *out = e;
    else
        sal_liblinear_free(e);
    return st;
}

void sal_liblinear_free(sal_liblinear *e)
{
    if (!e) return;
    free(e->nodes);
    free(e->own);
    free(e);
}

const sal_model_ops *sal_liblinear_ops(void)
{
    static const sal_model_ops ops = {.adapter = "liblinear",
                                      .describe = describe,
                                      .forward = forward,
                                      .input_gradient = input_gradient,
                                      .get_params = get_params,
                                      .set_params = set_params};
    return &ops;
}
