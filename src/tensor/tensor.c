/* tensor/tensor.c - shapes and tensors; see tensor.h. */
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

sal_status sal_shape_make_(size_t rank, const int64_t *dims, sal_shape *out, size_t *count,
                           sal_error *err)
{
    sal_shape s = {.rank = rank};
    size_t n = 1; /* zeros left out: a product of some of the dimensions must not wrap either */
    bool empty = false;
    if (rank > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_SHAPE, "rank %zu, wanted at most %d", rank, SAL_MAX_RANK);
    if (rank && !dims) return sal_fail_(err, SAL_E_ARG, "dims is NULL");
    for (size_t i = 0; i < rank; i++) {
        if (dims[i] < 0)
            return sal_fail_(err, SAL_E_SHAPE, "dimension %zu is %lld", i, (long long)dims[i]);
        empty = empty || !dims[i];
        if (!sal_mul_size_(n, dims[i] ? (size_t)dims[i] : 1, &n) ||
            n > SIZE_MAX / sizeof(float) / 2)
            return sal_fail_(err, SAL_E_SHAPE, "a shape of more elements than memory can hold");
        s.dims[i] = dims[i];
    }
    *out = s;
    if (count) *count = empty ? 0 : n;
    return SAL_OK;
}

size_t sal_shape_count_from_(const sal_shape *s, size_t axis)
{
    size_t n = 1;
    for (size_t i = axis; i < s->rank; i++) n *= (size_t)s->dims[i];
    return n;
}

bool sal_shape_equal_(const sal_shape *a, const sal_shape *b)
{
    return a->rank == b->rank && !memcmp(a->dims, b->dims, a->rank * sizeof a->dims[0]);
}

const char *sal_shape_text_(const sal_shape *s, char *text, size_t size)
{
    sal_text t = sal_text_into_(text, size);
    sal_text_add_(&t, "[");
    for (size_t i = 0; i < s->rank; i++)
        sal_text_add_(&t, "%s%lld", i ? ", " : "", (long long)s->dims[i]);
    sal_text_add_(&t, "]");
    return text;
}

/* x - x is 0 for a number and NaN for a NaN or an infinity. */
SAL_CLONES static bool all_finite(size_t n, const float *values)
{
    enum { LANES = 16 };
    float sum[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) sum[k] += values[i + k] - values[i + k];
    for (; i < n; i++) sum[0] += values[i] - values[i];
    for (size_t k = 1; k < LANES; k++) sum[0] += sum[k];
    return !isnan(sum[0]);
}

size_t sal_first_not_finite_(size_t n, const float *values)
{
    if (all_finite(n, values)) return n;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) return i;
    return n;
}

static sal_status make(const sal_env *env, const sal_shape *shape, size_t count, float *view,
                       sal_tensor **out, sal_error *err)
{
    sal_tensor *t = sal_alloc_zero_(env, 1, sizeof *t);
    if (!t) return sal_no_memory_(err, "a tensor");
    t->env = env;
    t->shape = *shape;
    t->count = count;
    t->data = view;
    if (!view) {
        t->owns = true;
        t->data = sal_alloc_zero_(env, count ? count : 1, sizeof *t->data);
        if (!t->data) {
            sal_free_(env, t);
            return sal_no_memory_(err, "a tensor");
        }
    }
    *out = t;
    return SAL_OK;
}

sal_status sal_tensor_create(const sal_env *env, size_t rank, const int64_t *dims, sal_tensor **out,
                             sal_error *err)
{
    sal_shape shape;
    size_t count;
    if (!out) return sal_fail_(err, SAL_E_ARG, "out is NULL");
    sal_status st = sal_shape_make_(rank, dims, &shape, &count, err);
    return st == SAL_OK ? make(env, &shape, count, NULL, out, err) : st;
}

sal_status sal_tensor_view_of(const sal_env *env, float *data, size_t rank, const int64_t *dims,
                              sal_tensor **out, sal_error *err)
{
    sal_shape shape;
    size_t count;
    if (!out || !data) return sal_fail_(err, SAL_E_ARG, "data or out is NULL");
    sal_status st = sal_shape_make_(rank, dims, &shape, &count, err);
    return st == SAL_OK ? make(env, &shape, count, data, out, err) : st;
}

sal_status sal_tensor_slice(const sal_tensor *t, int64_t first, int64_t count, sal_tensor **out,
                            sal_error *err)
{
    if (!t || !out) return sal_fail_(err, SAL_E_ARG, "tensor or out is NULL");
    if (t->shape.rank == 0 || first < 0 || count < 0 || first > t->shape.dims[0] ||
        count > t->shape.dims[0] - first)
        return sal_fail_(err, SAL_E_SHAPE, "slice of %lld from %lld, tensor has %lld",
                         (long long)count, (long long)first, (long long)sal_tensor_dim(t, 0));
    sal_shape shape = t->shape;
    size_t one = sal_shape_count_from_(&shape, 1);
    shape.dims[0] = count;
    return make(t->env, &shape, (size_t)count * one, t->data + (size_t)first * one, out, err);
}

void sal_tensor_free(sal_tensor *t)
{
    if (!t) return;
    if (t->owns) sal_free_(t->env, t->data);
    sal_free_(t->env, t);
}

float *sal_tensor_data(sal_tensor *t)
{
    return t->data;
}

const float *sal_tensor_get_data(const sal_tensor *t)
{
    return t->data;
}

size_t sal_tensor_rank(const sal_tensor *t)
{
    return t->shape.rank;
}

int64_t sal_tensor_dim(const sal_tensor *t, size_t axis)
{
    return axis < t->shape.rank ? t->shape.dims[axis] : 1;
}

size_t sal_tensor_count(const sal_tensor *t)
{
    return t->count;
}
