/* io/idx.c - IDX files (the format of MNIST): 00 00 type rank, rank sizes, values, big-endian.
 * One path for gzipped and plain files: zlib's gzread passes plain ones through. */
#include "base/base.h"

#include <salcheck/io.h>

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

enum { U8 = 0x08, I8 = 0x09, I16 = 0x0b, I32 = 0x0c, F32 = 0x0d, F64 = 0x0e };
enum { FIRST_BYTES = 1 << 16, PIECE = 1 << 20, SHOWN_PATH = 140 };

typedef struct idx {
    const sal_env *env;
    const char *name; /* for messages */
    gzFile file;
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

/* The end of a long path says more than its start. */
static const char *shown(const char *path)
{
    size_t n = strlen(path);
    return n > SHOWN_PATH ? path + n - SHOWN_PATH : path;
}

/* Reads up to size bytes; *got < size at the end of the data. */
static sal_status read_some(idx *f, void *to, size_t size, size_t *got, sal_error *err)
{
    unsigned char *at = to;
    for (*got = 0; *got < size;) {
        size_t piece = size - *got < PIECE ? size - *got : PIECE;
        int n = gzread(f->file, at + *got, (unsigned)piece);
        if (n <= 0) break;
        *got += (size_t)n;
    }
    int code;
    const char *text = gzerror(f->file, &code);
    if (code == Z_ERRNO)
        return sal_fail_(err, SAL_E_IO, "%s: cannot be read: %s", f->name, strerror(errno));
    if (code == Z_BUF_ERROR)
        return sal_fail_(err, SAL_E_FORMAT, "%s: its gzip data end early", f->name);
    if (code == Z_MEM_ERROR) return sal_no_memory_(err, f->name);
    if (code != Z_OK && code != Z_STREAM_END) {
        const char *colon = strrchr(text, ':'); /* zlib puts the path in front */
        return sal_fail_(err, SAL_E_FORMAT, "%s: damaged gzip data:%s", f->name,
                         colon ? colon + 1 : text);
    }
    return SAL_OK;
}

static sal_status wanted_bytes(const idx *f, const char *what, size_t wanted, size_t got,
                               sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%s: %zu bytes of %s, wanted %zu", f->name, got, what,
                     wanted);
}

static sal_status read_header(idx *f, sal_error *err)
{
    unsigned char head[4], sizes[4 * SAL_MAX_RANK];
    size_t got;
    sal_status st = read_some(f, head, sizeof head, &got, err);
    if (st != SAL_OK) return st;
    if (got < sizeof head) return wanted_bytes(f, "IDX header", sizeof head, got, err);
    if (head[0] || head[1])
        return sal_fail_(err, SAL_E_FORMAT, "%s: no IDX file: starts with %02x %02x, wanted 00 00",
                         f->name, (unsigned)head[0], (unsigned)head[1]);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == head[2]) f->type = &types[i];
    if (!f->type)
        return sal_fail_(err, SAL_E_FORMAT, "%s: IDX type %02x, wanted 08, 09, 0b, 0c, 0d or 0e",
                         f->name, (unsigned)head[2]);
    f->rank = head[3];
    if (f->rank < 1 || f->rank > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_FORMAT, "%s: rank %zu, wanted 1 to %d", f->name, f->rank,
                         SAL_MAX_RANK);
    st = read_some(f, sizes, 4 * f->rank, &got, err);
    if (st != SAL_OK) return st;
    if (got < 4 * f->rank) return wanted_bytes(f, "IDX sizes", 4 * f->rank, got, err);
    for (size_t i = 0; i < f->rank; i++) {
        const unsigned char *s = sizes + 4 * i;
        f->dims[i] = (int64_t)s[0] << 24 | s[1] << 16 | s[2] << 8 | s[3];
        if (f->dims[i] == 0)
            return sal_fail_(err, SAL_E_FORMAT, "%s: dimension %zu is 0", f->name, i);
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
                             f->name, (size_t)SAL_IDX_MAX_BYTES);
    *bytes = n;
    f->count = n / f->type->width;
    return SAL_OK;
}

