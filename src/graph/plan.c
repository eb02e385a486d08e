/* graph/plan.c - which nodes run, how long each buffer lives, where it lies in the workspace. */
#include "graph/plan_impl.h"

#include <string.h>

static void mark_forward(sal_plan *p)
{
    const sal_graph *g = p->g;
    bool *needed = p->needed; /* values the output depends on */
    needed[p->output] = true;
    for (size_t i = 0; i < p->n_taps; i++) needed[p->taps[i]] = true;
    for (size_t i = g->n_nodes; i-- > 0;) {
        const sal_node *n = &g->nodes[i];
        p->runs[i] = needed[n->out];
        for (size_t k = 0; p->runs[i] && k < n->n_in; k++) needed[n->in[k]] = true;
    }
}

/* wants[v]: the gradient of v is wanted, or that of something v depends on. */
static void mark_backward(sal_plan *p, const sal_wish *w)
{
    const sal_graph *g = p->g;
    bool *reached = p->reached; /* the output depends on v */
    for (size_t i = 0; i < w->n_gradients; i++) p->wants[w->gradients[i]] = true;
    for (size_t v = 0; w->params && v < g->n_values; v++)
        if (g->values[v].kind == SAL_IS_PARAM) p->wants[v] = true;
    for (size_t i = 0; i < g->n_nodes; i++)
        for (size_t k = 0; k < g->nodes[i].n_in; k++)
            if (p->wants[g->nodes[i].in[k]]) p->wants[g->nodes[i].out] = true;
    reached[p->output] = true;
    for (size_t i = g->n_nodes; i-- > 0;) {
        const sal_node *n = &g->nodes[i];
        p->returns[i] = reached[n->out] && p->wants[n->out];
        for (size_t k = 0; k < n->n_in; k++)
            if (p->returns[i] && p->wants[n->in[k]]) reached[n->in[k]] = true;
        bool any = false; /* a wished activation itself needs no step below it */
        for (size_t k = 0; k < n->n_in; k++) any = any || p->wants[n->in[k]];
        p->returns[i] = p->returns[i] && any;
    }
}

static void set_rules(sal_plan *p, const sal_backward_rules *rules)
{
    for (size_t i = 0; i < p->g->n_nodes; i++) {
        p->backward[i] = p->g->nodes[i].op->backward;
        for (size_t k = 0; rules && k < rules->n; k++)
            if (!strcmp(rules->rows[k].op, p->g->nodes[i].op->name))
                p->backward[i] = rules->rows[k].backward;
    }
}

static void live(sal_buffer *b, size_t time)
{
    if (!b->count) return;
    if (time < b->from) b->from = time;
    if (time > b->to) b->to = time;
}

/* Time: node i runs at i, returns at 2 n_nodes - i; `end` is beyond all. */
static void set_lifetimes(sal_plan *p)
{
    const sal_graph *g = p->g;
    size_t end = 2 * g->n_nodes + 1;
    for (size_t v = 0; v < g->n_values; v++) {
        bool node = g->values[v].kind == SAL_IS_NODE;
        p->value[v] = (sal_buffer){.from = SIZE_MAX};
        p->gradient[v] = (sal_buffer){.from = SIZE_MAX};
        if (node && p->runs[g->values[v].index])
            p->value[v].count = sal_value_count_(g, (sal_value)v);
        if (p->reached[v] && p->wants[v] && g->values[v].kind != SAL_IS_PARAM)
            p->gradient[v].count = sal_value_count_(g, (sal_value)v);
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        const sal_node *n = &g->nodes[i];
        size_t back = 2 * g->n_nodes - i;
        bool ruled = p->backward[i] != n->op->backward;
        p->keep[i] = (sal_buffer){.from = SIZE_MAX};
        if (!p->runs[i]) continue;
        if (n->op->keep)
            p->keep[i].count = n->op->keep(&n->attrs, n->in_shape, &g->values[n->out].shape);
        if (n->op->scratch) {
            size_t s = n->op->scratch(&n->attrs, n->in_shape, &g->values[n->out].shape);
            if (s > p->scratch_count) p->scratch_count = s;
        }
        live(&p->keep[i], i);
        live(&p->value[n->out], i);
        for (size_t k = 0; k < n->n_in; k++) live(&p->value[n->in[k]], i);
        if (!p->returns[i]) continue;
        live(&p->keep[i], back);
        live(&p->gradient[n->out], back);
        if (n->op->backward_reads_out || ruled) live(&p->value[n->out], back);
        for (size_t k = 0; k < n->n_in; k++) {
            live(&p->gradient[n->in[k]], back);
            if (n->op->backward_reads_in || ruled) live(&p->value[n->in[k]], back);
        }
    }
    live(&p->value[p->output], end);
    for (size_t i = 0; i < p->n_taps; i++) live(&p->value[p->taps[i]], end);
    live(&p->gradient[p->output], g->n_nodes);
    for (size_t i = 0; i < p->n_gradients; i++) live(&p->gradient[p->gradients[i]], end);
}

static bool overlap(const sal_buffer *a, const sal_buffer *b)
{
    return a->from <= b->to && b->from <= a->to;
}

/* Puts b at the lowest place that none of the n placed buffers needs meanwhile. */
static void settle(sal_buffer *b, const sal_buffer *placed, size_t n)
{
    b->at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (const sal_buffer *o = placed; o < placed + n; o++) {
            if (!o->count || !overlap(b, o)) continue;
            if (b->at < o->at + o->size && o->at < b->at + b->size) {
                b->at = o->at + o->size;
                moved = true;
            }
        }
    }
}

