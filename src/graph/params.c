/* graph/params.c - parameter sets: blocks with a reference count, copied when written to. */
#include "graph/graph.h"

#include <stdatomic.h>
#include <string.h>

struct sal_block {
    atomic_size_t users;
    size_t count;
    float *values;
};

static sal_block *make_block(const sal_env *env, size_t count) /* values are not set */
{
    sal_block *b = sal_alloc_(env, sizeof *b);
    if (!b) return NULL;
    atomic_init(&b->users, 1);
    b->count = count;
    b->values = sal_alloc_array_(env, count, sizeof *b->values);
    if (b->values) return b;
    sal_free_(env, b);
    return NULL;
}

static void leave_block(const sal_env *env, sal_block *b)
{
    if (!b || atomic_fetch_sub(&b->users, 1) != 1) return;
    sal_free_(env, b->values);
    sal_free_(env, b);
}

static sal_params *make_set(const sal_env *env, size_t n)
{
    sal_params *p = sal_alloc_zero_(env, 1, sizeof *p);
    if (!p) return NULL;
    p->env = env;
    p->n = n;
    p->blocks = sal_alloc_zero_(env, n ? n : 1, sizeof *p->blocks);
    if (p->blocks) return p;
    sal_free_(env, p);
    return NULL;
}

sal_status sal_params_create_for_(const sal_env *env, size_t n, const size_t *counts,
                                  sal_params **out, sal_error *err)
{
    sal_params *p = make_set(env, n);
    if (!p) return sal_no_memory_(err, "parameters");
    for (size_t i = 0; i < n; i++) {
        p->blocks[i] = make_block(env, counts[i]);
        if (!p->blocks[i]) {
            sal_params_free(p);
            return sal_no_memory_(err, "parameters");
        }
        memset(p->blocks[i]->values, 0, counts[i] * sizeof(float));
    }
    *out = p;
    return SAL_OK;
}

sal_status sal_params_create(const sal_graph *g, sal_params **out, sal_error *err)
{
    if (!g || !out) return sal_fail_(err, SAL_E_ARG, "graph or out is NULL");
    size_t *counts = sal_alloc_array_(g->env, g->n_params + 1, sizeof *counts);
    if (!counts) return sal_no_memory_(err, "parameters");
    for (size_t i = 0; i < g->n_params; i++) counts[i] = g->params[i].count;
    sal_status st = sal_params_create_for_(g->env, g->n_params, counts, out, err);
    sal_free_(g->env, counts);
    return st;
}

sal_status sal_params_clone(const sal_params *p, sal_params **out, sal_error *err)
{
    if (!p || !out) return sal_fail_(err, SAL_E_ARG, "parameters or out is NULL");
    sal_params *copy = make_set(p->env, p->n);
    if (!copy) return sal_no_memory_(err, "parameters");
    for (size_t i = 0; i < p->n; i++) {
        copy->blocks[i] = p->blocks[i];
        atomic_fetch_add(&copy->blocks[i]->users, 1);
    }
    *out = copy;
    return SAL_OK;
}

void sal_params_free(sal_params *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->n; i++) leave_block(p->env, p->blocks[i]);
    sal_free_(p->env, p->blocks);
    sal_free_(p->env, p);
}

size_t sal_params_count(const sal_params *p)
{
    return p->n;
}

size_t sal_params_size(const sal_params *p, size_t i)
{
    return i < p->n ? p->blocks[i]->count : 0;
}

const float *sal_params_get(const sal_params *p, size_t i)
{
    return i < p->n ? p->blocks[i]->values : NULL;
}

sal_status sal_params_belong_(const sal_graph *g, const sal_params *p, sal_error *err)
{
    if (p->n != g->n_params)
        return sal_fail_(err, SAL_E_ARG, "parameters of another graph: %zu tensors, wanted %zu",
                         p->n, g->n_params);
    for (size_t i = 0; i < p->n; i++)
        if (p->blocks[i]->count != g->params[i].count)
            return sal_fail_(err, SAL_E_SHAPE, "parameter '%s' has %zu elements, wanted %zu",
                             g->params[i].info.name, p->blocks[i]->count, g->params[i].count);
    return SAL_OK;
}

sal_status sal_params_edit_(sal_params *p, size_t i, float **values, sal_error *err)
{
    sal_block *b = p->blocks[i];
    if (atomic_load(&b->users) > 1) {
        sal_block *own = make_block(p->env, b->count);
        if (!own) return sal_no_memory_(err, "parameters");
        memcpy(own->values, b->values, b->count * sizeof *b->values);
        p->blocks[i] = own;
        leave_block(p->env, b);
        b = own;
    }
    *values = b->values;
    return SAL_OK;
}

void sal_params_share_(sal_params *p, size_t i, const sal_params *other)
{
    sal_block *old = p->blocks[i];
    atomic_fetch_add(&other->blocks[i]->users, 1);
    p->blocks[i] = other->blocks[i];
    leave_block(p->env, old);
}

sal_status sal_params_set(sal_params *p, size_t i, const float *values, sal_error *err)
{
    float *own;
    if (!p || !values || i >= p->n) return sal_fail_(err, SAL_E_ARG, "no parameter %zu", i);
    size_t n = p->blocks[i]->count, bad = sal_first_not_finite_(n, values);
    if (bad < n)
        return sal_fail_(err, SAL_E_VALUE, "parameter %zu: element %zu is not finite", i, bad);
    sal_status st = sal_params_edit_(p, i, &own, err);
    if (st == SAL_OK) memmove(own, values, n * sizeof *own); /* values may be the set's own */
    return st;
}
