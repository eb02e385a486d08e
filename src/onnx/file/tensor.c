/* onnx/file/tensor.c - tensors of a file: typed fields, raw bytes, or a file beside the model. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "onnx/file/constant.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sal_onnx_is_float_(int type)
{
    return type == SAL_T_FLOAT || type == SAL_T_FLOAT16 || type == SAL_T_BFLOAT16 ||
           type == SAL_T_DOUBLE;
}

sal_status sal_constant_create_(const sal_env *env, int type, const sal_shape *shape,
                                sal_constant **out, sal_error *err)
{
    sal_constant *c = sal_alloc_zero_(env, 1, sizeof *c);
    if (!c) return sal_no_memory_(err, "a tensor");
    c->type = type;
    c->shape = *shape;
    c->count = sal_shape_count_from_(shape, 0);
    if (sal_onnx_is_float_(type))
        c->f = sal_alloc_zero_(env, c->count + 1, sizeof *c->f);
    else
        c->i = sal_alloc_zero_(env, c->count + 1, sizeof *c->i);
    if (c->f || c->i) {
        *out = c;
        return SAL_OK;
    }
    sal_free_(env, c);
    return sal_no_memory_(err, "a tensor");
}

void sal_constant_free_(const sal_env *env, sal_constant *c)
{
    if (!c) return;
    sal_free_(env, c->f);
    sal_free_(env, c->i);
    sal_free_(env, c);
}

double sal_constant_number_(const sal_constant *c, size_t i)
{
    return c->f ? (double)c->f[i] : (double)c->i[i];
}

void sal_constant_set_number_(sal_constant *c, size_t i, double value)
{
    if (c->f)
        c->f[i] = (float)value;
    else if (c->type == SAL_T_BOOL)
        c->i[i] = value < 0 || value > 0 || isnan(value);
    else
        c->i[i] = value >= -9.2e18 && value <= 9.2e18 ? (int64_t)value : 0;
}

/* ---- one element from its bytes, little-endian ---------------------------------------------- */

static size_t width_of(int type)
{
    switch (type) {
    case SAL_T_UINT8:
    case SAL_T_INT8:
    case SAL_T_BOOL:
        return 1;
    case SAL_T_UINT16:
    case SAL_T_INT16:
    case SAL_T_FLOAT16:
    case SAL_T_BFLOAT16:
        return 2;
    case SAL_T_FLOAT:
    case SAL_T_INT32:
    case SAL_T_UINT32:
        return 4;
    case SAL_T_DOUBLE:
    case SAL_T_INT64:
    case SAL_T_UINT64:
        return 8;
    default:
        return 0;
    }
}

static float float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static float half(uint32_t h)
{
    float size;
    int exponent = (int)(h >> 10 & 31);
    uint32_t fraction = h & 1023;
    if (exponent == 31)
        size = fraction ? NAN : INFINITY;
    else if (exponent)
        size = ldexpf((float)(1024 + fraction), exponent - 25);
    else
        size = ldexpf((float)fraction, -24);
    return h & 0x8000 ? -size : size;
}

/* The number in the lowest `width` bits, two's complement. */
static int64_t signed_of(uint64_t bits, unsigned width)
{
    uint64_t sign = UINT64_C(1) << (width - 1);
    return (int64_t)((bits & (2 * sign - 1)) ^ sign) - (int64_t)sign;
}

static void set_bits(sal_constant *c, size_t i, uint64_t bits)
{
    double d;
    switch (c->type) {
    case SAL_T_FLOAT:
        c->f[i] = float_of_bits((uint32_t)bits);
        break;
    case SAL_T_FLOAT16:
        c->f[i] = half((uint32_t)bits & 0xffff);
        break;
    case SAL_T_BFLOAT16:
        c->f[i] = float_of_bits((uint32_t)bits << 16);
        break;
    case SAL_T_DOUBLE:
        memcpy(&d, &bits, sizeof d);
        c->f[i] = (float)d;
        break;
    case SAL_T_INT8:
        c->i[i] = signed_of(bits, 8);
        break;
    case SAL_T_INT16:
        c->i[i] = signed_of(bits, 16);
        break;
    case SAL_T_INT32:
        c->i[i] = signed_of(bits, 32);
        break;
    case SAL_T_BOOL:
        c->i[i] = bits != 0;
        break;
    default:
        c->i[i] = (int64_t)bits;
    }
}

static void set_raw(sal_constant *c, size_t first, size_t n, const unsigned char *raw)
{
    size_t width = width_of(c->type);
    for (size_t i = 0; i < n; i++, raw += width) {
        uint64_t bits = 0;
        for (size_t b = 0; b < width; b++) bits |= (uint64_t)raw[b] << 8 * b;
        set_bits(c, first + i, bits);
    }
}

/* ---- where a tensor's numbers are ------------------------------------------------------------ */

typedef struct source {
    const Onnx__TensorProto *t;
    const char *name, *folder;
    int type;
    sal_shape shape;
    size_t count;
} source;

/* Elements in the field that belongs to the type. */
static size_t field_count(const source *s)
{
    switch (s->type) {
    case SAL_T_FLOAT:
        return s->t->n_float_data;
    case SAL_T_DOUBLE:
        return s->t->n_double_data;
    case SAL_T_INT64:
        return s->t->n_int64_data;
    case SAL_T_UINT32:
    case SAL_T_UINT64:
        return s->t->n_uint64_data;
    default:
        return s->t->n_int32_data;
    }
}

