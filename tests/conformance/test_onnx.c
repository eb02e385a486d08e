/* The ONNX project's own test cases, as Debian's libonnx-testdata has them: every case that loads must
 * give the outputs it says, and enough of them must load. A case's inputs that an operator needs as
 * constants are bound as constants. SALCHECK_VERBOSE=1 prints why a case is not supported. */
#define _GNU_SOURCE /* scandir */
#include "support.h"

#include "graph/plan.h"
#include "onnx/read/reader.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST = 32, OPS = 256, LEAST_PASSED = 500 };

static const char root[] = "/usr/share/libonnx-testdata/data";
static const char *const sets[] = {"node", "simple", "pytorch-operator", "pytorch-converted"};

/* What the issue of a release promises: each of these passes at least one case here. */
static const char *const promised[] = {"Abs",
                                       "Acos",
                                       "Add",
                                       "And",
                                       "ArgMax",
                                       "ArgMin",
                                       "Asin",
                                       "Atan",
                                       "AveragePool",
                                       "BatchNormalization",
                                       "Cast",
                                       "Ceil",
                                       "Clip",
                                       "Concat",
                                       "Constant",
                                       "ConstantOfShape",
                                       "Conv",
                                       "ConvTranspose",
                                       "Cos",
                                       "DepthToSpace",
                                       "Div",
                                       "Dropout",
                                       "Elu",
                                       "Equal",
                                       "Erf",
                                       "Exp",
                                       "Expand",
                                       "Flatten",
                                       "Floor",
                                       "Gather",
                                       "Gemm",
                                       "GlobalAveragePool",
                                       "GlobalMaxPool",
                                       "Greater",
                                       "HardSigmoid",
                                       "HardSwish",
                                       "Identity",
                                       "InstanceNormalization",
                                       "LRN",
                                       "LayerNormalization",
                                       "LeakyRelu",
                                       "Less",
                                       "Log",
                                       "LogSoftmax",
                                       "MatMul",
                                       "Max",
                                       "MaxPool",
                                       "Mean",
                                       "Min",
                                       "Mul",
                                       "Neg",
                                       "Not",
                                       "Or",
                                       "PRelu",
                                       "Pad",
                                       "Pow",
                                       "Reciprocal",
                                       "ReduceL1",
                                       "ReduceL2",
                                       "ReduceLogSum",
                                       "ReduceLogSumExp",
                                       "ReduceMax",
                                       "ReduceMean",
                                       "ReduceMin",
                                       "ReduceProd",
                                       "ReduceSum",
                                       "ReduceSumSquare",
                                       "Relu",
                                       "Reshape",
                                       "Resize",
                                       "Round",
                                       "Selu",
                                       "Shape",
                                       "Sigmoid",
                                       "Sign",
                                       "Sin",
                                       "Slice",
                                       "Softmax",
                                       "Softplus",
                                       "Split",
                                       "Sqrt",
                                       "Squeeze",
                                       "Sub",
                                       "Sum",
                                       "Tan",
                                       "Tanh",
                                       "Transpose",
                                       "Unsqueeze",
                                       "Upsample",
                                       "Where"};

typedef struct {
    char op[48];
    size_t passed, unsupported, failed;
} tally;

typedef struct {
    tally ops[OPS];
    size_t n_ops;
    tally all;
    char passed_ops[OPS][48]; /* also inside of larger networks */
    size_t n_passed_ops;
    bool verbose;
} score;

typedef enum { PASSED, UNSUPPORTED, FAILED } result;

/* One case with the data of one of its sets. */
typedef struct {
    char folder[600];
    Onnx__ModelProto *model;
    size_t size, n_in, n_out;
    const char *names[MOST];
    Onnx__TensorProto *in[MOST], *out[MOST];
    char why[1000];
} trial;

static ProtobufCMessage *read_message(const char *path, const ProtobufCMessageDescriptor *kind,
                                      size_t *size)
{
    unsigned char *bytes = NULL;
    ProtobufCMessage *m = NULL;
    if (sal_onnx_read_bytes_(NULL, path, 0, SIZE_MAX, &bytes, size, NULL) != SAL_OK) return NULL;
    sal_onnx_unpack_(NULL, path, kind, *size, bytes, &m, NULL);
    sal_free_(NULL, bytes);
    return m;
}

