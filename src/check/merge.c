/* check/merge.c - what shards have measured, judged as one run would have judged it. */
#include "check/check.h"
#include "check/judge.h"

#include <stddef.h>
#include <string.h>

enum { MOST_DRAWS = 1000000, MOST_SHARDS = 1 << 16 };

/* Files in the order of their shards. */
typedef struct {
    const sal_env *env;
    const sal_records **files;
    const char **names;
    size_t n;
} pile;

#define SHOWN "%.90s" /* of a file's name */

/* ---- all shards, each once ------------------------------------------------------------------- */

static sal_status one_shard_a_file(const sal_records *file, const char *name, sal_error *err)
{
    if (file->loss[0]) return sal_fail_(err, SAL_E_FORMAT, "%s", file->loss);
    if (!file->n) return sal_fail_(err, SAL_E_FORMAT, SHOWN ": no check in it", name);
    const sal_verdict *first = file->verdicts[0];
    for (size_t i = 0; i < file->n; i++) {
        const sal_verdict *v = file->verdicts[i];
        if (!v->shards)
            return sal_fail_(err, SAL_E_FORMAT, SHOWN ": whole verdicts, nothing to merge", name);
        if (v->shard != first->shard || v->shards != first->shards)
            return sal_fail_(err, SAL_E_FORMAT, SHOWN ": holds shard %zu of %zu and %zu of %zu",
                             name, first->shard, first->shards, v->shard, v->shards);
    }
    return SAL_OK;
}

/* "shards 3, 5 of 7 are missing among a.jsonl, b.jsonl" */
static sal_status report_missing(const pile *p, size_t shards, sal_error *err)
{
    char which[80], got[200];
    sal_text w = sal_text_into_(which, sizeof which), g = sal_text_into_(got, sizeof got);
    size_t missing = 0;
    for (size_t k = 0; k < shards; k++) {
        if (!p->files[k]) sal_text_add_(&w, "%s%zu", missing++ ? ", " : "", k + 1);
        if (p->files[k]) sal_text_add_(&g, "%s%.60s", g.length ? ", " : "", p->names[k]);
    }
    return sal_fail_(err, SAL_E_FORMAT, "shard%s %s%s of %zu %s missing among %s%s",
                     missing > 1 ? "s" : "", which, w.truncated ? "..." : "", shards,
                     missing > 1 ? "are" : "is", got, g.truncated ? "..." : "");
}

static sal_status sort_files(const sal_records *const *files, const char *const *names, size_t n,
                             pile *p, sal_error *err)
{
    size_t shards = 0, there = 0;
    for (size_t i = 0; i < n; i++) {
        sal_status st = one_shard_a_file(files[i], names[i], err);
        if (st != SAL_OK) return st;
        const sal_verdict *v = files[i]->verdicts[0];
        if (!i) {
            if (v->shards > MOST_SHARDS)
                return sal_fail_(err, SAL_E_FORMAT, SHOWN ": %zu shards, more than %d", names[i],
                                 v->shards, MOST_SHARDS);
            shards = p->n = v->shards;
            p->files = sal_alloc_zero_(p->env, shards, sizeof(sal_records *));
            p->names = sal_alloc_zero_(p->env, shards, sizeof(char *));
            if (!p->files || !p->names) return sal_no_memory_(err, "shards");
        }
        if (v->shards != shards)
            return sal_fail_(err, SAL_E_FORMAT,
                             SHOWN ": shard %zu of %zu, but " SHOWN " is one of "
                                   "%zu",
                             names[i], v->shard, v->shards, names[0], shards);
        size_t k = v->shard - 1;
        if (p->files[k])
            return sal_fail_(err, SAL_E_FORMAT, SHOWN ": shard %zu of %zu, as is " SHOWN, names[i],
                             v->shard, shards, p->names[k]);
        p->files[k] = files[i];
        p->names[k] = names[i];
        there++;
    }
    return there < shards ? report_missing(p, shards, err) : SAL_OK;
}

/* ---- of the same checks ---------------------------------------------------------------------- */

typedef struct {
    const char *name;
    size_t offset, size; /* 0: a text */
} term;

#define TEXT_OF(type, member)                                                                      \
    {                                                                                              \
#member, offsetof(type, member), 0                                                         \
    }
