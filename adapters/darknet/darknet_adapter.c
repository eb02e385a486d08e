/* darknet_adapter.c - see darknet_adapter.h. Layers are handed to Darknet's functions by value, so a copy
 * can point elsewhere: what training sums up goes to scratch. */
#include "darknet_adapter.h"

#include "../adapter.h"

#include <darknet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 5 };                 /* most parameters of a layer */
static const float EPSILON = 1e-6f; /* of Darknet's batch norm, added to the deviation */

typedef struct {
    float *data; /* the layer's */
    char name[56], layer[32];
} tensor;

struct sal_darknet {
    network *net;
    size_t inputs, outputs, last, n_tensors; /* last: the layer whose output is the logits */
    tensor *tensors;
    sal_param_info *infos;
    float *x, *delta; /* one input; the gradient of a layer's input */
    float *updates;   /* what is thrown away */
    bool exact;       /* every layer has a way back */
};

/* ---- callbacks --------------------------------------------------------------------------------- */

static int describe(void *self, sal_model_description *out)
{
    sal_darknet *e = self;
    const network *net = e->net;
    bool plane = net->h > 0 && net->w > 0 && net->c > 0;
    out->name = "darknet";
    out->rank = plane ? 3 : 1;
    out->dims[0] = plane ? net->c : net->inputs;
    out->dims[1] = net->h;
    out->dims[2] = net->w;
    out->outputs = e->outputs;
    out->n_params = e->n_tensors;
    out->params = e->infos;
    return 0;
}

static void predict(sal_darknet *e, const float *x)
{
    memcpy(e->x, x, e->inputs * sizeof *x);
    network_predict(e->net, e->x);
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    sal_darknet *e = self;
    for (size_t i = 0; i < n; i++) {
        predict(e, x + i * e->inputs);
        memcpy(logits + i * e->outputs, e->net->layers[e->last].output,
               e->outputs * sizeof *logits);
    }
    return 0;
}

/* The factor of batch norm with stored statistics, which commutes with the slope of the activation. */
static void through_batch_norm(const layer *l)
{
    int channels = l->type == CONNECTED ? l->outputs : l->out_c;
    int area = l->outputs / channels;
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < area; i++)
            l->delta[c * area + i] *= l->scales[c] / (sqrtf(l->rolling_variance[c]) + EPSILON);
}

/* Adds the gradient of layer i's input to `to`. Some of Darknet's layers add, some overwrite. */
static void back_through(sal_darknet *e, size_t i, const network *net, float *to)
{
    layer l = e->net->layers[i];
    network n = *net;
    n.index = (int)i;
    n.delta = e->delta;
    n.input = i ? e->net->layers[i - 1].output : e->x;
    l.weight_updates = l.bias_updates = l.scale_updates = e->updates;
    if (l.type == DROPOUT) return; /* shares its buffers with the layer before */
    if (l.batch_normalize) through_batch_norm(&l);
    l.batch_normalize = 0;
    memset(e->delta, 0, (size_t)l.inputs * sizeof *e->delta);
    l.backward(l, n);
    if (l.type == ROUTE) return; /* what it made of is not the layer before, and added already */
    for (int k = 0; k < l.inputs; k++) to[k] += e->delta[k];
}

static int input_gradient(void *self, size_t n, const float *x, const int64_t *target,
                          float *gradient)
{
    sal_darknet *e = self;
    network net = *e->net;
    net.train = 0;
    for (size_t k = 0; k < n; k++, gradient += e->inputs) {
        predict(e, x + k * e->inputs); /* sets the gradients of all layers to 0 */
        memset(gradient, 0, e->inputs * sizeof *gradient);
        e->net->layers[e->last].delta[target[k]] = 1;
        for (size_t i = e->last + 1; i-- > 0;)
            back_through(e, i, &net, i ? e->net->layers[i - 1].delta : gradient);
    }
    return 0;
}

static size_t count(const sal_darknet *e, size_t i)
{
    return adapter_elements(e->infos[i].rank, e->infos[i].dims);
}

