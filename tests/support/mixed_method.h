/* tests/support/mixed_method.h - a user's own method with a known answer: a weighted sum of normal
 * noise that follows the parameters, the input, the parameters and the seed of the noise, or
 * nothing. The parts are independent and of unit rms, so the similarity of two maps is the share
 * of the squared weights that they have in common (over the pixels' sampling error). */
#ifndef SAL_TESTS_MIXED_METHOD_H
#define SAL_TESTS_MIXED_METHOD_H

#include <salcheck/method.h>

typedef struct mixed_method {
    double params, input, noise, same; /* weights */
    size_t size;                       /* of one input */
    double count;                      /* weight of a part that is new at every call */
    size_t calls;
    /* looks at, or changes, every map; NULL = nothing; its number is returned */
    int (*also)(struct mixed_method *m, const sal_model *model, const float *x, int64_t target,
                float *map);
    const void *context; /* for also */
} mixed_method;

/* Whose parameters a model carries that a method is handed, by their bits: the trained one's,
 * another given one's (a twin; may be NULL), or the trained one's with the output layer or with
 * the first layer random, too. */
typedef enum whose { TRAINED, RANDOM_TOP, RANDOM_THROUGHOUT, TWIN } whose;
whose whose_params(const sal_model *at_hand, const sal_model *trained, const sal_model *other);

/* The method for sal_check_args.own_method; m must outlive it. */
sal_own_method mixed(mixed_method *m, const char *name);

#endif
