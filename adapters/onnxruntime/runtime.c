/* runtime.c - see runtime.h. The library's version-1 table is an array of functions whose order never
 * changes; these are the places in it. */
#define _POSIX_C_SOURCE 200809L
#include "runtime.h"

#include "../adapter.h"
#include "model_bytes.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLE_VERSION = 1,
    QUIET = 3, /* log errors only */
    ELEMENT_FLOAT = 1,
    ARENA = 1, /* kind of allocator, kind of memory */
    MEMORY = 0
};

typedef struct ort_status ort_status;
typedef void (*slot)(void);

typedef struct {
    const void *(*get_table)(uint32_t version);
    const char *(*get_version)(void);
} ort_base;

/* Handles of the library are all void here: name, place, result, parameters. */
#define SLOTS(X)                                                                                   \
    X(message, 2, const char *, (const ort_status *))                                              \
    X(create_env, 3, ort_status *, (int, const char *, void **))                                   \
    X(create_session, 8, ort_status *, (void *, const void *, size_t, void *, void **))            \
    X(run, 9, ort_status *,                                                                        \
      (void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t,    \
       void **))                                                                                   \
    X(create_options, 10, ort_status *, (void **))                                                 \
    X(set_threads, 24, ort_status *, (void *, int))                                                \
    X(input_count, 30, ort_status *, (void *, size_t *))                                           \
    X(output_count, 31, ort_status *, (void *, size_t *))                                          \
    X(input_name, 36, ort_status *, (void *, size_t, void *, char **))                             \
    X(output_name, 37, ort_status *, (void *, size_t, void *, char **))                            \
    X(create_tensor, 49, ort_status *,                                                             \
      (void *, void *, size_t, const int64_t *, size_t, int, void **))                             \
    X(tensor_data, 51, ort_status *, (void *, void **))                                            \
    X(element_type, 60, ort_status *, (void *, int *))                                             \
    X(element_count, 64, ort_status *, (void *, size_t *))                                         \
    X(tensor_shape, 65, ort_status *, (void *, void **))                                           \
    X(cpu_memory, 69, ort_status *, (int, int, void **))                                           \
    X(allocator_free, 76, ort_status *, (void *, void *))                                          \
    X(default_allocator, 78, ort_status *, (void **))                                              \
    X(release_env, 92, void, (void *))                                                             \
    X(release_status, 93, void, (ort_status *))                                                    \
    X(release_memory, 94, void, (void *))                                                          \
    X(release_session, 95, void, (void *))                                                         \
    X(release_value, 96, void, (void *))                                                           \
    X(release_shape, 99, void, (void *))                                                           \
    X(release_options, 100, void, (void *))

#define FIELD(name, place, result, parameters) result(*name) parameters;

struct runtime {
    void *library, *env, *options, *memory, *allocator, *session;
    char *input, **outputs; /* names, the library's */
    size_t n_outputs;
    SLOTS(FIELD)
};

/* SAL_OK, or the library's own words. */
static sal_status judge(const runtime *r, const char *doing, ort_status *s, sal_error *err)
{
    if (!s) return SAL_OK;
    adapter_say(err, SAL_E_FORMAT, "onnxruntime: %s: %s", doing, r->message(s));
    r->release_status(s);
    for (char *c = err ? err->text : NULL; c && *c; c++)
        if (*c == '\n') *c = ' ';
    return SAL_E_FORMAT;
}

/* ---- the library ------------------------------------------------------------------------------- */

static void fill_table(runtime *r, const slot *table)
{
#define TAKE(name, place, result, parameters) r->name = (result(*) parameters)table[place];
    SLOTS(TAKE)
#undef TAKE
}

static sal_status prepare(runtime *r, sal_error *err)
{
    sal_status st = judge(r, "environment", r->create_env(QUIET, "salcheck", &r->env), err);
    if (st == SAL_OK) st = judge(r, "options", r->create_options(&r->options), err);
    if (st == SAL_OK) st = judge(r, "threads", r->set_threads(r->options, 1), err);
    if (st == SAL_OK) st = judge(r, "memory", r->cpu_memory(ARENA, MEMORY, &r->memory), err);
    if (st == SAL_OK) st = judge(r, "allocator", r->default_allocator(&r->allocator), err);
    return st;
}

static bool near(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(a[i] - b[i]) <= 0)) return false;
    return true;
}

/* A network of one Relu must have one input and one output of these names, and compute. */
static sal_status prove(runtime *r, sal_error *err)
{
    static const float x[] = {-1, 0.5f, 3}, wanted[] = {0, 0.5f, 3};
    float y[4] = {9, 9, 9, 9};
    size_t bytes, n = 0;
    unsigned char *model = model_bytes_of_one_node("x", "y", &bytes);
    if (!model) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    sal_status st = runtime_load(r, model, bytes, 1, err);
    free(model);
    if (st == SAL_OK) st = runtime_run(r, 0, 1, (const int64_t[]){3}, x, 4, y, &n, err);
    if (st != SAL_OK) return st;
    if (strcmp(r->input, "x") != 0 || strcmp(r->outputs[0], "y") != 0 || n != 3 ||
        !near(y, wanted, 3))
        return adapter_refuse(err, SAL_E_UNSUPPORTED,
                              "onnxruntime: a network of one node comes out wrong: is its table of "
                              "functions another one?");
    return SAL_OK;
}

