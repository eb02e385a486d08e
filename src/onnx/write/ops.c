/* onnx/write/ops.c - the graph's operators in ONNX's words. Truth values and indices, which the graph
 * keeps as floats, get the types that a file needs, and become floats again behind the node. */
#include "onnx/write/writer.h"

#include "graph/ops/resize.h"

#include <math.h>
#include <string.h>

typedef void (*write_fn)(sal_onnx_writer *w, const sal_node *n);

/* Attributes; the node is begun and ended by the caller. */

static bool is_given(double x)
{
    return x < 0 || x > 0 || signbit(x);
}

static void slopes(sal_onnx_writer *w, const sal_node *n)
{
    const char *op = n->op->name;
    bool shrink = !strcmp(op, "Shrink"), selu = !strcmp(op, "Selu");
    bool beta = shrink || !strcmp(op, "HardSigmoid");
    if (is_given(n->attrs.alpha)) sal_write_float_(w, shrink ? "lambd" : "alpha", n->attrs.alpha);
    if (beta && is_given(n->attrs.beta))
        sal_write_float_(w, shrink ? "bias" : "beta", n->attrs.beta);
    if (selu && is_given(n->attrs.gamma)) sal_write_float_(w, "gamma", n->attrs.gamma);
}

static void gelu(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_text_(w, "approximate", n->attrs.mode == 1 ? "tanh" : "none");
}

static void is_inf(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_int_(w, "detect_negative", n->attrs.mode != 1);
    sal_write_int_(w, "detect_positive", n->attrs.mode != 2);
}

static void fmod_attr(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_int_(w, "fmod", n->attrs.mode == 1);
}

static void axis(sal_onnx_writer *w, const sal_node *n)
{
    bool table = !strcmp(n->op->name, "Gather") && n->attrs.fixed_ & 1;
    sal_write_int_(w, "axis", table ? 0 : n->attrs.axis);
}

static void arg(sal_onnx_writer *w, const sal_node *n)
{
    axis(w, n);
    sal_write_int_(w, "keepdims", n->attrs.keep_dims);
    sal_write_int_(w, "select_last_index", n->attrs.mode == 1);
}

static void window(sal_onnx_writer *w, const sal_node *n)
{
    const sal_op_attrs *a = &n->attrs;
    size_t axes = n->in_shape[0].rank - 2, from = 2 - axes;
    int64_t pads[4];
    memcpy(pads, a->pad + from, axes * sizeof pads[0]);
    memcpy(pads + axes, a->pad + 2 + from, axes * sizeof pads[0]);
    sal_write_ints_(w, "kernel_shape", axes, a->kernel + from);
    sal_write_ints_(w, "strides", axes, a->stride + from);
    sal_write_ints_(w, "pads", 2 * axes, pads);
    if (strcmp(n->op->name, "AveragePool") != 0)
        sal_write_ints_(w, "dilations", axes, a->dilation + from);
    if (a->ceil_mode) sal_write_int_(w, "ceil_mode", 1);
    if (a->count_padding) sal_write_int_(w, "count_include_pad", 1);
    if (!strncmp(n->op->name, "Conv", 4)) sal_write_int_(w, "group", a->groups);
    if (!strcmp(n->op->name, "ConvTranspose"))
        sal_write_ints_(w, "output_padding", axes, a->ends + from);
}

static void gemm(sal_onnx_writer *w, const sal_node *n)
{
    (void)n;
    sal_write_int_(w, "transB", 1);
}

static void norm(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_float_(w, "epsilon", n->attrs.epsilon);
    if (!strcmp(n->op->name, "LayerNormalization")) axis(w, n);
}

static void lrn(sal_onnx_writer *w, const sal_node *n)
{
    const sal_op_attrs *a = &n->attrs;
    sal_write_int_(w, "size", a->kernel[0]);
    sal_write_float_(w, "alpha", is_given(a->alpha) ? a->alpha : 1e-4);
    sal_write_float_(w, "beta", is_given(a->beta) ? a->beta : 0.75);
    sal_write_float_(w, "bias", is_given(a->gamma) ? a->gamma : 1);
}

static void cum_sum(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_int_(w, "exclusive", n->attrs.mode & 1);
    sal_write_int_(w, "reverse", n->attrs.mode >> 1);
}

