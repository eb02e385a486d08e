/* io/zip.c - see zip.h. Everything is found through the central directory at the end of the file;
 * no size that stands in the archive is believed before the file's own size allows it. */
#define _POSIX_C_SOURCE 200809L
#include "io/zip.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { END = 22, COMMENT = 65535, CENTRAL = 46, LOCAL = 30, STORED = 0, DEFLATED = 8 };
enum { MOST_RATIO = 1032 }; /* of deflate: 258 bytes from 2 bits */

static unsigned u16(const unsigned char *at)
{
    return (unsigned)at[0] | (unsigned)at[1] << 8;
}

static uint32_t u32(const unsigned char *at)
{
    return (uint32_t)u16(at) | (uint32_t)u16(at + 2) << 16;
}

static sal_status bad(const sal_zip *z, const char *what, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT, "%s: damaged zip archive: %s", z->file.source.name, what);
}

static sal_status seek(const sal_zip *z, uint64_t at, sal_error *err)
{
    errno = 0;
    if (fseeko(z->file.file, (off_t)at, SEEK_SET) != 0)
        return sal_file_refused_(z->file.source.name, "read", err);
    return SAL_OK;
}

static sal_status file_size(const sal_zip *z, uint64_t *size, sal_error *err)
{
    errno = 0;
    off_t end = fseeko(z->file.file, 0, SEEK_END) == 0 ? ftello(z->file.file) : -1;
    if (end < 0) return sal_file_refused_(z->file.source.name, "read", err);
    *size = (uint64_t)end;
    return SAL_OK;
}

/* Finds the end record, which a comment may follow, from behind. */
static sal_status find_end(sal_zip *z, uint64_t size, unsigned char end[END], uint64_t *at,
                           sal_error *err)
{
    unsigned char *tail = NULL;
    size_t n = size < END + COMMENT ? (size_t)size : END + COMMENT, i;
    if (n < END) return bad(z, "too short", err);
    sal_status st = seek(z, size - n, err);
    if (st == SAL_OK) st = sal_source_block_(&z->file.source, "zip directory", n, &tail, err);
    if (st != SAL_OK) return st;
    for (i = n - END + 1; i-- > 0;)
        if (!memcmp(tail + i, "PK\5\6", 4) && u16(tail + i + 20) == n - END - i) break;
    if (i < n) {
        memcpy(end, tail + i, END);
        *at = size - n + i;
    } else {
        st = bad(z, "no end record", err);
    }
    sal_free_(z->file.source.env, tail);
    return st;
}

static sal_status read_directory(sal_zip *z, sal_error *err)
{
    unsigned char end[END] = {0};
    uint64_t size = 0, end_at = 0;
    sal_status st = file_size(z, &size, err);
    if (st == SAL_OK) st = find_end(z, size, end, &end_at, err);
    if (st != SAL_OK) return st;
    z->members = u16(end + 10);
    z->directory_bytes = u32(end + 12);
    z->start = u32(end + 16);
    if (u16(end + 4) || u16(end + 6) || u16(end + 8) != z->members)
        return bad(z, "in several parts", err);
    if (z->members == 0xffff || z->start == UINT32_MAX)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: a zip archive beyond 4 GiB or 65,534 members",
                         z->file.source.name);
    if (z->start + z->directory_bytes > end_at) return bad(z, "its directory lies beyond it", err);
    st = seek(z, z->start, err);
    if (st == SAL_OK)
        st = sal_source_block_(&z->file.source, "zip directory", z->directory_bytes, &z->directory,
                               err);
    return st;
}

sal_status sal_zip_open_(const sal_env *env, const char *path, sal_zip *out, sal_error *err)
{
    sal_zip z = {0};
    sal_status st = sal_file_open_(env, path, &z.file, err);
    if (st != SAL_OK) return st;
    st = read_directory(&z, err);
    if (st == SAL_OK)
        *out = z;
    else
        sal_zip_close_(&z);
    return st;
}

void sal_zip_close_(sal_zip *z)
{
    sal_free_(z->file.source.env, z->directory);
    z->directory = NULL;
    sal_file_close_(&z->file);
}

sal_status sal_zip_next_(const sal_zip *z, size_t *place, sal_zip_entry *out, bool *more,
                         sal_error *err)
{
    size_t left = z->directory_bytes - *place;
    *more = left > 0;
    if (!left) return SAL_OK; /* an empty archive has no directory at all */
    const unsigned char *at = z->directory + *place;
    if (left < CENTRAL || memcmp(at, "PK\1\2", 4) != 0) return bad(z, "no directory entry", err);
    size_t length = u16(at + 28), whole = CENTRAL + length + u16(at + 30) + u16(at + 32);
    if (left < whole) return bad(z, "a directory entry is cut", err);
    *out = (sal_zip_entry){.name = (const char *)at + CENTRAL,
                           .name_length = length,
                           .method = u16(at + 10),
                           .flags = u16(at + 8),
                           .crc = u32(at + 16),
                           .packed = u32(at + 20),
                           .bytes = u32(at + 24),
                           .at = u32(at + 42)};
    *place += whole;
    return SAL_OK;
}

/* ---- one member ----------------------------------------------------------------------------- */

static sal_status check_sum(sal_zip_source *s, sal_error *err)
{
    if (s->checked) return SAL_OK;
    s->checked = true;
    if (s->given == s->entry.bytes && s->crc == s->entry.crc && s->left == 0) return SAL_OK;
    return sal_fail_(err, SAL_E_FORMAT, "%s: damaged: its size or checksum is wrong", s->name);
}

