/* onnx/fold/shapes.c - what operators that move numbers read from their attributes and inputs: the same
 * whether the data are constants or not. */
#include "onnx/ops.h"

#include <string.h>

static bool is_batch(const sal_onnx_node *n)
{
    return !n->r->one_image && !sal_onnx_is_constant_(n, 0);
}

/* Reshape's list: 0 copies, one -1 is computed. Axis 0 of a batch is looked at apart. */
static sal_status reshape(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err)
{
    bool given, literal = sal_onnx_int_(n, "allowzero", 0) != 0, batch = is_batch(n);
    size_t open = SIZE_MAX;
    uint64_t count = sal_shape_count_from_(in, batch ? 1 : 0), known = 1;
    sal_status st = sal_onnx_list_(n, "shape", 1, SAL_MAX_RANK, out->dims, &out->rank, &given, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < out->rank; i++) {
        if (!out->dims[i] && !literal) {
            if (i >= in->rank)
                return sal_fail_(err, SAL_E_FORMAT, "copies axis %zu, which is none", i);
            out->dims[i] = in->dims[i];
        }
        if (batch && i == 0) continue;
        if (out->dims[i] == -1 && open == SIZE_MAX) {
            open = i;
            continue;
        }
        if (out->dims[i] < 0)
            return sal_fail_(err, SAL_E_FORMAT, "size %lld", (long long)out->dims[i]);
        if (__builtin_mul_overflow(known, (uint64_t)out->dims[i], &known))
            return sal_fail_(err, SAL_E_FORMAT, "the shape is too large");
    }
    if (batch) {
        int64_t *first = out->dims;
        if (!out->rank || (*first != n->r->batch && *first != 1 && *first != -1) ||
            (*first == -1 && (known != count || open != SIZE_MAX)))
            return sal_onnx_mixes_(n, err);
        *first = n->r->batch;
    }
    if (open != SIZE_MAX) {
        if (!known || count % known)
            return batch ? sal_onnx_mixes_(n, err)
                         : sal_fail_(err, SAL_E_SHAPE, "%llu numbers do not divide",
                                     (unsigned long long)count);
        out->dims[open] = (int64_t)(count / known);
    } else if (known != count) {
        return batch ? sal_onnx_mixes_(n, err)
                     : sal_fail_(err, SAL_E_SHAPE, "%llu numbers, the shape holds %llu",
                                 (unsigned long long)count, (unsigned long long)known);
    }
    return SAL_OK;
}

static sal_status flatten(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err)
{
    int64_t axis = sal_onnx_int_(n, "axis", 1), rank = (int64_t)in->rank;
    if (axis < -rank || axis > rank)
        return sal_fail_(err, SAL_E_FORMAT, "axis %lld", (long long)axis);
    if (axis < 0) axis += rank;
    if (is_batch(n) && axis != 1) return sal_onnx_mixes_(n, err);
    *out = (sal_shape){2, {1, (int64_t)sal_shape_count_from_(in, (size_t)axis)}};
    for (int64_t i = 0; i < axis; i++) out->dims[0] *= in->dims[i];
    return SAL_OK;
}

static sal_status squeeze(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err)
{
    int64_t axes[SAL_MAX_RANK];
    size_t count;
    bool given, gone[SAL_MAX_RANK] = {false};
    sal_status st = sal_onnx_list_(n, "axes", 1, SAL_MAX_RANK, axes, &count, &given, err);
    for (size_t k = 0; st == SAL_OK && k < count; k++) {
        st = sal_onnx_plain_axis_(n, &axes[k], in->rank, err);
        if (st == SAL_OK) gone[axes[k]] = true;
    }
    if (st != SAL_OK) return st;
    *out = (sal_shape){0};
    for (size_t i = 0; i < in->rank; i++) {
        bool batch = is_batch(n) && i == 0;
        if (!given && in->dims[i] == 1 && !batch) continue;
        if (!gone[i])
            out->dims[out->rank++] = in->dims[i];
        else if (batch)
            return sal_onnx_mixes_(n, err);
        else if (in->dims[i] != 1)
            return sal_fail_(err, SAL_E_SHAPE, "axis %zu is %lld, wanted 1", i,
                             (long long)in->dims[i]);
    }
    return SAL_OK;
}

