/* tests/fuzz/fuzz_waivers.c - any bytes as waivers: each one read fails a gate without checks. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/gate.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded m = {((size_t)1 << 17) + 64 * size};
    const sal_env env = bounded_env(&m);
    const sal_records none = {.env = NULL};
    const sal_gate_options options = {.today = "2026-11-25"};
    sal_waivers *w = NULL;
    sal_gate_result *r = NULL;
    char path[64];
    int fd = file_of_bytes(bytes, size, path);
    sal_status st = sal_waivers_read(&env, path, &w, NULL);
    if ((st == SAL_OK) != (w != NULL)) abort();
    close(fd);
    if (!w) return 0;
    if (sal_gate_run(&none, NULL, w, &options, &r, NULL) != SAL_OK || r->n_problems != w->n)
        abort();
    for (size_t i = 0; i < w->n; i++)
        if (!w->items[i].check[0] || !w->items[i].owner[0] || !strlen(r->problems[i])) abort();
    sal_gate_free(r);
    sal_waivers_free(w);
    return 0;
}