static void blocks(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_int_(w, "blocksize", n->attrs.kernel[0]);
    if (!strcmp(n->op->name, "DepthToSpace"))
        sal_write_text_(w, "mode", n->attrs.mode ? "CRD" : "DCR");
}

static void transpose(sal_onnx_writer *w, const sal_node *n)
{
    sal_write_ints_(w, "perm", n->attrs.n_axes, n->attrs.axes);
}

/* Axes of a reduction; none means all but N. */
static size_t reduced(const sal_node *n, int64_t axes[SAL_MAX_RANK])
{
    memcpy(axes, n->attrs.axes, sizeof n->attrs.axes);
    if (n->attrs.n_axes) return n->attrs.n_axes;
    for (size_t i = 1; i < n->in_shape[0].rank; i++) axes[i - 1] = (int64_t)i;
    return n->in_shape[0].rank - 1;
}

static void reduce(sal_onnx_writer *w, const sal_node *n)
{
    int64_t axes[SAL_MAX_RANK];
    size_t count = reduced(n, axes);
    sal_write_int_(w, "keepdims", n->attrs.keep_dims);
    if (w->opset < 18 && strcmp(n->op->name, "ReduceSum") != 0)
        sal_write_ints_(w, "axes", count, axes);
}

static void pad(sal_onnx_writer *w, const sal_node *n)
{
    static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
    sal_write_text_(w, "mode", modes[n->attrs.mode]);
}

static void resize(sal_onnx_writer *w, const sal_node *n)
{
    static const char *const places[] = {"half_pixel",           "asymmetric",
                                         "align_corners",        "pytorch_half_pixel",
                                         "half_pixel_symmetric", "tf_half_pixel_for_nn"};
    static const char *const rounding[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                           "ceil"};
    int64_t mode = n->attrs.mode;
    sal_write_text_(w, "mode",
                    (mode & SAL_RESIZE_KIND) == SAL_RESIZE_LINEAR ? "linear" : "nearest");
    sal_write_text_(w, "coordinate_transformation_mode",
                    places[(mode & SAL_RESIZE_COORDINATES) >> 4]);
    sal_write_text_(w, "nearest_mode", rounding[(mode & SAL_RESIZE_ROUNDING) >> 8]);
    if (w->opset >= 18) sal_write_ints_(w, "axes", n->attrs.n_axes, n->attrs.axes);
}

/* ---- the table: what a row is not in, ONNX does not have ---------------------------------------------- */

typedef enum { FLOATS, TRUTHS, INDICES } result_type;

