/* tests/support/faulty_engine.h - a small foreign engine with one fault at a time: logits =
 * W2 tanh(W1 x + b1) + b2. Without a fault it is as an engine should be. */
#ifndef SAL_TESTS_FAULTY_ENGINE_H
#define SAL_TESTS_FAULTY_ENGINE_H

#include <salcheck/model.h>

enum {
    FAULTY_SIDE = 8,
    FAULTY_SIZE = 64,
    FAULTY_HIDDEN = 12,
    FAULTY_OUTPUTS = 3,
    FAULTY_PARAMS = 4
};

typedef enum fault {
    NO_FAULT,
    /* parameters */
    SET_IS_IGNORED,   /* taken, thrown away */
    SET_IS_UNUSED,    /* kept for get_params; the network runs on a copy of its own */
    HIDDEN_IS_UNUSED, /* the same, for the layer "hidden" alone */
    GET_ROUNDS,       /* to 1/256 */
    SET_ROUNDS,       /* to 1/256 where the network runs; get_params returns what was given */
    /* forward */
    FORWARD_DRIFTS,    /* a little more at every call */
    FORWARD_REMEMBERS, /* the input of the call before, a little */
    FORWARD_MIXES,     /* the inputs of a call: each minus their mean, as batch norm in training */
    FORWARD_IS_NAN,
    FORWARD_IS_NAN_LATER, /* from call number `late` on */
    FORWARD_WRITES_NOTHING,
    /* input_gradient */
    GRADIENT_IS_NEGATED,
    GRADIENT_IS_HALVED,
    GRADIENT_IS_ZERO,
    GRADIENT_IS_TURNED,      /* rows and columns exchanged */
    GRADIENT_OF_FIRST_CLASS, /* whatever the target */
    GRADIENT_IS_NAN,
    GRADIENT_WRITES_NOTHING,
    /* saliency: without a fault it is the gradient */
    SALIENCY_IS_EDGES,
    SALIENCY_IS_NOISY,      /* another noise at every call */
    SALIENCY_CHANGES_LATER, /* from call number `late` on */
    SALIENCY_IS_NAN,
    SALIENCY_IS_ADDED, /* to what the buffer held */
    SALIENCY_WRITES_NOTHING,
    SALIENCY_LEAVES_WEIGHTS_CHANGED
} fault;

typedef struct faulty_weights {
    float hidden[FAULTY_HIDDEN * FAULTY_SIZE], hidden_bias[FAULTY_HIDDEN];
    float out[FAULTY_OUTPUTS * FAULTY_HIDDEN], out_bias[FAULTY_OUTPUTS];
} faulty_weights;

typedef struct faulty_engine {
    sal_model_ops ops; /* adapter "acme"; set callbacks to NULL before wrapping */
    sal_model_description description;
    sal_param_info infos[FAULTY_PARAMS];
    faulty_weights w, seen; /* as set; as the network runs on them */
    fault fault;
    size_t late, forwards, saliencies, sets;
    float before[FAULTY_SIZE]; /* the last input */
} faulty_engine;

void make_faulty(faulty_engine *e, fault f);

/* x [n, FAULTY_SIZE], all different. */
void faulty_inputs(size_t n, float *x);

/* Wraps it; fails the test on an error. */
sal_model *wrap_faulty(faulty_engine *e);

#endif
