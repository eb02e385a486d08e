/* io/idx.c - IDX files (the format of MNIST): 00 00 type rank, rank sizes, values, big-endian. */
#include "io/gzip.h"
#include "io/labels.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { U8 = 0x08, I8 = 0x09, I16 = 0x0b, I32 = 0x0c, F32 = 0x0d, F64 = 0x0e };

typedef struct idx {
    sal_gzip_source file;
    const struct value_type *type;
    size_t rank, count;
    int64_t dims[SAL_MAX_RANK];
    unsigned char *values; /* count * type->width, as in the file */
} idx;

static const struct value_type {
    unsigned code;
    size_t width;
    bool whole;
    const char *name;
} types[] = {{U8, 1, true, "unsigned bytes"},  {I8, 1, true, "signed bytes"},
             {I16, 2, true, "16-bit numbers"}, {I32, 4, true, "32-bit numbers"},
             {F32, 4, false, "floats"},        {F64, 8, false, "doubles"}};

static sal_status read_header(idx *f, sal_error *err)
{
    unsigned char head[4], sizes[4 * SAL_MAX_RANK];
    sal_status st = sal_source_need_(&f->file.source, "IDX header", head, sizeof head, err);
    if (st != SAL_OK) return st;
    if (head[0] || head[1])
        return sal_fail_(err, SAL_E_FORMAT, "%s: no IDX file: starts with %02x %02x, wanted 00 00",
                         f->file.source.name, (unsigned)head[0], (unsigned)head[1]);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == head[2]) f->type = &types[i];
    if (!f->type)
        return sal_fail_(err, SAL_E_FORMAT, "%s: IDX type %02x, wanted 08, 09, 0b, 0c, 0d or 0e",
                         f->file.source.name, (unsigned)head[2]);
    f->rank = head[3];
    if (f->rank < 1 || f->rank > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_FORMAT, "%s: rank %zu, wanted 1 to %d", f->file.source.name,
                         f->rank, SAL_MAX_RANK);
    st = sal_source_need_(&f->file.source, "IDX sizes", sizes, 4 * f->rank, err);
    if (st != SAL_OK) return st;
    for (size_t i = 0; i < f->rank; i++) {
        const unsigned char *s = sizes + 4 * i;
        f->dims[i] = (int64_t)s[0] << 24 | s[1] << 16 | s[2] << 8 | s[3];
        if (f->dims[i] == 0)
            return sal_fail_(err, SAL_E_FORMAT, "%s: dimension %zu is 0", f->file.source.name, i);
    }
    return SAL_OK;
}

/* Multiplies the sizes and holds them against the bound. */
static sal_status count_values(idx *f, size_t *bytes, sal_error *err)
{
    size_t n = f->type->width;
    for (size_t i = 0; i < f->rank; i++)
        if (!sal_mul_size_(n, (size_t)f->dims[i], &n) || n > SAL_IDX_MAX_BYTES)
            return sal_fail_(err, SAL_E_NOMEM,
                             "%s: its header states more than %zu bytes, the largest that is read",
                             f->file.source.name, (size_t)SAL_IDX_MAX_BYTES);
    *bytes = n;
    f->count = n / f->type->width;
    return SAL_OK;
}

static void close_idx(idx *f)
{
    sal_free_(f->file.source.env, f->values);
    f->values = NULL;
    sal_gzip_close_(&f->file);
}

/* What a caller can take; 0 = any. */
typedef struct wish {
    const char *kind;
    unsigned only_code;
    size_t only_rank;
    bool whole;
} wish;

static sal_status fits(const idx *f, const wish *w, sal_error *err)
{
    if (w->only_rank && f->rank != w->only_rank)
        return sal_fail_(err, SAL_E_FORMAT, "%s: rank %zu, wanted %zu for %s", f->file.source.name,
                         f->rank, w->only_rank, w->kind);
    if (w->only_code && f->type->code != w->only_code)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %s, wanted unsigned bytes for %s",
                         f->file.source.name, f->type->name, w->kind);
    if (w->whole && !f->type->whole)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %s, wanted whole numbers for %s",
                         f->file.source.name, f->type->name, w->kind);
    return SAL_OK;
}