static sal_status read_packed(sal_zip_source *s, void *to, size_t size, size_t *got, sal_error *err)
{
    if (size > s->left) size = (size_t)s->left;
    *got = 0;
    sal_status st = size ? sal_source_need_(&s->zip->file.source, s->name, to, size, err) : SAL_OK;
    if (st != SAL_OK) return st;
    s->left -= size;
    *got = size;
    return SAL_OK;
}

static sal_status inflate_some(sal_zip_source *s, unsigned char *to, size_t size, size_t *got,
                               sal_error *err)
{
    size_t have = 0;
    *got = 0;
    while (*got < size && !s->ended) {
        if (!s->stream.avail_in) {
            sal_status st = read_packed(s, s->input, sizeof s->input, &have, err);
            if (st != SAL_OK) return st;
            s->stream.next_in = s->input;
            s->stream.avail_in = (uInt)have;
        }
        uInt room = size - *got < UINT_MAX ? (uInt)(size - *got) : UINT_MAX;
        s->stream.next_out = to + *got;
        s->stream.avail_out = room;
        int code = inflate(&s->stream, Z_NO_FLUSH);
        *got += room - s->stream.avail_out;
        if (code == Z_STREAM_END)
            s->ended = true;
        else if (code == Z_MEM_ERROR)
            return sal_no_memory_(err, s->name);
        else if (code != Z_OK) /* Z_BUF_ERROR: the data end early */
            return sal_fail_(err, SAL_E_FORMAT, "%s: damaged deflated data", s->name);
    }
    if (s->ended) s->left += s->stream.avail_in; /* bytes after the end: check_sum refuses them */
    if (s->ended) s->stream.avail_in = 0;
    return SAL_OK;
}

static sal_status read_member(sal_source *source, void *to, size_t size, size_t *got,
                              sal_error *err)
{
    sal_zip_source *s = (sal_zip_source *)source;
    sal_status st =
        s->inflating ? inflate_some(s, to, size, got, err) : read_packed(s, to, size, got, err);
    if (st != SAL_OK) return st;
    s->given += *got;
    for (size_t i = 0; i < *got;) {
        uInt piece = *got - i < UINT_MAX ? (uInt)(*got - i) : UINT_MAX;
        s->crc = crc32(s->crc, (const Bytef *)to + i, piece);
        i += piece;
    }
    return *got < size ? check_sum(s, err) : SAL_OK;
}

static voidpf take_memory(voidpf env, uInt items, uInt size)
{
    return sal_alloc_array_(env, items, size);
}

static void give_memory(voidpf env, voidpf block)
{
    sal_free_(env, block);
}

/* Places the file at the member's data. */
static sal_status find_data(sal_zip *z, const sal_zip_entry *e, sal_error *err)
{
    unsigned char local[LOCAL];
    if (e->at + LOCAL > z->start) return bad(z, "a member lies beyond it", err);
    sal_status st = seek(z, e->at, err);
    if (st == SAL_OK)
        st = sal_source_need_(&z->file.source, "zip header", local, sizeof local, err);
    if (st != SAL_OK) return st;
    if (memcmp(local, "PK\3\4", 4) != 0) return bad(z, "no member where one should be", err);
    uint64_t data = e->at + LOCAL + u16(local + 26) + u16(local + 28);
    if (data + e->packed > z->start) return bad(z, "a member lies beyond it", err);
    return seek(z, data, err);
}

static sal_status check_entry(const sal_zip_source *s, sal_error *err)
{
    const sal_zip_entry *e = &s->entry;
    if (e->flags & 1) return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: encrypted", s->name);
    if (e->method != STORED && e->method != DEFLATED)
        return sal_fail_(err, SAL_E_UNSUPPORTED,
                         "%s: packed by method %u, wanted stored or deflated", s->name, e->method);
    if (e->packed == UINT32_MAX || e->bytes == UINT32_MAX)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: larger than 4 GiB", s->name);
    if (e->bytes > e->packed * (e->method == STORED ? 1 : MOST_RATIO))
        return sal_fail_(err, SAL_E_FORMAT, "%s: %llu bytes cannot be packed into %llu", s->name,
                         (unsigned long long)e->bytes, (unsigned long long)e->packed);
    return SAL_OK;
}

sal_status sal_zip_member_(sal_zip *z, const sal_zip_entry *entry, sal_zip_source *out,
                           sal_error *err)
{
    const sal_env *env = z->file.source.env;
    const int most = 50;
    memset(out, 0, sizeof *out);
    out->zip = z;
    out->entry = *entry;
    out->left = entry->packed;
    out->crc = crc32(0, NULL, 0);
    snprintf(out->name, sizeof out->name, "%s:%.*s", z->file.source.name,
             entry->name_length < (size_t)most ? (int)entry->name_length : most, entry->name);
    out->source = (sal_source){env, out->name, read_member};
    sal_status st = check_entry(out, err);
    if (st == SAL_OK) st = find_data(z, entry, err);
    if (st != SAL_OK || entry->method == STORED) return st;
    out->stream.zalloc = take_memory;
    out->stream.zfree = give_memory;
    out->stream.opaque = (voidpf)(uintptr_t)env;
    if (inflateInit2(&out->stream, -MAX_WBITS) != Z_OK) return sal_no_memory_(err, out->name);
    out->inflating = true;
    return SAL_OK;
}

void sal_zip_member_close_(sal_zip_source *s)
{
    if (s->inflating) (void)inflateEnd(&s->stream);
    s->inflating = false;
}
