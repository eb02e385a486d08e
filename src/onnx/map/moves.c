/* onnx/map/moves.c - operators that move numbers, reduce them along axes, or compare along one. */
#include "onnx/ops.h"

#include "graph/ops/resize.h"

#include <math.h>
#include <string.h>

/* Shape of input 0 and its full form. */
static sal_status start(sal_onnx_node *n, sal_shape *s, sal_value *v, sal_error *err)
{
    sal_status st = sal_onnx_shape_(n, 0, s, err);
    return st == SAL_OK ? sal_onnx_full_(n, 0, v, err) : st;
}

static sal_status finish(sal_onnx_node *n, const char *op, const sal_op_attrs *a, size_t n_in,
                         const sal_value *in, sal_error *err)
{
    sal_value v;
    sal_status st = sal_onnx_emit_(n, op, a, n_in, in, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, false, err) : st;
}

/* Reshape, Flatten, Squeeze, Unsqueeze: the numbers stay. */
sal_status sal_onnx_map_view_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s, to;
    sal_value v;
    sal_status st = sal_onnx_shape_(n, 0, &s, err);
    if (st == SAL_OK) st = sal_onnx_target_(n, &s, &to, err);
    if (st != SAL_OK) return st;
    bool flat = n->r->one_image && n->in[0]->flat != SAL_NO_VALUE;
    st = flat ? sal_onnx_flat_(n, 0, &v, err) : sal_onnx_full_(n, 0, &v, err);
    if (st != SAL_OK) return st;
    size_t drop = !n->r->one_image || (to.rank > 1 && to.dims[0] == 1) ? 1 : 0;
    sal_op_attrs a = {.rank = to.rank - drop};
    if (a.rank >= SAL_MAX_RANK) return sal_fail_(err, SAL_E_UNSUPPORTED, "rank %zu", to.rank);
    memcpy(a.dims, to.dims + drop, a.rank * sizeof a.dims[0]);
    bool vector = a.rank == 1 && !strcmp(n->row->op, "Flatten");
    st = sal_onnx_emit_(n, vector ? "Flatten" : "Reshape", &a, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, drop == 1, err) : st;
}

sal_status sal_onnx_map_transpose_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    int64_t order[SAL_MAX_RANK];
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_order_(n, s.rank, order, err);
    if (st != SAL_OK) return st;
    size_t first = n->r->one_image ? 0 : 1;
    if (first && order[0] != 0) return sal_onnx_mixes_(n, err);
    sal_op_attrs a = {.n_axes = 1};
    for (size_t i = first; i < s.rank && a.n_axes < SAL_MAX_RANK; i++)
        a.axes[a.n_axes++] = order[i] + (first ? 0 : 1);
    return finish(n, "Transpose", &a, 1, &v, err);
}

sal_status sal_onnx_map_slice_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    sal_onnx_ranges r;
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_ranges_(n, s.rank, &r, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = {0};
    for (size_t k = 0; k < r.n; k++) {
        bool all = r.steps[k] == 1 && r.starts[k] == 0 && r.ends[k] >= s.dims[r.axes[k]];
        if (all) continue;
        st = sal_onnx_axis_(n, &r.axes[k], s.rank, err);
        if (st != SAL_OK) return st;
        a.axes[a.n_axes] = r.axes[k];
        a.starts[a.n_axes] = r.starts[k];
        a.ends[a.n_axes] = r.ends[k];
        a.steps[a.n_axes++] = r.steps[k];
    }
    return finish(n, "Slice", &a, 1, &v, err);
}

sal_status sal_onnx_map_split_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    int64_t sizes[SAL_ONNX_PARTS], axis = sal_onnx_int_(n, "axis", 0);
    size_t parts;
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_plain_axis_(n, &axis, s.rank, err);
    if (st != SAL_OK) return st;
    int64_t size = s.dims[axis];
    st = sal_onnx_axis_(n, &axis, s.rank, err);
    if (st == SAL_OK) st = sal_onnx_split_sizes_(n, size, sizes, &parts, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = {.n_axes = 1, .axes = {axis}};
    for (size_t k = 0; st == SAL_OK && k < parts; k++) {
        sal_value part;
        a.ends[0] = a.starts[0] + sizes[k];
        st = sal_onnx_part_(n, "Slice", &a, 1, &v, &part, err);
        if (st == SAL_OK) st = sal_onnx_done_(n, k, part, false, err);
        a.starts[0] = a.ends[0];
    }
    return st;
}

