/* onnx/read/reader.h - the state while a file becomes a graph, and what the operators' rows use of it.
 * Batch-first: axis 0 of every tensor that depends on the inputs counts them. One-image: the whole
 * ONNX graph is one image, every tensor S becomes [N] + S; `v` has that form, `flat` is the same
 * without a first ONNX axis of 1, as windows and layers want it. */
#ifndef SAL_ONNX_READER_H
#define SAL_ONNX_READER_H

#include "graph/graph.h"
#include "onnx/file/constant.h"
#include "onnx/read/names.h"

#include <salcheck/onnx.h>

/* Stands for the number of inputs where a shape is asked for and the file leaves it open; a prime,
 * so that nothing that is computed with it looks like it by chance. */
#define SAL_ONNX_BATCH INT64_C(1099511627689)

typedef struct sal_onnx_value {
    const char *name;
    bool known, needed;
    sal_constant *constant; /* else computed: */
    sal_value v, flat;      /* one of them may be missing */
    int type;
    const char *layer; /* of the layer that ends here, for a bias or batch norm to join */
    bool layer_has_bias;
    sal_value param; /* of the constant as it stands */
} sal_onnx_value;

struct sal_onnx {
    const sal_env *env;
    sal_graph *g;
    sal_params *params;
    sal_model *model;
    bool one_image;
    size_t n_inputs, n_outputs;
    sal_value *inputs;
    struct sal_onnx_output {
        sal_value value; /* or */
        sal_constant *constant;
    } * outputs;
    sal_names names; /* tensors and nodes to values; texts below */
    char **texts;
    size_t n_texts;
};

typedef struct sal_onnx_binding {
    const char *name;
    const Onnx__TensorProto *tensor;
} sal_onnx_binding;

/* What reading wants to know. */
typedef struct sal_onnx_job {
    const sal_onnx_options *options;
    const char *name, *folder; /* of the file */
    size_t size;               /* its bytes */
    size_t n_bound;            /* inputs that are constants */
    const sal_onnx_binding *bound;
    bool every_output;         /* the file's outputs as they are */
    bool no_batch, batch_only; /* else batch-first, then one-image */
} sal_onnx_job;

typedef struct sal_onnx_reader {
    struct sal_onnx_reader *outer; /* of a loop's body: the graph around it */
    const sal_env *env;
    const sal_onnx_job *job;
    const Onnx__GraphProto *proto;
    int64_t opset;
    bool one_image;
    bool mixes;    /* an operator wanted to touch axis 0 */
    int64_t batch; /* axis 0 of the inputs: the file's, or SAL_ONNX_BATCH */
    sal_onnx *out;
    sal_graph *g;
    sal_names names;
    sal_onnx_value *values;
    size_t n_values, room_values;
    struct sal_onnx_pending {
        float *data;
    } * pending; /* numbers of the graph's parameters */
    size_t n_pending, room_pending;
    size_t budget; /* elements that folding may still make, or what takes as long */
    char *text;    /* the node's name being mapped; room for parts */
    const char *last_layer;
} sal_onnx_reader;

struct sal_onnx_row;

/* A node with its inputs looked up. */
typedef struct sal_onnx_node {
    sal_onnx_reader *r;
    const Onnx__NodeProto *proto;
    const struct sal_onnx_row *row;
    const char *name;
    size_t n_in;
    sal_onnx_value **in; /* NULL: left out */
    size_t parts;        /* helper nodes made so far */
} sal_onnx_node;

typedef sal_status (*sal_onnx_map_fn)(sal_onnx_node *n, sal_error *err);

/* A row of ops.def: fold makes constants (all inputs are constants, or any_input), map graph nodes. */
typedef struct sal_onnx_row {
    const char *op;
    sal_onnx_map_fn fold, map;
    const char *graph_op; /* for maps that serve several operators */
    bool any_input;       /* fold needs no constants: Shape */
} sal_onnx_row;

extern const sal_onnx_row sal_onnx_rows_[]; /* ends with op NULL */

static inline const char *sal_onnx_text_(const char *t) /* of a field that may be missing */
{
    return t ? t : "";
}

/* ---- attributes (attrs.c) ------------------------------------------------------------------- */

const Onnx__AttributeProto *sal_onnx_attr_(const sal_onnx_node *n, const char *name);
int64_t sal_onnx_int_(const sal_onnx_node *n, const char *name, int64_t otherwise);
double sal_onnx_float_(const sal_onnx_node *n, const char *name, double otherwise);
bool sal_onnx_text_is_(const sal_onnx_node *n, const char *name, const char *text);
bool sal_onnx_has_(const sal_onnx_node *n, const char *name);
/* At most `most` numbers; *count 0 when absent. */
sal_status sal_onnx_ints_(const sal_onnx_node *n, const char *name, size_t most, int64_t *values,
                          size_t *count, sal_error *err);
/* The same, from an attribute (old files) or from a constant input; *given: there was one. */
sal_status sal_onnx_list_(const sal_onnx_node *n, const char *name, size_t input, size_t most,
                          int64_t *values, size_t *count, bool *given, sal_error *err);

/* ---- values (values.c) ---------------------------------------------------------------------- */

sal_onnx_value *sal_onnx_value_(sal_onnx_reader *r, const char *name); /* NULL: no memory */
bool sal_onnx_given_(const sal_onnx_node *n, size_t i);
bool sal_onnx_is_constant_(const sal_onnx_node *n, size_t i);
/* The constant of input i, or SAL_E_UNSUPPORTED. */
sal_status sal_onnx_constant_(const sal_onnx_node *n, size_t i, const sal_constant **out,
                              sal_error *err);
