/* tests/support/toys.c - see toys.h. */
#include "toys.h"
#include "support.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>

toy_classes make_classes(size_t n, uint64_t seed)
{
    toy_classes c = {n, calloc(2 * n, sizeof *c.x), calloc(n, sizeof *c.labels), NULL};
    sal_rng rng = sal_rng_for(seed, "toy classes", 0);
    for (size_t i = 0; i < n; i++) {
        c.labels[i] = (int64_t)(i % 3);
        double turn = ((double)c.labels[i] + 0.1 + 0.8 * sal_rng_uniform_(&rng)) / 3;
        double radius = 0.2 + sal_rng_uniform_(&rng);
        c.x[2 * i] = (float)(radius * cos(6.283185307179586 * turn));
        c.x[2 * i + 1] = (float)(radius * sin(6.283185307179586 * turn));
    }
    assert_int_equal(sal_tensor_view_of(NULL, c.x, 2, (const int64_t[]){(int64_t)n, 2}, &c.t, NULL),
                     SAL_OK);
    return c;
}

void free_classes(toy_classes *c)
{
    sal_tensor_free(c->t);
    free(c->x);
    free(c->labels);
}

toy_mlp make_mlp(const sal_env *env, int64_t units)
{
    toy_mlp m = {NULL, NULL, 0, 0};
    sal_error err = {SAL_OK, ""};
    assert_int_equal(sal_graph_create(env, "toy", &m.g, NULL), SAL_OK);
    m.x = sal_graph_input(m.g, "x", 1, (const int64_t[]){2});
    m.y = sal_nn_dense(m.g, "fc1", m.x, &(sal_dense_options){.units = units});
    m.y = sal_nn_apply(m.g, "Tanh", "tanh", m.y);
    m.y = sal_nn_dense(m.g, "fc2", m.y, &(sal_dense_options){.units = 3});
    if (sal_graph_check(m.g, &err) != SAL_OK) fail_msg("toy: %s", err.text);
    assert_int_equal(sal_params_create(m.g, &m.p, NULL), SAL_OK);
    assert_int_equal(sal_nn_initialise(m.g, m.p, 1, NULL), SAL_OK);
    return m;
}

void free_mlp(toy_mlp *m)
{
    sal_params_free(m->p);
    sal_graph_free(m->g);
}
