/* nn/fit.c - training: a batch is cut into fixed shards of 32 inputs, each with gradients of its
 * own, which are added in order: so the number of threads changes nothing. */
#include "nn/nn.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { SHARD = 32, CHUNK = 1 << 16 };

typedef struct {
    const sal_graph *g;
    const sal_env *env;
    sal_params *p;
    const sal_fit_options *o;
    const sal_optimiser *optimiser;
    sal_value output;
    size_t n, input_size, output_size, n_params, total, batch, shards, threads, workers;
    const float *x, *targets;
    const int64_t *labels;
    sal_plan **plans; /* per worker: a thread that can get a shard */
    float **work;     /* per worker: inputs, seed, loss */
    float *gradients; /* [shards, total] */
    float *state[2];  /* of the optimiser */
    size_t *offset;   /* of each parameter, n_params + 1 */
    float **weights;  /* own memory of each parameter */
    float **places;   /* [workers, n_params]: gradients of the shard being run */
    size_t *order;
    double *loss, *hits;       /* per shard */
    size_t first, step, count; /* of the batch being run: place in order, number from 1, size */
} trainer;

/* value in [0, most], or [0, most) when open; NaN is in neither */
static sal_status check_option(const char *name, double value, double most, bool open,
                               sal_error *err)
{
    if (value >= 0 && (open ? value < most : value <= most)) return SAL_OK;
    return sal_fail_(err, SAL_E_ARG, "fit: %s is %s, wanted 0 %s %s", name, SAL_SHORT(value),
                     open ? "or more, below" : "to", SAL_SHORT(most));
}

static sal_status check_options(const sal_fit_options *o, sal_error *err)
{
    sal_status st = check_option("learning_rate", o->learning_rate, 1e30, false, err);
    if (st == SAL_OK) st = check_option("momentum", o->momentum, 1, true, err);
    if (st == SAL_OK) st = check_option("beta1", o->beta1, 1, true, err);
    if (st == SAL_OK) st = check_option("beta2", o->beta2, 1, true, err);
    if (st == SAL_OK) st = check_option("epsilon", o->epsilon, 1e30, false, err);
    if (st == SAL_OK) st = check_option("weight_decay", o->weight_decay, 1e30, false, err);
    if (st == SAL_OK) st = check_option("stop_accuracy", o->stop_accuracy, 1, false, err);
    for (size_t i = 0; st == SAL_OK && i < sizeof o->reserved_ / sizeof o->reserved_[0]; i++)
        if (o->reserved_[i]) st = sal_fail_(err, SAL_E_ARG, "fit: a reserved field is not 0");
    return st;
}

static sal_status check_graph(const sal_graph *g, sal_value input, sal_value output,
                              const sal_params *p, sal_error *err)
{
    sal_status st = sal_graph_check(g, err);
    if (st != SAL_OK) return st;
    if (input < 0 || (size_t)input >= g->n_values || g->values[input].kind != SAL_IS_INPUT ||
        g->n_inputs != 1)
        return sal_fail_(err, SAL_E_ARG, "fit: the input is not the graph's one input");
    if (output < 0 || (size_t)output >= g->n_values || g->values[output].kind != SAL_IS_NODE)
        return sal_fail_(err, SAL_E_ARG, "fit: the output is not a node's");
    return sal_params_belong_(g, p, err);
}

/* [n, dims of v], all finite; name and verb for the message: "x is" */
static sal_status check_data(const sal_graph *g, sal_value v, size_t n, const char *name,
                             const char *verb, const sal_tensor *t, sal_error *err)
{
    char got[SAL_SHAPE_TEXT], wanted[SAL_SHAPE_TEXT];
    sal_shape want = g->values[v].shape;
    want.dims[0] = (int64_t)n;
    if (!sal_shape_equal_(&want, &t->shape))
        return sal_fail_(err, SAL_E_SHAPE, "%s %s %s, wanted %s", name, verb,
                         sal_shape_text_(&t->shape, got, sizeof got),
                         sal_shape_text_(&want, wanted, sizeof wanted));
    if (!n)
        return sal_fail_(err, SAL_E_SHAPE, "%s %s %s: no inputs", name, verb,
                         sal_shape_text_(&want, wanted, sizeof wanted));
    size_t bad = sal_first_not_finite_(t->count, t->data), one = sal_value_count_(g, v);
    if (bad < t->count)
        return sal_fail_(err, SAL_E_VALUE, "%s: input %zu, element %zu is not finite", name,
                         bad / one, bad % one);
    return SAL_OK;
}

