/* io/npy.c - values of .npy arrays: numbers of any width and byte order, both orders of axes. */
#include "io/npy.h"

#include "base/save.h"
#include "io/labels.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { PACKED = 4096 };

static sal_status count_values(const sal_npy *a, size_t *count, size_t *bytes, sal_error *err)
{
    const char *name = a->source->name;
    size_t n = a->head.type->width;
    if (a->head.rank < 1)
        return sal_fail_(err, SAL_E_FORMAT, "%s: a single number, wanted 1 to %d dimensions", name,
                         SAL_MAX_RANK);
    for (size_t i = 0; i < a->head.rank; i++)
        if (a->head.dims[i] == 0)
            return sal_fail_(err, SAL_E_FORMAT, "%s: dimension %zu is 0", name, i);
    for (size_t i = 0; i < a->head.rank; i++)
        if (!sal_mul_size_(n, (size_t)a->head.dims[i], &n) || n > SAL_NPY_MAX_BYTES)
            return sal_fail_(err, SAL_E_NOMEM,
                             "%s: its header states more than %zu bytes, the largest that is read",
                             name, (size_t)SAL_NPY_MAX_BYTES);
    *bytes = n;
    *count = n / a->head.type->width;
    return SAL_OK;
}

sal_status sal_npy_open_(sal_source *s, sal_npy *out, sal_error *err)
{
    size_t bytes = 0;
    sal_npy a = {.source = s};
    sal_status st = sal_npy_read_head_(s, &a.head, err);
    if (st == SAL_OK) st = count_values(&a, &a.count, &bytes, err);
    if (st == SAL_OK) st = sal_source_block_(s, "values", bytes, &a.values, err);
    if (st == SAL_OK) st = sal_source_end_(s, bytes, err);
    if (st == SAL_OK)
        *out = a;
    else
        sal_npy_close_(&a);
    return st;
}

void sal_npy_close_(sal_npy *a)
{
    sal_free_(a->source->env, a->values);
    a->values = NULL;
}

sal_array_info sal_npy_info_(const sal_npy *a)
{
    sal_array_info info = {.type = a->head.type->name, .rank = a->head.rank};
    memcpy(info.dims, a->head.dims, sizeof info.dims);
    return info;
}

static uint64_t bits_at(const sal_npy *a, size_t i)
{
    size_t width = a->head.type->width;
    const unsigned char *at = a->values + i * width;
    uint64_t bits = 0;
    for (size_t k = 0; k < width; k++)
        bits = bits << 8 | at[a->head.big_endian ? k : width - 1 - k];
    return bits;
}

/* Half precision: 1 sign, 5 exponent (bias 15), 10 fraction. */
static double half(unsigned bits)
{
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double size = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -size : size;
}

static int64_t signed_of(uint64_t bits, size_t width)
{
    uint64_t sign = UINT64_C(0x80) << (8 * (unsigned)(width - 1) & 63);
    uint64_t widened = (bits ^ sign) - sign; /* two's complement */
    int64_t value;
    memcpy(&value, &widened, sizeof value);
    return value;
}

