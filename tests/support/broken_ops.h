/* tests/support/broken_ops.h - an engine's callbacks, passed on, of which one returns an error at a
 * chosen call. */
#ifndef SAL_TESTS_BROKEN_OPS_H
#define SAL_TESTS_BROKEN_OPS_H

#include <salcheck/model.h>

typedef struct broken_ops {
    sal_model_ops ops; /* wrap these, with the struct as self */
    const sal_model_ops *inner;
    void *self;
    const char *callback; /* which one breaks */
    size_t left;          /* calls until then */
    int number;           /* what it returns */
    bool for_good;        /* from then on; else once */
    bool broke;
} broken_ops;

broken_ops broken_ops_make(const sal_model_ops *inner, void *self);
/* The nth call from now on, counted from 1; the engine is not reached by it. */
void broken_ops_break(broken_ops *b, const char *callback, size_t nth, int number);

#endif
