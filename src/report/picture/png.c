/* report/picture/png.c - PNG through libpng's simplified calls: they return, they do not jump. */
#include "report/picture/png.h"

#include "base/save.h"

#include <png.h>
#include <string.h>

sal_status sal_png_write_(const sal_env *env, const sal_canvas *c, const char *path, sal_error *err)
{
    sal_save file;
    sal_status st = sal_save_begin_(env, path, &file, err);
    if (st != SAL_OK) return st;
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = (png_uint_32)c->width;
    image.height = (png_uint_32)c->height;
    image.format = PNG_FORMAT_RGB;
    if (png_image_write_to_stdio(&image, file.stream, 0, c->pixels, 0, NULL))
        return sal_save_commit_(&file, err);
    sal_save_discard_(&file);
    st = sal_save_refused_(path, image.message, err);
    png_image_free(&image);
    return st;
}