sal_status sal_onnx_map_concat_(sal_onnx_node *n, sal_error *err)
{
    enum { MOST = 64 };
    sal_value in[MOST];
    sal_shape s;
    sal_op_attrs a = {.axis = sal_onnx_int_(n, "axis", 1)};
    if (n->n_in > MOST) return sal_fail_(err, SAL_E_UNSUPPORTED, "%zu inputs", n->n_in);
    sal_status st = sal_onnx_shape_(n, 0, &s, err);
    if (st == SAL_OK) st = sal_onnx_axis_(n, &a.axis, s.rank, err);
    for (size_t i = 0; st == SAL_OK && i < n->n_in; i++) st = sal_onnx_full_(n, i, &in[i], err);
    return st == SAL_OK ? finish(n, "Concat", &a, n->n_in, in, err) : st;
}

sal_status sal_onnx_map_gather_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value in[2];
    sal_op_attrs a = {.axis = sal_onnx_int_(n, "axis", 0)};
    sal_status st = sal_onnx_shape_(n, 0, &s, err);
    if (st != SAL_OK) return st;
    bool table = sal_onnx_is_constant_(n, 0), fixed = sal_onnx_is_constant_(n, 1);
    if (table && !fixed) {
        st = sal_onnx_plain_axis_(n, &a.axis, s.rank, err);
        if (st == SAL_OK && a.axis != 0)
            return sal_onnx_unsupported_(n, "an axis other than the table's first", err);
        a.axis = 1;
        if (st == SAL_OK) st = sal_onnx_plain_param_(n, 0, SAL_WEIGHT, n->name, &in[0], err);
        if (st == SAL_OK) st = sal_onnx_full_(n, 1, &in[1], err);
    } else {
        st = sal_onnx_axis_(n, &a.axis, s.rank, err);
        if (st == SAL_OK) st = sal_onnx_full_(n, 0, &in[0], err);
        if (st == SAL_OK) st = sal_onnx_plain_param_(n, 1, SAL_FIXED, NULL, &in[1], err);
    }
    return st == SAL_OK ? finish(n, "Gather", &a, 2, in, err) : st;
}

sal_status sal_onnx_map_expand_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s, wanted, to;
    sal_value v;
    bool given;
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK)
        st = sal_onnx_list_(n, "shape", 1, SAL_MAX_RANK, wanted.dims, &wanted.rank, &given, err);
    if (st != SAL_OK) return st;
    if (!n->r->one_image &&
        (wanted.rank > s.rank ||
         (wanted.rank == s.rank && wanted.dims[0] != 1 && wanted.dims[0] != n->r->batch)))
        return sal_onnx_mixes_(n, err);
    for (size_t i = 0; i < wanted.rank; i++)
        if (wanted.dims[i] < 1)
            return sal_fail_(err, SAL_E_FORMAT, "size %lld", (long long)wanted.dims[i]);
    st = sal_onnx_broadcast_(&s, &wanted, &to, err);
    if (st != SAL_OK) return st;
    size_t drop = n->r->one_image ? 0 : 1;
    if (to.rank > s.rank) { /* more axes: first as 1 */
        int64_t wide[SAL_MAX_RANK];
        for (size_t i = 0; i < to.rank; i++)
            wide[i] = i + s.rank < to.rank ? 1 : s.dims[i + s.rank - to.rank];
        st = sal_onnx_reshape_(n, v, to.rank, wide, &v, err);
        if (st != SAL_OK) return st;
    }
    sal_op_attrs a = {.rank = to.rank - drop};
    if (a.rank >= SAL_MAX_RANK) return sal_fail_(err, SAL_E_UNSUPPORTED, "rank %zu", to.rank);
    memcpy(a.dims, to.dims + drop, a.rank * sizeof a.dims[0]);
    return finish(n, "Expand", &a, 1, &v, err);
}