static sal_status open_library(runtime *r, const char *path, sal_error *err)
{
    const ort_base *(*get_base)(void);
    r->library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!r->library)
        return adapter_refuse(err, SAL_E_UNSUPPORTED, "onnxruntime: no library: %s", dlerror());
    void *symbol = dlsym(r->library, "OrtGetApiBase");
    if (!symbol)
        return adapter_refuse(err, SAL_E_UNSUPPORTED, "onnxruntime: '%s' is another library", path);
    memcpy(&get_base, &symbol, sizeof symbol);
    const ort_base *base = get_base();
    const void *table = base ? base->get_table(TABLE_VERSION) : NULL;
    if (!table)
        return adapter_refuse(err, SAL_E_UNSUPPORTED,
                              "onnxruntime: the library has no functions of version %d",
                              TABLE_VERSION);
    fill_table(r, (const slot *)table);
    sal_status st = prepare(r, err);
    return st == SAL_OK ? prove(r, err) : st;
}

sal_status runtime_open(const char *path, runtime **out, sal_error *err)
{
    runtime *r = calloc(1, sizeof *r);
    if (!r) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    sal_status st = open_library(r, path ? path : "libonnxruntime.so.1", err);
    if (st == SAL_OK)
        *out = r;
    else
        runtime_close(r);
    return st;
}

static void give_back(runtime *r, char *name)
{
    if (name) judge(r, "free", r->allocator_free(r->allocator, name), NULL);
}

static void unload(runtime *r)
{
    give_back(r, r->input);
    for (size_t i = 0; r->outputs && i < r->n_outputs; i++) give_back(r, r->outputs[i]);
    free(r->outputs);
    if (r->session) r->release_session(r->session);
    r->session = NULL;
    r->input = NULL;
    r->outputs = NULL;
    r->n_outputs = 0;
}

void runtime_close(runtime *r)
{
    if (!r) return;
    unload(r);
    if (r->memory) r->release_memory(r->memory);
    if (r->options) r->release_options(r->options);
    if (r->env) r->release_env(r->env);
    if (r->library) dlclose(r->library);
    free(r);
}

/* ---- sessions ---------------------------------------------------------------------------------- */

static sal_status learn_names(runtime *r, size_t wanted, sal_error *err)
{
    size_t inputs = 0, outputs = 0;
    sal_status st = judge(r, "inputs", r->input_count(r->session, &inputs), err);
    if (st == SAL_OK) st = judge(r, "outputs", r->output_count(r->session, &outputs), err);
    if (st != SAL_OK) return st;
    if (inputs != 1 || outputs != wanted)
        return adapter_refuse(err, SAL_E_SHAPE,
                              "onnxruntime: %zu inputs and %zu outputs, wanted 1 and %zu", inputs,
                              outputs, wanted);
    r->outputs = calloc(outputs, sizeof *r->outputs);
    if (!r->outputs) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    r->n_outputs = outputs;
    st = judge(r, "input", r->input_name(r->session, 0, r->allocator, &r->input), err);
    for (size_t i = 0; st == SAL_OK && i < outputs; i++)
        st = judge(r, "output", r->output_name(r->session, i, r->allocator, &r->outputs[i]), err);
    return st;
}

sal_status runtime_load(runtime *r, const void *model, size_t bytes, size_t outputs, sal_error *err)
{
    unload(r);
    sal_status st = judge(r, "the network is refused",
                          r->create_session(r->env, model, bytes, r->options, &r->session), err);
    if (st == SAL_OK) st = learn_names(r, outputs, err);
    if (st != SAL_OK) unload(r);
    return st;
}

static sal_status copy_out(runtime *r, void *value, size_t room, float *values, size_t *n,
                           sal_error *err)
{
    void *shape = NULL, *data = NULL;
    int type = 0;
    size_t count = 0;
    sal_status st = judge(r, "shape", r->tensor_shape(value, &shape), err);
    if (st == SAL_OK) st = judge(r, "type", r->element_type(shape, &type), err);
    if (st == SAL_OK) st = judge(r, "count", r->element_count(shape, &count), err);
    if (st == SAL_OK && (type != ELEMENT_FLOAT || count > room))
        st = adapter_refuse(err, SAL_E_SHAPE,
                            type != ELEMENT_FLOAT
                                ? "onnxruntime: an output is not float"
                                : "onnxruntime: an output has %zu elements, wanted at most %zu",
                            count, room);
    if (st == SAL_OK) st = judge(r, "data", r->tensor_data(value, &data), err);
    if (st == SAL_OK && count) memcpy(values, data, count * sizeof *values);
    if (st == SAL_OK) *n = count;
    if (shape) r->release_shape(shape);
    return st;
}

sal_status runtime_run(runtime *r, size_t which, size_t rank, const int64_t *dims, const float *x,
                       size_t room, float *values, size_t *n, sal_error *err)
{
    size_t bytes = adapter_elements(rank, dims) * sizeof *x;
    void *in = NULL, *result = NULL;
    if (!r->session) return adapter_refuse(err, SAL_E_FORMAT, "onnxruntime: no network is loaded");
    float *copy = malloc(bytes ? bytes : 1); /* a tensor may be written to */
    if (!copy) return adapter_refuse(err, SAL_E_NOMEM, "out of memory: onnxruntime");
    memcpy(copy, x, bytes);
    sal_status st = judge(
        r, "input", r->create_tensor(r->memory, copy, bytes, dims, rank, ELEMENT_FLOAT, &in), err);
    if (st == SAL_OK)
        st = judge(r, "run",
                   r->run(r->session, NULL, (const char *const *)&r->input, &in, 1,
                          (const char *const *)&r->outputs[which], 1, &result),
                   err);
    if (st == SAL_OK) st = copy_out(r, result, room, values, n, err);
    if (result) r->release_value(result);
    if (in) r->release_value(in);
    free(copy);
    return st;
}
