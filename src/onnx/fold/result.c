/* onnx/fold/result.c - constants that folding makes: within the budget, by broadcast, by a view. */
#include "onnx/ops.h"

sal_status sal_onnx_fold_result_(sal_onnx_node *n, int type, const sal_shape *shape,
                                 sal_constant **out, sal_error *err)
{
    sal_shape checked;
    size_t count;
    sal_status st = sal_shape_make_(shape->rank, shape->dims, &checked, &count, err);
    if (st != SAL_OK) return st;
    if (count > n->r->budget)
        return sal_fail_(err, SAL_E_NOMEM,
                         "a constant of %zu numbers is more than the file justifies", count);
    n->r->budget -= count;
    return sal_constant_create_(n->r->env, type, &checked, out, err);
}

sal_status sal_onnx_broadcast_(const sal_shape *a, const sal_shape *b, sal_shape *out,
                               sal_error *err)
{
    const sal_shape *longer = a->rank >= b->rank ? a : b, *shorter = longer == a ? b : a;
    size_t shift = longer->rank - shorter->rank;
    *out = *longer;
    for (size_t i = shift; i < longer->rank; i++) {
        int64_t other = shorter->dims[i - shift];
        if (out->dims[i] == other || other == 1) continue;
        if (out->dims[i] != 1) {
            char one[SAL_SHAPE_TEXT], two[SAL_SHAPE_TEXT];
            return sal_fail_(err, SAL_E_SHAPE, "%s and %s do not broadcast",
                             sal_shape_text_(a, one, sizeof one),
                             sal_shape_text_(b, two, sizeof two));
        }
        out->dims[i] = other;
    }
    return SAL_OK;
}

void sal_onnx_copy_element_(sal_constant *to, size_t k, const sal_constant *from, size_t at)
{
    if (to->f)
        to->f[k] = from->f[at];
    else
        to->i[k] = from->i[at];
}

sal_onnx_view sal_onnx_view_of_(const sal_shape *s)
{
    sal_onnx_view v = {0};
    for (size_t i = s->rank, step = 1; i-- > 0; step *= (size_t)s->dims[i])
        v.step[i] = (int64_t)step;
    return v;
}

sal_status sal_onnx_fold_view_(sal_onnx_node *n, size_t output, const sal_constant *from,
                               const sal_onnx_view *view, const sal_shape *shape, sal_error *err)
{
    sal_constant *out = NULL;
    sal_status st = sal_onnx_fold_result_(n, from->type, shape, &out, err);
    if (st != SAL_OK) return st;
    for (size_t k = 0; k < out->count; k++) {
        int64_t at = view->offset;
        size_t rest = k;
        for (size_t i = shape->rank; i-- > 0; rest /= (size_t)shape->dims[i])
            at += (int64_t)(rest % (size_t)shape->dims[i]) * view->step[i];
        sal_onnx_copy_element_(out, k, from, (size_t)at);
    }
    return sal_onnx_set_constant_(n, output, out, err);
}