sal_status sal_onnx_map_tile_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    int64_t times[SAL_MAX_RANK];
    size_t count, drop = n->r->one_image ? 0 : 1;
    bool given;
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK)
        st = sal_onnx_list_(n, "repeats", 1, SAL_MAX_RANK, times, &count, &given, err);
    if (st != SAL_OK) return st;
    if (count != s.rank) return sal_onnx_unsupported_(n, "repeats that are not one an axis", err);
    if (drop && times[0] != 1) return sal_onnx_mixes_(n, err);
    sal_op_attrs a = {.rank = count - drop};
    if (a.rank >= SAL_MAX_RANK) return sal_fail_(err, SAL_E_UNSUPPORTED, "rank %zu", count);
    memcpy(a.dims, times + drop, a.rank * sizeof a.dims[0]);
    return finish(n, "Tile", &a, 1, &v, err);
}

/* Pads of all axes, or of those that input 3 names. */
static sal_status pads_of(sal_onnx_node *n, size_t rank, int64_t pads[2 * SAL_MAX_RANK],
                          sal_error *err)
{
    int64_t list[2 * SAL_MAX_RANK], axes[SAL_MAX_RANK];
    size_t count, n_axes;
    bool given, some;
    const char *name = sal_onnx_has_(n, "paddings") ? "paddings" : "pads";
    sal_status st = sal_onnx_list_(n, name, 1, 2 * SAL_MAX_RANK, list, &count, &given, err);
    if (st == SAL_OK) st = sal_onnx_list_(n, "axes", 3, SAL_MAX_RANK, axes, &n_axes, &some, err);
    if (st != SAL_OK) return st;
    if (!some)
        for (n_axes = 0; n_axes < rank; n_axes++) axes[n_axes] = (int64_t)n_axes;
    if (count != 2 * n_axes)
        return sal_fail_(err, SAL_E_FORMAT, "%zu pads for %zu axes", count, n_axes);
    memset(pads, 0, 2 * SAL_MAX_RANK * sizeof pads[0]);
    for (size_t k = 0; st == SAL_OK && k < n_axes; k++) {
        st = sal_onnx_plain_axis_(n, &axes[k], rank, err);
        if (st != SAL_OK) return st;
        pads[axes[k]] = list[k];
        pads[axes[k] + SAL_MAX_RANK] = list[k + n_axes];
    }
    return st;
}