static const struct op_row {
    const char *op;
    write_fn attributes;
    result_type result;
    unsigned truths, indices; /* bit i: input i is of that type */
    int64_t opset;            /* 0 = 17 */
} rows[] = {
    {.op = "Abs"},
    {.op = "Acos"},
    {.op = "Acosh"},
    {.op = "Add"},
    {.op = "And", .result = TRUTHS, .truths = 3},
    {.op = "ArgMax", .attributes = arg, .result = INDICES},
    {.op = "ArgMin", .attributes = arg, .result = INDICES},
    {.op = "Asin"},
    {.op = "Asinh"},
    {.op = "Atan"},
    {.op = "Atanh"},
    {.op = "AveragePool", .attributes = window},
    {.op = "BatchNormalization", .attributes = norm},
    {.op = "Cast"},
    {.op = "Ceil"},
    {.op = "Celu", .attributes = slopes},
    {.op = "Clip"},
    {.op = "Concat", .attributes = axis},
    {.op = "Conv", .attributes = window},
    {.op = "ConvTranspose", .attributes = window},
    {.op = "Cos"},
    {.op = "Cosh"},
    {.op = "CumSum", .attributes = cum_sum},
    {.op = "DepthToSpace", .attributes = blocks},
    {.op = "Div"},
    {.op = "Elu", .attributes = slopes},
    {.op = "Equal", .result = TRUTHS},
    {.op = "Erf"},
    {.op = "Exp"},
    {.op = "Expand"},
    {.op = "Flatten"},
    {.op = "Floor"},
    {.op = "Gather", .attributes = axis, .indices = 2},
    {.op = "Gelu", .attributes = gelu, .opset = 20},
    {.op = "Gemm", .attributes = gemm},
    {.op = "GlobalAveragePool"},
    {.op = "GlobalMaxPool"},
    {.op = "Greater", .result = TRUTHS},
    {.op = "GreaterOrEqual", .result = TRUTHS},
    {.op = "HardSigmoid", .attributes = slopes},
    {.op = "HardSwish"},
    {.op = "Identity"},
    {.op = "InstanceNormalization", .attributes = norm},
    {.op = "IsInf", .attributes = is_inf, .result = TRUTHS},
    {.op = "IsNaN", .result = TRUTHS},
    {.op = "LRN", .attributes = lrn},
    {.op = "LayerNormalization", .attributes = norm},
    {.op = "LeakyRelu", .attributes = slopes},
    {.op = "Less", .result = TRUTHS},
    {.op = "LessOrEqual", .result = TRUTHS},
    {.op = "Log"},
    {.op = "LogSoftmax", .attributes = axis},
    {.op = "MatMul"},
    {.op = "Max"},
    {.op = "MaxPool", .attributes = window},
    {.op = "Mean"},
    {.op = "Min"},
    {.op = "Mish", .opset = 18},
    {.op = "Mod", .attributes = fmod_attr},
    {.op = "Mul"},
    {.op = "Neg"},
    {.op = "Not", .result = TRUTHS, .truths = 1},
    {.op = "Or", .result = TRUTHS, .truths = 3},
    {.op = "PRelu"},
    {.op = "Pad", .attributes = pad},
    {.op = "Pow"},
    {.op = "Reciprocal"},
    {.op = "ReduceL1", .attributes = reduce},
    {.op = "ReduceL2", .attributes = reduce},
    {.op = "ReduceLogSum", .attributes = reduce},
    {.op = "ReduceLogSumExp", .attributes = reduce},
    {.op = "ReduceMax", .attributes = reduce},
    {.op = "ReduceMean", .attributes = reduce},
    {.op = "ReduceMin", .attributes = reduce},
    {.op = "ReduceProd", .attributes = reduce},
    {.op = "ReduceSum", .attributes = reduce},
    {.op = "ReduceSumSquare", .attributes = reduce},
    {.op = "Relu"},
    {.op = "Reshape"},
    {.op = "Resize", .attributes = resize},
    {.op = "Round"},
    {.op = "Selu", .attributes = slopes},
    {.op = "Shrink", .attributes = slopes},
    {.op = "Sigmoid"},
    {.op = "Sign"},
    {.op = "Sin"},
    {.op = "Sinh"},
    {.op = "Slice"},
    {.op = "Softmax", .attributes = axis},
    {.op = "Softplus"},
    {.op = "Softsign"},
    {.op = "SpaceToDepth", .attributes = blocks},
    {.op = "Spread"},
    {.op = "Sqrt"},
    {.op = "Sub"},
    {.op = "Sum"},
    {.op = "Tan"},
    {.op = "Tanh"},
    {.op = "ThresholdedRelu", .attributes = slopes},
    {.op = "Tile"},
    {.op = "Transpose", .attributes = transpose},
    {.op = "Where", .truths = 1},
    {.op = "Xor", .result = TRUTHS, .truths = 3},
};

static const struct op_row *row_of(const sal_node *n)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!strcmp(rows[i].op, n->op->name)) return &rows[i];
    return NULL;
}

static bool by_sizes(const sal_node *n)
{
    for (size_t k = 0; k < n->attrs.n_axes; k++)
        if (!(n->attrs.scales[k] > 0)) return true;
    return false;
}

int64_t sal_write_opset_(const sal_node *n)
{
    const struct op_row *row = row_of(n);
    const sal_op_attrs *a = &n->attrs;
    if (!row) return 0;
    if (row->opset) return row->opset;
    if (!strcmp(row->op, "Resize")) return by_sizes(n) ? 18 : 17;
    if (!strcmp(row->op, "Pad")) return a->mode == 3 ? 19 : 17;
    if (!strcmp(row->op, "AveragePool") && (a->dilation[0] != 1 || a->dilation[1] != 1)) return 0;
    return 17;
}

int sal_write_input_type_(const sal_node *n, size_t i)
{
    const struct op_row *row = row_of(n);
    unsigned bit = i < 32 ? 1u << i : 0;
    return row->truths & bit ? SAL_T_BOOL : row->indices & bit ? SAL_T_INT64 : SAL_T_FLOAT;
}