/* Gives each buffer the lowest place that is free all its life. Largest first would pack tighter;
 * in order of first use is within a few percent and simple. */
static bool place(sal_plan *p, sal_buffer *all, size_t n)
{
    p->workspace_count = 0;
    for (size_t i = 0; i < n; i++) {
        sal_buffer *b = &all[i];
        if (!b->count) continue;
        size_t size;
        if (!sal_mul_size_(b->count, p->batch, &size) || size > SIZE_MAX / 64) return false;
        b->size = (size + 15) / 16 * 16;
        settle(b, all, i);
        if (!sal_add_size_(b->at, b->size, &size) || size > SIZE_MAX / 64) return false;
        if (size > p->workspace_count) p->workspace_count = size;
    }
    return true;
}

/* Places the buffers for the largest batch whose workspace stays within the limit; one image is
 * planned for whatever it takes. */
static bool place_within(sal_plan *p, size_t limit)
{
    size_t buffers = 2 * (p->g->n_values + 1) + p->g->n_nodes;
    for (;; p->batch = (p->batch + 1) / 2) {
        bool fits = place(p, p->buffers, buffers);
        if (p->batch == 1 || (fits && (!limit || sal_plan_bytes_(p) <= limit))) return fits;
        if (!limit) return false;
    }
}

static sal_status allocate(sal_plan *p, sal_error *err)
{
    const sal_env *env = p->g->env;
    size_t v = p->g->n_values + 1, n = p->g->n_nodes + 1, most = 1;
    for (size_t i = 0; i < p->g->n_nodes; i++)
        if (p->g->nodes[i].n_in > most) most = p->g->nodes[i].n_in;
    p->needed = sal_alloc_zero_(env, 3 * v, sizeof *p->needed);
    p->runs = sal_alloc_zero_(env, 2 * n, sizeof *p->runs);
    p->backward = sal_alloc_zero_(env, n, sizeof *p->backward);
    p->buffers = sal_alloc_zero_(env, 2 * v + n, sizeof *p->buffers);
    p->in = sal_alloc_zero_(env, 2 * most, sizeof *p->in);
    p->inputs = sal_alloc_zero_(env, p->g->n_inputs + 1, sizeof *p->inputs);
    p->params = sal_alloc_zero_(env, p->batch, sizeof *p->params);
    p->taps = sal_alloc_zero_(env, p->n_taps + 1, sizeof *p->taps);
    p->gradients = sal_alloc_zero_(env, p->n_gradients + 1, sizeof *p->gradients);
    if (!p->needed || !p->runs || !p->backward || !p->buffers || !p->in || !p->inputs ||
        !p->params || !p->taps || !p->gradients)
        return sal_no_memory_(err, "a plan");
    p->wants = p->needed + v;
    p->reached = p->wants + v;
    p->returns = p->runs + n;
    p->value = p->buffers;
    p->gradient = p->value + v;
    p->keep = p->gradient + v;
    p->gx = (float **)(void *)(p->in + most);
    return SAL_OK;
}

sal_status sal_plan_create_(const sal_graph *g, const sal_wish *wish, sal_plan **out,
                            sal_error *err)
{
    sal_plan *p = sal_alloc_zero_(g->env, 1, sizeof *p);
    if (!p) return sal_no_memory_(err, "a plan");
    p->g = g;
    p->batch = wish->batch ? wish->batch : 1;
    p->output = wish->output;
    p->n_taps = wish->n_taps;
    p->n_gradients = wish->n_gradients;
    sal_status st = allocate(p, err);
    if (st != SAL_OK) goto done;
    for (size_t i = 0; i < p->n_taps; i++) p->taps[i] = wish->taps[i];
    for (size_t i = 0; i < p->n_gradients; i++) p->gradients[i] = wish->gradients[i];
    mark_forward(p);
    mark_backward(p, wish);
    set_rules(p, wish->rules);
    set_lifetimes(p);
    if (!place_within(p, wish->limit)) {
        st = sal_fail_(err, SAL_E_NOMEM, "a plan for %zu images needs more than memory", p->batch);
        goto done;
    }
    p->workspace =
        sal_alloc_array_(g->env, p->workspace_count + p->scratch_count + 1, sizeof(float));
    if (!p->workspace) {
        st = sal_no_memory_(err, "a plan's workspace");
        goto done;
    }
    *out = p;
    p = NULL;
done:
    sal_plan_free_(p);
    return st;
}

void sal_plan_free_(sal_plan *p)
{
    if (!p) return;
    const sal_env *env = p->g->env;
    sal_free_(env, p->needed);
    sal_free_(env, p->runs);
    sal_free_(env, p->backward);
    sal_free_(env, p->buffers);
    sal_free_(env, p->in);
    sal_free_(env, p->inputs);
    sal_free_(env, p->params);
    sal_free_(env, p->taps);
    sal_free_(env, p->gradients);
    sal_free_(env, p->workspace);
    sal_free_(env, p);
}

size_t sal_plan_batch_(const sal_plan *p)
{
    return p->batch;
}

size_t sal_plan_bytes_(const sal_plan *p)
{
    return (p->workspace_count + p->scratch_count) * sizeof(float);
}
