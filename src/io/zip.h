/* io/zip.h - members of a zip archive, stored or deflated, each read as a source. source: APPNOTE
 * 6.3.9, sections 4.3 and 4.4. */
#ifndef SAL_IO_ZIP_H
#define SAL_IO_ZIP_H

#include "io/source.h"

#include <zlib.h>

typedef struct sal_zip {
    sal_file_source file;
    unsigned char *directory; /* the central directory */
    size_t directory_bytes, members;
    uint64_t start; /* of the directory: where the members end */
} sal_zip;

typedef struct sal_zip_entry {
    const char *name; /* not terminated */
    size_t name_length;
    unsigned method, flags;
    uint32_t crc;
    uint64_t packed, bytes, at; /* sizes; place of the local header */
} sal_zip_entry;

sal_status sal_zip_open_(const sal_env *env, const char *path, sal_zip *out, sal_error *err);
void sal_zip_close_(sal_zip *z);

/* Walks the directory: *place starts at 0; false in *more at its end. */
sal_status sal_zip_next_(const sal_zip *z, size_t *place, sal_zip_entry *out, bool *more,
                         sal_error *err);

/* A member as a source; ends with SAL_E_FORMAT when its sum is wrong. Borrows z. */
typedef struct sal_zip_source {
    sal_source source;
    sal_zip *zip;
    char name[200];
    sal_zip_entry entry;
    uint64_t left; /* packed bytes not yet read */
    uint64_t given;
    uLong crc;
    bool inflating, ended, checked;
    z_stream stream;
    unsigned char input[1 << 14];
} sal_zip_source;

sal_status sal_zip_member_(sal_zip *z, const sal_zip_entry *entry, sal_zip_source *out,
                           sal_error *err);
void sal_zip_member_close_(sal_zip_source *s);

#endif