sal_status sal_onnx_map_pad_(sal_onnx_node *n, sal_error *err)
{
    static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
    sal_shape s;
    sal_value v;
    int64_t pads[2 * SAL_MAX_RANK];
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = pads_of(n, s.rank, pads, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = {.mode = sal_onnx_has_(n, "mode") ? -1 : 0,
                      .alpha = sal_onnx_float_(n, "value", 0)};
    for (int k = 0; k < 4; k++)
        if (sal_onnx_text_is_(n, "mode", modes[k])) a.mode = k;
    if (a.mode < 0) return sal_onnx_unsupported_(n, "this mode", err);
    if (sal_onnx_given_(n, 2)) {
        const sal_constant *c;
        st = sal_onnx_constant_(n, 2, &c, err);
        if (st == SAL_OK && c->count) a.alpha = sal_constant_number_(c, 0);
    }
    for (size_t i = 0; st == SAL_OK && i < s.rank; i++) {
        int64_t axis = (int64_t)i;
        if (!pads[i] && !pads[i + SAL_MAX_RANK]) continue;
        st = sal_onnx_axis_(n, &axis, s.rank, err);
        if (st != SAL_OK) return st;
        a.axes[a.n_axes] = axis;
        a.starts[a.n_axes] = pads[i];
        a.ends[a.n_axes++] = pads[i + SAL_MAX_RANK];
    }
    return st == SAL_OK ? finish(n, "Pad", &a, 1, &v, err) : st;
}

/* ---- resizing ---------------------------------------------------------------------------------- */

static sal_status resize_mode(const sal_onnx_node *n, int64_t *mode, sal_error *err)
{
    static const struct {
        const char *attr, *text;
        int64_t bits;
    } rows[] = {
        {"mode", "linear", SAL_RESIZE_LINEAR},
        {"mode", "bilinear", SAL_RESIZE_LINEAR},
        {"coordinate_transformation_mode", "asymmetric", SAL_RESIZE_ASYMMETRIC},
        {"coordinate_transformation_mode", "align_corners", SAL_RESIZE_ALIGN_CORNERS},
        {"coordinate_transformation_mode", "pytorch_half_pixel", SAL_RESIZE_PYTORCH_HALF_PIXEL},
        {"coordinate_transformation_mode", "half_pixel_symmetric", SAL_RESIZE_HALF_PIXEL_SYMMETRIC},
        {"coordinate_transformation_mode", "tf_half_pixel_for_nn", SAL_RESIZE_TF_HALF_PIXEL_FOR_NN},
        {"nearest_mode", "round_prefer_ceil", SAL_RESIZE_ROUND_PREFER_CEIL},
        {"nearest_mode", "floor", SAL_RESIZE_FLOOR},
        {"nearest_mode", "ceil", SAL_RESIZE_CEIL},
    };
    *mode = 0;
    if (sal_onnx_text_is_(n, "mode", "cubic") ||
        sal_onnx_text_is_(n, "coordinate_transformation_mode", "tf_crop_and_resize"))
        return sal_onnx_unsupported_(n, "cubic or cropping", err);
    if (sal_onnx_int_(n, "antialias", 0) || sal_onnx_int_(n, "exclude_outside", 0) ||
        sal_onnx_text_is_(n, "keep_aspect_ratio_policy", "not_larger") ||
        sal_onnx_text_is_(n, "keep_aspect_ratio_policy", "not_smaller"))
        return sal_onnx_unsupported_(n, "this option of resizing", err);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (sal_onnx_text_is_(n, rows[i].attr, rows[i].text)) *mode |= rows[i].bits;
    if (!strcmp(n->row->op, "Upsample") || n->r->opset < 11)
        *mode = (*mode & SAL_RESIZE_KIND) | SAL_RESIZE_ASYMMETRIC | SAL_RESIZE_FLOOR;
    return SAL_OK;
}

/* Scales and sizes of the axes, 0 where not given. */
static sal_status resize_lists(sal_onnx_node *n, size_t rank, double *scales, int64_t *sizes,
                               sal_error *err)
{
    size_t at = !strcmp(n->row->op, "Resize") && n->r->opset >= 11 ? 2 : 1, count, n_axes = rank;
    int64_t axes[SAL_MAX_RANK], list[SAL_MAX_RANK];
    const sal_constant *c = NULL;
    const Onnx__AttributeProto *old = sal_onnx_attr_(n, "scales");
    sal_status st = sal_onnx_ints_(n, "axes", SAL_MAX_RANK, axes, &count, err);
    if (st == SAL_OK && sal_onnx_given_(n, at)) st = sal_onnx_constant_(n, at, &c, err);
    if (st != SAL_OK) return st;
    if (count)
        n_axes = count;
    else
        for (size_t i = 0; i < rank; i++) axes[i] = (int64_t)i;
    size_t n_scales = c ? c->count : old ? old->n_floats : 0, n_sizes = 0;
    bool given;
    st = sal_onnx_list_(n, "sizes", at + 1, SAL_MAX_RANK, list, &n_sizes, &given, err);
    if (st != SAL_OK) return st;
    double pair[4] = {1, 1, sal_onnx_float_(n, "height_scale", 0),
                      sal_onnx_float_(n, "width_scale", 0)};
    bool words = pair[2] > 0 && rank == 4; /* opset 1 */
    if (!words && (n_scales ? n_scales : n_sizes) != n_axes)
        return sal_fail_(err, SAL_E_FORMAT, "scales or sizes do not fit to %zu axes", n_axes);
    for (size_t k = 0; k < n_axes; k++) {
        st = sal_onnx_plain_axis_(n, &axes[k], rank, err);
        if (st != SAL_OK) return st;
        if (words)
            scales[axes[k]] = pair[k];
        else if (n_scales)
            scales[axes[k]] = c ? sal_constant_number_(c, k) : (double)old->floats[k];
        else
            sizes[axes[k]] = list[k];
    }
    return SAL_OK;
}

sal_status sal_onnx_map_resize_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    double scales[SAL_MAX_RANK] = {0};
    int64_t sizes[SAL_MAX_RANK] = {0};
    sal_op_attrs a = {0};
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = resize_mode(n, &a.mode, err);
    if (st == SAL_OK) st = resize_lists(n, s.rank, scales, sizes, err);
    for (size_t i = 0; st == SAL_OK && i < s.rank; i++) {
        int64_t axis = (int64_t)i;
        bool unscaled = !sizes[i] && !(scales[i] < 1) && !(scales[i] > 1);
        if (unscaled || (sizes[i] && sizes[i] == s.dims[i]) || (!sizes[i] && !(scales[i] > 0)))
            continue;
        st = sal_onnx_axis_(n, &axis, s.rank, err);
        a.axes[a.n_axes] = axis;
        a.scales[a.n_axes] = scales[i];
        a.ends[a.n_axes++] = sizes[i];
    }
    return st == SAL_OK ? finish(n, "Resize", &a, 1, &v, err) : st;
}

