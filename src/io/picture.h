/* io/picture.h - decoded pictures: interleaved bytes R, G, B; and decoders, one per format. */
#ifndef SAL_IO_PICTURE_H
#define SAL_IO_PICTURE_H

#include "base/base.h"

#include <salcheck/io.h>

typedef struct sal_picture {
    size_t width, height;
    unsigned char *rgb; /* [height, width, 3] */
} sal_picture;

/* A decoder. bytes hold the whole file; name is for messages. On an error nothing is left. */
typedef sal_status (*sal_decoder)(const sal_env *env, const char *name, const unsigned char *bytes,
                                  size_t size, sal_picture *out, sal_error *err);

sal_status sal_png_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                           size_t size, sal_picture *out, sal_error *err);
sal_status sal_jpeg_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                            size_t size, sal_picture *out, sal_error *err);
sal_status sal_ppm_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                           size_t size, sal_picture *out, sal_error *err);

/* Takes the block of a width x height picture, once both are known to be possible: at most
 * SAL_PICTURE_MAX_PIXELS, and at most `density` pixels per byte of the file. */
sal_status sal_picture_make_(const sal_env *env, const char *name, uint64_t width, uint64_t height,
                             size_t file_bytes, size_t density, sal_picture *out, sal_error *err);

/* A window of the picture, resized to planes [channels, height, width] of 0..255. */
typedef struct sal_window {
    double left, top, width, height;
} sal_window;

sal_status sal_picture_resize_(const sal_env *env, const sal_picture *from, const sal_window *part,
                               sal_resize how, size_t width, size_t height, float *planes,
                               sal_error *err);

#endif
