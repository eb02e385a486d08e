/* cli/cmd_explain.c - salcheck explain: the maps of a method, as numbers and as pictures. */
#define _POSIX_C_SOURCE 200809L
#include "cli/inputs.h"
#include "cli/network.h"
#include "cli/progress.h"
#include "cli/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PIECE = 8, PATH = 4096, NAME = 200 };

typedef struct maps {
    network net;
    inputs in;
    sal_labels *classes; /* of a file */
    int64_t *same;       /* one class for all */
    sal_tensor *maps;
    size_t done;
} maps;

static sal_status prepare(const settings *s, maps *m, sal_error *err)
{
    sal_status st = network_open(s, s->arguments[0], &m->net, err);
    if (st == SAL_OK) st = inputs_read(s, 1, m->net.model, &m->in, err);
    if (st != SAL_OK) return st;
    size_t rank = sal_tensor_rank(m->in.x);
    int64_t dims[SAL_MAX_RANK] = {0};
    for (size_t i = 0; i < rank; i++) dims[i] = sal_tensor_dim(m->in.x, i);
    st = targets_read(s, (size_t)dims[0], &m->classes, &m->same, err);
    return st == SAL_OK ? sal_tensor_create(s->env, rank, dims, &m->maps, err) : st;
}

/* In pieces, for the bar and for Ctrl-C; `first` gives every input the noise it has in one call. */
static sal_status explain(const settings *s, maps *m, sal_error *err)
{
    const int64_t *targets = m->classes ? m->classes->values : m->same;
    size_t n = (size_t)sal_tensor_dim(m->in.x, 0), each = sal_tensor_count(m->maps) / n;
    size_t piece = s->batch > PIECE ? s->batch : PIECE;
    progress p = progress_start(s, "explain");
    sal_status st = SAL_OK;
    while (st == SAL_OK && m->done < n && !interrupted()) {
        size_t count = n - m->done < piece ? n - m->done : piece;
        sal_tensor *part = NULL;
        sal_explain_options o = {.targets = targets ? targets + m->done : NULL,
                                 .layer = network_layer(&m->net, s->layer),
                                 .seed = s->seed,
                                 .first = m->done,
                                 .batch = s->batch};
        progress_move(&p, m->done, n, s->method);
        st = sal_tensor_slice(m->in.x, (int64_t)m->done, (int64_t)count, &part, err);
        if (st == SAL_OK)
            st = sal_explain(m->net.model, part, s->method, &o,
                             sal_tensor_data(m->maps) + m->done * each, err);
        sal_tensor_free(part);
        if (st == SAL_OK) m->done += count;
    }
    progress_end(&p);
    return st;
}

/* A sheet per input: what went in, what came out. */
static sal_status draw(const settings *s, const maps *m, sal_error *err)
{
    static const char *const labels[] = {"input", "map"};
    sal_status st = SAL_OK;
    if (mkdir(s->png, 0777) && errno != EEXIST)
        return refuse(err, SAL_E_IO, "%.150s: cannot be made: %s", s->png, strerror(errno));
    for (size_t i = 0; st == SAL_OK && i < m->done; i++) {
        char path[PATH], name[NAME];
        sal_cell cells[] = {sal_cell_of(m->in.x, i, SAL_CELL_PICTURE),
                            sal_cell_of(m->maps, i, SAL_CELL_MAP)};
        inputs_name(&m->in, i, name, sizeof name);
        snprintf(path, sizeof path, "%s/%04zu-%s.png", s->png, i, m->in.names ? name : "map");
        sal_sheet sheet = {.title = name,
                           .note = s->method,
                           .columns = 2,
                           .rows = 1,
                           .column_labels = labels,
                           .cells = cells};
        st = sal_sheet_write(s->env, &sheet, path, err);
    }
    return st;
}

int run_explain(const settings *s)
{
    maps m = {0};
    sal_error err = {0};
    if (!s->method) return misused(s, "--method is missing: 'salcheck methods' lists them");
    if (!s->out && !s->png) return misused(s, "--out FILE.npy is missing (or --png FOLDER)");
    sal_status st = prepare(s, &m, &err);
    if (st == SAL_OK) st = explain(s, &m, &err);
    bool all = st == SAL_OK && m.done == (size_t)sal_tensor_dim(m.in.x, 0);
    if (all && s->out) st = sal_npy_write_tensor(m.maps, s->out, &err);
    if (st == SAL_OK && s->png) st = draw(s, &m, &err);
    int end = st == SAL_OK ? END_PASS : failed(s, &err);
    if (st == SAL_OK && !all) {
        complain(s, "interrupted after %zu inputs; %s", m.done,
                 s->png ? "these are drawn" : "nothing is written");
        end = END_UNDECIDED;
    }
    sal_tensor_free(m.maps);
    sal_labels_free(m.classes);
    free(m.same);
    inputs_free(&m.in);
    network_close(&m.net);
    return end;
}
