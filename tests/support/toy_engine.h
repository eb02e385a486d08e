/* tests/support/toy_engine.h - a foreign engine for tests: logits = W x + b with x [1, 2, 3] and
 * two classes. Callbacks can be removed from the table, and each can be told to return an error. */
#ifndef SAL_TESTS_TOY_ENGINE_H
#define SAL_TESTS_TOY_ENGINE_H

#include <salcheck/model.h>

enum { TOY_INPUTS = 6, TOY_OUTPUTS = 2 };

typedef struct toy_engine {
    sal_model_ops ops; /* all callbacks; set some to NULL before wrapping */
    float weight[TOY_OUTPUTS * TOY_INPUTS], bias[TOY_OUTPUTS];
    const char *broken; /* this callback returns 7 */
    size_t forwards, sets;
} toy_engine;

/* Weights are small whole numbers; layers "fc" (weight and bias) and, for Grad-CAM, "plane": x. */
void make_toy(toy_engine *t);
/* Wraps it; fails the test on an error. */
sal_model *wrap_toy(toy_engine *t);

#endif
