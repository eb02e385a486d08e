/* onnx/load.c - the public calls around a file. */
#include "onnx/read/reader.h"

#include <string.h>

/* The folder of a path, "." when it has none. */
static char *folder_of(const sal_env *env, const char *path)
{
    char *copy = sal_copy_text_(env, strchr(path, '/') ? path : "./");
    char *slash = copy ? strrchr(copy, '/') : NULL;
    if (slash) slash[slash == copy ? 1 : 0] = '\0';
    return copy;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

sal_status sal_onnx_load(const sal_env *env, const char *path, const sal_onnx_options *options,
                         sal_onnx **out, sal_error *err)
{
    if (!path || !out) return sal_fail_(err, SAL_E_ARG, "path or out is NULL");
    if (options && options->rank >= SAL_MAX_RANK)
        return sal_fail_(err, SAL_E_ARG, "rank %zu of one input", options->rank);
    unsigned char *bytes = NULL;
    ProtobufCMessage *message = NULL;
    size_t size = 0;
    sal_status st = sal_onnx_read_bytes_(env, path, 0, SIZE_MAX, &bytes, &size, err);
    if (st != SAL_OK) return st;
    st = sal_onnx_unpack_(env, path, &onnx__model_proto__descriptor, size, bytes, &message, err);
    sal_free_(env, bytes);
    if (st != SAL_OK) return st;
    char *folder = folder_of(env, path);
    if (!folder) {
        st = sal_no_memory_(err, "a path");
    } else {
        sal_error why = {SAL_OK, ""};
        sal_onnx_job job = {
            .options = options, .name = name_of(path), .folder = folder, .size = size};
        st = sal_onnx_read_(env, (const Onnx__ModelProto *)(const void *)message, &job, out, &why);
        if (st != SAL_OK) sal_fail_(err, st, "%s: %s", sal_onnx_shown_(name_of(path)), why.text);
    }
    sal_free_(env, folder);
    sal_onnx_release_(env, message);
    return st;
}

void sal_onnx_free(sal_onnx *o)
{
    if (!o) return;
    sal_model_free(o->model);
    sal_params_free(o->params);
    sal_graph_free(o->g);
    for (size_t i = 0; o->outputs && i < o->n_outputs; i++)
        sal_constant_free_(o->env, o->outputs[i].constant);
    for (size_t i = 0; i < o->n_texts; i++) sal_free_(o->env, o->texts[i]);
    sal_free_(o->env, o->texts);
    sal_free_(o->env, o->outputs);
    sal_free_(o->env, o->inputs);
    sal_names_free_(&o->names);
    sal_free_(o->env, o);
}

const sal_model *sal_onnx_get_model(const sal_onnx *o)
{
    return o->model;
}

const sal_graph *sal_onnx_get_graph(const sal_onnx *o)
{
    return o->g;
}

const sal_params *sal_onnx_get_params(const sal_onnx *o)
{
    return o->params;
}

sal_value sal_onnx_input(const sal_onnx *o)
{
    return o->n_inputs ? o->inputs[0] : SAL_NO_VALUE;
}

sal_value sal_onnx_output(const sal_onnx *o)
{
    return o->n_outputs ? o->outputs[0].value : SAL_NO_VALUE;
}

sal_value sal_onnx_find(const sal_onnx *o, const char *name)
{
    size_t i = sal_names_find_(&o->names, name);
    return i == SAL_NO_NAME ? sal_graph_find(o->g, name) : (sal_value)i;
}
