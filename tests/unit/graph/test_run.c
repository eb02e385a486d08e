/* Runs: an image's bits do not depend on the batch, its place or its neighbours' parameters;
 * gradients of parameters agree with differences; backward rules override an operator. */
#include "support.h"

#include "graph/plan.h"

#include <salcheck/nn.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

typedef struct {
    const char *name;
    sal_graph *g;
    sal_params *params;
    sal_value x, y;
    size_t ins, outs;
} net;

static net start(const char *name, size_t rank, const int64_t *dims)
{
    net n = {.name = name, .ins = 1};
    assert_int_equal(sal_graph_create(NULL, name, &n.g, NULL), SAL_OK);
    n.x = sal_graph_input(n.g, "x", rank, dims);
    for (size_t i = 0; i < rank; i++) n.ins *= (size_t)dims[i];
    return n;
}

static net finish(net n, sal_value y)
{
    sal_error err = {SAL_OK, ""};
    if (sal_graph_check(n.g, &err) != SAL_OK) fail_msg("%s: %s", n.name, err.text);
    n.y = y;
    n.outs = sal_value_count_(n.g, y);
    assert_int_equal(sal_params_create(n.g, &n.params, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(n.g, n.params, 5, NULL), SAL_OK);
    return n;
}

static net dense_net(int64_t width)
{
    static const char *const names[] = {"dense 10", "dense 64", "dense 1024"};
    net n = start(names[width > 10 ? width > 64 ? 2 : 1 : 0], 1, &width);
    sal_dense_options hidden = {.units = width, .bias_init = "normal:std=0.3"},
                      last = {.units = 10};
    sal_value y = sal_nn_apply(n.g, "Relu", "relu", sal_nn_dense(n.g, "fc1", n.x, &hidden));
    return finish(n, sal_nn_dense(n.g, "fc2", y, &last));
}

static net conv_net(int64_t side)
{
    net n = start(side == 7 ? "conv 7" : "conv 12", 3, (const int64_t[]){2, side, side});
    sal_conv_options c = {
        .filters = 6, .kernel = {3, 3}, .same = true, .bias_init = "normal:std=0.3"};
    sal_value y = sal_nn_apply(n.g, "Relu", "relu1", sal_nn_conv(n.g, "conv1", n.x, &c));
    c.groups = 2;
    y = sal_nn_conv(n.g, "conv2", sal_nn_max_pool(n.g, "pool", y, 2), &c);
    y = sal_nn_apply(n.g, "Flatten", "flat", sal_nn_batch_norm(n.g, "norm", "conv2", y));
    return finish(n, sal_nn_dense(n.g, "fc", y, &(sal_dense_options){.units = 10}));
}

/* Operators whose inputs may be parameters: scale, slopes, a product from the right. */
static net either_net(void)
{
    net n = start("either", 2, (const int64_t[]){3, 20});
    sal_param_info scale = {.name = "scale", .init = "normal", .rank = 2, .dims = {3, 1}};
    sal_param_info slope = {.name = "slope", .init = "normal", .rank = 2, .dims = {3, 20}};
    sal_param_info right = {.name = "right", .init = "normal", .rank = 2, .dims = {20, 5}};
    sal_value y[2] = {n.x, sal_graph_param(n.g, &scale)};
    y[0] = sal_graph_node(n.g, "Mul", "scaled", NULL, 2, y);
    y[1] = sal_graph_param(n.g, &slope);
    y[0] = sal_graph_node(n.g, "PRelu", "bent", NULL, 2, y);
    y[1] = sal_graph_param(n.g, &right);
    y[0] = sal_graph_node(n.g, "MatMul", "product", NULL, 2, y);
    y[0] = sal_nn_apply(n.g, "Flatten", "flat", y[0]);
    y[1] = sal_graph_param(
        n.g, &(sal_param_info){.name = "last", .init = "normal", .rank = 2, .dims = {15, 4}});
    return finish(n, sal_graph_node(n.g, "MatMul", "out", NULL, 2, y));
}

/* Depthwise and 1 x 1 convolutions, which have ways of their own. */
static net separable_net(void)
{
    net n = start("separable", 3, (const int64_t[]){4, 9, 9});
    sal_conv_options deep = {.filters = 4, .kernel = {3, 3}, .groups = 4, .same = true};
    sal_conv_options wide = {.filters = 6, .bias_init = "normal:std=0.3"};
    sal_value y = sal_nn_apply(n.g, "Relu", "relu", sal_nn_conv(n.g, "deep", n.x, &deep));
    y = sal_nn_apply(n.g, "GlobalAveragePool", "mean", sal_nn_conv(n.g, "wide", y, &wide));
    y = sal_nn_apply(n.g, "Flatten", "flat", y);
    return finish(n, sal_nn_dense(n.g, "fc", y, &(sal_dense_options){.units = 5}));
}

static void free_net_of_run(net *n)
{
    sal_params_free(n->params);
    sal_graph_free(n->g);
}

static float *normals(size_t n, const char *purpose)
{
    float *x = calloc(n, sizeof *x);
    sal_rng rng = sal_rng_for(1, purpose, 0);
    for (size_t i = 0; i < n; i++) x[i] = (float)sal_rng_normal_(&rng);
    return x;
}

/* Outputs and input gradients of all images, `batch` at a time. */
static void evaluate(const net *n, size_t count, size_t batch, const float *x,
                     const sal_params *const *params, const float *seed, float *y, float *gx)
{
    sal_plan *plan = NULL;
    sal_wish w = {.batch = batch, .output = n->y, .n_gradients = 1, .gradients = &n->x};
    assert_int_equal(sal_plan_create_(n->g, &w, &plan, NULL), SAL_OK);
    for (size_t first = 0; first < count; first += batch) {
        size_t some = count - first < batch ? count - first : batch;
        sal_plan_forward_(plan, some, (const float *[]){x + first * n->ins}, params + first);
        memcpy(y + first * n->outs, sal_plan_value_(plan, n->y), some * n->outs * sizeof *y);
        sal_plan_backward_(plan, seed + first * n->outs, NULL);
        memcpy(gx + first * n->ins, sal_plan_gradient_(plan, n->x), some * n->ins * sizeof *gx);
    }
    sal_plan_free_(plan);
}

/* Whatever the batch, the same bits as one image at a time. */
static void same_bits_in_any_batch(const net *n, const char *what, const sal_params *const *params)
{
    static const size_t batches[] = {2, 3, 7, 16, 17, MOST};
    float *x = normals(MOST * n->ins, "x"), *seed = normals(MOST * n->outs, "seed");
    float *y[2], *gx[2];
    for (size_t k = 0; k < 2; k++) {
        y[k] = calloc(MOST * n->outs, sizeof(float));
        gx[k] = calloc(MOST * n->ins, sizeof(float));
    }
    evaluate(n, MOST, 1, x, params, seed, y[0], gx[0]);
    for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
        evaluate(n, MOST, batches[b], x, params, seed, y[1], gx[1]);
        for (size_t i = 0; i < MOST; i++) {
            if (memcmp(y[0] + i * n->outs, y[1] + i * n->outs, n->outs * sizeof(float)))
                fail_msg("%s, %s, batch %zu: output of image %zu", n->name, what, batches[b], i);
            if (memcmp(gx[0] + i * n->ins, gx[1] + i * n->ins, n->ins * sizeof(float)))
                fail_msg("%s, %s, batch %zu: gradient of image %zu", n->name, what, batches[b], i);
        }
    }
    for (size_t k = 0; k < 2; k++) {
        free(y[k]);
        free(gx[k]);
    }
    free(x);
    free(seed);
}

