/* randomise/randomiser.c - a copy of the parameters with the blocks of a step made random. */
#include "randomise/randomise.h"

#include "base/spec.h"

#include <string.h>

static const sal_randomisation_def *find(const char *name, sal_error *err)
{
    const char *names[16] = {NULL};
    for (size_t i = 0; sal_randomisations_[i]; i++) {
        names[i] = sal_randomisations_[i]->info.name;
        if (!strcmp(name, names[i])) return sal_randomisations_[i];
    }
    sal_fail_name_(err, "randomisation", name, names);
    return NULL;
}

static sal_status read_options(sal_spec *spec, sal_randomiser *r, sal_error *err)
{
    static const char *const draws[] = {"fresh", "same", NULL};
    static const char *const norms[] = {"keep", "reset", "re-estimate", NULL};
    size_t same = 0, norm = SAL_NORM_KEEP;
    sal_status st = sal_spec_choice_(spec, "draws", draws, &same, err);
    if (st == SAL_OK) st = sal_spec_choice_(spec, "norm", norms, &norm, err);
    if (st == SAL_OK) st = sal_spec_finish_(spec, err);
    r->same_draw = same == 1;
    r->norm = (sal_norm_policy)norm;
    return st;
}

sal_status sal_randomiser_open_(const sal_model *m, const char *text, const char *initialiser,
                                const sal_tensor *inputs, sal_randomiser *out, sal_error *err)
{
    sal_spec spec;
    sal_randomiser r = {.m = m, .initialiser = initialiser, .inputs = inputs};
    sal_status st = sal_spec_parse_("randomisation", text ? text : SAL_TOP, &spec, err);
    if (st != SAL_OK) return st;
    r.def = find(spec.name, err);
    if (!r.def) return SAL_E_ARG;
    st = read_options(&spec, &r, err);
    if (st != SAL_OK) return st;
    if (m->ops && !m->params) return sal_missing_params_(m, "randomising parameters", err);
    if (m->ops && r.norm == SAL_NORM_RE_ESTIMATE)
        return sal_fail_(err, SAL_E_UNSUPPORTED,
                         "norm=re-estimate needs a graph; adapter '%s' wraps "
                         "an engine",
                         m->ops->adapter);
    if (r.norm == SAL_NORM_RE_ESTIMATE && !inputs)
        return sal_fail_(err, SAL_E_ARG, "norm=re-estimate needs inputs");
    r.n_blocks = m->n_blocks;
    if (!r.n_blocks)
        return sal_fail_(err, SAL_E_UNSUPPORTED, "model '%s' has no weights to randomise", m->name);
    r.n_steps = r.def->steps(r.n_blocks);
    *out = r;
    return SAL_OK;
}

bool sal_randomiser_is_full_(const sal_randomiser *r, size_t step)
{
    for (size_t k = 0; k < r->m->n_layers; k++)
        if (r->m->has_weights[k] && (r->m->block_of[k] == SAL_NO_BLOCK ||
                                     !r->def->changes(step, r->m->block_of[k], r->n_blocks)))
            return false;
    return true;
}

/* What the user knows them as. */
static const char *plural(const sal_randomiser *r)
{
    return r->m->block_names ? "blocks" : "layers";
}

static bool changes_all(const sal_randomiser *r, size_t step)
{
    for (size_t b = 0; b < r->n_blocks; b++)
        if (!r->def->changes(step, b, r->n_blocks)) return false;
    return true;
}

const char *sal_randomiser_step_name_(const sal_randomiser *r, size_t step)
{
    if (r->n_steps == 1 && r->n_blocks > 1 && changes_all(r, 0))
        return r->m->block_names ? "all blocks" : "all layers";
    for (size_t b = 0; b < r->n_blocks; b++) /* the block that the step before did not change */
        if (r->def->changes(step, b, r->n_blocks) &&
            !(step && r->def->changes(step - 1, b, r->n_blocks)))
            return r->m->blocks[b];
    return "?";
}

