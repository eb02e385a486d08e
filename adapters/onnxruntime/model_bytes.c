/* model_bytes.c - see model_bytes.h. The parameters' values are kept as raw data inside of the message,
 * where they are written; packing it gives the file with them. */
#include "model_bytes.h"

#include "../adapter.h"

#include <onnx.pb-c.h>
#include <stdlib.h>
#include <string.h>

enum { IR_VERSION = 7, OPSET = 13, FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT };

struct model_bytes {
    Onnx__ModelProto *file;
    size_t n_params, room;
    sal_param_info *infos;
    Onnx__TensorProto **tensors;
    const char **layer_of; /* of each node's first output, or NULL */
};

static const char *text(const char *t)
{
    return t ? t : "";
}

static sal_status no_memory(sal_error *err)
{
    return adapter_refuse(err, SAL_E_NOMEM, "out of memory: an ONNX file");
}

static char *copy_text(const char *t)
{
    size_t n = strlen(t) + 1;
    char *copy = malloc(n);
    return copy ? memcpy(copy, t, n) : NULL;
}

/* ---- reading ----------------------------------------------------------------------------------- */

static sal_status read_file(const char *path, unsigned char **bytes, size_t *n, sal_error *err)
{
    size_t room = 1 << 16;
    FILE *f = fopen(path, "rb");
    if (!f) return adapter_refuse(err, SAL_E_IO, "'%.200s' cannot be opened", path);
    unsigned char *data = malloc(room);
    *n = 0;
    for (size_t got = 1; data && got;) {
        if (*n == room) {
            unsigned char *larger = realloc(data, room *= 2);
            if (!larger) free(data);
            data = larger;
        }
        got = data ? fread(data + *n, 1, room - *n, f) : 0;
        *n += got;
    }
    bool bad = ferror(f);
    (void)fclose(f); /* only read from: nothing can be lost */
    *bytes = data;
    if (!data) return no_memory(err);
    return bad ? adapter_refuse(err, SAL_E_IO, "'%.200s' cannot be read", path) : SAL_OK;
}

static Onnx__TensorProto *initializer(const model_bytes *m, const char *name)
{
    const Onnx__GraphProto *g = m->file->graph;
    for (size_t i = 0; name && name[0] && i < g->n_initializer; i++)
        if (!strcmp(text(g->initializer[i]->name), name)) return g->initializer[i];
    return NULL;
}

static size_t elements(const Onnx__TensorProto *t)
{
    return adapter_elements(t->n_dims, t->dims);
}

/* Into raw data, whatever the form in the file. */
static sal_status make_raw(Onnx__TensorProto *t, sal_error *err)
{
    size_t n = elements(t), bytes = n * sizeof(float);
    if (t->n_external_data)
        return adapter_refuse(err, SAL_E_UNSUPPORTED, "tensor '%.100s' is in another file",
                              t->name);
    if (t->has_raw_data ? t->raw_data.len != bytes : t->n_float_data != n)
        return adapter_refuse(err, SAL_E_FORMAT,
                              "tensor '%.100s' has not the %zu elements of its shape", t->name, n);
    if (t->has_raw_data) return SAL_OK;
    unsigned char *raw = malloc(bytes + 1);
    if (!raw) return no_memory(err);
    if (n) memcpy(raw, t->float_data, bytes);
    free(t->float_data);
    t->float_data = NULL;
    t->n_float_data = 0;
    t->has_raw_data = 1;
    t->raw_data.len = bytes;
    t->raw_data.data = raw;
    return SAL_OK;
}

static sal_status add_param(model_bytes *m, const char *name, const char *layer,
                            sal_param_role role, sal_error *err)
{
    Onnx__TensorProto *t = initializer(m, name);
    if (!t || t->data_type != FLOAT || !elements(t)) return SAL_OK;
    for (size_t i = 0; i < m->n_params; i++)
        if (m->tensors[i] == t) return SAL_OK;
    if (t->n_dims > SAL_MAX_RANK)
        return adapter_refuse(err, SAL_E_UNSUPPORTED, "tensor '%.100s' has rank %zu", t->name,
                              t->n_dims);
    sal_status st = make_raw(t, err);
    if (st != SAL_OK) return st;
    sal_param_info *p = &m->infos[m->n_params];
    *p = (sal_param_info){.name = t->name, .layer = layer, .role = role, .rank = t->n_dims};
    if (t->n_dims) memcpy(p->dims, t->dims, t->n_dims * sizeof *p->dims);
    if (!t->n_dims) p->rank = 1, p->dims[0] = 1;
    m->tensors[m->n_params++] = t;
    return SAL_OK;
}

/* ---- which initialisers are parameters ----------------------------------------------------------- */

static bool is(const Onnx__NodeProto *node, const char *op)
{
    return !text(node->domain)[0] && !strcmp(text(node->op_type), op);
}

static const char *input(const Onnx__NodeProto *node, size_t i)
{
    return i < node->n_input ? node->input[i] : "";
}

