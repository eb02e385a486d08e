/* onnx/read/scope.c - the names of a graph or of a body inside of it, and which of them are needed. */
#include "onnx/read/reader.h"

#include <string.h>

enum { MOST_NODES = 1 << 14, LOOK = 16 /* price of meeting a name, in elements */ };

static sal_status know(sal_onnx_reader *r, const char *name, sal_error *err)
{
    return sal_onnx_value_(r, name) ? SAL_OK : sal_no_memory_(err, "names");
}

sal_status sal_onnx_collect_names_(sal_onnx_reader *r, sal_error *err)
{
    const Onnx__GraphProto *g = r->proto;
    size_t room = g->n_input + g->n_initializer + r->job->n_bound;
    for (size_t i = 0; i < g->n_node; i++) room += g->node[i]->n_output;
    r->values = sal_alloc_array_(r->env, room + 1, sizeof *r->values);
    r->room_values = room;
    if (!r->values) return sal_no_memory_(err, "names");
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < g->n_initializer; i++)
        st = know(r, sal_onnx_text_(g->initializer[i]->name), err);
    for (size_t i = 0; st == SAL_OK && i < r->job->n_bound; i++)
        st = know(r, r->job->bound[i].name, err);
    for (size_t i = 0; st == SAL_OK && i < g->n_input; i++)
        st = know(r, sal_onnx_text_(g->input[i]->name), err);
    for (size_t i = 0; st == SAL_OK && i < g->n_node; i++)
        for (size_t k = 0; st == SAL_OK && k < g->node[i]->n_output; k++)
            if (g->node[i]->output[k][0]) st = know(r, g->node[i]->output[k], err);
    return st;
}

sal_onnx_value *sal_onnx_find_value_(sal_onnx_reader *r, const char *name)
{
    for (; r; r = r->outer) {
        size_t i = sal_names_find_(&r->names, name);
        if (i != SAL_NO_NAME) return &r->values[i];
    }
    return NULL;
}

bool sal_onnx_is_live_(sal_onnx_reader *r, const Onnx__NodeProto *node)
{
    for (size_t k = 0; k < node->n_output; k++) {
        const sal_onnx_value *v = sal_onnx_find_value_(r, node->output[k]);
        if (v && v->needed) return true;
    }
    return false;
}

sal_status sal_onnx_add_constant_(sal_onnx_reader *r, const char *name, const Onnx__TensorProto *t,
                                  sal_error *err)
{
    sal_onnx_value *v = sal_onnx_find_value_(r, name);
    if (v->known || !v->needed) return SAL_OK;
    sal_status st = sal_onnx_tensor_(r->env, r->job->folder, t, &v->constant, err);
    if (st != SAL_OK) return st;
    v->known = true;
    v->type = v->constant->type;
    return SAL_OK;
}

void sal_onnx_close_(sal_onnx_reader *r)
{
    for (size_t i = 0; i < r->n_values; i++) sal_constant_free_(r->env, r->values[i].constant);
    for (size_t i = 0; i < r->n_pending; i++) sal_free_(r->env, r->pending[i].data);
    sal_free_(r->env, r->values);
    sal_free_(r->env, r->pending);
    sal_names_free_(&r->names);
}

sal_onnx_reader sal_onnx_scope_of_(sal_onnx_reader *r, const Onnx__GraphProto *body,
                                   sal_onnx_job *job)
{
    *job = *r->job;
    job->n_bound = 0;
    return (sal_onnx_reader){.outer = r,
                             .env = r->env,
                             .job = job,
                             .proto = body,
                             .opset = r->opset,
                             .one_image = r->one_image,
                             .batch = r->batch,
                             .out = r->out,
                             .g = r->g,
                             .names = {.env = r->env},
                             .budget = r->budget};
}

bool sal_onnx_spend_(sal_onnx_reader *r, size_t elements)
{
    if (r->budget < elements) return false;
    r->budget -= elements;
    return true;
}

/* ---- what is needed: from the outputs to the inputs ------------------------------------------------ */

sal_onnx_value *sal_onnx_body_value_(sal_onnx_reader *body, const Onnx__ValueInfoProto *info)
{
    return sal_onnx_find_value_(body, sal_onnx_text_(info->name));
}

static size_t names_in(const Onnx__GraphProto *body)
{
    size_t n = body->n_input + body->n_output + body->n_initializer;
    for (size_t i = 0; i < body->n_node; i++)
        n += 1 + body->node[i]->n_input + body->node[i]->n_output;
    return n;
}

