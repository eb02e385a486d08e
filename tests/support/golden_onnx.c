/* tests/support/golden_onnx.c - see golden_onnx.h. */
#define _GNU_SOURCE /* system */
#include "golden_onnx.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
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
