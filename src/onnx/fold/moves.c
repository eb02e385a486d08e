/* onnx/fold/moves.c - constants looked at, moved, joined, made: most shape arithmetic. */
#include "onnx/ops.h"

#include <math.h>
#include <string.h>

/* Identity, Dropout, Reshape, Flatten, Squeeze, Unsqueeze. */
sal_status sal_onnx_fold_same_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    sal_shape shape;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_target_(n, &c->shape, &shape, err);
    if (st != SAL_OK) return st;
    sal_onnx_view view = sal_onnx_view_of_(&shape);
    return sal_onnx_fold_view_(n, 0, c, &view, &shape, err);
}

sal_status sal_onnx_fold_transpose_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    int64_t order[SAL_MAX_RANK];
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_order_(n, c->shape.rank, order, err);
    if (st != SAL_OK) return st;
    sal_onnx_view from = sal_onnx_view_of_(&c->shape), view = {0};
    sal_shape shape = c->shape;
    for (size_t i = 0; i < shape.rank; i++) {
        shape.dims[i] = c->shape.dims[order[i]];
        view.step[i] = from.step[order[i]];
    }
    return sal_onnx_fold_view_(n, 0, c, &view, &shape, err);
}

static int64_t bound(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

sal_status sal_onnx_fold_slice_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    sal_onnx_ranges r;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_ranges_(n, c->shape.rank, &r, err);
    if (st != SAL_OK) return st;
    sal_onnx_view view = sal_onnx_view_of_(&c->shape);
    sal_shape shape = c->shape;
    for (size_t k = 0; k < r.n; k++) {
        int64_t size = shape.dims[r.axes[k]], step = bound(r.steps[k], -INT32_MAX, INT32_MAX);
        int64_t from = bound(r.starts[k], -INT32_MAX, INT32_MAX),
                to = bound(r.ends[k], -INT32_MAX, INT32_MAX);
        if (from < 0) from += size;
        if (to < 0) to += size;
        from = bound(from, 0, step > 0 ? size : size - 1);
        to = bound(to, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
        int64_t span = step > 0 ? to - from + step - 1 : from - to - step - 1;
        shape.dims[r.axes[k]] = size && span > 0 ? span / (step > 0 ? step : -step) : 0;
        view.offset += from * view.step[r.axes[k]];
        view.step[r.axes[k]] *= step;
    }
    return sal_onnx_fold_view_(n, 0, c, &view, &shape, err);
}

sal_status sal_onnx_fold_split_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    int64_t sizes[SAL_ONNX_PARTS], axis = sal_onnx_int_(n, "axis", 0);
    size_t parts;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_plain_axis_(n, &axis, c->shape.rank, err);
    if (st == SAL_OK) st = sal_onnx_split_sizes_(n, c->shape.dims[axis], sizes, &parts, err);
    if (st != SAL_OK) return st;
    sal_onnx_view view = sal_onnx_view_of_(&c->shape);
    sal_shape shape = c->shape;
    for (size_t k = 0; st == SAL_OK && k < parts; k++) {
        shape.dims[axis] = sizes[k];
        st = sal_onnx_fold_view_(n, k, c, &view, &shape, err);
        view.offset += sizes[k] * view.step[axis];
    }
    return st;
}

/* A constant for every input, as the writer has it. */
static sal_status spread(sal_onnx_node *n, sal_error *err)
{
    sal_value in[2] = {n->r->out->inputs[0], SAL_NO_VALUE}, v;
    sal_status st = sal_onnx_plain_param_(n, 0, SAL_FIXED, NULL, &in[1], err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "Spread", NULL, 2, in, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, false, err) : st;
}

