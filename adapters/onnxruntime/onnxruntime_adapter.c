/* onnxruntime_adapter.c - see onnxruntime_adapter.h. Parameters are written into the file's bytes; the
 * session is made again at the next run. */
#include "onnxruntime_adapter.h"

#include "../adapter.h"
#include "model_bytes.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_OUTPUTS = 1 << 20, ENGINE_FAILED = 1001, WRONG_SIZE = 1002 };

struct sal_ort {
    runtime *engine;
    model_bytes *file;
    size_t rank, size, outputs;          /* rank with N; elements of one input; logits */
    int64_t dims[SAL_MAX_RANK];          /* with N = 1 */
    size_t logits, saliency;             /* outputs of the session */
    bool has_saliency, per_class, stale; /* stale: the session is of older bytes */
    float *maps;                         /* [outputs, input] */
    sal_error last;
};

static sal_status load(sal_ort *e, sal_error *err)
{
    size_t bytes;
    if (!e->stale) return SAL_OK;
    unsigned char *data = model_bytes_pack(e->file, &bytes);
    if (!data) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    sal_status st = runtime_load(e->engine, data, bytes, model_bytes_outputs(e->file), err);
    free(data);
    e->stale = st != SAL_OK;
    return st;
}

/* Output `which` of one image. */
static sal_status run(sal_ort *e, size_t which, const float *x, size_t room, float *values,
                      size_t *n, sal_error *err)
{
    sal_status st = load(e, err);
    return st == SAL_OK ? runtime_run(e->engine, which, e->rank, e->dims, x, room, values, n, err)
                        : st;
}

static int describe(void *self, sal_model_description *out)
{
    sal_ort *e = self;
    out->name = model_bytes_name(e->file);
    out->rank = e->rank - 1;
    memcpy(out->dims, e->dims + 1, (e->rank - 1) * sizeof *out->dims);
    out->outputs = e->outputs;
    out->n_params = model_bytes_params(e->file, &out->params);
    return 0;
}

static int forward(void *self, size_t n, const float *x, float *logits)
{
    sal_ort *e = self;
    for (size_t i = 0, got; i < n; i++) {
        if (run(e, e->logits, x + i * e->size, e->outputs, logits + i * e->outputs, &got,
                &e->last) != SAL_OK)
            return ENGINE_FAILED;
        if (got != e->outputs) return WRONG_SIZE;
    }
    return 0;
}

static int saliency(void *self, size_t n, const float *x, const int64_t *target, float *map)
{
    sal_ort *e = self;
    size_t wanted = e->per_class ? e->outputs * e->size : e->size;
    for (size_t i = 0, got; i < n; i++) {
        if (run(e, e->saliency, x + i * e->size, wanted, e->maps, &got, &e->last) != SAL_OK)
            return ENGINE_FAILED;
        if (got != wanted) return WRONG_SIZE;
        memcpy(map + i * e->size, e->maps + (e->per_class ? (size_t)target[i] * e->size : 0),
               e->size * sizeof *map);
    }
    return 0;
}

static int get_params(void *self, size_t i, float *values)
{
    const sal_ort *e = self;
    size_t n;
    const float *from = model_bytes_values(e->file, i, &n);
    memcpy(values, from, n * sizeof *values);
    return 0;
}

