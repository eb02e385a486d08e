/* onnx/fold/loop.c - Loop and If over constants: what exporters leave of shape arithmetic. The body is a
 * scope of its own inside of the graph's; every node that runs costs some of the folding budget. */
#include "onnx/ops.h"

#include <string.h>

enum { COST = 64 };

static sal_status copy_of(sal_onnx_reader *r, const sal_constant *c, sal_constant **out,
                          sal_error *err)
{
    sal_status st = sal_constant_create_(r->env, c->type, &c->shape, out, err);
    if (st != SAL_OK) return st;
    if (c->f) memcpy((*out)->f, c->f, c->count * sizeof *c->f);
    if (c->i) memcpy((*out)->i, c->i, c->count * sizeof *c->i);
    return SAL_OK;
}

static sal_status run_nodes(sal_onnx_reader *c, sal_error *err)
{
    const Onnx__GraphProto *body = c->proto;
    sal_status st = SAL_OK;
    for (size_t i = 0; st == SAL_OK && i < body->n_initializer; i++)
        st = sal_onnx_add_constant_(c, sal_onnx_text_(body->initializer[i]->name),
                                    body->initializer[i], err);
    for (size_t i = 0; st == SAL_OK && i < body->n_node; i++) {
        if (!sal_onnx_is_live_(c, body->node[i])) continue;
        if (!sal_onnx_spend_(c, COST))
            return sal_fail_(err, SAL_E_NOMEM, "runs longer than the file justifies");
        st = sal_onnx_map_node_(c, body->node[i], err);
    }
    return st;
}

/* values: the body's inputs (NULL: nobody asks), taken over; then its outputs, which are new. */
static sal_status run_body(sal_onnx_node *n, const Onnx__GraphProto *body, const bool *wanted,
                           sal_constant *values[SAL_ONNX_STATES], sal_error *err)
{
    sal_onnx_job job;
    sal_onnx_reader c = sal_onnx_scope_of_(n->r, body, &job);
    sal_status st = sal_onnx_collect_names_(&c, err);
    for (size_t i = 0; i < SAL_ONNX_STATES; i++) {
        sal_onnx_value *v =
            st == SAL_OK && i < body->n_input ? sal_onnx_body_value_(&c, body->input[i]) : NULL;
        if (values[i] && v && !v->known) {
            v->constant = values[i];
            v->known = true;
            v->type = values[i]->type;
        } else {
            sal_constant_free_(n->r->env, values[i]);
        }
        values[i] = NULL;
    }
    for (size_t i = 0; st == SAL_OK && i < body->n_output && i < SAL_ONNX_STATES; i++) {
        sal_onnx_value *v = sal_onnx_body_value_(&c, body->output[i]);
        if (v && wanted[i]) v->needed = true;
    }
    if (st == SAL_OK) st = sal_onnx_mark_needed_(&c, err);
    if (st == SAL_OK) st = run_nodes(&c, err);
    for (size_t i = 0; st == SAL_OK && i < body->n_output && i < SAL_ONNX_STATES; i++) {
        const sal_onnx_value *v = sal_onnx_body_value_(&c, body->output[i]);
        if (!wanted[i]) continue;
        if (!v || !v->constant)
            st = sal_fail_(err, SAL_E_UNSUPPORTED, "its body makes no constant");
        else
            st = copy_of(n->r, v->constant, &values[i], err);
    }
    n->r->budget = c.budget;
    sal_onnx_close_(&c);
    return st;
}

static sal_status give_outputs(sal_onnx_node *n, sal_constant **values, size_t count,
                               sal_error *err)
{
    sal_status st = SAL_OK;
    for (size_t k = 0; k < count; k++) {
        if (st == SAL_OK && values[k])
            st = sal_onnx_set_constant_(n, k, values[k], err);
        else
            sal_constant_free_(n->r->env, values[k]);
        values[k] = NULL;
    }
    return st;
}

sal_status sal_onnx_fold_if_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *condition;
    sal_constant *values[SAL_ONNX_STATES] = {NULL};
    bool wanted[SAL_ONNX_STATES];
    sal_status st = sal_onnx_constant_(n, 0, &condition, err);
    if (st != SAL_OK) return st;
    if (!condition->i || condition->count != 1)
        return sal_fail_(err, SAL_E_FORMAT, "has no condition");
    const Onnx__AttributeProto *a =
        sal_onnx_attr_(n, condition->i[0] ? "then_branch" : "else_branch");
    if (!a || !a->g) return sal_fail_(err, SAL_E_FORMAT, "has no branch");
    for (size_t k = 0; k < SAL_ONNX_STATES; k++) wanted[k] = k < n->proto->n_output;
    st = run_body(n, a->g, wanted, values, err);
    sal_status given = give_outputs(n, values, SAL_ONNX_STATES, err);
    return st == SAL_OK ? given : st;
}

/* Which states somebody asks for: those whose initial value was looked up. */
static void wanted_states(const sal_onnx_node *n, bool wanted[SAL_ONNX_STATES])
{
    memset(wanted, 0, SAL_ONNX_STATES * sizeof *wanted);
    wanted[0] = true;
    for (size_t k = 2; k < n->n_in && k < SAL_ONNX_STATES; k++) wanted[k - 1] = n->in[k] != NULL;
}

