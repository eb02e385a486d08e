/* method/registry.c - the table of methods from methods.def, and opening one by its spec. */
#include "method/method.h"
#include "method/methods.def"

#include <string.h>

#define SAL_DECLARE(id) extern const sal_method_def sal_method_##id;
SAL_METHODS(SAL_DECLARE)

#define SAL_ROW(id) &sal_method_##id,
const sal_method_def *const sal_methods_[] = {SAL_METHODS(SAL_ROW) NULL};

enum { ROWS = sizeof sal_methods_ / sizeof sal_methods_[0] - 1 };

const sal_method_info *sal_method_get(size_t i)
{
    return i < ROWS ? &sal_methods_[i]->info : NULL;
}

static const sal_method_def *find(const char *name, sal_error *err)
{
    const char *names[ROWS + 1] = {NULL};
    for (size_t i = 0; i < ROWS; i++) {
        names[i] = sal_methods_[i]->info.name;
        if (!strcmp(names[i], name)) return sal_methods_[i];
    }
    sal_fail_name_(err, "method", name, names);
    return NULL;
}

static sal_status check_needs(const sal_method_def *d, const sal_model *m, sal_error *err)
{
    char who[96];
    sal_text t = sal_text_into_(who, sizeof who);
    sal_text_add_(&t, "method '%s'", d->info.name);
    if (!m->ops) return SAL_OK;
    if (d->needs_graph)
        return sal_fail_(
            err, SAL_E_UNSUPPORTED,
            "%s changes backward rules, which needs a graph; adapter '%s' wraps an engine", who,
            m->ops->adapter);
    if (d->needs_gradient && !m->ops->input_gradient)
        return sal_missing_callback_(m, who, "input_gradient", err);
    if (d->needs_params && !m->params) return sal_missing_params_(m, who, err);
    return SAL_OK;
}

sal_status sal_method_open_(const sal_model *m, const char *text, const char *layer,
                            const sal_own_method *own, sal_method *out, sal_error *err)
{
    sal_spec spec;
    sal_method opened = {.model = m, .own = own, .layer = layer};
    if (!text && own) text = SAL_OWN;
    sal_status st = sal_spec_parse_("method", text, &spec, err);
    if (st != SAL_OK) return st;
    opened.def = find(spec.name, err);
    if (!opened.def) return SAL_E_ARG;
    st = check_needs(opened.def, m, err);
    if (st != SAL_OK) return st;
    if (opened.def->setup) st = opened.def->setup(&opened, &spec, err);
    if (st == SAL_OK) st = sal_spec_finish_(&spec, err);
    if (st != SAL_OK) return st;
    opened.layer = NULL;
    *out = opened;
    return SAL_OK;
}

const char *sal_method_name_(const sal_method *m)
{
    return m->own && m->own->name && !strcmp(m->def->info.name, SAL_OWN) ? m->own->name
                                                                         : m->def->info.name;
}

void *sal_method_scratch_(const sal_method *m, size_t count, size_t size)
{
    return sal_alloc_array_(m->model->env, count, size);
}

void sal_method_release_(const sal_method *m, void *scratch)
{
    sal_free_(m->model->env, scratch);
}
