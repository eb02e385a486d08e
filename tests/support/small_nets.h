/* tests/support/small_nets.h - what the tests of checks share: a small random CNN that looks at
 * bars in pictures, and a network of whole numbers, whose every sum is exact. Neither is trained:
 * training magnifies the last bits, in which machines differ. All calls fail the test when
 * something does not do. */
#ifndef SAL_TESTS_SMALL_NETS_H
#define SAL_TESTS_SMALL_NETS_H

#include "nets.h"

enum { BARS_SIDE = 10, BARS_CLASSES = 3, BARS_INPUTS = 24 };

/* Pictures [1, 10, 10] of one bar each: across, upright or slanting, in noise. Under net, gradient
 * passes params (D = .8) and guided-backprop fails it (.1). */
typedef struct small_world {
    test_net net, twin; /* conv1 relu1 pool1 conv2 relu2 flatten fc1 relu3 fc2 */
    sal_tensor *inputs;
} small_world;

void make_world(small_world *w, const sal_env *env);
void free_world(small_world *w);

/* The same network from another seed; n pictures, to release with sal_tensor_free(). */
test_net bars_net(const sal_env *env, uint64_t seed);
sal_tensor *bars(size_t n);

enum { WHOLE_SIDE = 6, WHOLE_INPUTS = 20 };

/* [1, 6, 6] flattened into a dense layer "fc" of 3 outputs; of its weights a few are 7 or -7,
 * which gradient finds (faithful), the others -1 to 1. */
test_net whole_net(const sal_env *env, const char *name, uint64_t seed);
/* [n, 1, 6, 6] of numbers 0 to 9. Release with sal_tensor_free(). */
sal_tensor *whole_inputs(size_t n);

#endif
