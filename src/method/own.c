/* method/own.c - the user's own method, or a wrapped engine's saliency callback. */
#include "method/method.h"

static sal_status explain_own(const sal_method *m, sal_worker *w, const sal_explain_job *j,
                              float *map, sal_error *err)
{
    const sal_params *p = j->job.params ? j->job.params : m->model->params;
    sal_model view = sal_model_view_(m->model, p, w);
    if (m->model->ops && p) {
        sal_status st = sal_model_load_(m->model, p, err);
        if (st != SAL_OK) return st;
    }
    sal_unset_(m->model->input_count, map);
    int code = m->own->explain(m->own->self, &view, j->job.x, j->job.target, j->noise, map);
    if (code)
        return sal_fail_(err, SAL_E_CALLBACK, "own method '%s' returned %d", sal_method_name_(m),
                         code);
    return SAL_OK;
}

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    const sal_model *model = m->model;
    for (size_t i = 0; i < n; i++) {
        float *map = maps + i * model->input_count;
        sal_status st = SAL_OK;
        if (m->own) {
            st = explain_own(m, w, &jobs[i], map, err);
        } else {
            const sal_params *p = jobs[i].job.params ? jobs[i].job.params : model->params;
            if (p) st = sal_model_load_(model, p, err);
            sal_unset_(model->input_count, map);
            int code = st == SAL_OK ? model->ops->saliency(model->self, 1, jobs[i].job.x,
                                                           &jobs[i].job.target, map)
                                    : 0;
            if (code) st = sal_callback_failed_(model, "saliency", code, err);
        }
        if (st != SAL_OK) return st;
    }
    return SAL_OK;
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    (void)spec;
    if (m->own)
        return m->own->explain
                   ? SAL_OK
                   : sal_fail_(err, SAL_E_ARG, "own method '%s' has no explain function",
                               m->own->name ? m->own->name : SAL_OWN);
    if (!m->model->ops)
        return sal_fail_(err, SAL_E_ARG,
                         "method 'own' needs own_method, or a wrapped engine with a "
                         "saliency callback");
    if (!m->model->ops->saliency)
        return sal_missing_callback_(m->model, "method 'own'", "saliency", err);
    return SAL_OK;
}

const sal_method_def sal_method_own = {
    .info = {.name = SAL_OWN,
             .summary = "the user's own method or the wrapped engine's saliency",
             .source = "the caller"},
    .one_thread = true,
    .setup = setup,
    .explain = explain,
};
