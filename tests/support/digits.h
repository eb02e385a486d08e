/* tests/support/digits.h - the demo's network, trained on the embedded digits, and test digits. */
#ifndef SAL_TESTS_DIGITS_H
#define SAL_TESTS_DIGITS_H

#include "../../examples/mnist/net.h"

typedef struct digits {
    sal_tensor *train, *test, *inputs; /* inputs: 40 test digits, 4 of each class in file order */
    sal_labels *train_labels, *test_labels;
    mnist_net net;
    sal_model *model;
} digits;

/* Reads and trains (a few seconds); fails the test when something does not do. */
digits load_digits(const sal_env *env);
void free_digits(digits *d);

#endif