sal_status sal_onnx_fold_expand_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c, *to;
    sal_shape wanted = {0}, shape;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_constant_(n, 1, &to, err);
    if (st != SAL_OK) return st;
    if (!to->i || to->count > SAL_MAX_RANK) return sal_fail_(err, SAL_E_FORMAT, "no shape");
    wanted.rank = to->count;
    for (size_t i = 0; i < wanted.rank; i++) wanted.dims[i] = to->i[i];
    bool batch = wanted.rank && wanted.dims[0] == SAL_ONNX_BATCH; /* the same for every input */
    if (batch && n->r->out->n_inputs && wanted.rank == c->shape.rank + 1 &&
        !memcmp(wanted.dims + 1, c->shape.dims, c->shape.rank * sizeof wanted.dims[0]))
        return spread(n, err);
    if (batch) wanted.dims[0] = 1;
    st = sal_onnx_broadcast_(&c->shape, &wanted, &shape, err);
    if (st != SAL_OK) return st;
    sal_onnx_view from = sal_onnx_view_of_(&c->shape), view = {0};
    size_t shift = shape.rank - c->shape.rank;
    for (size_t i = shift; i < shape.rank; i++)
        if (c->shape.dims[i - shift] != 1) view.step[i] = from.step[i - shift];
    return sal_onnx_fold_view_(n, 0, c, &view, &shape, err);
}

sal_status sal_onnx_fold_concat_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    sal_constant *out = NULL;
    int64_t axis = sal_onnx_int_(n, "axis", 1);
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_plain_axis_(n, &axis, c->shape.rank, err);
    if (st != SAL_OK) return st;
    sal_shape shape = c->shape;
    int type = c->type;
    for (size_t k = 1; k < n->n_in; k++) {
        st = sal_onnx_constant_(n, k, &c, err);
        if (st != SAL_OK) return st;
        sal_shape like = c->shape;
        if (like.rank == shape.rank) like.dims[axis] = shape.dims[axis];
        if (!sal_shape_equal_(&like, &shape) ||
            sal_onnx_is_float_(c->type) != sal_onnx_is_float_(type))
            return sal_fail_(err, SAL_E_SHAPE, "input %zu does not fit to the first", k);
        shape.dims[axis] += c->shape.dims[axis];
    }
    st = sal_onnx_fold_result_(n, type, &shape, &out, err);
    if (st != SAL_OK) return st;
    size_t width = sal_shape_count_from_(&shape, (size_t)axis), from = 0;
    for (size_t k = 0; width && k < n->n_in; k++) {
        c = n->in[k]->constant;
        size_t part = sal_shape_count_from_(&c->shape, (size_t)axis);
        for (size_t i = 0; i < c->count; i++)
            sal_onnx_copy_element_(out, i / part * width + from + i % part, c, i);
        from += part;
    }
    return sal_onnx_set_constant_(n, 0, out, err);
}

sal_status sal_onnx_fold_gather_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c, *at;
    sal_constant *out = NULL;
    int64_t axis = sal_onnx_int_(n, "axis", 0);
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_constant_(n, 1, &at, err);
    if (st == SAL_OK) st = sal_onnx_plain_axis_(n, &axis, c->shape.rank, err);
    if (st != SAL_OK) return st;
    if (!at->i || c->shape.rank - 1 + at->shape.rank > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "indices do not do");
    sal_shape shape = {0};
    for (size_t i = 0; i < (size_t)axis; i++) shape.dims[shape.rank++] = c->shape.dims[i];
    for (size_t i = 0; i < at->shape.rank; i++) shape.dims[shape.rank++] = at->shape.dims[i];
    for (size_t i = (size_t)axis + 1; i < c->shape.rank; i++)
        shape.dims[shape.rank++] = c->shape.dims[i];
    st = sal_onnx_fold_result_(n, c->type, &shape, &out, err);
    if (st != SAL_OK) return st;
    size_t after = sal_shape_count_from_(&c->shape, (size_t)axis + 1);
    int64_t size = c->shape.dims[axis];
    for (size_t k = 0; k < out->count; k++) {
        size_t i = k / after % at->count, before = k / after / at->count;
        int64_t index = at->i[i] < 0 ? at->i[i] + size : at->i[i];
        if (index < 0 || index >= size) {
            sal_constant_free_(n->r->env, out);
            return sal_fail_(err, SAL_E_FORMAT, "index %lld of an axis of %lld", (long long)index,
                             (long long)size);
        }
        sal_onnx_copy_element_(out, k, c,
                               (before * (size_t)size + (size_t)index) * after + k % after);
    }
    return sal_onnx_set_constant_(n, 0, out, err);
}

