/* onnx/fold/fold.h - what folding and mapping of operators that move numbers share. */
#ifndef SAL_ONNX_FOLD_H
#define SAL_ONNX_FOLD_H

#include "onnx/read/reader.h"

/* ---- results (result.c) -------------------------------------------------------------------------- */

/* A constant for a folded result, within the budget. */
sal_status sal_onnx_fold_result_(sal_onnx_node *n, int type, const sal_shape *shape,
                                 sal_constant **out, sal_error *err);
void sal_onnx_copy_element_(sal_constant *to, size_t k, const sal_constant *from, size_t at);

/* Both shapes by ONNX's rules of broadcasting; dims that are equal or 1. */
sal_status sal_onnx_broadcast_(const sal_shape *a, const sal_shape *b, sal_shape *out,
                               sal_error *err);

/* A view of a constant: an offset and a distance per axis of the result, in elements. */
typedef struct sal_onnx_view {
    int64_t offset, step[SAL_MAX_RANK];
} sal_onnx_view;

sal_onnx_view sal_onnx_view_of_(const sal_shape *s);
/* Output `output` becomes the elements that the view shows. */
sal_status sal_onnx_fold_view_(sal_onnx_node *n, size_t output, const sal_constant *from,
                               const sal_onnx_view *view, const sal_shape *shape, sal_error *err);

/* ---- shapes (shapes.c) --------------------------------------------------------------------------- */

/* The shape that Reshape, Flatten, Squeeze, Unsqueeze give input 0. Axis 0 of a batch stays. */
sal_status sal_onnx_target_(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err);

/* Dropout's third input, if there is one, must be false. */
sal_status sal_onnx_not_training_(const sal_onnx_node *n, sal_error *err);

/* Slice's lists; axes count from 0 along `rank` ONNX axes. */
typedef struct sal_onnx_ranges {
    size_t n;
    int64_t axes[SAL_MAX_RANK], starts[SAL_MAX_RANK], ends[SAL_MAX_RANK], steps[SAL_MAX_RANK];
} sal_onnx_ranges;
sal_status sal_onnx_ranges_(sal_onnx_node *n, size_t rank, sal_onnx_ranges *r, sal_error *err);

/* Sizes of Split's parts along an axis of `size`. */
enum { SAL_ONNX_PARTS = 256 };
sal_status sal_onnx_split_sizes_(sal_onnx_node *n, int64_t size, int64_t sizes[SAL_ONNX_PARTS],
                                 size_t *parts, sal_error *err);

/* Permutation of Transpose. */
sal_status sal_onnx_order_(sal_onnx_node *n, size_t rank, int64_t order[SAL_MAX_RANK],
                           sal_error *err);

/* Axes of a reduction as a mask over `rank` ONNX axes; none = *all. */
sal_status sal_onnx_reduced_(sal_onnx_node *n, size_t rank, bool mask[SAL_MAX_RANK], bool *nothing,
                             sal_error *err);

/* Target of Cast and CastLike. */
sal_status sal_onnx_cast_type_(sal_onnx_node *n, int64_t *type, sal_error *err);

#endif
