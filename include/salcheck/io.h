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

/** Largest content of a .npy array, in the file's numbers, that is read. */
#define SAL_NPY_MAX_BYTES ((size_t)1 << 31)

/** What an array was in its file. */
typedef struct sal_array_info {
    const char *type; /* "float32", "uint8", ...; static text */
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
} sal_array_info;

/**
 * Reads a .npy file (versions 1.0 to 3.0) of float16, float32, float64, bool, or signed or unsigned
 * integers of 8 to 64 bits, in either byte order, C or Fortran order.
 *
 * shape   that of the file, in C order; rank 1 to SAL_MAX_RANK, no dimension of 0
 * unit    the file's numbers, rounded to float; NaN and infinity stay what they are
 * owner   *out is the caller's; sal_tensor_free(); info may be NULL
 * errors  SAL_E_ARG, SAL_E_IO (cannot be opened or read), SAL_E_FORMAT (no .npy file, a header that
 *         contradicts itself, ends early, bytes left over), SAL_E_UNSUPPORTED (records, text,
 *         complex numbers, another version), SAL_E_VALUE (which value is beyond a float),
 *         SAL_E_NOMEM (no memory, or above SAL_NPY_MAX_BYTES); on error *out is untouched
 * cost    memory follows what the file holds, not what its header claims
 */
SAL_API sal_status sal_npy_read_tensor(const sal_env *env, const char *path, sal_array_info *info,
                                       sal_tensor **out, sal_error *err);

/**
 * Reads labels from a .npy file of integers.
 *
 * shape   file [N]
 * owner   *out is the caller's; sal_labels_free()
 * errors  as sal_npy_read_tensor(); SAL_E_FORMAT (not integers, not of rank 1)
 */
SAL_API sal_status sal_npy_read_labels(const sal_env *env, const char *path, sal_labels **out,
                                       sal_error *err);

/**
 * Writes a tensor as a .npy file, float32 and C order: under a temporary name first, so that path is
 * whole or as it was. Equal tensors give equal bytes.
 *
 * shape   any
 * owner   t stays the caller's
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_NOMEM
 */
SAL_API sal_status sal_npy_write_tensor(const sal_tensor *t, const char *path, sal_error *err);

/**
 * Reads an array of a .npz file, as numpy.savez and savez_compressed write it.
 *
 * shape   as sal_npy_read_tensor()
 * owner   member may be NULL when there is only one array; *out is the caller's
 * errors  as sal_npy_read_tensor(), and SAL_E_ARG (no such array, with the names of those there are),
 *         SAL_E_FORMAT (damaged archive, wrong checksum), SAL_E_UNSUPPORTED (encrypted, packed by
 *         another method, beyond 4 GiB)
 */
SAL_API sal_status sal_npz_read_tensor(const sal_env *env, const char *path, const char *member,
                                       sal_array_info *info, sal_tensor **out, sal_error *err);

/**
 * Reads labels from an array of a .npz file.
 *
 * shape   array [N]
 * owner   *out is the caller's; sal_labels_free()
 * errors  as sal_npz_read_tensor() and sal_npy_read_labels()
 */
SAL_API sal_status sal_npz_read_labels(const sal_env *env, const char *path, const char *member,
                                       sal_labels **out, sal_error *err);

/**
 * Writes tensors as a .npz file, not packed: path is whole or as it was.
 *
 * shape   any
 * owner   names and tensors, n of each, stay the caller's
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_UNSUPPORTED (beyond 4 GiB), SAL_E_NOMEM
 */
SAL_API sal_status sal_npz_write(const sal_env *env, size_t n, const char *const *names,
                                 const sal_tensor *const *tensors, const char *path,
                                 sal_error *err);

/** Texts read from a file or a folder; released by sal_texts_free() only. */
typedef struct sal_texts {
    size_t count;
    char **values;
} sal_texts;

SAL_API void sal_texts_free(sal_texts *texts); /* NULL is fine */

/**
 * Reads the names of classes: a text file, line k + 1 names class k. Control characters become
 * spaces.
 *
 * owner   *out is the caller's; sal_texts_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (empty, or not a text), SAL_E_NOMEM (no memory, or above
 *         16 MiB)
 */
SAL_API sal_status sal_classes_read(const sal_env *env, const char *path, sal_texts **out,
                                    sal_error *err);