/* The block doubles only once it is full: a header alone never takes much memory. */
static sal_status read_values(idx *f, size_t bytes, sal_error *err)
{
    size_t room = 0, have = 0, got;
    while (have < bytes) {
        size_t next = room ? 2 * room : FIRST_BYTES;
        if (next > bytes) next = bytes;
        unsigned char *grown = sal_alloc_(f->env, next);
        if (!grown) return sal_no_memory_(err, f->name);
        if (have) memcpy(grown, f->values, have);
        sal_free_(f->env, f->values);
        f->values = grown;
        room = next;
        sal_status st = read_some(f, grown + have, room - have, &got, err);
        if (st != SAL_OK) return st;
        have += got;
        if (have < room) return wanted_bytes(f, "values", bytes, have, err);
    }
    unsigned char extra;
    sal_status st = read_some(f, &extra, 1, &got, err); /* makes zlib check its sum as well */
    if (st == SAL_OK && got)
        st = sal_fail_(err, SAL_E_FORMAT, "%s: bytes left over after the %zu its header states",
                       f->name, bytes);
    return st;
}

static void close_idx(idx *f)
{
    if (f->file) gzclose_r(f->file);
    f->file = NULL;
    sal_free_(f->env, f->values);
    f->values = NULL;
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
        return sal_fail_(err, SAL_E_FORMAT, "%s: rank %zu, wanted %zu for %s", f->name, f->rank,
                         w->only_rank, w->kind);
    if (w->only_code && f->type->code != w->only_code)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %s, wanted unsigned bytes for %s", f->name,
                         f->type->name, w->kind);
    if (w->whole && !f->type->whole)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %s, wanted whole numbers for %s", f->name,
                         f->type->name, w->kind);
    return SAL_OK;
}

static sal_status read_idx(const sal_env *env, const char *path, const wish *w, idx *f,
                           sal_error *err)
{
    size_t bytes = 0;
    *f = (idx){.env = env, .name = shown(path)};
    errno = 0;
    f->file = gzopen(path, "rbe");
    if (!f->file)
        return errno
                   ? sal_fail_(err, SAL_E_IO, "%s: cannot be opened: %s", f->name, strerror(errno))
                   : sal_no_memory_(err, f->name);
    sal_status st = read_header(f, err);
    if (st == SAL_OK) st = fits(f, w, err);
    if (st == SAL_OK) st = count_values(f, &bytes, err);
    if (st == SAL_OK) st = read_values(f, bytes, err);
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

typedef struct owned_labels {
    sal_labels labels; /* first: what the caller holds */
    const sal_env *env;
} owned_labels;

sal_status sal_idx_read_labels(const sal_env *env, const char *path, sal_labels **out,
                               sal_error *err)
{
    static const wish w = {.kind = "labels", .only_rank = 1, .whole = true};
    idx f;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = read_idx(env, path, &w, &f, err);
    if (st != SAL_OK) return st;
    owned_labels *own = sal_alloc_zero_(env, 1, sizeof *own);
    int64_t *values = sal_alloc_array_(env, f.count, sizeof *values);
    if (own && values) {
        for (size_t i = 0; i < f.count; i++) values[i] = whole_at(&f, i);
        own->env = env;
        own->labels = (sal_labels){.count = f.count, .values = values};
        *out = &own->labels;
    } else {
        sal_free_(env, own);
        sal_free_(env, values);
        st = sal_no_memory_(err, f.name);
    }
    close_idx(&f);
    return st;
}

void sal_labels_free(sal_labels *labels)
{
    if (!labels) return;
    owned_labels *own = (owned_labels *)labels;
    sal_free_(own->env, own->labels.values);
    sal_free_(own->env, own);
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
                           f.name, i);
    }
    if (st == SAL_OK)
        *out = t;
    else
        sal_tensor_free(t);
    close_idx(&f);
    return st;
}
