/* io/pictures.c - pictures as the input of a network: found, decoded, cut, resized, scaled. */
#define _POSIX_C_SOURCE 200809L
#include "io/picture.h"
#include "io/source.h"
#include "io/texts.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* ---- finding -------------------------------------------------------------------------------- */

static bool has_suffix(const char *name)
{
    static const char *const suffixes[] = {".png", ".jpg", ".jpeg", ".ppm"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t k = strlen(suffixes[i]);
        if (name[0] != '.' && n > k && !strcasecmp(name + n - k, suffixes[i])) return true;
    }
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static sal_status add_entry(const sal_env *env, const char *folder, const char *name,
                            sal_texts *out, sal_error *err)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = sal_alloc_(env, size);
    if (!path) return sal_no_memory_(err, "a list of pictures");
    sal_text t = sal_text_into_(path, size);
    bool slash = folder[0] && folder[strlen(folder) - 1] == '/';
    sal_text_add_(&t, "%s%s%s", folder, slash ? "" : "/", name);
    sal_status st = sal_texts_add_(out, path, t.length, err);
    sal_free_(env, path);
    return st;
}

static sal_status list_folder(const sal_env *env, const char *path, sal_texts *out, sal_error *err)
{
    sal_status st = SAL_OK;
    errno = 0;
    DIR *folder = opendir(path);
    if (!folder) return sal_file_refused_(sal_shown_path_(path), "opened", err);
    for (struct dirent *e; st == SAL_OK && (e = readdir(folder));)
        if (has_suffix(e->d_name)) st = add_entry(env, path, e->d_name, out, err);
    (void)closedir(folder);
    if (st == SAL_OK && !out->count)
        st = sal_fail_(err, SAL_E_IO, "%s: no .png, .jpg, .jpeg or .ppm in this folder",
                       sal_shown_path_(path));
    if (st == SAL_OK) qsort(out->values, out->count, sizeof *out->values, by_bytes);
    return st;
}

sal_status sal_pictures_find(const sal_env *env, const char *path, sal_texts **out, sal_error *err)
{
    struct stat there;
    sal_texts *texts = NULL;
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    if (stat(path, &there) != 0) return sal_file_refused_(sal_shown_path_(path), "opened", err);
    sal_status st = sal_texts_make_(env, &texts, err);
    if (st == SAL_OK)
        st = S_ISDIR(there.st_mode) ? list_folder(env, path, texts, err)
                                    : sal_texts_add_(texts, path, strlen(path), err);
    if (st == SAL_OK)
        *out = texts;
    else
        sal_texts_free(texts);
    return st;
}

/* ---- decoding ------------------------------------------------------------------------------- */

sal_status sal_picture_make_(const sal_env *env, const char *name, uint64_t width, uint64_t height,
                             size_t file_bytes, size_t density, sal_picture *out, sal_error *err)
{
    if (!width || !height)
        return sal_fail_(err, SAL_E_FORMAT, "%s: a picture without pixels", name);
    if (width > SAL_PICTURE_MAX_PIXELS || height > SAL_PICTURE_MAX_PIXELS / width)
        return sal_fail_(err, SAL_E_NOMEM, "%s: %llu x %llu pixels, at most %zu are read", name,
                         (unsigned long long)width, (unsigned long long)height,
                         (size_t)SAL_PICTURE_MAX_PIXELS);
    if (width * height / density > file_bytes)
        return sal_fail_(err, SAL_E_FORMAT, "%s: %llu x %llu pixels cannot be in %zu bytes", name,
                         (unsigned long long)width, (unsigned long long)height, file_bytes);
    unsigned char *rgb = sal_alloc_array_(env, (size_t)(width * height), 3);
    if (!rgb) return sal_no_memory_(err, name);
    *out = (sal_picture){(size_t)width, (size_t)height, rgb};
    return SAL_OK;
}

static sal_status decode(const sal_env *env, const char *name, const unsigned char *bytes,
                         size_t size, sal_picture *out, sal_error *err)
{
    static const struct {
        const char *magic;
        size_t length;
        sal_decoder decoder;
    } formats[] = {{"\x89PNG\r\n\x1a\n", 8, sal_png_decode_},
                   {"\xff\xd8\xff", 3, sal_jpeg_decode_},
                   {"P6", 2, sal_ppm_decode_},
                   {"P5", 2, sal_ppm_decode_}};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (size >= formats[i].length && !memcmp(bytes, formats[i].magic, formats[i].length))
            return formats[i].decoder(env, name, bytes, size, out, err);
    return sal_fail_(err, SAL_E_FORMAT, "%s: no picture: wanted PNG, JPEG or PPM", name);
}

static sal_status read_picture(const sal_env *env, const char *path, sal_picture *out,
                               sal_error *err)
{
    sal_file_source f;
    unsigned char *bytes = NULL;
    size_t size = 0;
    sal_status st = sal_file_open_(env, path, &f, err);
    if (st != SAL_OK) return st;
    st = sal_source_all_(&f.source, SAL_PICTURE_MAX_BYTES, &bytes, &size, err);
    sal_file_close_(&f);
    if (st == SAL_OK) st = decode(env, f.source.name, bytes, size, out, err);
    sal_free_(env, bytes);
    return st;
}

/* ---- the input of a network ----------------------------------------------------------------- */