static sal_status check_labels(const sal_graph *g, sal_value output, size_t n,
                               const int64_t *labels, sal_error *err)
{
    sal_shape out = g->values[output].shape;
    char text[SAL_SHAPE_TEXT];
    out.dims[0] = (int64_t)n;
    if (out.rank != 2)
        return sal_fail_(err, SAL_E_SHAPE, "output is %s, labels need [N, classes]",
                         sal_shape_text_(&out, text, sizeof text));
    for (size_t i = 0; i < n; i++)
        if (labels[i] < 0 || labels[i] >= out.dims[1])
            return sal_fail_(err, SAL_E_ARG, "label %zu is %lld, wanted 0 to %lld", i,
                             (long long)labels[i], (long long)out.dims[1] - 1);
    return SAL_OK;
}

static sal_status check_arguments(const sal_graph *g, sal_value input, sal_value output,
                                  const sal_params *p, const sal_tensor *x, const int64_t *labels,
                                  const sal_tensor *targets, const sal_fit_options *o,
                                  sal_error *err)
{
    if (!g || !p || !x) return sal_fail_(err, SAL_E_ARG, "fit: graph, parameters or x is NULL");
    if (!labels == !targets)
        return sal_fail_(err, SAL_E_ARG, "fit: give labels or targets, one of the two");
    size_t n = (size_t)sal_tensor_dim(x, 0);
    sal_status st = check_graph(g, input, output, p, err);
    if (st == SAL_OK) st = check_options(o, err);
    if (st == SAL_OK) st = check_data(g, input, n, "x", "is", x, err);
    if (st != SAL_OK) return st;
    return labels ? check_labels(g, output, n, labels, err)
                  : check_data(g, output, n, "targets", "are", targets, err);
}

static sal_status set_up(trainer *t, sal_error *err)
{
    const sal_env *env = t->env;
    t->shards = (t->batch + SHARD - 1) / SHARD;
    t->threads = sal_threads_(env);
    t->workers = t->threads < t->shards ? t->threads : t->shards;
    t->offset = sal_alloc_zero_(env, t->n_params + 1, sizeof *t->offset);
    t->weights = sal_alloc_zero_(env, t->n_params + 1, sizeof *t->weights);
    t->places = sal_alloc_zero_(env, t->workers * t->n_params + 1, sizeof *t->places);
    t->plans = sal_alloc_zero_(env, t->workers, sizeof *t->plans);
    t->work = sal_alloc_zero_(env, t->workers, sizeof *t->work);
    t->order = sal_alloc_zero_(env, t->n, sizeof *t->order);
    t->loss = sal_alloc_zero_(env, 2 * t->shards, sizeof *t->loss);
    if (!t->offset || !t->weights || !t->places || !t->plans || !t->work || !t->order || !t->loss)
        return sal_no_memory_(err, "training");
    t->hits = t->loss + t->shards;
    for (size_t i = 0; i < t->n_params; i++)
        t->offset[i + 1] = t->offset[i] + (t->g->params[i].count + 15) / 16 * 16;
    t->total = t->offset[t->n_params];
    t->gradients = sal_alloc_zero_(env, t->total * t->shards, sizeof(float));
    if (!t->gradients) return sal_no_memory_(err, "training");
    for (size_t s = 0; s < t->optimiser->slots; s++) {
        t->state[s] = sal_alloc_zero_(env, t->total, sizeof(float));
        if (!t->state[s]) return sal_no_memory_(err, "training");
    }
    sal_wish wish = {.batch = SHARD, .output = t->output, .params = true};
    for (size_t w = 0; w < t->workers; w++) {
        sal_status st = sal_plan_create_(t->g, &wish, &t->plans[w], err);
        if (st != SAL_OK) return st;
        t->work[w] =
            sal_alloc_array_(env, SHARD * (t->input_size + 4 * t->output_size + 1), sizeof(float));
        if (!t->work[w]) return sal_no_memory_(err, "training");
    }
    return SAL_OK;
}

