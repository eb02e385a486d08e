/**
 * graph.h - networks as graphs: build once, plan, run. Parameters live outside of the graph
 * (sal_params), so that an original and a randomised network run side by side.
 *
 * Building calls return a value's number; the first mistake is kept in the graph and every later
 * call passes it on, so that only sal_graph_check() needs looking at. nn.h builds whole layers.
 */
#ifndef SALCHECK_GRAPH_H
#define SALCHECK_GRAPH_H

#include <salcheck/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sal_graph sal_graph;
typedef struct sal_params sal_params;

/** A tensor of the graph: an input, a parameter or what a node makes. Negative: a mistake. */
typedef int32_t sal_value;
#define SAL_NO_VALUE ((sal_value)-1)

/** What a parameter is; randomising treats each kind by its own policy. */
typedef enum sal_param_role {
    SAL_WEIGHT = 0,
    SAL_BIAS,
    SAL_NORM_SCALE,
    SAL_NORM_SHIFT,
    SAL_NORM_MEAN,
    SAL_NORM_VARIANCE,
    SAL_FIXED /* of an operator, not learned: never randomised, never trained */
} sal_param_role;

/** A parameter tensor. Texts are borrowed from the graph. */
typedef struct sal_param_info {
    const char *name, *layer;
    const char *init; /* initialiser (nn.h), NULL = unknown */
    sal_param_role role;
    size_t rank;
    int64_t dims[SAL_MAX_RANK];
    size_t fan_in, fan_out; /* 0 = unknown */
} sal_param_info;

/** Constants of a node; an operator reads what it needs and says so in its file. Zero = default;
 * where alpha, beta or gamma have a default, -0.0 is a zero that is meant.
 * Axes are counted with N, which is axis 0 of every activation and cannot be touched. */
typedef struct sal_op_attrs {
    int64_t kernel[2], stride[2], dilation[2]; /* rows, columns; stride and dilation 0 = 1 */
    int64_t pad[4];                            /* top, left, bottom, right */
    int64_t groups;                            /* 0 = 1 */
    int64_t axis;                              /* 0 = the operator's default: 1, or the last */
    double alpha, beta, gamma;                 /* LeakyRelu: alpha 0 = 0.01 */
    double low, high;
    double epsilon;     /* 0 = 1e-5 */
    bool count_padding; /* AveragePool divides by the whole window */
    bool ceil_mode;     /* pools: windows may hang over the end */
    bool keep_dims;
    int64_t mode; /* a choice; the operator's file lists them */
    size_t rank;  /* Reshape: dims of one input, without N */
    int64_t dims[SAL_MAX_RANK];
    size_t n_axes; /* length of the lists below */
    int64_t axes[SAL_MAX_RANK], starts[SAL_MAX_RANK], ends[SAL_MAX_RANK], steps[SAL_MAX_RANK];
    double scales[SAL_MAX_RANK];
    uint32_t fixed_; /* set by the graph: bit i, input i has no N */
} sal_op_attrs;

/**
 * Starts an empty graph.
 *
 * owner   *out is the caller's; sal_graph_free()
 * errors  SAL_E_ARG, SAL_E_NOMEM
 */
SAL_API sal_status sal_graph_create(const sal_env *env, const char *name, sal_graph **out,
                                    sal_error *err);
SAL_API void sal_graph_free(sal_graph *g); /* NULL is fine */

/** Adds an input; dims are those of one input, without N. */
SAL_API sal_value sal_graph_input(sal_graph *g, const char *name, size_t rank, const int64_t *dims);

/** Adds a parameter (texts are copied). Parameters with the same layer name are one layer. */
SAL_API sal_value sal_graph_param(sal_graph *g, const sal_param_info *info);

/** Adds a node of an operator by its ONNX name ("Conv", "Relu"); attrs NULL = all defaults. */
SAL_API sal_value sal_graph_node(sal_graph *g, const char *op, const char *name,
                                 const sal_op_attrs *attrs, size_t n_inputs,
                                 const sal_value *inputs);

/**
 * SAL_OK, or the first mistake made while building.
 *
 * errors  SAL_E_ARG (an unknown operator or value, a name used twice, ...), SAL_E_SHAPE, SAL_E_NOMEM
 */
SAL_API sal_status sal_graph_check(const sal_graph *g, sal_error *err);

/** The value with this name (a node's output has the node's name), or SAL_NO_VALUE. */
SAL_API sal_value sal_graph_find(const sal_graph *g, const char *name);

/** The value's name, borrowed from the graph; NULL when there is no such value. */
SAL_API const char *sal_graph_value_name(const sal_graph *g, sal_value v);

/** Shape of a value for one input, without N; the rank is returned. */
SAL_API size_t sal_graph_shape(const sal_graph *g, sal_value v, int64_t dims[SAL_MAX_RANK]);

SAL_API size_t sal_graph_param_count(const sal_graph *g);

/**
 * What is known of parameter i.
 *
 * owner   *out is the caller's; its texts are borrowed from g
 * errors  SAL_E_ARG
 */
SAL_API sal_status sal_graph_param_info(const sal_graph *g, size_t i, sal_param_info *out,
                                        sal_error *err);

SAL_API size_t sal_graph_layer_count(const sal_graph *g);
SAL_API const char *sal_graph_layer_name(const sal_graph *g, size_t layer); /* in order of use */

/**
 * Makes a set of parameters, all zero; sal_nn_initialise() fills it.
 *
 * owner   *out is the caller's; sal_params_free(); it does not need the graph later
 * errors  SAL_E_ARG, SAL_E_NOMEM
 */
SAL_API sal_status sal_params_create(const sal_graph *g, sal_params **out, sal_error *err);

/**
 * Another set with the same values: shares memory until one of the two is written to.
 *
 * owner   *out is the caller's; sal_params_free()
 * errors  SAL_E_ARG, SAL_E_NOMEM
 */
SAL_API sal_status sal_params_clone(const sal_params *p, sal_params **out, sal_error *err);
SAL_API void sal_params_free(sal_params *p); /* NULL is fine */

SAL_API size_t sal_params_count(const sal_params *p);
SAL_API size_t sal_params_size(const sal_params *p, size_t i);      /* elements of tensor i */
SAL_API const float *sal_params_get(const sal_params *p, size_t i); /* borrowed */

/**
 * Writes tensor i: values holds sal_params_size(p, i) numbers.
 *
 * owner   values stay the caller's
 * errors  SAL_E_ARG, SAL_E_VALUE (which element is not finite), SAL_E_NOMEM
 */
SAL_API sal_status sal_params_set(sal_params *p, size_t i, const float *values, sal_error *err);

#ifdef __cplusplus
}
#endif
#endif