static double number_at(const sal_npy *a, size_t i)
{
    uint64_t bits = bits_at(a, i);
    size_t width = a->head.type->width;
    if (a->head.type->kind == 'i') return (double)signed_of(bits, width);
    if (a->head.type->kind == 'b') return bits != 0;
    if (a->head.type->kind == 'u') return (double)bits;
    if (width == 2) return half((unsigned)bits);
    if (width == 4) {
        uint32_t word = (uint32_t)bits;
        float f;
        memcpy(&f, &word, sizeof f);
        return (double)f;
    }
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* Steps index to the next entry in C order and returns its place in the file's order. */
static size_t next_place(const sal_npy_head *h, int64_t index[SAL_MAX_RANK],
                         const size_t stride[SAL_MAX_RANK], size_t place)
{
    for (size_t axis = h->rank; axis-- > 0;) {
        place += stride[axis];
        if (++index[axis] < h->dims[axis]) break;
        place -= stride[axis] * (size_t)h->dims[axis];
        index[axis] = 0;
    }
    return place;
}

sal_status sal_npy_tensor_(const sal_npy *a, sal_tensor **out, sal_error *err)
{
    const sal_npy_head *h = &a->head;
    int64_t index[SAL_MAX_RANK] = {0};
    size_t stride[SAL_MAX_RANK], place = 0, step = 1;
    sal_tensor *t = NULL;
    for (size_t i = 0; i < h->rank; i++) {
        size_t axis = h->fortran ? i : h->rank - 1 - i;
        stride[axis] = step;
        step *= (size_t)h->dims[axis];
    }
    sal_status st = sal_tensor_create(a->source->env, h->rank, h->dims, &t, err);
    for (size_t i = 0; st == SAL_OK && i < a->count; i++) {
        double value = number_at(a, place);
        if (isfinite(value) && fabs(value) > (double)FLT_MAX)
            st = sal_fail_(err, SAL_E_VALUE, "%s: value %zu is beyond a float", a->source->name, i);
        else
            sal_tensor_data(t)[i] = (float)value;
        place = next_place(h, index, stride, place);
    }
    if (st == SAL_OK)
        *out = t;
    else
        sal_tensor_free(t);
    return st;
}

sal_status sal_npy_labels_(const sal_npy *a, sal_labels **out, sal_error *err)
{
    const sal_number_type *type = a->head.type;
    sal_labels *l = NULL;
    if (a->head.rank != 1)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %zu dimensions, wanted 1 for labels",
                         a->source->name, a->head.rank);
    if (type->kind != 'i' && type->kind != 'u')
        return sal_fail_(err, SAL_E_FORMAT, "%s: %s, wanted whole numbers for labels",
                         a->source->name, type->name);
    sal_status st = sal_labels_make_(a->source->env, a->count, &l, err);
    for (size_t i = 0; st == SAL_OK && i < a->count; i++) {
        uint64_t bits = bits_at(a, i);
        if (type->kind == 'i')
            l->values[i] = signed_of(bits, type->width);
        else if (bits <= INT64_MAX)
            l->values[i] = (int64_t)bits;
        else
            st = sal_fail_(err, SAL_E_VALUE, "%s: label %zu is larger than a class can be",
                           a->source->name, i);
    }
    if (st == SAL_OK)
        *out = l;
    else
        sal_labels_free(l);
    return st;
}

static sal_status open_array(const sal_env *env, const char *path, sal_file_source *f, sal_npy *a,
                             sal_error *err)
{
    sal_status st = sal_file_open_(env, path, f, err);
    if (st != SAL_OK) return st;
    st = sal_npy_open_(&f->source, a, err);
    if (st != SAL_OK) sal_file_close_(f);
    return st;
}

sal_status sal_npy_read_tensor(const sal_env *env, const char *path, sal_array_info *info,
                               sal_tensor **out, sal_error *err)
{
    sal_file_source f;
    sal_npy a;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = open_array(env, path, &f, &a, err);
    if (st != SAL_OK) return st;
    st = sal_npy_tensor_(&a, out, err);
    if (st == SAL_OK && info) *info = sal_npy_info_(&a);
    sal_npy_close_(&a);
    sal_file_close_(&f);
    return st;
}

sal_status sal_npy_read_labels(const sal_env *env, const char *path, sal_labels **out,
                               sal_error *err)
{
    sal_file_source f;
    sal_npy a;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = open_array(env, path, &f, &a, err);
    if (st != SAL_OK) return st;
    st = sal_npy_labels_(&a, out, err);
    sal_npy_close_(&a);
    sal_file_close_(&f);
    return st;
}

void sal_npy_pack_(size_t n, const float *values, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        for (unsigned k = 0; k < 4; k++) out[4 * i + k] = (unsigned char)(bits >> 8 * k);
    }
}

sal_status sal_npy_write_tensor(const sal_tensor *t, const char *path, sal_error *err)
{
    unsigned char head[SAL_NPY_HEAD], bytes[4 * PACKED];
    int64_t dims[SAL_MAX_RANK];
    sal_save file;
    if (!t || !path) return sal_fail_(err, SAL_E_ARG, "tensor or path is NULL");
    for (size_t i = 0; i < SAL_MAX_RANK; i++) dims[i] = sal_tensor_dim(t, i);
    sal_status st = sal_save_begin_(NULL, path, &file, err);
    if (st != SAL_OK) return st;
    size_t size = sal_npy_make_head_("<f4", sal_tensor_rank(t), dims, head);
    size_t count = sal_tensor_count(t), piece;
    (void)!fwrite(head, 1, size, file.stream); /* sal_save_commit_ looks at ferror */
    for (size_t i = 0; i < count && !ferror(file.stream); i += piece) {
        piece = count - i < PACKED ? count - i : PACKED;
        sal_npy_pack_(piece, sal_tensor_get_data(t) + i, bytes);
        (void)!fwrite(bytes, 4, piece, file.stream);
    }
    return sal_save_commit_(&file, err);
}