/* ---- inputs that are attributes here -------------------------------------------------------------------- */

enum { MORE = 4 };

typedef struct inputs {
    size_t n;
    const char *in[SAL_WRITE_INPUTS + MORE];
    char name[MORE][SAL_WRITE_NAME];
} inputs;

static void add_list(sal_onnx_writer *w, const sal_node *n, inputs *x, size_t count,
                     const int64_t *values)
{
    size_t k = 0;
    while (k < MORE - 1 && x->name[k][0]) k++;
    x->in[x->n++] = sal_write_list_(w, n, count, values, x->name[k]);
}

static void add_number(sal_onnx_writer *w, const sal_node *n, inputs *x, double value)
{
    size_t k = 0;
    while (k < MORE - 1 && x->name[k][0]) k++;
    x->in[x->n++] = isinf(value) ? "" : sal_write_number_(w, n, (float)value, x->name[k]);
}

static void add_pads(sal_onnx_writer *w, const sal_node *n, inputs *x)
{
    int64_t pads[2 * SAL_MAX_RANK] = {0};
    size_t rank = n->in_shape[0].rank;
    for (size_t k = 0; k < n->attrs.n_axes; k++) {
        pads[n->attrs.axes[k]] = n->attrs.starts[k];
        pads[(size_t)n->attrs.axes[k] + rank] = n->attrs.ends[k];
    }
    add_list(w, n, x, 2 * rank, pads);
    add_number(w, n, x, n->attrs.alpha);
}

static void add_scales(sal_onnx_writer *w, const sal_node *n, inputs *x);

static void add_inputs(sal_onnx_writer *w, const sal_node *n, inputs *x)
{
    const sal_op_attrs *a = &n->attrs;
    const char *op = n->op->name;
    int64_t list[SAL_MAX_RANK + 1] = {0};
    if (!strcmp(op, "Reshape") || !strcmp(op, "Tile")) {
        list[0] = !strcmp(op, "Tile");
        memcpy(list + 1, a->dims, a->rank * sizeof list[0]);
        add_list(w, n, x, a->rank + 1, list);
    } else if (!strcmp(op, "Expand")) {
        add_list(w, n, x, a->rank, a->dims);
    } else if (!strcmp(op, "Slice")) {
        for (size_t k = 0; k < a->n_axes; k++) list[k] = a->steps[k] ? a->steps[k] : 1;
        add_list(w, n, x, a->n_axes, a->starts);
        add_list(w, n, x, a->n_axes, a->ends);
        add_list(w, n, x, a->n_axes, a->axes);
        add_list(w, n, x, a->n_axes, list);
    } else if (!strncmp(op, "Reduce", 6) && (w->opset >= 18 || !strcmp(op, "ReduceSum"))) {
        size_t count = reduced(n, list);
        add_list(w, n, x, count, list);
    } else if (!strcmp(op, "Clip")) {
        bool bounded = a->low < 0 || a->low > 0 || a->high < 0 || a->high > 0;
        add_number(w, n, x, bounded ? a->low : (double)-INFINITY);
        add_number(w, n, x, bounded ? a->high : (double)INFINITY);
    } else if (!strcmp(op, "CumSum")) {
        x->in[x->n++] = sal_write_index_(w, n, a->axis, x->name[0]);
    } else if (!strcmp(op, "Pad")) {
        add_pads(w, n, x);
    } else if (!strcmp(op, "Resize")) {
        add_scales(w, n, x);
    }
}

/* Resize: no region of interest; scales of all axes, or sizes of those that change. */
static void add_scales(sal_onnx_writer *w, const sal_node *n, inputs *x)
{
    const sal_op_attrs *a = &n->attrs;
    x->in[x->n++] = "";
    if (by_sizes(n)) {
        int64_t sizes[SAL_MAX_RANK];
        const sal_shape *out = &w->g->values[n->out].shape;
        for (size_t k = 0; k < a->n_axes; k++) sizes[k] = out->dims[a->axes[k]];
        x->in[x->n++] = "";
        add_list(w, n, x, a->n_axes, sizes);
        return;
    }
    float scales[SAL_MAX_RANK];
    size_t rank = n->in_shape[0].rank, count = w->opset >= 18 ? a->n_axes : rank;
    for (size_t i = 0; i < count; i++) scales[i] = 1;
    for (size_t k = 0; k < a->n_axes; k++)
        scales[w->opset >= 18 ? k : (size_t)a->axes[k]] = (float)a->scales[k];
    x->in[x->n++] = sal_write_floats_(w, n, count, scales, x->name[0]);
}

