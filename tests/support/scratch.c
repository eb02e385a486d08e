/* tests/support/scratch.c - see scratch.h. */
#define _POSIX_C_SOURCE 200809L
#include "scratch.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int make_scratch(void **state)
{
    scratch *s = calloc(1, sizeof *s);
    if (!s) return 1;
    snprintf(s->folder, sizeof s->folder, "/tmp/salcheck-test-XXXXXX");
    if (!mkdtemp(s->folder)) return 1;
    snprintf(s->file, sizeof s->file, "%s/some.file", s->folder);
    *state = s;
    return 0;
}

int drop_scratch(void **state)
{
    scratch *s = *state;
    unlink(s->file);
    rmdir(s->folder);
    free(s);
    return 0;
}

void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f) fail_msg("%s: cannot be opened", path);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

void cut_bytes(const char *path, size_t size)
{
    assert_int_equal(truncate(path, (off_t)size), 0);
}

void poke_byte(const char *path, size_t at, unsigned char value)
{
    FILE *f = fopen(path, "r+b");
    if (!f || fseek(f, (long)at, SEEK_SET) || fputc(value, f) == EOF || fclose(f))
        fail_msg("%s: byte %zu cannot be changed", path, at);
}

unsigned char *read_bytes(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s: cannot be opened", path);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    unsigned char *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}