static sal_status read_idx(const sal_env *env, const char *path, const wish *w, idx *f,
                           sal_error *err)
{
    size_t bytes = 0;
    *f = (idx){0};
    sal_status st = sal_gzip_open_(env, path, &f->file, err);
    if (st != SAL_OK) return st;
    st = read_header(f, err);
    if (st == SAL_OK) st = fits(f, w, err);
    if (st == SAL_OK) st = count_values(f, &bytes, err);
    if (st == SAL_OK) st = sal_source_block_(&f->file.source, "values", bytes, &f->values, err);
    if (st == SAL_OK) st = sal_source_end_(&f->file.source, bytes, err);
    if (st != SAL_OK) close_idx(f);
    return st;
}

static uint64_t big_endian(const unsigned char *at, size_t width)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < width; i++) bits = bits << 8 | at[i];
    return bits;
}

static int64_t whole_at(const idx *f, size_t i)
{
    uint64_t bits = big_endian(f->values + i * f->type->width, f->type->width);
    switch (f->type->code) {
    case I8:
        return bits < 0x80 ? (int64_t)bits : (int64_t)bits - 0x100;
    case I16:
        return bits < 0x8000 ? (int64_t)bits : (int64_t)bits - 0x10000;
    case I32:
        return bits < 0x80000000u ? (int64_t)bits : (int64_t)bits - INT64_C(0x100000000);
    default:
        return (int64_t)bits;
    }
}

static double number_at(const idx *f, size_t i)
{
    uint64_t bits = big_endian(f->values + i * f->type->width, f->type->width);
    if (f->type->code == F64) {
        double d;
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    if (f->type->code == F32) {
        uint32_t half = (uint32_t)bits;
        float s;
        memcpy(&s, &half, sizeof s);
        return (double)s;
    }
    return (double)whole_at(f, i);
}

sal_status sal_idx_read_images(const sal_env *env, const char *path, float white, sal_tensor **out,
                               sal_error *err)
{
    static const wish w = {.kind = "pictures", .only_code = U8, .only_rank = 3};
    sal_tensor *t = NULL;
    idx f;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    if (!isfinite(white)) return sal_fail_(err, SAL_E_ARG, "white is not a finite number");
    sal_status st = read_idx(env, path, &w, &f, err);
    if (st != SAL_OK) return st;
    const int64_t dims[] = {f.dims[0], 1, f.dims[1], f.dims[2]};
    st = sal_tensor_create(env, 4, dims, &t, err);
    if (st == SAL_OK) {
        double top = white == 0.0f ? 1.0 : (double)white;
        float *to = sal_tensor_data(t);
        for (size_t i = 0; i < f.count; i++) to[i] = (float)(f.values[i] * top / 255.0);
        *out = t;
    }
    close_idx(&f);
    return st;
}

sal_status sal_idx_read_labels(const sal_env *env, const char *path, sal_labels **out,
                               sal_error *err)
{
    static const wish w = {.kind = "labels", .only_rank = 1, .whole = true};
    idx f;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = read_idx(env, path, &w, &f, err);
    if (st != SAL_OK) return st;
    st = sal_labels_make_(env, f.count, out, err);
    for (size_t i = 0; st == SAL_OK && i < f.count; i++) (*out)->values[i] = whole_at(&f, i);
    close_idx(&f);
    return st;
}

sal_status sal_idx_read_tensor(const sal_env *env, const char *path, sal_tensor **out,
                               sal_error *err)
{
    static const wish w = {.kind = "a tensor"};
    sal_tensor *t = NULL;
    idx f;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = read_idx(env, path, &w, &f, err);
    if (st != SAL_OK) return st;
    st = sal_tensor_create(env, f.rank, f.dims, &t, err);
    for (size_t i = 0; st == SAL_OK && i < f.count; i++) {
        double value = number_at(&f, i);
        if (fabs(value) <= (double)FLT_MAX)
            sal_tensor_data(t)[i] = (float)value;
        else
            st = sal_fail_(err, SAL_E_VALUE, "%s: value %zu is not finite or beyond a float",
                           f.file.source.name, i);
    }
    if (st == SAL_OK)
        *out = t;
    else
        sal_tensor_free(t);
    close_idx(&f);
    return st;
}