/**
 * Reads blocks of layers (sal_model_with_blocks()): lines of NAME=PATTERN,PATTERN..., in any order. A
 * '#' at the start of a line or behind a blank starts a comment; blanks around names and patterns are
 * not part of them. What has a '=' starts a block, so that a line may hold several.
 *
 * owner   *out, a text "NAME=PATTERN,..." per block, is the caller's; sal_texts_free()
 * errors  SAL_E_ARG, SAL_E_IO, SAL_E_FORMAT (which line: not a text, not NAME=PATTERN, a name of more
 *         than 63 bytes, a line of more than 65536; or no block at all), SAL_E_NOMEM (no memory, or
 *         above 1 MiB)
 */
SAL_API sal_status sal_blocks_read(const sal_env *env, const char *path, sal_texts **out,
                                   sal_error *err);

/**
 * The same from a text: "head=fc1,fc2,body=conv*" is two blocks.
 *
 * owner   as sal_blocks_read()
 * errors  SAL_E_ARG, SAL_E_FORMAT, SAL_E_NOMEM
 */
SAL_API sal_status sal_blocks_parse(const sal_env *env, const char *text, sal_texts **out,
                                    sal_error *err);

/** Most pixels of a picture that is read, and most bytes of its file. */
#define SAL_PICTURE_MAX_PIXELS ((size_t)1 << 26)
#define SAL_PICTURE_MAX_BYTES ((size_t)1 << 28)

/** How a picture gets another size; each is antialiased. */
typedef enum sal_resize { SAL_RESIZE_BILINEAR = 0, SAL_RESIZE_BICUBIC, SAL_RESIZE_AREA } sal_resize;

/** What pictures become. Zero = default. A byte p of channel c becomes (p scale - mean[c]) / std[c],
 * with channels in the order of the result. */
typedef struct sal_picture_options {
    int64_t height, width; /* 0: as they are, and then all of one size */
    int64_t channels;      /* 3 (0) or 1: grey, .299 R + .587 G + .114 B */
    sal_resize resize;
    bool stretch;          /* else the largest central part of the wanted shape is taken */
    bool bgr;              /* blue first */
    float scale;           /* 0 = 1/255 */
    float mean[3], std[3]; /* std 0 = 1 */
    uint64_t reserved_[4]; /* must be 0 */
} sal_picture_options;

/**
 * Finds pictures: a folder's files named .png, .jpg, .jpeg or .ppm in order of their bytes, or the
 * path itself when it is no folder.
 *
 * owner   *out is the caller's; sal_texts_free()
 * errors  SAL_E_ARG, SAL_E_IO (no such path, or no picture in the folder), SAL_E_NOMEM
 */
SAL_API sal_status sal_pictures_find(const sal_env *env, const char *path, sal_texts **out,
                                     sal_error *err);

/**
 * Reads pictures: PNG, JPEG or binary PPM, told apart by their content. Grey ones get three equal
 * channels, 16 bits become 8, transparent pixels lie on white, a camera's rotation is not followed.
 *
 * shape   *out [n, channels, height, width]
 * owner   paths, n of them, stay the caller's; *out is the caller's; sal_tensor_free()
 * errors  SAL_E_ARG, SAL_E_SHAPE (sizes differ and none was asked for: which, wanted, found),
 *         SAL_E_IO, SAL_E_FORMAT (no picture, damaged, cut, larger than its bytes can hold),
 *         SAL_E_UNSUPPORTED (CMYK), SAL_E_NOMEM (no memory, or above the bounds); on error *out is
 *         untouched
 * cost    one decoded picture beside the result
 */
SAL_API sal_status sal_pictures_read(const sal_env *env, size_t n, const char *const *paths,
                                     const sal_picture_options *options, sal_tensor **out,
                                     sal_error *err);

/**
 * Reads binary CIFAR-10 records (a class byte, then 32 x 32 bytes each of red, green and blue),
 * gzipped or not.
 *
 * shape   *images [N, 3, 32, 32], *labels N values from 0 to 9
 * unit    as sal_idx_read_images()
 * owner   *images and *labels are the caller's; either pointer may be NULL
 * errors  as sal_idx_read_images(); SAL_E_VALUE (a class above 9: which)
 */
SAL_API sal_status sal_cifar_read(const sal_env *env, const char *path, float white,
                                  sal_tensor **images, sal_labels **labels, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