static Onnx__TensorProto *read_tensor(const char *folder, const char *what, size_t k)
{
    char path[1200];
    size_t size;
    snprintf(path, sizeof path, "%s/%s_%zu.pb", folder, what, k);
    return (void *)read_message(path, &onnx__tensor_proto__descriptor, &size);
}

static bool is_initializer(const Onnx__GraphProto *g, const char *name)
{
    for (size_t i = 0; i < g->n_initializer; i++)
        if (!strcmp(g->initializer[i]->name, name)) return true;
    return false;
}

/* The cases hold bfloat16 numbers as 16-bit ones: the model says what they are. */
static void set_type(Onnx__TensorProto *t, const Onnx__ValueInfoProto *info)
{
    if (t && t->data_type == SAL_T_UINT16 && info->type->tensor_type->elem_type == SAL_T_BFLOAT16)
        t->data_type = SAL_T_BFLOAT16;
}

static void read_data(trial *t, const char *folder)
{
    const Onnx__GraphProto *g = t->model->graph;
    t->n_in = t->n_out = 0;
    for (size_t i = 0; i < g->n_input && t->n_in < MOST; i++) {
        if (is_initializer(g, g->input[i]->name)) continue;
        t->names[t->n_in] = g->input[i]->name;
        t->in[t->n_in] = read_tensor(folder, "input", t->n_in);
        set_type(t->in[t->n_in], g->input[i]);
        t->n_in++;
    }
    for (size_t i = 0; i < g->n_output && t->n_out < MOST; i++) {
        t->out[t->n_out] = read_tensor(folder, "output", i);
        set_type(t->out[t->n_out++], g->output[i]);
    }
}

static void free_data(trial *t)
{
    for (size_t i = 0; i < t->n_in; i++) sal_onnx_release_(NULL, (void *)t->in[i]);
    for (size_t i = 0; i < t->n_out; i++) sal_onnx_release_(NULL, (void *)t->out[i]);
}

static bool near_enough(double got, double want)
{
    if (isnan(want)) return isnan(got);
    if (isinf(want)) return isinf(got) && (got > 0) == (want > 0);
    return fabs(got - want) <= 1e-7 + 1e-3 * fabs(want);
}

static bool same_shape(const sal_shape *got, const sal_shape *want)
{
    if (sal_shape_equal_(got, want)) return true;
    size_t skip = got->rank > want->rank ? got->rank - want->rank : 0; /* N = 1 in front */
    for (size_t i = 0; i < skip; i++)
        if (got->dims[i] != 1) return false;
    return got->rank - skip == want->rank &&
           !memcmp(got->dims + skip, want->dims, want->rank * sizeof want->dims[0]);
}

static bool compare(trial *t, size_t k, const sal_shape *shape, const float *f,
                    const sal_constant *c, const sal_constant *want)
{
    char one[SAL_SHAPE_TEXT], two[SAL_SHAPE_TEXT];
    if (!same_shape(shape, &want->shape)) {
        snprintf(t->why, sizeof t->why, "output %zu is %s, wanted %s", k,
                 sal_shape_text_(shape, one, sizeof one),
                 sal_shape_text_(&want->shape, two, sizeof two));
        return false;
    }
    for (size_t i = 0; i < want->count; i++) {
        double got = f ? (double)f[i] : sal_constant_number_(c, i),
               w = sal_constant_number_(want, i);
        if (near_enough(got, w)) continue;
        snprintf(t->why, sizeof t->why, "output %zu, element %zu: %.9g, wanted %.9g", k, i, got, w);
        return false;
    }
    return true;
}

