/* Written and read back: every operator of the registry with every sample, and whole networks. The
 * outputs have the same bits, and so have the parameters of networks. */
#define _POSIX_C_SOURCE 200809L /* getpid */
#include "nets.h"
#include "support.h"

#include "graph/plan.h"

#include <salcheck/nn.h>
#include <salcheck/onnx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 8 };

static char path[64];

/* ---- one operator ------------------------------------------------------------------------------ */

typedef struct {
    const sal_op_def *op;
    const sal_op_sample *sample;
    sal_graph *g;
    sal_params *params;
    float *data[MOST]; /* of the inputs, as they come */
    size_t n_inputs, n;
    sal_value out;
} one;

static bool is_fixed(const one *o, size_t k)
{
    return (o->op->params | (o->op->either & o->sample->fixed)) >> k & 1;
}

static float number(const one *o, size_t k, size_t i, sal_rng *rng)
{
    if (!strcmp(o->op->name, "Gather") && k == 1) return (float)(i % 3);
    if (o->sample->fill[k] == SAL_FILL_BITS) return (float)(i % 2);
    return (float)(0.5 + sal_rng_uniform_(rng));
}

static one build(const sal_op_def *op, const sal_op_sample *s)
{
    one o = {.op = op, .sample = s};
    sal_rng rng = sal_rng_for(5, op->name, 0);
    float *fixed[MOST];
    size_t n_fixed = 0;
    sal_value in[MOST];
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_graph_create(NULL, "one", &o.g, NULL), SAL_OK);
    for (size_t k = 0; k < s->n_in; k++) {
        char name[8];
        size_t count = sal_shape_count_from_(&s->in[k], 0);
        float *values = calloc(count, sizeof *values);
        snprintf(name, sizeof name, "in%zu", k);
        for (size_t i = 0; i < count; i++) values[i] = number(&o, k, i, &rng);
        if (is_fixed(&o, k)) {
            sal_param_info info = {.name = name, .layer = "out", .rank = s->in[k].rank};
            memcpy(info.dims, s->in[k].dims, sizeof info.dims);
            fixed[n_fixed++] = values;
            in[k] = sal_graph_param(o.g, &info);
        } else {
            o.n = (size_t)s->in[k].dims[0];
            o.data[o.n_inputs++] = values;
            in[k] = sal_graph_input(o.g, name, s->in[k].rank - 1, s->in[k].dims + 1);
        }
    }
    o.out = sal_graph_node(o.g, op->name, "out", &s->attrs, s->n_in, in);
    if (sal_graph_check(o.g, &err) != SAL_OK) fail_msg("%s, %s: %s", op->name, s->name, err.text);
    assert_int_equal(sal_params_create(o.g, &o.params, NULL), SAL_OK);
    for (size_t i = 0; i < n_fixed; i++) {
        assert_int_equal(sal_params_set(o.params, i, fixed[i], NULL), SAL_OK);
        free(fixed[i]);
    }
    return o;
}

static float *run(const sal_graph *g, const sal_params *p, sal_value out, const one *o)
{
    const sal_params *all[64];
    sal_plan *plan = NULL;
    sal_wish wish = {.batch = o->n, .output = out};
    assert_true(o->n <= 64);
    for (size_t i = 0; i < o->n; i++) all[i] = p;
    assert_int_equal(sal_plan_create_(g, &wish, &plan, NULL), SAL_OK);
    sal_plan_forward_(plan, o->n, (const float *const *)o->data, all);
    size_t count = o->n * sal_value_count_(g, out);
    float *copy = calloc(count, sizeof *copy);
    memcpy(copy, sal_plan_value_(plan, out), count * sizeof *copy);
    sal_plan_free_(plan);
    return copy;
}

static bool round_trip(const sal_op_def *op, const sal_op_sample *s)
{
    one o = build(op, s);
    sal_error err = {SAL_OK, ""};
    sal_onnx *back = NULL;
    sal_status st = sal_onnx_save(o.g, o.out, o.params, path, &err);
    bool written = st == SAL_OK;
    if (st == SAL_OK)
        st = sal_onnx_load(NULL, path, &(sal_onnx_options){.output = "out"}, &back, &err);
    if (st != SAL_OK && st != SAL_E_UNSUPPORTED)
        fail_msg("%s, %s: %s", op->name, s->name, err.text);
    if (written && st != SAL_OK) fail_msg("%s, %s: %s", op->name, s->name, err.text);
    if (st == SAL_OK) {
        size_t count = o.n * sal_value_count_(o.g, o.out);
        float *first = run(o.g, o.params, o.out, &o);
        assert_int_equal(sal_onnx_get_graph(back)->n_inputs, o.n_inputs);
        float *second =
            run(sal_onnx_get_graph(back), sal_onnx_get_params(back), sal_onnx_output(back), &o);
        for (size_t i = 0; i < count; i++)
            if (memcmp(&first[i], &second[i], sizeof *first) != 0)
                fail_msg("%s, %s: element %zu was %.9g and is %.9g", op->name, s->name, i,
                         (double)first[i], (double)second[i]);
        free(first);
        free(second);
    }
    sal_onnx_free(back);
    sal_params_free(o.params);
    sal_graph_free(o.g);
    for (size_t i = 0; i < o.n_inputs; i++) free(o.data[i]);
    return st == SAL_OK;
}

/* What ONNX does not have, or has only after opset 20. */
static const char *const not_written[] = {"GroupNormalization", "MeanSquaredError",
                                          "SoftmaxCrossEntropyLoss"};

