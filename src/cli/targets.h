/* cli/targets.h - classes that the user names: --target and --labels. */
#ifndef SAL_CLI_TARGETS_H
#define SAL_CLI_TARGETS_H

#include "cli/cli.h"

/* --target: one class, FILE.npy, or predicted (also without the option): then *out is NULL. */
sal_status targets_read(const settings *s, size_t n, sal_labels **out, int64_t **same,
                        sal_error *err);

/* Labels from a file that must have n; NULL path: NULL. */
sal_status labels_of(const settings *s, const char *what, const char *path, size_t n,
                     sal_labels **out, sal_error *err);

#endif
