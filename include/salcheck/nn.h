/**
 * nn.h - whole layers for graph.h, initialisers by name, and training.
 *
 * Initialisers are remembered per parameter, so that re-initialising a layer uses its own:
 *   zeros, ones, constant:value=V                     normal:std=S, uniform:bound=B
 *   truncated-normal:std=S        (redrawn beyond 2 S)
 *   truncated-normal-fan-in:gain=G  (S = G / sqrt(fan in))
 *   fan-in-uniform                (bound 1 / sqrt(fan in), weights and biases: PyTorch's default)
 *   glorot-uniform, glorot-normal (Glorot & Bengio 2010)   he-uniform, he-normal (He et al. 2015)
 */
#ifndef SALCHECK_NN_H
#define SALCHECK_NN_H

#include <salcheck/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A convolution. Zero = default: kernel 1x1, stride 1, no padding, initialisers "he-normal" and
 * "zeros". */
typedef struct sal_conv_options {
    int64_t filters;
    int64_t kernel[2], stride[2], dilation[2], groups;
    int64_t pad[4]; /* top, left, bottom, right */
    bool same;      /* pad so that stride 1 keeps the size (odd kernels; extra at the end) */
    bool no_bias;
    const char *weight_init, *bias_init;
} sal_conv_options;

/** A dense layer; initialisers as above. */
typedef struct sal_dense_options {
    int64_t units;
    bool no_bias;
    const char *weight_init, *bias_init;
} sal_dense_options;

/* Each returns the layer's output, or a negative number that later calls pass on; the mistake is
 * kept for sal_graph_check(). Parameters are named NAME.weight, NAME.bias; the layer is NAME. */

/** [N, C, L] or [N, C, H, W] to [N, filters, ...]. */
SAL_API sal_value sal_nn_conv(sal_graph *g, const char *name, sal_value x,
                              const sal_conv_options *options);
/** [N, F] to [N, units]. */
SAL_API sal_value sal_nn_dense(sal_graph *g, const char *name, sal_value x,
                               const sal_dense_options *options);
/** Batch normalisation with stored statistics, which training leaves alone; its parameters belong to
 * `layer` (NULL: a layer of its own). */
SAL_API sal_value sal_nn_batch_norm(sal_graph *g, const char *name, const char *layer, sal_value x);
/** Largest of size x size windows, as far apart ([N, C, L]: 1 x size). */
SAL_API sal_value sal_nn_max_pool(sal_graph *g, const char *name, sal_value x, int64_t size);
/** Mean of size x size windows, as far apart. */
SAL_API sal_value sal_nn_average_pool(sal_graph *g, const char *name, sal_value x, int64_t size);
/** An operator of one input without constants: "Relu", "Sigmoid", "Flatten", ... */
SAL_API sal_value sal_nn_apply(sal_graph *g, const char *op, const char *name, sal_value x);

/**
 * Fills every parameter by its initialiser.
 *
 * owner   p is changed; sets that share its memory are not
 * errors  SAL_E_ARG (a parameter without or with an unknown initialiser: which), SAL_E_SHAPE (p of
 *         another graph: which), SAL_E_NOMEM
 * random  seed only; each parameter has a stream of its own
 */
SAL_API sal_status sal_nn_initialise(const sal_graph *g, sal_params *p, uint64_t seed,
                                     sal_error *err);

/** How training goes on; `self` is the caller's. */
typedef struct sal_fit_progress {
    size_t epoch, epochs, step, steps; /* from 1 */
    double loss, accuracy;             /* running, this epoch; accuracy 0 for regression */
} sal_fit_progress;

/** Zero = default. */
typedef struct sal_fit_options {
    const char *optimiser;        /* "adam" (default) or "sgd" */
    double learning_rate;         /* 0 = 0.001 (adam), 0.01 (sgd) */
    double momentum;              /* sgd; 0 = none */
    double beta1, beta2, epsilon; /* adam; 0 = .9, .999, 1e-8 */
    double weight_decay;          /* L2 on weights, not on biases */
    size_t epochs;                /* 0 = 10 */
    size_t batch;                 /* 0 = 64 */
    double stop_accuracy;         /* ends when the whole training set reaches it; 0 = never */
    uint64_t seed;                /* order of the inputs; 0 = default */
    void (*progress)(void *self, const sal_fit_progress *p);
    void *self;
    uint64_t reserved_[4]; /* must be 0 */
} sal_fit_options;

/** What training reached, measured over the whole training set at the end. */
typedef struct sal_fit_result {
    size_t epochs;
    double loss, accuracy;
} sal_fit_result;

/**
 * Trains a classifier (labels) or a regression (targets); exactly one of the two is given.
 *
 * shape   x [N, dims of input]; labels N classes below the outputs; targets [N, dims of output]
 * owner   p is changed in place (copy-on-write); result may be NULL
 * errors  SAL_E_ARG (which option, label, output), SAL_E_SHAPE, SAL_E_VALUE (which input of x or
 *         targets is not finite; the loss is not finite any more: at which step), SAL_E_NOMEM; on
 *         error p holds what training had reached
 * random  options->seed only; equal for any number of threads (fixed shards of 32 inputs)
 * source  Kingma & Ba 2015 (Adam)
 */
SAL_API sal_status sal_nn_fit(const sal_graph *g, sal_value input, sal_value output, sal_params *p,
                              const sal_tensor *x, const int64_t *labels, const sal_tensor *targets,
                              const sal_fit_options *options, sal_fit_result *result,
                              sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
