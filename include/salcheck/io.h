/**
 * io.h - files in, numbers out. Every reader treats a file as hostile: sizes are checked before
 * memory is taken, and an error names the file, what was wanted and what was found.
 */
#ifndef SALCHECK_IO_H
#define SALCHECK_IO_H

#include <salcheck/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Largest content of an IDX file, unpacked and without its header, that is read. */
#define SAL_IDX_MAX_BYTES ((size_t)1 << 30)

/** Classes read from a file; released by sal_labels_free() only. */
typedef struct sal_labels {
    size_t count;
    int64_t *values;
} sal_labels;

/**
 * Reads pictures from an IDX file of bytes (the format of MNIST), gzipped or not.
 *
 * shape   file [N, H, W], *out [N, 1, H, W]
 * unit    byte b becomes b / 255 * white, rounded once; white 0 = 1: pixels in [0, 1]
 * owner   *out is the caller's; sal_tensor_free()
 * errors  SAL_E_ARG, SAL_E_IO (cannot be opened or read), SAL_E_FORMAT (no IDX file, not bytes of
 *         rank 3, a dimension of 0, ends early, bytes left over, damaged gzip data), SAL_E_NOMEM
 *         (no memory, or above SAL_IDX_MAX_BYTES); on error *out is untouched
 * cost    memory follows what the file holds, not what its header claims: 5 bytes a pixel
 */
SAL_API sal_status sal_idx_read_images(const sal_env *env, const char *path, float white,
                                       sal_tensor **out, sal_error *err);

/**
 * Reads labels from an IDX file of whole numbers (unsigned or signed byte, 16 or 32 bit), gzipped
 * or not. Their range is the business of whoever uses them.
 *
 * shape   file [N], *out N values
 * owner   *out is the caller's; sal_labels_free()
 * errors  as sal_idx_read_images()
 */
SAL_API sal_status sal_idx_read_labels(const sal_env *env, const char *path, sal_labels **out,
                                       sal_error *err);
SAL_API void sal_labels_free(sal_labels *labels); /* NULL is fine */

/**
 * Reads an IDX file of any of its types and ranks 1 to SAL_MAX_RANK, gzipped or not, as it stands.
 *
 * shape   that of the file
 * unit    the file's numbers; 32-bit and double ones are rounded to float
 * owner   *out is the caller's; sal_tensor_free()
 * errors  as sal_idx_read_images(); SAL_E_VALUE (which value is not finite or beyond a float)
 */
SAL_API sal_status sal_idx_read_tensor(const sal_env *env, const char *path, sal_tensor **out,
                                       sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