/* Sets of parameters: the net's own, the same with one tensor changed, all tensors changed. */
static void make_sets(const net *n, sal_params *sets[3])
{
    for (size_t k = 0; k < 3; k++)
        assert_int_equal(sal_params_clone(n->params, &sets[k], NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(n->params); i++)
        for (size_t k = i == 0 ? 1 : 2; k < 3; k++) {
            float *v;
            assert_int_equal(sal_params_edit_(sets[k], i, &v, NULL), SAL_OK);
            for (size_t e = 0; e < sal_params_size(sets[k], i); e++) v[e] += 0.25f * (float)k;
        }
}

static void bits_do_not_depend_on_the_batch(void **state)
{
    (void)state;
    net nets[7] = {dense_net(10), dense_net(64), dense_net(1024), conv_net(7),
                   conv_net(12),  either_net(),  separable_net()};
    for (size_t k = 0; k < 7; k++) {
        const sal_params *all[MOST];
        sal_params *sets[3];
        make_sets(&nets[k], sets);
        for (size_t i = 0; i < MOST; i++) all[i] = nets[k].params;
        same_bits_in_any_batch(&nets[k], "shared parameters", all);
        for (size_t i = 0; i < MOST; i++) all[i] = sets[i % 3];
        same_bits_in_any_batch(&nets[k], "parameters in turn", all);
        for (size_t i = 0; i < MOST; i++) all[i] = sets[i * i / 37 % 3];
        same_bits_in_any_batch(&nets[k], "runs of parameters", all);
        for (size_t s = 0; s < 3; s++) sal_params_free(sets[s]);
        free_net_of_run(&nets[k]);
    }
}

/* d sum(w y) / d parameter against central differences, where two branches share the input and one
 * layer's output is used twice. */
static void parameter_gradients_agree_with_differences(void **state)
{
    (void)state;
    net n = start("two branches", 1, (const int64_t[]){5});
    sal_dense_options o = {.units = 6, .bias_init = "normal:std=0.3"};
    sal_value a = sal_nn_apply(n.g, "Tanh", "tanh", sal_nn_dense(n.g, "left", n.x, &o));
    sal_value b = sal_nn_apply(n.g, "Sigmoid", "sigmoid", sal_nn_dense(n.g, "right", n.x, &o));
    sal_value both = sal_graph_node(n.g, "Mul", "both", NULL, 2, (const sal_value[]){a, b});
    sal_value sum = sal_graph_node(n.g, "Add", "sum", NULL, 2, (const sal_value[]){both, a});
    n = finish(n, sal_nn_dense(n.g, "out", sum, &(sal_dense_options){.units = 2}));
    enum { N = 3 };
    float *x = normals(N * n.ins, "x"), *seed = normals(N * n.outs, "seed"), *got[6];
    const sal_params *all[N] = {n.params, n.params, n.params};
    sal_plan *plan = NULL;
    sal_wish w = {.batch = N, .output = n.y, .params = true};
    assert_int_equal(sal_plan_create_(n.g, &w, &plan, NULL), SAL_OK);
    assert_int_equal(sal_params_count(n.params), 6);
    for (size_t i = 0; i < 6; i++) got[i] = calloc(sal_params_size(n.params, i), sizeof(float));
    sal_plan_forward_(plan, N, (const float *[]){x}, all);
    sal_plan_backward_(plan, seed, got);
    for (size_t i = 0; i < 6; i++)
        for (size_t e = 0; e < sal_params_size(n.params, i); e++) {
            float *v;
            double f[2];
            assert_int_equal(sal_params_edit_(n.params, i, &v, NULL), SAL_OK);
            float keep = v[e], place[2] = {keep - 5e-3f, keep + 5e-3f};
            for (size_t side = 0; side < 2; side++) {
                v[e] = place[side];
                sal_plan_forward_(plan, N, (const float *[]){x}, all);
                const float *y = sal_plan_value_(plan, n.y);
                f[side] = 0;
                for (size_t k = 0; k < N * n.outs; k++) f[side] += (double)seed[k] * (double)y[k];
            }
            v[e] = keep;
            double want = (f[1] - f[0]) / ((double)place[1] - (double)place[0]);
            if (!(fabs((double)got[i][e] - want) <= 2e-3 * (1 + fabs(want))))
                fail_msg("parameter %zu, element %zu: %g, differences say %g", i, e,
                         (double)got[i][e], want);
        }
    /* gradients are added to what is there */
    float before = got[0][0];
    sal_plan_forward_(plan, N, (const float *[]){x}, all);
    sal_plan_backward_(plan, seed, got);
    assert_near("added", (double)got[0][0], 2 * (double)before, 1e-5);
    for (size_t i = 0; i < 6; i++) free(got[i]);
    sal_plan_free_(plan);
    free(x);
    free(seed);
    free_net_of_run(&n);
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void guided(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t i = 0; gx[0] && i < c->n_out; i++)
        gx[0][i] += c->in[0][i] > 0 && gy[i] > 0 ? gy[i] : 0;
}

/* Reads what the operator itself never would: both inputs and the output of Add. */
static void by_share(const sal_op_call *c, const float *gy, float *const *gx)
{
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; gx[k] && i < c->n_out; i++) gx[k][i] += gy[i] * c->in[k][i] / c->out[i];
}