/* The inputs' numbers, in the order of the graph's inputs; returns N. */
static size_t gather_inputs(const trial *t, const sal_onnx *o, float **data)
{
    size_t n = 1;
    for (size_t i = 0; i < o->n_inputs; i++) {
        const char *name = o->g->values[o->inputs[i]].name;
        for (size_t k = 0; k < t->n_in; k++) {
            sal_constant *c = NULL;
            if (strcmp(t->names[k], name) != 0) continue;
            if (sal_onnx_tensor_(NULL, NULL, t->in[k], &c, NULL) != SAL_OK) continue;
            data[i] = calloc(c->count + 1, sizeof(float));
            for (size_t e = 0; e < c->count; e++) data[i][e] = (float)sal_constant_number_(c, e);
            size_t each = sal_value_count_(o->g, o->inputs[i]);
            if (c->count / each > n) n = c->count / each;
            sal_constant_free_(NULL, c);
        }
    }
    return n;
}

static result run_output(trial *t, const sal_onnx *o, size_t k, const sal_constant *want)
{
    if (o->outputs[k].constant)
        return compare(t, k, &o->outputs[k].constant->shape, NULL, o->outputs[k].constant, want)
                   ? PASSED
                   : FAILED;
    float *data[MOST] = {NULL};
    const sal_params *params[4096];
    size_t n = gather_inputs(t, o, data);
    sal_plan *plan = NULL;
    sal_wish wish = {.batch = n, .output = o->outputs[k].value};
    result r = FAILED;
    snprintf(t->why, sizeof t->why, "no plan");
    if (n && n <= 4096 && sal_plan_create_(o->g, &wish, &plan, NULL) == SAL_OK) {
        for (size_t i = 0; i < n; i++) params[i] = o->params;
        sal_plan_forward_(plan, n, (const float *const *)data, params);
        sal_shape shape = o->g->values[wish.output].shape;
        shape.dims[0] = (int64_t)n;
        const float *y = sal_plan_value_(plan, wish.output);
        r = compare(t, k, &shape, y, NULL, want) ? PASSED : FAILED;
    }
    sal_plan_free_(plan);
    for (size_t i = 0; i < o->n_inputs; i++) free(data[i]);
    return r;
}

static result run_outputs(trial *t, const sal_onnx *o)
{
    result r = PASSED;
    for (size_t k = 0; r == PASSED && k < t->n_out; k++) {
        sal_constant *want = NULL;
        if (!t->out[k] || sal_onnx_tensor_(NULL, NULL, t->out[k], &want, NULL) != SAL_OK) {
            snprintf(t->why, sizeof t->why, "output %zu is no tensor of numbers", k);
            return UNSUPPORTED;
        }
        r = run_output(t, o, k, want);
        sal_constant_free_(NULL, want);
    }
    return r;
}

/* free_inputs: bit k, input k is given when the network runs; the others are constants. */
static result try_with(trial *t, unsigned free_inputs)
{
    sal_onnx_binding bound[MOST];
    sal_onnx_job job = {.name = "case", .size = t->size, .bound = bound, .every_output = true};
    sal_error err = {SAL_OK, ""};
    sal_onnx *o = NULL;
    for (size_t k = 0; k < t->n_in; k++) {
        if (!t->in[k]) return UNSUPPORTED;
        if (free_inputs >> k & 1) continue;
        bound[job.n_bound++] = (sal_onnx_binding){t->names[k], t->in[k]};
    }
    if (sal_onnx_read_(NULL, t->model, &job, &o, &err) != SAL_OK) {
        size_t used = strlen(t->why);
        snprintf(t->why + used, sizeof t->why - used, "%s%s", used ? " | " : "", err.text);
        return UNSUPPORTED;
    }
    result r = run_outputs(t, o);
    sal_onnx_free(o);
    return r;
}

static result try_all_ways(trial *t)
{
    unsigned all = t->n_in >= 31 ? 0x7fffffffu : (1u << t->n_in) - 1;
    t->why[0] = '\0';
    result r = try_with(t, all);
    for (size_t k = 0; r == UNSUPPORTED && t->n_in > 1 && k < t->n_in; k++)
        r = try_with(t, 1u << k);
    return r == UNSUPPORTED ? try_with(t, 0) : r;
}

