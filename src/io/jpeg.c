/* io/jpeg.c - JPEG through the TurboJPEG calls of libjpeg-turbo: they return, they do not jump. */
#include "io/picture.h"

#include <string.h>
#include <turbojpeg.h>

/* Pixels per byte: a block of 64 takes a bit in a progressive file, thinned colours count too. */
enum { DENSITY = 2048 };

/* Whole or not at all: a cut file gives a warning and grey pixels otherwise. */
enum { FLAGS = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS };

static sal_status decode(tjhandle codec, const sal_env *env, const char *name,
                         const unsigned char *bytes, size_t size, sal_picture *out, sal_error *err)
{
    int width = 0, height = 0, thinning = 0, colours = 0;
    sal_picture p = {0};
    if (tjDecompressHeader3(codec, bytes, (unsigned long)size, &width, &height, &thinning,
                            &colours) != 0)
        return sal_fail_(err, SAL_E_FORMAT, "%s: no JPEG picture: %s", name, tjGetErrorStr2(codec));
    if (width < 1 || height < 1)
        return sal_fail_(err, SAL_E_FORMAT, "%s: a JPEG picture that ends early", name);
    if (colours == TJCS_CMYK || colours == TJCS_YCCK)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "%s: a JPEG picture in CMYK, wanted RGB or grey",
                         name);
    sal_status st =
        sal_picture_make_(env, name, (uint64_t)width, (uint64_t)height, size, DENSITY, &p, err);
    if (st != SAL_OK) return st;
    if (tjDecompress2(codec, bytes, (unsigned long)size, p.rgb, width, 0, height, TJPF_RGB,
                      FLAGS) != 0) {
        st = sal_fail_(err, SAL_E_FORMAT, "%s: damaged JPEG picture: %s", name,
                       tjGetErrorStr2(codec));
        sal_free_(env, p.rgb);
        return st;
    }
    *out = p;
    return SAL_OK;
}

sal_status sal_jpeg_decode_(const sal_env *env, const char *name, const unsigned char *bytes,
                            size_t size, sal_picture *out, sal_error *err)
{
    tjhandle codec = tjInitDecompress();
    if (!codec) return sal_no_memory_(err, name);
    sal_status st = decode(codec, env, name, bytes, size, out, err);
    (void)tjDestroy(codec);
    return st;
}
