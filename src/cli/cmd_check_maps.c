/* cli/cmd_check_maps.c - salcheck check --maps: judges maps that another program made. */
#include "cli/inputs.h"
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct files {
    const settings *s;
    char *text; /* --maps-randomised, cut at commas */
    char **path;
    size_t n;
} files;

static sal_status split(const settings *s, files *f, sal_error *err)
{
    size_t bytes = strlen(s->maps_randomised) + 1;
    f->s = s;
    f->text = malloc(bytes);
    f->path = calloc(bytes, sizeof *f->path); /* a file for each byte is more than there are */
    if (!f->text || !f->path) return refuse(err, SAL_E_NOMEM, "out of memory");
    memcpy(f->text, s->maps_randomised, bytes);
    for (char *at = f->text, *comma; at; at = comma) {
        comma = strchr(at, ',');
        if (comma) *comma++ = '\0';
        if (!*at) return refuse(err, SAL_E_ARG, "--maps-randomised: a file has no name");
        for (size_t i = 0; i < f->n; i++)
            if (!strcmp(f->path[i], at))
                return refuse(err, SAL_E_ARG,
                              "%.200s is given twice: each file is one randomised model", at);
        if (!strcmp(at, s->maps))
            return refuse(err, SAL_E_ARG, "%.200s is the original, and given as randomised", at);
        f->path[f->n++] = at;
    }
    return SAL_OK;
}

/* Owned memory of its own shape: a view would not outlive what was read. */
static sal_status read_maps(const settings *s, const char *path, sal_tensor **out, sal_error *err)
{
    sal_tensor *t = NULL, *view = NULL;
    int64_t dims[SAL_MAX_RANK];
    sal_status st = array_read(s, path, NULL, &t, err);
    if (st == SAL_OK) st = maps_view(s, t, &view, err);
    if (st == SAL_OK) {
        size_t rank = sal_tensor_rank(view);
        for (size_t i = 0; i < rank; i++) dims[i] = sal_tensor_dim(view, i);
        st = sal_tensor_create(s->env, rank, dims, out, err);
    }
    if (st == SAL_OK)
        memcpy(sal_tensor_data(*out), sal_tensor_get_data(t), sal_tensor_count(t) * sizeof(float));
    sal_tensor_free(view);
    sal_tensor_free(t);
    return st;
}

static sal_status hand_out(void *self, size_t i, sal_tensor **out, sal_error *err)
{
    const files *f = self;
    sal_error why = {0};
    sal_status st = read_maps(f->s, f->path[i], out, &why);
    return st == SAL_OK ? st : refuse(err, st, "%.240s", why.text);
}

/* "maps/ig.npy" is called "ig" unless --method says otherwise. */
static const char *name_of(const settings *s, char *text, size_t size)
{
    const char *slash = strrchr(s->maps, '/');
    snprintf(text, size, "%s", slash ? slash + 1 : s->maps);
    char *dot = strrchr(text, '.');
    if (dot && dot != text) *dot = '\0';
    return s->method ? s->method : text;
}

static sal_status judge(const settings *s, files *f, sal_verdict **v, sal_error *err)
{
    char name[64];
    sal_tensor *original = NULL;
    sal_status st = split(s, f, err);
    if (st == SAL_OK) st = read_maps(s, s->maps, &original, err);
    const sal_maps_args args = {.method = name_of(s, name, sizeof name),
                                .original = original,
                                .n_randomised = f->n,
                                .randomised = hand_out,
                                .self = f,
                                .alpha = s->alpha,
                                .limit = s->limit,
                                .seed = s->seed,
                                .metric = s->metric};
    if (st == SAL_OK) st = sal_check_maps(s->env, &args, v, err);
    sal_tensor_free(original);
    return st;
}

static int write_line(const char *bytes, size_t size, void *self)
{
    (void)self;
    return fwrite(bytes, 1, size, stdout) == size ? 0 : -1;
}

static int show(const settings *s, const sal_verdict *v)
{
    static const int ends[] = {
        [SAL_PASS] = END_PASS,
        [SAL_FAIL] = END_FAIL,
        [SAL_INCONCLUSIVE] = END_UNDECIDED,
        [SAL_INVALID] = END_UNDECIDED,
    };
    sal_error err = {0};
    if (s->json) {
        if (sal_report_lines(&v, 1, write_line, NULL, &err) != SAL_OK) return failed(s, &err);
    } else {
        table_head();
        table_rows(v);
    }
    if (s->out && sal_report_jsonl(s->env, &v, 1, s->out, &err) != SAL_OK) return failed(s, &err);
    return ends[v->outcome];
}

int run_check_maps(const settings *s)
{
    files f = {0};
    sal_verdict *v = NULL;
    sal_error err = {0};
    if (!s->maps || !s->maps_randomised)
        return misused(s, "--maps and --maps-randomised come together");
    if (s->n)
        return misused(s, "one argument too many: '%s': maps come without a model",
                       s->arguments[0]);
    if (s->draws || s->min_draws || s->randomisation || s->initialiser || s->layer || s->target ||
        s->labels || s->train || s->controls || s->output || s->blocks)
        return misused(s,
                       "with --maps only --method (a name), --metric, --alpha, --limit, --signals, "
                       "--seed, --out and --json count");
    int end = judge(s, &f, &v, &err) == SAL_OK ? show(s, v) : failed(s, &err);
    sal_verdict_free(v);
    free(f.path);
    free(f.text);
    return end;
}
