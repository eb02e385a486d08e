/* io/png.c - PNG through libpng's simplified calls: they return, they do not jump. */
#include "io/picture.h"

#include <png.h>
#include <string.h>

enum { DENSITY = 8 * 1032 }; /* pixels per byte: 1 bit each, deflate's largest ratio */

/* The chunks reach to the last one, IEND: libpng is content when the pixels are there. */
static bool is_whole(const unsigned char *bytes, size_t size)
{
    for (size_t at = 8; at < size && size - at >= 12;) {
        const unsigned char *c = bytes + at;
        size_t length = (size_t)c[0] << 24 | (size_t)c[1] << 16 | (size_t)c[2] << 8 | c[3];
        if (length > size - at - 12) return false;
        if (!memcmp(c + 4, "IEND", 4)) return true;
        at += 12 + length;
    }
    return false;
}

sal_status sal_png_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                           size_t size, sal_picture *out, sal_error *err)
{
    static const png_color white = {255, 255, 255};
    sal_picture p = {0};
    png_image image;
    if (!is_whole(bytes, size))
        return sal_fail_(err, SAL_E_FORMAT, "%s: a PNG picture that ends early", name);
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, size))
        return sal_fail_(err, SAL_E_FORMAT, "%s: no PNG picture: %s", name, image.message);
    image.format = PNG_FORMAT_RGB;
    sal_status st = sal_picture_make_(env, name, image.width, image.height, size, DENSITY, &p, err);
    if (st != SAL_OK) {
        png_image_free(&image);
        return st;
    }
    /* a warning (PNG_IMAGE_WARNING) leaves a whole picture; an error, a cut one, does not */
    int done = png_image_finish_read(&image, &white, p.rgb, 0, NULL);
    if (!done || PNG_IMAGE_FAILED(image)) {
        st = sal_fail_(err, SAL_E_FORMAT, "%s: damaged PNG picture: %s", name, image.message);
        sal_free_(env, p.rgb);
    } else {
        *out = p;
    }
    png_image_free(&image);
    return st;
}