static int get_params(void *self, size_t i, float *values)
{
    const sal_darknet *e = self;
    memcpy(values, e->tensors[i].data, count(e, i) * sizeof *values);
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    const sal_darknet *e = self;
    memcpy(e->tensors[i].data, values, count(e, i) * sizeof *values);
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------ */

typedef enum { UNKNOWN, EXACT, FORWARD_ONLY } support;

static support support_of(const layer *l, const char **name)
{
    static const struct {
        LAYER_TYPE type;
        const char *name;
        support support;
    } rows[] = {{CONVOLUTIONAL, "convolutional", EXACT},
                {CONNECTED, "connected", EXACT},
                {LOCAL, "local", EXACT},
                {MAXPOOL, "maxpool", EXACT},
                {AVGPOOL, "avgpool", EXACT},
                {SOFTMAX, "softmax", EXACT},
                {COST, "cost", EXACT},
                {DROPOUT, "dropout", EXACT},
                {ROUTE, "route", EXACT},
                {SHORTCUT, "shortcut", EXACT},
                {ACTIVE, "activation", EXACT},
                {UPSAMPLE, "upsample", EXACT},
                {REORG, "reorg", EXACT},
                {LOGXENT, "logistic", EXACT},
                {CROP, "crop", FORWARD_ONLY},
                {NORMALIZATION, "normalization", FORWARD_ONLY},
                {L2NORM, "l2norm", FORWARD_ONLY}};
    *name = "other";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type != l->type) continue;
        *name = rows[i].name;
        return l->binary || l->xnor ? UNKNOWN : rows[i].support;
    }
    return UNKNOWN;
}

static sal_status check_layers(sal_darknet *e, sal_error *err)
{
    e->exact = true;
    for (int i = 0; i < e->net->n; i++) {
        const layer *l = &e->net->layers[i];
        const char *name;
        support s = support_of(l, &name);
        if (s == UNKNOWN)
            return adapter_refuse(err, SAL_E_UNSUPPORTED,
                                  "darknet: layer %d (%s, type %d) is not one of a classifier", i,
                                  name, (int)l->type);
        e->exact = e->exact && s == EXACT;
        if (l->type != SOFTMAX && l->type != COST && l->type != LOGXENT) e->last = (size_t)i;
    }
    return SAL_OK;
}

static void add(sal_darknet *e, int at, const char *part, sal_param_role role, float *data,
                size_t rank, const int64_t *dims)
{
    tensor *t = &e->tensors[e->n_tensors];
    const char *type;
    support_of(&e->net->layers[at], &type);
    snprintf(t->layer, sizeof t->layer, "%s%d", type, at);
    snprintf(t->name, sizeof t->name, "%s.%s", t->layer, part);
    t->data = data;
    sal_param_info *p = &e->infos[e->n_tensors++];
    *p = (sal_param_info){.name = t->name, .layer = t->layer, .role = role, .rank = rank};
    memcpy(p->dims, dims, rank * sizeof *dims);
}

static void add_layer(sal_darknet *e, int at)
{
    const layer *l = &e->net->layers[at];
    bool dense = l->type == CONNECTED, norm = l->batch_normalize;
    int64_t outputs = l->type == CONVOLUTIONAL ? l->n : l->outputs;
    if (dense) add(e, at, "weights", SAL_WEIGHT, l->weights, 2, (int64_t[]){outputs, l->inputs});
    if (l->type == CONVOLUTIONAL)
        add(e, at, "weights", SAL_WEIGHT, l->weights, 4,
            (int64_t[]){l->n, l->c / (l->groups ? l->groups : 1), l->size, l->size});
    if (l->type == LOCAL)
        add(e, at, "weights", SAL_WEIGHT, l->weights, 5,
            (int64_t[]){(int64_t)l->out_w * l->out_h, l->n, l->c, l->size, l->size});
    if (norm) add(e, at, "scales", SAL_NORM_SCALE, l->scales, 1, &outputs);
    if (dense || norm || l->type == CONVOLUTIONAL || l->type == LOCAL)
        add(e, at, "biases", norm ? SAL_NORM_SHIFT : SAL_BIAS, l->biases, 1, &outputs);
    if (norm) add(e, at, "rolling_mean", SAL_NORM_MEAN, l->rolling_mean, 1, &outputs);
    if (norm) add(e, at, "rolling_variance", SAL_NORM_VARIANCE, l->rolling_variance, 1, &outputs);
}