/* ---- whole operators -------------------------------------------------------------------------------------- */

static void cast(sal_onnx_writer *w, const char *from, const char *name, int type)
{
    sal_write_begin_(w, "Cast", name, 1, &from, name);
    sal_write_int_(w, "to", type);
    sal_write_end_(w);
}

/* The parameter expanded to [N, dims], N read from the other input. */
static void spread(sal_onnx_writer *w, const sal_node *n, const char *const *in)
{
    char first[SAL_WRITE_NAME], rest[SAL_WRITE_NAME], shape[SAL_WRITE_NAME];
    sal_write_name_(w, n, first);
    sal_write_begin_(w, "Shape", first, 1, in, first);
    sal_write_int_(w, "start", 0);
    sal_write_int_(w, "end", 1);
    sal_write_end_(w);
    const char *parts[2] = {first,
                            sal_write_list_(w, n, n->in_shape[1].rank, n->in_shape[1].dims, rest)};
    sal_write_name_(w, n, shape);
    sal_write_begin_(w, "Concat", shape, 2, parts, shape);
    sal_write_int_(w, "axis", 0);
    sal_write_end_(w);
    const char *both[2] = {in[1], shape};
    sal_write_begin_(w, "Expand", n->name, 2, both, n->name);
    sal_write_end_(w);
}

/* Softmax over an axis and all after it: as lines, and back. */
static void flat_softmax(sal_onnx_writer *w, const sal_node *n, const char *from)
{
    char shape[SAL_WRITE_NAME], lines[SAL_WRITE_NAME], soft[SAL_WRITE_NAME];
    int64_t list[SAL_MAX_RANK] = {0};
    size_t count = (size_t)n->attrs.axis;
    const char *in[2] = {from, NULL};
    list[count] = -1;
    in[1] = sal_write_list_(w, n, count + 1, list, shape);
    sal_write_name_(w, n, lines);
    sal_write_begin_(w, "Reshape", lines, 2, in, lines);
    sal_write_end_(w);
    in[0] = lines;
    sal_write_name_(w, n, soft);
    sal_write_begin_(w, n->op->name, soft, 1, in, soft);
    sal_write_int_(w, "axis", -1);
    sal_write_end_(w);
    memcpy(list, n->in_shape[0].dims, sizeof list);
    list[0] = 0;
    in[0] = soft;
    in[1] = sal_write_list_(w, n, n->in_shape[0].rank, list, shape);
    sal_write_begin_(w, "Reshape", n->name, 2, in, n->name);
    sal_write_end_(w);
}

void sal_write_op_(sal_onnx_writer *w, const sal_node *n, const char *const *in)
{
    const struct op_row *row = row_of(n);
    char inner[SAL_WRITE_NAME];
    bool soft = !strcmp(row->op, "Softmax") || !strcmp(row->op, "LogSoftmax");
    if (!strcmp(row->op, "Spread")) {
        spread(w, n, in);
        return;
    }
    if (soft && n->attrs.mode == 1 && n->attrs.axis > 0) {
        flat_softmax(w, n, in[0]);
        return;
    }
    if (!strcmp(row->op, "Cast")) {
        int between = n->attrs.mode == 1   ? SAL_T_INT64
                      : n->attrs.mode == 2 ? SAL_T_BOOL
                                           : SAL_T_FLOAT;
        const char *from = in[0];
        if (between != SAL_T_FLOAT) {
            cast(w, from, sal_write_name_(w, n, inner), between);
            from = inner;
        }
        cast(w, from, n->name, SAL_T_FLOAT);
        return;
    }
    inputs x = {.n = n->n_in};
    memcpy(x.in, in, n->n_in * sizeof in[0]);
    add_inputs(w, n, &x);
    const char *out = n->name;
    if (row->result != FLOATS) out = sal_write_name_(w, n, inner);
    sal_write_begin_(w, row->op, out, x.n, x.in, out);
    if (row->attributes) row->attributes(w, n);
    sal_write_end_(w);
    if (row->result != FLOATS) cast(w, inner, n->name, SAL_T_FLOAT);
}