#define BYTES_OF(type, member)                                                                     \
    {                                                                                              \
#member, offsetof(type, member), sizeof(((type *)0)->member)                               \
    }

static const term of_check[] = {
    TEXT_OF(sal_verdict, check),       TEXT_OF(sal_verdict, model),
    BYTES_OF(sal_verdict, model_hash), BYTES_OF(sal_verdict, inputs_hash),
    BYTES_OF(sal_verdict, inputs),     BYTES_OF(sal_verdict, distinct),
    TEXT_OF(sal_verdict, method),      TEXT_OF(sal_verdict, metric),
    TEXT_OF(sal_verdict, options),     TEXT_OF(sal_verdict, randomisation),
    BYTES_OF(sal_verdict, alpha),      BYTES_OF(sal_verdict, seed),
    BYTES_OF(sal_verdict, min_draws),  BYTES_OF(sal_verdict, max_draws),
    BYTES_OF(sal_verdict, measured_r), BYTES_OF(sal_verdict, total_steps),
    BYTES_OF(sal_verdict, n_steps),    {NULL, 0, 0}};

static const term of_step[] = {TEXT_OF(sal_step_verdict, check),
                               TEXT_OF(sal_step_verdict, step),
                               TEXT_OF(sal_step_verdict, change),
                               TEXT_OF(sal_step_verdict, meaning),
                               TEXT_OF(sal_step_verdict, scale),
                               BYTES_OF(sal_step_verdict, statistic_name),
                               BYTES_OF(sal_step_verdict, limit),
                               BYTES_OF(sal_step_verdict, lowest),
                               BYTES_OF(sal_step_verdict, highest),
                               BYTES_OF(sal_step_verdict, wave),
                               {NULL, 0, 0}};

/* The first term in which two differ, or NULL. */
static const char *difference(const term *terms, const void *a, const void *b)
{
    for (; terms->name; terms++) {
        const char *x = (const char *)a + terms->offset, *y = (const char *)b + terms->offset;
        if (terms->size ? memcmp(x, y, terms->size) : strcmp(x, y)) return terms->name;
    }
    return NULL;
}

static const char *other_term(const sal_verdict *a, const sal_verdict *b)
{
    const char *name = difference(of_check, a, b);
    for (size_t i = 0; !name && i < a->n_steps; i++)
        name = difference(of_step, &a->steps[i], &b->steps[i]);
    return name;
}

static bool has(const sal_records *file, const char *id)
{
    for (size_t i = 0; i < file->n; i++)
        if (!strcmp(file->verdicts[i]->id, id)) return true;
    return false;
}

static sal_status lacks(const pile *p, size_t without, const char *id, size_t with, sal_error *err)
{
    return sal_fail_(err, SAL_E_FORMAT,
                     SHOWN ": shard %zu of %zu lacks the check '%.80s' of " SHOWN,
                     p->names[without], without + 1, p->n, id, p->names[with]);
}

/* Which check one of the two lacks. */
static sal_status other_checks(const pile *p, size_t k, sal_error *err)
{
    const sal_records *first = p->files[0], *file = p->files[k];
    for (size_t i = 0; i < first->n; i++)
        if (!has(file, first->verdicts[i]->id)) return lacks(p, k, first->verdicts[i]->id, 0, err);
    for (size_t i = 0; i < file->n; i++)
        if (!has(first, file->verdicts[i]->id)) return lacks(p, 0, file->verdicts[i]->id, k, err);
    return sal_fail_(err, SAL_E_FORMAT, SHOWN ": another order of checks than in " SHOWN,
                     p->names[k], p->names[0]);
}

/* The same checks in the same order as in the first shard. */
static sal_status compare_checks(const pile *p, size_t k, sal_error *err)
{
    const sal_records *first = p->files[0], *file = p->files[k];
    if (first->n != file->n) return other_checks(p, k, err);
    for (size_t i = 0; i < first->n; i++) {
        const sal_verdict *a = first->verdicts[i], *b = file->verdicts[i];
        if (strcmp(a->id, b->id) != 0) return other_checks(p, k, err);
        const char *name = other_term(a, b);
        if (name)
            return sal_fail_(err, SAL_E_FORMAT, SHOWN ": '%.80s' has another %s than in " SHOWN,
                             p->names[k], a->id, name, p->names[0]);
    }
    return SAL_OK;
}

