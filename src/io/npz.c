/* io/npz.c - .npz files: zip archives of .npy files, as numpy.savez and savez_compressed write
 * them; written with stored members. */
#include "io/npy.h"
#include "io/zip.h"

#include "base/save.h"

#include <string.h>

enum { SUFFIX = 4, MOST_NAME = 200, MOST_WRITTEN = 1000 };

static bool is_npy(const sal_zip_entry *e)
{
    return e->name_length > SUFFIX && !memcmp(e->name + e->name_length - SUFFIX, ".npy", SUFFIX);
}

static bool is_called(const sal_zip_entry *e, const char *name)
{
    size_t n = strlen(name);
    return (e->name_length == n || (is_npy(e) && e->name_length == n + SUFFIX)) &&
           !memcmp(e->name, name, n);
}

/* "FILE: no array 'x', wanted one of a, b" */
static sal_status no_such(const sal_zip *z, const char *member, const char *names, sal_error *err)
{
    if (member)
        return sal_fail_(err, SAL_E_ARG, "%s: no array '%.60s', wanted one of: %s",
                         z->file.source.name, member, names);
    return sal_fail_(err, SAL_E_ARG, "%s: %s: %s", z->file.source.name,
                     names[0] ? "several arrays, name one of" : "no array in it", names);
}

/* The array by name, or the only one. */
static sal_status find(const sal_zip *z, const char *member, sal_zip_entry *out, sal_error *err)
{
    char names[120];
    sal_text list = sal_text_into_(names, sizeof names);
    sal_zip_entry e;
    size_t found = 0, place = 0;
    for (bool more = true; more;) {
        sal_status st = sal_zip_next_(z, &place, &e, &more, err);
        if (st != SAL_OK) return st;
        if (!more || !is_npy(&e)) continue;
        sal_text_add_(&list, "%s%.*s", list.length ? ", " : "", (int)(e.name_length - SUFFIX),
                      e.name);
        if (member && !is_called(&e, member)) continue;
        if (!found++) *out = e;
    }
    return found == 1 || (found && member) ? SAL_OK : no_such(z, member, names, err);
}

typedef struct opened {
    sal_zip zip;
    sal_zip_source *member; /* on the heap: it holds a buffer */
    sal_npy array;
} opened;

static void close_array(const sal_env *env, opened *o)
{
    if (o->array.source) sal_npy_close_(&o->array);
    if (o->member) sal_zip_member_close_(o->member);
    sal_free_(env, o->member);
    sal_zip_close_(&o->zip);
}

static sal_status open_array(const sal_env *env, const char *path, const char *member, opened *o,
                             sal_error *err)
{
    sal_zip_entry e;
    *o = (opened){0};
    sal_status st = sal_zip_open_(env, path, &o->zip, err);
    if (st != SAL_OK) return st;
    st = find(&o->zip, member, &e, err);
    if (st == SAL_OK) {
        o->member = sal_alloc_zero_(env, 1, sizeof *o->member);
        if (!o->member) st = sal_no_memory_(err, "an archive's member");
    }
    if (st == SAL_OK) st = sal_zip_member_(&o->zip, &e, o->member, err);
    if (st == SAL_OK) st = sal_npy_open_(&o->member->source, &o->array, err);
    if (st != SAL_OK) close_array(env, o);
    return st;
}

sal_status sal_npz_read_tensor(const sal_env *env, const char *path, const char *member,
                               sal_array_info *info, sal_tensor **out, sal_error *err)
{
    opened o;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = open_array(env, path, member, &o, err);
    if (st != SAL_OK) return st;
    st = sal_npy_tensor_(&o.array, out, err);
    if (st == SAL_OK && info) *info = sal_npy_info_(&o.array);
    close_array(env, &o);
    return st;
}

sal_status sal_npz_read_labels(const sal_env *env, const char *path, const char *member,
                               sal_labels **out, sal_error *err)
{
    opened o;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    sal_status st = open_array(env, path, member, &o, err);
    if (st != SAL_OK) return st;
    st = sal_npy_labels_(&o.array, out, err);
    close_array(env, &o);
    return st;
}

/* ---- writing -------------------------------------------------------------------------------- */

typedef struct written {
    uint32_t crc;
    uint64_t bytes, at;
} written;

static void put(unsigned char **to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) *(*to)++ = (unsigned char)(value >> 8 * i);
}

/* The 26 bytes that local and central headers share: version to name length; time is 1980. */
static void put_common(unsigned char **to, const written *w, size_t name)
{
    put(to, 20, 2);         /* version needed: 2.0 */
    put(to, 0, 4);          /* flags, stored */
    put(to, 0x00210000, 4); /* 1980-01-01: equal tensors, equal bytes */
    put(to, w->crc, 4);
    put(to, w->bytes, 4);
    put(to, w->bytes, 4);
    put(to, name, 2);
}

