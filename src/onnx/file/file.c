/* onnx/file/file.c - bytes of a file, looked at before protobuf-c sees them. */
#include "onnx/file/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 100, DEEPEST = 64, FIRST_BYTES = 1 << 16 };

/* Memory that unpacking may take: this much, and a multiple of the file's size. */
enum { FREE_BYTES = 16 << 20, TIMES = 8, LIST_ENTRY = 64 };

const char *sal_onnx_shown_(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    return n > SHOWN ? text + n - SHOWN : text ? text : "";
}

/* The block doubles only once it is full. */
static sal_status read_all(const sal_env *env, FILE *f, size_t most, unsigned char **bytes,
                           size_t *size, sal_error *err)
{
    size_t room = 0, used = 0;
    unsigned char *block = NULL;
    for (;;) {
        if (used == room) {
            size_t more = room ? 2 * room : FIRST_BYTES;
            unsigned char *bigger = sal_alloc_(env, more);
            if (bigger && used) memcpy(bigger, block, used);
            sal_free_(env, block);
            block = bigger;
            room = more;
            if (!block) return sal_no_memory_(err, "a file's content");
        }
        size_t wanted = room - used < most - used ? room - used : most - used;
        size_t got = fread(block + used, 1, wanted, f);
        used += got;
        if (got < wanted || used == most) break;
    }
    if (ferror(f)) {
        sal_free_(env, block);
        return sal_fail_(err, SAL_E_IO, "cannot be read: %s", strerror(errno));
    }
    *bytes = block;
    *size = used;
    return SAL_OK;
}

sal_status sal_onnx_read_bytes_(const sal_env *env, const char *path, size_t offset, size_t most,
                                unsigned char **bytes, size_t *size, sal_error *err)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return sal_fail_(err, SAL_E_IO, "%s: cannot be opened: %s", sal_onnx_shown_(path),
                         strerror(errno));
    sal_error why = {SAL_OK, ""};
    sal_status st = SAL_OK;
    if (offset && (offset > INT64_MAX / 2 || fseek(f, (long)offset, SEEK_SET)))
        st = sal_fail_(&why, SAL_E_FORMAT, "has no byte %zu", offset);
    if (st == SAL_OK) st = read_all(env, f, most, bytes, size, &why);
    (void)fclose(f); /* only read from: nothing can be lost */
    return st == SAL_OK ? st : sal_fail_(err, st, "%s: %s", sal_onnx_shown_(path), why.text);
}

/* ---- the look beforehand ------------------------------------------------------------------ */

typedef struct look {
    const unsigned char *at, *end;
} look;

static bool read_varint(look *l, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70 && l->at < l->end; shift += 7) {
        unsigned char b = *l->at++;
        if (shift < 64) *value |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80)) return true;
    }
    return false;
}

static bool skip(look *l, uint64_t n)
{
    if (n > (uint64_t)(l->end - l->at)) return false;
    l->at += n;
    return true;
}

/* Memory for one field with n bytes of content, messages inside of it not counted. */
static size_t cost_of(const ProtobufCFieldDescriptor *f, size_t n)
{
    size_t cost = LIST_ENTRY + n;
    if (f && f->label == PROTOBUF_C_LABEL_REPEATED && f->type != PROTOBUF_C_TYPE_MESSAGE &&
        f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_BYTES)
        cost += 8 * n; /* packed numbers of one byte become eight */
    return cost;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as messages may be nested, DEEPEST */
static const char *walk(look l, const ProtobufCMessageDescriptor *kind, int depth, size_t *cost)
{
    *cost += kind->sizeof_message + LIST_ENTRY;
    while (l.at < l.end) {
        uint64_t tag, n = 0;
        if (!read_varint(&l, &tag)) return "ends inside of a field's number";
        const ProtobufCFieldDescriptor *f =
            tag >> 3 <= UINT32_MAX
                ? protobuf_c_message_descriptor_get_field(kind, (unsigned)(tag >> 3))
                : NULL;
        const unsigned char *start = l.at;
        switch (tag & 7) {
        case 0:
            if (!read_varint(&l, &n)) return "ends inside of a number";
            break;
        case 1:
            if (!skip(&l, 8)) return "ends inside of a number";
            break;
        case 5:
            if (!skip(&l, 4)) return "ends inside of a number";
            break;
        case 2:
            if (!read_varint(&l, &n)) return "ends inside of a length";
            start = l.at;
            if (!skip(&l, n)) return "a length goes beyond the end";
            break;
        default:
            return "no such kind of field";
        }
        *cost += cost_of(f, (size_t)(l.at - start));
        if (!f || f->type != PROTOBUF_C_TYPE_MESSAGE || (tag & 7) != 2) continue;
        if (depth >= DEEPEST) return "messages are nested too deep";
        const char *why = walk((look){start, l.at}, f->descriptor, depth + 1, cost);
        if (why) return why;
    }
    return NULL;
}

/* ---- protobuf-c --------------------------------------------------------------------------- */

typedef struct memory {
    const sal_env *env;
    bool failed;
} memory;

static void *take(void *self, size_t bytes)
{
    memory *m = self;
    void *block = sal_alloc_(m->env, bytes);
    m->failed = m->failed || !block;
    return block;
}

static void give_back(void *self, void *block)
{
    sal_free_(((memory *)self)->env, block);
}

sal_status sal_onnx_unpack_(const sal_env *env, const char *name,
                            const ProtobufCMessageDescriptor *kind, size_t size,
                            const unsigned char *bytes, ProtobufCMessage **out, sal_error *err)
{
    size_t cost = 0;
    const char *why =
        size ? walk((look){bytes, bytes + size}, kind, 0, &cost) : "the file is empty";
    if (why)
        return sal_fail_(err, SAL_E_FORMAT, "%s: no ONNX file: %s", sal_onnx_shown_(name), why);
    if (cost / TIMES > size && cost > FREE_BYTES)
        return sal_fail_(err, SAL_E_FORMAT, "%s: its %zu bytes would take %zu in memory",
                         sal_onnx_shown_(name), size, cost);
    memory m = {env, false};
    ProtobufCAllocator a = {take, give_back, &m};
    *out = protobuf_c_message_unpack(kind, &a, size, bytes);
    if (*out) return SAL_OK;
    if (m.failed) return sal_no_memory_(err, "a file's content");
    return sal_fail_(err, SAL_E_FORMAT, "%s: no ONNX file: its fields do not fit the schema",
                     sal_onnx_shown_(name));
}

void sal_onnx_release_(const sal_env *env, ProtobufCMessage *message)
{
    memory m = {env, false};
    ProtobufCAllocator a = {take, give_back, &m};
    if (message) protobuf_c_message_free_unpacked(message, &a);
}
