/* model/blocks.c - a model whose layers are grouped into blocks: patterns take layers by name. */
#include "model/layers.h"

#include <string.h>

enum { SHOWN = 64 }; /* bytes of a name in a message */

/* A part of a block's text. */
typedef struct span {
    const char *at;
    size_t n;
} span;

static bool equal(span a, const char *text)
{
    return strlen(text) == a.n && !memcmp(a.at, text, a.n);
}

/* For "%.*s". */
static int shown(span a)
{
    return a.n < SHOWN ? (int)a.n : SHOWN;
}

/* p, where '*' is any characters, against the whole name: after a mismatch the last star takes one
 * more. */
static bool fits(span p, const char *name)
{
    size_t i = 0, k = 0, star = SIZE_MAX, taken = 0;
    while (name[k]) {
        if (i < p.n && p.at[i] == '*') {
            star = i++;
            taken = k;
        } else if (i < p.n && p.at[i] == name[k]) {
            i++;
            k++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            k = ++taken;
        } else {
            return false;
        }
    }
    while (i < p.n && p.at[i] == '*') i++;
    return i == p.n;
}

typedef enum kind { WHOLE_NAME, BEGINNING, WITH_STARS } kind;

static kind kind_of(const sal_model *m, span p)
{
    if (memchr(p.at, '*', p.n)) return WITH_STARS;
    for (size_t k = 0; k < m->n_layers; k++)
        if (equal(p, m->layers[k])) return WHOLE_NAME;
    return BEGINNING;
}

static bool takes(kind how, span p, const char *layer)
{
    switch (how) {
    case WHOLE_NAME:
        return equal(p, layer);
    case BEGINNING:
        return !strncmp(layer, p.at, p.n);
    case WITH_STARS:
        return fits(p, layer);
    }
    return false;
}

/* The user's blocks, in the user's order. */
typedef struct grouping {
    sal_model *m;
    span *names;    /* per block */
    size_t *places; /* per block: its number in the order of the network */
} grouping;

static sal_status no_layer(const sal_model *m, span name, span p, sal_error *err)
{
    char text[SHOWN + 1];
    memcpy(text, p.at, (size_t)shown(p));
    text[shown(p)] = '\0';
    const char *near = NULL;
    const char **names = sal_alloc_zero_(m->env, m->n_layers + 1, sizeof *names);
    if (!names) return sal_no_memory_(err, "a model");
    for (size_t k = 0; k < m->n_layers; k++) names[k] = m->layers[k];
    near = sal_nearest_name_(text, names);
    sal_free_(m->env, (void *)names);
    return sal_fail_(err, SAL_E_ARG,
                     "block '%.*s': pattern '%s' fits no layer of model '%.*s'%s%.*s%s",
                     shown(name), name.at, text, SHOWN, m->name, near ? "; did you mean '" : "",
                     SHOWN, near ? near : "", near ? "'?" : "");
}

static sal_status take(grouping *g, size_t block, span p, sal_error *err)
{
    const sal_model *m = g->m;
    span name = g->names[block];
    if (!p.n)
        return sal_fail_(err, SAL_E_ARG, "block '%.*s' has an empty pattern", shown(name), name.at);
    kind how = kind_of(m, p);
    bool any = false;
    for (size_t k = 0; k < m->n_layers; k++) {
        if (!takes(how, p, m->layers[k])) continue;
        if (m->block_of[k] != SAL_NO_BLOCK && m->block_of[k] != block) {
            span other = g->names[m->block_of[k]];
            return sal_fail_(err, SAL_E_ARG, "layer '%.*s' is in blocks '%.*s' and '%.*s'", SHOWN,
                             m->layers[k], shown(other), other.at, shown(name), name.at);
        }
        m->block_of[k] = block;
        any = true;
    }
    return any ? SAL_OK : no_layer(m, name, p, err);
}

static sal_status read_block(grouping *g, size_t block, const char *text, sal_error *err)
{
    const char *at = text ? strchr(text, '=') : NULL;
    if (!at || at == text)
        return sal_fail_(err, SAL_E_ARG, "block %zu is '%.*s', wanted NAME=PATTERN,...", block,
                         SHOWN, text ? text : "");
    span name = g->names[block] = (span){text, (size_t)(at - text)};
    for (size_t b = 0; b < block; b++)
        if (g->names[b].n == name.n && !memcmp(g->names[b].at, name.at, name.n))
            return sal_fail_(err, SAL_E_ARG, "block '%.*s' is there twice", shown(name), name.at);
    sal_status st = SAL_OK;
    do {
        size_t n = strcspn(++at, ",");
        st = take(g, block, (span){at, n}, err);
        at += n;
    } while (st == SAL_OK && *at);
    return st;
}

/* Numbers the blocks by their first layers and gives the model their names; block_of, in the user's
 * order so far, follows. */
