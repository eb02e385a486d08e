/* tests/fuzz/fuzz_merge.c - any bytes as what shards have measured: a merge of the file alone gives
 * verdicts that can be written and read, or an error. */
#define _GNU_SOURCE
#include "bytes.h"

#include <salcheck/check.h>
#include <salcheck/report.h>

#include <string.h>

static int write_to(const char *line, size_t length, void *self)
{
    return write(*(const int *)self, line, length) == (ssize_t)length ? 0 : 1;
}

static void read_back(const sal_records *all)
{
    char path[64];
    sal_records *again = NULL;
    int fd = file_of_bytes((const uint8_t *)"", 0, path);
    if (sal_report_lines((const sal_verdict *const *)all->verdicts, all->n, write_to, &fd, NULL) ==
        SAL_OK) {
        if (sal_records_read(NULL, path, &again, NULL) != SAL_OK || again->n != all->n) abort();
        sal_records_free(again);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    bounded b = {((size_t)1 << 17) + 64 * size};
    const sal_env env = bounded_env(&b);
    sal_records *parts = NULL, *all = NULL;
    char path[64];
    const char *const names[] = {path};
    int fd = file_of_bytes(bytes, size, path);
    sal_status st = sal_records_read_parts(&env, path, &parts, NULL);
    close(fd);
    if ((st == SAL_OK) != (parts != NULL)) abort();
    if (!parts) return 0;
    const sal_records *const files[] = {parts};
    st = sal_check_merge(&env, files, names, 1, &all, NULL);
    if ((st == SAL_OK) != (all != NULL)) abort();
    if (all) read_back(all);
    sal_records_free(all);
    sal_records_free(parts);
    return 0;
}
