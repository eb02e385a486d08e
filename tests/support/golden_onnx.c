/* tests/support/golden_onnx.c - see golden_onnx.h. */
#define _GNU_SOURCE /* system */
#include "golden_onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void beside_goldens(char path[1024], const char *folder, const char *name, const char *end)
{
    snprintf(path, 1024, "%s/../%s/%s%s", golden_folder(), folder, name, end);
}

static bool there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool find_golden_onnx(const char *net, char path[1024], bool *temporary)
{
    const char *assets = getenv("SALCHECK_ASSETS");
    char command[2200], xz[1024];
    *temporary = false;
    beside_goldens(path, "models", net, ".onnx");
    if (there(path)) return true;
    snprintf(path, 1024, "%s/%s.onnx", assets ? assets : ".", net);
    if (assets && there(path)) return true;
    beside_goldens(xz, "models", net, ".onnx.xz");
    if (!there(xz)) return false;
    snprintf(path, 1024, "/tmp/salcheck-%ld-%s.onnx", (long)getpid(), net);
    snprintf(command, sizeof command, "xz -dc '%s' > '%s'", xz, path);
    *temporary = true;
    return system(command) == 0;
}

/* What inputs_u16.npy stands for: (number - minus) / by, in single precision. */
static const struct {
    const char *net;
    float minus, by;
} photos[] = {
    {"squeezenet_imagenet", 32768, 32768},
    {"mobilenet_v2_imagenet", 32768, 32512},
    {"mobilenet_v2_5class", 0, 65280},
    {"inception_v3_5class", 0, 65280},
};

float *golden_inputs(const char *net, int64_t dims[4])
{
    char path[1024];
    float minus = 0, by = 0;
    for (size_t i = 0; i < sizeof photos / sizeof photos[0]; i++) {
        if (strcmp(net, photos[i].net) != 0) continue;
        minus = photos[i].minus;
        by = photos[i].by;
    }
    snprintf(path, sizeof path, "%s/%s/%s", golden_folder(), net,
             by > 0 ? "inputs_u16.npy" : "inputs.npy");
    npy_array a = load_npy(path);
    float *x = malloc(a.count * sizeof *x);
    for (size_t i = 0; i < a.count; i++)
        x[i] = by > 0 ? ((float)a.data[i] - minus) / by : (float)a.data[i];
    memcpy(dims, a.dims, 4 * sizeof *dims);
    free(a.data);
    return x;
}

float *golden_part(const npy_array *want, const int64_t dims[4], const float *maps)
{
    float *out = malloc(want->count * sizeof *out), *to = out;
    size_t channels = (size_t)dims[1], height = (size_t)dims[2], width = (size_t)dims[3];
    size_t stride = want->dims[want->rank - 1] < dims[3] ? 4 : 1,
           kept = want->rank == 4 ? (size_t)want->dims[1] : 1;
    for (size_t i = 0; i < (size_t)want->dims[0]; i++)
        for (size_t c = 0; c < kept; c++)
            for (size_t r = 0; r < height; r += stride)
                for (size_t q = 0; q < width; q += stride)
                    *to++ = maps[((i * channels + c) * height + r) * width + q];
    assert_int_equal(to - out, want->count);
    return out;
}