sal_status sal_onnx_set_constant_(sal_onnx_node *n, size_t output, sal_constant *c, sal_error *err);
/* Shape as ONNX sees it; axis 0 may be SAL_ONNX_BATCH. */
sal_status sal_onnx_shape_(const sal_onnx_node *n, size_t i, sal_shape *out, sal_error *err);
/* Makes *axis count from 0 along `rank` ONNX axes. */
sal_status sal_onnx_plain_axis_(const sal_onnx_node *n, int64_t *axis, size_t rank, sal_error *err);
/* Makes *axis an axis of the graph's tensor; touching axis 0 of a batch is an error. */
sal_status sal_onnx_axis_(const sal_onnx_node *n, int64_t *axis, size_t rank, sal_error *err);
sal_status sal_onnx_mixes_(const sal_onnx_node *n, sal_error *err);
sal_status sal_onnx_unsupported_(const sal_onnx_node *n, const char *what, sal_error *err);

/* ---- graph nodes and parameters (emit.c) ------------------------------------------------------ */

/* Input i as activation: with all its ONNX axes, or as [N, C, ...]. Constants are spread over N. */
sal_status sal_onnx_full_(sal_onnx_node *n, size_t i, sal_value *out, sal_error *err);
sal_status sal_onnx_flat_(sal_onnx_node *n, size_t i, sal_value *out, sal_error *err);
/* May input i be had as [N, C, ...]? */
bool sal_onnx_has_flat_(const sal_onnx_node *n, size_t i);

/* A helper node before the last: "name/part". Each looks at the graph's first mistake. */
sal_status sal_onnx_part_(sal_onnx_node *n, const char *op, const sal_op_attrs *a, size_t n_in,
                          const sal_value *in, sal_value *out, sal_error *err);
/* The node itself. */
sal_status sal_onnx_emit_(sal_onnx_node *n, const char *op, const sal_op_attrs *a, size_t n_in,
                          const sal_value *in, sal_value *out, sal_error *err);
sal_status sal_onnx_reshape_(sal_onnx_node *n, sal_value from, size_t rank, const int64_t *dims,
                             sal_value *out, sal_error *err);
/* Output `output` is v, with all ONNX axes or flat; type as input 0. */
sal_status sal_onnx_done_(sal_onnx_node *n, size_t output, sal_value v, bool flat, sal_error *err);
void sal_onnx_set_type_(sal_onnx_node *n, int type);

/* What a constant input becomes. data NULL: the constant's numbers as they are (and its parameter,
 * if the shape is the same, is made once); else data is taken over. */
typedef struct sal_onnx_param {
    sal_param_role role;
    const char *layer;
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
    float *data;
} sal_onnx_param;
sal_status sal_onnx_make_param_(sal_onnx_node *n, size_t i, const sal_onnx_param *p, sal_value *out,
                                sal_error *err);
/* A number that no input holds (an epsilon), by the node's name and `part`. */
sal_status sal_onnx_number_param_(sal_onnx_node *n, const char *part, double value, sal_value *out,
                                  sal_error *err);
/* As it stands. */
sal_status sal_onnx_plain_param_(sal_onnx_node *n, size_t i, sal_param_role role, const char *layer,
                                 sal_value *out, sal_error *err);

/* ---- a graph, or a body inside of it (scope.c) -------------------------------------------------- */

enum { SAL_ONNX_STATES = 32 }; /* most inputs and outputs of a body */

/* The body of a Loop or If; *job is the caller's and outlives the scope. */
sal_onnx_reader sal_onnx_scope_of_(sal_onnx_reader *r, const Onnx__GraphProto *body,
                                   sal_onnx_job *job);
void sal_onnx_close_(sal_onnx_reader *r);
sal_status sal_onnx_collect_names_(sal_onnx_reader *r, sal_error *err);
sal_onnx_value *sal_onnx_find_value_(sal_onnx_reader *r, const char *name); /* also outside */
sal_onnx_value *sal_onnx_body_value_(sal_onnx_reader *body, const Onnx__ValueInfoProto *info);
sal_status sal_onnx_add_constant_(sal_onnx_reader *r, const char *name, const Onnx__TensorProto *t,
                                  sal_error *err);
/* Takes from the budget, unless it is too small. */
bool sal_onnx_spend_(sal_onnx_reader *r, size_t elements);
/* Does anybody need an output of the node? */
bool sal_onnx_is_live_(sal_onnx_reader *r, const Onnx__NodeProto *node);
/* From the outputs that are marked to all that they are computed from, bodies included. */
sal_status sal_onnx_mark_needed_(sal_onnx_reader *r, sal_error *err);

/* ---- the steps of reading (outputs.c, sources.c, node.c) -------------------------------------- */

/* *logits: the tensor to explain, by name. */
sal_status sal_onnx_mark_outputs_(sal_onnx_reader *r, const char **logits, sal_error *err);
sal_status sal_onnx_take_outputs_(sal_onnx_reader *r, const char *logits, sal_error *err);
sal_value sal_onnx_best_(const sal_onnx_value *v); /* flat, or else with all axes */
sal_status sal_onnx_add_sources_(sal_onnx_reader *r, sal_error *err);
sal_status sal_onnx_map_node_(sal_onnx_reader *r, const Onnx__NodeProto *proto, sal_error *err);

/* ---- reading (read.c) --------------------------------------------------------------------------- */

sal_status sal_onnx_read_(const sal_env *env, const Onnx__ModelProto *model,
                          const sal_onnx_job *job, sal_onnx **out, sal_error *err);

#endif