/* ---- terms and draws that can be judged ------------------------------------------------------- */

static sal_status check_terms(const pile *p, const sal_verdict *v, sal_error *err)
{
    sal_error why = {SAL_OK, ""};
    sal_error ignored;
    sal_status st = SAL_OK;
    if (!v->max_draws || v->max_draws > MOST_DRAWS || v->min_draws > v->max_draws)
        st = sal_fail_(&why, SAL_E_FORMAT, "%zu to %zu draws", v->min_draws, v->max_draws);
    if (st == SAL_OK && !sal_check_find_(v->check, &ignored))
        st = sal_fail_(&why, SAL_E_FORMAT, "a check '%.20s'", v->check);
    if (v->n_steps != v->total_steps && (v->n_steps != 1 || !v->steps[0].reason[0]))
        st = sal_fail_(&why, SAL_E_FORMAT, "%zu of %zu steps", v->n_steps, v->total_steps);
    for (size_t i = 0; st == SAL_OK && i < v->n_steps; i++) {
        const sal_step_verdict *s = &v->steps[i];
        sal_rule rule = sal_judge_rule_(v, s);
        st = sal_rule_check_(&rule, &why);
        if (st == SAL_OK && (!s->wave || s->wave > SAL_WAVE))
            st = sal_fail_(&why, SAL_E_FORMAT, "waves of %zu draws", s->wave);
    }
    if (st == SAL_OK) return SAL_OK;
    return sal_fail_(err, SAL_E_FORMAT, SHOWN ": '%.80s' cannot be judged: %.100s", p->names[0],
                     v->id, why.text);
}

/* The draws of a shard are those of its own waves, from the first on; all of them, unless the next
 * wave is invalid. */
static sal_status check_draws(const pile *p, const sal_verdict *v, size_t step, sal_error *err)
{
    const sal_step_verdict *s = &v->steps[step];
    const char *name = p->names[v->shard - 1];
    sal_error why = {SAL_OK, ""};
    sal_rule rule = sal_judge_rule_(v, s);
    size_t waves = sal_waves_(v, s), at = 0, own = 0;
    for (size_t w = 0; w < waves; w++) {
        if (sal_shard_of_(v, step, w, waves) != v->shard) continue;
        own++;
        if (at == s->n_records && s->reason[0]) break;
        for (size_t d = w * s->wave; d < (w + 1) * s->wave && d < v->max_draws; d++, at++) {
            if (at == s->n_records || s->records[at].draw != d)
                return sal_fail_(err, SAL_E_FORMAT,
                                 SHOWN ": '%.80s', step %zu: draw %zu of shard %zu is missing",
                                 name, v->id, step, d, v->shard);
            const sal_draw_record *r = &s->records[at];
            sal_draw one = {r->r, r->a, r->u, r->defined};
            if (sal_rule_check_draw_(&rule, &one, d, &why) != SAL_OK)
                return sal_fail_(err, SAL_E_FORMAT, SHOWN ": '%.80s', step %zu: %.100s", name,
                                 v->id, step, why.text);
        }
    }
    if (at == s->n_records) return SAL_OK;
    return sal_fail_(err, SAL_E_FORMAT,
                     SHOWN ": '%.80s', step %zu: draw %zu is not of shard %zu of %zu", name, v->id,
                     step, s->records[at].draw, v->shard, v->shards);
}

/* ---- judging ----------------------------------------------------------------------------------- */

/* Feeds the judge with the step's draws, in index order; at[k] counts those taken of shard k. */
static void take_draws(const pile *p, size_t check, size_t step, size_t *at, sal_judge *j,
                       sal_step_verdict *s)
{
    const sal_verdict *any = p->files[0]->verdicts[check];
    size_t waves = sal_waves_(any, s);
    bool over = false;
    memset(at, 0, p->n * sizeof *at);
    for (size_t w = 0; w < waves && !over; w++) {
        size_t k = sal_shard_of_(any, step, w, waves) - 1, end = (w + 1) * s->wave;
        const sal_step_verdict *part = &p->files[k]->verdicts[check]->steps[step];
        if (at[k] == part->n_records) {
            sal_judge_invalid_(j, part->reason);
            return;
        }
        for (; !over && at[k] < part->n_records && part->records[at[k]].draw < end; at[k]++) {
            s->records[s->n_records++] = part->records[at[k]];
            over = sal_judge_take_(j, &part->records[at[k]]);
        }
    }
}

