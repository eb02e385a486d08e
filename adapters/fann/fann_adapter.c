/* fann_adapter.c - see fann_adapter.h. FANN numbers neurons from the inputs on, each layer's bias behind
 * its neurons; connections are sorted by the neuron they lead to and lead forwards only. */
#include "fann_adapter.h"

#include "../adapter.h"

#include <fann.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SUM = 150 }; /* fann_run cuts sums there, after the steepness */

typedef struct neuron {
    double steepness, sum, value, slope, gradient;
    enum fann_activationfunc_enum function;
    size_t layer;
    bool bias;
} neuron;

/* One parameter: the connections that hold it. */
typedef struct tensor {
    size_t n, *at;
    char name[48], layer[32];
} tensor;

struct sal_fann {
    struct fann *net;
    size_t rank, inputs, outputs, layers, n_neurons, n_connections, n_tensors;
    int64_t dims[SAL_MAX_RANK];
    struct fann_connection *connections; /* weights as they were at the start */
    neuron *neurons;
    tensor *tensors; /* weights, biases of each layer but the first; without the empty ones */
    sal_param_info *infos;
    unsigned *sizes; /* neurons of each layer, without the bias */
    fann_type *input;
    bool slopes; /* every neuron has one */
};

/* ---- callbacks --------------------------------------------------------------------------------- */

static int describe(void *self, sal_model_description *out)
{
    sal_fann *e = self;
    out->name = "fann network";
    out->rank = e->rank;
    memcpy(out->dims, e->dims, sizeof e->dims);
    out->outputs = e->outputs;
    out->n_params = e->n_tensors;
    out->params = e->infos;
    return 0;
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    sal_fann *e = self;
    for (size_t k = 0; k < n; k++) {
        memcpy(e->input, x + k * e->inputs, e->inputs * sizeof *x);
        const fann_type *y = fann_run(e->net, e->input);
        memcpy(logits + k * e->outputs, y, e->outputs * sizeof *y);
    }
    return 0;
}

/* FANN asks for its weights to be set one by one, each by a search through all connections; a set of
 * them would take minutes. They lie in the connections' order, which create has proved. */
static int get_params(void *self, size_t i, float *values)
{
    const sal_fann *e = self;
    const tensor *t = &e->tensors[i];
    for (size_t k = 0; k < t->n; k++) values[k] = e->net->weights[t->at[k]];
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    const sal_fann *e = self;
    const tensor *t = &e->tensors[i];
    for (size_t k = 0; k < t->n; k++) e->net->weights[t->at[k]] = values[k];
    return 0;
}

static double clip(double x, double low)
{
    return x < low ? low : x > 1 ? 1 : x;
}

/* value and slope of a function at s = steepness times sum; false: it has no slope of use. */
static bool activate(enum fann_activationfunc_enum function, double s, double *value, double *slope)
{
    double v, size = 1 + fabs(s);
    switch (function) {
    case FANN_LINEAR:
        *value = s, *slope = 1;
        return true;
    case FANN_SIGMOID:
        v = 1 / (1 + exp(-2 * s)), *value = v, *slope = 2 * v * (1 - v);
        return true;
    case FANN_SIGMOID_SYMMETRIC:
        v = tanh(s), *value = v, *slope = 1 - v * v;
        return true;
    case FANN_GAUSSIAN:
        v = exp(-s * s), *value = v, *slope = -2 * s * v;
        return true;
    case FANN_GAUSSIAN_SYMMETRIC:
        v = exp(-s * s), *value = 2 * v - 1, *slope = -4 * s * v;
        return true;
    case FANN_ELLIOT:
        *value = s / 2 / size + 0.5, *slope = 0.5 / (size * size);
        return true;
    case FANN_ELLIOT_SYMMETRIC:
        *value = s / size, *slope = 1 / (size * size);
        return true;
    case FANN_LINEAR_PIECE:
        *value = clip(s, 0), *slope = s >= 0 && s <= 1;
        return true;
    case FANN_LINEAR_PIECE_SYMMETRIC:
        *value = clip(s, -1), *slope = s >= -1 && s <= 1;
        return true;
    case FANN_SIN_SYMMETRIC:
        *value = sin(s), *slope = cos(s);
        return true;
    case FANN_COS_SYMMETRIC:
        *value = cos(s), *slope = -sin(s);
        return true;
    case FANN_SIN:
        *value = sin(s) / 2 + 0.5, *slope = cos(s) / 2;
        return true;
    case FANN_COS:
        *value = cos(s) / 2 + 0.5, *slope = -sin(s) / 2;
        return true;
    default:
        return false;
    }
}