static tally *tally_of(score *s, const char *op)
{
    for (size_t i = 0; i < s->n_ops; i++)
        if (!strcmp(s->ops[i].op, op)) return &s->ops[i];
    assert_true(s->n_ops < OPS);
    snprintf(s->ops[s->n_ops].op, sizeof s->ops[0].op, "%s", op);
    return &s->ops[s->n_ops++];
}

static void count(tally *t, result r)
{
    t->passed += r == PASSED;
    t->unsupported += r == UNSUPPORTED;
    t->failed += r == FAILED;
}

static void note_passed(score *s, const char *op)
{
    for (size_t i = 0; i < s->n_passed_ops; i++)
        if (!strcmp(s->passed_ops[i], op)) return;
    if (s->n_passed_ops < OPS) snprintf(s->passed_ops[s->n_passed_ops++], 48, "%s", op);
}

static void run_case(score *s, const char *set, const char *name)
{
    trial t = {.n_in = 0};
    char path[1024];
    snprintf(t.folder, sizeof t.folder, "%s/%s/%s", root, set, name);
    snprintf(path, sizeof path, "%s/model.onnx", t.folder);
    t.model = (void *)read_message(path, &onnx__model_proto__descriptor, &t.size);
    if (!t.model || !t.model->graph) fail_msg("%s: cannot be read", path);
    result r = PASSED;
    for (size_t k = 0; r == PASSED && k < 16; k++) {
        struct stat st;
        snprintf(path, sizeof path, "%s/test_data_set_%zu", t.folder, k);
        if (stat(path, &st)) break;
        read_data(&t, path);
        r = try_all_ways(&t);
        free_data(&t);
    }
    const Onnx__GraphProto *g = t.model->graph;
    count(tally_of(s, g->n_node == 1 ? g->node[0]->op_type : "(several)"), r);
    count(&s->all, r);
    for (size_t i = 0; r == PASSED && i < g->n_node; i++) note_passed(s, g->node[i]->op_type);
    if (r == FAILED) print_message("%s/%s FAILED: %s\n", set, name, t.why);
    if (r == UNSUPPORTED && s->verbose) print_message("%s/%s: %s\n", set, name, t.why);
    sal_onnx_release_(NULL, (void *)t.model);
}

static void run_set(score *s, const char *set)
{
    char path[600];
    struct dirent **all;
    snprintf(path, sizeof path, "%s/%s", root, set);
    int n = scandir(path, &all, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (all[i]->d_name[0] != '.') run_case(s, set, all[i]->d_name);
        free(all[i]);
    }
    if (n >= 0) free(all);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const tally *)a)->op, ((const tally *)b)->op);
}

static void the_projects_own_cases(void **state)
{
    (void)state;
    static score s;
    struct stat st;
    if (stat(root, &st)) {
        print_message("%s is not there (package libonnx-testdata): left out\n", root);
        skip();
    }
    s.verbose = getenv("SALCHECK_VERBOSE") != NULL;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) run_set(&s, sets[i]);
    qsort(s.ops, s.n_ops, sizeof s.ops[0], by_name);
    print_message("%-28s %7s %12s %7s\n", "operator", "passed", "unsupported", "failed");
    for (size_t i = 0; i < s.n_ops; i++)
        print_message("%-28s %7zu %12zu %7zu\n", s.ops[i].op, s.ops[i].passed, s.ops[i].unsupported,
                      s.ops[i].failed);
    print_message("%-28s %7zu %12zu %7zu\n", "all", s.all.passed, s.all.unsupported, s.all.failed);
    size_t missing = 0;
    for (size_t i = 0; i < sizeof promised / sizeof promised[0]; i++) {
        bool found = false;
        for (size_t k = 0; k < s.n_passed_ops; k++)
            found = found || !strcmp(s.passed_ops[k], promised[i]);
        if (!found) print_message("no case passes with %s\n", promised[i]);
        missing += !found;
    }
    assert_int_equal(s.all.failed, 0);
    assert_int_equal(missing, 0);
    if (s.all.passed < LEAST_PASSED)
        fail_msg("%zu cases passed, wanted at least %d", s.all.passed, LEAST_PASSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_projects_own_cases)};
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
