/* onnx/ops.c - the table of ops.def. */
#include "onnx/ops.h"

#define sal_onnx_fold_nothing_ NULL
#define sal_onnx_map_nothing_ NULL

#define SAL_ROW(op, fold, map, graph_op, any_input)                                                \
    {op, sal_onnx_fold_##fold##_, sal_onnx_map_##map##_, graph_op, any_input},

const sal_onnx_row sal_onnx_rows_[] = {SAL_ONNX_OPS(SAL_ROW){NULL, NULL, NULL, NULL, false}};