static int set_params(void *self, size_t i, const float *values)
{
    sal_ort *e = self;
    size_t n;
    float *to = model_bytes_values(e->file, i, &n);
    if (!memcmp(to, values, n * sizeof *to)) return 0;
    memcpy(to, values, n * sizeof *to);
    e->stale = true;
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------ */

static sal_status find_shape(sal_ort *e, const sal_ort_options *o, sal_error *err)
{
    sal_status st = model_bytes_input(e->file, &e->rank, e->dims, err);
    if (st != SAL_OK) return st;
    if (o->rank && !e->rank) e->rank = o->rank + 1;
    if (e->rank < 2 || (o->rank && o->rank + 1 != e->rank))
        return adapter_refuse(err, SAL_E_SHAPE, "the input has rank %zu with N, wanted %zu",
                              e->rank, o->rank ? o->rank + 1 : 2);
    if (e->dims[0] > 1)
        return adapter_refuse(err, SAL_E_SHAPE, "the file takes %lld inputs at once, wanted 1",
                              (long long)e->dims[0]);
    e->dims[0] = 1;
    for (size_t i = 1; i < e->rank; i++) {
        if (e->dims[i] < 1 && o->rank) e->dims[i] = o->dims[i - 1];
        if (e->dims[i] < 1 || (o->rank && o->dims[i - 1] != e->dims[i]))
            return adapter_refuse(err, SAL_E_SHAPE,
                                  e->dims[i] < 1
                                      ? "the file leaves size %zu of an input open: give rank, dims"
                                      : "size %zu of an input is not the file's",
                                  i);
    }
    e->size = adapter_elements(e->rank, e->dims);
    return SAL_OK;
}

/* What comes out for an input of zeros has the sizes. */
static sal_status find_sizes(sal_ort *e, sal_error *err)
{
    size_t n = 0, most = MOST_OUTPUTS;
    float *zeros = calloc(e->size, sizeof *zeros), *values = malloc(most * sizeof *values);
    sal_status st = zeros && values
                        ? run(e, e->logits, zeros, most, values, &e->outputs, err)
                        : adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    free(values);
    if (st == SAL_OK && !e->outputs) st = adapter_refuse(err, SAL_E_SHAPE, "no logits");
    if (st == SAL_OK && e->has_saliency && e->outputs) {
        e->maps = malloc(e->outputs * e->size * sizeof *e->maps);
        st = e->maps ? run(e, e->saliency, zeros, e->outputs * e->size, e->maps, &n, err)
                     : adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
        e->per_class = n == e->outputs * e->size && e->outputs > 1;
        if (st == SAL_OK && n != e->size && !e->per_class)
            st = adapter_refuse(err, SAL_E_SHAPE,
                                "the saliency has %zu elements, wanted %zu or %zu times %zu", n,
                                e->size, e->outputs, e->size);
    }
    free(zeros);
    return st;
}

static sal_status fill(sal_ort *e, const char *path, const sal_ort_options *o, sal_error *err)
{
    const char *library = o->library ? o->library : getenv("SALCHECK_ORT_LIB");
    sal_status st = model_bytes_read(path, &e->file, err);
    if (st == SAL_OK) st = find_shape(e, o, err);
    if (st == SAL_OK) st = model_bytes_output(e->file, o->output, &e->logits, err);
    e->has_saliency = o->saliency != NULL;
    if (st == SAL_OK && o->saliency)
        st = model_bytes_output(e->file, o->saliency, &e->saliency, err);
    if (st == SAL_OK) st = runtime_open(library, &e->engine, err);
    e->stale = true;
    return st == SAL_OK ? find_sizes(e, err) : st;
}

sal_status sal_ort_create(const char *path, const sal_ort_options *options, sal_ort **out,
                          sal_error *err)
{
    static const sal_ort_options none;
    if (!path || !out || (options && options->rank >= SAL_MAX_RANK))
        return adapter_refuse(err, SAL_E_ARG, "path or out is NULL, or rank is not 0 to %d",
                              SAL_MAX_RANK - 1);
    sal_ort *e = calloc(1, sizeof *e);
    if (!e) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    sal_status st = fill(e, path, options ? options : &none, err);
    if (st == SAL_OK)
        *out = e;
    else
        sal_ort_free(e);
    return st;
}

void sal_ort_free(sal_ort *e)
{
    if (!e) return;
    runtime_close(e->engine);
    model_bytes_free(e->file);
    free(e->maps);
    free(e);
}

sal_status sal_ort_read(sal_ort *e, const char *tensor, const float *x, size_t room, float *values,
                        size_t *n, sal_error *err)
{
    if (!e || !tensor || !x || !values || !n)
        return adapter_refuse(err, SAL_E_ARG, "engine, tensor, x, values or n is NULL");
    size_t before = model_bytes_outputs(e->file), which;
    sal_status st = model_bytes_output(e->file, tensor, &which, err);
    if (st != SAL_OK) return st;
    e->stale = e->stale || model_bytes_outputs(e->file) != before;
    return run(e, which, x, room, values, n, err);
}

const char *sal_ort_message(const sal_ort *e)
{
    return e->last.text;
}

#define COMMON                                                                                     \
    .adapter = "onnxruntime", .describe = describe, .forward = forward, .get_params = get_params,  \
    .set_params = set_params

const sal_model_ops *sal_ort_ops(const sal_ort *e)
{
    static const sal_model_ops plain = {COMMON}, with = {COMMON, .saliency = saliency};
    return e->has_saliency ? &with : &plain;
}
