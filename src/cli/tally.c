/* cli/tally.c - see tally.h. */
#include "cli/tally.h"

#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_line(const char *bytes, size_t size, void *self)
{
    (void)self;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

/* What a shard has measured has no outcome: how much it is. */
static void print_part(const sal_verdict *v)
{
    size_t draws = 0;
    for (size_t i = 0; i < v->n_steps; i++) draws += v->steps[i].draws;
    printf("%s: shard %zu of %zu, %zu draws in %zu step%s\n", v->id, v->shard, v->shards, draws,
           v->n_steps, v->n_steps == 1 ? "" : "s");
    fflush(stdout);
}

static void print_whole(tally *t, const sal_verdict *v)
{
    if (!t->n) table_head();
    if (strcmp(t->model, v->model) != 0) printf("%s\n", v->model);
    snprintf(t->model, sizeof t->model, "%s", v->model);
    table_rows(v);
}

bool tally_add(const settings *s, tally *t, const sal_verdict *v)
{
    sal_error err = {0};
    if (t->n == t->room) {
        size_t room = t->room ? 2 * t->room : 16;
        const sal_verdict **more = realloc(t->verdicts, room * sizeof(const sal_verdict *));
        if (!more) return false;
        t->verdicts = more;
        t->room = room;
    }
    if (s->json) {
        if (sal_report_lines(&v, 1, write_line, NULL, &err) != SAL_OK) complain(s, "%s", err.text);
    } else if (v->shards) {
        print_part(v);
    } else {
        print_whole(t, v);
    }
    t->verdicts[t->n++] = v;
    t->count[v->outcome]++;
    return true;
}

void tally_print(const settings *s, const tally *t)
{
    if (s->json || !t->n || t->verdicts[0]->shards) return;
    printf("%zu check%s:", t->n, t->n == 1 ? "" : "s");
    const char *comma = "";
    for (int i = SAL_PASS; i <= SAL_INVALID; i++) {
        if (!t->count[i]) continue;
        printf("%s %zu %s", comma, t->count[i], sal_outcome_name((sal_outcome)i));
        comma = ",";
    }
    printf("\n");
}

int tally_write(const settings *s, const tally *t)
{
    sal_error err = {0};
    if (!s->out || sal_report_jsonl(s->env, t->verdicts, t->n, s->out, &err) == SAL_OK) return 0;
    return failed(s, &err);
}

int tally_end(const tally *t)
{
    if (t->count[SAL_FAIL]) return END_FAIL;
    return t->n && t->count[SAL_PASS] == t->n ? END_PASS : END_UNDECIDED;
}

void tally_free(tally *t)
{
    free(t->verdicts);
    *t = (tally){0};
}