/* The layer of the node that makes this tensor, among the first n. */
static const char *layer_behind(const model_bytes *m, size_t n, const char *tensor)
{
    for (size_t i = n; i-- > 0;) {
        const Onnx__NodeProto *node = m->file->graph->node[i];
        if (node->n_output && !strcmp(node->output[0], tensor)) return m->layer_of[i];
    }
    return NULL;
}

/* Weights and biases begin a layer. */
static sal_status add_dense(model_bytes *m, size_t i, const char *own, sal_error *err)
{
    const Onnx__NodeProto *node = m->file->graph->node[i];
    const char *weight = input(node, 1);
    if (is(node, "MatMul") && !initializer(m, weight)) weight = input(node, 0);
    if (!initializer(m, weight)) return SAL_OK;
    m->layer_of[i] = own;
    sal_status st = add_param(m, weight, own, SAL_WEIGHT, err);
    return st == SAL_OK ? add_param(m, input(node, 2), own, SAL_BIAS, err) : st;
}

/* What is added to the output of a layer is its bias. */
static sal_status add_bias(model_bytes *m, size_t i, sal_error *err)
{
    const Onnx__NodeProto *node = m->file->graph->node[i];
    for (size_t k = 0; k < 2; k++) {
        const char *layer = layer_behind(m, i, input(node, k));
        if (!layer || !initializer(m, input(node, 1 - k))) continue;
        m->layer_of[i] = layer;
        return add_param(m, input(node, 1 - k), layer, SAL_BIAS, err);
    }
    return SAL_OK;
}

static sal_status add_norm(model_bytes *m, size_t i, const char *own, sal_error *err)
{
    static const sal_param_role roles[] = {SAL_NORM_SCALE, SAL_NORM_SHIFT, SAL_NORM_MEAN,
                                           SAL_NORM_VARIANCE};
    const Onnx__NodeProto *node = m->file->graph->node[i];
    const char *layer = layer_behind(m, i, input(node, 0));
    sal_status st = SAL_OK;
    m->layer_of[i] = layer ? layer : own;
    for (size_t k = 0; st == SAL_OK && k < 4; k++)
        st = add_param(m, input(node, 1 + k), m->layer_of[i], roles[k], err);
    return st;
}

static sal_status find_params(model_bytes *m, sal_error *err)
{
    const Onnx__GraphProto *g = m->file->graph;
    m->infos = calloc(g->n_initializer + 1, sizeof *m->infos);
    m->tensors = calloc(g->n_initializer + 1, sizeof(Onnx__TensorProto *));
    m->layer_of = calloc(g->n_node + 1, sizeof *m->layer_of);
    if (!m->infos || !m->tensors || !m->layer_of) return no_memory(err);
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < g->n_node; i++) {
        const Onnx__NodeProto *node = g->node[i];
        if (!node->n_output) continue;
        const char *own = text(node->name)[0] ? node->name : node->output[0];
        if (is(node, "Conv") || is(node, "ConvTranspose") || is(node, "Gemm") || is(node, "MatMul"))
            st = add_dense(m, i, own, err);
        else if (is(node, "Add"))
            st = add_bias(m, i, err);
        else if (is(node, "BatchNormalization"))
            st = add_norm(m, i, own, err);
    }
    return st;
}

sal_status model_bytes_read(const char *path, model_bytes **out, sal_error *err)
{
    unsigned char *bytes = NULL;
    size_t n = 0;
    model_bytes *m = calloc(1, sizeof *m);
    if (!m) return no_memory(err);
    sal_status st = read_file(path, &bytes, &n, err);
    if (st == SAL_OK) {
        m->file = onnx__model_proto__unpack(NULL, n, bytes);
        bool good = m->file && m->file->graph && m->file->graph->n_output;
        st = good ? find_params(m, err)
                  : adapter_refuse(err, SAL_E_FORMAT, "'%.200s' is no ONNX file", path);
    }
    free(bytes);
    if (st == SAL_OK)
        *out = m;
    else
        model_bytes_free(m);
    return st;
}

void model_bytes_free(model_bytes *m)
{
    if (!m) return;
    if (m->file) onnx__model_proto__free_unpacked(m->file, NULL);
    free(m->infos);
    free(m->tensors);
    free(m->layer_of);
    free(m);
}

/* ---- what it holds ------------------------------------------------------------------------------ */

const char *model_bytes_name(const model_bytes *m)
{
    const char *name = text(m->file->graph->name);
    return name[0] ? name : "onnx";
}

sal_status model_bytes_input(const model_bytes *m, size_t *rank, int64_t *dims, sal_error *err)
{
    const Onnx__GraphProto *g = m->file->graph;
    const Onnx__ValueInfoProto *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < g->n_input; i++) {
        if (initializer(m, g->input[i]->name)) continue;
        found = g->input[i];
        count++;
    }
    if (count != 1)
        return adapter_refuse(err, SAL_E_SHAPE, "the ONNX file has %zu inputs, wanted 1", count);
    const Onnx__TypeProto *type = found->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
        type->tensor_type->elem_type != FLOAT)
        return adapter_refuse(err, SAL_E_UNSUPPORTED, "input '%.100s' is not float",
                              text(found->name));
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    *rank = shape ? shape->n_dim : 0;
    if (*rank > SAL_MAX_RANK)
        return adapter_refuse(err, SAL_E_SHAPE, "input '%.100s' has rank %zu", text(found->name),
                              *rank);
    for (size_t i = 0; i < *rank; i++)
        dims[i] = shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
                      ? shape->dim[i]->dim_value
                      : 0;
    return SAL_OK;
}