static sal_status number(sal_onnx_node *n, int type, int64_t value, sal_constant **out,
                         sal_error *err)
{
    const sal_shape shape = {0};
    sal_status st = sal_constant_create_(n->r->env, type, &shape, out, err);
    if (st == SAL_OK) (*out)->i[0] = value;
    return st;
}

/* One turn: states[0] is the condition. */
static sal_status turn(sal_onnx_node *n, const Onnx__GraphProto *body, int64_t at,
                       const bool *wanted, sal_constant *states[SAL_ONNX_STATES], sal_error *err)
{
    sal_constant *values[SAL_ONNX_STATES] = {NULL};
    sal_status st = number(n, SAL_T_INT64, at, &values[0], err);
    for (size_t k = 0; k + 1 < SAL_ONNX_STATES; k++) {
        values[k + 1] = states[k];
        states[k] = NULL;
    }
    if (st == SAL_OK) st = run_body(n, body, wanted, values, err);
    memcpy(states, values, sizeof values);
    return st;
}

sal_status sal_onnx_fold_loop_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *times = NULL, *condition = NULL;
    const Onnx__AttributeProto *a = sal_onnx_attr_(n, "body");
    sal_constant *states[SAL_ONNX_STATES] = {NULL};
    bool wanted[SAL_ONNX_STATES], go = true;
    sal_status st = sal_onnx_constant_(n, 0, &times, err);
    if (st == SAL_OK && sal_onnx_given_(n, 1)) st = sal_onnx_constant_(n, 1, &condition, err);
    if (st != SAL_OK) return st;
    if (!a || !a->g || !times->i || times->count != 1 || n->n_in >= SAL_ONNX_STATES)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "a loop of this kind is not supported");
    if (condition) go = condition->i && condition->count == 1 && condition->i[0];
    wanted_states(n, wanted);
    st = number(n, SAL_T_BOOL, go, &states[0], err);
    for (size_t k = 2; st == SAL_OK && k < n->n_in; k++)
        if (n->in[k]) st = copy_of(n->r, n->in[k]->constant, &states[k - 1], err);
    for (int64_t i = 0; st == SAL_OK && go && i < times->i[0]; i++) {
        st = turn(n, a->g, i, wanted, states, err);
        go = st == SAL_OK && states[0] && states[0]->i && states[0]->count == 1 && states[0]->i[0];
    }
    sal_status given = give_outputs(n, states + 1, SAL_ONNX_STATES - 1, err);
    sal_constant_free_(n->r->env, states[0]);
    return st == SAL_OK ? given : st;
}

/* ---- sequences ------------------------------------------------------------------------------------------ */

/* A sequence of vectors that is only appended to and joined in the end is kept as the joined vector. */
static sal_status vector(sal_onnx_node *n, size_t i, const sal_constant **c, sal_error *err)
{
    sal_status st = sal_onnx_constant_(n, i, c, err);
    if (st == SAL_OK && (*c)->shape.rank != 1)
        st = sal_onnx_unsupported_(n, "a sequence of tensors that are no vectors", err);
    return st;
}

sal_status sal_onnx_fold_sequence_empty_(sal_onnx_node *n, sal_error *err)
{
    const sal_shape none = {1, {0}};
    sal_constant *c = NULL;
    int64_t type = sal_onnx_int_(n, "dtype", SAL_T_FLOAT);
    if (type < SAL_T_FLOAT || type > SAL_T_BFLOAT16)
        return sal_onnx_unsupported_(n, "this type", err);
    sal_status st = sal_onnx_fold_result_(n, (int)type, &none, &c, err);
    return st == SAL_OK ? sal_onnx_set_constant_(n, 0, c, err) : st;
}

sal_status sal_onnx_fold_sequence_insert_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *all, *next;
    sal_constant *out = NULL;
    if (sal_onnx_given_(n, 2)) return sal_onnx_unsupported_(n, "a place in a sequence", err);
    sal_status st = vector(n, 0, &all, err);
    if (st == SAL_OK) st = vector(n, 1, &next, err);
    if (st != SAL_OK) return st;
    if (!all->f != !next->f) return sal_fail_(err, SAL_E_FORMAT, "a sequence of two types");
    const sal_shape shape = {1, {(int64_t)(all->count + next->count)}};
    st = sal_onnx_fold_result_(n, next->type, &shape, &out, err);
    for (size_t k = 0; st == SAL_OK && k < out->count; k++) {
        const sal_constant *from = k < all->count ? all : next;
        size_t at = k < all->count ? k : k - all->count;
        if (out->f && from->f)
            out->f[k] = from->f[at];
        else if (out->i && from->i)
            out->i[k] = from->i[at];
    }
    return st == SAL_OK ? sal_onnx_set_constant_(n, 0, out, err) : st;
}

sal_status sal_onnx_fold_sequence_join_(sal_onnx_node *n, sal_error *err)
{
    const sal_constant *all;
    if (sal_onnx_int_(n, "new_axis", 0) || sal_onnx_int_(n, "axis", 0))
        return sal_onnx_unsupported_(n, "joining along another axis", err);
    sal_status st = vector(n, 0, &all, err);
    if (st != SAL_OK) return st;
    sal_onnx_view view = sal_onnx_view_of_(&all->shape);
    return sal_onnx_fold_view_(n, 0, all, &view, &all->shape, err);
}
