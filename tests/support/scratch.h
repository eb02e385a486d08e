/* tests/support/scratch.h - a folder with one file, for tests of readers. */
#ifndef SAL_TESTS_SCRATCH_H
#define SAL_TESTS_SCRATCH_H

#include <stddef.h>

typedef struct scratch {
    char folder[64], file[96];
} scratch;

/* CMocka group setup and teardown; *state becomes a scratch. */
int make_scratch(void **state);
int drop_scratch(void **state);

void write_bytes(const char *path, const void *bytes, size_t size);
/* Shortens a file, or changes one byte: much cheaper than writing it again. */
void cut_bytes(const char *path, size_t size);
void poke_byte(const char *path, size_t at, unsigned char value);
/* The whole file; release with free(). */
unsigned char *read_bytes(const char *path, size_t *size);

#endif