static sal_status unsqueeze(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err)
{
    int64_t axes[SAL_MAX_RANK];
    size_t count, from = 0;
    bool given, new[SAL_MAX_RANK] = {false};
    sal_status st = sal_onnx_list_(n, "axes", 1, SAL_MAX_RANK, axes, &count, &given, err);
    if (st != SAL_OK) return st;
    if (in->rank + count > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "rank %zu is beyond what is kept",
                         in->rank + count);
    out->rank = in->rank + count;
    for (size_t k = 0; k < count; k++) {
        st = sal_onnx_plain_axis_(n, &axes[k], out->rank, err);
        if (st != SAL_OK) return st;
        if (new[axes[k]]) return sal_fail_(err, SAL_E_FORMAT, "an axis is named twice");
        new[axes[k]] = true;
    }
    if (is_batch(n) && new[0]) return sal_onnx_mixes_(n, err);
    for (size_t i = 0; i < out->rank; i++) out->dims[i] = new[i] ? 1 : in->dims[from++];
    return SAL_OK;
}

sal_status sal_onnx_not_training_(const sal_onnx_node *n, sal_error *err)
{
    const sal_constant *training = NULL;
    if (!sal_onnx_given_(n, 2)) return SAL_OK;
    sal_status st = sal_onnx_constant_(n, 2, &training, err);
    if (st == SAL_OK && (!training->i || training->count != 1 || training->i[0]))
        st = sal_onnx_unsupported_(n, "training", err);
    return st;
}

sal_status sal_onnx_target_(sal_onnx_node *n, const sal_shape *in, sal_shape *out, sal_error *err)
{
    const char *op = n->row->op;
    *out = *in;
    if (!strcmp(op, "Reshape")) return reshape(n, in, out, err);
    if (!strcmp(op, "Flatten")) return flatten(n, in, out, err);
    if (!strcmp(op, "Squeeze")) return squeeze(n, in, out, err);
    if (!strcmp(op, "Unsqueeze")) return unsqueeze(n, in, out, err);
    return sal_onnx_not_training_(n, err); /* Identity, Dropout */
}

sal_status sal_onnx_ranges_(sal_onnx_node *n, size_t rank, sal_onnx_ranges *r, sal_error *err)
{
    size_t ends, axes, steps;
    bool given, has_axes, has_steps;
    sal_status st = sal_onnx_list_(n, "starts", 1, SAL_MAX_RANK, r->starts, &r->n, &given, err);
    if (st == SAL_OK) st = sal_onnx_list_(n, "ends", 2, SAL_MAX_RANK, r->ends, &ends, &given, err);
    if (st == SAL_OK)
        st = sal_onnx_list_(n, "axes", 3, SAL_MAX_RANK, r->axes, &axes, &has_axes, err);
    if (st == SAL_OK)
        st = sal_onnx_list_(n, "steps", 4, SAL_MAX_RANK, r->steps, &steps, &has_steps, err);
    if (st != SAL_OK) return st;
    if (ends != r->n || (has_axes && axes != r->n) || (has_steps && steps != r->n) || r->n > rank)
        return sal_fail_(err, SAL_E_FORMAT, "its lists have different lengths");
    bool seen[SAL_MAX_RANK] = {false};
    for (size_t k = 0; k < r->n; k++) {
        if (!has_axes) r->axes[k] = (int64_t)k;
        if (!has_steps) r->steps[k] = 1;
        st = sal_onnx_plain_axis_(n, &r->axes[k], rank, err);
        if (st != SAL_OK) return st;
        if (seen[r->axes[k]] || !r->steps[k])
            return sal_fail_(err, SAL_E_FORMAT, "an axis or step does not do");
        seen[r->axes[k]] = true;
    }
    return SAL_OK;
}

