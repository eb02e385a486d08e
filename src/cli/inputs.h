/* cli/inputs.h - what the user names as inputs, as one tensor. */
#ifndef SAL_CLI_INPUTS_H
#define SAL_CLI_INPUTS_H

#include "cli/cli.h"

typedef struct inputs {
    sal_tensor *x;
    sal_texts **lists; /* of pictures, one per argument; NULL for arrays */
    size_t n_lists;
    const char **names; /* [N] of pictures, borrowed from lists; NULL for arrays */
} inputs;

/* An array from FILE.npy or FILE.npz[:ARRAY], as it stands. */
sal_status array_read(const settings *s, const char *path, sal_array_info *info, sal_tensor **out,
                      sal_error *err);
/* [N, H, W] as [N, 1, H, W], a view, unless it is [N, channels, length]. */
sal_status maps_view(const settings *s, sal_tensor *t, sal_tensor **out, sal_error *err);
sal_status labels_read(const settings *s, const char *path, sal_labels **out, sal_error *err);

/* The arguments from `first` on; model (may be NULL) gives pictures their size. On an error there is
 * nothing to release. */
sal_status inputs_read(const settings *s, size_t first, const sal_model *model, inputs *out,
                       sal_error *err);
/* One path, scaled as the inputs are. */
sal_status inputs_read_one(const settings *s, const char *path, sal_tensor **out, sal_error *err);
void inputs_free(inputs *in);

/* Name of input i: its picture's, without folders, or its number, in text. */
const char *inputs_name(const inputs *in, size_t i, char *text, size_t size);

/* Writes an error's text, for what only the program knows; returns status. */
sal_status refuse(sal_error *err, sal_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