static void clean_up(trainer *t)
{
    for (size_t w = 0; w < t->workers; w++) {
        if (t->plans) sal_plan_free_(t->plans[w]);
        if (t->work) sal_free_(t->env, t->work[w]);
    }
    sal_free_(t->env, t->plans);
    sal_free_(t->env, t->work);
    sal_free_(t->env, t->offset);
    sal_free_(t->env, t->weights);
    sal_free_(t->env, t->places);
    sal_free_(t->env, t->order);
    sal_free_(t->env, t->loss);
    sal_free_(t->env, t->gradients);
    for (size_t s = 0; s < 2; s++) sal_free_(t->env, t->state[s]);
}

/* Forward, loss, and (learn) gradients of inputs [first, first + n) in t->order. */
static void run_shard(trainer *t, size_t shard, size_t worker, bool learn)
{
    size_t first = shard * SHARD, n = t->count - first < SHARD ? t->count - first : SHARD;
    float *x = t->work[worker], *y_wanted = x + SHARD * t->input_size;
    float *seed = y_wanted + SHARD * t->output_size, *work = seed + SHARD * t->output_size;
    int64_t labels[SHARD];
    const sal_params *all[SHARD];
    for (size_t i = 0; i < n; i++) {
        size_t from = t->order[t->first + first + i];
        memcpy(x + i * t->input_size, t->x + from * t->input_size, t->input_size * sizeof *x);
        if (t->labels) labels[i] = t->labels[from];
        if (t->targets)
            memcpy(y_wanted + i * t->output_size, t->targets + from * t->output_size,
                   t->output_size * sizeof *x);
        all[i] = t->p;
    }
    const float *inputs[1] = {x};
    sal_plan_forward_(t->plans[worker], n, inputs, all);
    const float *y = sal_plan_value_(t->plans[worker], t->output);
    t->loss[shard] = sal_loss_(&t->g->values[t->output].shape, n, y, t->labels ? labels : NULL,
                               y_wanted, 1.0f / (float)t->count, seed, work);
    t->hits[shard] = 0;
    for (size_t i = 0; t->labels && i < n; i++) {
        const float *row = y + i * t->output_size;
        size_t best = 0;
        for (size_t k = 1; k < t->output_size; k++)
            if (row[k] > row[best]) best = k;
        t->hits[shard] += best == (size_t)labels[i];
    }
    if (!learn) return;
    float *own = t->gradients + shard * t->total, **places = t->places + worker * t->n_params;
    memset(own, 0, t->total * sizeof *own);
    for (size_t i = 0; i < t->n_params; i++) places[i] = own + t->offset[i];
    sal_plan_backward_(t->plans[worker], seed, places);
}

static sal_status learn_job(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)err;
    run_shard(self, job, worker, true);
    return SAL_OK;
}

static sal_status look_job(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)err;
    run_shard(self, job, worker, false);
    return SAL_OK;
}

/* Adds the shards' gradients in order and moves one stretch of the parameters. */
static sal_status update_job(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)worker;
    (void)err;
    trainer *t = self;
    size_t from = job * CHUNK, to = from + CHUNK < t->total ? from + CHUNK : t->total;
    size_t shards = (t->count + SHARD - 1) / SHARD;
    for (size_t s = 1; s < shards; s++) {
        const float *other = t->gradients + s * t->total;
        for (size_t i = from; i < to; i++) t->gradients[i] += other[i];
    }
    for (size_t k = 0; k < t->n_params; k++) {
        size_t a = t->offset[k] > from ? t->offset[k] : from;
        size_t end = t->offset[k] + t->g->params[k].count, b = end < to ? end : to;
        sal_param_role role = t->g->params[k].info.role;
        bool fixed = role == SAL_NORM_MEAN || role == SAL_NORM_VARIANCE || role == SAL_FIXED;
        if (a >= b || fixed) continue;
        float *w = t->weights[k] + (a - t->offset[k]);
        float decay = role == SAL_WEIGHT ? (float)t->o->weight_decay : 0.0f;
        for (size_t i = a; decay > 0.0f && i < b; i++) t->gradients[i] += decay * w[i - a];
        float *state[2] = {t->state[0] + a, t->state[1] ? t->state[1] + a : NULL};
        t->optimiser->update(t->o, t->step, b - a, w, t->gradients + a, state);
    }
    return SAL_OK;
}

/* The parameters' own memory: not that of a copy which the caller has taken meanwhile. */
static sal_status own_weights(trainer *t, sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < t->n_params; i++)
        st = sal_params_edit_(t->p, i, &t->weights[i], err);
    return st;
}