sal_status sal_onnx_split_sizes_(sal_onnx_node *n, int64_t size, int64_t sizes[SAL_ONNX_PARTS],
                                 size_t *parts, sal_error *err)
{
    bool given;
    sal_status st = sal_onnx_list_(n, "split", 1, SAL_ONNX_PARTS, sizes, parts, &given, err);
    if (st != SAL_OK) return st;
    size_t outputs = n->proto->n_output;
    if (!outputs || outputs > SAL_ONNX_PARTS)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%zu parts", outputs);
    if (!given) {
        *parts = outputs;
        int64_t each = (size + (int64_t)outputs - 1) / (int64_t)outputs, left = size;
        for (size_t k = 0; k < outputs; k++, left -= sizes[k - 1])
            sizes[k] = left < each ? left : each;
    }
    int64_t left = size;
    for (size_t k = 0; k < *parts; k++) {
        if (sizes[k] < 0 || sizes[k] > left)
            return sal_fail_(err, SAL_E_FORMAT, "the parts do not add up");
        left -= sizes[k];
    }
    if (left || *parts != outputs) return sal_fail_(err, SAL_E_FORMAT, "the parts do not add up");
    return SAL_OK;
}

sal_status sal_onnx_order_(sal_onnx_node *n, size_t rank, int64_t order[SAL_MAX_RANK],
                           sal_error *err)
{
    size_t count;
    bool seen[SAL_MAX_RANK] = {false};
    sal_status st = sal_onnx_ints_(n, "perm", SAL_MAX_RANK, order, &count, err);
    if (st != SAL_OK) return st;
    if (!sal_onnx_has_(n, "perm"))
        for (count = 0; count < rank; count++) order[count] = (int64_t)(rank - 1 - count);
    if (count != rank) return sal_fail_(err, SAL_E_FORMAT, "%zu axes, data has %zu", count, rank);
    for (size_t i = 0; i < rank; i++) {
        if (order[i] < 0 || order[i] >= (int64_t)rank || seen[order[i]])
            return sal_fail_(err, SAL_E_FORMAT, "perm is no permutation");
        seen[order[i]] = true;
    }
    return SAL_OK;
}

sal_status sal_onnx_reduced_(sal_onnx_node *n, size_t rank, bool mask[SAL_MAX_RANK], bool *nothing,
                             sal_error *err)
{
    int64_t axes[SAL_MAX_RANK];
    size_t count;
    bool given;
    sal_status st = sal_onnx_list_(n, "axes", 1, SAL_MAX_RANK, axes, &count, &given, err);
    if (st != SAL_OK) return st;
    *nothing = !count && sal_onnx_int_(n, "noop_with_empty_axes", 0);
    for (size_t i = 0; i < SAL_MAX_RANK; i++) mask[i] = !count && i < rank && !*nothing;
    for (size_t k = 0; k < count; k++) {
        st = sal_onnx_plain_axis_(n, &axes[k], rank, err);
        if (st != SAL_OK) return st;
        mask[axes[k]] = true;
    }
    return SAL_OK;
}

sal_status sal_onnx_cast_type_(sal_onnx_node *n, int64_t *type, sal_error *err)
{
    *type = sal_onnx_int_(n, "to", SAL_T_NONE);
    if (!strcmp(n->row->op, "CastLike")) {
        if (!sal_onnx_given_(n, 1)) return sal_fail_(err, SAL_E_FORMAT, "input 1 is missing");
        *type = n->in[1]->type;
    }
    static const char *const names[] = {"",        "FLOAT",  "UINT8",  "INT8",   "UINT16",
                                        "INT16",   "INT32",  "INT64",  "STRING", "BOOL",
                                        "FLOAT16", "DOUBLE", "UINT32", "UINT64"};
    for (int k = 1; k < 14; k++) /* opset 1 wrote words */
        if (sal_onnx_text_is_(n, "to", names[k])) *type = k;
    if (*type <= SAL_T_NONE || *type > SAL_T_BFLOAT16 || *type == SAL_T_STRING ||
        *type == SAL_T_COMPLEX64 || *type == SAL_T_COMPLEX128)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "a cast to element type %lld is not supported",
                         (long long)*type);
    if (*type == SAL_T_BFLOAT16 && sal_onnx_given_(n, 0) && n->in[0]->type != SAL_T_BFLOAT16)
        return sal_onnx_unsupported_(n, "rounding to bfloat16", err);
    return SAL_OK;
}
