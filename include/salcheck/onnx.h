/**
 * onnx.h - networks from ONNX files, and back. A file becomes a graph and its parameters; shape
 * arithmetic is computed while reading, dead nodes are left out. Every reader treats a file as
 * hostile.
 *
 * Axis 0 of the file's tensors counts the inputs. A file that moves or mixes that axis (or is made
 * for one input) is read as a whole for every input.
 */
#ifndef SALCHECK_ONNX_H
#define SALCHECK_ONNX_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A file that has been read. */
typedef struct sal_onnx sal_onnx;

/** Zero = default. */
typedef struct sal_onnx_options {
    const char *output; /* tensor or node to explain; NULL = the file's first output, without
                                   its final softmax */
    size_t rank;        /* of one input, for sizes that the file leaves open; 0 = none are */
    int64_t dims[SAL_MAX_RANK]; /* without N */
    uint64_t reserved_[4];      /* must be 0 */
} sal_onnx_options;

/**
 * Reads a network. Convolutions and dense layers with their bias and the batch norm that follows are
 * one layer, named as the node; constants of other operators are never randomised.
 *
 * owner   *out is the caller's; sal_onnx_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (no ONNX file, or it contradicts itself: the node or
 *         tensor), SAL_E_UNSUPPORTED (operator, opset and node), SAL_E_SHAPE (the node),
 *         SAL_E_VALUE (a weight that is no number), SAL_E_NOMEM
 * cost    a few times the file's size
 */
SAL_API sal_status sal_onnx_load(const sal_env *env, const char *path,
                                 const sal_onnx_options *options, sal_onnx **out, sal_error *err);
SAL_API void sal_onnx_free(sal_onnx *o); /* NULL is fine */

/** Everything is borrowed and dies with o. The model is NULL when the file has not one input. */
SAL_API const sal_model *sal_onnx_get_model(const sal_onnx *o);
SAL_API const sal_graph *sal_onnx_get_graph(const sal_onnx *o);
SAL_API const sal_params *sal_onnx_get_params(const sal_onnx *o);
SAL_API sal_value sal_onnx_input(const sal_onnx *o);
SAL_API sal_value sal_onnx_output(const sal_onnx *o);

/** The value of a tensor or node by its name in the file, or SAL_NO_VALUE. */
SAL_API sal_value sal_onnx_find(const sal_onnx *o, const char *name);

/**
 * Writes a graph and parameters as an ONNX file, opset 17, the number of inputs open. Reading it
 * gives the same parameters and outputs, bit for bit.
 *
 * owner   everything stays the caller's
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_UNSUPPORTED (an operator that ONNX does not have: the node),
 *         SAL_E_NOMEM
 */
SAL_API sal_status sal_onnx_save(const sal_graph *g, sal_value output, const sal_params *p,
                                 const char *path, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