size_t model_bytes_outputs(const model_bytes *m)
{
    return m->file->graph->n_output;
}

static sal_status append_output(Onnx__GraphProto *g, const char *tensor, sal_error *err)
{
    Onnx__ValueInfoProto **more =
        realloc(g->output, (g->n_output + 1) * sizeof(Onnx__ValueInfoProto *));
    if (!more) return no_memory(err);
    g->output = more;
    Onnx__ValueInfoProto *v = malloc(sizeof *v);
    if (!v) return no_memory(err);
    onnx__value_info_proto__init(v);
    v->name = copy_text(tensor);
    if (!v->name) {
        free(v);
        return no_memory(err);
    }
    g->output[g->n_output++] = v;
    return SAL_OK;
}

static const Onnx__NodeProto *maker(const Onnx__GraphProto *g, const char *tensor)
{
    for (size_t i = 0; i < g->n_node; i++)
        for (size_t k = 0; k < g->node[i]->n_output; k++)
            if (!strcmp(g->node[i]->output[k], tensor)) return g->node[i];
    return NULL;
}

sal_status model_bytes_output(model_bytes *m, const char *tensor, size_t *which, sal_error *err)
{
    Onnx__GraphProto *g = m->file->graph;
    if (!tensor) {
        tensor = text(g->output[0]->name);
        const Onnx__NodeProto *last = maker(g, tensor);
        if (last && (is(last, "Softmax") || is(last, "LogSoftmax"))) tensor = input(last, 0);
    }
    for (size_t i = 0; i < g->n_output; i++)
        if (!strcmp(text(g->output[i]->name), tensor)) {
            *which = i;
            return SAL_OK;
        }
    if (!maker(g, tensor))
        return adapter_refuse(err, SAL_E_ARG, "the ONNX file has no tensor '%.100s'", tensor);
    sal_status st = append_output(g, tensor, err);
    if (st == SAL_OK) *which = g->n_output - 1;
    return st;
}

size_t model_bytes_params(const model_bytes *m, const sal_param_info **infos)
{
    *infos = m->infos;
    return m->n_params;
}

float *model_bytes_values(const model_bytes *m, size_t i, size_t *n)
{
    *n = m->tensors[i]->raw_data.len / sizeof(float);
    return (float *)(void *)m->tensors[i]->raw_data.data; /* of malloc: aligned */
}

unsigned char *model_bytes_pack(const model_bytes *m, size_t *bytes)
{
    *bytes = onnx__model_proto__get_packed_size(m->file);
    unsigned char *data = malloc(*bytes + 1);
    if (data) onnx__model_proto__pack(m->file, data);
    return data;
}

/* ---- one node ------------------------------------------------------------------------------------ */

unsigned char *model_bytes_of_one_node(const char *x, const char *y, size_t *bytes)
{
    char *in[] = {copy_text(x)}, *out[] = {copy_text(y)};
    char relu[] = "Relu", name[] = "one", none[] = "";
    Onnx__TensorShapeProto__Dimension three = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT,
                                      *dims[] = {&three};
    Onnx__TensorShapeProto shape = ONNX__TENSOR_SHAPE_PROTO__INIT;
    Onnx__TypeProto__Tensor tensor = ONNX__TYPE_PROTO__TENSOR__INIT;
    Onnx__TypeProto type = ONNX__TYPE_PROTO__INIT;
    Onnx__ValueInfoProto from = ONNX__VALUE_INFO_PROTO__INIT, to = ONNX__VALUE_INFO_PROTO__INIT,
                         *inputs[] = {&from}, *outputs[] = {&to};
    Onnx__NodeProto node = ONNX__NODE_PROTO__INIT, *nodes[] = {&node};
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets[] = {&opset};
    Onnx__ModelProto file = ONNX__MODEL_PROTO__INIT;
    unsigned char *data = NULL;

    three.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    three.dim_value = 3;
    shape.n_dim = 1, shape.dim = dims;
    tensor.has_elem_type = 1, tensor.elem_type = FLOAT, tensor.shape = &shape;
    type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE, type.tensor_type = &tensor;
    from.name = in[0], to.name = out[0];
    from.type = to.type = &type;
    node.op_type = relu, node.n_input = node.n_output = 1, node.input = in, node.output = out;
    graph.name = name, graph.n_node = 1, graph.node = nodes;
    graph.n_input = graph.n_output = 1, graph.input = inputs, graph.output = outputs;
    opset.domain = none, opset.has_version = 1, opset.version = OPSET;
    file.has_ir_version = 1, file.ir_version = IR_VERSION, file.graph = &graph;
    file.n_opset_import = 1, file.opset_import = opsets;
    if (in[0] && out[0]) {
        const model_bytes m = {.file = &file};
        data = model_bytes_pack(&m, bytes);
    }
    free(in[0]);
    free(out[0]);
    return data;
}
