/**
 * onnxruntime_adapter.h - puts an ONNX file under test in the engine that ships: ONNX Runtime, loaded
 * while running, so that neither its headers nor the library are needed to build. Forward only.
 *
 *     sal_ort_create("digits.onnx", NULL, &engine, &err);
 *     sal_model_wrap(NULL, sal_ort_ops(engine), engine, &model, &err);
 */
#ifndef SALCHECK_ONNXRUNTIME_ADAPTER_H
#define SALCHECK_ONNXRUNTIME_ADAPTER_H

#include <salcheck/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sal_ort sal_ort;

/** Zero = default. */
typedef struct sal_ort_options {
    const char *library; /* path; NULL = $SALCHECK_ORT_LIB, else libonnxruntime.so.1 */
    const char *output;  /* the tensor that holds the logits; NULL = the file's first output */
    const char
        *saliency; /* a tensor of the file that *is* the map, [input] or [outputs, input]: what
                             method "own" tests; NULL = none */
    size_t rank;   /* of one input, for sizes that the file leaves open; 0 = none are */
    int64_t dims[SAL_MAX_RANK]; /* without N */
    uint64_t reserved_[4];      /* must be 0 */
} sal_ort_options;

/**
 * Loads a file. Its parameters are the weights and biases of Conv, ConvTranspose, Gemm, MatMul and
 * BatchNormalization that are initialisers of floats; a layer is a node with weights, its bias and the
 * batch norm behind it. Images are run one at a time, with one thread, so that no image sees another.
 *
 * The file is handed to ONNX Runtime as it is: it is trusted as much as there.
 *
 * shape   the file has one input without a default, [N, ...] in floats; N is open or 1
 * owner   *out is the caller's, sal_ort_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (no ONNX file, or ONNX Runtime refuses it: its message),
 *         SAL_E_SHAPE, SAL_E_UNSUPPORTED (no library, or another one than expected), SAL_E_NOMEM
 */
sal_status sal_ort_create(const char *path, const sal_ort_options *options, sal_ort **out,
                          sal_error *err);

void sal_ort_free(sal_ort *e); /* NULL is fine */

/**
 * The callbacks, for sal_model_wrap with the engine as self: forward, get_params and set_params, and
 * saliency when the options name its tensor. Other methods: occlusion, differences, or your own
 * function (sal_own_method) on top of sal_ort_read.
 */
const sal_model_ops *sal_ort_ops(const sal_ort *e);

/**
 * Reads any tensor of the network for one input, under the parameters that are set at the moment: what a
 * saliency function of your own may need, such as the activations of a layer. The first read of
 * a tensor makes it an output of the network, which loads the network again.
 *
 * owner   values is the caller's, room for `room` numbers; *n are written
 * errors  SAL_E_ARG (no such tensor), SAL_E_SHAPE (more than room, or not floats), SAL_E_FORMAT (the
 *         engine's message), SAL_E_NOMEM
 */
sal_status sal_ort_read(sal_ort *e, const char *tensor, const float *x, size_t room, float *values,
                        size_t *n, sal_error *err);

/** The engine's last message, for a callback that returned an error; "" = none. Borrowed from e. */
const char *sal_ort_message(const sal_ort *e);

#ifdef __cplusplus
}
#endif
#endif