static sal_status judge_step(const pile *p, size_t check, size_t step, size_t *at, sal_verdict *v,
                             sal_error *err)
{
    sal_judge j;
    sal_step_verdict *s = &v->steps[v->n_steps++];
    *s = p->files[0]->verdicts[check]->steps[step];
    size_t room = 0;
    for (size_t k = 0; k < p->n; k++) room += p->files[k]->verdicts[check]->steps[step].n_records;
    s->n_records = 0;
    s->records = sal_alloc_zero_(p->env, room + 1, sizeof *s->records);
    if (!s->records) return sal_no_memory_(err, "draws");
    sal_judge_start_(&j, v, s);
    take_draws(p, check, step, at, &j, s);
    sal_status st = sal_judge_end_(&j, p->env, false, s, err);
    if (st == SAL_OK) sal_judge_whole_(v);
    return st;
}

static sal_status judge_check(const pile *p, size_t check, size_t *at, sal_verdict *v,
                              sal_error *err)
{
    const sal_verdict *first = p->files[0]->verdicts[check];
    sal_status st = check_terms(p, first, err);
    for (size_t k = 0; st == SAL_OK && k < p->n; k++)
        for (size_t i = 0; st == SAL_OK && i < first->n_steps; i++)
            st = check_draws(p, p->files[k]->verdicts[check], i, err);
    if (st != SAL_OK) return st;
    *v = *first;
    v->env = p->env;
    v->shard = v->shards = v->n_steps = v->decisive = 0;
    v->outcome = SAL_PASS;
    v->steps = sal_alloc_zero_(p->env, first->n_steps, sizeof *v->steps);
    if (!v->steps) return sal_no_memory_(err, "a verdict");
    for (size_t i = 0; st == SAL_OK && i < first->n_steps && v->outcome != SAL_FAIL; i++)
        st = judge_step(p, check, i, at, v, err);
    if (st == SAL_OK) sal_check_claim_(v);
    return st;
}

static sal_status judge_all(const pile *p, sal_records *all, sal_error *err)
{
    size_t n = p->files[0]->n;
    sal_status st = SAL_OK;
    size_t *at = sal_alloc_zero_(p->env, p->n, sizeof *at);
    all->verdicts = sal_alloc_zero_(p->env, n, sizeof(sal_verdict *));
    if (!at || !all->verdicts) st = sal_no_memory_(err, "verdicts");
    for (size_t i = 0; st == SAL_OK && i < n; i++) {
        sal_verdict *v = sal_alloc_zero_(p->env, 1, sizeof *v);
        if (!v) {
            st = sal_no_memory_(err, "a verdict");
            break;
        }
        v->env = p->env;
        all->verdicts[all->n++] = v;
        st = judge_check(p, i, at, v, err);
    }
    sal_free_(p->env, at);
    return st;
}

sal_status sal_check_merge(const sal_env *env, const sal_records *const *files,
                           const char *const *names, size_t n, sal_records **out, sal_error *err)
{
    if (!files || !names || !out || !n)
        return sal_fail_(err, SAL_E_ARG, "no files to merge, or no place for what comes of it");
    for (size_t i = 0; i < n; i++)
        if (!files[i] || !names[i]) return sal_fail_(err, SAL_E_ARG, "file %zu is NULL", i);
    pile p = {.env = env};
    sal_records *all = sal_alloc_zero_(env, 1, sizeof *all);
    sal_status st = all ? SAL_OK : sal_no_memory_(err, "verdicts");
    if (all) all->env = env;
    if (st == SAL_OK) st = sort_files(files, names, n, &p, err);
    for (size_t k = 1; st == SAL_OK && k < p.n; k++) st = compare_checks(&p, k, err);
    if (st == SAL_OK) st = judge_all(&p, all, err);
    sal_free_(env, p.files);
    sal_free_(env, p.names);
    if (st == SAL_OK)
        *out = all;
    else
        sal_records_free(all);
    return st;
}