static void finish_neuron(neuron *to)
{
    double s = to->steepness * to->sum, most = MOST_SUM / to->steepness;
    activate(to->function, s > most ? most : s < -most ? -most : s, &to->value, &to->slope);
    to->slope *= fabs(s) > fabs(most) ? 0 : to->steepness;
}

/* fann_run once more, with the slopes: neuron by neuron, as the connections are sorted. */
static void run_with_slopes(const sal_fann *e, const float *x)
{
    for (size_t i = 0; i < e->n_neurons; i++) {
        neuron *to = &e->neurons[i];
        to->sum = to->gradient = to->slope = 0;
        to->value = to->bias ? 1 : i < e->inputs ? (double)x[i] : 0;
    }
    for (size_t k = 0; k < e->n_connections; k++) {
        const struct fann_connection *c = &e->connections[k];
        neuron *to = &e->neurons[c->to_neuron];
        to->sum += (double)e->net->weights[k] * e->neurons[c->from_neuron].value;
        if (k + 1 == e->n_connections || c[1].to_neuron != c->to_neuron) finish_neuron(to);
    }
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient)
{
    const sal_fann *e = self;
    for (size_t i = 0; i < n; i++, x += e->inputs, gradient += e->inputs) {
        size_t first = 0;
        run_with_slopes(e, x);
        while (e->neurons[first].layer + 1 < e->layers) first++;
        e->neurons[first + (size_t)target[i]].gradient = 1;
        for (size_t k = e->n_connections; k-- > 0;) {
            const struct fann_connection *c = &e->connections[k];
            const neuron *to = &e->neurons[c->to_neuron];
            e->neurons[c->from_neuron].gradient +=
                to->gradient * to->slope * (double)e->net->weights[k];
        }
        for (size_t k = 0; k < e->inputs; k++) gradient[k] = (float)e->neurons[k].gradient;
    }
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------ */

static sal_status no_memory(sal_error *err)
{
    return adapter_refuse(err, SAL_E_NOMEM, "out of memory: fann");
}

/* Layers and biases of the neurons, in the order of their numbers. */
static sal_status number_neurons(sal_fann *e, sal_error *err)
{
    unsigned *biases = calloc(e->layers + 1, sizeof *biases);
    if (!biases) return no_memory(err);
    fann_get_bias_array(e->net, biases);
    e->slopes = true;
    for (size_t l = 0, i = 0; l < e->layers; l++)
        for (size_t k = 0; k < e->sizes[l] + biases[l] && i < e->n_neurons; k++, i++) {
            neuron *to = &e->neurons[i];
            double value, slope;
            to->layer = l;
            to->bias = k >= e->sizes[l];
            if (!l || to->bias) continue;
            to->function = fann_get_activation_function(e->net, (int)l, (int)k);
            to->steepness = (double)fann_get_activation_steepness(e->net, (int)l, (int)k);
            e->slopes = e->slopes && activate(to->function, 0, &value, &slope);
        }
    free(biases);
    return SAL_OK;
}

static bool differ(fann_type a, fann_type b)
{
    return a < b || a > b;
}

static sal_status check_connections(const sal_fann *e, sal_error *err)
{
    for (size_t k = 0; k < e->n_connections; k++) {
        const struct fann_connection *c = &e->connections[k];
        bool sorted = !k || c[-1].to_neuron <= c->to_neuron;
        if (!sorted || c->from_neuron >= c->to_neuron || c->to_neuron >= e->n_neurons ||
            differ(c->weight, e->net->weights[k]))
            return adapter_refuse(err, SAL_E_UNSUPPORTED,
                                  "fann: connection %zu is not where it is expected", k);
    }
    return SAL_OK;
}

/* Tensor 2l holds the weights into layer l + 1, tensor 2l + 1 its biases. */
static size_t tensor_of(const sal_fann *e, size_t connection)
{
    const struct fann_connection *c = &e->connections[connection];
    return 2 * (e->neurons[c->to_neuron].layer - 1) + e->neurons[c->from_neuron].bias;
}

static void fill_info(sal_fann *e, size_t i, size_t l, bool bias)
{
    tensor *t = &e->tensors[i];
    sal_param_info *p = &e->infos[i];
    bool full = fann_get_network_type(e->net) == FANN_NETTYPE_LAYER && e->sizes[l - 1] &&
                t->n == (size_t)e->sizes[l] * e->sizes[l - 1];
    snprintf(t->layer, sizeof t->layer, "layer%zu", l);
    snprintf(t->name, sizeof t->name, "%s.%s", t->layer, bias ? "bias" : "weight");
    *p = (sal_param_info){
        .name = t->name, .layer = t->layer, .role = bias ? SAL_BIAS : SAL_WEIGHT, .rank = 1};
    p->dims[0] = (int64_t)t->n;
    if (bias || !full) return;
    p->rank = 2;
    p->dims[0] = (int64_t)e->sizes[l];
    p->dims[1] = (int64_t)e->sizes[l - 1];
    p->fan_in = e->sizes[l - 1];
    p->fan_out = e->sizes[l];
}

static sal_status make_tensors(sal_fann *e, sal_error *err)
{
    size_t slots = 2 * (e->layers - 1);
    e->tensors = calloc(slots, sizeof *e->tensors);
    e->infos = calloc(slots, sizeof *e->infos);
    if (!e->tensors || !e->infos) return no_memory(err);
    for (size_t slot = 0; slot < slots; slot++) {
        tensor *t = &e->tensors[e->n_tensors];
        size_t n = 0;
        for (size_t k = 0; k < e->n_connections; k++) n += tensor_of(e, k) == slot;
        if (!n) continue;
        t->at = malloc(n * sizeof *t->at);
        if (!t->at) return no_memory(err);
        for (size_t k = 0; k < e->n_connections; k++)
            if (tensor_of(e, k) == slot) t->at[t->n++] = k;
        fill_info(e, e->n_tensors++, slot / 2 + 1, slot % 2);
    }
    return SAL_OK;
}

static sal_status fill(sal_fann *e, sal_error *err)
{
    e->connections = calloc(e->n_connections + 1, sizeof *e->connections);
    e->neurons = calloc(e->n_neurons, sizeof *e->neurons);
    e->sizes = calloc(e->layers + 1, sizeof *e->sizes);
    e->input = calloc(e->inputs + 1, sizeof *e->input);
    if (!e->connections || !e->neurons || !e->sizes || !e->input) return no_memory(err);
    fann_get_layer_array(e->net, e->sizes);
    fann_get_connection_array(e->net, e->connections);
    sal_status st = number_neurons(e, err);
    if (st == SAL_OK) st = check_connections(e, err);
    return st == SAL_OK ? make_tensors(e, err) : st;
}

sal_status sal_fann_create(struct fann *net, size_t rank, const int64_t *dims, sal_fann **out,
                           sal_error *err)
{
    if (!net || !dims || !out || !rank || rank >= SAL_MAX_RANK)
        return adapter_refuse(err, SAL_E_ARG, "net, dims or out is NULL, or rank is not 1 to %d",
                              SAL_MAX_RANK - 1);
    if (adapter_elements(rank, dims) != fann_get_num_input(net))
        return adapter_refuse(err, SAL_E_SHAPE, "fann: the network has %u inputs, dims have %zu",
                              fann_get_num_input(net), adapter_elements(rank, dims));
    sal_fann *e = calloc(1, sizeof *e);
    if (!e) return no_memory(err);
    e->net = net;
    e->rank = rank;
    memcpy(e->dims, dims, rank * sizeof *dims);
    e->inputs = fann_get_num_input(net);
    e->outputs = fann_get_num_output(net);
    e->layers = fann_get_num_layers(net);
    e->n_neurons = fann_get_total_neurons(net);
    e->n_connections = fann_get_total_connections(net);
    sal_status st = fill(e, err);
    if (st == SAL_OK)
        *out = e;
    else
        sal_fann_free(e);
    return st;
}

void sal_fann_free(sal_fann *e)
{
    if (!e) return;
    for (size_t i = 0; e->tensors && i < 2 * (e->layers - 1); i++) free(e->tensors[i].at);
    free(e->tensors);
    free(e->infos);
    free(e->connections);
    free(e->neurons);
    free(e->sizes);
    free(e->input);
    free(e);
}

#define COMMON                                                                                     \
    .adapter = "fann", .describe = describe, .forward = forward, .get_params = get_params,         \
    .set_params = set_params

const sal_model_ops *sal_fann_ops(const sal_fann *e)
{
    static const sal_model_ops with = {COMMON, .input_gradient = input_gradient},
                               without = {COMMON};
    return e->slopes ? &with : &without;
}