static sal_status allocate(sal_darknet *e, sal_error *err)
{
    size_t largest = e->inputs, layers = (size_t)e->net->n;
    e->tensors = calloc(PARTS * layers, sizeof *e->tensors);
    e->infos = calloc(PARTS * layers, sizeof *e->infos);
    e->x = calloc(e->inputs, sizeof *e->x);
    if (!e->tensors || !e->infos || !e->x)
        return adapter_refuse(err, SAL_E_NOMEM, "out of memory: darknet");
    for (int i = 0; i < e->net->n; i++) {
        size_t inputs = (size_t)e->net->layers[i].inputs;
        largest = inputs > largest ? inputs : largest;
        add_layer(e, i);
    }
    e->delta = calloc(largest, sizeof *e->delta);
    for (size_t i = 0; i < e->n_tensors; i++)
        largest = count(e, i) > largest ? count(e, i) : largest;
    e->updates = calloc(largest, sizeof *e->updates);
    return e->delta && e->updates ? SAL_OK
                                  : adapter_refuse(err, SAL_E_NOMEM, "out of memory: darknet");
}

/* Darknet would end the process. */
static sal_status check_file(const char *path, sal_error *err)
{
    FILE *f = fopen(path, "rb");
    if (!f) return adapter_refuse(err, SAL_E_IO, "'%.200s' cannot be opened", path);
    (void)fclose(f);
    return SAL_OK;
}

static network *load(const char *cfg, const char *weights)
{
    size_t n = strlen(cfg) + 1, m = strlen(weights) + 1;
    char *paths = malloc(n + m);
    if (!paths) return NULL;
    memcpy(paths, cfg, n);
    memcpy(paths + n, weights, m);
    network *net = load_network(paths, paths + n, 0);
    free(paths);
    return net;
}

sal_status sal_darknet_create(const char *cfg, const char *weights, sal_darknet **out,
                              sal_error *err)
{
    if (!cfg || !weights || !out)
        return adapter_refuse(err, SAL_E_ARG, "cfg, weights or out is NULL");
    sal_status st = check_file(cfg, err);
    if (st == SAL_OK) st = check_file(weights, err);
    if (st != SAL_OK) return st;
    sal_darknet *e = calloc(1, sizeof *e);
    if (e) e->net = load(cfg, weights);
    if (!e || !e->net) {
        free(e);
        return adapter_refuse(err, SAL_E_NOMEM, "out of memory: darknet");
    }
    set_batch_network(e->net, 1);
    e->inputs = (size_t)e->net->inputs;
    st = check_layers(e, err);
    if (st == SAL_OK) st = allocate(e, err);
    e->outputs = (size_t)e->net->layers[e->last].outputs;
    if (st == SAL_OK)
        *out = e;
    else
        sal_darknet_free(e);
    return st;
}

void sal_darknet_free(sal_darknet *e)
{
    if (!e) return;
    free_network(e->net);
    free(e->tensors);
    free(e->infos);
    free(e->x);
    free(e->delta);
    free(e->updates);
    free(e);
}

struct network *sal_darknet_get(sal_darknet *e)
{
    return e->net;
}

#define COMMON                                                                                     \
    .adapter = "darknet", .describe = describe, .forward = forward, .get_params = get_params,      \
    .set_params = set_params

const sal_model_ops *sal_darknet_ops(const sal_darknet *e)
{
    static const sal_model_ops with = {COMMON, .input_gradient = input_gradient},
                               without = {COMMON};
    return e->exact ? &with : &without;
}
