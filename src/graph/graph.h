/* graph/graph.h - the inside of a graph and of a parameter set. */
#ifndef SAL_GRAPH_GRAPH_H
#define SAL_GRAPH_GRAPH_H

#include "graph/op.h"

typedef enum sal_value_kind { SAL_IS_INPUT, SAL_IS_PARAM, SAL_IS_NODE } sal_value_kind;

typedef struct sal_value_info {
    char *name;
    uint64_t hash; /* of the name: most names differ here already */
    sal_value_kind kind;
    size_t index;    /* of the input, parameter or node */
    sal_shape shape; /* with N = 1 for inputs and nodes */
} sal_value_info;

typedef struct sal_node {
    const sal_op_def *op;
    char *name;
    sal_op_attrs attrs;
    size_t n_in;
    sal_value *in;
    sal_value out;
    sal_shape *in_shape; /* N = 1 */
} sal_node;

typedef struct sal_param {
    sal_param_info info; /* texts owned here */
    size_t layer, count;
    sal_value value;
} sal_param;

struct sal_graph {
    const sal_env *env;
    char *name;
    sal_value_info *values;
    size_t n_values, room_values;
    sal_node *nodes;
    size_t n_nodes, room_nodes;
    sal_param *params;
    size_t n_params, room_params;
    char **layers;
    size_t n_layers, room_layers;
    size_t n_inputs;
    sal_error first; /* the first mistake; status SAL_OK when none */
};

/* leads[v], for all n_values: value `to` is computed from v, or is v. */
void sal_graph_leads_to_(const sal_graph *g, sal_value to, bool *leads);

/* Elements of one image of a value, or of the whole parameter. */
size_t sal_value_count_(const sal_graph *g, sal_value v);

/* A block of numbers shared by parameter sets. */
typedef struct sal_block sal_block;

struct sal_params {
    const sal_env *env;
    size_t n;
    sal_block **blocks;
};

/* A set of n tensors without a graph (wrapped engines). */
sal_status sal_params_create_for_(const sal_env *env, size_t n, const size_t *counts,
                                  sal_params **out, sal_error *err);
/* Are there as many tensors as the graph has parameters, each of its size? */
sal_status sal_params_belong_(const sal_graph *g, const sal_params *p, sal_error *err);
/* For writing: makes the block this set's own first. */
sal_status sal_params_edit_(sal_params *p, size_t i, float **values, sal_error *err);

/* Lets tensor i of p be the same memory as that of other. */
void sal_params_share_(sal_params *p, size_t i, const sal_params *other);

#endif