static void every_operator_reads_back(void **state)
{
    (void)state;
    size_t cases = 0;
    for (size_t i = 0; sal_ops_[i]; i++)
        for (size_t s = 0; s < sal_ops_[i]->n_samples; s++) {
            bool expected = true;
            for (size_t k = 0; k < sizeof not_written / sizeof not_written[0]; k++)
                if (!strcmp(not_written[k], sal_ops_[i]->name)) expected = false;
            bool done = round_trip(sal_ops_[i], &sal_ops_[i]->samples[s]);
            if (done != expected)
                fail_msg("%s, %s: written: %d", sal_ops_[i]->name, sal_ops_[i]->samples[s].name,
                         done);
            cases += done;
        }
    print_message("%zu cases\n", cases);
}

/* ---- networks ------------------------------------------------------------------------------------ */

static void assert_same_params(const sal_graph *a, const sal_params *p, const sal_onnx *o)
{
    const sal_graph *b = sal_onnx_get_graph(o);
    assert_int_equal(sal_graph_param_count(a), sal_graph_param_count(b));
    for (size_t i = 0; i < sal_graph_param_count(a); i++) {
        sal_param_info first, second;
        assert_int_equal(sal_graph_param_info(a, i, &first, NULL), SAL_OK);
        assert_int_equal(sal_graph_param_info(b, i, &second, NULL), SAL_OK);
        assert_string_equal(first.name, second.name);
        assert_string_equal(first.layer, second.layer);
        assert_int_equal(first.role, second.role);
        assert_memory_equal(sal_params_get(p, i), sal_params_get(sal_onnx_get_params(o), i),
                            sal_params_size(p, i) * sizeof(float));
    }
}

static void assert_same_logits(const sal_model *a, const sal_model *b)
{
    int64_t dims[SAL_MAX_RANK + 1] = {3};
    size_t rank = sal_model_input_shape(a, dims + 1), n = 3 * sal_model_outputs(a);
    sal_tensor *x = NULL;
    float *first = calloc(n, sizeof *first), *second = calloc(n, sizeof *second);
    sal_rng rng = sal_rng_for(9, "inputs", 0);
    assert_int_equal(sal_tensor_create(NULL, rank + 1, dims, &x, NULL), SAL_OK);
    for (size_t i = 0; i < sal_tensor_count(x); i++)
        sal_tensor_data(x)[i] = (float)sal_rng_normal_(&rng);
    assert_int_equal(sal_model_predict(a, x, first, NULL), SAL_OK);
    assert_int_equal(sal_model_predict(b, x, second, NULL), SAL_OK);
    assert_memory_equal(first, second, n * sizeof *first);
    sal_tensor_free(x);
    free(first);
    free(second);
}

static void a_built_network_reads_back(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 3);
    sal_error err = {SAL_OK, ""};
    sal_onnx *o = NULL;
    assert_int_equal(sal_onnx_save(net.g, sal_graph_find(net.g, "fc2"), net.params, path, &err),
                     SAL_OK);
    if (sal_onnx_load(NULL, path, NULL, &o, &err) != SAL_OK) fail_msg("%s", err.text);
    assert_same_params(net.g, net.params, o);
    assert_same_logits(net.model, sal_onnx_get_model(o));
    sal_onnx_free(o);
    free_net(&net);
}

static void files_read_back(void **state)
{
    (void)state;
    static const char *const nets[] = {"mnist_cnn", "resnet8_cifar10", "vww96_mobilenet_v1_025"};
    if (!golden_folder()) skip();
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        char from[1024];
        sal_error err = {SAL_OK, ""};
        sal_onnx *o = NULL, *back = NULL;
        snprintf(from, sizeof from, "%s/../models/%s.onnx", golden_folder(), nets[i]);
        if (sal_onnx_load(NULL, from, NULL, &o, &err) != SAL_OK) fail_msg("%s", err.text);
        if (sal_onnx_save(sal_onnx_get_graph(o), sal_onnx_output(o), sal_onnx_get_params(o), path,
                          &err) != SAL_OK)
            fail_msg("%s: %s", nets[i], err.text);
        if (sal_onnx_load(NULL, path, NULL, &back, &err) != SAL_OK) fail_msg("%s", err.text);
        assert_same_params(sal_onnx_get_graph(o), sal_onnx_get_params(o), back);
        assert_same_logits(sal_onnx_get_model(o), sal_onnx_get_model(back));
        sal_onnx_free(o);
        sal_onnx_free(back);
    }
}

static void wrong_arguments(void **state)
{
    (void)state;
    test_net net = small_cnn(NULL, 3);
    sal_value out = sal_graph_find(net.g, "fc2"), in = sal_graph_find(net.g, "input");
    assert_int_equal(sal_onnx_save(NULL, out, net.params, path, NULL), SAL_E_ARG);
    assert_int_equal(sal_onnx_save(net.g, in, net.params, path, NULL), SAL_E_ARG);
    assert_int_equal(sal_onnx_save(net.g, SAL_NO_VALUE, net.params, path, NULL), SAL_E_ARG);
    assert_int_equal(sal_onnx_save(net.g, out, net.params, "/nowhere/at/all.onnx", NULL), SAL_E_IO);
    free_net(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_operator_reads_back), cmocka_unit_test(a_built_network_reads_back),
        cmocka_unit_test(files_read_back), cmocka_unit_test(wrong_arguments)};
    snprintf(path, sizeof path, "/tmp/salcheck-save-%ld.onnx", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return !!failed;
}
