/* cli/inputs.c - see inputs.h. */
#include "cli/inputs.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PATH = 4096 };

sal_status refuse(sal_error *err, sal_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->status = status;
    return status;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && !strcmp(text + n - k, end);
}

/* FILE.npz:ARRAY into file and array (NULL: the only one); false when it is no .npz. */
static bool split_npz(const char *path, char *file, const char **array)
{
    const char *at = strstr(path, ".npz:");
    if (!at && !ends_with(path, ".npz")) return false;
    size_t n = at ? (size_t)(at - path) + strlen(".npz") : strlen(path);
    snprintf(file, LONGEST_PATH, "%.*s", (int)(n < LONGEST_PATH ? n : LONGEST_PATH), path);
    *array = at ? at + strlen(".npz:") : NULL;
    return true;
}

sal_status array_read(const settings *s, const char *path, sal_array_info *info, sal_tensor **out,
                      sal_error *err)
{
    char file[LONGEST_PATH];
    const char *array;
    return split_npz(path, file, &array) ? sal_npz_read_tensor(s->env, file, array, info, out, err)
                                         : sal_npy_read_tensor(s->env, path, info, out, err);
}

sal_status maps_view(const settings *s, sal_tensor *t, sal_tensor **out, sal_error *err)
{
    size_t rank = sal_tensor_rank(t);
    int64_t dims[SAL_MAX_RANK] = {0};
    bool planes = rank == 3 && !s->signals, numbers = rank == 1;
    for (size_t i = 0; i < rank; i++) dims[planes && i ? i + 1 : i] = sal_tensor_dim(t, i);
    if (planes || numbers) dims[1] = 1;
    return sal_tensor_view_of(s->env, sal_tensor_data(t), rank + planes + numbers, dims, out, err);
}

sal_status labels_read(const settings *s, const char *path, sal_labels **out, sal_error *err)
{
    char file[LONGEST_PATH];
    const char *array;
    if (split_npz(path, file, &array)) return sal_npz_read_labels(s->env, file, array, out, err);
    if (strstr(path, "ubyte")) return sal_idx_read_labels(s->env, path, out, err);
    if (ends_with(path, ".bin") || ends_with(path, ".bin.gz"))
        return sal_cifar_read(s->env, path, 1, NULL, out, err);
    return sal_npy_read_labels(s->env, path, out, err);
}

/* (v scale - mean) / std; channels are axis 1 */
static sal_status scale_array(const settings *s, double scale, sal_tensor *t, sal_error *err)
{
    bool plain = scale == 1;
    for (size_t c = 0; c < 3; c++)
        plain = plain && s->mean[c] == 0.0f && (s->std[c] == 0.0f || s->std[c] == 1.0f);
    if (plain) return SAL_OK;
    size_t channels = (size_t)sal_tensor_dim(t, 1), n = (size_t)sal_tensor_dim(t, 0);
    bool same = s->mean[0] == s->mean[1] && s->mean[1] == s->mean[2] && s->std[0] == s->std[1] &&
                s->std[1] == s->std[2];
    if (!same && channels != 3)
        return refuse(err, SAL_E_ARG, "--mean or --std of 3 channels, the inputs have %zu",
                      channels);
    size_t each = sal_tensor_count(t) / n / channels;
    float *v = sal_tensor_data(t);
    for (size_t i = 0; i < sal_tensor_count(t); i++) {
        size_t c = same ? 0 : i / each % channels;
        double std = s->std[c] == 0.0f ? 1 : (double)s->std[c];
        v[i] = (float)(((double)v[i] * scale - (double)s->mean[c]) / std);
    }
    return SAL_OK;
}

static sal_status read_array(const settings *s, const char *path, sal_tensor **out, sal_error *err)
{
    sal_array_info info;
    sal_tensor *t = NULL;
    sal_status st = array_read(s, path, &info, &t, err);
    if (st == SAL_OK && strncmp(info.type, "float", 5) != 0 && s->scale == 0)
        st = refuse(err, SAL_E_ARG, "%.150s holds %s: give --scale (1 = as they are, 1/255, ...)",
                    path, info.type);
    if (st == SAL_OK) st = scale_array(s, s->scale == 0 ? 1 : s->scale, t, err);
    if (st == SAL_OK)
        *out = t;
    else
        sal_tensor_free(t);
    return st;
}

/* Pictures stored as bytes: white is 1 by default, as for picture files. */
static sal_status read_bytes(const settings *s, const char *path, bool cifar, sal_tensor **out,
                             sal_error *err)
{
    sal_tensor *t = NULL;
    sal_status st = cifar ? sal_cifar_read(s->env, path, 255, &t, NULL, err)
                          : sal_idx_read_images(s->env, path, 255, &t, err);
    if (st == SAL_OK) st = scale_array(s, s->scale == 0 ? 1.0 / 255 : s->scale, t, err);
    if (st == SAL_OK)
        *out = t;
    else
        sal_tensor_free(t);
    return st;
}

