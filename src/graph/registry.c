/* graph/registry.c - the table of operators from ops.def, and what operators share. */
#include "graph/op.h"
#include "graph/ops.def"

#include <string.h>

#define SAL_DECLARE(id) extern const sal_op_def sal_op_##id;
SAL_OPS(SAL_DECLARE)

#define SAL_ROW(id) &sal_op_##id,
const sal_op_def *const sal_ops_[] = {SAL_OPS(SAL_ROW) NULL};

const sal_op_def *sal_op_find_(const char *name)
{
    for (size_t i = 0; sal_ops_[i]; i++)
        if (!strcmp(sal_ops_[i]->name, name)) return sal_ops_[i];
    return NULL;
}

sal_status sal_shape_of_first_(const sal_op_attrs *a, size_t n_in, const sal_shape *in,
                               sal_shape *out, sal_error *err)
{
    (void)a;
    for (size_t i = 1; i < n_in; i++)
        if (!sal_shape_equal_(&in[0], &in[i])) {
            char one[SAL_SHAPE_TEXT], other[SAL_SHAPE_TEXT];
            return sal_fail_(err, SAL_E_SHAPE, "input %zu is %s, input 0 is %s", i,
                             sal_shape_text_(&in[i], one, sizeof one),
                             sal_shape_text_(&in[0], other, sizeof other));
        }
    *out = in[0];
    return SAL_OK;
}

void sal_backward_nothing_(const sal_op_call *c, const float *gy, float *const *gx)
{
    (void)c;
    (void)gy;
    (void)gx;
}
