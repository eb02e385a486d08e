/* graph/graph.c - building: values, parameters, layers, nodes. The first mistake sticks. */
#include "graph/graph.h"

#include <string.h>

sal_status sal_graph_create(const sal_env *env, const char *name, sal_graph **out, sal_error *err)
{
    if (!out) return sal_fail_(err, SAL_E_ARG, "out is NULL");
    sal_graph *g = sal_alloc_zero_(env, 1, sizeof *g);
    if (!g) return sal_no_memory_(err, "a graph");
    g->env = env;
    g->name = sal_copy_text_(env, name ? name : "network");
    if (!g->name) {
        sal_free_(env, g);
        return sal_no_memory_(err, "a graph");
    }
    *out = g;
    return SAL_OK;
}

void sal_graph_free(sal_graph *g)
{
    if (!g) return;
    for (size_t i = 0; i < g->n_values; i++) sal_free_(g->env, g->values[i].name);
    for (size_t i = 0; i < g->n_nodes; i++) {
        sal_free_(g->env, g->nodes[i].name);
        sal_free_(g->env, g->nodes[i].in);
        sal_free_(g->env, g->nodes[i].in_shape);
    }
    for (size_t i = 0; i < g->n_params; i++)
        sal_free_(g->env, (void *)(uintptr_t)g->params[i].info.init);
    for (size_t i = 0; i < g->n_layers; i++) sal_free_(g->env, g->layers[i]);
    sal_free_(g->env, g->values);
    sal_free_(g->env, g->nodes);
    sal_free_(g->env, g->params);
    sal_free_(g->env, g->layers);
    sal_free_(g->env, g->name);
    sal_free_(g->env, g);
}

/* Makes room for one more element of a growing array; NULL when there is no memory. */
static void *grow(const sal_env *env, void *array, size_t used, size_t *room, size_t size)
{
    if (used < *room) return array;
    size_t more = *room ? 2 * *room : 16;
    void *bigger = sal_alloc_array_(env, more, size);
    if (!bigger) return NULL;
    if (used) memcpy(bigger, array, used * size);
    sal_free_(env, array);
    *room = more;
    return bigger;
}

static sal_value no_memory(sal_graph *g)
{
    if (g->first.status == SAL_OK) sal_no_memory_(&g->first, "the graph");
    return SAL_NO_VALUE;
}

static uint64_t hash_of(const char *name)
{
    return sal_hash_(0, name, strlen(name));
}

static sal_value add_value(sal_graph *g, const char *name, sal_value_kind kind, size_t index,
                           const sal_shape *shape)
{
    if (sal_graph_find(g, name) != SAL_NO_VALUE) {
        sal_fail_(&g->first, SAL_E_ARG, "the name '%s' is used twice", name);
        return SAL_NO_VALUE;
    }
    void *room = grow(g->env, g->values, g->n_values, &g->room_values, sizeof *g->values);
    if (!room) return no_memory(g);
    g->values = room;
    char *copy = sal_copy_text_(g->env, name);
    if (!copy) return no_memory(g);
    g->values[g->n_values] = (sal_value_info){copy, hash_of(name), kind, index, *shape};
    return (sal_value)g->n_values++;
}

static bool usable(sal_graph *g, const char *what, const char *name)
{
    if (!g || g->first.status != SAL_OK) return false;
    if (name && name[0]) return true;
    sal_fail_(&g->first, SAL_E_ARG, "%s without a name", what);
    return false;
}

/* The shape of an input or a parameter, which has elements; false: kept as the first mistake. */
static bool make_shape(sal_graph *g, const char *what, const char *name, size_t rank, size_t most,
                       const int64_t *dims, sal_shape *shape, size_t *count)
{
    sal_error why = {SAL_OK, ""};
    char text[SAL_SHAPE_TEXT];
    if (rank > most) {
        sal_fail_(&g->first, SAL_E_SHAPE, "%s '%s': rank %zu, wanted at most %zu", what, name, rank,
                  most);
        return false;
    }
    sal_status st = sal_shape_make_(rank, dims, shape, count, &why);
    if (st == SAL_OK && *count) return true;
    if (st == SAL_OK)
        sal_fail_(&g->first, SAL_E_SHAPE, "%s '%s' is %s, wanted dimensions of at least 1", what,
                  name, sal_shape_text_(shape, text, sizeof text));
    else
        sal_fail_(&g->first, st, "%s '%s': %s", what, name, why.text);
    return false;
}

sal_value sal_graph_input(sal_graph *g, const char *name, size_t rank, const int64_t *dims)
{
    if (!usable(g, "an input", name)) return SAL_NO_VALUE;
    sal_shape one, shape;
    size_t count;
    if (!make_shape(g, "input", name, rank, SAL_MAX_RANK - 1, dims, &one, &count))
        return SAL_NO_VALUE;
    shape.rank = rank + 1;
    shape.dims[0] = 1;
    memcpy(shape.dims + 1, one.dims, rank * sizeof one.dims[0]);
    sal_value v = add_value(g, name, SAL_IS_INPUT, g->n_inputs, &shape);
    if (v != SAL_NO_VALUE) g->n_inputs++;
    return v;
}