static void rules_replace_an_operators_backward(void **state)
{
    (void)state;
    sal_graph *g = NULL;
    sal_params *p = NULL;
    sal_plan *plan = NULL;
    assert_int_equal(sal_graph_create(NULL, "net", &g, NULL), SAL_OK);
    sal_value x = sal_graph_input(g, "x", 1, (const int64_t[]){4});
    sal_value a = sal_graph_node(g, "Relu", "a", NULL, 1, &x);
    sal_value b = sal_graph_node(g, "LeakyRelu", "b", &(sal_op_attrs){.alpha = 0.5}, 1, &x);
    sal_value sum = sal_graph_node(g, "Add", "sum", NULL, 2, (const sal_value[]){a, b});
    sal_value y = sal_graph_node(g, "Flatten", "y", NULL, 1, &sum);
    assert_int_equal(sal_params_create(g, &p, NULL), SAL_OK);
    const sal_backward_rule rows[] = {{"Relu", guided}, {"Add", by_share}, {"Absent", guided}};
    const sal_backward_rules rules = {3, rows}, none = {0, NULL};
    float in[4] = {2, 4, -2, 8}, seed[4] = {1, -1, 3, 2};
    /* shares of a, b: (1/2, 1/2), (1/2, 1/2), (0, 1), (1/2, 1/2); LeakyRelu stays itself */
    static const float want[4] = {1, -0.5f, 1.5f, 2}, plain[4] = {2, -2, 1.5f, 4};
    for (int ruled = 0; ruled < 2; ruled++) {
        sal_wish w = {
            .output = y, .n_gradients = 1, .gradients = &x, .rules = ruled ? &rules : &none};
        assert_int_equal(sal_plan_create_(g, &w, &plan, NULL), SAL_OK);
        sal_plan_forward_(plan, 1, (const float *[]){in}, (const sal_params *[]){p});
        sal_plan_backward_(plan, seed, NULL);
        assert_memory_equal(sal_plan_gradient_(plan, x), ruled ? want : plain, sizeof want);
        sal_plan_free_(plan);
    }
    sal_params_free(p);
    sal_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_do_not_depend_on_the_batch),
        cmocka_unit_test(parameter_gradients_agree_with_differences),
        cmocka_unit_test(rules_replace_an_operators_backward),
    };
    return !!cmocka_run_group_tests(tests, NULL, NULL);
}
