/* tests/support/golden_onnx.h - the ONNX files that the goldens were made with. */
#ifndef SAL_TESTS_GOLDEN_ONNX_H
#define SAL_TESTS_GOLDEN_ONNX_H

#include <stdbool.h>

/* The file of a network: beside the goldens, unpacked by xz into a temporary file where it is packed
 * (then *temporary; the caller removes it), or in SALCHECK_ASSETS. false: it is not there. */
bool find_golden_onnx(const char *net, char path[1024], bool *temporary);

/* The path of a file in a folder beside the goldens: "models", "data/check". */
void beside_goldens(char path[1024], const char *folder, const char *name, const char *end);

#endif