void sal_randomiser_describe_(const sal_randomiser *r, size_t step, sal_text *text)
{
    const char *const *names = r->m->blocks;
    size_t count = 0, first = 0, last = 0;
    for (size_t b = r->n_blocks; b-- > 0;)
        if (r->def->changes(step, b, r->n_blocks)) {
            if (!count++) last = b;
            first = b;
        }
    if (count == r->n_blocks && count > 1)
        sal_text_add_(text, "all %zu %s re-initialised", count, plural(r));
    else if (count > 1)
        sal_text_add_(text, "%s \"%s\" to \"%s\" re-initialised", plural(r), names[first],
                      names[last]);
    else if (r->m->block_names)
        sal_text_add_(text, "block \"%s\" re-initialised", names[first]);
    else
        sal_text_add_(text, "%s \"%s\" re-initialised",
                      first == r->n_blocks - 1 ? "output layer" : "layer", names[first]);
}

/* What becomes of tensor i in a layer that the step changes. */
static sal_status change(const sal_randomiser *r, size_t i, sal_rng *rng, sal_params *p,
                         sal_error *err)
{
    sal_param_role role = r->m->infos[i].role;
    float *values, reset = role == SAL_NORM_SCALE || role == SAL_NORM_VARIANCE ? 1.0f : 0.0f;
    if (role == SAL_FIXED || (!sal_is_weight_(role) && r->norm == SAL_NORM_KEEP)) return SAL_OK;
    sal_status st = sal_params_edit_(p, i, &values, err);
    if (st != SAL_OK) return st;
    if (sal_is_weight_(role))
        return sal_randomise_values_(r, i, rng, sal_params_get(r->m->params, i), values, err);
    for (size_t k = 0; k < sal_params_size(p, i); k++) values[k] = reset;
    return SAL_OK;
}

sal_status sal_randomiser_make_(const sal_randomiser *r, size_t step, bool all, uint64_t seed,
                                uint64_t draw, sal_params **out, sal_error *err)
{
    sal_params *p;
    sal_status st = sal_params_clone(r->m->params, &p, err);
    if (st != SAL_OK) return st;
    const char *purpose = all ? "unrelated" : "randomise";
    uint64_t stream = sal_index_pair_(draw, r->same_draw || all ? 0 : step);
    for (size_t i = 0; st == SAL_OK && i < p->n; i++) {
        size_t block = r->m->block_of[r->m->layer_of[i]];
        if (!all && (block == SAL_NO_BLOCK || !r->def->changes(step, block, r->n_blocks))) continue;
        sal_rng rng = sal_rng_for(seed, purpose, sal_index_pair_(stream, i));
        st = change(r, i, &rng, p, err);
    }
    if (st == SAL_OK && r->norm == SAL_NORM_RE_ESTIMATE)
        st = sal_re_estimate_norm_(r->m, r->inputs, p, err);
    if (st == SAL_OK)
        *out = p;
    else
        sal_params_free(p);
    return st;
}

sal_status sal_randomise(const sal_model *m, const char *randomisation, size_t step,
                         const sal_randomise_options *options, sal_params **out, sal_error *err)
{
    static const sal_randomise_options none;
    const sal_randomise_options *o = options ? options : &none;
    sal_randomiser r;
    if (!m || !out) return sal_fail_(err, SAL_E_ARG, "model or out is NULL");
    for (size_t i = 0; i < sizeof o->reserved_ / sizeof o->reserved_[0]; i++)
        if (o->reserved_[i])
            return sal_fail_(err, SAL_E_ARG, "randomise: a reserved field is not 0");
    sal_status st = sal_randomiser_open_(m, randomisation, o->initialiser, o->inputs, &r, err);
    if (st != SAL_OK) return st;
    if (step >= r.n_steps)
        return sal_fail_(err, SAL_E_ARG, "step %zu of '%s', which has %zu", step, r.def->info.name,
                         r.n_steps);
    return sal_randomiser_make_(&r, step, false, o->seed ? o->seed : SAL_SEED_DEFAULT, o->draw, out,
                                err);
}

size_t sal_randomise_steps(const sal_model *m, const char *randomisation)
{
    sal_randomiser r = {0};
    sal_error err;
    sal_spec spec;
    const char *text = randomisation ? randomisation : SAL_TOP;
    if (!m || sal_spec_parse_("randomisation", text, &spec, &err) != SAL_OK) return 0;
    return sal_randomiser_open_(m, spec.name, NULL, NULL, &r, &err) == SAL_OK ? r.n_steps : 0;
}
