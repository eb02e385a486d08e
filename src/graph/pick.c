/* graph/pick.c - moving numbers by tables; see pick.h. */
#include "graph/pick.h"

#include <string.h>

sal_status sal_pick_check_(const sal_shape *in, const sal_shape *out, sal_error *err)
{
    const sal_shape *both[] = {in, out};
    for (int i = 0; i < 2; i++) {
        char text[SAL_SHAPE_TEXT];
        sal_shape one;
        size_t count;
        sal_status st = sal_shape_make_(both[i]->rank, both[i]->dims, &one, &count, err);
        if (st != SAL_OK) return st;
        if (!count || count > INT32_MAX)
            return sal_fail_(err, SAL_E_SHAPE, "%s of shape %s is empty or too large",
                             i ? "the result" : "data", sal_shape_text_(&one, text, sizeof text));
    }
    return SAL_OK;
}

size_t sal_pick_scratch_(const sal_op_attrs *a, const sal_shape *in, const sal_shape *out)
{
    (void)a;
    (void)in;
    size_t sum = SAL_MAX_RANK; /* factors f, g of an axis: f + g <= f g + 1 */
    for (size_t i = 1; i < out->rank; i++) sum += (size_t)out->dims[i];
    return sum;
}

sal_pick sal_pick_start_(const sal_op_call *c)
{
    return (sal_pick){.in = sal_shape_count_from_(&c->in_shape[0], 1),
                      .out = sal_shape_count_from_(c->out_shape, 1),
                      .free = (void *)c->scratch};
}

int32_t *sal_pick_axis_(sal_pick *p, size_t size)
{
    int32_t *table = p->free;
    p->size[p->rank] = size;
    p->table[p->rank++] = table;
    p->free += size;
    return table;
}

void sal_pick_even_(sal_pick *p, size_t size, int64_t first, int64_t step)
{
    int32_t *table = sal_pick_axis_(p, size);
    for (size_t i = 0; i < size; i++) table[i] = (int32_t)(first + step * (int64_t)i);
}

/* Goes through the rows of an image's output: those of the last axis. */
typedef struct {
    size_t at[SAL_MAX_RANK], outer, row;
    const int32_t *table; /* of the last axis */
    bool unbroken;        /* its sources follow each other */
} walk;

static walk start(const sal_pick *p)
{
    static const int32_t here[] = {0};
    walk w = {.row = 1, .table = here, .unbroken = true};
    if (!p->rank) return w;
    w.outer = p->rank - 1;
    w.row = p->size[w.outer];
    w.table = p->table[w.outer];
    for (size_t i = 0; i < w.row; i++)
        if (w.table[i] == SAL_PICK_NOTHING || w.table[i] != w.table[0] + (int32_t)i)
            w.unbroken = false;
    return w;
}

/* Where the row's sources start; false: it has none. Steps to the next row. */
static bool next_row(const sal_pick *p, walk *w, size_t *base)
{
    bool any = true;
    *base = 0;
    for (size_t i = 0; i < w->outer; i++) {
        int32_t t = p->table[i][w->at[i]];
        if (t == SAL_PICK_NOTHING)
            any = false;
        else
            *base += (size_t)t;
    }
    for (size_t i = w->outer; i-- > 0;) {
        if (++w->at[i] < p->size[i]) break;
        w->at[i] = 0;
    }
    return any;
}

void sal_pick_forward_(const sal_pick *p, size_t n, const float *x, float *y)
{
    walk w = start(p);
    size_t base;
    for (; n--; x += p->in)
        for (size_t done = 0; done < p->out; done += w.row, y += w.row) {
            bool any = next_row(p, &w, &base);
            if (any && w.unbroken)
                memcpy(y, x + base + w.table[0], w.row * sizeof *y);
            else
                for (size_t i = 0; i < w.row; i++)
                    y[i] = any && w.table[i] != SAL_PICK_NOTHING ? x[base + (size_t)w.table[i]]
                                                                 : p->fill;
        }
}

void sal_pick_backward_(const sal_pick *p, size_t n, const float *gy, float *gx)
{
    walk w = start(p);
    size_t base;
    for (; n--; gx += p->in)
        for (size_t done = 0; done < p->out; done += w.row, gy += w.row) {
            if (!next_row(p, &w, &base)) continue;
            for (size_t i = 0; i < w.row; i++)
                if (w.table[i] != SAL_PICK_NOTHING) gx[base + (size_t)w.table[i]] += gy[i];
        }
}

bool sal_axes_fit_(const sal_op_attrs *a, const sal_shape *in, sal_error *err)
{
    bool seen[SAL_MAX_RANK] = {false};
    if (a->n_axes > SAL_MAX_RANK)
        return !sal_fail_(err, SAL_E_SHAPE, "%zu axes, wanted at most %d", a->n_axes, SAL_MAX_RANK);
    for (size_t i = 0; i < a->n_axes; i++) {
        int64_t axis = a->axes[i];
        if (axis == 0)
            return !sal_fail_(err, SAL_E_SHAPE, "axis 0 counts the inputs and cannot be touched");
        if (axis < 1 || axis >= (int64_t)in->rank)
            return !sal_fail_(err, SAL_E_SHAPE, "axis %lld, data has rank %zu (N included)",
                              (long long)axis, in->rank);
        if (seen[axis]) return !sal_fail_(err, SAL_E_SHAPE, "axis %lld twice", (long long)axis);
        seen[axis] = true;
    }
    return true;
}
