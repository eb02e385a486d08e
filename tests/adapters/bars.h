/* tests/adapters/bars.h - what the adapters' networks are trained on and asked about: bars of four
 * directions, as [1, 16, 16]. */
#ifndef SAL_TESTS_BARS_H
#define SAL_TESTS_BARS_H

#include <salcheck/tensor.h>

#include "../../examples/wrap_your_engine/toy_engine.h"

enum { BARS_SIZE = TOY_SIDE * TOY_SIDE, BARS_KINDS = TOY_KINDS };

/* n pictures of the endless series, from `first` on; picture i is of kind i % BARS_KINDS. */
void bars_draw(unsigned first, size_t n, float *x);

/* How many of n have their largest logit at their own kind. */
size_t bars_right(unsigned first, size_t n, const float *logits);

#endif
