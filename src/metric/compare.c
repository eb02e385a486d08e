/* metric/compare.c - the public comparison: pairs of maps, spread over threads when there is enough
 * to do. A pair's value does not depend on the thread. */
#include "metric/metric.h"
#include "tensor/tensor.h"

enum { ENOUGH = 1 << 18 }; /* values for which a second thread pays */

typedef struct pairs {
    sal_metric metric;
    const float *a, *b;
    size_t count; /* values of one map */
    size_t room;  /* doubles per worker: two prepared maps and the scratch */
    double *memory;
    sal_similarity *out;
} pairs;

static sal_status one(void *self, size_t job, size_t worker, sal_error *err)
{
    (void)err;
    const pairs *p = self;
    const sal_metric *m = &p->metric;
    double *a = p->memory + worker * p->room, *b = a + m->prepared, *scratch = b + m->prepared;
    const char *why = sal_metric_prepare_(m, p->a + job * p->count, a, scratch);
    if (!why) why = sal_metric_prepare_(m, p->b + job * p->count, b, scratch);
    p->out[job] = (sal_similarity){.value = 0, .undefined = why};
    if (!why) p->out[job] = sal_metric_compare_(m, a, b, scratch, false);
    return SAL_OK;
}

sal_status sal_metric_compare(const sal_env *env, const char *metric, const sal_tensor *a,
                              const sal_tensor *b, sal_similarity *out, sal_error *err)
{
    if (!a || !b || !out) return sal_fail_(err, SAL_E_ARG, "a, b or out is NULL");
    if (!sal_shape_equal_(&a->shape, &b->shape)) {
        char one_text[SAL_SHAPE_TEXT], other[SAL_SHAPE_TEXT];
        return sal_fail_(err, SAL_E_SHAPE, "maps a are %s, maps b are %s",
                         sal_shape_text_(&a->shape, one_text, sizeof one_text),
                         sal_shape_text_(&b->shape, other, sizeof other));
    }
    pairs p = {.a = a->data, .b = b->data, .out = out};
    const size_t rank = a->shape.rank ? a->shape.rank - 1 : 0;
    sal_map_shape shape;
    sal_status st = sal_map_shape_of_(rank, a->shape.dims + 1, &shape, err);
    if (st == SAL_OK) st = sal_metric_open_(metric, shape, false, &p.metric, err);
    if (st != SAL_OK) return st;
    const size_t n = (size_t)a->shape.dims[0];
    size_t workers = a->count < ENOUGH ? 1 : sal_threads_(env);
    if (workers > n) workers = n ? n : 1;
    p.count = sal_shape_count_from_(&a->shape, 1);
    p.room = 2 * p.metric.prepared + p.metric.scratch;
    p.memory = sal_alloc_array_(env, workers * p.room, sizeof *p.memory);
    if (!p.memory) return sal_no_memory_(err, "the maps to compare");
    st = sal_parallel_(workers, n, one, &p, err);
    sal_free_(env, p.memory);
    return st;
}
