/* tests/support/golden_onnx.h - the ONNX files that the goldens were made with, and what was put in. */
#ifndef SAL_TESTS_GOLDEN_ONNX_H
#define SAL_TESTS_GOLDEN_ONNX_H

#include "support.h"

#include <stdbool.h>

/* The file of a network: beside the goldens, unpacked by xz into a temporary file where it is packed
 * (then *temporary; the caller removes it), or in SALCHECK_ASSETS. false: it is not there. */
bool find_golden_onnx(const char *net, char path[1024], bool *temporary);

/* The path of a file in a folder beside the goldens: "models", "data/check". */
void beside_goldens(char path[1024], const char *folder, const char *name, const char *end);

/* The inputs of a network's goldens as it takes them, [N, C, H, W]; release with free(). */
float *golden_inputs(const char *net, int64_t dims[4]);

/* Maps of photographs are stored at every fourth row and column, maps with equal channels as one of them:
 * that part of `maps`, which have the inputs' dims, in the file's order. Release with free(). */
float *golden_part(const npy_array *want, const int64_t dims[4], const float *maps);

#endif