/* Shape and Size: also of tensors that are not known. */
sal_status sal_onnx_fold_shape_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s, shape = {1, {0}};
    sal_constant *out = NULL;
    sal_status st = sal_onnx_shape_(n, 0, &s, err);
    if (st != SAL_OK) return st;
    int64_t from = sal_onnx_int_(n, "start", 0), to = sal_onnx_int_(n, "end", (int64_t)s.rank);
    int64_t rank = (int64_t)s.rank;
    from = bound(from < 0 ? from + rank : from, 0, rank);
    to = bound(to < 0 ? to + rank : to, from, rank);
    shape.dims[0] = to - from;
    if (!strcmp(n->row->op, "Size")) shape.rank = 0;
    st = sal_onnx_fold_result_(n, SAL_T_INT64, &shape, &out, err);
    if (st != SAL_OK) return st;
    if (!shape.rank) out->i[0] = 1;
    for (int64_t i = from; shape.rank && i < to; i++) out->i[i - from] = s.dims[i];
    for (size_t k = 0; !shape.rank && k < s.rank; k++)
        out->i[0] = (int64_t)((uint64_t)out->i[0] * (uint64_t)s.dims[k]);
    return sal_onnx_set_constant_(n, 0, out, err);
}

sal_status sal_onnx_fold_constant_(sal_onnx_node *n, sal_error *err)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, "value");
    const Onnx__AttributeProto *f = sal_onnx_attr_(n, "value_float"),
                               *i = sal_onnx_attr_(n, "value_int");
    const Onnx__AttributeProto *fs = sal_onnx_attr_(n, "value_floats"),
                               *is = sal_onnx_attr_(n, "value_ints");
    sal_constant *c = NULL;
    if (a && a->t) {
        sal_status st = sal_onnx_tensor_(n->r->env, n->r->job->folder, a->t, &c, err);
        return st == SAL_OK ? sal_onnx_set_constant_(n, 0, c, err) : st;
    }
    if (!f && !i && !fs && !is) return sal_onnx_unsupported_(n, "a constant of this kind", err);
    sal_shape shape = {fs || is ? 1 : 0, {(int64_t)(fs ? fs->n_floats : is ? is->n_ints : 1)}};
    sal_status st = sal_onnx_fold_result_(n, f || fs ? SAL_T_FLOAT : SAL_T_INT64, &shape, &c, err);
    if (st != SAL_OK) return st;
    if (f || i) sal_constant_set_number_(c, 0, f ? (double)f->f : 0);
    if (i && !f) c->i[0] = i->i;
    for (size_t k = 0; fs && k < c->count; k++) c->f[k] = fs->floats[k];
    for (size_t k = 0; is && !fs && !f && k < c->count; k++) c->i[k] = is->ints[k];
    return sal_onnx_set_constant_(n, 0, c, err);
}

sal_status sal_onnx_fold_filled_(sal_onnx_node *n, sal_error *err)
{
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, "value");
    const sal_constant *to;
    sal_constant *value = NULL, *out = NULL;
    sal_shape shape = {0};
    sal_status st = sal_onnx_constant_(n, 0, &to, err);
    if (st != SAL_OK) return st;
    if (!to->i || to->count > SAL_MAX_RANK) return sal_fail_(err, SAL_E_FORMAT, "no shape");
    shape.rank = to->count;
    for (size_t i = 0; i < shape.rank; i++) shape.dims[i] = to->i[i];
    if (shape.rank && shape.dims[0] == SAL_ONNX_BATCH) shape.dims[0] = 1;
    if (a && a->t) st = sal_onnx_tensor_(n->r->env, NULL, a->t, &value, err);
    if (st == SAL_OK && value && !value->count)
        st = sal_fail_(err, SAL_E_FORMAT, "its value is empty");
    if (st == SAL_OK)
        st = sal_onnx_fold_result_(n, value ? value->type : SAL_T_FLOAT, &shape, &out, err);
    for (size_t k = 0; st == SAL_OK && value && k < out->count; k++)
        sal_onnx_copy_element_(out, k, value, 0);
    sal_constant_free_(n->r->env, value);
    return st == SAL_OK ? sal_onnx_set_constant_(n, 0, out, err) : st;
}

