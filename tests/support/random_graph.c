/* tests/support/random_graph.c - see random_graph.h. */
#include "random_graph.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { C = RANDOM_CHANNELS, SIDE = RANDOM_SIDE };

static sal_value add_param(sal_graph *g, const char *node, const char *part, sal_param_role role,
                           size_t rank, const int64_t *dims)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", node, part);
    sal_param_info info = {.name = name, .layer = node, .role = role, .rank = rank};
    memcpy(info.dims, dims, rank * sizeof dims[0]);
    return sal_graph_param(g, &info);
}

static sal_value conv(sal_graph *g, const char *name, sal_value x, int64_t channels)
{
    sal_op_attrs a = {.kernel = {3, 3}, .pad = {1, 1, 1, 1}};
    sal_value all[3] = {x, 0, 0};
    all[1] = add_param(g, name, "weight", SAL_WEIGHT, 4, (const int64_t[]){C, channels, 3, 3});
    all[2] = add_param(g, name, "bias", SAL_BIAS, 1, (const int64_t[]){C});
    return sal_graph_node(g, "Conv", name, &a, 3, all);
}

static sal_value batch_norm(sal_graph *g, const char *name, sal_value x)
{
    static const char *const parts[4] = {"scale", "shift", "mean", "variance"};
    sal_value all[5] = {x, 0, 0, 0, 0};
    for (size_t i = 0; i < 4; i++)
        all[i + 1] = add_param(g, name, parts[i], (sal_param_role)(SAL_NORM_SCALE + (int)i), 1,
                               (const int64_t[]){C});
    return sal_graph_node(g, "BatchNormalization", name, NULL, 5, all);
}

/* x times a gate made of the means of its planes (Hu, Shen & Sun 2018) */
static sal_value squeeze(sal_graph *g, const char *name, sal_value x)
{
    char mean[40], gate[40];
    snprintf(mean, sizeof mean, "%s.mean", name);
    snprintf(gate, sizeof gate, "%s.gate", name);
    sal_value in[2] = {x, sal_graph_node(g, "GlobalAveragePool", mean, NULL, 1, &x)};
    in[1] = sal_graph_node(g, "Sigmoid", gate, NULL, 1, &in[1]);
    return sal_graph_node(g, "Mul", name, NULL, 2, in);
}

/* An operator whose second input is a parameter here and may be an activation elsewhere. */
static sal_value with_slopes(sal_graph *g, const char *op, const char *name, sal_value x)
{
    sal_value in[2] = {x, add_param(g, name, "slope", SAL_WEIGHT, 3, (const int64_t[]){C, 1, 1})};
    return sal_graph_node(g, op, name, NULL, 2, in);
}

static sal_value add_node(sal_graph *g, size_t i, sal_rng *rng, size_t n, const sal_value *at)
{
    static const char *const unary[] = {"Relu", "Sigmoid", "Tanh", "LeakyRelu", "Softmax"};
    static const char *const binary[] = {"Add", "Mul"}, *const sloped[] = {"PRelu", "Mul", "Sub"};
    char name[32], joined[40];
    sal_value in[3];
    snprintf(name, sizeof name, "node%zu", i);
    for (size_t k = 0; k < 3; k++) in[k] = at[sal_rng_below_(rng, n)];
    switch (sal_rng_below_(rng, 10)) {
    case 0:
        return conv(g, name, in[0], C);
    case 1:
        return batch_norm(g, name, in[0]);
    case 2:
        return sal_graph_node(g, "MaxPool", name,
                              &(sal_op_attrs){.kernel = {3, 3}, .pad = {1, 1, 1, 1}}, 1, in);
    case 3:
        snprintf(joined, sizeof joined, "%s.joined", name);
        return conv(g, name, sal_graph_node(g, "Concat", joined, NULL, 3, in), 3 * C);
    case 4:
    case 5:
        return sal_graph_node(g, binary[sal_rng_below_(rng, 2)], name, NULL, 2, in);
    case 6:
        return squeeze(g, name, in[0]);
    case 7:
        return with_slopes(g, sloped[sal_rng_below_(rng, 3)], name, in[0]);
    case 8:
        return sal_graph_node(g, "Max", name, NULL, 3, in);
    default:
        return sal_graph_node(g, unary[sal_rng_below_(rng, 5)], name, NULL, 1, in);
    }
}

static void fill(float *v, size_t n, double scale, bool positive, sal_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        double z = scale * sal_rng_normal_(rng);
        v[i] = (float)(positive ? 0.5 + fabs(z) : z);
    }
}

random_graph make_random_graph(uint64_t seed, size_t nodes, size_t batch)
{
    random_graph r = {.one = C * SIDE * SIDE};
    sal_rng rng = sal_rng_for(seed, "random graph", 0);
    sal_error err = {SAL_OK, ""};
    sal_value *at = calloc(nodes + 2, sizeof *at);
    assert_int_equal(sal_graph_create(NULL, "random", &r.g, NULL), SAL_OK);
    for (size_t k = 0; k < 2; k++) {
        at[k] = sal_graph_input(r.g, k ? "z" : "x", 3, (const int64_t[]){C, SIDE, SIDE});
        r.x[k] = calloc(batch * r.one, sizeof(float));
        fill(r.x[k], batch * r.one, 1, false, &rng);
    }
    for (size_t i = 0; i < nodes; i++) at[i + 2] = add_node(r.g, i, &rng, i + 2, at);
    free(at);
    if (sal_graph_check(r.g, &err) != SAL_OK) fail_msg("graph %zu: %s", (size_t)seed, err.text);
    assert_int_equal(sal_params_create(r.g, &r.params, NULL), SAL_OK);
    for (size_t i = 0; i < sal_params_count(r.params); i++) {
        float *v;
        assert_int_equal(sal_params_edit_(r.params, i, &v, NULL), SAL_OK);
        fill(v, sal_params_size(r.params, i), 0.3, r.g->params[i].info.role == SAL_NORM_VARIANCE,
             &rng);
    }
    return r;
}

void free_random_graph(random_graph *r)
{
    free(r->x[0]);
    free(r->x[1]);
    sal_params_free(r->params);
    sal_graph_free(r->g);
}