typedef struct job {
    const sal_env *env;
    const sal_picture_options *options;
    size_t n, height, width, channels;
    float *planes; /* [3, height, width] */
    sal_tensor *out;
} job;

/* The largest central part with the proportions of width x height. */
static sal_window central(const sal_picture *p, size_t width, size_t height)
{
    double scale = fmin((double)p->width / (double)width, (double)p->height / (double)height);
    sal_window w = {.width = scale * (double)width, .height = scale * (double)height};
    w.left = ((double)p->width - w.width) / 2;
    w.top = ((double)p->height - w.height) / 2;
    return w;
}

static void fill(const job *j, size_t place)
{
    const sal_picture_options *o = j->options;
    size_t pixels = j->height * j->width;
    const float *red = j->planes, *green = red + pixels, *blue = green + pixels;
    double scale = o->scale == 0.0f ? 1.0 / 255 : (double)o->scale;
    for (size_t c = 0; c < j->channels; c++) {
        const float *from = j->planes + (o->bgr ? 2 - c : c) * pixels;
        float *to = sal_tensor_data(j->out) + (place * j->channels + c) * pixels;
        double mean = (double)o->mean[c], std = o->std[c] == 0.0f ? 1.0 : (double)o->std[c];
        for (size_t i = 0; i < pixels; i++) {
            double p = j->channels == 3 ? (double)from[i]
                                        : .299 * (double)red[i] + .587 * (double)green[i] +
                                              .114 * (double)blue[i];
            to[i] = (float)((p * scale - mean) / std);
        }
    }
}

/* The first picture sets the size, unless one was asked for. */
static sal_status start(job *j, const sal_picture *p, sal_error *err)
{
    const sal_picture_options *o = j->options;
    j->height = o->height ? (size_t)o->height : p->height;
    j->width = o->width ? (size_t)o->width : p->width;
    j->channels = o->channels ? (size_t)o->channels : 3;
    j->planes = sal_alloc_array_(j->env, 3 * j->height * j->width, sizeof *j->planes);
    if (!j->planes) return sal_no_memory_(err, "pictures");
    const int64_t dims[] = {(int64_t)j->n, (int64_t)j->channels, (int64_t)j->height,
                            (int64_t)j->width};
    return sal_tensor_create(j->env, 4, dims, &j->out, err);
}

static sal_status add(job *j, size_t place, const char *path, sal_error *err)
{
    const sal_picture_options *o = j->options;
    sal_picture p = {0};
    sal_status st = read_picture(j->env, path, &p, err);
    if (st == SAL_OK && !j->out) st = start(j, &p, err);
    if (st == SAL_OK && !o->height && (p.height != j->height || p.width != j->width))
        st = sal_fail_(err, SAL_E_SHAPE,
                       "%s: %zu x %zu pixels, the first picture has %zu x %zu: give a size",
                       sal_shown_path_(path), p.width, p.height, j->width, j->height);
    if (st == SAL_OK) {
        sal_window whole = {0, 0, (double)p.width, (double)p.height};
        sal_window part = o->stretch ? whole : central(&p, j->width, j->height);
        st = sal_picture_resize_(j->env, &p, &part, o->resize, j->width, j->height, j->planes, err);
    }
    if (st == SAL_OK) fill(j, place);
    sal_free_(j->env, p.rgb);
    return st;
}

static sal_status check_options(const sal_picture_options *o, sal_error *err)
{
    if (o->height < 0 || o->width < 0 || !o->height != !o->width ||
        (o->height && o->width > (int64_t)SAL_PICTURE_MAX_PIXELS / o->height))
        return sal_fail_(err, SAL_E_ARG, "a size of %lld x %lld pixels", (long long)o->width,
                         (long long)o->height);
    if (o->channels != 0 && o->channels != 1 && o->channels != 3)
        return sal_fail_(err, SAL_E_ARG, "%lld channels, wanted 1 or 3", (long long)o->channels);
    if ((unsigned)o->resize > SAL_RESIZE_AREA) return sal_fail_(err, SAL_E_ARG, "unknown resize");
    bool finite = isfinite(o->scale);
    for (size_t c = 0; c < 3; c++) finite = finite && isfinite(o->mean[c]) && isfinite(o->std[c]);
    if (!finite) return sal_fail_(err, SAL_E_ARG, "scale, mean or std is not finite");
    for (size_t i = 0; i < 4; i++)
        if (o->reserved_[i]) return sal_fail_(err, SAL_E_ARG, "a reserved field is not 0");
    return SAL_OK;
}

sal_status sal_pictures_read(const sal_env *env, size_t n, const char *const *paths,
                             const sal_picture_options *options, sal_tensor **out, sal_error *err)
{
    static const sal_picture_options defaults = {0};
    job j = {.env = env, .options = options ? options : &defaults, .n = n};
    if (!n || !paths || !out) return sal_fail_(err, SAL_E_ARG, "no paths, or out is NULL");
    sal_status st = check_options(j.options, err);
    for (size_t i = 0; st == SAL_OK && i < n; i++)
        st =
            paths[i] ? add(&j, i, paths[i], err) : sal_fail_(err, SAL_E_ARG, "path %zu is NULL", i);
    sal_free_(env, j.planes);
    if (st == SAL_OK)
        *out = j.out;
    else
        sal_tensor_free(j.out);
    return st;
}