static sal_status order(grouping *g, size_t n, sal_error *err)
{
    sal_model *m = g->m;
    size_t bytes = 1, *first = g->places;
    for (size_t b = 0; b < n; b++) {
        bytes += g->names[b].n + 1;
        first[b] = SAL_NO_BLOCK;
    }
    char *to = m->block_names = sal_alloc_(m->env, bytes);
    if (!to) return sal_no_memory_(err, "a model");
    m->n_blocks = 0;
    for (size_t k = 0; k < m->n_layers; k++) {
        size_t b = m->block_of[k];
        if (b == SAL_NO_BLOCK) {
            if (!m->has_weights[k] && k) m->block_of[k] = m->block_of[k - 1];
            continue;
        }
        if (first[b] == SAL_NO_BLOCK) {
            first[b] = m->n_blocks;
            memcpy(to, g->names[b].at, g->names[b].n);
            to[g->names[b].n] = '\0';
            m->blocks[m->n_blocks++] = to;
            to += g->names[b].n + 1;
        }
        m->block_of[k] = first[b];
    }
    return SAL_OK;
}

static sal_status all_have_weights(const grouping *g, size_t n, sal_error *err)
{
    for (size_t b = 0; b < n; b++) {
        bool any = false;
        for (size_t k = 0; k < g->m->n_layers; k++)
            any = any || (g->m->block_of[k] == b && g->m->has_weights[k]);
        if (!any)
            return sal_fail_(err, SAL_E_ARG, "block '%.*s' has no weights to randomise",
                             shown(g->names[b]), g->names[b].at);
    }
    return SAL_OK;
}

static sal_status group(sal_model *m, size_t n, const char *const *blocks, sal_error *err)
{
    sal_status st = SAL_OK;
    grouping g = {m, sal_alloc_zero_(m->env, n, sizeof *g.names),
                  sal_alloc_zero_(m->env, n, sizeof *g.places)};
    if (!g.names || !g.places) st = sal_no_memory_(err, "a model");
    for (size_t k = 0; k < m->n_layers; k++) m->block_of[k] = SAL_NO_BLOCK;
    for (size_t b = 0; st == SAL_OK && b < n; b++) st = read_block(&g, b, blocks[b], err);
    if (st == SAL_OK) st = all_have_weights(&g, n, err);
    if (st == SAL_OK) st = order(&g, n, err);
    sal_free_(m->env, g.names);
    sal_free_(m->env, g.places);
    return st;
}

/* What the copy owns itself, from m. */
static sal_status copy_parts(const sal_model *m, sal_model *c, sal_error *err)
{
    size_t largest = 0;
    for (size_t i = 0; i < m->n_params; i++)
        if (sal_params_size(m->params, i) > largest) largest = sal_params_size(m->params, i);
    c->name = sal_copy_text_(m->env, m->name);
    if (m->own_infos) {
        c->own_infos = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *c->own_infos);
        if (c->own_infos) memcpy(c->own_infos, m->own_infos, m->n_params * sizeof *c->own_infos);
        c->infos = c->own_infos;
    } else {
        c->lost = sal_alloc_zero_(m->env, m->n_params + 1, sizeof *c->lost);
        if (c->lost) memcpy(c->lost, m->lost, m->n_params * sizeof *c->lost);
        c->spare = sal_alloc_array_(m->env, largest + 1, sizeof *c->spare);
    }
    if (!c->name || (m->own_infos ? !c->own_infos : !c->lost || !c->spare))
        return sal_no_memory_(err, "a model");
    sal_status st = sal_params_clone(m->params, &c->params, err);
    if (st == SAL_OK && m->loaded) st = sal_params_clone(m->loaded, &c->loaded, err);
    return st == SAL_OK ? sal_model_set_layers_(c, err) : st;
}

sal_status sal_model_with_blocks(const sal_model *m, size_t n, const char *const *blocks,
                                 sal_model **out, sal_error *err)
{
    if (!m || !blocks || !out) return sal_fail_(err, SAL_E_ARG, "model, blocks or out is NULL");
    if (!n) return sal_fail_(err, SAL_E_ARG, "no blocks, wanted texts NAME=PATTERN,...");
    if (m->ops && !m->params) return sal_missing_params_(m, "grouping layers", err);
    sal_model *c = sal_alloc_zero_(m->env, 1, sizeof *c);
    if (!c) return sal_no_memory_(err, "a model");
    *c = (sal_model){.env = m->env,
                     .input = m->input,
                     .input_count = m->input_count,
                     .outputs = m->outputs,
                     .n_params = m->n_params,
                     .infos = m->infos,
                     .g = m->g,
                     .input_value = m->input_value,
                     .logits = m->logits,
                     .ops = m->ops,
                     .self = m->self};
    sal_status st = copy_parts(m, c, err);
    if (st == SAL_OK) st = group(c, n, blocks, err);
    if (st == SAL_OK)
        *out = c;
    else
        sal_model_free(c);
    return st;
}
