/* method/guided_gradcam.c - guided backprop times Grad-CAM; its one plane serves every channel. */
#include "method/cam.h"
#include "method/rules.h"

static sal_status explain(const sal_method *m, sal_worker *w, size_t n, const sal_explain_job *jobs,
                          float *maps, sal_error *err)
{
    size_t count = n * m->model->input_count;
    float *guided = sal_method_scratch_(m, count, sizeof *guided);
    if (!guided) return sal_no_memory_(err, m->def->info.name);
    sal_status st = sal_method_gradients_(m, w, n, jobs, &sal_guided_rules_, guided, err);
    if (st == SAL_OK) st = sal_cam_explain_(m, w, n, jobs, maps, err);
    for (size_t i = 0; st == SAL_OK && i < count; i++) maps[i] *= guided[i];
    sal_method_release_(m, guided);
    return st;
}

static sal_status setup(sal_method *m, sal_spec *spec, sal_error *err)
{
    sal_status st = sal_rules_setup_(m, spec, err);
    return st == SAL_OK ? sal_cam_setup_(m, spec, err) : st;
}

const sal_method_def sal_method_guided_gradcam = {
    .info = {.name = SAL_GUIDED_GRADCAM,
             .summary = "guided backprop times Grad-CAM",
             .source = "Selvaraju et al. 2017",
             .options = SAL_CAM_OPTIONS},
    .needs_gradient = true,
    .needs_graph = true,
    .setup = setup,
    .explain = explain,
};