sal_status sal_onnx_map_blocks_(sal_onnx_node *n, sal_error *err)
{
    sal_value v;
    sal_op_attrs a = {.kernel = {sal_onnx_int_(n, "blocksize", 0), 1},
                      .mode = sal_onnx_text_is_(n, "mode", "CRD")};
    sal_status st = sal_onnx_flat_(n, 0, &v, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, n->row->graph_op, &a, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, true, err) : st;
}

/* ---- along axes ---------------------------------------------------------------------------------- */

sal_status sal_onnx_map_reduce_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    bool mask[SAL_MAX_RANK], nothing;
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_reduced_(n, s.rank, mask, &nothing, err);
    if (st != SAL_OK) return st;
    sal_op_attrs a = {.keep_dims = sal_onnx_int_(n, "keepdims", 1) != 0};
    if (nothing) return finish(n, "Identity", NULL, 1, &v, err);
    for (size_t i = 0; st == SAL_OK && i < s.rank; i++) {
        int64_t axis = (int64_t)i;
        if (!mask[i]) continue;
        st = sal_onnx_axis_(n, &axis, s.rank, err);
        a.axes[a.n_axes++] = axis;
    }
    return st == SAL_OK ? finish(n, n->row->graph_op, &a, 1, &v, err) : st;
}

sal_status sal_onnx_map_arg_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    sal_op_attrs a = {.axis = sal_onnx_int_(n, "axis", 0),
                      .keep_dims = sal_onnx_int_(n, "keepdims", 1) != 0,
                      .mode = sal_onnx_int_(n, "select_last_index", 0) != 0};
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_axis_(n, &a.axis, s.rank, err);
    if (st == SAL_OK) st = finish(n, n->row->graph_op, &a, 1, &v, err);
    if (st == SAL_OK) sal_onnx_set_type_(n, SAL_T_INT64);
    return st;
}

sal_status sal_onnx_map_cum_sum_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    size_t count;
    bool given;
    sal_op_attrs a = {.mode = (sal_onnx_int_(n, "exclusive", 0) ? 1 : 0) +
                              (sal_onnx_int_(n, "reverse", 0) ? 2 : 0)};
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_list_(n, "axis", 1, 1, &a.axis, &count, &given, err);
    if (st == SAL_OK && count != 1) st = sal_fail_(err, SAL_E_FORMAT, "has no axis");
    if (st == SAL_OK) st = sal_onnx_axis_(n, &a.axis, s.rank, err);
    return st == SAL_OK ? finish(n, "CumSum", &a, 1, &v, err) : st;
}

/* Softmax, LogSoftmax: before opset 13 over the axis and all after it. */
sal_status sal_onnx_map_softmax_(sal_onnx_node *n, sal_error *err)
{
    sal_shape s;
    sal_value v;
    bool old = n->r->opset < 13;
    sal_op_attrs a = {.axis = sal_onnx_int_(n, "axis", old ? 1 : -1), .mode = old};
    sal_status st = start(n, &s, &v, err);
    if (st == SAL_OK) st = sal_onnx_axis_(n, &a.axis, s.rank, err);
    return st == SAL_OK ? finish(n, n->row->graph_op, &a, 1, &v, err) : st;
}

sal_status sal_onnx_map_same_(sal_onnx_node *n, sal_error *err)
{
    sal_value v;
    sal_status st = sal_onnx_not_training_(n, err);
    if (st != SAL_OK) return st;
    bool flat = n->r->one_image && sal_onnx_given_(n, 0) && n->in[0]->flat != SAL_NO_VALUE;
    st = flat ? sal_onnx_flat_(n, 0, &v, err) : sal_onnx_full_(n, 0, &v, err);
    if (st == SAL_OK) st = sal_onnx_emit_(n, "Identity", NULL, 1, &v, &v, err);
    return st == SAL_OK ? sal_onnx_done_(n, 0, v, flat, err) : st;
}
