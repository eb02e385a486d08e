/* model/predict.c - the public evaluations: logits and input gradients of many inputs. */
#include "model/model.h"

typedef sal_status evaluate(sal_worker *w, size_t n, const sal_job *jobs, float *out,
                            sal_error *err);

static sal_status plain_gradient(sal_worker *w, size_t n, const sal_job *jobs, float *out,
                                 sal_error *err)
{
    return sal_worker_gradient_(w, n, jobs, NULL, out, NULL, err);
}

/* Evaluates all inputs in blocks, on the view's worker or one made for the call. */
static sal_status for_all(const sal_model *m, const sal_tensor *x, const int64_t *target,
                          evaluate *how, size_t width, float *out, sal_error *err)
{
    enum { BLOCK = 64 };
    sal_job jobs[BLOCK];
    sal_worker *own = NULL;
    sal_status st = sal_model_check_input_(m, x, err);
    if (st != SAL_OK) return st;
    size_t n = (size_t)x->shape.dims[0];
    for (size_t i = 0; target && i < n; i++)
        if (target[i] < 0 || (size_t)target[i] >= m->outputs)
            return sal_fail_(err, SAL_E_ARG, "target %zu is %lld, wanted 0 to %zu", i,
                             (long long)target[i], m->outputs - 1);
    if (!m->worker) st = sal_worker_create_(m, n < BLOCK ? n : BLOCK, &own, err);
    for (size_t first = 0; st == SAL_OK && first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        for (size_t i = 0; i < count; i++)
            jobs[i] = (sal_job){m->params, x->data + (first + i) * m->input_count,
                                target ? target[first + i] : 0};
        st = how(own ? own : m->worker, count, jobs, out + first * width, err);
    }
    sal_worker_free_(own);
    return st;
}

sal_status sal_model_predict(const sal_model *m, const sal_tensor *x, float *logits, sal_error *err)
{
    if (!m || !logits) return sal_fail_(err, SAL_E_ARG, "model or logits is NULL");
    return for_all(m, x, NULL, sal_worker_logits_, m->outputs, logits, err);
}

sal_status sal_model_input_gradient(const sal_model *m, const sal_tensor *x, const int64_t *target,
                                    float *gradient, sal_error *err)
{
    if (!m || !target || !gradient)
        return sal_fail_(err, SAL_E_ARG, "model, target or gradient is NULL");
    return for_all(m, x, target, plain_gradient, m->input_count, gradient, err);
}