static void write_name(FILE *f, const char *name)
{
    (void)!fwrite(name, 1, strlen(name), f); /* sal_save_commit_ looks at ferror */
    (void)!fwrite(".npy", 1, SUFFIX, f);
}

enum { PACKED = 4096 };

static uint64_t write_values(FILE *f, const sal_tensor *t, bool sum, uLong *crc)
{
    unsigned char head[SAL_NPY_HEAD], bytes[4 * PACKED];
    int64_t dims[SAL_MAX_RANK];
    for (size_t i = 0; i < SAL_MAX_RANK; i++) dims[i] = sal_tensor_dim(t, i);
    size_t size = sal_npy_make_head_("<f4", sal_tensor_rank(t), dims, head);
    size_t count = sal_tensor_count(t), piece;
    if (sum)
        *crc = crc32(crc32(0, NULL, 0), head, (uInt)size);
    else
        (void)!fwrite(head, 1, size, f);
    for (size_t i = 0; i < count && !ferror(f); i += piece) {
        piece = count - i < PACKED ? count - i : PACKED;
        sal_npy_pack_(piece, sal_tensor_get_data(t) + i, bytes);
        if (sum)
            *crc = crc32(*crc, bytes, (uInt)(4 * piece));
        else
            (void)!fwrite(bytes, 4, piece, f);
    }
    return size + 4 * (uint64_t)count;
}

static void write_member(FILE *f, const char *name, const sal_tensor *t, uint64_t at, written *w)
{
    unsigned char head[30], *to = head;
    uLong crc = 0;
    w->bytes = write_values(f, t, true, &crc); /* the sum stands in front of the data */
    w->crc = (uint32_t)crc;
    w->at = at;
    put(&to, 0x04034b50, 4);
    put_common(&to, w, strlen(name) + SUFFIX);
    put(&to, 0, 2); /* no extra field */
    (void)!fwrite(head, 1, sizeof head, f);
    write_name(f, name);
    (void)write_values(f, t, false, &crc);
}

static void write_directory(FILE *f, size_t n, const char *const *names, const written *all,
                            uint64_t at)
{
    uint64_t size = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char head[46], *to = head;
        put(&to, 0x02014b50, 4);
        put(&to, 20, 2);
        put_common(&to, &all[i], strlen(names[i]) + SUFFIX);
        put(&to, 0, 6); /* no extra field, no comment, first part */
        put(&to, 0, 6); /* attributes */
        put(&to, all[i].at, 4);
        (void)!fwrite(head, 1, sizeof head, f);
        write_name(f, names[i]);
        size += sizeof head + strlen(names[i]) + SUFFIX;
    }
    unsigned char end[22], *to = end;
    put(&to, 0x06054b50, 4);
    put(&to, 0, 4);
    put(&to, n, 2);
    put(&to, n, 2);
    put(&to, size, 4);
    put(&to, at, 4);
    put(&to, 0, 2);
    (void)!fwrite(end, 1, sizeof end, f);
}

static sal_status check_written(size_t n, const char *const *names,
                                const sal_tensor *const *tensors, sal_error *err)
{
    uint64_t total = 0;
    if (n > MOST_WRITTEN)
        return sal_fail_(err, SAL_E_ARG, "%zu arrays for one file, wanted at most %d", n,
                         MOST_WRITTEN);
    for (size_t i = 0; i < n; i++) {
        if (!names[i] || !tensors[i] || !names[i][0] || strlen(names[i]) > MOST_NAME)
            return sal_fail_(err, SAL_E_ARG, "array %zu has no tensor, or no name of 1 to %d bytes",
                             i, MOST_NAME);
        total += 4 * (uint64_t)sal_tensor_count(tensors[i]) + 1024;
        if (total > UINT32_MAX)
            return sal_fail_(err, SAL_E_UNSUPPORTED, "arrays beyond 4 GiB for one .npz file");
    }
    return SAL_OK;
}

sal_status sal_npz_write(const sal_env *env, size_t n, const char *const *names,
                         const sal_tensor *const *tensors, const char *path, sal_error *err)
{
    sal_save file;
    if (!path || (n && (!names || !tensors)))
        return sal_fail_(err, SAL_E_ARG, "path, names or tensors is NULL");
    sal_status st = check_written(n, names, tensors, err);
    if (st != SAL_OK) return st;
    written *all = sal_alloc_zero_(env, n + 1, sizeof *all);
    if (!all) return sal_no_memory_(err, "an archive's directory");
    st = sal_save_begin_(env, path, &file, err);
    if (st == SAL_OK) {
        uint64_t at = 0;
        for (size_t i = 0; i < n; i++) {
            write_member(file.stream, names[i], tensors[i], at, &all[i]);
            at += 30 + strlen(names[i]) + SUFFIX + all[i].bytes;
        }
        write_directory(file.stream, n, names, all, at);
        st = sal_save_commit_(&file, err);
    }
    sal_free_(env, all);
    return st;
}
