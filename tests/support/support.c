/* tests/support/support.c - see support.h. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void give_up(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(99);
}

npy_array load_npy(const char *path)
{
    npy_array a = {0};
    unsigned char head[10];
    FILE *f = fopen(path, "rb");
    if (!f) give_up(path, "cannot open");
    if (fread(head, 1, 10, f) != 10 || memcmp(head, "\x93NUMPY\x01", 7)) give_up(path, "not npy");
    size_t n = head[8] + 256u * head[9];
    char *text = calloc(n + 1, 1);
    if (fread(text, 1, n, f) != n) give_up(path, "truncated");
    const char *type = strstr(text, "'descr': '"), *shape = strstr(text, "'shape': (");
    if (!type || !shape || strstr(text, "'fortran_order': True")) give_up(path, "bad header");
    type += strlen("'descr': '");
    shape += strlen("'shape': (");
    a.count = 1;
    while (*shape && *shape != ')') {
        char *end;
        long long d = strtoll(shape, &end, 10);
        if (end == shape) break;
        a.dims[a.rank++] = d;
        a.count *= (size_t)d;
        shape = end + strspn(end, ", ");
    }
    size_t size = (size_t)(type[2] - '0');
    char *raw = malloc(a.count * size + 1);
    if (fread(raw, size, a.count, f) != a.count) give_up(path, "truncated");
    a.data = malloc((a.count + 1) * sizeof *a.data);
    for (size_t i = 0; i < a.count; i++) {
        const char *at = raw + i * size;
        float single;
        int64_t whole;
        int32_t half;
        uint16_t word;
        if (!strncmp(type, "<f4", 3)) {
            memcpy(&single, at, 4);
            a.data[i] = (double)single;
        } else if (!strncmp(type, "<f8", 3)) {
            memcpy(&a.data[i], at, 8);
        } else if (!strncmp(type, "<i4", 3)) {
            memcpy(&half, at, 4);
            a.data[i] = half;
        } else if (!strncmp(type, "<i8", 3)) {
            memcpy(&whole, at, 8);
            a.data[i] = (double)whole;
        } else if (!strncmp(type, "<u2", 3)) {
            memcpy(&word, at, 2);
            a.data[i] = word;
        } else if (!strncmp(type, "|u1", 3)) {
            a.data[i] = (unsigned char)*at;
        } else {
            give_up(path, "type not read here");
        }
    }
    free(raw);
    free(text);
    fclose(f);
    return a;
}

const char *golden_folder(void)
{
    const char *set = getenv("SALCHECK_GOLDEN");
    const char *path = set ? set : SAL_SOURCE_DIR "/../shared/golden";
    struct stat st;
    return stat(path, &st) == 0 ? path : NULL;
}

double relative_rms(size_t n, const float *got, const double *want)
{
    double difference = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)got[i] - want[i];
        difference += d * d;
        size += want[i] * want[i];
    }
    return sqrt(difference / size);
}

void assert_near(const char *name, double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%s: got %.9g, wanted %.9g within %g", name, got, want, tolerance);
}