sal_status sal_onnx_fold_range_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c[3];
    sal_constant *out = NULL;
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < 3; i++) {
        st = sal_onnx_constant_(n, i, &c[i], err);
        if (st == SAL_OK && c[i]->count != 1)
            st = sal_fail_(err, SAL_E_FORMAT, "input %zu is no number", i);
    }
    if (st != SAL_OK) return st;
    double from = sal_constant_number_(c[0], 0), to = sal_constant_number_(c[1], 0);
    double step = sal_constant_number_(c[2], 0), count = ceil((to - from) / step);
    if (!(step < 0 || step > 0) || !(count < 1e9))
        return sal_fail_(err, SAL_E_FORMAT, "has no end");
    sal_shape shape = {1, {count > 0 ? (int64_t)count : 0}};
    st = sal_onnx_fold_result_(n, c[0]->type, &shape, &out, err);
    if (st != SAL_OK) return st;
    for (size_t k = 0; k < out->count; k++)
        sal_constant_set_number_(out, k, from + step * (double)k);
    return sal_onnx_set_constant_(n, 0, out, err);
}

/* ReduceProd, ReduceSum, ReduceMax, ReduceMin, ReduceMean of shapes and the like. */
sal_status sal_onnx_fold_reduce_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *c;
    sal_constant *out = NULL;
    bool mask[SAL_MAX_RANK], nothing, keep = sal_onnx_int_(n, "keepdims", 1) != 0;
    sal_status st = sal_onnx_constant_(n, 0, &c, err);
    if (st == SAL_OK) st = sal_onnx_reduced_(n, c->shape.rank, mask, &nothing, err);
    if (st != SAL_OK) return st;
    sal_shape shape = {0};
    size_t step[SAL_MAX_RANK] = {0}, width = 1, group = 1;
    for (size_t i = c->shape.rank; i-- > 0;) {
        if (mask[i]) {
            group *= (size_t)c->shape.dims[i];
            continue;
        }
        step[i] = width;
        width *= (size_t)c->shape.dims[i];
    }
    for (size_t i = 0; i < c->shape.rank; i++)
        if (!mask[i] || keep) shape.dims[shape.rank++] = mask[i] ? 1 : c->shape.dims[i];
    st = sal_onnx_fold_result_(n, c->type, &shape, &out, err);
    if (st != SAL_OK) return st;
    char kind = n->row->op[6]; /* Prod, Sum, Mean, ... */
    char last = n->row->op[strlen(n->row->op) - 1];
    bool prod = kind == 'P', top = last == 'x', low = kind == 'M' && n->row->op[7] == 'i';
    for (size_t k = 0; k < out->count; k++)
        sal_constant_set_number_(out, k, prod ? 1 : top ? -9e18 : low ? 9e18 : 0);
    for (size_t k = 0; k < c->count; k++) {
        size_t at = 0, rest = k;
        for (size_t i = c->shape.rank; i-- > 0; rest /= (size_t)c->shape.dims[i])
            at += rest % (size_t)c->shape.dims[i] * step[i];
        if (prod && c->i) {
            out->i[at] = (int64_t)((uint64_t)out->i[at] * (uint64_t)c->i[k]);
            continue;
        }
        double so_far = sal_constant_number_(out, at), x = sal_constant_number_(c, k);
        double y = prod ? so_far * x : top ? fmax(so_far, x) : low ? fmin(so_far, x) : so_far + x;
        sal_constant_set_number_(out, at, y);
    }
    for (size_t k = 0; kind == 'M' && !top && !low && k < out->count; k++)
        sal_constant_set_number_(out, k, sal_constant_number_(out, k) / (double)group);
    return sal_onnx_set_constant_(n, 0, out, err);
}