/* A body may hold nodes with bodies, as deep as messages of a file may be nested. It is looked at anew for
 * every state that turns out to be wanted, which multiplies with the depth: so every look costs. */
/* NOLINTBEGIN(misc-no-recursion) */

/* wanted[i]: output i of the body. takes[i]: the body needs its input i for that. */
static sal_status mark_body(sal_onnx_reader *r, const Onnx__NodeProto *node,
                            const Onnx__GraphProto *body, const bool *wanted, bool *takes,
                            sal_error *err)
{
    if (!sal_onnx_spend_(r, LOOK * names_in(body)))
        return sal_fail_(err, SAL_E_NOMEM,
                         "%.40s, node '%s': nested beyond what the file justifies",
                         sal_onnx_text_(node->op_type), sal_onnx_shown_(node->name));
    sal_onnx_job job;
    sal_onnx_reader c = sal_onnx_scope_of_(r, body, &job);
    sal_status st = sal_onnx_collect_names_(&c, err);
    for (size_t i = 0; st == SAL_OK && i < body->n_output && i < SAL_ONNX_STATES; i++) {
        sal_onnx_value *v = sal_onnx_body_value_(&c, body->output[i]);
        if (v && wanted[i]) v->needed = true;
    }
    if (st == SAL_OK) st = sal_onnx_mark_needed_(&c, err);
    for (size_t i = 0; st == SAL_OK && i < body->n_input && i < SAL_ONNX_STATES; i++) {
        const sal_onnx_value *v = sal_onnx_body_value_(&c, body->input[i]);
        takes[i] = v && v->needed;
    }
    r->budget = c.budget;
    sal_onnx_close_(&c);
    return st;
}

static sal_status mark_loop(sal_onnx_reader *r, const Onnx__NodeProto *node,
                            const Onnx__GraphProto *body, sal_error *err)
{
    bool wanted[SAL_ONNX_STATES] = {true}, takes[SAL_ONNX_STATES] = {false}, more = true;
    for (size_t k = 0; k < node->n_output && k + 1 < SAL_ONNX_STATES; k++) {
        const sal_onnx_value *v = sal_onnx_find_value_(r, node->output[k]);
        wanted[k + 1] = v && v->needed;
    }
    while (more) { /* a state that another one is computed from is wanted as well */
        sal_status st = mark_body(r, node, body, wanted, takes, err);
        if (st != SAL_OK) return st;
        more = false;
        for (size_t k = 2; k < SAL_ONNX_STATES; k++)
            if (takes[k] && !wanted[k - 1]) wanted[k - 1] = more = true;
    }
    for (size_t k = 0; k < node->n_input; k++) {
        sal_onnx_value *v = sal_onnx_find_value_(r, node->input[k]);
        if (v && (k < 2 || k >= SAL_ONNX_STATES || wanted[k - 1])) v->needed = true;
    }
    return SAL_OK;
}

static sal_status mark_bodies(sal_onnx_reader *r, const Onnx__NodeProto *node, sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < node->n_attribute; i++) {
        const Onnx__GraphProto *body = node->attribute[i]->g;
        bool all[SAL_ONNX_STATES], takes[SAL_ONNX_STATES];
        memset(all, true, sizeof all);
        if (!body) continue;
        st = strcmp(sal_onnx_text_(node->op_type), "Loop")
                 ? mark_body(r, node, body, all, takes, err)
                 : mark_loop(r, node, body, err);
    }
    return st;
}

sal_status sal_onnx_mark_needed_(sal_onnx_reader *r, sal_error *err)
{
    size_t live = 0;
    for (size_t i = r->proto->n_node; i-- > 0;) {
        const Onnx__NodeProto *node = r->proto->node[i];
        if (!sal_onnx_is_live_(r, node)) continue;
        if (++live > MOST_NODES)
            return sal_fail_(err, SAL_E_UNSUPPORTED, "more than %d nodes", MOST_NODES);
        for (size_t k = 0; k < node->n_input; k++) {
            sal_onnx_value *v = sal_onnx_find_value_(r, node->input[k]);
            if (v && strcmp(sal_onnx_text_(node->op_type), "Loop") != 0) v->needed = true;
        }
        sal_status st = mark_bodies(r, node, err);
        if (st != SAL_OK) return st;
    }
    return SAL_OK;
}
/* NOLINTEND(misc-no-recursion) */
