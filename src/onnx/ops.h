/* onnx/ops.h - the functions that ops.def names, declared from its lists. */
#ifndef SAL_ONNX_OPS_H
#define SAL_ONNX_OPS_H

#include "onnx/fold/fold.h"
#include "onnx/ops.def"

#define SAL_DECLARE_FOLD(id) sal_status sal_onnx_fold_##id##_(sal_onnx_node *n, sal_error *err);
#define SAL_DECLARE_MAP(id) sal_status sal_onnx_map_##id##_(sal_onnx_node *n, sal_error *err);
SAL_ONNX_FOLDS(SAL_DECLARE_FOLD)
SAL_ONNX_MAPS(SAL_DECLARE_MAP)

/* The node that was just mapped ends a layer of its name, which a bias or batch norm may join. */
void sal_onnx_layer_ends_(sal_onnx_node *n, bool has_bias);

#endif
