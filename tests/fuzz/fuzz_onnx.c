/* tests/fuzz/fuzz_onnx.c - any bytes as an ONNX file: a network that runs, or an error. */
#define _GNU_SOURCE
#include <salcheck/onnx.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { MOST = 48 << 20, INPUTS = 1 << 16 };

/* Together: more means that a size was believed. */
typedef struct {
    size_t used;
} account;

static void *bounded(void *self, size_t bytes)
{
    account *a = self;
    if (bytes > MOST || a->used > MOST) return NULL;
    size_t *block = malloc(bytes + 64);
    if (!block) return NULL;
    block[0] = bytes;
    a->used += bytes;
    return (char *)block + 64;
}

static void give_back(void *self, void *block)
{
    account *a = self;
    if (!block) return;
    size_t *start = (size_t *)(void *)((char *)block - 64);
    a->used -= start[0];
    free(start);
}

static double run(const sal_env *env, const sal_model *m)
{
    int64_t dims[SAL_MAX_RANK + 1] = {1};
    size_t rank = sal_model_input_shape(m, dims + 1), count = 1;
    for (size_t i = 1; i <= rank; i++)
        if (__builtin_mul_overflow(count, (size_t)dims[i], &count) || count > INPUTS) return 0;
    if (sal_model_outputs(m) > INPUTS) return 0;
    sal_tensor *x = NULL;
    double sum = 0;
    float *logits = calloc(sal_model_outputs(m) + 1, sizeof *logits);
    if (logits && sal_tensor_create(env, rank + 1, dims, &x, NULL) == SAL_OK &&
        sal_model_predict(m, x, logits, NULL) == SAL_OK)
        for (size_t i = 0; i < sal_model_outputs(m); i++) sum += (double)logits[i];
    sal_tensor_free(x);
    free(logits);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    account a = {0};
    const sal_env env = {
        .allocator = {&a, bounded, give_back}, .threads = 1, .memory_limit = 1 << 22};
    sal_onnx *o = NULL;
    sal_error err;
    double sum = 0;
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    sal_onnx_options options = {.rank = 3, .dims = {1, 4, 4}};
    sal_status st = sal_onnx_load(&env, path, NULL, &o, &err);
    if (st == SAL_E_UNSUPPORTED) st = sal_onnx_load(&env, path, &options, &o, &err);
    if (st == SAL_OK && sal_onnx_get_model(o)) sum = run(&env, sal_onnx_get_model(o));
    if (st == SAL_OK) sal_onnx_free(o);
    if (a.used) abort();
    close(fd);
    return sum == 0.5 ? -1 : 0;
}