static void from_fields(const source *s, sal_constant *c)
{
    const Onnx__TensorProto *t = s->t;
    for (size_t i = 0; i < c->count; i++) {
        uint64_t bits = 0;
        switch (s->type) {
        case SAL_T_FLOAT:
            c->f[i] = t->float_data[i];
            continue;
        case SAL_T_DOUBLE:
            c->f[i] = (float)t->double_data[i];
            continue;
        case SAL_T_INT64:
            c->i[i] = t->int64_data[i];
            continue;
        case SAL_T_UINT32:
        case SAL_T_UINT64:
            bits = t->uint64_data[i];
            break;
        default:
            bits = (uint64_t)(int64_t)t->int32_data[i];
        }
        set_bits(c, i, bits);
    }
}

static const char *external_entry(const Onnx__TensorProto *t, const char *key)
{
    for (size_t i = 0; i < t->n_external_data; i++)
        if (t->external_data[i]->key && !strcmp(t->external_data[i]->key, key))
            return t->external_data[i]->value;
    return NULL;
}

/* A plain way down: no way up, no start at the root, nothing a shell or a drive could mean. */
static bool stays_inside(const char *path)
{
    if (!path[0] || path[0] == '/' || strchr(path, '\\') || strchr(path, ':')) return false;
    for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
        if (!strncmp(p, "..", 2) && (p[2] == '/' || !p[2])) return false;
    return true;
}

/* The file that a symbolic link inside of the folder leads to must lie there as well. */
static bool really_inside(const char *folder, const char *path)
{
    char top[PATH_MAX], file[PATH_MAX];
    if (!realpath(folder, top)) return false;
    if (!realpath(path, file)) return true; /* not there: opening says so */
    size_t n = strlen(top);
    return !strncmp(top, file, n) && (file[n] == '/' || !strcmp(top, "/"));
}

static bool whole_number(const char *text, size_t *value)
{
    if (!text || !text[0] || strlen(text) > 18) return false;
    *value = 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        *value = *value * 10 + (size_t)(*text - '0');
    }
    return true;
}

static sal_status read_external(const sal_env *env, const source *s, size_t bytes,
                                unsigned char **raw, sal_error *err)
{
    const char *location = external_entry(s->t, "location");
    const char *from = external_entry(s->t, "offset"), *length = external_entry(s->t, "length");
    size_t offset = 0, stated = bytes, got = 0;
    char path[PATH_MAX];
    if (!s->folder || !location || !stays_inside(location) ||
        (size_t)snprintf(path, sizeof path, "%s/%s", s->folder, location) >= sizeof path ||
        !really_inside(s->folder, path))
        return sal_fail_(err, SAL_E_FORMAT,
                         "tensor '%s': external data '%s' are not in the model's folder", s->name,
                         sal_onnx_shown_(location));
    if ((from && !whole_number(from, &offset)) || (length && !whole_number(length, &stated)) ||
        stated != bytes)
        return sal_fail_(err, SAL_E_FORMAT,
                         "tensor '%s': external data of another size, wanted %zu "
                         "bytes",
                         s->name, bytes);
    sal_status st = sal_onnx_read_bytes_(env, path, offset, bytes, raw, &got, err);
    if (st != SAL_OK || got == bytes) return st;
    sal_free_(env, *raw);
    return sal_fail_(err, SAL_E_FORMAT, "tensor '%s': %s ends after %zu of %zu bytes", s->name,
                     sal_onnx_shown_(path), got, bytes);
}

static sal_status check(source *s, sal_error *err)
{
    const Onnx__TensorProto *t = s->t;
    s->type = t->data_type;
    if (!width_of(s->type))
        return sal_fail_(err, SAL_E_UNSUPPORTED, "tensor '%s': element type %d is not read",
                         s->name, s->type);
    if (t->n_dims > SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "tensor '%s' has rank %zu, at most %d is read",
                         s->name, t->n_dims, SAL_MAX_RANK);
    sal_error why = {SAL_OK, ""};
    sal_status st = sal_shape_make_(t->n_dims, t->dims, &s->shape, &s->count, &why);
    if (st != SAL_OK) return sal_fail_(err, SAL_E_FORMAT, "tensor '%s': %s", s->name, why.text);
    return SAL_OK;
}

sal_status sal_onnx_tensor_(const sal_env *env, const char *folder, const Onnx__TensorProto *t,
                            sal_constant **out, sal_error *err)
{
    source s = {.t = t, .name = sal_onnx_shown_(t->name), .folder = folder};
    sal_status st = check(&s, err);
    if (st != SAL_OK) return st;
    size_t bytes;
    if (!sal_mul_size_(s.count, width_of(s.type), &bytes))
        return sal_fail_(err, SAL_E_FORMAT, "tensor '%s' is too large", s.name);
    unsigned char *external = NULL;
    const unsigned char *raw = NULL;
    if (t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) {
        st = read_external(env, &s, bytes, &external, err);
        if (st != SAL_OK) return st;
        raw = external;
    } else if (t->has_raw_data) {
        if (t->raw_data.len != bytes)
            return sal_fail_(err, SAL_E_FORMAT, "tensor '%s': %zu bytes of data, wanted %zu",
                             s.name, t->raw_data.len, bytes);
        raw = t->raw_data.data;
    } else if (field_count(&s) != s.count) {
        return sal_fail_(err, SAL_E_FORMAT, "tensor '%s': %zu numbers, wanted %zu", s.name,
                         field_count(&s), s.count);
    }
    st = sal_constant_create_(env, s.type, &s.shape, out, err);
    if (st == SAL_OK && raw) set_raw(*out, 0, s.count, raw);
    if (st == SAL_OK && !raw) from_fields(&s, *out);
    sal_free_(env, external);
    return st;
}