static size_t find_or_add_layer(sal_graph *g, const char *name) /* SIZE_MAX: no memory */
{
    for (size_t i = g->n_layers; i-- > 0;) /* a layer's parameters mostly come together */
        if (!strcmp(g->layers[i], name)) return i;
    void *room = grow(g->env, g->layers, g->n_layers, &g->room_layers, sizeof *g->layers);
    if (!room) return SIZE_MAX;
    g->layers = room;
    char *copy = sal_copy_text_(g->env, name);
    if (!copy) return SIZE_MAX;
    g->layers[g->n_layers] = copy;
    return g->n_layers++;
}

sal_value sal_graph_param(sal_graph *g, const sal_param_info *info)
{
    sal_shape shape;
    size_t count;
    if (!usable(g, "a parameter", info ? info->name : NULL)) return SAL_NO_VALUE;
    if (!make_shape(g, "parameter", info->name, info->rank, SAL_MAX_RANK, info->dims, &shape,
                    &count))
        return SAL_NO_VALUE;
    void *room = grow(g->env, g->params, g->n_params, &g->room_params, sizeof *g->params);
    if (!room) return no_memory(g);
    g->params = room;
    size_t layer = find_or_add_layer(g, info->layer ? info->layer : info->name);
    if (layer == SIZE_MAX) return no_memory(g);
    char *init = info->init ? sal_copy_text_(g->env, info->init) : NULL;
    if (info->init && !init) return no_memory(g);
    sal_value v = add_value(g, info->name, SAL_IS_PARAM, g->n_params, &shape);
    if (v == SAL_NO_VALUE) {
        sal_free_(g->env, init);
        return v;
    }
    sal_param *p = &g->params[g->n_params++];
    *p = (sal_param){.info = *info, .layer = layer, .count = count, .value = v};
    p->info.name = g->values[v].name;
    p->info.layer = g->layers[layer];
    p->info.init = init;
    return v;
}

static double rounded(double x)
{
    volatile float f =
        (float)x; /* gcc 12 at -O3 vectorises six of these and leaves two as they were */
    return (double)f;
}

/* A file keeps constants as floats: so does the graph, or it would not read back bit for bit. */
static void round_constants(sal_op_attrs *a)
{
    a->alpha = rounded(a->alpha);
    a->beta = rounded(a->beta);
    a->gamma = rounded(a->gamma);
    a->low = rounded(a->low);
    a->high = rounded(a->high);
    a->epsilon = rounded(a->epsilon);
    for (size_t i = 0; i < SAL_MAX_RANK; i++) a->scales[i] = rounded(a->scales[i]);
}

static void set_defaults(const sal_op_def *op, sal_op_attrs *a)
{
    for (int i = 0; i < 2; i++) {
        if (!a->stride[i]) a->stride[i] = 1;
        if (!a->dilation[i]) a->dilation[i] = 1;
        if (!a->kernel[i]) a->kernel[i] = 1;
    }
    if (!a->groups) a->groups = 1;
    if (!a->axis) a->axis = op->axis ? op->axis : 1;
    if (!(a->epsilon < 0 || a->epsilon > 0)) a->epsilon = 1e-5;
    round_constants(a);
}

/* Shape of the node's output, or a message that names the node. */
static bool infer(sal_graph *g, sal_node *n, sal_shape *out)
{
    sal_error why = {SAL_OK, ""};
    if (n->n_in < n->op->least || n->n_in > n->op->most) {
        sal_fail_(&g->first, SAL_E_ARG, "%s node '%s' has %zu inputs, wanted %zu to %zu",
                  n->op->name, n->name, n->n_in, n->op->least, n->op->most);
        return false;
    }
    for (size_t i = 0; i < n->n_in; i++) {
        bool is_param = g->values[n->in[i]].kind == SAL_IS_PARAM, has_bit = i < SAL_PARAM_BITS;
        bool wanted = has_bit && n->op->params >> i & 1;
        bool either = has_bit && n->op->either >> i & 1;
        if (is_param && has_bit) n->attrs.fixed_ |= UINT32_C(1) << i;
        if (is_param == wanted || either) continue;
        sal_fail_(&g->first, SAL_E_ARG, "%s node '%s': input %zu must%s be a parameter",
                  n->op->name, n->name, i, wanted ? "" : " not");
        return false;
    }
    sal_status st = n->op->shape(&n->attrs, n->n_in, n->in_shape, out, &why);
    if (st == SAL_OK) st = sal_shape_make_(out->rank, out->dims, out, NULL, &why);
    if (st == SAL_OK) return true;
    sal_fail_(&g->first, st, "%s node '%s': %s", n->op->name, n->name, why.text);
    return false;
}

