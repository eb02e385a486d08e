/* tests/fuzz/fuzz_baseline.c - any bytes as a baseline: what is read can be written, and is then read as
 * the same; or an error. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/gate.h>

#include <string.h>

static sal_baseline *read_bytes(const sal_env *env, const uint8_t *bytes, size_t size)
{
    sal_baseline *b = NULL;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    sal_status st = sal_baseline_read(env, path, &b, NULL);
    if ((st == SAL_OK) != (b != NULL)) abort();
    close(fd);
    return b;
}

/* Written to a file in memory's folder and read back. */
static sal_baseline *again(const sal_baseline *b)
{
    char path[64];
    sal_baseline *out = NULL;
    snprintf(path, sizeof path, "/dev/shm/salcheck-fuzz-%ld", (long)getpid());
    if (sal_baseline_write(b, path, NULL) != SAL_OK) return NULL;
    if (sal_baseline_read(NULL, path, &out, NULL) != SAL_OK) abort();
    unlink(path);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded m = {((size_t)1 << 17) + 64 * size};
    const sal_env env = bounded_env(&m);
    sal_baseline *first = read_bytes(&env, bytes, size);
    if (!first) return 0;
    sal_baseline *second = again(first);
    if (second) {
        sal_baseline_changes c;
        if (second->n != first->n) abort();
        for (size_t i = 0; i < first->n; i++) {
            const sal_entry *x = &first->entries[i], *y = &second->entries[i];
            if (strcmp(x->id, y->id) != 0 || strcmp(x->step, y->step) != 0 ||
                x->n_draws != y->n_draws)
                abort();
            for (size_t k = 0; k < x->n_draws; k++)
                if (x->draws[k].a != y->draws[k].a || x->draws[k].defined != y->draws[k].defined)
                    abort();
        }
        if (sal_baseline_update(first, second, true, &c, NULL) == SAL_OK && (c.added || c.removed))
            abort();
    }
    sal_baseline_free(second);
    sal_baseline_free(first);
    return 0;
}