static sal_status update(trainer *t, sal_error *err)
{
    sal_status st = own_weights(t, err);
    if (st != SAL_OK) return st;
    t->step++;
    return sal_parallel_(t->threads, (t->total + CHUNK - 1) / CHUNK, update_job, t, err);
}

static double sum(const double *v, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) s += v[i];
    return s;
}

/* One pass over the data; learn moves the parameters. Means over all inputs. */
static sal_status pass(trainer *t, bool learn, sal_fit_progress *at, sal_error *err)
{
    double loss = 0, hits = 0;
    for (t->first = 0, at->step = 1; t->first < t->n; t->first += t->batch, at->step++) {
        t->count = t->n - t->first < t->batch ? t->n - t->first : t->batch;
        size_t shards = (t->count + SHARD - 1) / SHARD;
        sal_status st = sal_parallel_(t->workers, shards, learn ? learn_job : look_job, t, err);
        if (st == SAL_OK && learn) st = update(t, err);
        if (st != SAL_OK) return st;
        loss += sum(t->loss, shards);
        hits += sum(t->hits, shards);
        at->loss = loss / (double)(t->first + t->count);
        at->accuracy = hits / (double)(t->first + t->count);
        if (!isfinite(loss))
            return sal_fail_(err, SAL_E_VALUE,
                             "the loss is not finite at step %zu: the learning "
                             "rate may be too high",
                             t->step);
        if (learn && t->o->progress) t->o->progress(t->o->self, at);
    }
    return SAL_OK;
}

static sal_status train(trainer *t, sal_fit_result *result, sal_error *err)
{
    sal_fit_progress at = {.epochs = t->o->epochs ? t->o->epochs : 10,
                           .steps = (t->n + t->batch - 1) / t->batch};
    sal_status st = SAL_OK;
    uint64_t seed = t->o->seed ? t->o->seed : SAL_SEED_DEFAULT;
    for (at.epoch = 1; at.epoch <= at.epochs; at.epoch++) {
        sal_rng rng = sal_rng_for(seed, "order of inputs", at.epoch);
        sal_rng_shuffle_(&rng, t->n, t->order);
        st = pass(t, true, &at, err);
        if (st != SAL_OK) return st;
        bool last = at.epoch == at.epochs,
             worth = t->o->stop_accuracy > 0 && at.accuracy >= t->o->stop_accuracy;
        if (!last && !worth) continue;
        st = pass(t, false, &at, err);
        if (st != SAL_OK) return st;
        if (worth && at.accuracy >= t->o->stop_accuracy) break;
    }
    if (result)
        *result =
            (sal_fit_result){at.epoch < at.epochs ? at.epoch : at.epochs, at.loss, at.accuracy};
    return SAL_OK;
}

sal_status sal_nn_fit(const sal_graph *g, sal_value input, sal_value output, sal_params *p,
                      const sal_tensor *x, const int64_t *labels, const sal_tensor *targets,
                      const sal_fit_options *options, sal_fit_result *result, sal_error *err)
{
    static const sal_fit_options none;
    static const char *const names[] = {"adam", "sgd", NULL};
    const sal_fit_options *o = options ? options : &none;
    sal_status st = check_arguments(g, input, output, p, x, labels, targets, o, err);
    if (st != SAL_OK) return st;
    const sal_optimiser *optimiser = &sal_optimiser_adam_;
    if (o->optimiser && !strcmp(o->optimiser, names[1]))
        optimiser = &sal_optimiser_sgd_;
    else if (o->optimiser && strcmp(o->optimiser, names[0]))
        return sal_fail_name_(err, "optimiser", o->optimiser, names);
    trainer t = {.g = g,
                 .env = g->env,
                 .p = p,
                 .o = o,
                 .optimiser = optimiser,
                 .output = output,
                 .n = (size_t)x->shape.dims[0],
                 .input_size = sal_value_count_(g, input),
                 .output_size = sal_value_count_(g, output),
                 .n_params = g->n_params,
                 .batch = o->batch ? o->batch : 64,
                 .x = x->data,
                 .labels = labels,
                 .targets = targets ? targets->data : NULL};
    assert(t.n > 0); /* check_arguments refuses no inputs */
    if (t.batch > t.n) t.batch = t.n;
    st = set_up(&t, err);
    if (st == SAL_OK) st = train(&t, result, err);
    clean_up(&t);
    return st;
}
