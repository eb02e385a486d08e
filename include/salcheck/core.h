/**
 * core.h - what every other header needs: status, outcome, error text, environment, version.
 *
 * A *status* says whether salcheck could answer; an *outcome* is the answer. A failed check is
 * SAL_OK with SAL_FAIL. No function prints, exits, reads the clock or keeps global state.
 */
#ifndef SALCHECK_CORE_H
#define SALCHECK_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAL_API __attribute__((visibility("default")))
#else
#define SAL_API
#endif

#define SAL_VERSION "0.1.0"

/** Largest rank of a tensor. */
#define SAL_MAX_RANK 8

/** Why a question could not be answered. SAL_OK is 0. */
typedef enum sal_status {
    SAL_OK = 0,
    SAL_E_ARG,         /* an argument is missing, out of range or unknown */
    SAL_E_SHAPE,       /* shapes do not fit; the text says which, wanted, got */
    SAL_E_NOMEM,       /* out of memory or above a stated bound */
    SAL_E_IO,          /* a file could not be opened, read or written */
    SAL_E_FORMAT,      /* a file's content contradicts its format */
    SAL_E_VALUE,       /* NaN or infinity where a number is needed; the text says where */
    SAL_E_UNSUPPORTED, /* the model, adapter or build lacks what is asked; the text says what */
    SAL_E_CALLBACK     /* a callback of the caller returned an error */
} sal_status;

/** The answer of a check. */
typedef enum sal_outcome { SAL_PASS = 0, SAL_FAIL, SAL_INCONCLUSIVE, SAL_INVALID } sal_outcome;

#define SAL_ERROR_TEXT 320

/** One line about what went wrong: fact, wanted, where. Owned by the caller; never allocated. */
typedef struct sal_error {
    sal_status status;
    char text[SAL_ERROR_TEXT];
} sal_error;

/** Memory hooks. allocate returns NULL when it has none; release takes NULL. */
typedef struct sal_allocator {
    void *self;
    void *(*allocate)(void *self, size_t bytes);
    void (*release)(void *self, void *block);
} sal_allocator;

/**
 * The surroundings of every object: constant, outlives what was made with it; NULL = defaults.
 * Zero in a field is its default.
 */
typedef struct sal_env {
    sal_allocator allocator; /* allocate == NULL: malloc and free */
    size_t threads;          /* 0 = all processors; a wrapped engine always runs on the caller's */
    size_t memory_limit;     /* bytes for one plan's workspace; 0 = 1 GiB; cuts batches only */
    bool keep_blas_threads;  /* leave OpenBLAS's thread count alone: gives up bit-identity */
    uint64_t reserved_[4];   /* must be 0 */
} sal_env;

/** Name of a status, "out of memory" and so on. Static text. */
SAL_API const char *sal_status_name(sal_status status);

/** "pass", "fail", "inconclusive" or "invalid". Static text. */
SAL_API const char *sal_outcome_name(sal_outcome outcome);

/** Version of the library that is linked, as SAL_VERSION. Static text. */
SAL_API const char *sal_version(void);

#ifdef __cplusplus
}
#endif
#endif
