/* cli/network.c - see network.h. */
#include "cli/network.h"

#include "cli/inputs.h"

#include <salcheck/onnx.h>

#include <string.h>

sal_status network_open(const settings *s, const char *path, network *out, sal_error *err)
{
    sal_onnx_options o = {.output = s->output};
    sal_onnx *file = NULL;
    if (s->size[0]) { /* for files that leave the size open */
        o.rank = 3;
        o.dims[0] = s->grey ? 1 : 3;
        o.dims[1] = s->size[0];
        o.dims[2] = s->size[1];
    }
    sal_status st = sal_onnx_load(s->env, path, &o, &file, err);
    if (st == SAL_OK && !sal_onnx_get_model(file))
        st =
            refuse(err, SAL_E_UNSUPPORTED, "%.150s: a network of several inputs, wanted one", path);
    if (st == SAL_OK)
        *out = (network){.file = file, .model = sal_onnx_get_model(file)};
    else
        sal_onnx_free(file);
    return st;
}

sal_status network_group(const settings *s, network *n, sal_error *err)
{
    sal_texts *blocks = NULL;
    if (!s->blocks) return SAL_OK;
    sal_status st = strchr(s->blocks, '=') ? sal_blocks_parse(s->env, s->blocks, &blocks, err)
                                           : sal_blocks_read(s->env, s->blocks, &blocks, err);
    if (st != SAL_OK) return st;
    st = sal_model_with_blocks(n->model, blocks->count, (const char *const *)blocks->values,
                               &n->grouped, err);
    if (st == SAL_OK) n->model = n->grouped;
    sal_texts_free(blocks);
    return st;
}

void network_close(network *n)
{
    sal_model_free(n->grouped);
    sal_onnx_free(n->file);
    *n = (network){0};
}

const sal_graph *network_graph(const network *n)
{
    return sal_onnx_get_graph(n->file);
}

const char *network_layer(const network *n, const char *name)
{
    sal_value v = name ? sal_onnx_find(n->file, name) : SAL_NO_VALUE;
    return v == SAL_NO_VALUE ? name : sal_graph_value_name(sal_onnx_get_graph(n->file), v);
}

sal_status network_save(const network *n, const sal_params *params, const char *path,
                        sal_error *err)
{
    return sal_onnx_save(sal_onnx_get_graph(n->file), sal_onnx_output(n->file), params, path, err);
}