/* Is the path no picture? Then reads it. */
static bool read_no_picture(const settings *s, const char *path, sal_tensor **out, sal_status *st,
                            sal_error *err)
{
    bool array = ends_with(path, ".npy") || ends_with(path, ".npz") || strstr(path, ".npz:");
    bool cifar = ends_with(path, ".bin") || ends_with(path, ".bin.gz");
    bool idx = strstr(path, "-ubyte") != NULL;
    if (array) *st = read_array(s, path, out, err);
    if (cifar || (idx && !array)) *st = read_bytes(s, path, cifar, out, err);
    return array || cifar || idx;
}

static sal_status picture_options(const settings *s, const sal_model *model, sal_picture_options *o,
                                  sal_error *err)
{
    static const char *const names[] = {"bilinear", "bicubic", "area"};
    int64_t dims[SAL_MAX_RANK] = {0};
    size_t rank = model ? sal_model_input_shape(model, dims) : 0;
    *o = (sal_picture_options){.height = s->size[0],
                               .width = s->size[1],
                               .stretch = s->stretch,
                               .bgr = s->bgr,
                               .scale = (float)s->scale};
    memcpy(o->mean, s->mean, sizeof o->mean);
    memcpy(o->std, s->std, sizeof o->std);
    if (model && (rank != 3 || (dims[0] != 1 && dims[0] != 3)))
        return refuse(err, SAL_E_SHAPE, "the model's inputs are no pictures of 1 or 3 channels");
    if (!o->height && model) {
        o->height = dims[1];
        o->width = dims[2];
    }
    o->channels = s->grey || dims[0] == 1 ? 1 : 3;
    for (size_t i = 0; s->resize && i < 3; i++) {
        if (strcmp(s->resize, names[i]) != 0) continue;
        o->resize = (sal_resize)i;
        return SAL_OK;
    }
    if (s->resize)
        return refuse(err, SAL_E_ARG, "--resize is '%.40s', wanted bilinear, bicubic or area",
                      s->resize);
    return SAL_OK;
}

/* The paths of all arguments, in a row. */
static sal_status find_pictures(const settings *s, size_t first, inputs *in, size_t *n,
                                sal_error *err)
{
    sal_status st = SAL_OK;
    in->lists = calloc(s->n - first + 1, sizeof(sal_texts *));
    if (!in->lists) return refuse(err, SAL_E_NOMEM, "out of memory");
    for (size_t i = first; st == SAL_OK && i < s->n; i++) {
        st = sal_pictures_find(s->env, s->arguments[i], &in->lists[in->n_lists], err);
        if (st == SAL_OK) *n += in->lists[in->n_lists++]->count;
    }
    if (st != SAL_OK) return st;
    in->names = calloc(*n + 1, sizeof(char *));
    if (!in->names) return refuse(err, SAL_E_NOMEM, "out of memory");
    for (size_t i = 0, at = 0; i < in->n_lists; i++)
        for (size_t k = 0; k < in->lists[i]->count; k++) in->names[at++] = in->lists[i]->values[k];
    return SAL_OK;
}

sal_status inputs_read(const settings *s, size_t first, const sal_model *model, inputs *out,
                       sal_error *err)
{
    inputs in = {0};
    sal_picture_options o;
    sal_status st = SAL_OK;
    size_t n = 0;
    if (read_no_picture(s, s->arguments[first], &in.x, &st, err)) {
        if (st == SAL_OK && s->n > first + 1)
            st = refuse(err, SAL_E_ARG, "one array is read, got '%.100s' as well",
                        s->arguments[first + 1]);
    } else {
        st = picture_options(s, model, &o, err);
        if (st == SAL_OK) st = find_pictures(s, first, &in, &n, err);
        if (st == SAL_OK) st = sal_pictures_read(s->env, n, in.names, &o, &in.x, err);
    }
    if (st == SAL_OK)
        *out = in;
    else
        inputs_free(&in);
    return st;
}

sal_status inputs_read_one(const settings *s, const char *path, sal_tensor **out, sal_error *err)
{
    sal_status st;
    if (read_no_picture(s, path, out, &st, err)) return st;
    return refuse(err, SAL_E_ARG, "%.150s: wanted a .npy, .npz, IDX or CIFAR file", path);
}

void inputs_free(inputs *in)
{
    sal_tensor_free(in->x);
    for (size_t i = 0; i < in->n_lists; i++) sal_texts_free(in->lists[i]);
    free(in->lists);
    free(in->names);
    *in = (inputs){0};
}

const char *inputs_name(const inputs *in, size_t i, char *text, size_t size)
{
    const char *slash = in->names ? strrchr(in->names[i], '/') : NULL;
    if (in->names)
        snprintf(text, size, "%s", slash ? slash + 1 : in->names[i]);
    else
        snprintf(text, size, "%zu", i);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    return text;
}