static const sal_op_def *find_op(sal_graph *g, const char *op)
{
    const sal_op_def *def = op ? sal_op_find_(op) : NULL;
    if (def) return def;
    const char *names[256] = {NULL};
    for (size_t i = 0; i < 255 && sal_ops_[i]; i++) names[i] = sal_ops_[i]->name;
    sal_fail_name_(&g->first, "operator", op ? op : "", names);
    return NULL;
}

sal_value sal_graph_node(sal_graph *g, const char *op, const char *name, const sal_op_attrs *attrs,
                         size_t n_inputs, const sal_value *inputs)
{
    if (!usable(g, "a node", name)) return SAL_NO_VALUE;
    const sal_op_def *def = find_op(g, op);
    if (!def) return SAL_NO_VALUE;
    if (n_inputs && !inputs) {
        sal_fail_(&g->first, SAL_E_ARG, "%s node '%s': inputs is NULL", op, name);
        return SAL_NO_VALUE;
    }
    for (size_t i = 0; i < n_inputs; i++)
        if (inputs[i] < 0 || (size_t)inputs[i] >= g->n_values) {
            sal_fail_(&g->first, SAL_E_ARG, "%s node '%s': input %zu is no value of this graph", op,
                      name, i);
            return SAL_NO_VALUE;
        }
    void *room = grow(g->env, g->nodes, g->n_nodes, &g->room_nodes, sizeof *g->nodes);
    if (!room) return no_memory(g);
    g->nodes = room;
    sal_node n = {.op = def, .n_in = n_inputs};
    if (attrs) n.attrs = *attrs;
    n.attrs.fixed_ = 0;
    set_defaults(def, &n.attrs);
    n.name = sal_copy_text_(g->env, name);
    n.in = sal_alloc_array_(g->env, n_inputs + 1, sizeof *n.in);
    n.in_shape = sal_alloc_array_(g->env, n_inputs + 1, sizeof *n.in_shape);
    sal_shape out;
    n.out = SAL_NO_VALUE;
    if (!n.name || !n.in || !n.in_shape) {
        no_memory(g);
    } else {
        for (size_t i = 0; i < n_inputs; i++) {
            n.in[i] = inputs[i];
            n.in_shape[i] = g->values[inputs[i]].shape;
        }
        if (infer(g, &n, &out)) n.out = add_value(g, name, SAL_IS_NODE, g->n_nodes, &out);
    }
    if (n.out == SAL_NO_VALUE) {
        sal_free_(g->env, n.name);
        sal_free_(g->env, n.in);
        sal_free_(g->env, n.in_shape);
        return SAL_NO_VALUE;
    }
    g->nodes[g->n_nodes++] = n;
    return n.out;
}

sal_status sal_graph_check(const sal_graph *g, sal_error *err)
{
    if (!g) return sal_fail_(err, SAL_E_ARG, "graph is NULL");
    if (g->first.status != SAL_OK && err) *err = g->first;
    return g->first.status;
}

sal_value sal_graph_find(const sal_graph *g, const char *name)
{
    uint64_t hash = name ? hash_of(name) : 0;
    for (size_t i = 0; name && i < g->n_values; i++)
        if (g->values[i].hash == hash && !strcmp(g->values[i].name, name)) return (sal_value)i;
    return SAL_NO_VALUE;
}

const char *sal_graph_value_name(const sal_graph *g, sal_value v)
{
    return g && v >= 0 && (size_t)v < g->n_values ? g->values[v].name : NULL;
}

void sal_graph_leads_to_(const sal_graph *g, sal_value to, bool *leads)
{
    memset(leads, 0, g->n_values * sizeof *leads);
    leads[to] = true;
    for (size_t i = g->n_nodes; i-- > 0;)
        for (size_t k = 0; leads[g->nodes[i].out] && k < g->nodes[i].n_in; k++)
            leads[g->nodes[i].in[k]] = true;
}

size_t sal_value_count_(const sal_graph *g, sal_value v)
{
    return sal_shape_count_from_(&g->values[v].shape, 0);
}

size_t sal_graph_shape(const sal_graph *g, sal_value v, int64_t dims[SAL_MAX_RANK])
{
    if (v < 0 || (size_t)v >= g->n_values) return 0;
    const sal_shape *s = &g->values[v].shape;
    size_t drop = g->values[v].kind == SAL_IS_PARAM ? 0 : 1;
    memcpy(dims, s->dims + drop, (s->rank - drop) * sizeof dims[0]);
    return s->rank - drop;
}

size_t sal_graph_param_count(const sal_graph *g)
{
    return g->n_params;
}

sal_status sal_graph_param_info(const sal_graph *g, size_t i, sal_param_info *out, sal_error *err)
{
    if (!g || !out || i >= g->n_params) return sal_fail_(err, SAL_E_ARG, "no parameter %zu", i);
    *out = g->params[i].info;
    return SAL_OK;
}

size_t sal_graph_layer_count(const sal_graph *g)
{
    return g->n_layers;
}

const char *sal_graph_layer_name(const sal_graph *g, size_t layer)
{
    return layer < g->n_layers ? g->layers[layer] : NULL;
}
