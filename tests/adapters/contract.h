/* tests/adapters/contract.h - what every adapter must do, as one group of tests. An adapter's test is
 * a main that returns contract_run(&its_contract). Public headers only. */
#ifndef SAL_TESTS_CONTRACT_H
#define SAL_TESTS_CONTRACT_H

#include <salcheck/model.h>

enum { CONTRACT_ABSENT = 77 }; /* the exit code that ctest takes for "skipped" */

/* An engine that is ready to be wrapped. */
typedef struct contract_engine {
    const sal_model_ops *ops;
    void *self;
    size_t n;       /* inputs, at least 4, all different */
    const float *x; /* [n, input] */
    float step;     /* for differences; 0 = 0.002 */
} contract_engine;

typedef struct contract {
    const char *name;
    /* Returns NULL, or why the engine is not on this machine: then the contract is skipped. */
    const char *(*make)(contract_engine *out);
    void (*release)(contract_engine *engine); /* NULL = nothing to do */
} contract;

/* Runs the contract on fresh engines: 0, 1 = a test failed, or CONTRACT_ABSENT. */
int contract_run(const contract *c);

#endif
